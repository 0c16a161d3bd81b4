package configs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// Snapshot is the whole configuration of one moment. It is never changed
// after it was made; a reload makes a new one.
type Snapshot struct {
	// Version is a hash of the content of all files.
	Version string
	// Guide is what calls go by.
	Guide *call.Guide
	// Agents are the people who log in, in the order of the file.
	Agents []Agent
	// Prompts are the texts that sounds are made from, ordered by name.
	Prompts []PromptText
	// Fallback is the number that Asterisk rings by itself when there is no
	// gateway and no seat answers.
	Fallback string
	// Recordings are the rules for recordings.
	Recordings Recordings
	// Calendar says which days are workdays, weekends and holidays.
	Calendar routing.Calendar

	// Receivers are who outside is told of filings.
	Receivers Receivers

	sources sourceTexts // what it was read from
}

// The files of the configuration. gateway.yaml is read by ReadSettings.
const (
	settingsName   = "gateway.yaml"
	regionsName    = "regions.yaml"
	promptsName    = "prompts.yaml"
	planName       = "plan.yaml"
	queuesName     = "queues.yaml"
	agentsName     = "agents.yaml"
	receiversName  = "receivers.yaml" // may be missing
	menusFolder    = "menus"
	rotaFolder     = "rota"
	holidaysFolder = "holidays"
	filingsName    = "filings.yaml"
)

// reader is what has been read, for the checks across files.
type reader struct {
	regions *regionBook
	prompts *promptBook
	menus   *menuBook
	queues  *queueBook
	agents  *agentBook
	rotas   *rotaBook
	filings *filingBook
	tapes   recordingsFile
}

// Read reads and checks all files of a configuration. It returns every fault
// that it finds, not the first, and never panics, whatever the files hold. The
// time is when they come into force: the rota is checked for the 30 days that
// follow. With any fault the files must not be put in use, and there is no
// snapshot; only when all faults are Aged there is one, for whoever knows that
// these files were good before, and for the commands that show the gaps.
func Read(files fs.FS, at time.Time) (*Snapshot, Faults) {
	var sources []*source
	open := func(name string) *source {
		src := load(files, name)
		src.complete()
		sources = append(sources, src)
		return src
	}
	faults := strays(files)
	var r reader
	r.regions = readRegions(open(regionsName))
	r.prompts = readPrompts(open(promptsName))
	r.prompts.checkPlaces(r.regions)
	menus, more := folder(files, menusFolder, open)
	faults = append(faults, more...)
	r.menus = readMenus(menus, r.prompts, r.regions)
	r.queues = readQueues(open(queuesName), r.regions)
	r.agents = readAgents(open(agentsName), r.queues, r.regions)
	holidays, more := folder(files, holidaysFolder, open)
	faults = append(faults, more...)
	rotas, more := folder(files, rotaFolder, open)
	faults = append(faults, more...)
	r.rotas = readRotas(rotas, r.regions, readHolidays(holidays, r.regions), at)
	r.filings = new(filingBook)
	if _, err := fs.Stat(files, filingsName); !errors.Is(err, fs.ErrNotExist) { // a configuration from before there were such
		r.filings = readFilings(open(filingsName))
	}
	receivers := readReceivers(files, open, r.rotas)
	plan := readPlan(open(planName), r)
	if hasRecordings(files) {
		r.tapes = readRecordings(open(recordingsName))
	} else {
		r.tapes = readRecordings(nil)
	}
	for _, src := range sources {
		faults = append(faults, src.faults...)
	}
	faults.sort()
	if len(faults) > 0 && !faults.Aged() {
		return nil, faults
	}
	s := r.compile(version(sources), plan)
	s.Receivers = receivers.compile()
	return s.from(sources), faults
}

// compile makes the snapshot of files without fault.
func (r reader) compile(version string, plan *planBook) *Snapshot {
	compiled := plan.compile(version)
	return &Snapshot{
		Version: version,
		Guide: &call.Guide{
			Version:     version,
			Regions:     r.regions.table,
			Home:        r.regions.home,
			Menus:       r.menus.compile(),
			Plan:        compiled,
			Queues:      compiled.Queues,
			Rotas:       r.rotas.rotas,
			Supervisors: r.queues.file.Supervisors,
			Numbers:     texts(plan.file.Numbers),
			Filings:     r.filings.compile(),
			Prompts:     r.prompts.compile(r.regions),
			Times:       call.Times(plan.file.Times),
		},
		Agents:   r.agents.compile(),
		Prompts:  r.prompts.texts(),
		Fallback: r.rotas.fallback,
		Calendar: r.rotas.calendar,

		Recordings: r.tapes.compile(),
	}
}

// folder reads every file of a folder; a folder without files is a fault.
func folder(files fs.FS, name string, open func(string) *source) ([]*source, Faults) {
	entries, err := fs.ReadDir(files, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, Faults{{File: name, What: say("目录读不出来：%v", "the folder can not be read: %v", err)}}
	}
	var sources []*source
	var faults Faults
	for _, entry := range entries {
		switch kind := path.Ext(entry.Name()); {
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
		case kind == ".yaml":
			sources = append(sources, open(path.Join(name, entry.Name())))
		case kind == ".yml":
			faults = append(faults, Fault{File: path.Join(name, entry.Name()), What: say("后缀应为 .yaml，这个文件没有读", "the suffix must be .yaml; this file was not read")})
		}
	}
	if len(sources) == 0 {
		faults = append(faults, Fault{File: name, What: say("目录里没有 .yaml 文件", "the folder has no .yaml file")})
	}
	return sources, faults
}

// strays finds files that nobody reads: a wrong name must not be a change
// that does nothing.
func strays(files fs.FS) Faults {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return Faults{{File: ".", What: say("目录读不出来：%v", "the folder can not be read: %v", err)}}
	}
	known := []string{settingsName, regionsName, promptsName, planName, queuesName, agentsName, filingsName, receiversName, recordingsName}
	var faults Faults
	for _, entry := range entries {
		name := entry.Name()
		kind := path.Ext(name)
		if entry.IsDir() || strings.HasPrefix(name, ".") || kind != ".yaml" && kind != ".yml" || slices.Contains(known, name) || name == casesName {
			continue
		}
		faults = append(faults, Fault{
			File: name, What: say("没有程序会读这个文件", "nothing reads this file"),
			Want: Words{ZH: strings.Join(known, ", ")}, Near: nearest(name, known),
		})
	}
	return faults
}

// version is a hash of names and contents.
func version(sources []*source) string {
	hash := sha256.New()
	for _, src := range byName(sources) {
		for _, part := range [][]byte{[]byte(src.name), src.data} {
			_ = binary.Write(hash, binary.BigEndian, uint64(len(part))) // a hash takes everything
			hash.Write(part)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

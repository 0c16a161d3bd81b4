package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Report is the result of a check of a whole journal.
type Report struct {
	Dir      string       `json:"dir"`
	Journal  string       `json:"journal"` // its id
	Segments int          `json:"segments"`
	Lines    int64        `json:"lines"`
	Kinds    map[Kind]int `json:"kinds"`
	First    Moment       `json:"first_at"`
	Last     Moment       `json:"last_at"`
	Head     Mark         `json:"head"`
	// Live is set when a gateway was writing during the check; its last line
	// may have been half written then and is not judged.
	Live bool `json:"live"`
	// Cuts counts the torn lines that a start has cut off after a crash.
	Cuts  int    `json:"cuts"`
	Fault *Break `json:"fault,omitempty"`
}

// Break is the first line that is not as it was written.
type Break struct {
	File     string `json:"file"`
	Line     int    `json:"line"`     // counted from 1
	Sequence int64  `json:"sequence"` // that is due there
	What     string `json:"what"`
}

// String names file, line and fault.
func (b Break) String() string {
	if b.Line == 0 {
		return fmt.Sprintf("%s: %s", b.File, b.What)
	}
	return fmt.Sprintf("%s:%d: sequence %d: %s", b.File, b.Line, b.Sequence, b.What)
}

// OK reports whether every link of the chain holds.
func (r Report) OK() bool { return r.Fault == nil }

// String is the report for people.
func (r Report) String() string {
	if !r.OK() {
		return fmt.Sprintf("BROKEN %s (%d lines before it hold)", r.Fault, r.Lines)
	}
	return fmt.Sprintf("whole: %d lines in %d files, %s to %s, head %s", r.Lines, r.Segments, r.First, r.Last, r.Head.Hash)
}

// Verify checks a journal from its first line to its last, without a database
// or a gateway, and names the first line that is not as it was written. What a
// chain alone can not show is that lines were cut off its end; the marks of
// the databases ([Store.Marks]), when they are given, show that as well.
func Verify(dir string, known ...Mark) (Report, error) {
	existing, err := segments(dir)
	if err != nil {
		return Report{}, err
	}
	v := &verifier{
		report: Report{Dir: dir, Kinds: make(map[Kind]int), Live: inUse(dir)},
		last:   Line{Hash: genesis()}, known: known,
	}
	if len(existing) == 0 {
		return Report{}, fmt.Errorf("check the journal: there is none in %s", dir)
	}
	for i, number := range existing {
		if number != i+1 {
			v.report.Fault = &Break{File: segmentName(i + 1), What: "the file is missing"}
			break
		}
		v.final = i == len(existing)-1
		if err := v.segment(number); err != nil {
			return Report{}, err
		}
		if v.report.Fault != nil {
			break
		}
		v.report.Segments++
	}
	v.finish()
	return v.report, nil
}

type verifier struct {
	report Report
	last   Line
	final  bool
	known  []Mark
}

func (v *verifier) segment(number int) error {
	name := segmentName(number)
	f, err := os.Open(filepath.Join(v.report.Dir, name))
	if err != nil {
		return fmt.Errorf("check the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	s := newScanner(f, 0)
	for v.report.Fault == nil {
		raw, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, errTorn) {
			return fmt.Errorf("check %s: %w", name, err)
		}
		if err != nil && v.final && v.report.Live {
			return nil
		}
		if err == nil {
			err = v.line(raw, number, s.number)
		}
		if err != nil {
			v.breaks(name, s.number, err)
		}
	}
	if v.report.Fault != nil {
		return nil
	}
	more, err := s.skip()
	if err != nil {
		return fmt.Errorf("check %s: %w", name, err)
	}
	if more && (!v.final || !v.report.Live) {
		v.breaks(name, s.number+1, errors.New("there are bytes behind the end"))
	}
	if s.number == 0 && !v.final {
		v.breaks(name, 1, errors.New("the file is empty"))
	}
	return nil
}

// line checks one line and its link to the one before.
func (v *verifier) line(raw []byte, segment, number int) error {
	line, err := decode(raw)
	if err != nil {
		return err
	}
	if err := v.last.follows(line); err != nil {
		return err
	}
	if (number == 1) != (line.Kind == KindSegment) {
		return errors.New("a file must begin with its head, and have only one")
	}
	if number == 1 {
		h, err := body[head](line)
		if err != nil {
			return err
		}
		if v.report.Journal == "" {
			v.report.Journal = h.Journal
		}
		if h.Segment != segment || h.Journal != v.report.Journal {
			return errors.New("the file belongs to another place or another journal")
		}
	}
	return v.count(line)
}

func (v *verifier) count(line Line) error {
	for _, m := range v.known {
		if m.Journal != v.report.Journal || m.Sequence != line.Sequence {
			continue
		}
		if m.Hash != line.Hash {
			return errors.New("the database has seen another line here")
		}
	}
	if v.report.Lines == 0 {
		v.report.First = line.At
	}
	if line.Kind == KindAlarm {
		if a, err := body[AlarmText](line); err == nil && a.What == alarmTorn {
			v.report.Cuts++
		}
	}
	v.last = line
	v.report.Lines++
	v.report.Kinds[line.Kind]++
	v.report.Last = line.At
	v.report.Head = Mark{Journal: v.report.Journal, Sequence: line.Sequence, Hash: line.Hash}
	return nil
}

// finish looks for the marks that the journal should have come to.
func (v *verifier) finish() {
	if v.report.Fault != nil {
		return
	}
	for _, m := range v.known {
		if m.Journal == v.report.Journal && m.Sequence > v.last.Sequence {
			v.report.Fault = &Break{
				File: segmentName(v.report.Segments), Sequence: v.last.Sequence,
				What: fmt.Sprintf("lines were cut off the end: the database has seen sequence %d, the last one here is %d", m.Sequence, v.last.Sequence),
			}
			return
		}
	}
	if v.report.Lines == 0 {
		v.report.Fault = &Break{File: segmentName(1), Line: 1, Sequence: 1, What: "the journal has no lines"}
	}
}

func (v *verifier) breaks(file string, line int, err error) {
	v.report.Fault = &Break{File: file, Line: line, Sequence: v.last.Sequence + 1, What: strings.TrimSpace(err.Error())}
}

// inUse reports whether a gateway holds the journal at the moment.
func inUse(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "journal.lock"))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

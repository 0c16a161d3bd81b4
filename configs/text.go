package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
	"time"
)

// sourceTexts are the names and contents of files, ordered by name.
type sourceTexts []sourceText

type sourceText struct {
	name string
	data []byte
}

// from remembers what a snapshot was read from.
func (s *Snapshot) from(sources []*source) *Snapshot {
	for _, src := range byName(sources) {
		s.sources = append(s.sources, sourceText{src.name, src.data})
	}
	return s
}

// Text is all files that the snapshot was read from, in the order of their
// names, each behind a line with its name and its length in bytes:
//
//	-- queues.yaml 24 --
//	supervisors: supervisors
//
// It is what a call needs to be explained again in a year. The length makes
// FromText exact, whatever a file holds. There are no secrets in it: those are
// in gateway.yaml and its files, which no snapshot is read from.
func (s *Snapshot) Text() string {
	var text strings.Builder
	for _, src := range s.sources {
		fmt.Fprintf(&text, "-- %s %d --\n%s\n", plainName(src.name), len(src.data), src.data)
	}
	return text.String()
}

// shrank reports whether a file of the other snapshot is shorter in this one,
// or missing.
func (s *Snapshot) shrank(other *Snapshot) bool {
	sizes := make(map[string]int)
	for _, src := range s.sources {
		sizes[src.name] = len(src.data)
	}
	return slices.ContainsFunc(other.sources, func(src sourceText) bool { return sizes[src.name] < len(src.data) })
}

// byName is the order in which files are hashed and kept.
func byName(sources []*source) []*source {
	return slices.SortedFunc(slices.Values(sources), func(a, b *source) int { return strings.Compare(a.name, b.name) })
}

// plainName quotes a name that would not come back from its line.
func plainName(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

// errText is what FromText refuses.
var errText = errors.New("这不是一份完整的配置文本 [this is not the whole text of a configuration]")

// FromText makes the files again that a snapshot's Text was made of, so that
// Read gives the same snapshot: the way to explain a call of last year.
func FromText(text string) (fs.FS, error) {
	files := make(fstest.MapFS)
	for text != "" {
		title, rest, _ := strings.Cut(text, "\n")
		name, length, err := readTitle(title)
		if err != nil {
			return nil, err
		}
		if length >= len(rest) || rest[length] != '\n' || files[name] != nil {
			return nil, fmt.Errorf("%w: %s", errText, name)
		}
		files[name] = &fstest.MapFile{Data: []byte(rest[:length]), Mode: 0o400}
		text = rest[length+1:]
	}
	if len(files) == 0 {
		return nil, errText
	}
	return files, nil
}

// ReadText reads a snapshot again from its Text; the error says that it is not
// one. Gaps are looked for from that instant on, see Read.
func ReadText(text string, at time.Time) (*Snapshot, Faults, error) {
	files, err := FromText(text)
	if err != nil {
		return nil, nil, err
	}
	s, faults := Read(files, at)
	return s, faults, nil
}

// readTitle reads the line before a file.
func readTitle(title string) (name string, length int, err error) {
	inner, begins := strings.CutPrefix(title, "-- ")
	inner, ends := strings.CutSuffix(inner, " --")
	at := strings.LastIndexByte(inner, ' ')
	if !begins || !ends || at < 0 {
		return "", 0, fmt.Errorf("%w: %.60q", errText, title)
	}
	name = inner[:at]
	if strings.HasPrefix(name, `"`) {
		if name, err = strconv.Unquote(name); err != nil {
			return "", 0, fmt.Errorf("%w: %.60q", errText, title)
		}
	}
	length, err = strconv.Atoi(inner[at+1:])
	if err != nil || length < 0 || !fs.ValidPath(name) || name == "." {
		return "", 0, fmt.Errorf("%w: %.60q", errText, title)
	}
	return name, length, nil
}

package record

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"weibao/routing"
)

// ReadDuty reads the overrides and notes in a journal that a gateway may be
// writing at the same time; it changes nothing. A folder without a journal has
// none. Every line of every file is looked at, but only those in question are
// decoded: a year of calls takes a second or two.
func ReadDuty(dir string) (Duty, error) {
	numbers, err := segments(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Duty{}, nil
	}
	if err != nil {
		return Duty{}, err
	}
	d := dutyReader{overrides: make(map[string]routing.Override), notes: make(map[string]routing.HandOver)}
	for _, number := range numbers {
		if err := eachLine(filepath.Join(dir, segmentName(number)), aboutDuty, d.line); err != nil {
			return Duty{}, err
		}
	}
	return d.duty(), nil
}

// dutyReader gathers what counts, line by line.
type dutyReader struct {
	overrides map[string]routing.Override // by id
	notes     map[string]routing.HandOver // by post
	damaged   int
}

// eachLine takes the lines of a segment that are about something, up to one
// that a gateway may be writing just now.
func eachLine(path string, about func(raw []byte) bool, take func(raw []byte)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	s := newScanner(f, 0)
	for {
		raw, err := s.next()
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(path), err)
		}
		if about(raw) {
			take(raw)
		}
	}
}

// aboutDuty looks for the kind where every line has it, near its beginning.
func aboutDuty(raw []byte) bool {
	const head = 96
	start := raw[:min(head, len(raw))]
	return bytes.Contains(start, []byte(`"kind":"`+KindOverride+`"`)) || bytes.Contains(start, []byte(`"kind":"`+KindHandOver+`"`))
}

func (d *dutyReader) line(raw []byte) {
	line, err := decode(raw)
	var c Change
	if err == nil {
		c, err = line.change()
	}
	if err != nil {
		d.damaged++
		return
	}
	switch c := c.(type) {
	case Override:
		if held, has := d.overrides[c.ID]; !has || c.Supersedes(held) {
			d.overrides[c.ID] = c.Override
		}
	case HandOver:
		if held, has := d.notes[c.Post]; !has || c.Supersedes(held) {
			d.notes[c.Post] = c.HandOver
		}
	}
}

func (d *dutyReader) duty() Duty {
	return Duty{
		Overrides: slices.SortedFunc(maps.Values(d.overrides), func(a, b routing.Override) int { return cmp.Compare(a.ID, b.ID) }),
		Notes:     slices.SortedFunc(maps.Values(d.notes), func(a, b routing.HandOver) int { return cmp.Compare(a.Post, b.Post) }),
		Damaged:   d.damaged,
	}
}

package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// position is where the catch-up reads on: the bytes of a segment before
// offset are done.
type position struct {
	segment int
	offset  int64
	after   int64 // sequence of the last line that is done
}

// batch is what one read gives.
type batch struct {
	lines []Line
	ends  []position // behind each of the lines
	next  position
	// damaged counts the lines that were passed over because they are not as
	// they were written.
	damaged int
}

// read returns the next lines behind a position, at most that many, and never
// one that is not on the disk yet.
func (j *Journal) read(from position, most int) (batch, error) {
	head := j.Head().Sequence
	got := batch{next: from}
	existing, err := segments(j.dir)
	if err != nil {
		return got, err
	}
	for _, number := range existing {
		if number < from.segment {
			continue
		}
		if number > got.next.segment {
			got.next = position{segment: number, after: got.next.after}
		}
		if err := j.readSegment(&got, head, most); err != nil {
			return got, err
		}
		if len(got.lines) >= most || got.next.after >= head {
			break
		}
	}
	return got, nil
}

func (j *Journal) readSegment(got *batch, head int64, most int) error {
	name := segmentName(got.next.segment)
	f, err := os.Open(filepath.Join(j.dir, name))
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	if _, err := f.Seek(got.next.offset, io.SeekStart); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	s := newScanner(f, got.next.offset)
	for len(got.lines) < most && got.next.after < head {
		raw, err := s.next()
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		line, err := decode(raw)
		if err == nil && line.Sequence > head {
			return nil
		}
		got.next.offset = s.offset
		switch {
		case err != nil:
			got.damaged++
		case line.Sequence > got.next.after:
			got.next.after = line.Sequence
			got.lines, got.ends = append(got.lines, line), append(got.ends, got.next)
		}
	}
	return nil
}

// seek finds the position behind a mark. It is false when the journal has no
// such line: it was replaced, or cut.
func (j *Journal) seek(m Mark) (position, bool, error) {
	if m.Sequence == 0 {
		return position{}, true, nil
	}
	existing, err := segments(j.dir)
	if err != nil || m.Sequence > j.Head().Sequence {
		return position{}, false, err
	}
	start := 0
	for i := len(existing) - 1; i >= 0 && start == 0; i-- {
		first, err := j.read(position{segment: existing[i]}, 1)
		if err != nil {
			return position{}, false, err
		}
		if len(first.lines) > 0 && first.lines[0].Sequence <= m.Sequence {
			start = existing[i]
		}
	}
	at := position{segment: start}
	for {
		got, err := j.read(at, batchLines)
		if err != nil || len(got.lines) == 0 {
			return position{}, false, err
		}
		at = got.next
		for i, line := range got.lines {
			if line.Sequence >= m.Sequence {
				return got.ends[i], line.Sequence == m.Sequence && line.Hash == m.Hash, nil
			}
		}
	}
}

package record

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// scanner reads the lines of one segment. Behind the last line a segment that
// is being written to has zeros: space for what comes.
type scanner struct {
	r      *bufio.Reader
	offset int64 // of the next line
	number int   // of the last line read, counted from 1
}

// errTorn is a line without an end: a crash while it was being written, or
// somebody's cut.
var errTorn = errors.New("is not complete")

func newScanner(r io.Reader, offset int64) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 64<<10), offset: offset}
}

// next returns the bytes of the next line without the newline. io.EOF means
// that the content has come to its end; errTorn comes with the torn bytes.
func (s *scanner) next() ([]byte, error) {
	if first, err := s.r.Peek(1); err != nil || first[0] == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.EOF
		}
		return nil, err
	}
	var line []byte
	for {
		part, err := s.r.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			break
		}
		if errors.Is(err, io.EOF) || len(line) > maxLine {
			s.number++
			s.offset += int64(len(line))
			return bytes.TrimRight(line, "\x00"), errTorn
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
	s.number++
	s.offset += int64(len(line))
	return line[:len(line)-1], nil
}

// skip passes over zeros. It is false when nothing follows them.
func (s *scanner) skip() (bool, error) {
	for {
		if _, err := s.r.Peek(1); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return false, err
		}
		part, _ := s.r.Peek(s.r.Buffered())
		zeros := len(part) - len(bytes.TrimLeft(part, "\x00"))
		n, _ := s.r.Discard(zeros)
		s.offset += int64(n)
		if zeros < len(part) {
			return true, nil
		}
	}
}

// segmentName is the name of a segment's file.
func segmentName(number int) string { return fmt.Sprintf("journal-%06d.jsonl", number) }

// segments lists the numbers of the segments in a folder in their order.
func segments(dir string) ([]int, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list the journal: %w", err)
	}
	var numbers []int
	for _, f := range files {
		var n int
		if _, err := fmt.Sscanf(f.Name(), "journal-%d.jsonl", &n); err == nil && f.Name() == segmentName(n) {
			numbers = append(numbers, n)
		}
	}
	slices.SortFunc(numbers, cmp.Compare[int])
	return numbers, nil
}

// found is what a look through one segment gives.
type found struct {
	head   head
	last   Line   // the last line that is whole
	lines  int    // that are whole
	number int    // of lines, whole or not
	end    int64  // behind the last line that may stay
	torn   []byte // an incomplete last line, to be cut off
	// broken is the number of the first line that is not as it was written,
	// 0 when there is none.
	broken int
	why    error
}

// look reads the segment that a start goes on with. A crash can only have
// torn the last line, before anybody was told that it was written; anything
// else that does not fit is damage or a foreign hand and is left as evidence.
func look(path string, saw func(raw []byte, l Line, whole bool)) (found, error) {
	f, err := os.Open(path)
	if err != nil {
		return found{}, fmt.Errorf("open the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	var got found
	s := newScanner(f, 0)
	hole := false // zeros where a line should begin, and something behind them
	for {
		raw, err := s.next()
		if errors.Is(err, io.EOF) {
			if hole, err = s.skip(); err == nil && !hole {
				break
			}
			if err == nil {
				continue
			}
		}
		if err != nil && !errors.Is(err, errTorn) {
			return found{}, fmt.Errorf("read %s: %w", filepath.Base(path), err)
		}
		line, fault := decode(raw)
		if err != nil {
			line, fault = Line{}, errTorn
		}
		saw(raw, line, fault == nil)
		got.take(raw, line, fault, hole)
		got.note(line, s)
	}
	if got.broken > 0 {
		got.torn = nil
	}
	return got, nil
}

// take judges one line. A write that was cut short leaves a line without an
// end, or with zeros in it or before it, and nothing good behind.
func (g *found) take(raw []byte, line Line, fault error, hole bool) {
	g.number++
	crash := hole || errors.Is(fault, errTorn) || bytes.IndexByte(raw, 0) >= 0
	switch {
	case g.torn != nil:
		g.breaks(g.number-1, errTorn)
	case fault != nil && crash:
		g.torn = raw // for now: see the case before
	case fault != nil:
		g.breaks(g.number, fault)
	case hole:
		g.breaks(g.number, errors.New("there are zeros in the place of lines"))
	case g.lines > 0:
		if err := g.last.follows(line); err != nil {
			g.breaks(g.number, err)
		}
	}
}

// note remembers a line that is whole by itself.
func (g *found) note(line Line, s *scanner) {
	if line.Hash == "" {
		return
	}
	if g.lines == 0 {
		g.head, _ = body[head](line)
	}
	g.lines++
	if line.Sequence >= g.last.Sequence {
		g.last = line
	}
	g.end = s.offset
}

func (g *found) breaks(line int, why error) {
	if g.broken == 0 {
		g.broken, g.why = line, why
	}
}

// follows says why a line can not come after l; nil when it does.
func (l Line) follows(next Line) error {
	switch {
	case next.Sequence != l.Sequence+1:
		return fmt.Errorf("has sequence %d where %d is due: lines are missing, doubled or moved", next.Sequence, l.Sequence+1)
	case next.Prev != l.Hash:
		return errors.New("does not name the hash of the line before")
	}
	return nil
}

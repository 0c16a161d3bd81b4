package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// openAt opens a journal with a small reserve; the test need not close it.
func openAt(t *testing.T, dir string, change ...func(*JournalOptions)) *Journal {
	t.Helper()
	o := JournalOptions{Dir: dir, Reserve: 16 << 10}
	for _, c := range change {
		c(&o)
	}
	j, err := OpenJournal(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// folder is a folder for one try of a property; t.TempDir would be shared by
// all tries.
func folder(t *rapid.T) (dir string, remove func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "weibao")
	if err != nil {
		t.Fatal(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

// kill ends a journal as kill -9 does: nothing is sealed.
func kill(j *Journal) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed {
		j.closed = true
		_ = j.seg.f.Close()
		_ = j.lock.Close()
	}
}

func appendFiling(t rapid.TB, j *Journal, number string) Line {
	t.Helper()
	line, err := j.Append(KindFiling, Filing{Number: number, Attempts: []Attempt{}})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func mustVerify(t rapid.TB, dir string, known ...Mark) Report {
	t.Helper()
	report, err := Verify(dir, known...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestJournalGoesOnWhereItWasLeft(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*Journal){
		"closed": func(j *Journal) { _ = j.Close() },
		"killed": kill,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := openAt(t, dir)
			first := appendFiling(t, j, "JL-20261123-0001")
			id := j.Head().Journal
			end(j)
			j = openAt(t, dir)
			second := appendFiling(t, j, "JL-20261123-0002")
			if second.Sequence != first.Sequence+1 || second.Prev != first.Hash || j.Head().Journal != id {
				t.Errorf("second line %+v does not follow %+v", second, first)
			}
			_ = j.Close()
			if r := mustVerify(t, dir, Mark{Journal: id, Sequence: first.Sequence, Hash: first.Hash}); !r.OK() || r.Lines != 3 {
				t.Errorf("got %s, want 3 lines and no fault", r)
			}
		})
	}
}

func TestClosedJournalIsPlainTextWithoutZeros(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, dir)
	appendFiling(t, j, "JL-20261123-0001")
	_ = j.Close()
	b, err := os.ReadFile(filepath.Join(dir, segmentName(1)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "\x00") || strings.Count(string(b), "\n") != 2 || !strings.HasSuffix(string(b), "}\n") {
		t.Errorf("got %q", b)
	}
}

func TestTornLastLineIsCutOffAndTold(t *testing.T) {
	t.Parallel()
	whole := `{"seq":4,"at":"2026-11-23T10:00:00.000+08:00","kind":"record","prev":"00","body":{},"hash":"00"}`
	for name, tail := range map[string]string{
		"half a line":            whole[:40],
		"all but the newline":    whole,
		"a hole of zeros in it":  whole[:20] + strings.Repeat("\x00", 30) + whole[50:] + "\n",
		"zeros behind the half":  whole[:40] + strings.Repeat("\x00", 5000),
		"zeros and then nothing": "{" + strings.Repeat("\x00", 10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := openAt(t, dir)
			line := appendFiling(t, j, "JL-20261123-0001")
			kill(j)
			path := filepath.Join(dir, segmentName(1))
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content := strings.TrimRight(string(b), "\x00") + tail
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			var told []string
			j = openAt(t, dir, func(o *JournalOptions) { o.alarmed = func(what string) { told = append(told, what) } })
			next := appendFiling(t, j, "JL-20261123-0002")
			if next.Sequence != line.Sequence+2 {
				t.Errorf("sequence %d, want the alarm in between and then %d", next.Sequence, line.Sequence+2)
			}
			_ = j.Close()
			if r := mustVerify(t, dir); !r.OK() || r.Cuts != 1 || !slices.Equal(told, []string{alarmTorn}) {
				t.Errorf("got %s with %d cuts, told %v", r, r.Cuts, told)
			}
		})
	}
}

func TestChangedLineStaysAsEvidenceAndTheJournalGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, dir)
	appendFiling(t, j, "JL-20261123-0007")
	last := appendFiling(t, j, "JL-20261123-0008")
	_ = j.Close()
	path := filepath.Join(dir, segmentName(1))
	b, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), "0007", "0006", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	j = openAt(t, dir)
	head := j.Head()
	if head.Sequence != last.Sequence+2 { // segment head and alarm
		t.Errorf("goes on at %d, want %d", head.Sequence, last.Sequence+2)
	}
	if number := j.numbers.next(time.Date(2026, 11, 23, 12, 0, 0, 0, zone())); number != "JL-20261123-0009" {
		t.Errorf("next number is %s", number)
	}
	_ = j.Close()
	r := mustVerify(t, dir)
	if r.OK() || r.Fault.File != segmentName(1) || r.Fault.Line != 2 || r.Fault.Sequence != 2 {
		t.Errorf("got %s, want the fault named in line 2", r)
	}
}

func TestSecondProcessIsKeptOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, dir)
	if _, err := OpenJournal(JournalOptions{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("second open: %v", err)
	}
	if r := mustVerify(t, dir); !r.Live || !r.OK() {
		t.Errorf("verify beside a gateway: %+v", r)
	}
	_ = j.Close()
	openAt(t, dir)
}

func TestNewDayAndLargeFileBeginANewSegment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2026, 11, 23, 23, 59, 0, 0, zone())
	j := openAt(t, dir, func(o *JournalOptions) {
		o.SegmentBytes = 2000
		o.now = func() time.Time { return now }
	})
	appendFiling(t, j, "JL-20261123-0001")
	j.Tend() // nothing to do
	now = now.Add(2 * time.Minute)
	j.Tend() // a new day
	for i := range 20 {
		appendFiling(t, j, fmt.Sprintf("JL-20261124-%04d", i+1))
		j.Tend()
	}
	now = now.AddDate(0, 0, -2) // a clock that goes back begins nothing
	j.Tend()
	_ = j.Close()
	r := mustVerify(t, dir)
	if !r.OK() || r.Segments < 4 || r.Kinds[KindSegment] != r.Segments {
		t.Errorf("got %s with %v", r, r.Kinds)
	}
	j = openAt(t, dir)
	if number := j.numbers.next(now.AddDate(0, 0, 1)); number != "JL-20261123-0002" {
		t.Errorf("a day of an older segment goes on with %s", number)
	}
}

// badFile fails as told; what it has written stays, as on a disk whose flush
// fails.
type badFile struct {
	file
	faults *faults
}

type faults struct {
	write func() error // asked before each write
	sync  func() error
}

func (b badFile) WriteAt(p []byte, off int64) (int, error) {
	if b.faults.write != nil {
		if err := b.faults.write(); err != nil {
			n, _ := b.file.WriteAt(p[:len(p)/2], off)
			return n, err
		}
	}
	return b.file.WriteAt(p, off)
}

func (b badFile) Sync() error {
	if b.faults.sync != nil {
		if err := b.faults.sync(); err != nil {
			return err
		}
	}
	return b.file.Sync()
}

func (f *faults) open(path string, flag int) (file, error) {
	real, err := osFile(path, flag)
	return badFile{real, f}, err
}

// unsynced files are for tests that begin thousands of journals.
func unsynced(path string, flag int) (file, error) {
	f, err := osFile(path, flag)
	return unsyncedFile{f}, err
}

type unsyncedFile struct{ file }

func (unsyncedFile) Sync() error { return nil }

func TestDiskThatFailsNowAndThenLosesNoAcknowledgedLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, remove := folder(t)
		defer remove()
		bad := &faults{}
		fails := func(err error) func() error {
			return func() error {
				if rapid.IntRange(0, 3).Draw(t, "fault") == 0 {
					return err
				}
				return nil
			}
		}
		o := JournalOptions{Dir: dir, Reserve: 2 << 10, SegmentBytes: 3000, open: bad.open}
		j, err := OpenJournal(o)
		if err != nil {
			t.Fatal(err)
		}
		bad.write, bad.sync = fails(syscall.ENOSPC), fails(syscall.EIO)
		var kept []int64
		for i := range rapid.IntRange(1, 15).Draw(t, "lines") {
			kind := rapid.SampledFrom([]Kind{KindRecord, KindFiling, KindAlarm}).Draw(t, "kind")
			text := strings.Repeat("x", rapid.IntRange(0, 600).Draw(t, "length"))
			line, err := j.Append(kind, AlarmText{What: fmt.Sprint(i), Detail: text})
			if err == nil {
				kept = append(kept, line.Sequence)
			}
			j.Tend()
		}
		if rapid.Bool().Draw(t, "killed") {
			kill(j)
		} else {
			bad.write, bad.sync = nil, nil
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}
		bad.write, bad.sync = nil, nil
		if j, err = OpenJournal(o); err != nil {
			t.Fatal(err)
		}
		got, err := j.read(position{}, 1000)
		if err != nil || got.damaged > 0 {
			t.Fatalf("read: %v, %d damaged", err, got.damaged)
		}
		_ = j.Close()
		have := make(map[int64]bool)
		for _, line := range got.lines {
			have[line.Sequence] = true
		}
		for _, sequence := range kept {
			if !have[sequence] {
				t.Errorf("line %d was acknowledged and is gone", sequence)
			}
		}
		if r := mustVerify(t, dir); !r.OK() {
			t.Error(r)
		}
	})
}

func TestReaderFindsThePlaceOfAMark(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, dir, func(o *JournalOptions) { o.SegmentBytes = 1500 })
	var lines []Line
	for i := range 25 {
		lines = append(lines, appendFiling(t, j, fmt.Sprintf("JL-20261123-%04d", i+1)))
		j.Tend()
	}
	for _, line := range lines {
		at, known, err := j.seek(Mark{Sequence: line.Sequence, Hash: line.Hash})
		if err != nil || !known {
			t.Fatalf("line %d: known %v, %v", line.Sequence, known, err)
		}
		rest, err := j.read(at, 1000)
		if err != nil || len(rest.lines) != int(j.Head().Sequence-line.Sequence) {
			t.Errorf("behind line %d are %d lines, %v", line.Sequence, len(rest.lines), err)
		}
	}
	for _, m := range []Mark{
		{Sequence: lines[3].Sequence, Hash: lines[4].Hash},
		{Sequence: 1000, Hash: lines[4].Hash},
	} {
		if _, known, err := j.seek(m); known || err != nil {
			t.Errorf("mark %+v of another journal: known %v, %v", m, known, err)
		}
	}
}

package record

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// written makes a journal of several files and returns its folder.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	j := openAt(t, dir, func(o *JournalOptions) { o.SegmentBytes = 2500 })
	for i := range 12 {
		if _, err := j.Append(KindRecord, FromCall(emergencyCall())); err != nil {
			t.Fatal(err)
		}
		appendFiling(t, j, fmt.Sprintf("JL-20261123-%04d", i+1))
		j.Tend()
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnyTamperedByteIsFound(t *testing.T) {
	t.Parallel()
	source := written(t)
	existing, err := segments(source)
	if err != nil || len(existing) < 3 {
		t.Fatalf("segments %v, %v", existing, err)
	}
	files := make([][]byte, len(existing))
	for i, number := range existing {
		files[i], _ = os.ReadFile(filepath.Join(source, segmentName(number)))
	}
	if r := mustVerify(t, source); !r.OK() {
		t.Fatal(r)
	}
	rapid.Check(t, func(t *rapid.T) {
		dir, remove := folder(t)
		defer remove()
		victim := rapid.IntRange(0, len(files)-1).Draw(t, "file")
		changed := tamper(t, bytes.Clone(files[victim]))
		if bytes.Equal(changed, files[victim]) {
			return // a change that changes nothing
		}
		for i, number := range existing {
			content := files[i]
			if i == victim {
				content = changed
			}
			if err := os.WriteFile(filepath.Join(dir, segmentName(number)), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := mustVerify(t, dir)
		if r.OK() {
			t.Fatalf("not found in %s", segmentName(existing[victim]))
		}
		if r.Fault.File != segmentName(existing[victim]) && r.Fault.File != segmentName(existing[min(victim+1, len(existing)-1)]) {
			t.Errorf("found in %s, was in %s", r.Fault.File, segmentName(existing[victim]))
		}
	})
}

// tamper changes a file as somebody with an editor could: not by cutting
// whole lines off the very end, which only the database's mark can show.
func tamper(t *rapid.T, b []byte) []byte {
	i := rapid.IntRange(0, len(b)-1).Draw(t, "where")
	lines := bytes.SplitAfter(b, []byte("\n"))
	lines = lines[:len(lines)-1]
	line := rapid.IntRange(0, max(0, len(lines)-2)).Draw(t, "line")
	ways := 6
	if len(lines) < 2 {
		ways = 2 // there are no two lines
	}
	switch rapid.IntRange(0, ways).Draw(t, "how") {
	case 0:
		b[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		return b
	case 1:
		return append(b[:i:i], b[i+1:]...)
	case 2:
		return bytes.Join([][]byte{b[:i], {rapid.Byte().Draw(t, "byte")}, b[i:]}, nil)
	case 3:
		lines[line] = nil
	case 4:
		lines[line], lines[line+1] = lines[line+1], lines[line]
	case 5:
		lines[line] = bytes.Repeat(lines[line], 2)
	case 6: // cut inside a line
		if b[i-min(i, 1)] == '\n' || i == 0 {
			i++
		}
		return b[:i]
	}
	return bytes.Join(lines, nil)
}

func TestFirstBrokenLineIsNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		harm func(dir string) error
		want string
	}{
		"a changed word": {func(dir string) error {
			return edit(dir, 1, []byte("虐待"), []byte("家暴"))
		}, "journal-000001.jsonl:2: sequence 2: hash does not match the content"},
		"a missing file": {func(dir string) error {
			return os.Remove(filepath.Join(dir, segmentName(2)))
		}, "journal-000002.jsonl: the file is missing"},
		"the first file gone": {func(dir string) error {
			return os.Remove(filepath.Join(dir, segmentName(1)))
		}, "journal-000001.jsonl: the file is missing"},
		"not a line": {func(dir string) error {
			return edit(dir, 3, []byte(`{"seq"`), []byte(`x"seq"`))
		}, "journal-000003.jsonl:1: sequence 7: is not a line of a journal"},
		"a letter behind the end": {func(dir string) error {
			f, err := os.OpenFile(filepath.Join(dir, segmentName(1)), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("\x00\x00x")
			return err
		}, "journal-000001.jsonl:4: sequence 4: there are bytes behind the end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := written(t)
			if err := row.harm(dir); err != nil {
				t.Fatal(err)
			}
			r := mustVerify(t, dir)
			if r.OK() || r.Fault.String() != row.want {
				t.Errorf("got  %s\nwant %s", r, row.want)
			}
		})
	}
}

func edit(dir string, segment int, from, to []byte) error {
	path := filepath.Join(dir, segmentName(segment))
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.Replace(b, from, to, 1), 0o600)
}

func TestMarksOfTheDatabaseShowLinesCutOffTheEnd(t *testing.T) {
	t.Parallel()
	dir := written(t)
	whole := mustVerify(t, dir)
	path := filepath.Join(dir, segmentName(whole.Segments))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(b, []byte("\n"))
	if err := os.WriteFile(path, bytes.Join(lines[:len(lines)-2], nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := mustVerify(t, dir); !r.OK() {
		t.Errorf("the chain alone can not know: %s", r)
	}
	if r := mustVerify(t, dir, whole.Head); r.OK() {
		t.Error("the mark knows, and nothing was said")
	}
	other := whole.Head
	other.Journal = "another"
	if r := mustVerify(t, dir, other); !r.OK() {
		t.Errorf("another journal's mark: %s", r)
	}
	rewritten := whole.Head
	rewritten.Sequence, rewritten.Hash = 3, genesis()
	if r := mustVerify(t, dir, rewritten); r.OK() || r.Fault.Sequence != 3 {
		t.Errorf("a chain written anew from line 3: %s", r)
	}
}

func TestFolderWithoutAJournalIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := Verify(t.TempDir()); err == nil {
		t.Error("want an error")
	}
	if _, err := Verify(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("want an error")
	}
}

// FuzzJournal opens, checks and reads any bytes as a journal.
func FuzzJournal(f *testing.F) {
	line := Line{Sequence: 1, Kind: KindSegment, Prev: genesis(), Body: []byte(`{"journal":"01J","segment":1,"numbers":{"20261123":3}}`)}
	first, err := line.encode()
	if err != nil {
		f.Fatal(err)
	}
	second, err := (&Line{Sequence: 2, Kind: KindRecord, Prev: line.Hash, Body: []byte(`{"id":"x"}`)}).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(first)
	f.Add(append(bytes.Clone(first), second...))
	f.Add(append(bytes.Clone(first), second[:50]...))
	f.Add(append(append(bytes.Clone(first), make([]byte, 99)...), second...))
	f.Add([]byte("\x00\x00\n{\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, segmentName(1)), content, 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := Verify(dir)
		if err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(JournalOptions{Dir: dir, Reserve: 4 << 10, open: unsynced})
		if err != nil {
			t.Fatalf("a gateway must start on anything: %v", err)
		}
		appended := appendFiling(t, j, "JL-20261123-0001")
		got, err := j.read(position{}, 1<<20)
		if err != nil || len(got.lines) == 0 || got.lines[len(got.lines)-1].Hash != appended.Hash {
			t.Fatalf("the new line can not be read: %v", err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		after, err := Verify(dir)
		if err != nil {
			t.Fatal(err)
		}
		if before.OK() && !after.OK() {
			t.Fatalf("opening has broken the journal: %s", after)
		}
	})
}

package configs

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/routing"
)

var update = flag.Bool("update", false, "write the printed faults into testdata/bad")

// readAt is when the files of the tests are read: so many gaps and years that
// end are in sight whatever day the tests run on.
func readAt() time.Time { return time.Date(2026, time.November, 23, 12, 0, 0, 0, routing.Beijing()) }

// faultsName is the part of a case that holds the exact printed faults.
const faultsName = "faults"

// base is the small province that the cases change.
func base(t testing.TB) fstest.MapFS {
	t.Helper()
	files := make(fstest.MapFS)
	overlay(t, files, readArchive(t, "testdata/base.txtar"))
	return files
}

// overlay puts the files of a case in the place of others. NAME.quoted holds
// bytes that a text file can not, remove lists files to take away.
func overlay(t testing.TB, files fstest.MapFS, a archive) {
	t.Helper()
	for _, f := range a.files {
		name, quoted := strings.CutSuffix(f.name, ".quoted")
		data := f.data
		switch {
		case name == faultsName:
			continue
		case name == "remove":
			for gone := range strings.FieldsSeq(string(data)) {
				delete(files, gone)
			}
			continue
		case quoted:
			text, err := strconv.Unquote(strings.TrimSpace(string(data)))
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			data = []byte(text)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
}

func cases(t testing.TB, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases %s: %v", pattern, err)
	}
	return names
}

func TestBadFilesPrintTheirFaults(t *testing.T) {
	t.Parallel()
	names := cases(t, "testdata/bad/*.txtar")
	if len(names) < 30 {
		t.Errorf("%d cases, want 30 at least", len(names))
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive := readArchive(t, name)
			files := base(t)
			overlay(t, files, archive)
			snapshot, faults := Read(files, readAt())
			if snapshot != nil && !faults.Aged() || len(faults) == 0 {
				t.Fatal("the files were read without fault")
			}
			got := faults.String() + "\n"
			if *update {
				writeFaults(t, name, archive, got)
				return
			}
			if diff := cmp.Diff(faultsOf(archive), got); diff != "" {
				t.Errorf("printed faults, -want +got:\n%s", diff)
			}
		})
	}
}

func faultsOf(a archive) string {
	for _, f := range a.files {
		if f.name == faultsName {
			return string(f.data)
		}
	}
	return ""
}

func writeFaults(t *testing.T, name string, a archive, got string) {
	t.Helper()
	kept := a.files[:0]
	for _, f := range a.files {
		if f.name != faultsName {
			kept = append(kept, f)
		}
	}
	a.files = append(kept, archiveFile{name: faultsName, data: []byte(got)})
	if err := os.WriteFile(name, a.bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestGoodFilesHaveNoFault(t *testing.T) {
	t.Parallel()
	for _, name := range append(cases(t, "testdata/good/*.txtar"), "testdata/base.txtar") {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive := readArchive(t, name)
			files := base(t)
			overlay(t, files, archive)
			snapshot, faults := Read(files, readAt())
			if snapshot == nil || len(faults) > 0 {
				t.Fatalf("faults:\n%s", faults)
			}
		})
	}
}

func TestVersionIsTheContents(t *testing.T) {
	t.Parallel()
	files := base(t)
	first, _ := Read(files, readAt())
	same, _ := Read(files, readAt())
	files["queues.yaml"] = &fstest.MapFile{Data: append([]byte("# 注\n"), files["queues.yaml"].Data...)}
	other, faults := Read(files, readAt())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if first.Version != same.Version || first.Version == other.Version || first.Guide.Version != first.Version {
		t.Errorf("versions %q, %q again, %q changed, guide %q", first.Version, same.Version, other.Version, first.Guide.Version)
	}
}

func TestUnreadableFolderIsAFault(t *testing.T) {
	t.Parallel()
	snapshot, faults := Read(os.DirFS(filepath.Join(t.TempDir(), "none")), readAt())
	if snapshot != nil || len(faults) == 0 {
		t.Errorf("snapshot %v, faults %v", snapshot, faults)
	}
}

func TestManyFaultsAreCut(t *testing.T) {
	t.Parallel()
	files := base(t)
	files["queues.yaml"] = &fstest.MapFile{Data: []byte("supervisors: x\nqueues:\n" + strings.Repeat("  \"\": {title: a}\n", 500))}
	_, faults := Read(files, readAt())
	if len(faults) > 150 {
		t.Errorf("%d faults, want them cut", len(faults))
	}
}

package configs

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// fuzzRead reads a configuration in which one file is the fuzzer's. Whatever
// it holds: no panic, either a snapshot or faults, every fault placed in its
// file and printable, and no long wait.
func fuzzRead(f *testing.F, name string) {
	good := base(f)
	f.Add(good[name].Data)
	alike := name
	if folder := path.Dir(name); folder != "." {
		alike = path.Join(folder, "*.yaml")
	}
	names, err := fs.Glob(shipped, alike)
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := shipped.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, n := range append(cases(f, "testdata/bad/*.txtar"), cases(f, "testdata/good/*.txtar")...) {
		files := make(fstest.MapFS)
		overlayCase(f, files, n)
		if file, ok := files[name]; ok {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := base(t)
		files[name] = &fstest.MapFile{Data: data}
		began := time.Now()
		s, faults := Read(files, readAt())
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		if (s == nil) != (len(faults) > 0 && !faults.Aged()) {
			t.Fatalf("snapshot %v, %d faults", s != nil, len(faults))
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, fault := range faults {
			if fault.String() == "" || fault.What == (Words{}) || fault.File == name && fault.Line > lines {
				t.Errorf("fault %+v of %d lines", fault, lines)
			}
		}
	})
}

func overlayCase(t testing.TB, files fstest.MapFS, name string) {
	t.Helper()
	overlay(t, files, readArchive(t, name))
}

func FuzzRegions(f *testing.F)  { fuzzRead(f, "regions.yaml") }
func FuzzMenus(f *testing.F)    { fuzzRead(f, "menus/main.yaml") }
func FuzzPrompts(f *testing.F)  { fuzzRead(f, "prompts.yaml") }
func FuzzPlan(f *testing.F)     { fuzzRead(f, "plan.yaml") }
func FuzzQueues(f *testing.F)   { fuzzRead(f, "queues.yaml") }
func FuzzAgents(f *testing.F)   { fuzzRead(f, "agents.yaml") }
func FuzzRota(f *testing.F)     { fuzzRead(f, "rota/posts.yaml") }
func FuzzHolidays(f *testing.F) { fuzzRead(f, "holidays/2026.yaml") }

// FuzzSettings reads gateway.yaml, which another reader does: no panic, and
// what it takes it takes again.
func FuzzSettings(f *testing.F) {
	shipped, err := shipped.ReadFile(settingsName)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shipped)
	for _, text := range []string{"", "htp: {}", "http: {listen: \"8080\"}", "redis: 5", "var: &a x", "var: !x y", "log: {level: loud}", "a:\n- b\n c", "node: {x: 1}\nnode: y"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name := settingsFile(t, string(data))
		first, err := ReadSettings(name)
		if err != nil {
			if err.Error() == "" {
				t.Error("a refusal without a word")
			}
			return
		}
		again, err := ReadSettings(name)
		if err != nil || len(first.Changed(again)) > 0 {
			t.Errorf("read again: %v, changed %v", err, first.Changed(again))
		}
	})
}

// Package tests holds the rules of the whole tree; the folders below it hold
// the tests that need more than one package.
package tests

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages each may import (DESIGN §2). A folder
// below follows its parent unless it has a row of its own.
func mayImport() map[string][]string {
	return map[string][]string{
		"routing":       {},
		"ivr":           {},
		"call":          {"ivr", "routing"},
		"asterisk":      {"call", "ivr", "routing"},
		"asterisk/node": {},
		"cti":           {"call", "routing"},
		"record":        {"call", "routing"},
		"record/outbox": {"record", "routing"},
		"configs":       {"ivr", "routing", "call"},
		"cmd/phones":    {},
		"cmd/stack":     {"asterisk/node", "configs", "cti", "cmd/phones", "routing", "record"},
		"cmd/weibao":    {"*"},
		"tests":         {"*"},
	}
}

func TestPackagesImportOnlyWhatTheDesignAllows(t *testing.T) {
	t.Parallel()
	rules := mayImport()
	for file, imports := range importsOf(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue // tests may bring in the real parts
		}
		home := owner(rules, filepath.ToSlash(filepath.Dir(file)))
		if home == "" {
			t.Errorf("%s: no row for this folder in mayImport", file)
			continue
		}
		for _, path := range imports {
			ours, is := strings.CutPrefix(path, "weibao/")
			if !is || ours == home || strings.HasPrefix(ours, home+"/") || slices.Contains(rules[home], "*") {
				continue
			}
			if !slices.ContainsFunc(rules[home], func(allowed string) bool {
				return ours == allowed || strings.HasPrefix(ours, allowed+"/")
			}) {
				t.Errorf("%s: package %s may not import %s", file, home, ours)
			}
		}
	}
}

func TestThePureCoreImportsOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for file, imports := range importsOf(t) {
		home, _, _ := strings.Cut(filepath.ToSlash(file), "/")
		if strings.HasSuffix(file, "_test.go") || !slices.Contains([]string{"routing", "ivr", "call"}, home) {
			continue
		}
		for _, path := range imports {
			if strings.Contains(strings.Split(path, "/")[0], ".") {
				t.Errorf("%s: %s is not of the standard library", file, path)
			}
		}
	}
}

func TestOnlyAsteriskSpeaksARI(t *testing.T) {
	t.Parallel()
	for file, imports := range importsOf(t) {
		if home := owner(mayImport(), filepath.ToSlash(filepath.Dir(file))); home == "asterisk" {
			continue
		}
		for _, path := range imports {
			if strings.Contains(path, "CyCoreSystems/ari") {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}

func TestFilesAreReadInOneGo(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		if lines := strings.Count(read(t, file), "\n"); lines > 500 {
			t.Errorf("%s has %d lines, 500 at most", file, lines)
		}
	}
}

func TestNoTestSleepsOrIsSkipped(t *testing.T) {
	t.Parallel()
	// In a test a sleep says on its line what the time is for: the length of a
	// talk, or the wait for what must not come. Elsewhere there is none.
	sleep := regexp.MustCompile(`(?m)\btime\.Sleep\([^\n]*\)$`)
	skip := regexp.MustCompile(`\bt\.Skip(Now|f)?\(`)
	todo := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	for _, file := range goFiles(t) {
		text := read(t, file)
		if filepath.Base(file) == "arch_test.go" {
			continue
		}
		// The fake Asterisk is slow on purpose: that is the fault it is for.
		slow := strings.HasPrefix(filepath.ToSlash(file), "tests/fakeari/")
		if !strings.HasSuffix(file, "_test.go") && !slow && strings.Contains(text, "time.Sleep(") {
			t.Errorf("%s: a sleep in place of a signal", file)
		}
		if sleep.MatchString(text) && !slow && !strings.Contains(text, `"testing/synctest"`) {
			t.Errorf("%s sleeps; a sleep in place of a signal", file)
		}
		if skip.MatchString(text) {
			t.Errorf("%s skips a test", file)
		}
		if todo.MatchString(text) {
			t.Errorf("%s has a note of unfinished work", file)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	said := make(map[string]bool)
	for _, file := range goFiles(t) {
		dir := filepath.Dir(file)
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		said[dir] = said[dir] || parsed.Doc != nil
	}
	for dir, has := range said {
		if !has {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// owner is the row of mayImport that a folder falls under.
func owner(rules map[string][]string, dir string) string {
	for dir != "." && dir != "" {
		if _, has := rules[dir]; has {
			return dir
		}
		dir = filepath.ToSlash(filepath.Dir(dir))
	}
	return ""
}

// goFiles are all Go files, relative to the top of the project.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "var" || name == "node_modules" || strings.HasPrefix(name, ".") && name != "..") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") {
			relative, err := filepath.Rel("..", path)
			files = append(files, relative)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func importsOf(t *testing.T) map[string][]string {
	t.Helper()
	imports := make(map[string][]string)
	for _, file := range goFiles(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imports[file] = append(imports[file], strings.Trim(spec.Path.Value, `"`))
		}
	}
	return imports
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

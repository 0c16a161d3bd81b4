package configs

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// TestNoUnknownKeyIsAcceptedAnywhere puts a key that nobody knows at every
// place of every file where a key can stand, also at the deepest: silence
// about a misspelled key is a change that an admin believes in and that does
// nothing.
func TestNoUnknownKeyIsAcceptedAnywhere(t *testing.T) {
	t.Parallel()
	files := base(t)
	overlayCase(t, files, "testdata/good/everything.txtar")
	if _, faults := Read(files, readAt()); len(faults) > 0 {
		t.Fatalf("the files must be good before: %s", faults)
	}
	keyLine := regexp.MustCompile(`^( *(?:- )?)[^\s#{}\[\]]+: ?`)
	tried := 0
	for name, file := range files {
		lines := strings.Split(string(file.Data), "\n")
		for i, line := range lines {
			var changed []string
			if m := keyLine.FindStringSubmatch(line); m != nil {
				indent := strings.ReplaceAll(m[1], "-", " ")
				changed = append(changed, m[1]+"unheard_of: {}\n"+indent+line[len(m[1]):])
			}
			for at, r := range line {
				if r == '{' && !strings.HasPrefix(line[at:], "{}") {
					changed = append(changed, line[:at+1]+"unheard_of: {}, "+line[at+1:])
				}
			}
			for _, c := range changed {
				tried++
				mustFault(t, files, name, strings.Join(append(append(append([]string(nil), lines[:i]...), c), lines[i+1:]...), "\n"))
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d places were tried", tried)
	}
}

func mustFault(t *testing.T, files fstest.MapFS, name, text string) {
	t.Helper()
	changed := maps.Clone(files)
	changed[name] = &fstest.MapFile{Data: []byte(text)}
	if s, faults := Read(changed, readAt()); s != nil || len(faults) == 0 {
		t.Errorf("%s is read without a word:\n%s", name, text)
	}
}

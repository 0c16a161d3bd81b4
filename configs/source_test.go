package configs

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func TestHugeFilesAreRefusedSoon(t *testing.T) {
	t.Parallel()
	const size = maxSize / 8 // time enough to see what grows with the square
	var keys, deep strings.Builder
	for i := 0; keys.Len() < size-20; i++ {
		fmt.Fprintf(&keys, "k%d: v\n", i)
	}
	for i := 0; deep.Len() < size-3000; i++ {
		deep.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for name, text := range map[string]string{
		"too large":      strings.Repeat("# c\n", maxSize/4+1),
		"open brackets":  strings.Repeat("[", size/2),
		"open braces":    "a: " + strings.Repeat("{a: ", size/8),
		"dashes":         strings.Repeat("- ", size/2),
		"many keys":      keys.String(),
		"deep":           deep.String(),
		"anchors":        strings.Repeat("&a ", size/4),
		"tags":           strings.Repeat("!a ", size/4),
		"question marks": strings.Repeat("? ", size/2),
		"colons":         strings.Repeat("a: ", size/4),
		"quotes":         strings.Repeat("'a' ", size/8),
		"lines":          strings.Repeat("\n", size),
		"list":           strings.Repeat("- a\n", size/16),
		"flow":           "a: {" + strings.Repeat("b: c, ", size/32) + "}",
		"text":           "a: |\n" + strings.Repeat("  x\n", size/4-2),
		"aliases":        "a: &a b\n" + strings.Repeat("- *a\n", size/32),
	} {
		files := base(t)
		files["queues.yaml"] = &fstest.MapFile{Data: []byte(text)}
		began := time.Now()
		_, faults := Read(files, readAt())
		if took := time.Since(began); took > time.Minute || len(faults) == 0 || len(faults) > 2*maxFaults {
			t.Errorf("%s: %d faults after %s", name, len(faults), took)
		}
	}
}

func TestAPipeIsNotOpened(t *testing.T) {
	t.Parallel()
	files := base(t)
	files["plan.yaml"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	if _, faults := Read(files, readAt()); len(faults) != 1 || faults[0].File != "plan.yaml" {
		t.Errorf("faults: %s", faults)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"title", "region", "ring_for", "wrap_up", "", "队列"}
	for name, want := range map[string]string{
		"rign_for": "ring_for", "Title": "title", "regions": "region", "x": "", "": "", "wrapup": "wrap_up", "colour": "", "队例": "队列", "abc": "",
		strings.Repeat("a", 200): "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
}

func TestTheCaretStandsBelowWideCharacters(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		line   string
		column int
		cells  int
	}{
		{"title: 长春", 8, 7},
		{"标题: x", 5, 6},
		{"안녕: x", 5, 6},
		{"abc", 100, 3},
		{"", 1, 0},
		{strings.Repeat("长", 300) + "x", 301, 100},
	} {
		if cells, _ := window(row.line, row.column); cells != row.cells {
			t.Errorf("caret of %.20q column %d after %d cells, want %d", row.line, row.column, cells, row.cells)
		}
	}
}

func TestPlacesPointAtTheirText(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\n", "\r\n"} {
		for _, name := range []string{regionsName, promptsName, planName, queuesName, agentsName, settingsName, "menus/main.yaml", "rota/222400-yanbian.yaml", "holidays/2026.yaml"} {
			data, err := shipped.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(data), "\n", end)
			src := load(fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}, name)
			if keys := src.checkKeys(t, src.body); keys < 10 {
				t.Errorf("%s: only %d keys", name, keys)
			}
		}
	}
}

// checkKeys checks that every key stands where its token says.
func (s *source) checkKeys(t *testing.T, n ast.Node) int {
	t.Helper()
	keys := 0
	for _, pair := range pairs(n) {
		at := start(pair.Key)
		line := []rune(s.lines[at.Line-1])
		rest := strings.TrimLeft(string(line[at.Column-1:]), `"`)
		if !strings.HasPrefix(rest, keyText(pair.Key)) {
			t.Errorf("%s:%d:%d is %q, want the key %q", s.name, at.Line, at.Column, rest, keyText(pair.Key))
		}
		keys += 1 + s.checkKeys(t, pair.Value)
	}
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, item := range list.Values {
			keys += s.checkKeys(t, item)
		}
	}
	return keys
}

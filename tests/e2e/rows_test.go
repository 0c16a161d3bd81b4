package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPlayThatTheTableOfRowsNamesExists(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("ROWS.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var plays strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plays.Write(text)
	}
	names := regexp.MustCompile("`(Test[A-Za-z0-9]+)(…?)`").FindAllStringSubmatch(string(table), -1)
	if len(names) < 20 {
		t.Fatalf("the table names %d plays", len(names))
	}
	for _, name := range names {
		play := "func " + name[1]
		if name[2] == "" {
			play += "("
		}
		if !strings.Contains(plays.String(), play) {
			t.Errorf("there is no play %s", name[0])
		}
	}
}

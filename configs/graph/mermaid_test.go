package graph

import (
	"regexp"
	"strings"
	"testing"
)

// What may stand on a line of a flowchart, as far as it is used here.
var (
	nodeLine  = regexp.MustCompile(`^    ([a-z]+\d+)(\(|\[|\[\[)"([^"]*)"(\)|\]|\]\]):::([a-z]+)$`)
	graphLine = regexp.MustCompile(`^  subgraph ([a-z]+\d*)\["([^"]*)"\]$`)
	edgeLine  = regexp.MustCompile(`^  ([a-z]+\d+) (-->|-\.->|---) ([a-z]+\d+)$`)
	classLine = regexp.MustCompile(`^  classDef ([a-z]+) fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#111111$`)
	entity    = regexp.MustCompile(`#\d+;|</?b>|<br/>`)
)

func TestMermaidKeepsTheRulesOfItsLanguage(t *testing.T) {
	t.Parallel()
	everyPicture(t, func(t *testing.T, chart *Chart) {
		lines := strings.Split(strings.TrimSuffix(chart.Mermaid(), "\n"), "\n")
		if lines[0] != "---" || !strings.HasPrefix(lines[1], `title: "`) || lines[2] != "---" || lines[4] != "flowchart LR" {
			t.Errorf("it begins as %q", lines[:5])
		}
		ids, classes := make(map[string]bool), make(map[string]bool)
		open := 0
		var wanted []string
		for _, line := range lines[3:] {
			switch {
			case nodeLine.MatchString(line):
				m := nodeLine.FindStringSubmatch(line)
				id, words := m[1], m[3]
				if ids[id] || id == "end" {
					t.Errorf("the id %s is there twice", id)
				}
				ids[id] = true
				wanted = append(wanted, m[5])
				if plain := entity.ReplaceAllString(words, ""); strings.ContainsAny(plain, "#&<>`%{}") {
					t.Errorf("%q is not escaped", words)
				}
				if strings.HasPrefix(strings.TrimPrefix(words, "<b>"), "- ") {
					t.Errorf("%q begins as a list", words)
				}
			case edgeLine.MatchString(line):
				m := edgeLine.FindStringSubmatch(line)
				if !ids[m[1]] || !ids[m[3]] {
					t.Errorf("%s: no such node", line)
				}
			case classLine.MatchString(line):
				classes[classLine.FindStringSubmatch(line)[1]] = true
			case graphLine.MatchString(line):
				if id := graphLine.FindStringSubmatch(line)[1]; ids[id] {
					t.Errorf("the id %s is there twice", id)
				} else {
					ids[id] = true
				}
				open++
			case line == "  end":
				open--
			case line == "flowchart LR", line == "    direction TB", strings.HasPrefix(line, "%% ") && !strings.ContainsAny(line, "{}"):
			default:
				t.Errorf("%q is no line of a flowchart", line)
			}
		}
		for _, class := range wanted {
			if !classes[class] {
				t.Errorf("no class %s", class)
			}
		}
		if open != 0 {
			t.Errorf("%d subgraphs are open at the end", open)
		}
	})
}

// Package editor shows that the JSON Schemas beside the configuration work in
// yaml-language-server, which VS Code, Vim, Emacs and others run.
package editor

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"

	"weibao/configs"
)

// shippedFiles are the names of all YAML files of the configuration.
func shippedFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(configs.Shipped(), ".", func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".yaml" {
			names = append(names, name)
		}
		return err
	})
	if err != nil || len(names) < 9 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(path.Join("../../configs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// schemaOf is the name of the schema of a file: that of its folder, or its own.
func schemaOf(name string) string {
	kind, _, _ := strings.Cut(strings.TrimSuffix(name, ".yaml"), "/")
	return "schema/" + kind + ".json"
}

func TestEveryShippedFileOpensWithItsSchemaAndWithoutFault(t *testing.T) {
	t.Parallel()
	e := open(t)
	for _, name := range shippedFiles(t) {
		if found := e.show(name, read(t, name)); len(found) > 0 {
			t.Errorf("%s: %+v", name, found)
		}
		var used []struct{ URI string }
		e.ask("yaml/get/jsonSchema", e.uri(name), &used)
		if len(used) != 1 || used[0].URI != e.uri(schemaOf(name)) {
			t.Errorf("%s is judged by %v, want %s", name, used, schemaOf(name))
		}
	}
}

func TestMistakesAreUnderlinedWhereTheyStand(t *testing.T) {
	t.Parallel()
	e := open(t)
	queues := "# yaml-language-server: $schema=schema/queues.json\nsupervisors: a\nqueues:\n  a:\n    title: 甲\n"
	agents := "# yaml-language-server: $schema=schema/agents.json\nagents:\n  - {id: \"1001\", name: 甲, region: \"220100\"}\n"
	for name, row := range map[string]struct {
		text string
		line int // counted from 1, as an editor shows it
		says string
	}{
		"misspelt_key.yaml":          {queues + "    rign_for: 15s\n", 6, "rign_for"},
		"missing_key.yaml":           {queues + "  b:\n    ring_for: 15s\n", 6, "title"},
		"number_for_text.yaml":       {queues + "    region: 220100\n", 6, "应为文字；数字要加引号"},
		"no_unit.yaml":               {queues + "    ring_for: 15\n", 6, "应为时长，如 15s、2m、1h30m；5s 到 60s"},
		"too_long.yaml":              {queues + "    ring_for: 2m\n", 6, "5s 到 60s"},
		"bad_name.yaml":              {queues + "  长春:\n    title: 乙\n", 6, "应为名字"},
		"no_value.yaml":              {queues + "    region:\n", 6, "应为文字"},
		"unknown_role.yaml":          {agents + "  - id: \"1002\"\n    name: 乙\n    region: \"220100\"\n    role: boss\n", 7, "应为 agent（坐席）"},
		"unknown_language.yaml":      {agents + "  - id: \"1002\"\n    name: 乙\n    region: \"220100\"\n    languages: [zh,\n      jp]\n", 8, "应为 zh（汉语）"},
		"neither_text_nor_list.yaml": {agents + "  - id: \"1002\"\n    name: 乙\n    region: \"220100\"\n    queues: {a: b}\n", 7, "应为一个名字，或列表"},
		"key_twice.yaml":             {queues + "    title: 乙\n", 6, "Map keys must be unique"},
		"menus/no_such_key.yaml":     {"# yaml-language-server: $schema=../schema/menus.json\nmenus:\n  a:\n    greeting: x\n    silence: {intent: a}\n    wrong: {intent: a}\n    keys:\n      \"12\": {intent: a}\n", 8, "电话按键"},
		"holidays/no_such_day.yaml":  {"# yaml-language-server: $schema=../schema/holidays.json\nholidays:\n  - name: 元旦\n    from: 2026-1-1\n", 4, "应为日期"},
	} {
		found := e.show(name, row.text)
		if len(found) == 0 || !slices.ContainsFunc(found, func(d diagnostic) bool {
			return d.Range.Start.Line+1 == row.line && strings.Contains(d.Message, row.says)
		}) {
			t.Errorf("%s: %+v, want line %d: %s", name, found, row.line, row.says)
		}
		for _, d := range found {
			if d.Range.Start.Line+1 != row.line {
				t.Errorf("%s: a fault in line %d, where there is none: %s", name, d.Range.Start.Line+1, d.Message)
			}
		}
	}
}

// offer is one line of what an editor offers to write.
type offer struct {
	Label         string
	InsertText    string
	Documentation any
}

func (e *editor) offers(name string, line, character int) map[string]offer {
	e.t.Helper()
	var list struct{ Items []offer }
	e.ask("textDocument/completion", e.at(name, line, character), &list)
	offers := make(map[string]offer)
	for _, o := range list.Items {
		offers[o.Label] = o
	}
	return offers
}

// words are those of a markup or a plain text.
func words(documentation any) string {
	if markup, is := documentation.(map[string]any); is {
		documentation = markup["value"]
	}
	text, _ := documentation.(string)
	return text
}

func chinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestKeysAndChoicesAreOfferedWithChineseWords(t *testing.T) {
	t.Parallel()
	e := open(t)
	e.show("offers.yaml", "# yaml-language-server: $schema=schema/queues.json\nsupervisors: a\nqueues:\n  a:\n    title: 甲\n    \n")
	offers := e.offers("offers.yaml", 5, 4)
	for _, key := range []string{"region", "ring_for", "wrap_up"} {
		if o, offered := offers[key]; !offered || !chinese(words(o.Documentation)) {
			t.Errorf("%s is offered as %+v", key, o)
		}
	}
	if _, again := offers["title"]; again {
		t.Error("title is offered, which is there already")
	}
	e.show("roles.yaml", "# yaml-language-server: $schema=schema/agents.json\nagents:\n  - id: \"1\"\n    name: 甲\n    region: \"220100\"\n    role: \n")
	roles := e.offers("roles.yaml", 5, 10)
	for _, role := range []string{"agent", "supervisor", "province", "admin"} {
		if _, offered := roles[role]; !offered {
			t.Errorf("the role %s is not offered among %v", role, roles)
		}
	}
}

func TestHoverTellsAKeyInChinese(t *testing.T) {
	t.Parallel()
	e := open(t)
	e.show("hover.yaml", "# yaml-language-server: $schema=schema/queues.json\nsupervisors: a\nqueues:\n  a:\n    title: 甲\n    ring_for: 15s\n")
	var hover struct{ Contents any }
	e.ask("textDocument/hover", e.at("hover.yaml", 5, 7), &hover)
	said := words(hover.Contents)
	for _, want := range []string{"5s 到 60s", "默认：15s", "ring\\_for is how long"} {
		if !strings.Contains(said, want) {
			t.Errorf("hover says %q, want %q in it", said, want)
		}
	}
	if first, _, _ := strings.Cut(said, "\n"); !chinese(first) {
		t.Errorf("hover begins with %q", first)
	}
}

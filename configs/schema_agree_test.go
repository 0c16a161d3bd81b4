package configs

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// judge is what the decoder and the schema make of the same file.
type judge struct {
	kinds []fileKind
	rules []*jsonschema.Schema
}

func newJudge(t testing.TB) judge {
	t.Helper()
	j := judge{kinds: fileKinds()}
	all := schemas(t)
	for _, kind := range j.kinds {
		j.rules = append(j.rules, compiled(t, parsed(t, all[kind.schemaFile()])))
	}
	return j
}

// of judges one file; there are no words when it is of no kind, or is not
// YAML at all.
func (j judge) of(name string, data []byte) (decoder Faults, schema error, judged bool) {
	i := slices.IndexFunc(j.kinds, func(k fileKind) bool { ok, _ := path.Match(k.files, name); return ok })
	src := load(fstest.MapFS{name: &fstest.MapFile{Data: data}}, name)
	if i < 0 || src.broken {
		return nil, nil, false
	}
	shape := reflect.New(reflect.TypeOf(j.kinds[i].shape).Elem()).Interface()
	src.decode(shape)
	if prompts, is := shape.(*promptsFile); is { // whose pinyin is judged after the decoder
		b := promptBook{src: src, file: *prompts}
		for _, n := range b.names() {
			b.eachSpeech(n, func(_ string, s speechShape) {
				if bad := s.Pinyin.bad(syllables()); bad != "" {
					src.fault(Fault{What: say("%s 不是拼音", "%s is not pinyin", bad)})
				}
			})
		}
	}
	return src.faults, j.rules[i].Validate(asJSON(src.body)), true
}

// asJSON is a node as an editor hands it to a schema, by YAML 1.2: 0110
// without quotes is a number.
func asJSON(n ast.Node) any {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		object := make(map[string]any)
		for _, pair := range pairs(n) {
			object[keyText(pair.Key)] = asJSON(pair.Value)
		}
		return object
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, value := range n.Values {
			list[i] = asJSON(value)
		}
		return list
	case *ast.BoolNode:
		return n.Value
	case *ast.NullNode:
		return nil
	case *ast.AnchorNode:
		return asJSON(n.Value)
	case *ast.TagNode:
		return asJSON(n.Value)
	case *ast.AliasNode:
		return asJSON(n.Value)
	}
	if text, is := textOf(n); is {
		return text
	}
	if number := strings.TrimLeft(written(n), "0"); regexp.MustCompile(`^-?[1-9][0-9]*(\.[0-9]+)?$`).MatchString(number) {
		return json.Number(number)
	}
	return json.Number("0")
}

// unseen are the cases that JSON has no words for. In an editor a key that is
// there twice is a fault of YAML itself; the others only weibao check finds.
func unseen() []string {
	return []string{
		"tag", "duplicate_key",
		// Text without quotes that swallows what was meant as the next key.
		"full_width_comma", "lost_colon", "missing_comma",
		// In JSON every key is a text.
		"unquoted_code",
	}
}

func TestSchemasAndDecoderAgreeOnEveryCase(t *testing.T) {
	t.Parallel()
	j := newJudge(t)
	agree := func(label string, files fstest.MapFS) (refused int) {
		for name, file := range files {
			faults, err, judged := j.of(name, file.Data)
			switch {
			case !judged:
			case len(faults) == 0 && err != nil:
				t.Errorf("%s: %s: the schema refuses what the decoder takes: %v", label, name, err)
			case len(faults) > 0 && err == nil && !slices.Contains(unseen(), label):
				t.Errorf("%s: %s: the schema takes what the decoder refuses:\n%s", label, name, faults)
			case err != nil:
				refused++
			}
		}
		return refused
	}
	if agree("shipped", shippedFiles(t))+agree("base", base(t)) > 0 {
		t.Error("a schema refuses files without fault")
	}
	refused := 0
	for _, name := range append(cases(t, "testdata/bad/*.txtar"), cases(t, "testdata/good/*.txtar")...) {
		files := make(fstest.MapFS)
		overlayCase(t, files, name)
		refused += agree(strings.TrimSuffix(filepath.Base(name), ".txtar"), files)
	}
	if refused < 20 {
		t.Errorf("the schemas refused %d files of the bad cases, want 20 at least", refused)
	}
}

// shippedFiles are all that have a schema.
func shippedFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	files := make(fstest.MapFS)
	for _, kind := range fileKinds() {
		names, err := filepath.Glob(kind.files)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: data}
		}
	}
	return files
}

// TestSchemasAndDecoderAgreeOnChangedFiles changes one place of a good file
// after the other: a key gone, a key too many, a value of another kind.
func TestSchemasAndDecoderAgreeOnChangedFiles(t *testing.T) {
	t.Parallel()
	j := newJudge(t)
	files := shippedFiles(t)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "file")
		tree := asJSON(load(files, name).body)
		for range rapid.IntRange(1, 2).Draw(t, "changes") {
			tree = changed(t, tree)
		}
		text, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		faults, err, judged := j.of(name, text)
		if judged && (len(faults) > 0) != (err != nil) {
			t.Errorf("%s:\n%s\ndecoder: %s\nschema: %v", name, text, faults, err)
		}
	})
}

// changed is a tree in which one place is another than before.
func changed(t *rapid.T, tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		if len(node) == 0 {
			break
		}
		keys := make([]string, 0, len(node))
		for key := range node {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		key := rapid.SampledFrom(keys).Draw(t, "key")
		switch rapid.IntRange(0, 9).Draw(t, "at a mapping") {
		case 0:
			delete(node, key)
		case 1:
			node[rapid.SampledFrom([]string{key + "s", "Name", "zz", "6", "*"}).Draw(t, "new key")] = node[key]
		case 2:
			return other(t)
		default:
			node[key] = changed(t, node[key])
		}
		return node
	case []any:
		if len(node) == 0 {
			break
		}
		i := rapid.IntRange(0, len(node)-1).Draw(t, "item")
		switch rapid.IntRange(0, 9).Draw(t, "at a list") {
		case 0:
			return slices.Delete(node, i, i+1)
		case 1:
			return other(t)
		default:
			node[i] = changed(t, node[i])
		}
		return node
	}
	return other(t)
}

// other is a value that fits some keys and not others.
func other(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, 6, -1, 1.5, "", " ", "x", "X", "6", "*", "110", "0433", "0433110", "220100", "222404x", "zh", "on", "admin", "debug",
		"15s", "2h", "0s", "9", "-5s", "2026-02-15", "2026-2-15", "nin2 hao3", "nin hao", strings.Repeat("a", 41), "a..b",
		[]any{},
		[]any{"zh"},
		[]any{"110", 5},
		map[string]any{},
		map[string]any{"a": "b"},
	}).Draw(t, "value")
}

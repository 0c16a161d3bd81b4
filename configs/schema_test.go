package configs

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schemas(t testing.TB) map[string][]byte {
	t.Helper()
	all, err := Schemas(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSchemaFilesAreMadeFromTheShapes(t *testing.T) {
	t.Parallel()
	made := schemas(t)
	if *update {
		for name, text := range made {
			if err := os.WriteFile(filepath.FromSlash(name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	for name, want := range made {
		got, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(got), string(want)); diff != "" {
			t.Errorf("%s is not what the shapes say; run: go test ./configs -run Schema -update\n%s", name, diff)
		}
		if shipped, err := shipped.ReadFile(name); err != nil || !bytes.Equal(shipped, got) {
			t.Errorf("%s is not shipped: %v", name, err)
		}
	}
	files, err := os.ReadDir(schemaFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, ours := made[path.Join(schemaFolder, file.Name())]; !ours {
			t.Errorf("%s/%s is no schema of ours", schemaFolder, file.Name())
		}
	}
}

func TestShippedFilesNameTheirSchema(t *testing.T) {
	t.Parallel()
	for _, kind := range fileKinds() {
		names, err := filepath.Glob(kind.files)
		if err != nil || len(names) == 0 && !kind.optional {
			t.Errorf("no files %s: %v", kind.files, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(string(text), "\n"); first != kind.modeline() {
				t.Errorf("%s begins with %q, want %q", name, first, kind.modeline())
			}
		}
	}
}

func TestSchemasAreNoPartOfTheVersion(t *testing.T) {
	t.Parallel()
	files := base(t)
	without, _ := Read(files, readAt())
	for name, text := range schemas(t) {
		files[name] = &fstest.MapFile{Data: text}
	}
	with, faults := Read(files, readAt())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if with.Version != without.Version {
		t.Errorf("version %s with schemas, %s without", with.Version, without.Version)
	}
}

// walkSchema visits every part of a schema that is a schema itself.
func walkSchema(path string, part any, visit func(path string, schema map[string]any)) {
	switch part := part.(type) {
	case map[string]any:
		visit(path, part)
		for key, below := range part {
			if key != "default" && key != "examples" && key != "enum" {
				walkSchema(path+"/"+key, below, visit)
			}
		}
	case []any:
		for _, below := range part {
			walkSchema(path, below, visit)
		}
	}
}

func TestEveryKeyIsDescribedInChineseAndClosed(t *testing.T) {
	t.Parallel()
	for name, text := range schemas(t) {
		walkSchema(name, parsed(t, text), func(path string, schema map[string]any) {
			if schema["type"] == "object" && schema["properties"] != nil && schema["additionalProperties"] != false {
				t.Errorf("%s lets unknown keys pass", path)
			}
			if !strings.HasSuffix(path, "/properties") {
				return
			}
			for key, below := range schema {
				said, _ := below.(map[string]any)["description"].(string)
				first, _, _ := strings.Cut(said, "\n")
				if !strings.ContainsFunc(first, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					t.Errorf("%s/%s: the field has no zh tag that says what it is: %q", path, key, said)
				}
			}
		})
	}
}

func parsed(t testing.TB, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// compiled is a schema ready to judge.
func compiled(t testing.TB, schema any) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("file:///schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDefaultsAndExamplesMayBeWritten(t *testing.T) {
	t.Parallel()
	for name, text := range schemas(t) {
		defaults := 0
		walkSchema(name, parsed(t, text), func(path string, schema map[string]any) {
			examples, _ := schema["examples"].([]any)
			if given, has := schema["default"]; has && !strings.HasSuffix(path, "/properties") {
				defaults++
				examples = append(slices.Clip(examples), given)
			}
			for _, example := range examples {
				if err := compiled(t, schema).Validate(example); err != nil {
					t.Errorf("%s: %v: %v", path, example, err)
				}
			}
		})
		if want := map[string]int{"schema/gateway.json": 11, "schema/queues.json": 2, "schema/menus.json": 1}[name]; defaults < want {
			t.Errorf("%s tells %d defaults, want %d at least", name, defaults, want)
		}
	}
}

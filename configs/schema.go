package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"reflect"
)

// schemaFolder holds the schemas beside the files, so that the first line of
// each file can name its own by a relative path.
const schemaFolder = "schema"

// fileKind is one kind of file of the configuration.
type fileKind struct {
	// name is that of the schema, without folder and suffix.
	name string
	// files is a pattern of the names of such files.
	files string
	// about says in Chinese what stands in them.
	about string
	// shape points to the shape that the decoder fills, with what is there
	// before a file is read.
	shape any
	// optional is set when there may be no such file.
	optional bool
}

// fileKinds are all kinds of files.
func fileKinds() []fileKind {
	settings := baseSettings()
	return []fileKind{
		{name: "gateway", files: settingsName, about: "网关程序的设置；改动后要重启。", shape: &settings},
		{name: "regions", files: regionsName, about: "区域：省、市（州）、县（市、区）。", shape: new(regionsFile)},
		{name: "prompts", files: promptsName, about: "电话里说的每一句话。", shape: new(promptsFile)},
		{name: "plan", files: planName, about: "一通来电找谁接。", shape: new(planFile)},
		{name: "queues", files: queuesName, about: "队列：排队的人和接他们的坐席。", shape: new(queuesFile)},
		{name: "agents", files: agentsName, about: "能登录的人。", shape: new(agentsFile)},
		{name: "recordings", files: recordingsName, about: "录音存多久、谁能听。", shape: new(recordingsFile), optional: true},
		{name: "menus", files: path.Join(menusFolder, "*.yaml"), about: "来电先听到的菜单。", shape: new(menusFile)},
		{name: "rota", files: path.Join(rotaFolder, "*.yaml"), about: "值班。", shape: new(rotaFile)},
		{name: "holidays", files: path.Join(holidaysFolder, "*.yaml"), about: "一年的节假日和调休。", shape: new(holidaysFile)},
		{name: "filings", files: filingsName, about: "报备：话机按键、类别、强制报告情形、移交单。", shape: new(filingsFile), optional: true},
		{name: "receivers", files: receiversName, about: "报备（转 110 的同时报省里）还要送给谁；没有这个文件就只在省平台屏幕上。", shape: withDefaults(), optional: true},
		{name: "cases", files: casesName, about: "各种来电应有的结果，由 weibao check --cases 核对。", shape: new(casesFile), optional: true},
	}
}

// withDefaults is an empty receivers.yaml.
func withDefaults() *receiversFile {
	var f receiversFile
	f.defaults()
	return &f
}

// schemaFile is where the schema of a kind stands.
func (k fileKind) schemaFile() string { return path.Join(schemaFolder, k.name+".json") }

// modeline is the first line of such a file: it tells the editor the schema.
func (k fileKind) modeline() string {
	up := ""
	if path.Dir(k.files) != "." {
		up = "../"
	}
	return "# yaml-language-server: $schema=" + up + k.schemaFile()
}

// Schemas makes the JSON Schema of each kind of file from the shapes that the
// decoder fills, by the name of its file: "schema/plan.json". It is draft-07
// with errorMessage, which editors show in place of their own English words.
//
// A schema says what can be said of one file alone: keys, kinds of values,
// how they are written, their limits and defaults. Whether a name exists, and
// whether every call reaches a person, only Read knows. Source is the folder
// of this package: the comments of the shapes are the English half of the
// descriptions.
func Schemas(source fs.FS) (map[string][]byte, error) {
	english, err := readComments(source)
	if err != nil {
		return nil, fmt.Errorf("read the comments of the shapes: %w", err)
	}
	schemas := make(map[string][]byte)
	for _, kind := range fileKinds() {
		b := schemaBuilder{english: english}
		body := b.record(reflect.ValueOf(kind.shape).Elem())
		whole := object{
			{"$schema", "http://json-schema.org/draft-07/schema#"},
			{"$comment", "Made from the Go types by: go test ./configs -run Schema -update"},
			{"description", kind.about},
		}
		whole = append(whole, body...)
		if len(b.definitions) > 0 {
			whole = append(whole, member{"definitions", b.definitions})
		}
		var text bytes.Buffer
		out := json.NewEncoder(&text)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(whole); err != nil {
			return nil, fmt.Errorf("write the schema of %s: %w", kind.files, err)
		}
		schemas[kind.schemaFile()] = text.Bytes()
	}
	return schemas, nil
}

// object is a JSON object that keeps the order of its keys, which is the
// order in which an editor offers them.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	text.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			text.WriteByte(',')
		}
		if err := out.Encode(m.key); err != nil {
			return nil, err
		}
		text.WriteByte(':')
		if err := out.Encode(m.value); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

// with is the object with one more member, unless its value says nothing.
func (o object) with(key string, value any) object {
	if reflect.ValueOf(value).IsZero() {
		return o
	}
	return append(o, member{key, value})
}

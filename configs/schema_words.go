package configs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// describe is what an editor shows of a key: what it means, how it is
// written, within which limits, what holds without it, and the same in English.
func (b *schemaBuilder) describe(shape reflect.Type, field reflect.StructField, value reflect.Value) string {
	lines := []string{ended(field.Tag.Get("zh"))}
	if t := field.Type; tellsForm(t) {
		lines = append(lines, ended("写法："+wanted(t).ZH))
	} else if t.Kind() == reflect.Slice && tellsForm(t.Elem()) {
		lines = append(lines, ended(joined("写法：列表，每一项是", wanted(t.Elem()).ZH)))
	}
	if limits := limitsOf(field.Tag); limits != "" {
		lines = append(lines, ended("范围："+limits))
	}
	if given, some := given(value); some && !strings.Contains(field.Tag.Get("zh"), "默认") {
		lines = append(lines, ended(fmt.Sprintf("默认：%v", given)))
	}
	if n := len(field.Index) - 1; n > 0 { // of an embedded shape
		shape = shape.FieldByIndex(field.Index[:n]).Type
	}
	if english := b.english[shape.Name()+"."+field.Name]; english != "" {
		name, rest, _ := strings.Cut(english, " ")
		if name == field.Name {
			english = field.Tag.Get("yaml") + " " + rest
		}
		lines = append(lines, english)
	}
	return strings.Join(lines, "\n")
}

// tellsForm reports whether a kind of value says how it is written.
func tellsForm(t reflect.Type) bool {
	_, is := reflect.TypeAssert[checked](reflect.Zero(t))
	return is || t == reflect.TypeFor[time.Duration]()
}

// ended is a Chinese sentence with its full stop.
func ended(sentence string) string {
	if sentence == "" || strings.HasSuffix(sentence, "。") {
		return sentence
	}
	return sentence + "。"
}

// explained is what an editor says of a value that is not right.
func explained(t reflect.Type, tag reflect.StructTag) string {
	_, may := reflect.TypeAssert[single](reflect.Zero(t))
	f, is := reflect.TypeAssert[formed](reflect.Zero(t))
	want := wanted(t).ZH
	switch {
	case is && f.form().want != "":
		want = f.form().want
	case may && tellsForm(t.Elem()):
		want = wanted(t.Elem()).ZH + "，或这样的列表"
	case numeral(t) && !strings.Contains(want, "引号"):
		want += "；数字要加引号"
	}
	if limits := limitsOf(tag); limits != "" {
		want += "；" + limits
	}
	return joined("应为", want)
}

// joined are Chinese words and what follows, with a space before Latin.
func joined(chinese, rest string) string {
	if rest != "" && rest[0] < unicode.MaxASCII {
		return chinese + " " + rest
	}
	return chinese + rest
}

// numeral reports a kind of text that may consist of digits, so that YAML
// takes it for a number.
func numeral(t reflect.Type) bool {
	if t.Kind() != reflect.String {
		return false
	}
	v := reflect.New(t).Elem()
	v.SetString("220100")
	c, is := reflect.TypeAssert[checked](v)
	if !is {
		return true
	}
	_, may := c.check()
	return may
}

// limitsOf are the limits that a tag sets, in words.
func limitsOf(tag reflect.StructTag) string {
	switch least, most := tag.Get("min"), tag.Get("max"); {
	case least != "" && most != "":
		return least + " 到 " + most
	case least != "":
		return "至少 " + least
	case most != "":
		return "最多 " + most
	}
	return ""
}

// given is what holds when a key is not there, as it would be written; false
// when that is nothing.
func given(v reflect.Value) (any, bool) {
	switch t := v.Type(); {
	case v.IsZero() || t.Kind() == reflect.Struct || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer:
		return nil, false
	case t == reflect.TypeFor[time.Duration]():
		return brief(time.Duration(v.Int())), true
	default:
		return v.Interface(), true
	}
}

// brief is a duration as people write it: 1m and not 1m0s.
func brief(d time.Duration) string {
	text := d.String()
	if rest, whole := strings.CutSuffix(text, "m0s"); whole {
		text = rest + "m"
	}
	if rest, whole := strings.CutSuffix(text, "h0m"); whole {
		text = rest + "h"
	}
	return text
}

// comments are those of the fields of shapes: "queueShape.RingFor".
type comments map[string]string

// readComments finds them in the Go files of a folder.
func readComments(source fs.FS) (comments, error) {
	found := make(comments)
	names, err := fs.Glob(source, "*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(source, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			shape, is := n.(*ast.TypeSpec)
			if is {
				found.take(shape)
			}
			return !is
		})
	}
	return found, nil
}

// take keeps the comments of one type.
func (c comments) take(shape *ast.TypeSpec) {
	fields, is := shape.Type.(*ast.StructType)
	if !is {
		return
	}
	for _, field := range fields.Fields.List {
		for _, name := range field.Names {
			if sentence := strings.Join(strings.Fields(field.Doc.Text()), " "); sentence != "" {
				c[shape.Name.Name+"."+name.Name] = sentence
			}
		}
	}
}

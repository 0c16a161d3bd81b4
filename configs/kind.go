package configs

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mismatch says that a node is not of the kind that is wanted.
func (d decoder) mismatch(t reflect.Type, n ast.Node, p place) {
	f := Fault{What: say("这里写的是%s", "this is %s", kindOf(n).ZH), Want: wanted(t)}
	f.What.EN = "this is " + kindOf(n).EN
	text, isText := textOf(n)
	switch {
	case t == reflect.TypeFor[Secret]() && isPlain(n):
		f.What = say("密码要加引号", "a password needs quotes")
	case t.Kind() == reflect.String && isPlain(n):
		f.What = say("%s 没有加引号，会被当作%s", "%s without quotes is %s", written(n), kindOf(n).ZH)
		f.What.EN = written(n) + " without quotes is " + kindOf(n).EN
		f.Near = strconv.Quote(written(n))
	case isText && strings.ContainsRune(text, '：'):
		f.What = say("用了中文冒号“：”，请用英文冒号加空格", "this has a full-width colon “：”; use an ASCII colon and a space")
	case isText && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map) && strings.Contains(text, ":"):
		f.What = say("冒号后面要有空格", "a colon needs a space after it")
	}
	d.wrongNode(n, p, f)
}

// isPlain reports a value that would be text if it had quotes.
func isPlain(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return true
	case *ast.StringNode:
		return numeric(n)
	}
	return false
}

// written is a value as it stands in the file.
func written(n ast.Node) string {
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

// quote shortens a text for a message.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		text = string(runes[:40]) + "…"
	}
	return strconv.Quote(text)
}

// start is where a node begins in the text.
func start(n ast.Node) *token.Position {
	switch m := n.(type) {
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			return start(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(m.Key)
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return &token.Position{Line: 1, Column: 1}
	}
	return n.GetToken().Position
}

// kindOf names the kind of a node.
func kindOf(n ast.Node) Words {
	if _, isText := n.(*ast.StringNode); isText && isPlain(n) {
		return Words{"数字", "a number"}
	}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return Words{"“键: 值”的表", "a mapping"}
	case *ast.SequenceNode:
		return Words{"列表", "a list"}
	case *ast.StringNode, *ast.LiteralNode:
		return Words{"文字", "text"}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return Words{"数字", "a number"}
	case *ast.BoolNode:
		return Words{"是否（true/false）", "true or false"}
	}
	return Words{"别的东西", "something else"}
}

// wanted names the kind that a Go type stands for.
func wanted(t reflect.Type) Words {
	if t == reflect.TypeFor[time.Duration]() {
		return Words{"时长，如 15s、2m、1h30m", "a duration such as 15s, 2m or 1h30m"}
	}
	if c, is := reflect.TypeAssert[checked](reflect.Zero(t)); is && t.Kind() == reflect.String {
		want, _ := c.check()
		return want
	}
	if _, is := reflect.TypeAssert[single](reflect.Zero(t)); is {
		return Words{"一个名字，或列表，如 [a, b]", "one name, or a list such as [a, b]"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Struct:
		var names []string
		for _, field := range fieldsOf(t) {
			names = append(names, field.Tag.Get("yaml"))
		}
		return say("“键: 值”的表，键有 %s", "a mapping with the keys %s", strings.Join(names, ", "))
	case reflect.Map:
		return Words{"“名字: 内容”的表", "a mapping of names"}
	case reflect.Slice:
		return Words{"列表，如 [a, b]", "a list such as [a, b]"}
	case reflect.Bool:
		return Words{"true 或 false", "true or false"}
	case reflect.Int:
		return Words{"整数", "a whole number"}
	case reflect.Float64:
		return Words{"数字", "a number"}
	default:
		return Words{"文字", "text"}
	}
}

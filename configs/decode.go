package configs

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// The decoder fills a Go value from the tree of a file. It does not stop at
// the first fault, knows no conversions (0110 without quotes is refused where
// text is wanted, so that no telephone number loses its zero), and refuses
// what it does not know: keys, anchors, aliases, tags, merges.
//
// Struct fields say in tags what is written in the file:
//
//	yaml:"name"   the key
//	need:"yes"    the key must be there, and not empty
//	min, max      the least and the greatest duration or number
//	zh:"…"        what it is, as an editor tells it; see Schemas
type decoder struct{ *source }

// checked is implemented by kinds of text that not every text is.
type checked interface {
	// check says what is wanted, and whether the value is that.
	check() (want Words, ok bool)
}

// enumerated is implemented by kinds of text of which there are only a few.
type enumerated interface {
	checked
	choices() []string
}

// prefilled is implemented by shapes with defaults other than zero.
type prefilled interface{ defaults() }

// single is implemented by lists that may be written as one value.
type single interface{ mayBeSingle() }

// decode fills the shape of a whole file.
func (s *source) decode(shape any) {
	if s.body == nil {
		return
	}
	decoder{s}.value(reflect.ValueOf(shape).Elem(), s.body, nil, "")
}

func (d decoder) wrongNode(n ast.Node, p place, f Fault) { d.add(start(n), p, f) }

// value fills v from a node; tag is the struct tag of the field that v is.
func (d decoder) value(v reflect.Value, n ast.Node, p place, tag reflect.StructTag) {
	if v.Kind() == reflect.String {
		n = unsplit(n)
	}
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		d.wrongNode(n, p, Fault{What: say("不能用锚点和别名（& 和 *），请把内容写出来", "anchors and aliases (& and *) are not used here; write the content out")})
		return
	case *ast.TagNode:
		d.wrongNode(n, p, Fault{What: say("不能用类型标签（!）", "tags (!) are not used here")})
		return
	case *ast.NullNode:
		d.wrongNode(n, p, Fault{What: say("没有值", "there is no value"), Want: wanted(v.Type())})
		return
	}
	if v.CanAddr() {
		if shape, ok := reflect.TypeAssert[prefilled](v.Addr()); ok {
			shape.defaults()
		}
	}
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem(), n, p, tag)
	case v.Type() == reflect.TypeFor[time.Duration]():
		d.duration(v, n, p, tag)
	case v.Kind() == reflect.Struct:
		d.record(v, n, p)
	case v.Kind() == reflect.Map:
		d.table(v, n, p, tag)
	case v.Kind() == reflect.Slice:
		d.list(v, n, p, tag)
	default:
		d.scalar(v, n, p, tag)
	}
}

// unsplit makes a text of what the parser takes for a key and a value: in a
// list within braces, duty:222400 is one text, as it is everywhere else where no
// space follows the colon.
func unsplit(n ast.Node) ast.Node {
	all := pairs(n)
	if m, is := n.(*ast.MappingNode); len(all) != 1 || is && m.Start != nil && m.Start.Value == "{" {
		return n
	}
	key, value := all[0].Key.GetToken(), all[0].Value.GetToken()
	if key == nil || value == nil || key.Next == nil || key.Position == nil || value.Position == nil ||
		key.Position.Line != value.Position.Line || value.Position.Column != key.Position.Column+len([]rune(key.Value))+1 {
		return n
	}
	joined := *key
	joined.Value, joined.Origin = key.Value+":"+value.Value, key.Value+":"+value.Value
	return ast.String(&joined)
}

// pairs are the keys and values of a mapping; nil for any other node.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// keyText is a key as it is written, without its quotes.
func keyText(key ast.Node) string {
	if k, ok := key.(*ast.StringNode); ok {
		return k.Value
	}
	if key == nil || key.GetToken() == nil {
		return ""
	}
	return key.GetToken().Value
}

// mapping returns the pairs of a mapping without those whose key is refused.
func (d decoder) mapping(v reflect.Value, n ast.Node, p place) ([]*ast.MappingValueNode, bool) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		d.mismatch(v.Type(), n, p)
		return nil, false
	}
	var kept []*ast.MappingValueNode
	seen := make(map[string]int)
	for _, pair := range pairs(n) {
		name := keyText(pair.Key)
		_, isText := textOf(pair.Key)
		switch line, twice := seen[name]; {
		case !isText:
			f := Fault{What: say("键 %s 要加引号", "the key %s needs quotes", name), Near: strconv.Quote(name)}
			if _, isMerge := pair.Key.(*ast.MergeKeyNode); isMerge || name == "?" {
				f = Fault{What: say("不能用 %s，请把内容写出来", "%s is not used here; write the content out", name)}
			}
			d.wrongNode(pair.Key, p.with(name), f)
			if isPlain(pair.Key) && !twice {
				seen[name] = start(pair.Key).Line
				kept = append(kept, pair) // what was meant is clear
			}
		case twice:
			d.wrongNode(pair.Key, p.with(name), Fault{What: say("键 %s 重复，第 %d 行已经有了", "the key %s is there twice, first in line %d", name, line)})
		default:
			seen[name] = start(pair.Key).Line
			kept = append(kept, pair)
		}
	}
	return kept, true
}

// unknownKey is the fault of a key that is none of the names. A full-width
// colon makes the value a part of the key.
func unknownKey(name string, names []string) Fault {
	if before, value, fullWidth := strings.Cut(name, "："); fullWidth && slices.Contains(names, before) {
		return Fault{
			What: say("用了中文冒号“：”，请用英文冒号加空格", "this has a full-width colon “：”; use an ASCII colon and a space"),
			Near: before + ": " + strings.TrimSpace(value),
		}
	}
	return Fault{
		What: say("没有这个键 %s", "unknown key %s", name),
		Want: Words{ZH: strings.Join(names, ", ")}, Near: nearest(name, names),
	}
}

// fieldsOf are the fields of a shape that are keys in the file, with those of
// shapes embedded in it, in the order in which they stand.
func fieldsOf(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Tag.Get("yaml") == "" })
}

// record fills a struct.
func (d decoder) record(v reflect.Value, n ast.Node, p place) {
	given, ok := d.mapping(v, n, p)
	if !ok {
		return
	}
	fields := make(map[string]reflect.StructField, v.NumField())
	names := make([]string, 0, v.NumField())
	for _, field := range fieldsOf(v.Type()) {
		name := field.Tag.Get("yaml")
		fields[name] = field
		names = append(names, name)
	}
	found := make(map[string]bool, len(given)) // or nearly so
	for _, pair := range given {
		name := keyText(pair.Key)
		field, known := fields[name]
		found[name] = true
		if !known {
			f := unknownKey(name, names)
			near, _, _ := strings.Cut(f.Near, ":")
			found[near] = true
			d.wrongNode(pair.Key, p.with(name), f)
			continue
		}
		d.value(v.FieldByIndex(field.Index), pair.Value, p.with(name), field.Tag)
	}
	for _, name := range names {
		if fields[name].Tag.Get("need") != "" && !found[name] {
			d.wrongNode(n, p, Fault{What: say("缺少键 %s", "the key %s is missing", name), Want: wanted(fields[name].Type)})
		}
	}
}

// table fills a map.
func (d decoder) table(v reflect.Value, n ast.Node, p place, tag reflect.StructTag) {
	given, ok := d.mapping(v, n, p)
	if !ok {
		return
	}
	d.notEmpty(len(given), n, p, tag)
	t := v.Type()
	v.Set(reflect.MakeMapWithSize(t, len(given)))
	for _, pair := range given {
		name := keyText(pair.Key)
		key := reflect.New(t.Key()).Elem()
		key.SetString(name)
		if c, is := reflect.TypeAssert[checked](key); is {
			if want, good := c.check(); !good {
				d.wrongNode(pair.Key, p.with(name), Fault{What: say("键 %s 不对", "the key %s is not right", name), Want: want})
				continue
			}
		}
		element := reflect.New(t.Elem()).Elem()
		d.value(element, pair.Value, p.with(name), "")
		v.SetMapIndex(key, element)
	}
}

// list fills a slice.
func (d decoder) list(v reflect.Value, n ast.Node, p place, tag reflect.StructTag) {
	nodes, ok := n.(*ast.SequenceNode)
	if !ok {
		if _, may := reflect.TypeAssert[single](v); may && pairs(n) == nil {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			d.value(v.Index(0), n, p, tag)
			return
		}
		d.mismatch(v.Type(), n, p)
		return
	}
	d.notEmpty(len(nodes.Values), n, p, tag)
	v.Set(reflect.MakeSlice(v.Type(), len(nodes.Values), len(nodes.Values)))
	for i, node := range nodes.Values {
		d.value(v.Index(i), node, p.with(i), "")
	}
}

func (d decoder) notEmpty(length int, n ast.Node, p place, tag reflect.StructTag) {
	if length == 0 && tag.Get("need") != "" {
		d.wrongNode(n, p, Fault{What: say("不能是空的", "this must not be empty")})
	}
}

// scalar fills a text, a number or a yes/no.
func (d decoder) scalar(v reflect.Value, n ast.Node, p place, tag reflect.StructTag) {
	switch v.Kind() {
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
	case reflect.Int, reflect.Float64:
		if d.number(v, n, p, tag) {
			return
		}
	case reflect.String:
		text, ok := textOf(n)
		if !ok {
			if isPlain(n) {
				v.SetString(written(n)) // so that this is the only fault of it
			}
			break
		}
		v.SetString(text)
		if what, bad := loose(n); bad {
			d.wrongNode(n, p, Fault{What: what})
			return
		}
		if strings.TrimSpace(text) == "" && tag.Get("need") != "" {
			d.wrongNode(n, p, Fault{What: say("不能是空的", "this must not be empty"), Want: wanted(v.Type())})
			return
		}
		if c, is := reflect.TypeAssert[checked](v); is {
			if want, good := c.check(); !good {
				f := Fault{What: say("%s 不对", "%s is not right", quote(text)), Want: want}
				if e, is := c.(enumerated); is {
					f.Near = nearest(text, e.choices())
				}
				d.wrongNode(n, p, f)
			}
		}
		return
	default:
	}
	d.mismatch(v.Type(), n, p)
}

// loose finds text without quotes that a careful reader would not take for
// one text. YAML forbids the first, and the parser lets it pass; the second is
// mostly a lost colon or a wrong indentation.
func loose(n ast.Node) (Words, bool) {
	t := n.GetToken()
	if t == nil || t.Type != token.StringType {
		return Words{}, false
	}
	switch _, isText := n.(*ast.StringNode); {
	case !isText:
	case strings.Contains(t.Value, ": ") && strings.Contains(t.Value, "，"):
		return say("用了中文逗号“，”，请用英文逗号；文字里本来就有冒号时加引号", "this has a full-width comma “，”; use an ASCII one, or quotes if the colon belongs to the text"), true
	case strings.Contains(t.Value, ": "):
		return say("少了逗号或换行；文字里本来就有冒号时加引号", "a comma or a line break is missing, or quotes if the colon belongs to the text"), true
	case strings.ContainsAny(strings.TrimSpace(t.Origin), "\r\n"):
		return say("没有引号的文字不能跨行，请检查冒号和缩进，或加引号", "text without quotes can not go over several lines; check colon and indentation, or use quotes"), true
	}
	return Words{}, false
}

// numeric reports text without quotes that other readers of YAML take for a
// number: 0815, which can not be octal.
func numeric(n *ast.StringNode) bool {
	if n.Token == nil || n.Token.Type != token.StringType {
		return false
	}
	number := strings.TrimLeft(n.Value, "+-")
	return strings.Trim(number, "0123456789_.") == "" && strings.ContainsAny(number, "0123456789")
}

// textOf is the text of a node that was written as text.
func textOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, !numeric(n)
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func (d decoder) duration(v reflect.Value, n ast.Node, p place, tag reflect.StructTag) {
	text, ok := textOf(n)
	length, err := time.ParseDuration(text)
	if !ok || err != nil || !isDuration(text) {
		f := Fault{What: say("%s 不是时长", "%s is not a duration", quote(written(n))), Want: wanted(v.Type())}
		if _, isNumber := n.(*ast.IntegerNode); isNumber {
			f = Fault{What: say("%s 没有写单位", "%s has no unit", written(n)), Want: f.Want, Near: written(n) + "s"}
		}
		d.wrongNode(n, p, f)
		return
	}
	v.SetInt(int64(length))
	least, _ := time.ParseDuration(tag.Get("min"))
	most, err := time.ParseDuration(tag.Get("max"))
	if length < least || err == nil && length > most {
		d.wrongNode(n, p, Fault{
			What: say("%s 超出范围", "%s is out of range", text),
			Want: say("%s 到 %s", "%s to %s", tag.Get("min"), tag.Get("max")),
		})
	}
}

// isDuration leaves of what Go takes for a duration that which people write:
// digits first, and no unit below the millisecond.
func isDuration(text string) bool {
	return strings.Trim(text, "0123456789.msh") == "" && text[0] >= '0' && text[0] <= '9' && text != "0"
}

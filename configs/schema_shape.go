package configs

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// schemaBuilder makes the schema of one file from its shape. It goes by the
// same types, tags and interfaces as the decoder.
type schemaBuilder struct {
	english comments
	// definitions are the shapes that hold themselves, such as routes.
	definitions object
	// open are the shapes around the one that is being written.
	open []reflect.Type
	// again are those that have been met inside themselves.
	again []reflect.Type
}

// formed is implemented by kinds of text of which a pattern says all, or
// nearly all, that their check does. It is never stricter than the check.
type formed interface{ form() form }

// form is how a text is written.
type form struct {
	// pattern is a regular expression that Go and JavaScript read alike.
	pattern string
	// longest is the greatest number of characters; 0 means any.
	longest int
	// examples are what an editor offers.
	examples []string
	// want says in Chinese how it is written, for a kind without a check.
	want string
}

// value is the schema of a value; v holds what is there when the file says
// nothing, tag is that of the field.
func (b *schemaBuilder) value(v reflect.Value, tag reflect.StructTag) object {
	switch t := v.Type(); {
	case t.Kind() == reflect.Pointer:
		return b.value(reflect.New(t.Elem()).Elem(), tag)
	case t == reflect.TypeFor[time.Duration]():
		least, most := durationLimits(tag)
		return object{{"type", "string"}, {"pattern", durationPattern(least, most)}, {"errorMessage", explained(t, tag)}}
	case t.Kind() == reflect.Struct:
		return b.record(v)
	case t.Kind() == reflect.Map:
		return b.table(t, tag)
	case t.Kind() == reflect.Slice:
		return b.list(t, tag)
	case t.Kind() == reflect.Bool:
		return object{{"type", "boolean"}, {"errorMessage", explained(t, tag)}}
	case t.Kind() == reflect.Int || t.Kind() == reflect.Float64:
		return numberSchema(t, tag)
	default:
		return scalarSchema(t, tag)
	}
}

// scalarSchema is the schema of a text of some kind.
func scalarSchema(t reflect.Type, tag reflect.StructTag) object {
	s := object{{"type", "string"}}
	zero := reflect.Zero(t)
	if e, is := reflect.TypeAssert[enumerated](zero); is {
		s = s.with("enum", e.choices())
	} else if f, is := reflect.TypeAssert[formed](zero); is {
		how := f.form()
		s = s.with("pattern", how.pattern).with("maxLength", how.longest).with("examples", how.examples)
	} else if tag.Get("need") != "" {
		s = s.with("pattern", `\S`)
	}
	return s.with("errorMessage", explained(t, tag))
}

// record is the schema of a shape with named keys.
func (b *schemaBuilder) record(v reflect.Value) object {
	t := v.Type()
	if slices.Contains(b.open, t) {
		b.again = append(b.again, t)
		return object{{"$ref", "#/definitions/" + definition(t)}}
	}
	b.open = append(b.open, t)
	defer func() { b.open = b.open[:len(b.open)-1] }()
	filled := reflect.New(t)
	filled.Elem().Set(v)
	if shape, is := reflect.TypeAssert[prefilled](filled); is {
		shape.defaults()
	}
	var properties object
	var required []string
	for _, field := range fieldsOf(t) {
		name, value := field.Tag.Get("yaml"), filled.Elem().FieldByIndex(field.Index)
		if field.Tag.Get("need") != "" {
			required = append(required, name)
		}
		s := object{{"description", b.describe(t, field, value)}}
		s = append(s, b.value(value, field.Tag)...)
		if given, some := given(value); some {
			s = append(s, member{"default", given})
		}
		properties = append(properties, member{name, s})
	}
	whole := object{{"type", "object"}, {"additionalProperties", false}}.with("required", required).with("properties", properties)
	if !slices.Contains(b.again, t) {
		return whole
	}
	if !slices.ContainsFunc(b.definitions, func(m member) bool { return m.key == definition(t) }) {
		b.definitions = append(b.definitions, member{definition(t), whole})
	}
	return object{{"$ref", "#/definitions/" + definition(t)}}
}

// definition is the name of a shape among the definitions.
func definition(t reflect.Type) string { return strings.TrimSuffix(t.Name(), "Shape") }

// table is the schema of a mapping of names.
func (b *schemaBuilder) table(t reflect.Type, tag reflect.StructTag) object {
	s := object{{"type", "object"}}
	if _, is := reflect.TypeAssert[checked](reflect.Zero(t.Key())); is {
		s = s.with("propertyNames", keySchema(t.Key()))
	}
	if tag.Get("need") != "" {
		s = s.with("minProperties", 1)
	}
	return s.with("additionalProperties", b.value(reflect.New(t.Elem()).Elem(), ""))
}

// keySchema is the schema of the names in a mapping. It has no enum, from which
// an editor would write 6 without the quotes that it needs.
func keySchema(t reflect.Type) object {
	s := object{{"title", "名字"}, {"description", wanted(t).ZH}}
	e, few := reflect.TypeAssert[enumerated](reflect.Zero(t))
	if !few {
		return append(s, scalarSchema(t, "")...)
	}
	var choices []string
	for _, choice := range e.choices() {
		choices = append(choices, regexp.QuoteMeta(choice))
	}
	return append(s, object{{"pattern", "^(?:" + strings.Join(choices, "|") + ")$"}, {"errorMessage", explained(t, "")}}...)
}

// list is the schema of a list, or of one value in its place.
func (b *schemaBuilder) list(t reflect.Type, tag reflect.StructTag) object {
	element := reflect.New(t.Elem()).Elem()
	s := object{{"type", "array"}, {"items", b.value(element, "")}}
	if tag.Get("need") != "" {
		s = s.with("minItems", 1)
	}
	s = s.with("errorMessage", explained(t, tag))
	if _, may := reflect.TypeAssert[single](reflect.Zero(t)); !may {
		return s
	}
	one := b.value(element, tag)
	if _, few := reflect.TypeAssert[enumerated](element); few {
		return object{{"anyOf", []object{one, s}}}
	}
	// Not anyOf, for which an editor has only English words. Each keyword
	// speaks of texts or of lists.
	both := object{{"type", []any{one[0].value, s[0].value}}}
	for _, m := range slices.Concat(one[1:], s[1:]) {
		if m.key != "errorMessage" {
			both = append(both, m)
		}
	}
	return both.with("errorMessage", explained(t, tag))
}

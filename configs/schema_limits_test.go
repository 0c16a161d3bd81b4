package configs

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml/ast"
	"pgregory.net/rapid"
)

// textKinds are the kinds of text in the shapes of all files, by their names.
func textKinds() map[string]reflect.Type {
	found := make(map[string]reflect.Type)
	seen := make(map[reflect.Type]bool)
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.String:
			found[t.Name()] = t
		case reflect.Pointer, reflect.Slice:
			visit(t.Elem())
		case reflect.Map:
			visit(t.Key())
			visit(t.Elem())
		case reflect.Struct:
			for field := range t.Fields() {
				visit(field.Type)
			}
		default: // numbers and yes or no
		}
	}
	for _, kind := range fileKinds() {
		visit(reflect.TypeOf(kind.shape))
	}
	return found
}

// syllables are made once for all texts of a test.
var syllables = sync.OnceValue(newSyllable)

// accepts is what the program itself says of a text.
func accepts(t reflect.Type, text string) bool {
	v := reflect.New(t).Elem()
	v.SetString(text)
	if p, is := reflect.TypeAssert[pinyin](v); is {
		return p.bad(syllables()) == ""
	}
	_, ok := v.Interface().(checked).check()
	return ok
}

// samples are texts of all kinds, good, bad and nearly good.
func samples(t *testing.T) []string {
	var texts []string
	var collect func(n ast.Node)
	collect = func(n ast.Node) {
		for _, pair := range pairs(n) {
			texts = append(texts, keyText(pair.Key))
			collect(pair.Value)
		}
		if list, is := n.(*ast.SequenceNode); is {
			for _, item := range list.Values {
				collect(item)
			}
		}
		if text, is := textOf(n); is {
			texts = append(texts, text)
		}
	}
	files := shippedFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		collect(load(files, name).body)
	}
	for _, text := range slices.Clone(texts) {
		texts = append(texts, text+"0", "0"+text, text+".", "."+text, " "+text, text+"\n", strings.ToUpper(text), text+text)
	}
	return append(texts, "", "-a", "a-", "1.1", "1..1", "1.", "12.", "a.", "a..", "123456.", "1-", "1_", "1.a", "2026-13-01", "2026-02-30", "00:00", "08:00", "12:30", "24:00", "24:01", "23:59", "23:60",
		"2026-12-01..2026-12-02", "2026-12-01 .. 2026-12-02 ", "2026-12-01..", "2026-12-01...", "2026-12-01 08:00", "2026-12-01  08:00", "2026-12-01 24:00",
		"2027-01-01 23:59", "2027-01-02 00:00", "2027-01-03 12:30",
		"*11", "*12", "*119", "*120", "*123456", "*1234567", "*1", "**110", "*11a")
}

// TestPatternsSayWhatTheChecksSay keeps the patterns of the schemas from
// becoming a second truth.
func TestPatternsSayWhatTheChecksSay(t *testing.T) {
	t.Parallel()
	given := samples(t)
	// Only the calendar knows which months have these days.
	lateDay := regexp.MustCompile(`[0-9]{4}-[0-9]{2}-(29|30|31)`)
	for kind, typ := range textKinds() {
		zero := reflect.Zero(typ).Interface()
		f, has := zero.(formed)
		_, judges := zero.(checked)
		if _, few := zero.(enumerated); !has && judges && !few {
			t.Errorf("%s has a check and neither a form nor choices", kind)
		}
		if !has {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			schema, err := json.Marshal(scalarSchema(typ, ""))
			if err != nil {
				t.Fatal(err)
			}
			rule := compiled(t, parsed(t, schema))
			agree := func(t interface{ Fatalf(string, ...any) }, text string) bool {
				matches := rule.Validate(text) == nil
				ok := accepts(typ, text)
				if matches != ok && (ok || !lateDay.MatchString(text)) {
					t.Fatalf("%q: schema %v, check %v", text, matches, ok)
				}
				return ok
			}
			good := 0
			for _, text := range given {
				if agree(t, text) {
					good++
				}
			}
			if good < 5 {
				t.Fatalf("only %d of the samples are right", good)
			}
			rapid.Check(t, func(t *rapid.T) {
				agree(t, rapid.StringMatching(`[0-9a-c_.-]{0,12}|[a-z0-9._-]{39,42}|[0-9]{2,21}`).Draw(t, "text"))
			})
			rapid.Check(t, func(t *rapid.T) { agree(t, rapid.StringMatching(f.form().pattern).Draw(t, "text of the form")) })
		})
	}
}

func TestDurationPatternsSayWhatTheDecoderSays(t *testing.T) {
	t.Parallel()
	limits := map[reflect.StructTag]*regexp.Regexp{}
	for _, tag := range []reflect.StructTag{
		`min:"5s" max:"60s"`, `min:"0s" max:"30m"`, `min:"500ms" max:"5s"`, `min:"1m" max:"24h"`, `max:"1h"`, `min:"1s"`, `min:"90s" max:"10m"`, ``,
	} {
		limits[tag] = regexp.MustCompile(durationPattern(durationLimits(tag)))
	}
	tags := slices.Sorted(maps.Keys(limits))
	right := func(tag reflect.StructTag, text string) bool {
		least, most := durationLimits(tag)
		length, err := time.ParseDuration(text)
		return err == nil && isDuration(text) && length >= least && length <= most
	}
	rapid.Check(t, func(t *rapid.T) {
		tag := rapid.SampledFrom(tags).Draw(t, "limits")
		whole := strconv.Itoa(rapid.IntRange(0, rapid.SampledFrom([]int{9, 70, 2000, 100_000, 90_000_000}).Draw(t, "most")).Draw(t, "number"))
		text := whole + rapid.SampledFrom([]string{"ms", "s", "m", "h"}).Draw(t, "unit")
		if got, want := limits[tag].MatchString(text), right(tag, text); got != want {
			t.Errorf("%s %s: pattern %v, decoder %v", tag, text, got, want)
		}
		loose := rapid.StringMatching(`[-+]?([0-9]{0,2}(\.[0-9]{0,2})?(ns|us|ms|s|m|h|d|)){1,3}`).Draw(t, "text")
		got, want := limits[tag].MatchString(loose), right(tag, loose)
		_, err := time.ParseDuration(loose)
		if judged := err == nil && isDuration(loose); want && !got || got && !judged {
			t.Errorf("%s %s: pattern %v, decoder %v", tag, loose, got, want)
		}
	})
}

func TestNumberPatternsMatchTheirNumbersAndNoOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(0, 12_000).Draw(t, "from")
		to := rapid.Int64Range(from, 13_000).Draw(t, "to")
		pattern := regexp.MustCompile("^" + numbersPattern(from, to) + "$")
		near := []int64{0, 1, 9, 10, 99, 100, from - 1, from, from + 1, to - 1, to, to + 1, to * 10, rapid.Int64Range(0, 14_000).Draw(t, "any")}
		for _, n := range near {
			if n >= 0 && pattern.MatchString(strconv.FormatInt(n, 10)) != (n >= from && n <= to) {
				t.Errorf("%d in %d to %d: %s", n, from, to, pattern)
			}
		}
	})
}

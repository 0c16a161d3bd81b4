package cti

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// read decodes the body of a request into a T. A field that T does not have is
// refused with the nearest right name; every fault is one for people.
func read[T any](r *http.Request) (T, error) {
	var v T
	// A page can send a form across sites without asking; a program such as
	// curl sends its own default and means JSON.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); fromPage(r) && (err != nil || kind != "application/json") {
		return v, problem(http.StatusUnsupportedMediaType, "want Content-Type: application/json")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return v, unread(err)
	}
	if err := decode(body, &v); err != nil {
		return v, problem(http.StatusBadRequest, err.Error())
	}
	return v, nil
}

// fromPage reports whether a browser's page sent the request.
func fromPage(r *http.Request) bool {
	return r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}

// readNothing takes an empty body, or an empty object.
func readNothing(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return unread(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if err := decode(body, &struct{}{}); err != nil {
		return problem(http.StatusBadRequest, err.Error())
	}
	return nil
}

// unread is a body that did not come whole: the client's doing.
func unread(err error) error {
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return err
	}
	return problem(http.StatusBadRequest, "the body did not come whole")
}

func decode(body []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return explain(err, v)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("want one JSON value and nothing after it")
	}
	return nil
}

// explain says what is wrong with a body, in words for people.
func explain(err error, v any) error {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("field %q: want %s, got %s", kind.Field, kind.Type.Kind(), kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON: %w, at byte %d", syntax, syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not JSON: it ends too early")
	}
	if _, quoted, ok := strings.Cut(err.Error(), "unknown field "); ok {
		name := strings.Trim(quoted, `"`)
		return errors.New(unknownField(name, fieldsOf(v)))
	}
	return errors.New("not the JSON that is wanted here")
}

func unknownField(name string, fields []string) string {
	if len(fields) == 0 {
		return fmt.Sprintf("unknown field %q: no fields are wanted here", name)
	}
	if best := nearestName(name, fields, utf8.RuneCountInString(name)/2+1); best != "" {
		return fmt.Sprintf("unknown field %q: did you mean %q?", name, best)
	}
	return fmt.Sprintf("unknown field %q: want %s", name, strings.Join(fields, ", "))
}

// nearestName is the name that was most likely meant, with that many runes
// wrong at most, or none.
func nearestName(name string, known []string, most int) string {
	best := ""
	for _, one := range known {
		if d := editDistance(name, one); d <= most {
			best, most = one, d-1
		}
	}
	return best
}

// fieldsOf lists the JSON names of a struct behind a pointer.
func fieldsOf(v any) []string {
	t := reflect.TypeOf(v).Elem()
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		if f.Anonymous {
			names = append(names, fieldsOf(reflect.New(f.Type).Interface())...)
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// editDistance is Levenshtein's: how many runes are to be put, dropped or
// changed to make b of a.
func editDistance(a, b string) int {
	to := []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range []rune(a) {
		corner := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := corner
			if x != y {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(to)]
}

// short checks a word of a person: not too long, and without control
// characters, which have no business in a header, a log line or a filing.
func short(field, text string, limit int) error {
	if n := utf8.RuneCountInString(text); n > limit {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: %d characters, want at most %d", field, n, limit))
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: no control characters", field))
	}
	return nil
}

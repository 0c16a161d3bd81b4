package configs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a file. They are far above what the province needs and low enough
// that no file, however made, can hold up a reload.
const (
	maxSize   = 1 << 20 // bytes of a file
	maxDepth  = 32      // levels of nesting
	maxKeys   = 5000    // keys of one mapping; the parser's time grows with their square
	maxFaults = 100     // that are told of one file
)

// source is one file: its text, its tree, and what is wrong with it.
type source struct {
	name   string
	data   []byte
	lines  []string
	body   ast.Node
	faults Faults
	// broken is set when there is no tree, so that nothing can be said about
	// names that should stand in this file.
	broken bool
}

// load reads and parses a file. It never fails: what is wrong is in the
// source's faults.
func load(files fs.FS, name string) *source {
	s := &source{name: name}
	data, err := contents(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.whole(say("没有这个文件", "the file is missing"))
		return s
	case err != nil:
		s.whole(say("文件读不出来：%v", "the file can not be read: %v", err))
		return s
	case len(data) > maxSize:
		s.whole(say("文件超过上限 %d 字节", "the file is larger than the limit of %d bytes", maxSize))
		return s
	}
	s.data = data
	s.lines = strings.Split(string(data), "\n")
	if s.characters() {
		s.parse()
	}
	return s
}

// complete adds a fault when nothing else is wrong but the last line has no
// end: a copy that was broken off ends in the middle of a line, and what there
// is of it may well be readable.
func (s *source) complete() {
	if last := s.lines; len(s.faults) == 0 && len(last) > 0 && last[len(last)-1] != "" {
		s.stop(len(last), len([]rune(last[len(last)-1]))+1, say("最后一行没有换行，文件可能没有写完",
			"the last line has no line end; the file may have been cut off"))
	}
}

// contents reads a file up to one byte more than the limit. What is not an
// ordinary file, such as a pipe, is not opened: it could block for ever.
func contents(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not an ordinary file")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxSize+1))
}

// whole adds a fault of the file as a whole and marks it broken.
func (s *source) whole(what Words) {
	s.broken = true
	s.faults = append(s.faults, Fault{File: s.name, What: what})
}

// fault adds a fault unless there are too many already.
func (s *source) fault(f Fault) {
	if len(s.faults) > maxFaults {
		return
	}
	if len(s.faults) == maxFaults {
		f = Fault{What: say("问题太多，其余的不再列出", "too many faults, the rest is not listed")}
	}
	f.File = s.name
	f.Line = min(f.Line, len(s.lines))
	if f.Line > 0 {
		f.Source = strings.TrimRight(s.lines[f.Line-1], "\r")
		if before, _, secret := strings.Cut(f.Source, "password:"); secret {
			f.Source = before + "password: <secret>"
		}
	}
	s.faults = append(s.faults, f)
}

// characters checks what the file is made of before anything parses it.
func (s *source) characters() bool {
	if strings.HasPrefix(s.lines[0], "\uFEFF") {
		s.stop(1, 1, say("文件以 BOM 开头，请另存为不带 BOM 的 UTF-8", "the file begins with a byte order mark; save it as UTF-8 without BOM"))
		return false
	}
	for i, line := range s.lines {
		if !utf8.ValidString(line) {
			good := len([]rune(line[:firstBad(line)]))
			s.lines[i] = strings.ToValidUTF8(line, "?")
			s.stop(i+1, good+1, say("不是 UTF-8 文字（可能存成了 GBK），请另存为 UTF-8", "this is not UTF-8 (saved as GBK?); save the file as UTF-8"))
			return false
		}
		indent := true
		for column, r := range []rune(strings.TrimSuffix(line, "\r")) {
			switch {
			case r == '\t' && indent && strings.TrimSpace(line) != "":
				s.stop(i+1, column+1, say("缩进里有制表符（Tab），请用空格", "a tab in the indentation; use spaces"))
				return false
			case invisible(r) && r != '\t':
				s.stop(i+1, column+1, say("有看不见的控制字符 U+%04X", "an invisible control character U+%04X", r))
				return false
			}
			if indent && (r == 0x3000 || r == 0xA0) {
				s.stop(i+1, column+1, say("缩进里有全角空格，请用英文空格", "a full-width space in the indentation; use ASCII spaces"))
				return false
			}
			indent = indent && r == ' '
		}
	}
	return true
}

// invisible is a character that nobody can see or wants: controls, marks of
// direction, joiners, separators of lines.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

func firstBad(line string) int {
	for i, r := range line {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(line[i:]); size == 1 {
				return i
			}
		}
	}
	return len(line)
}

// stop adds a fault behind which nothing of the file can be read.
func (s *source) stop(line, column int, what Words) {
	s.broken = true
	s.fault(Fault{Line: max(line, 1), Column: max(column, 1), What: what})
}

// parse makes the tree. A panic of the parser is a fault of the file.
func (s *source) parse() {
	defer func() {
		if r := recover(); r != nil {
			s.body = nil
			s.whole(say("文件无法解析：%v", "the file can not be parsed: %v", r))
		}
	}()
	// The scanner miscounts lines that end as on Windows.
	tokens := lexer.Tokenize(strings.ReplaceAll(string(s.data), "\r\n", "\n"))
	if !s.measure(tokens) {
		return
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		s.syntax(err)
		return
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		s.whole(say("文件是空的", "the file is empty"))
	case len(bodies) > 1:
		at := start(bodies[1])
		s.stop(at.Line, at.Column, say("一个文件只能有一份内容，不能有第二个 ---", "a file holds one document; a second one begins here"))
	default:
		s.body = bodies[0]
	}
}

// measure refuses texts whose parsing would take very long or very much
// memory: deep nesting and mappings with very many keys.
func (s *source) measure(tokens token.Tokens) bool {
	var levels []level
	flow := 0
	for _, t := range tokens {
		at := t.Position
		if at == nil {
			continue
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow = max(flow-1, 0)
		case token.SequenceEntryType, token.MappingValueType, token.MappingKeyType, token.AnchorType, token.TagType:
			if flow == 0 {
				levels = deepen(levels, t)
			}
		default:
		}
		switch {
		case len(levels) > 0 && levels[len(levels)-1].keys > maxKeys:
			s.stop(at.Line, at.Column, say("一层里有超过 %d 个键", "more than %d keys in one mapping", maxKeys))
			return false
		case flow > maxDepth || len(levels) > maxDepth:
			s.stop(at.Line, at.Column, say("嵌套超过 %d 层", "nested more than %d levels deep", maxDepth))
			return false
		}
	}
	return true
}

// level is one level of indentation and the keys seen in its mapping.
type level struct{ column, keys int }

// deepen brings the levels up to date with a token that opens one or stands
// in one.
func deepen(levels []level, t *token.Token) []level {
	column := t.Position.Column
	isKey := t.Type == token.MappingValueType
	if isKey && t.Prev != nil && t.Prev.Position != nil && t.Prev.Position.Line == t.Position.Line {
		column = t.Prev.Position.Column
	}
	for len(levels) > 0 && levels[len(levels)-1].column > column {
		levels = levels[:len(levels)-1]
	}
	if len(levels) == 0 || levels[len(levels)-1].column < column {
		levels = append(levels, level{column: column})
	}
	if isKey {
		levels[len(levels)-1].keys++
	}
	return levels
}

// place is a place in the tree of a file: names of keys and places in lists.
type place []any

func (p place) with(step any) place { return append(slices.Clip(p), step) }

// String is the written form: queues.changchun.region, agents[3].id.
func (p place) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		default:
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// at finds where a place of the tree stands in the text: its value, or the
// nearest node above it that exists.
func (s *source) at(p place) *token.Position {
	node := s.body
	for _, step := range p {
		next := child(node, step)
		if next == nil {
			break
		}
		node = next
	}
	return start(node)
}

// keyAt finds where the key of a place stands.
func (s *source) keyAt(p place) *token.Position {
	node := s.body
	for _, step := range p[:len(p)-1] {
		node = child(node, step)
	}
	last := p[len(p)-1]
	for _, pair := range pairs(node) {
		if keyText(pair.Key) == last {
			return start(pair.Key)
		}
	}
	return s.at(p)
}

func child(node ast.Node, step any) ast.Node {
	switch step := step.(type) {
	case int:
		if list, ok := node.(*ast.SequenceNode); ok && step < len(list.Values) {
			return list.Values[step]
		}
	case string:
		for _, pair := range pairs(node) {
			if keyText(pair.Key) == step {
				return pair.Value
			}
		}
	}
	return nil
}

// faulty reports whether a fault is known at a place or below it.
func (s *source) faulty(p place) bool {
	above := p.String()
	return slices.ContainsFunc(s.faults, func(f Fault) bool {
		rest, below := strings.CutPrefix(f.Path, above)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// item is the place of one value in a list that may be written as one value.
func (s *source) item(p place, i int) place {
	node := s.body
	for _, step := range p {
		node = child(node, step)
	}
	if _, isList := node.(*ast.SequenceNode); isList {
		return p.with(i)
	}
	return p
}

// wrong adds a fault at the value of a place.
func (s *source) wrong(p place, f Fault) { s.add(s.at(p), p, f) }

// wrongKey adds a fault at the key of a place.
func (s *source) wrongKey(p place, f Fault) { s.add(s.keyAt(p), p, f) }

func (s *source) add(at *token.Position, p place, f Fault) {
	f.Line, f.Column, f.Path = at.Line, at.Column, p.String()
	s.fault(f)
}

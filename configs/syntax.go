package configs

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
)

// syntax turns an error of the parser into a fault.
func (s *source) syntax(err error) {
	var told yaml.Error
	if !errors.As(err, &told) || told.GetToken() == nil || told.GetToken().Position == nil {
		s.whole(say("文件无法解析：%s", "the file can not be parsed: %s", firstLine(err.Error())))
		return
	}
	at := told.GetToken().Position
	line, column := min(max(at.Line, 1), len(s.lines)), at.Column
	if mark, where := fullWidth(s.lines[line-1]); where > 0 {
		s.stop(line, where, say("语法错误，可能用了中文标点“%c”，请用英文标点", "syntax error, perhaps from the full-width mark “%c”; use the ASCII one", mark))
		return
	}
	if runes := []rune(s.lines[line-1]); column > 0 && column < len(runes) && runes[column-1] == ':' && runes[column] != ' ' {
		s.stop(line, column, say("冒号后面要有空格", "a colon needs a space after it"))
		return
	}
	message := firstLine(told.GetMessage())
	s.stop(line, column, Words{ZH: "YAML 语法错误：" + syntaxZH(message), EN: "YAML syntax: " + message})
}

// fullWidth finds a Chinese mark where YAML wants an ASCII one: a colon when
// the line has no other, a comma between brackets, a quote that begins a value.
func fullWidth(line string) (mark rune, column int) {
	noColon := !strings.Contains(line, ":")
	flow, quoted := false, false
	var before rune // the last that is no space
	for i, r := range []rune(line) {
		switch {
		case r == '：' && noColon,
			r == '，' && flow && !quoted,
			(r == '“' || r == '”') && before == ':':
			return r, i + 1
		}
		flow = flow || r == '[' || r == '{'
		quoted = quoted || r == '"'
		if r != ' ' {
			before = r
		}
	}
	return 0, 0
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// syntaxZH says the commonest messages of the parser in Chinese.
func syntaxZH(message string) string {
	for _, m := range []struct{ part, zh string }{
		{"mapping value is not allowed", "这里不能再有冒号，文字里有冒号时请加引号"},
		{"cannot start any token", "有不能用来开头的字符"},
		{"must be specified", "括号里少了逗号，或括号没有配对（也可能在上一行）"},
		{"']' not found", "方括号 [ 没有配对的 ]"},
		{"end token '}'", "花括号 { 没有配对的 }"},
		{"end character of", "引号没有配对"},
		{"reserved character", "这个字符不能开头，请加引号"},
		{"unexpected key name", "键写得不对，冒号后要有空格"},
		{"value is not allowed", "这里不能有值，请检查缩进"},
		{"non-map value", "这里应当是“键: 值”，请检查冒号和缩进"},
		{"not found", "括号没有配对"},
	} {
		if strings.Contains(message, m.part) {
			return m.zh
		}
	}
	return "请检查这一行和上一行的缩进、冒号和引号"
}

package configs

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"weibao/call"
)

// filingsFile is the shape of filings.yaml.
type filingsFile struct {
	// Key is what a seat types on its phone during the talk to ask for 110.
	// Default: "*110".
	Key code110 `yaml:"key" zh:"通话中坐席在话机上按什么呼叫 110"`
	// KeyGap is the longest pause between two of its digits. Default: 3s.
	KeyGap time.Duration `yaml:"key_gap" min:"500ms" max:"10s" zh:"两次按键之间最多隔多久"`
	// Items are the nine situations that must be reported
	// (侵害未成年人案件强制报告意见), in their order.
	Items []string `yaml:"items" need:"yes" zh:"强制报告的九种情形，按原文顺序"`
	// Other is the category of what is none of the others, and until somebody
	// has chosen one.
	Other string `yaml:"other" need:"yes" zh:"不属于其他类别、或坐席还没有选类别时，先按哪一类报备"`
	// Categories are the kinds of emergency.
	Categories []categoryShape `yaml:"categories" need:"yes" zh:"报备的类别"`
	// Sheet are the lines of the hand-over sheet that come from the seat's form.
	Sheet []sheetShape `yaml:"sheet" need:"yes" zh:"移交单上取自登记表的各行，按顺序"`
}

func (f *filingsFile) defaults() {
	f.Key, f.KeyGap = code110(call.DefaultFilingRules().Key), call.DefaultFilingRules().KeyGap
}

// categoryShape is one kind of emergency.
type categoryShape struct {
	// Name is what it is filed as.
	Name string `yaml:"name" need:"yes" zh:"报备时写的名称"`
	// Also are other words for it. Default: none.
	Also []string `yaml:"also" zh:"坐席可能写的其他说法；没有就不写"`
	// Items are the numbers of the situations that it falls under, from 1.
	Items []int `yaml:"items" need:"yes" zh:"属于强制报告的第几种情形"`
}

// sheetShape is one line of the hand-over sheet.
type sheetShape struct {
	// Field is the field of the form.
	Field name `yaml:"field" need:"yes" zh:"登记表的字段"`
	// Title is what stands before it on the sheet.
	Title string `yaml:"title" need:"yes" zh:"移交单上的名称"`
}

// code110 is what is typed on a phone: * and two to six digits.
type code110 string

const code110Pattern = `^\*[0-9]{2,6}$`

var code110Shape = regexp.MustCompile(code110Pattern)

func (c code110) check() (Words, bool) {
	return Words{"带引号的按键，* 加两到六位数字，如 \"*110\"", "keys in quotes, * and two to six digits, such as \"*110\""}, code110Shape.MatchString(string(c))
}

func (code110) form() form { return form{pattern: code110Pattern, examples: []string{"*110"}} }

// filingBook is the file, or none.
type filingBook struct{ file filingsFile }

func readFilings(src *source) *filingBook {
	b := new(filingBook)
	src.decode(&b.file)
	said := make(map[string]string)
	for i, c := range b.file.Categories {
		p := place{"categories", i}
		for j, word := range append([]string{c.Name}, c.Also...) {
			at := p.with("name")
			if j > 0 {
				at = p.with("also").with(j - 1)
			}
			if other, taken := said[word]; taken && word != "" && !src.faulty(at) {
				src.wrong(at, Fault{What: say("“%s”已经是类别“%s”的说法", "%s is a word for %s already", word, other)})
			}
			said[word] = c.Name
		}
		for j, item := range c.Items {
			if at := p.with("items").with(j); (item < 1 || item > len(b.file.Items)) && !src.faulty(at) {
				src.wrong(at, Fault{What: say("没有第 %d 种情形", "there is no situation number %d", item), Want: say("1 到 %d", "1 to %d", len(b.file.Items))})
			}
		}
	}
	if at := (place{"other"}); b.file.Other != "" && len(b.file.Categories) > 0 && !slices.Contains(b.names(), b.file.Other) && !src.faulty(at) {
		src.wrong(at, Fault{What: say("没有“%s”这个类别", "there is no category %s", b.file.Other), Near: nearest(b.file.Other, b.names())})
	}
	fields := make(map[name]bool)
	for i, row := range b.file.Sheet {
		if at := (place{"sheet", i, "field"}); fields[row.Field] && !src.faulty(at) {
			src.wrong(at, Fault{What: say("字段 %s 写了两次", "the field %s is there twice", string(row.Field))})
		}
		fields[row.Field] = true
	}
	return b
}

func (b *filingBook) names() []string {
	var names []string
	for _, c := range b.file.Categories {
		names = append(names, strings.TrimSpace(c.Name))
	}
	return names
}

// compile makes the rules; the defaults when there is no file.
func (b *filingBook) compile() call.FilingRules {
	if len(b.file.Categories) == 0 {
		return call.FilingRules{}
	}
	rules := call.FilingRules{
		Key: string(b.file.Key), KeyGap: b.file.KeyGap, Other: b.file.Other, Items: make(map[int]string),
	}
	for i, words := range b.file.Items {
		rules.Items[i+1] = words
	}
	for _, c := range b.file.Categories {
		rules.Categories = append(rules.Categories, call.FilingCategory{Name: c.Name, Also: c.Also, Items: c.Items})
	}
	for _, row := range b.file.Sheet {
		rules.Rows = append(rules.Rows, call.SheetRow{Field: string(row.Field), Title: row.Title})
	}
	return rules
}

package record

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"weibao/call"
)

// Sheet is the hand-over sheet (警情移交单) of a filing: one page that is read
// out to 110, printed, or sent.
type Sheet struct {
	Number string `json:"number"`
	// Code is the check code, see CheckCode; CodeOf are the parts that it is of.
	Code   string      `json:"code"`
	CodeOf []string    `json:"code_of"`
	Notice string      `json:"notice,omitempty"`
	Lines  []SheetLine `json:"lines"`
}

// SheetLine is one line of a sheet.
type SheetLine struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	// Missing: nobody has asked for this yet.
	Missing bool `json:"missing,omitempty"`
}

// unasked stands where the seat has written nothing.
const unasked = "未问清"

// SheetOf is the sheet of a filing, by the rules of the present configuration.
// It shows the caller's whole number.
func SheetOf(f Filing, rules call.FilingRules) Sheet {
	back := cmp.Or(f.Form["callback"], string(f.Caller))
	s := Sheet{Number: f.Number, Notice: f.Notice, CodeOf: []string{f.Number, f.Place, back}}
	s.Code = CheckCode(s.CodeOf...)
	s.add("报备时间", f.MadeAt.inWords())
	s.add("类别", f.Category+itemWords(f.Items, rules.Items))
	s.add("孩子所在地", strings.TrimSpace(f.PlaceWords+"（"+f.Place+"）"))
	s.add("回拨电话", back)
	s.add("语言", languageWords(f.Language))
	for _, row := range rules.SheetRows() {
		s.add(row.Title, f.Form[row.Field])
	}
	s.add("坐席", string(f.Agent))
	s.add("通话编号", string(f.Call))
	for i, a := range f.Attempts {
		s.add("拨打110（第"+strconv.Itoa(i+1)+"次）", strings.TrimSpace(a.DialledAt.inWords()+" "+string(a.Number)+" "+pickedWords(a)))
	}
	s.Lines = append(s.Lines, SheetLine{Title: "110警单号", Text: f.PoliceCase}, SheetLine{Title: "处理结果", Text: f.Result})
	return s
}

func (s *Sheet) add(title, text string) {
	s.Lines = append(s.Lines, SheetLine{Title: title, Text: cmp.Or(text, unasked), Missing: text == ""})
}

func (m Moment) inWords() string {
	if m.IsZero() {
		return ""
	}
	return m.In(zone()).Format("2006年01月02日 15:04:05")
}

func itemWords(items []int, words map[int]string) string {
	var all []string
	for _, n := range items {
		all = append(all, strings.TrimSpace("第"+strconv.Itoa(n)+"项 "+words[n]))
	}
	if len(all) == 0 {
		return ""
	}
	return "（强制报告：" + strings.Join(all, "；") + "）"
}

func languageWords(language string) string {
	return cmp.Or(map[string]string{"zh": "汉语", "ko": "朝鲜语", "en": "英语"}[language], language)
}

func pickedWords(a Attempt) string {
	if !a.PickedAt.IsZero() {
		return "接通 " + a.PickedAt.In(zone()).Format("15:04:05")
	}
	return map[string]string{
		string(call.Busy): "忙线", string(call.NoAnswer): "无人接听", string(call.Rejected): "拒接",
		string(call.Unreachable): "无法接通", string(call.Released): "未接通",
	}[a.Result]
}

// Text is the sheet as text, to be read out from the top.
func (s Sheet) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "未成年人保护热线　110警情移交单\n\n报备编号　%s\n校 验 码　%s\n", s.Number, s.Code)
	if s.Notice != "" {
		fmt.Fprintf(&b, "请 注 意　%s\n", s.Notice)
	}
	b.WriteString("\n")
	for _, line := range s.Lines {
		fmt.Fprintf(&b, "%s：%s\n", line.Title, strings.ReplaceAll(line.Text, "\n", " "))
	}
	b.WriteString("\n校验码按 ISO 7064 MOD 97-10 对“报备编号、地区代码、回拨电话”依次计算；听记后可核对。\n")
	return b.String()
}

//go:embed sheet.html
var sheetPage string

var sheetTemplate = template.Must(template.New("sheet").Parse(sheetPage))

// HTML writes the sheet as a page of its own that prints on one A4 sheet.
func (s Sheet) HTML(w io.Writer) error {
	if err := sheetTemplate.Execute(w, s); err != nil {
		return fmt.Errorf("write the sheet of %s: %w", s.Number, err)
	}
	return nil
}

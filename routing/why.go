package routing

import (
	"fmt"
	"strings"
	"time"
)

// Why says in words why these people are on duty, "zh" or "en", a sentence a
// line: which post, which shift of which day, whose turn, and who stands in for
// whom. Screen, notice, audit and command line show these lines.
func (d Duty) Why(lang string) []string {
	w := &why{zh: lang != "en"}
	w.post(d)
	w.shift(d)
	for _, c := range d.Changes {
		w.change(c)
	}
	if names := w.names(d.Officers); names != "" {
		w.say("按这个顺序拨：%s", "rung in this order: %s", names)
	}
	w.until(d.Until)
	if d.Note != nil {
		w.say("交班记录（%s，%s）：%s", "hand-over note (%s, %s): %s", d.Note.By, moment(d.Note.At), d.Note.Text)
	}
	return w.lines
}

// why collects the lines of an explanation in one of two languages.
type why struct {
	zh    bool
	lines []string
}

func (w *why) lang() string {
	if w.zh {
		return "zh"
	}
	return "en"
}

func (w *why) say(zh, en string, args ...any) {
	form := en
	if w.zh {
		form = zh
	}
	w.lines = append(w.lines, fmt.Sprintf(form, args...))
}

// post says whose post answers, and which were passed over.
func (w *why) post(d Duty) {
	for _, p := range d.Passed {
		w.say("%s（%s）这时没有人值班，找上级", "nobody is on duty at %s (%s) then, so the unit above is asked", p.Name, p.Post)
	}
	if d.Asked != "" && len(d.Passed) == 0 {
		w.say("%s（%s）没有自己的值班岗位，由%s（%s）负责", "%s (%s) has no duty post of its own, %s (%s) answers for it", d.AskedName, d.Asked, d.Name, d.Post)
	} else if d.Post != "" {
		w.say("值班岗位：%s（%s）", "duty post: %s (%s)", d.Name, d.Post)
	}
}

// shift says which shift it is and on what kind of day it began.
func (w *why) shift(d Duty) {
	switch {
	case d.Date == Date{} && len(d.Changes) == 0 && len(d.Officers) > 0:
		w.say("这个岗位 24 小时是同一组号码", "this post has the same numbers at every hour")
		return
	case d.Date == Date{}:
		w.say("这时没有班次", "no shift is on at this time")
		return
	}
	w.say("班次“%s”，%s开始；这天是%s", "shift %q of %s, %s", d.Shift, d.Date, d.Day.Say(w.lang()))
	if d.Turns > 0 {
		w.say("轮到第 %d 组，共 %d 组", "it is the turn of team %d of %d", d.Turn, d.Turns)
	}
}

// Say names the day for people, "zh" or "en": 节假日（春节）.
func (d Day) Say(lang string) string {
	text, name, provisional := d.Kind.String(), " (%s)", ", provisional"
	if lang != "en" {
		text = map[DayKind]string{Workday: "工作日", Weekend: "周末", Holiday: "节假日", SwappedWorkday: "调休上班日"}[d.Kind]
		name, provisional = "（%s）", "，暂定"
	}
	if d.Name != "" {
		text += fmt.Sprintf(name, d.Name)
	}
	if d.Provisional {
		text += provisional
	}
	return text
}

// change says who stands in for whom, and by whose leave.
func (w *why) change(c StandIn) {
	reason := ""
	if c.Why != "" {
		reason = ": " + c.Why
		if w.zh {
			reason = "：" + c.Why
		}
	}
	switch {
	case c.Override == "":
		w.say("%s替%s%s（值班表第 %d 条替班）", "%s replaces %s%s (entry %d of the file)", c.In, c.Out, reason, c.Entry)
	case c.Out == "":
		w.say("%s先接%s（调整 %s，%s批准）", "%s goes first%s (override %s, approved by %s)", c.In, reason, c.Override, c.By)
	default:
		w.say("%s替%s%s（调整 %s，%s批准）", "%s replaces %s%s (override %s, approved by %s)", c.In, c.Out, reason, c.Override, c.By)
	}
}

// until says when others come.
func (w *why) until(at time.Time) {
	if !at.IsZero() {
		w.say("到 %s 为止", "until %s", moment(at))
	}
}

func moment(at time.Time) string { return at.Format("2006-01-02 15:04") }

// names are the officers in ring order.
func (w *why) names(officers []Officer) string {
	names := make([]string, len(officers))
	for i, officer := range officers {
		names[i] = officer.Name
	}
	if w.zh {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"weibao/configs/rehearsal"
	"weibao/routing"
)

// mostTold are how many different changes are told.
const mostTold = 30

// f is the one of two texts that is in the language of the answer.
func (r *rehearser) f(zh, en string, args ...any) string {
	if r.q.lang == "en" {
		zh = en
	}
	return fmt.Sprintf(zh, args...)
}

func (r *rehearser) line(zh, en string, args ...any) { fmt.Fprintln(r.io.out, r.f(zh, en, args...)) }

// print says what came out, in words.
func (r *rehearser) print() {
	rep := r.report
	r.line("演练 %[1]s 到 %[2]s 的来电", "Rehearsal of the calls from %[1]s to %[2]s", minute(r.q.begin), minute(r.q.end))
	r.line("新配置 %[1]s，版本 %[2]s", "new configuration %[1]s, version %[2]s", r.folder, r.new.Version)
	for _, version := range r.olds.order {
		r.printOld(r.olds.found[version])
	}
	if rep.Calls == 0 {
		r.line("这段时间没有来电，演练不出什么", "no call came in this time, so that nothing is shown")
		return
	}
	r.line("\n%[1]d 通来电：不变 %[2]d，有变化但没有变差 %[3]d（其中变好 %[4]d），变差 %[5]d",
		"\n%[1]d calls: %[2]d the same, %[3]d changed and not worse (%[4]d of them better), %[5]d worse",
		rep.Calls, rep.Same, rep.Changed, rep.Better, rep.Worse)
	if rep.Worse > 0 {
		r.line("\n变差：", "\nWorse:")
		for _, o := range rep.Listed {
			r.printCall(o)
		}
		if more := rep.Worse - len(rep.Listed); more > 0 {
			r.line("  还有 %[1]d 通，用 --limit 0 列出全部", "  %[1]d more; --limit 0 lists all", more)
		}
	}
	if tallies := rep.Tallies(); len(tallies) > 0 {
		r.line("\n变化一览：", "\nAll changes:")
		for _, t := range tallies[:min(len(tallies), mostTold)] {
			r.line("  %[1]s %[2]d 通  %[3]s（如 %[4]s）", "  %[1]s %[2]d calls  %[3]s (such as %[4]s)", effectMark(t.Effect), t.Calls, t.Say, t.Example.ID)
		}
		if more := len(tallies) - mostTold; more > 0 {
			r.line("  还有 %[1]d 种，见 --json", "  %[1]d more, see --json", more)
		}
	}
	r.printCities(rep.Cities())
}

func (r *rehearser) printOld(o *oldRule) {
	switch o.source {
	case fromRecords:
		r.line("原配置 版本 %[1]s：记录里的原文，%[2]d 通", "old configuration %[1]s: the text in the records, %[2]d calls", o.version, o.calls)
	case fromNew:
		r.line("原配置 版本 %[1]s：就是新配置，%[2]d 通", "old configuration %[1]s: the new one itself, %[2]d calls", o.version, o.calls)
	case fromFolder:
		r.line("原配置 版本 %[1]s：%[3]s 里就是，%[2]d 通", "old configuration %[1]s: that of %[3]s, %[2]d calls", o.version, o.calls, r.q.old)
	case fromAnother:
		r.line("原配置 版本 %[1]s：记录里没有能读的原文，用 %[3]s（版本 %[4]s）代替，%[2]d 通", "old configuration %[1]s: the records have no text of it that can be read, %[3]s (version %[4]s) stands in, %[2]d calls",
			o.version, o.calls, r.q.old, r.olds.instead.Version())
	}
}

func (r *rehearser) printCall(o rehearsal.Outcome) {
	say := r.new.Guide.Plan.In(r.q.lang)
	fmt.Fprintf(r.io.out, "  %s  %s  %s  %s\n", o.Arrival.At.In(routing.Beijing()).Format("2006-01-02 15:04:05"), o.Arrival.ID, say.Region(o.Was.Region), o.Arrival.Caller.Masked())
	for _, d := range o.Differences {
		fmt.Fprintf(r.io.out, "    %s %s\n", effectMark(d.Effect), d.Say)
	}
	r.line("    当时：%[1]s", "    then: %[1]s", r.answered(o.Arrival.Answer))
	join := r.f("；", "; ")
	r.line("    原来：%[1]s", "    before: %[1]s", strings.Join(o.Was.Search, join))
	r.line("    现在：%[1]s", "    now: %[1]s", strings.Join(o.Would.Search, join))
}

// answered says who answered a call.
func (r *rehearser) answered(a rehearsal.Answer) string {
	say := r.new.Guide.Plan.In(r.q.lang)
	switch {
	case a.Number != "":
		return r.f("值班员 %[1]s，%[2]s后接起", "the duty officer %[1]s, after %[2]s", routing.Number(a.Number).Masked(), say.Duration(a.After.Round(time.Second)))
	case a.Agent != "":
		return r.f("坐席 %[1]s（%[2]s），%[3]s后接起", "seat %[1]s (%[2]s), after %[3]s", a.Agent, say.Queue(a.Queue), say.Duration(a.After.Round(time.Second)))
	}
	return r.f("没有人接起", "nobody answered")
}

func effectMark(e rehearsal.Effect) string {
	switch e {
	case rehearsal.Worse:
		return "✗"
	case rehearsal.Better:
		return "✓"
	case rehearsal.Neutral:
	}
	return "·"
}

// printCities is the table of the cities.
func (r *rehearser) printCities(cities []rehearsal.City) {
	say := r.new.Guide.Plan.In(r.q.lang)
	wait := func(was, would time.Duration) string {
		if was == would {
			return say.Duration(was)
		}
		return say.Duration(was) + " → " + say.Duration(would)
	}
	rows := [][]string{{
		r.f("市（州）", "city"), r.f("来电", "calls"), r.f("不变", "same"), r.f("变化", "changed"), r.f("变差", "worse"),
		r.f("最长等待：坐席都忙", "longest wait: seats busy"), r.f("没有坐席在岗", "no seat there"),
	}}
	for _, c := range cities {
		rows = append(rows, []string{
			say.Region(c.Region), fmt.Sprint(c.Calls), fmt.Sprint(c.Same), fmt.Sprint(c.Changed), fmt.Sprint(c.Worse),
			wait(c.BusyWas, c.BusyWould), wait(c.AbsentWas, c.AbsentWould),
		})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	fmt.Fprintln(r.io.out)
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell + strings.Repeat(" ", widths[i]-columns(cell)))
		}
		fmt.Fprintln(r.io.out, strings.TrimRight(line.String(), " "))
	}
}

// columns is how wide a text is on a terminal: a Chinese character takes two.
func columns(text string) int {
	wide := 0
	for _, c := range text {
		if c >= 0x2E80 {
			wide++
		}
	}
	return utf8.RuneCountInString(text) + wide
}

func minute(at time.Time) string { return at.In(routing.Beijing()).Format("2006-01-02 15:04") }

// The JSON of a rehearsal.
type (
	rehearsed struct {
		From time.Time      `json:"from"`
		To   time.Time      `json:"to"`
		New  string         `json:"new"`
		Old  []rehearsedOld `json:"old"`
		*rehearsal.Report
		Cities  []rehearsedCity  `json:"cities"`
		Changes []rehearsedTally `json:"changes"`
		Listed  []rehearsedCall  `json:"listed"`
	}
	rehearsedOld struct {
		Version string    `json:"version"`
		Source  oldSource `json:"source"`
		Calls   int       `json:"calls"`
	}
	rehearsedCity struct {
		rehearsal.City
		Name        string `json:"name"`
		BusyWas     int64  `json:"busy_was_ms"`
		BusyWould   int64  `json:"busy_would_ms"`
		AbsentWas   int64  `json:"absent_was_ms"`
		AbsentWould int64  `json:"absent_would_ms"`
	}
	rehearsedTally struct {
		rehearsal.Tally
		Example string `json:"example"`
	}
	rehearsedCall struct {
		ID          string                 `json:"id"`
		At          time.Time              `json:"at"`
		Region      string                 `json:"region"`
		Caller      string                 `json:"caller"`
		Differences []rehearsal.Difference `json:"differences"`
		Was         rehearsal.Outlook      `json:"was"`
		Would       rehearsal.Outlook      `json:"would"`
	}
)

func (r *rehearser) printJSON() error {
	say := r.new.Guide.Plan.In(r.q.lang)
	out := rehearsed{
		From: r.q.begin.In(routing.Beijing()), To: r.q.end.In(routing.Beijing()), New: r.new.Version, Report: r.report,
		Old: []rehearsedOld{}, Cities: []rehearsedCity{}, Changes: []rehearsedTally{}, Listed: []rehearsedCall{},
	}
	for _, version := range r.olds.order {
		o := r.olds.found[version]
		out.Old = append(out.Old, rehearsedOld{version, o.source, o.calls})
	}
	for _, c := range r.report.Cities() {
		out.Cities = append(out.Cities, rehearsedCity{
			City: c, Name: say.Region(c.Region), BusyWas: c.BusyWas.Milliseconds(), BusyWould: c.BusyWould.Milliseconds(),
			AbsentWas: c.AbsentWas.Milliseconds(), AbsentWould: c.AbsentWould.Milliseconds(),
		})
	}
	for _, t := range r.report.Tallies() {
		out.Changes = append(out.Changes, rehearsedTally{t, string(t.Example.ID)})
	}
	for _, o := range r.report.Listed {
		out.Listed = append(out.Listed, rehearsedCall{
			ID: string(o.Arrival.ID), At: o.Arrival.At.In(routing.Beijing()), Region: o.Was.Region, Caller: o.Arrival.Caller.Masked(),
			Differences: o.Differences, Was: o.Was, Would: o.Would,
		})
	}
	e := json.NewEncoder(r.io.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

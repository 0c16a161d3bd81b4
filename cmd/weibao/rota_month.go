package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/routing"
)

func newRotaMonth(io streams, at *where) *cobra.Command {
	month := ""
	cmd := &cobra.Command{
		Use: "month POST", Short: "一个月的值班表 a month as a table", Args: cobra.ExactArgs(1),
		Long: "一个月的值班表：一天一行，一个班次一列，跨夜的班写在开始的那一天。* 是替班或调整，说明在表的下面。",
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := openBook(io, at)
			if err != nil {
				return err
			}
			rota, err := b.post(args[0])
			if err != nil {
				return err
			}
			first := routing.DateOf(time.Now().In(rota.Zone()))
			if month != "" {
				chosen, err := time.Parse("2006-01", month)
				if err != nil {
					return wrong(fmt.Errorf("--month %q: 写成 2026-12 (want 2026-12)", month))
				}
				first = routing.DateOf(chosen)
			}
			first.Day = 1
			newMonth(rota, first).print(io)
			return nil
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "月份 e.g. 2026-12; empty: this month")
	return cmd
}

// monthTable is a month of a rota: a row a day, a column a shift.
type monthTable struct {
	rota     *routing.Rota
	from, to routing.Date // the first day, and the first of the next month
	columns  []column
	cells    map[cell]string
	notes    []note
}

// note is a change of people and the days on which it counts.
type note struct {
	shift, text string
	days        []routing.Date
}

// column is a shift of the month by its name, with its hours.
type column struct{ name, hours string }

type cell struct {
	date  routing.Date
	shift string
}

// Columns beside the shifts.
const (
	allDay = "24 小时" // of a post without shifts
	called = "调整"    // people whom an override brings where no shift is
	nobody = "没有人"
)

func newMonth(rota *routing.Rota, first routing.Date) *monthTable {
	next := first.AddDays(31)
	next.Day = 1
	m := &monthTable{rota: rota, from: first, to: next, cells: make(map[cell]string)}
	for _, s := range rota.Post().Shifts {
		m.column(s.Name, hours(s.From, s.To))
	}
	for span := range rota.Spans(rota.Instant(first, 0), rota.Instant(next.AddDays(1), 0)) {
		m.add(span)
	}
	m.columns = slices.DeleteFunc(m.columns, func(c column) bool {
		for date := m.from; date != m.to; date = date.AddDays(1) {
			if m.cells[cell{date, c.name}] != "" {
				return false
			}
		}
		return true
	})
	return m
}

func hours(from, to routing.Clock) string { return from.String() + "–" + to.String() }

// column is the column of that name, made when it is not there.
func (m *monthTable) column(name, hours string) column {
	i := slices.IndexFunc(m.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		m.columns = append(m.columns, column{name: name, hours: hours})
		i = len(m.columns) - 1
	}
	return m.columns[i]
}

// add puts a span into its day, or into all its days when no shift says which.
func (m *monthTable) add(span routing.Span) {
	d := span.Duty
	shift, first, last := d.Shift, d.Date, d.Date
	if d.Date == (routing.Date{}) {
		first, last = routing.DateOf(span.From), routing.DateOf(span.To.Add(-1))
		shift = called
		switch {
		case !span.On:
			shift = nobody
		case len(m.rota.Post().Shifts) == 0:
			shift = allDay
		}
	}
	c := m.column(shift, "")
	for date := first; date.Compare(last) <= 0; date = date.AddDays(1) {
		if date.Compare(m.from) < 0 || date.Compare(m.to) >= 0 {
			continue
		}
		begin, end := span.From, span.To
		if d.Date == (routing.Date{}) { // the part of that day
			begin, end = latest(begin, m.rota.Instant(date, 0)), earliest(end, m.rota.Instant(date.AddDays(1), 0))
		}
		m.put(cell{date, shift}, c, routing.Span{From: begin, To: end, Duty: d})
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// put writes one cell: who, and the hours where they are not the shift's.
func (m *monthTable) put(at cell, c column, span routing.Span) {
	names := make([]string, len(span.Duty.Officers))
	for i, officer := range span.Duty.Officers {
		names[i] = officer.Name
	}
	text := strings.Join(names, "、")
	for _, change := range span.Duty.Changes {
		m.note(at, standIn(change))
	}
	if len(span.Duty.Changes) > 0 {
		text += "*"
	}
	if is := hours(routing.ClockOf(span.From), routing.ClockOf(span.To)); is != c.hours && is != "00:00–00:00" {
		if routing.DateOf(span.From) != at.date {
			is = "次日 " + is
		}
		text = strings.TrimSpace(text + " " + is)
	} else if text == "" {
		text = "全天"
	}
	if before := m.cells[at]; before != "" {
		text = before + "；" + text
	}
	m.cells[at] = text
}

// note keeps what is said below the table.
func (m *monthTable) note(at cell, text string) {
	i := slices.IndexFunc(m.notes, func(n note) bool { return n.shift == at.shift && n.text == text })
	if i < 0 {
		m.notes = append(m.notes, note{shift: at.shift, text: text})
		i = len(m.notes) - 1
	}
	if !slices.Contains(m.notes[i].days, at.date) {
		m.notes[i].days = append(m.notes[i].days, at.date)
	}
}

// when are the days of a note: 12-01 至 12-04、12-09.
func (n note) when() string {
	var rows []string
	for i := 0; i < len(n.days); {
		last := i
		for last+1 < len(n.days) && n.days[last+1] == n.days[last].AddDays(1) {
			last++
		}
		row := n.days[i].String()[5:]
		if last > i {
			row += " 至 " + n.days[last].String()[5:]
		}
		rows, i = append(rows, row), last+1
	}
	return strings.Join(rows, "、")
}

// standIn is one change in words.
func standIn(c routing.StandIn) string {
	text := c.In + "替" + c.Out
	if c.Out == "" {
		text = c.In + "先接"
	}
	if c.Why != "" {
		text += "，" + c.Why
	}
	if c.Override != "" {
		text += "（调整 " + c.Override + "，" + c.By + "批准）"
	}
	return text
}

// print writes the table; Chinese characters take two cells.
func (m *monthTable) print(io streams) {
	rows := [][]string{{"日期", "星期", "日子"}}
	for _, c := range m.columns {
		rows[0] = append(rows[0], strings.TrimSpace(c.name+" "+c.hours))
	}
	provisional := false
	for date := m.from; date != m.to; date = date.AddDays(1) {
		day := m.rota.Day(date)
		provisional, day.Provisional = provisional || day.Provisional, false
		row := []string{date.String()[5:], string([]rune("日一二三四五六")[date.Weekday()]), day.Say("zh")}
		for _, c := range m.columns {
			row = append(row, cmp.Or(m.cells[cell{date, c.name}], "·"))
		}
		rows = append(rows, row)
	}
	fmt.Fprintf(io.out, "%s %d 年 %d 月（%s）\n", titled(m.rota.Post()), m.from.Year, m.from.Month, m.rota.Zone())
	for _, line := range aligned(rows) {
		fmt.Fprintln(io.out, line)
	}
	for _, n := range m.notes {
		fmt.Fprintf(io.out, "* %s %s：%s\n", n.when(), n.shift, n.text)
	}
	if provisional {
		fmt.Fprintln(io.out, "日子是暂定的：这一年的节假日还没有公布 (provisional: the holidays are not published yet)")
	}
}

// aligned puts columns under each other, two cells apart.
func aligned(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], configs.Cells(text))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		for i, text := range row {
			lines[n] += text + strings.Repeat(" ", widths[i]-configs.Cells(text)+2)
		}
		lines[n] = strings.TrimRight(lines[n], " ")
	}
	return lines
}

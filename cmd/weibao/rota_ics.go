package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"weibao/routing"
)

func newRotaICS(io streams, at *where) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use: "ics POST", Short: "导出日历 a post as an iCalendar file", Args: cobra.ExactArgs(1),
		Long: "把一个岗位的值班表导出为日历（iCalendar，RFC 5545），手机和 Outlook 都能导入。只有姓名和拨号顺序，没有号码。\n" +
			"同一个班次的编号（UID）每次导出都一样，再导入时更新而不重复。",
		Example: "  weibao rota ics 222400 --from 2026-12-01 --to 2027-01-01 > yanbian.ics",
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := openBook(io, at)
			if err != nil {
				return err
			}
			rota, err := b.post(args[0])
			if err != nil {
				return err
			}
			begin, end, err := between(from, to, rota)
			if err != nil {
				return err
			}
			if err := writeCalendar(io.out, rota, begin, end); err != nil {
				return notDone(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "第一天 e.g. 2026-12-01; empty: today")
	cmd.Flags().StringVar(&to, "to", "", "到哪天为止，不含 the day after the last; empty: 90 days")
	return cmd
}

// calendarDays is how much is exported when nothing else is said.
const calendarDays = 90

// between reads the days of a calendar.
func between(from, to string, rota *routing.Rota) (begin, end time.Time, err error) {
	if begin, err = wallTime(from, rota); err != nil {
		return begin, end, err
	}
	if from == "" {
		begin = rota.Instant(routing.DateOf(begin), 0)
	}
	end = rota.Instant(routing.DateOf(begin).AddDays(calendarDays), 0)
	if to != "" {
		if end, err = wallTime(to, rota); err != nil {
			return begin, end, err
		}
	}
	if !begin.Before(end) || end.Sub(begin) > 5*366*24*time.Hour {
		return begin, end, wrong(fmt.Errorf("--from %s --to %s: 要有先后，最多五年 (want some days, five years at most)", from, to))
	}
	return begin, end, nil
}

// writeCalendar writes the spans of a rota as events (RFC 5545). Times are in
// UTC, which every reader understands without a table of zones.
func writeCalendar(w io.Writer, rota *routing.Rota, from, to time.Time) error {
	post := rota.Post()
	c := &calendar{w: w, made: time.Now()}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//weibao//duty rota//ZH")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("X-WR-CALNAME", text(post.Name+"值班表"))
	c.line("X-WR-TIMEZONE", text(rota.Zone().String()))
	for span := range rota.Spans(from, to) {
		for _, part := range events(rota, span) {
			c.event(post, part)
		}
	}
	c.line("END", "VCALENDAR")
	return c.err
}

// events are the parts of a span that are an event each. A shift that reaches
// over an end of the calendar is written whole, and what has no end is a day at
// a time, so that an event is the same in every export.
func events(rota *routing.Rota, span routing.Span) []routing.Span {
	d := span.Duty
	if !d.Since.IsZero() && !d.Until.IsZero() {
		span.From, span.To = d.Since, d.Until
		return []routing.Span{span}
	}
	var days []routing.Span
	for day := routing.DateOf(span.From.In(rota.Zone())); rota.Instant(day, 0).Before(span.To); day = day.AddDays(1) {
		part := span
		part.From, part.To = latest(d.Since, rota.Instant(day, 0)), rota.Instant(day.AddDays(1), 0)
		if !d.Until.IsZero() {
			part.To = earliest(d.Until, part.To)
		}
		days = append(days, part)
	}
	return days
}

// calendar writes the lines of an iCalendar file.
type calendar struct {
	w    io.Writer
	made time.Time
	err  error
}

const utcTime = "20060102T150405Z"

// event writes one span.
func (c *calendar) event(post routing.Post, span routing.Span) {
	d := span.Duty
	title := "没有人值班"
	if span.On {
		names := make([]string, len(d.Officers))
		for i, officer := range d.Officers {
			names[i] = officer.Name
		}
		title = strings.TrimPrefix(d.Shift+"："+strings.Join(names, "、"), "：")
	}
	c.line("BEGIN", "VEVENT")
	c.line("UID", post.Code+"-"+span.From.UTC().Format(utcTime)+"@rota.weibao")
	c.line("DTSTAMP", c.made.UTC().Format(utcTime))
	c.line("DTSTART", span.From.UTC().Format(utcTime))
	c.line("DTEND", span.To.UTC().Format(utcTime))
	c.line("SUMMARY", text(title))
	c.line("LOCATION", text(titled(post)))
	c.line("DESCRIPTION", text(strings.Join(d.Why("zh"), "\n")))
	c.line("TRANSP", "TRANSPARENT")
	c.line("END", "VEVENT")
}

// text escapes what has a meaning in a value (RFC 5545 §3.3.11).
func text(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
}

// longest is how many bytes a line may have without its end (RFC 5545 §3.1).
const longest = 75

// line writes one property, folded before a line is too long and never within
// a character; every line that goes on begins with a space.
func (c *calendar) line(name, value string) {
	rest, room := name+":"+value, longest
	var folded strings.Builder
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		folded.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], longest-1
	}
	folded.WriteString(rest + "\r\n")
	if c.err == nil {
		_, c.err = io.WriteString(c.w, folded.String())
	}
}

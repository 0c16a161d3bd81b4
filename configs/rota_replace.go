package configs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weibao/routing"
)

// replacement checks one temporary replacement; the rota has none yet.
func (c postCheck) replacement(i int, shape replaceShape, rota *routing.Rota) routing.Replacement {
	p := c.place.with("replace").with(i)
	r := routing.Replacement{Out: routing.OfficerID(shape.Out), In: routing.OfficerID(shape.In), Why: shape.Why}
	known := c.officer(p.with("out"), shape.Out)
	known = c.officer(p.with("in"), shape.In) && known
	from, begins := c.instant(shape.From, rota)
	to, ends := c.instant(shape.To, rota)
	r.From, r.To = from, to
	switch {
	case !known || !begins || !ends:
	case r.Out == r.In:
		c.wrong(p.with("in"), Fault{What: say("%s 不能替自己", "%s can not replace themselves", shape.In)})
	case !from.Before(to):
		c.wrong(p.with("to"), Fault{What: say("结束 %s 不在开始 %s 之后", "the end %s is not after the beginning %s", shape.To, shape.From)})
	case to.Sub(from) > longestReplacement:
		c.wrong(p.with("to"), Fault{What: say("替班超过一年，请改 shifts", "a replacement of more than a year; change the shifts instead")})
	}
	return r
}

// instant is a wall time of the post; false when the text is none.
func (c postCheck) instant(text wallTime, rota *routing.Rota) (time.Time, bool) {
	date, clock, ok := text.parts()
	if !ok {
		return time.Time{}, false
	}
	return rota.Instant(date, clock), true
}

// overlaps finds replacements of the same officer at the same time, and those
// of somebody who is not on duty then.
func (c postCheck) overlaps(all []routing.Replacement) {
	for i, r := range all {
		for j, earlier := range all[:i] {
			if p := c.place.with("replace").with(i); earlier.Out == r.Out && r.From.Before(earlier.To) && earlier.From.Before(r.To) && !c.faulty(p) {
				c.wrong(p, Fault{What: say("%s 这段时间已经有人替，见第 %d 行", "%s is replaced in that time already, in line %d", r.Out, c.at(c.place.with("replace").with(j)).Line)})
			}
		}
	}
}

// mostIdle is how many replacements of nobody are told of one post: each costs
// a walk over all its days.
const mostIdle = 5

// idle finds shifts that never come and replacements that replace nobody.
func (c postCheck) idle(rota *routing.Rota) {
	post := rota.Post()
	year := c.book.at.Year()
	seen := routing.DateRange{From: routing.Date{Year: year, Month: time.January, Day: 1}, To: routing.Date{Year: year + 1, Month: time.December, Day: 31}}
	for _, u := range rota.Unreached(seen.From, seen.To) {
		if !c.told(post.Shifts[u.Shift], seen) {
			continue
		}
		p := c.place.with("shifts").with(u.Shift)
		if len(u.By) == 0 {
			c.wrong(p, Fault{What: say("班次“%s”一天也轮不到：没有同时合乎 days、dates、holidays 的日子", "the shift %q never comes: no day is in days, dates and holidays together", post.Shifts[u.Shift].Name)})
			continue
		}
		zh, en := c.named(post, u.By)
		c.wrong(p, Fault{
			What: say("班次“%[1]s”轮不到：时间都被上面的%[2]s占了", "the shift %[1]q is never reached: all its time is taken by %[3]s", post.Shifts[u.Shift].Name, zh, en),
			Want: say("特殊的班次写在上面，平常的写在下面", "special shifts above the ordinary ones"),
		})
	}
	found := 0
	for i, r := range post.Replacements {
		if found < mostIdle && !counts(rota, i, r) {
			found++
			c.wrong(c.place.with("replace").with(i).with("out"), Fault{What: say("%s 在这段时间本来就不值班", "%s is not on duty in that time", r.Out)})
		}
	}
}

// told reports whether these days can tell that a shift never comes. Last
// year's 春节值班 is no mistake, and of a year without its holidays nobody can
// say; else a file that was good would be refused one day without a change.
func (c postCheck) told(s routing.Shift, seen routing.DateRange) bool {
	if len(s.Dates) > 0 && !slices.ContainsFunc(s.Dates, func(d routing.DateRange) bool {
		return d.To.Compare(seen.From) >= 0 && d.From.Compare(seen.To) <= 0
	}) {
		return false
	}
	byHolidays := len(s.Holidays) > 0 || slices.ContainsFunc(s.Kinds, func(k routing.DayKind) bool {
		return k == routing.Holiday || k == routing.SwappedWorkday
	})
	return !byHolidays || c.book.calendar.Knows(seen.From.Year) && c.book.calendar.Knows(seen.To.Year)
}

// named are shifts with the lines in which they stand.
func (c postCheck) named(post routing.Post, shifts []int) (zh, en string) {
	var chinese, english []string
	for _, i := range shifts {
		name, line := post.Shifts[i].Name, c.at(c.place.with("shifts").with(i)).Line
		chinese = append(chinese, fmt.Sprintf("“%s”（第 %d 行）", name, line))
		english = append(english, fmt.Sprintf("%q (line %d)", name, line))
	}
	return strings.Join(chinese, "和"), strings.Join(english, " and ")
}

// counts reports whether a replacement ever replaces anybody.
func counts(rota *routing.Rota, entry int, r routing.Replacement) bool {
	for span := range rota.Spans(r.From, r.To) {
		for _, change := range span.Duty.Changes {
			if change.Override == "" && change.Entry == entry+1 {
				return true
			}
		}
	}
	return false
}

package configs

import (
	"slices"
	"time"

	"weibao/routing"
)

// horizonDays is how far ahead a rota must have somebody on duty at every
// minute.
const horizonDays = 30

// holidays are the names of all holidays of the calendar.
func (b *rotaBook) holidays() []string { return b.named }

// horizon finds the minutes without anybody in the days to come, and years of
// which the calendar knows nothing.
func (c postCheck) horizon(rota *routing.Rota) {
	from := c.book.at.In(rota.Zone()).Truncate(time.Minute)
	to := rota.Instant(routing.DateOf(from).AddDays(horizonDays), routing.ClockOf(from))
	c.years(rota, from, to)
	for _, g := range alike(rota.Gaps(from, to)) {
		c.gap(rota.Post(), g)
	}
}

// years finds years that a rota by the calendar needs and the calendar has not;
// the first post that needs one tells.
func (c postCheck) years(rota *routing.Rota, from, to time.Time) {
	if !rota.NeedsCalendar() {
		return
	}
	for year := from.Year(); year <= to.Year(); year++ {
		if !c.book.calendar.Knows(year) && !c.book.missed[year] {
			c.book.missed[year] = true
			c.wrongKey(c.place.with("shifts"), Fault{
				What: say("班次要看节假日，缺 %[2]d 年的（%[1]s 起的 %[3]d 天要用）", "the shifts go by the holidays, and those of %[2]d are not there (needed for %[3]d days from %[1]s)", routing.DateOf(from), year, horizonDays),
				Want: Words{ZH: yearName(year)}, Kind: FaultCalendar,
			})
		}
	}
}

// gaps are gaps between the same shifts at the same hours of different days.
type gaps struct {
	first   routing.Gap
	times   int
	minutes int
}

// alike puts gaps that have one cause together.
func alike(all []routing.Gap) []gaps {
	var sorts []gaps
	for _, g := range all {
		i := slices.IndexFunc(sorts, func(s gaps) bool {
			return s.first.Before.Shift == g.Before.Shift && s.first.After.Shift == g.After.Shift &&
				routing.ClockOf(s.first.From) == routing.ClockOf(g.From) && s.first.Minutes() == g.Minutes()
		})
		if i < 0 {
			sorts = append(sorts, gaps{first: g})
			i = len(sorts) - 1
		}
		sorts[i].times++
		sorts[i].minutes += g.Minutes()
	}
	return sorts
}

// gap says where nobody is on duty, and which shifts stand beside it.
func (c postCheck) gap(post routing.Post, g gaps) {
	const layout = "2006-01-02 15:04"
	from, to := g.first.From.Format(layout), g.first.To.Format(layout)
	what := say("%[1]s（%[2]s）%[3]s 至 %[4]s 没有人值班，%[5]d 分钟", "nobody is on duty at %[1]s (%[2]s) from %[3]s to %[4]s, %[5]d min",
		post.Name, post.Code, from, to, g.first.Minutes())
	if g.times > 1 {
		more := say("；%d 天里这样的有 %d 段，共 %d 分钟", "; in %d days there are %d such gaps, %d min", horizonDays, g.times, g.minutes)
		what.ZH += more.ZH
		what.EN += more.EN
	}
	before, after := g.first.Before, g.first.After
	want := say("前面没有班次", "no shift is before it")
	if before.Shift >= 0 {
		want = say("前一班“%s”到 %s 为止", "the shift before, %q, ends %s", before.Name, before.At.Format(layout))
	}
	next := say("后面没有班次", "none comes after it")
	if after.Shift >= 0 {
		next = say("后一班“%s”从 %s 开始", "the one after, %q, begins %s", after.Name, after.At.Format(layout))
	}
	mend := say("补上班次", "add a shift")
	if before.Shift >= 0 && after.Shift >= 0 {
		mend = say("把它们接上", "make them meet")
	}
	want.ZH += "，" + next.ZH + "，" + mend.ZH
	want.EN += ", " + next.EN + "; " + mend.EN
	p := c.place.with("shifts")
	for _, beside := range []routing.Beside{before, after} {
		if beside.Shift >= 0 {
			p = p.with(beside.Shift)
			break
		}
	}
	c.wrong(p, Fault{What: what, Want: want, Kind: FaultGap})
}

package configs

import (
	"maps"
	"slices"

	"weibao/routing"
)

// whenShape is a span of time by the clock and the calendar, as in a shift.
type whenShape struct {
	// From is when it begins, on the wall. Default: with to, midnight.
	From clock `yaml:"from" zh:"开始的时刻；from 和 to 都不写就是全天"`
	// To is when it ends; at or before from it is on the next day.
	To clock `yaml:"to" zh:"结束的时刻；不晚于 from 就是第二天，和 from 相同就是 24 小时"`
	// Days are weekdays and kinds of days on which it begins. Default: all.
	Days dayWords `yaml:"days" zh:"在哪些日子开始：星期几或日子的种类；不写就是每天"`
	// Dates are the days on which it begins. Default: all.
	Dates dateRanges `yaml:"dates" zh:"只在这些日期开始，如 2027-02-05..2027-02-12；不写就是任何日期"`
	// Holidays are names of holidays on which it begins. Default: all days.
	Holidays some `yaml:"holidays" zh:"只在这些节假日开始，用 holidays/ 里的名称，如 春节；不写就是任何日子"`
}

// when checks a span at that place and makes the part of a shift that says
// when.
func (b *rotaBook) when(src *source, p place, w whenShape) routing.Shift {
	s := routing.Shift{From: w.From.minutes(), To: w.To.minutes(), Holidays: w.Holidays}
	switch {
	case (w.From == "") != (w.To == ""):
		src.wrong(p, Fault{What: say("from 和 to 要么都写，要么都不写", "from and to stand together or not at all"), Want: say("不写就是全天", "without them it is the whole day")})
	case w.From == "24:00":
		src.wrong(p.with("from"), Fault{What: say("24:00 是一天的结束，开始要写 00:00", "24:00 is the end of a day; a beginning is 00:00"), Near: `"00:00"`})
	}
	if !src.few(p.with("days"), len(w.Days), mostOfList) || !src.few(p.with("dates"), len(w.Dates), mostOfList) || !src.few(p.with("holidays"), len(w.Holidays), mostOfList) {
		return s
	}
	s.Weekdays, s.Kinds = w.Days.split()
	for i, text := range w.Dates {
		days, ok := text.days()
		if ok && days.To.Compare(days.From) < 0 {
			src.wrong(src.item(p.with("dates"), i), Fault{What: say("最后一天 %s 在第一天 %s 之前", "the last day %s is before the first %s", days.To, days.From)})
		}
		s.Dates = append(s.Dates, days)
	}
	for i, holiday := range w.Holidays {
		if known := b.holidays(); !slices.Contains(known, holiday) && len(known) > 0 {
			src.wrong(src.item(p.with("holidays"), i), Fault{What: say("节假日里没有 %s", "there is no holiday %s", quote(holiday)), Want: one(known), Near: nearest(holiday, known)})
		}
	}
	return s
}

// checkHours checks the named times of the plan.
func (b *planBook) checkHours() {
	for _, named := range slices.Sorted(maps.Keys(b.file.Hours)) {
		p := place{"hours", named}
		if len(b.file.Hours[named]) == 0 && !b.src.faulty(p) {
			b.src.wrong(p, Fault{What: say("时段 %s 是空的", "the hours %s have no time", named)})
		}
		for i, span := range b.file.Hours[named] {
			if !b.src.faulty(p.with(i)) {
				b.rotas.when(b.src, p.with(i), span)
			}
		}
	}
}

// hours are the named times as the plan has them.
func (b *planBook) hours() map[string]routing.Hours {
	hours := make(map[string]routing.Hours, len(b.file.Hours))
	for named, spans := range b.file.Hours {
		var shifts []routing.Shift
		for _, span := range spans {
			shifts = append(shifts, b.rotas.when(b.src, nil, span))
		}
		hours[named] = routing.NewHours(shifts, b.rotas.calendar, b.regions.table)
	}
	return hours
}

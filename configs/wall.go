package configs

import (
	"slices"
	"strings"
	"time"

	"weibao/routing"
)

// clock is a time of day on the wall: "08:00"; 24:00 is the end of the day.
type clock string

func (c clock) check() (Words, bool) {
	_, ok := routing.ParseClock(string(c))
	return Words{"带引号的时刻，24 小时制，如 \"08:00\"", "a time of day in quotes, 24 hours, such as \"08:00\""}, ok
}

// clockPattern matches times of day.
const clockPattern = `(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)`

func (clock) form() form { return form{pattern: "^" + clockPattern + "$", examples: []string{"08:00"}} }

// minutes is the time as routing has it; the text was checked before.
func (c clock) minutes() routing.Clock {
	minutes, _ := routing.ParseClock(string(c))
	return minutes
}

// dateRange is a row of days: 2027-02-05..2027-02-12, or one day.
type dateRange string

func (d dateRange) check() (Words, bool) {
	_, ok := d.days()
	return Words{"日期或起止日期，如 2027-02-05..2027-02-12", "a date or two, such as 2027-02-05..2027-02-12"}, ok
}

func (dateRange) form() form {
	const day = `\s*` + datePattern + `\s*`
	return form{pattern: "^" + day + `(?:\.\.` + day + ")?$", examples: []string{"2027-02-05..2027-02-12"}}
}

// days are the first and the last day.
func (d dateRange) days() (routing.DateRange, bool) {
	first, last, two := strings.Cut(string(d), "..")
	if !two {
		last = first
	}
	from, ok := routing.ParseDate(strings.TrimSpace(first))
	to, good := routing.ParseDate(strings.TrimSpace(last))
	return routing.DateRange{From: from, To: to}, ok && good
}

// dateRanges are days that may be written as one row.
type dateRanges []dateRange

func (dateRanges) mayBeSingle() {}

// dayWord names days: a day of the week, or a kind of day of the calendar.
type dayWord string

func (dayWord) choices() []string {
	return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday", "weekend", "holiday", "swapped"}
}

func (d dayWord) check() (Words, bool) {
	return Words{
		"mon 到 sun（星期几，不管放不放假）、workday（上班的日子，含调休）、weekend（周末）、holiday（放假）或 swapped（调休上班）",
		"mon to sun, workday (swapped ones too), weekend, holiday or swapped",
	}, slices.Contains(d.choices(), string(d))
}

// dayWords are days that may be written as one word.
type dayWords []dayWord

func (dayWords) mayBeSingle() {}

// split tells the days of the week from the kinds.
func (d dayWords) split() (weekdays []time.Weekday, kinds []routing.DayKind) {
	words := dayWord("").choices()
	for _, word := range d {
		switch i := slices.Index(words, string(word)); {
		case i < 0: // a fault already
		case i < 7:
			weekdays = append(weekdays, time.Weekday((i+1)%7))
		default:
			kinds = append(kinds, [...]routing.DayKind{routing.Workday, routing.Weekend, routing.Holiday, routing.SwappedWorkday}[i-7])
		}
	}
	return weekdays, kinds
}

// wallTime is a time on the clocks of a place: "2026-12-01 08:00".
type wallTime string

func (w wallTime) check() (Words, bool) {
	_, _, ok := w.parts()
	return Words{"带引号的日期和时刻，如 \"2026-12-01 08:00\"", "date and time in quotes, such as \"2026-12-01 08:00\""}, ok
}

func (wallTime) form() form {
	return form{pattern: "^" + datePattern + " " + clockPattern + "$", examples: []string{"2026-12-01 08:00"}}
}

// parts are the day and the time of day.
func (w wallTime) parts() (routing.Date, routing.Clock, bool) {
	day, hour, two := strings.Cut(string(w), " ")
	date, ok := routing.ParseDate(day)
	clock, good := routing.ParseClock(hour)
	return date, clock, two && ok && good
}

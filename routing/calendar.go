package routing

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

// Date is a day as people write it: year, month and day without a zone and
// without hours. A day is not always 24 hours long, so the next one is found
// by AddDays and never by adding a duration.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of that instant in the instant's own zone.
func DateOf(at time.Time) Date {
	year, month, day := at.Date()
	return Date{Year: year, Month: month, Day: day}
}

// ParseDate reads a day written as 2026-02-15, and nothing else.
func ParseDate(text string) (Date, bool) {
	at, err := time.Parse(time.DateOnly, text)
	return DateOf(at), err == nil
}

// AddDays is the day n days later, earlier when n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n)) }

// Weekday is its day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare is -1, 0 or +1: before, the same day as, or after the other.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// String is the written form: 2026-02-15.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// weekend reports Saturday and Sunday, whatever the calendar says of them.
func (d Date) weekend() bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// utc is a moment of that day for the arithmetic of dates; UTC has no days of
// 23 or 25 hours.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// DayKind is what a day is to those who work by the week.
type DayKind int

// The kinds of days. The zero value is none of them.
const (
	// Workday is Monday to Friday.
	Workday DayKind = iota + 1
	// Weekend is Saturday and Sunday.
	Weekend
	// Holiday is a day off by law or by the yearly notice (放假), also when it
	// falls on a weekend.
	Holiday
	// SwappedWorkday is a Saturday or Sunday on which people work so that a
	// holiday is longer (调休上班).
	SwappedWorkday
)

// String is the kind's name as explain prints it.
func (k DayKind) String() string {
	switch k {
	case Workday:
		return "workday"
	case Weekend:
		return "weekend"
	case Holiday:
		return "holiday"
	case SwappedWorkday:
		return "swapped workday"
	}
	return fmt.Sprintf("DayKind(%d)", int(k))
}

// Day is what the calendar says of one date.
type Day struct {
	Kind DayKind
	// Name of the holiday, also of the one that a swapped workday belongs to;
	// empty on other days.
	Name string
	// Provisional is set while the notice that settles this day has not been
	// published: the kind may still change.
	Provisional bool
}

// Works reports whether people work on that day.
func (d Day) Works() bool { return d.Kind == Workday || d.Kind == SwappedWorkday }

// names are the holidays of a day: two that fall together are one row of the
// notice, 国庆节、中秋节.
func (d Day) names() iter.Seq[string] { return strings.SplitSeq(d.Name, "、") }

// named reports whether it is one of these holidays.
func (d Day) named(holidays []string) bool {
	for name := range d.names() {
		if slices.Contains(holidays, name) {
			return true
		}
	}
	return false
}

// Year is what one year's notice says (国务院办公厅关于…年部分节假日安排的通知).
type Year struct {
	Number int
	// Days are the holidays and swapped workdays of the whole country.
	Days map[Date]Day
	// Regions are days that differ in a region, by its code; they go before
	// Days. A region has here what it inherits from the units above it.
	Regions map[string]map[Date]Day
	// Provisional is set while the notice has not been published, so that any
	// other day may still become a holiday or a swapped workday.
	Provisional bool
}

// Calendar knows workdays, weekends and holidays of some years. It is not
// changed once made. The zero value knows no year.
type Calendar struct{ years map[int]Year }

// NewCalendar makes a calendar of these years. It keeps their maps. Of a year
// that is there twice the last one wins; the reader of the configuration can
// not read the same file twice.
func NewCalendar(years ...Year) Calendar {
	c := Calendar{years: make(map[int]Year, len(years))}
	for _, year := range years {
		c.years[year.Number] = year
	}
	return c
}

// On says what a day is in a region; an empty region is the country. The
// second result is false for a year that the calendar does not know, and then
// nobody may take the day for a workday.
func (c Calendar) On(date Date, region string) (Day, bool) {
	year, known := c.years[date.Year]
	if !known {
		return Day{}, false
	}
	if day, own := year.Regions[region][date]; own {
		return day, true
	}
	if day, listed := year.Days[date]; listed {
		return day, true
	}
	day := Day{Kind: Workday, Provisional: year.Provisional}
	if date.weekend() {
		day.Kind = Weekend
	}
	return day, true
}

// Knows reports whether the calendar has that year.
func (c Calendar) Knows(year int) bool {
	_, known := c.years[year]
	return known
}

// Names are the names of all its holidays, in order.
func (c Calendar) Names() []string {
	names := make(map[string]bool)
	collect := func(days map[Date]Day) {
		for _, day := range days {
			if day.Kind != Holiday {
				continue
			}
			for name := range day.names() {
				names[name] = true
			}
		}
	}
	for _, year := range c.years {
		collect(year.Days)
		for _, days := range year.Regions {
			collect(days)
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Workdays is the nth workday after a day, which does not count itself: a
// term of three workdays that begins on a Friday ends on Wednesday. With n of
// 0 or less it is the day itself. The second result is false when the count
// leaves the years that the calendar knows.
func (c Calendar) Workdays(from Date, n int, region string) (Date, bool) {
	date := from
	if _, known := c.On(date, region); !known {
		return Date{}, false
	}
	for n > 0 {
		date = date.AddDays(1)
		day, known := c.On(date, region)
		if !known {
			return Date{}, false
		}
		if day.Works() {
			n--
		}
	}
	return date, true
}

// Published is the last day that is settled, with every day of its year and of
// the years between; false when no year is published.
func (c Calendar) Published() (Date, bool) {
	first, last := 0, 0
	for number, year := range c.years {
		if !year.Provisional && (first == 0 || number < first) {
			first = number
		}
	}
	for number := first; ; number++ {
		if year, known := c.years[number]; !known || year.Provisional {
			break
		}
		last = number
	}
	return Date{Year: last, Month: time.December, Day: 31}, last > 0
}

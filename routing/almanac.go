package routing

import "time"

// almanac is what one region's calendar says of each day, by the number of the
// day: a rota asks it several times for every call.
type almanac struct {
	// listed are the holidays and swapped workdays.
	listed map[int]Day
	years  []yearDays
}

// yearDays are the first day of a year and the one after its last.
type yearDays struct {
	first, next int
	provisional bool
}

func newAlmanac(c Calendar, region string) almanac {
	a := almanac{listed: make(map[int]Day)}
	for number, year := range c.years {
		first, next := Date{number, time.January, 1}.number(), Date{number + 1, time.January, 1}.number()
		a.years = append(a.years, yearDays{first: first, next: next, provisional: year.Provisional})
		for _, days := range [...]map[Date]Day{year.Days, year.Regions[region]} { // the region's own go before
			for date, day := range days {
				a.listed[date.number()] = day
			}
		}
	}
	return a
}

// on is what Calendar.On says of a day. A year that the calendar does not know
// goes by the week, provisionally: somebody must be rung in that year too.
func (a almanac) on(number int, weekday time.Weekday) Day {
	if day, listed := a.listed[number]; listed {
		return day
	}
	day := Day{Kind: Workday, Provisional: true}
	if weekday == time.Saturday || weekday == time.Sunday {
		day.Kind = Weekend
	}
	for _, year := range a.years {
		if year.first <= number && number < year.next {
			day.Provisional = year.provisional
		}
	}
	return day
}

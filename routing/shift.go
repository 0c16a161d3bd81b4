package routing

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Clock is a time of day on the wall, in minutes after midnight.
type Clock int

// midnight is 24:00, the end of a day.
const midnight Clock = 24 * 60

// ParseClock reads a time of day written as 08:00; 24:00 is the end of a day.
func ParseClock(text string) (Clock, bool) {
	if len(text) != 5 || text[2] != ':' || !Digits(text[:2]) || !Digits(text[3:]) {
		return 0, false
	}
	hour, _ := strconv.Atoi(text[:2]) // two digits
	minute, _ := strconv.Atoi(text[3:])
	c := Clock(hour*60 + minute)
	return c, minute < 60 && c <= midnight
}

// ClockOf is the time of day of that instant in the instant's own zone.
func ClockOf(at time.Time) Clock { return Clock(at.Hour()*60 + at.Minute()) }

// String is the written form: 08:00.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// DateRange is a row of days, both ends belong to it.
type DateRange struct{ From, To Date }

// String is the written form: 2027-02-05..2027-02-12, or the day alone.
func (r DateRange) String() string {
	if r.From == r.To {
		return r.From.String()
	}
	return r.From.String() + ".." + r.To.String()
}

// Shift is a part of the day with people on duty (班次). It comes on the days
// that all of Weekdays or Kinds, Dates and Holidays allow; what is empty
// allows every day.
type Shift struct {
	Name string
	// From and To are times on the wall. The shift belongs to the day on which
	// it begins; To at or before From is on the next day, so From = To is the
	// whole day and night.
	From, To Clock
	// Weekdays and Kinds are one list: a day with one of them is enough.
	// A weekday is one whatever the calendar makes of it; the kind Workday is
	// every day on which people work, swapped workdays too.
	Weekdays []time.Weekday
	Kinds    []DayKind
	Dates    []DateRange
	// Holidays are names of the calendar.
	Holidays []string
	// Team is who is on duty, in the order in which they are rung.
	Team []OfficerID
	// Turns change the team every so many days; Team is not used then.
	Turns Turns
}

// shift is a Shift made ready.
type shift struct {
	from, to Clock // to may be after midnight
	weekdays uint8 // a bit each; 0 with no kinds is every day
	kinds    uint8
	dates    [][2]int // numbers of days
	holidays []string
	start    int // of the turns
	every    int
	teams    []team
}

// team is people in ring order.
type team struct {
	officers []Officer
	numbers  []string
}

// readyShift makes a shift ready. It is false when somebody of it can not be
// rung: the reader refuses such a file, and whoever builds a rota otherwise is
// better served by the shifts below it than by nobody.
func readyShift(s Shift, officers map[OfficerID]Officer) (shift, bool) {
	ready := shift{from: s.From % midnight, to: s.To % midnight, holidays: s.Holidays, every: 1}
	if ready.to <= ready.from {
		ready.to += midnight
	}
	for _, weekday := range s.Weekdays {
		ready.weekdays |= 1 << weekday
	}
	for _, kind := range s.Kinds {
		ready.kinds |= 1 << kind
		if kind == Workday {
			ready.kinds |= 1 << SwappedWorkday
		}
	}
	for _, dates := range s.Dates {
		ready.dates = append(ready.dates, [2]int{dates.From.number(), dates.To.number()})
	}
	names := [][]OfficerID{s.Team}
	if len(s.Turns.Teams) > 0 {
		names, ready.start, ready.every = s.Turns.Teams, s.Turns.From.number(), max(s.Turns.Every, 1)
	}
	for _, ids := range names {
		t := newTeam(ids, officers)
		if len(t.numbers) == 0 {
			return shift{}, false
		}
		ready.teams = append(ready.teams, t)
	}
	return ready, true
}

func newTeam(ids []OfficerID, officers map[OfficerID]Officer) team {
	people := make([]Officer, 0, len(ids))
	for _, id := range ids {
		if officer, known := officers[id]; known {
			people = append(people, officer)
		}
	}
	return teamOf(people)
}

// teamOf takes everybody once, and every number once: a duty mobile that is
// handed on can be in two people's lists.
func teamOf(people []Officer) team {
	t := team{officers: make([]Officer, 0, len(people)), numbers: make([]string, 0, 2*len(people))}
	for _, officer := range people {
		if len(officer.Numbers) == 0 || slices.ContainsFunc(t.officers, officer.is) {
			continue
		}
		t.officers = append(t.officers, officer)
		for _, number := range officer.Numbers {
			if !slices.Contains(t.numbers, number) {
				t.numbers = append(t.numbers, number)
			}
		}
	}
	t.officers, t.numbers = slices.Clip(t.officers), slices.Clip(t.numbers)
	return t
}

// is reports the same person: by id, and by name where there is no id.
func (o Officer) is(other Officer) bool {
	return o.ID == other.ID && (o.ID != "" || o.Name == other.Name)
}

// on is the team of the shift that begins on that day, and its place.
func (s *shift) on(day int) (*team, int) {
	i := turn(day-s.start, s.every, len(s.teams))
	return &s.teams[i], i
}

// begins reports whether the shift comes on that day.
func (s *shift) begins(d *dayOf) bool {
	if s.weekdays|s.kinds != 0 && s.weekdays&(1<<d.weekday) == 0 {
		if s.kinds == 0 || s.kinds&(1<<d.is().Kind) == 0 {
			return false
		}
	}
	if len(s.dates) > 0 && !slices.ContainsFunc(s.dates, func(r [2]int) bool { return r[0] <= d.number && d.number <= r[1] }) {
		return false
	}
	return len(s.holidays) == 0 || d.is().Kind == Holiday && d.is().named(s.holidays)
}

// dayOf is a day as the shifts of a post see it. The calendar is asked only
// when a shift wants to know.
type dayOf struct {
	rota    *Rota
	number  int
	weekday time.Weekday
	day     Day
	asked   bool
}

func (r *Rota) dayOf(number int) dayOf {
	return dayOf{rota: r, number: number, weekday: weekdayOf(number)}
}

// is what the calendar says.
func (d *dayOf) is() Day {
	if d.asked {
		return d.day
	}
	d.asked, d.day = true, d.rota.days.on(d.number, d.weekday)
	return d.day
}

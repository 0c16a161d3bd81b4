package routing

import (
	"math"
	"slices"
	"time"
)

// zone knows which instants the clocks on the walls of a place show. A rota is
// written in wall time and lived in instants, and where clocks are put forward
// or back a day has 23 or 25 hours: so nothing here adds 24 hours to get
// tomorrow.
type zone struct {
	loc *time.Location
	// stretches are the times between two changes of the clocks, without a gap
	// from the first to the last.
	stretches []stretch
}

// stretch is a time in which the clocks run on evenly: from is its first
// second, to the first one after it, offset is what the wall is ahead of UTC.
type stretch struct{ from, to, offset int64 }

// The years whose changes are looked up once; any other is looked up each time.
const (
	firstZoneYear = 1990
	lastZoneYear  = 2100
)

// secondsOfDay are those of a day on which nobody touches the clocks.
const secondsOfDay = 24 * 60 * 60

// slack is more than any place is ahead of or behind UTC, and more than any
// change of the clocks.
const slack = 26 * 60 * 60

// Beijing is the zone of all China, +08:00 since 1991 without summer time.
func Beijing() *time.Location {
	if loc, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return loc
	}
	return time.FixedZone("Asia/Shanghai", 8*60*60) // a host without a zone database
}

func newZone(loc *time.Location) *zone {
	z := &zone{loc: loc}
	last := time.Date(lastZoneYear, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	for sec := time.Date(firstZoneYear, time.January, 1, 0, 0, 0, 0, time.UTC).Unix(); sec < last; {
		s := z.look(sec)
		if n := len(z.stretches); n > 0 && z.stretches[n-1].offset == s.offset {
			z.stretches[n-1].to = s.to // the turn of a year, where ZoneBounds may end
		} else {
			z.stretches = append(z.stretches, s)
		}
		sec = s.to
	}
	return z
}

// look asks the zone database.
func (z *zone) look(sec int64) stretch {
	at := time.Unix(sec, 0).In(z.loc)
	_, offset := at.Zone()
	s := stretch{from: math.MinInt64 / 2, to: math.MaxInt64 / 2, offset: int64(offset)}
	from, to := at.ZoneBounds()
	if !from.IsZero() {
		s.from = from.Unix()
	}
	if !to.IsZero() {
		s.to = to.Unix()
	}
	if s.to <= sec { // ZoneBounds takes every year of the future for one of 365 days
		s.to = (int64(floorDay(sec)) + 1) * secondsOfDay
	}
	return s
}

// at is the stretch of an instant.
func (z *zone) at(sec int64) stretch {
	n := len(z.stretches)
	if n == 0 || sec < z.stretches[0].from || sec >= z.stretches[n-1].to {
		return z.look(sec)
	}
	if n == 1 {
		return z.stretches[0]
	}
	i, _ := slices.BinarySearchFunc(z.stretches, sec, func(s stretch, sec int64) int {
		if s.to <= sec {
			return -1
		}
		return 1
	})
	return z.stretches[i]
}

// first is the first instant at which the wall shows that time or a later one;
// wall is counted in seconds as if the wall were UTC. So a time that comes
// twice (autumn) is its first coming, one that never comes (spring) is the
// instant of the jump, and a later wall time is never an earlier instant: what
// meets on the wall meets in time.
func (z *zone) first(wall int64) int64 {
	for s := z.at(wall - slack); ; s = z.at(s.to) {
		if t := max(s.from, wall-s.offset); t < s.to {
			return t
		}
	}
}

// wall turns wall times into instants around one instant.
type wall struct {
	zone *zone
	stretch
}

// instant is the first one of that time of that day, as zone.first has it,
// without a search where the clocks run evenly.
func (w wall) instant(day int, clock Clock) int64 {
	shown := int64(day)*secondsOfDay + int64(clock)*60
	if t := shown - w.offset; t >= w.from+slack && t < w.to {
		return t
	}
	return w.zone.first(shown)
}

// floorDay is the number of the day of a second on the wall.
func floorDay(sec int64) int {
	day := sec / secondsOfDay
	if sec%secondsOfDay < 0 {
		day--
	}
	return int(day)
}

// number counts the days since 1970-01-01.
func (d Date) number() int { return int(d.utc().Unix() / secondsOfDay) }

// dateOf is the day with that number.
func dateOf(number int) Date { return DateOf(time.Unix(int64(number)*secondsOfDay, 0).UTC()) }

// weekdayOf is the weekday of the day with that number: 0 was a Thursday.
func weekdayOf(number int) time.Weekday { return time.Weekday(floorMod(number+4, 7)) }

// floorDiv rounds down, also below 0.
func floorDiv(a, b int) int { return (a - floorMod(a, b)) / b }

// floorMod is never negative for a positive b.
func floorMod(a, b int) int { return (a%b + b) % b }

package routing

import (
	"iter"
	"slices"
	"time"
)

// Span is a time in which the answer of a rota does not change.
type Span struct {
	// From is the first instant, To the first one after it.
	From, To time.Time
	Duty     Duty
	// On is false when nobody is on duty.
	On bool
}

// Spans walks from one instant to another, over every change of the shift or of
// its people; the spans meet and leave nothing out. Months, calendars, notices
// of the next hand-over and the search for gaps are this walk.
func (r *Rota) Spans(from, to time.Time) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for at := from; at.Before(to); {
			duty, on := r.On(at)
			span := Span{From: at, To: to, Duty: duty, On: on}
			if !duty.Until.IsZero() && duty.Until.Before(to) {
				span.To = duty.Until
			}
			if !yield(span) {
				return
			}
			at = span.To
		}
	}
}

// Gap is a time in which nobody is on duty.
type Gap struct {
	// From is the first instant, To the first one after it.
	From, To time.Time
	// Before and After are the nearest shifts on both sides.
	Before, After Beside
}

// Beside is a shift beside a gap.
type Beside struct {
	// Shift is its place in the post's list; -1 when there is none in reach.
	Shift int
	Name  string
	// At is when it ends before the gap, or begins after it; zero without one.
	At time.Time
}

// Minutes are the minutes of a gap, one that has begun counts.
func (g Gap) Minutes() int {
	return int((g.To.Sub(g.From) + time.Minute - 1) / time.Minute)
}

// Gaps are the times between two instants in which nobody is on duty.
func (r *Rota) Gaps(from, to time.Time) []Gap {
	var gaps []Gap
	for span := range r.Spans(from, to) {
		if !span.On {
			gaps = append(gaps, Gap{From: span.From, To: span.To, Before: r.before(span.From), After: r.after(span.To)})
		}
	}
	return gaps
}

// reach is how many days a shift may be away from a gap to be found.
const reach = 400

// before is the shift that ended last before an instant.
func (r *Rota) before(at time.Time) Beside {
	best := Beside{Shift: -1}
	r.around(at, -1, func(i int, _, end time.Time) bool {
		if !end.After(at) && end.After(best.At) {
			best = Beside{Shift: r.origin[i], Name: r.post.Shifts[r.origin[i]].Name, At: end}
		}
		return best.Shift >= 0
	})
	return best
}

// after is the shift that begins first at or after an instant.
func (r *Rota) after(at time.Time) Beside {
	best := Beside{Shift: -1}
	r.around(at, 1, func(i int, begin, _ time.Time) bool {
		if !begin.Before(at) && (best.Shift < 0 || begin.Before(best.At)) {
			best = Beside{Shift: r.origin[i], Name: r.post.Shifts[r.origin[i]].Name, At: begin}
		}
		return best.Shift >= 0
	})
	return best
}

// around shows every coming of a shift, day by day away from an instant, until
// one was found and the day after it was seen too: a night that began a day
// earlier may end later.
func (r *Rota) around(at time.Time, step int, found func(shift int, begin, end time.Time) bool) {
	sec := at.Unix()
	w := wall{zone: r.zone, stretch: r.zone.at(sec)}
	today := floorDay(sec + w.offset)
	more := 2
	for n := -1; n < reach && more > 0; n++ {
		day := r.dayOf(today + n*step)
		hit := false
		for i := range r.shifts {
			s := &r.shifts[i]
			if !s.begins(&day) {
				continue
			}
			if begin, end := w.instant(day.number, s.from), w.instant(day.number, s.to); begin < end {
				hit = found(i, r.time(begin), r.time(end)) || hit
			}
		}
		if hit {
			more--
		}
	}
}

// Unreached is a shift that never has its turn.
type Unreached struct {
	// Shift is its place in the post's list.
	Shift int
	// By are the shifts above it that take all its time; without any, no day
	// is one of its days.
	By []int
}

// Unreached finds shifts that never count on any day from one date to another,
// or on the days that they name themselves. Times are compared on the wall.
func (r *Rota) Unreached(from, to Date) []Unreached {
	var never []Unreached
	for i := range r.shifts {
		ranges := [][2]int{{from.number(), to.number()}}
		if own := r.shifts[i].dates; len(own) > 0 {
			ranges = own
		}
		if by, reached := r.reached(i, ranges); !reached {
			never = append(never, Unreached{Shift: r.origin[i], By: by})
		}
	}
	return never
}

// reached reports whether a shift counts on a day of these ranges, and if not,
// which shifts are in its way.
func (r *Rota) reached(i int, ranges [][2]int) (by []int, reached bool) {
	s := &r.shifts[i]
	for _, days := range ranges {
		for number := days[0]; number <= min(days[1], days[0]+reach); number++ {
			day := r.dayOf(number)
			if !s.begins(&day) {
				continue
			}
			above, covered := r.covered(i, number)
			if !covered {
				return nil, true
			}
			for _, j := range above {
				if !slices.Contains(by, r.origin[j]) {
					by = append(by, r.origin[j])
				}
			}
		}
	}
	slices.Sort(by)
	return by, false
}

// covered walks along a shift of one day from one shift above it to the next.
func (r *Rota) covered(i, number int) (by []int, covered bool) {
	s := &r.shifts[i]
	days := [...]dayOf{r.dayOf(number - 1), r.dayOf(number), r.dayOf(number + 1)}
	for at := s.from; at < s.to; {
		next := at
		for j := range r.shifts[:i] {
			for k := range days {
				above := &r.shifts[j]
				begin, end := above.from+Clock(k-1)*midnight, above.to+Clock(k-1)*midnight
				if begin <= at && end > next && above.begins(&days[k]) {
					next, by = end, append(by, j)
				}
			}
		}
		if next == at {
			return nil, false
		}
		at = next
	}
	return by, true
}

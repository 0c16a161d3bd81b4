package routing

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Pickup is a caller who left the line to a person.
type Pickup struct {
	At time.Time
	// Since is when the caller came into line.
	Since time.Time
	// Seats are those that could have served the caller then: ready, with a
	// phone that can be reached, at work or not.
	Seats int
}

// Estimate is how long a caller will wait from now on, as a range that most
// such callers stay in. The zero value says that it is not known.
type Estimate struct{ Low, High time.Duration }

// Known reports whether the estimate says anything.
func (e Estimate) Known() bool { return e.High > 0 }

const (
	// recentPickups is how far back the pace of the line is looked at: what was
	// an hour ago tells nothing of the seats that are here now.
	recentPickups = 30 * time.Minute
	// fewestGaps are needed to speak of a pace at all.
	fewestGaps = 5
	// coverage is the normal quantile of the range's two ends: it would leave a
	// twentieth of the callers on either side if the pace were known for sure.
	coverage = 1.6449
)

// Estimated is how long the caller at a position, counted from 1, will wait for
// one of so many seats, by the pace at which callers of the same queues left
// the line of late. recent may come in any order.
//
// Only the gaps between two pick-ups in which somebody was in line tell the
// pace of the seats; without a line the gaps tell when callers come. Each gap
// counts as seat-time, so that a seat more or less now is reckoned with. The
// wait is the sum of as many gaps as the position: its spread is that of the
// gaps, and that of a mean of so few of them, put on a gamma distribution
// (Wilson-Hilferty), which for one kind of talk is the exact one.
func Estimated(position, seats int, recent []Pickup, at time.Time) Estimate {
	gaps := seatTimes(recent, at)
	if position < 1 || seats < 1 || len(gaps) < fewestGaps {
		return Estimate{}
	}
	mean, spread := moments(gaps)
	shape := 1 / spread * float64(position) / (1 + float64(position)/float64(len(gaps)))
	expected := mean * float64(position) / float64(seats)
	return Estimate{Low: gamma(expected, shape, -coverage), High: max(gamma(expected, shape, coverage), time.Second)}
}

// seatTimes are the gaps between pick-ups while somebody was in line, in
// seconds of one seat.
func seatTimes(recent []Pickup, at time.Time) []float64 {
	line := slices.DeleteFunc(slices.Clone(recent), func(p Pickup) bool {
		return p.Seats < 1 || p.At.After(at) || at.Sub(p.At) > recentPickups
	})
	slices.SortFunc(line, func(a, b Pickup) int { return cmp.Or(a.At.Compare(b.At), a.Since.Compare(b.Since)) })
	var gaps []float64
	for i := 1; i < len(line); i++ {
		before, p := line[i-1], line[i]
		if p.Since.Before(before.At) {
			gaps = append(gaps, p.At.Sub(before.At).Seconds()*float64(p.Seats))
		}
	}
	return gaps
}

// moments are the mean of the gaps and their squared spread around it, as a
// part of the mean squared. Few gaps tell little of the spread: it is kept near
// the one of chance, 1.
func moments(gaps []float64) (mean, spread float64) {
	for _, g := range gaps {
		mean += g / float64(len(gaps))
	}
	mean = max(mean, 1)
	for _, g := range gaps {
		spread += (g - mean) * (g - mean) / float64(len(gaps)-1)
	}
	return mean, min(max(spread/(mean*mean), 0.5), 4)
}

// gamma is a quantile of a gamma distribution by the approximation of Wilson
// and Hilferty.
func gamma(mean, shape, quantile float64) time.Duration {
	root := 1 - 1/(9*shape) + quantile/(3*math.Sqrt(shape))
	seconds := mean * math.Pow(max(root, 0), 3)
	return time.Duration(min(seconds, 24*60*60) * float64(time.Second))
}

package rehearsal

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Report sums up a rehearsal.
type Report struct {
	// Calls is how many there were: Same without a difference, Changed with
	// some and none of them worse, Better those of them with one for the
	// better, Worse with one for the worse.
	Calls   int `json:"calls"`
	Same    int `json:"same"`
	Changed int `json:"changed"`
	Better  int `json:"better"`
	Worse   int `json:"worse"`
	// Listed are the first of the calls that are worse, at most as many as
	// were asked for.
	Listed []Outcome `json:"-"`

	most    int
	cities  map[string]*City
	tallies map[Difference]*Tally
}

// City sums up the calls of one city.
type City struct {
	Region  string `json:"region"`
	Calls   int    `json:"calls"`
	Same    int    `json:"same"`
	Changed int    `json:"changed"`
	Worse   int    `json:"worse"`
	// The longest that any of its callers had to wait for a telephone to ring,
	// with every seat busy and with none there, before and now.
	BusyWas     time.Duration `json:"-"`
	BusyWould   time.Duration `json:"-"`
	AbsentWas   time.Duration `json:"-"`
	AbsentWould time.Duration `json:"-"`
}

// Tally is how many calls have the same difference.
type Tally struct {
	Difference
	Calls int `json:"calls"`
	// Example is the first of them.
	Example Arrival `json:"-"`
}

// NewReport is an empty report that lists at most so many calls; 0 lists all.
func NewReport(most int) *Report {
	return &Report{most: most, cities: make(map[string]*City), tallies: make(map[Difference]*Tally)}
}

// mostTallies bounds how many different sentences are counted, so that a year
// of calls needs no more memory than a day.
const mostTallies = 20_000

// Add counts a call.
func (r *Report) Add(o Outcome) {
	city := r.cities[o.Was.Region]
	if city == nil {
		city = &City{Region: o.Was.Region}
		r.cities[o.Was.Region] = city
	}
	r.Calls++
	city.Calls++
	city.BusyWas, city.BusyWould = max(city.BusyWas, o.Was.Busy), max(city.BusyWould, o.Would.Busy)
	city.AbsentWas, city.AbsentWould = max(city.AbsentWas, o.Was.Absent), max(city.AbsentWould, o.Would.Absent)
	switch effect := o.Effect(); {
	case len(o.Differences) == 0:
		r.Same++
		city.Same++
	case effect == Worse:
		r.Worse++
		city.Worse++
		if r.most == 0 || len(r.Listed) < r.most {
			r.Listed = append(r.Listed, o)
		}
	default:
		r.Changed++
		city.Changed++
		if effect == Better {
			r.Better++
		}
	}
	for _, d := range o.Differences {
		if d.Kind == InAnswer {
			continue // it is of this one call
		}
		tally := r.tallies[d]
		if tally == nil {
			if len(r.tallies) == mostTallies {
				continue
			}
			tally = &Tally{Difference: d, Example: o.Arrival}
			r.tallies[d] = tally
		}
		tally.Calls++
	}
}

// Cities are the sums of the cities, ordered by code.
func (r *Report) Cities() []City {
	var all []City
	for _, code := range slices.Sorted(maps.Keys(r.cities)) {
		all = append(all, *r.cities[code])
	}
	return all
}

// Tallies are the differences by how many calls have them, those for the worse
// first and those for the better last.
func (r *Report) Tallies() []Tally {
	var all []Tally
	for _, tally := range r.tallies {
		all = append(all, *tally)
	}
	order := []Effect{Worse, Neutral, Better}
	slices.SortFunc(all, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Effect), slices.Index(order, b.Effect)), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Say, b.Say))
	})
	return all
}

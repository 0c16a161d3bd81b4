package routing

import (
	"math"
	"slices"
	"strings"
	"time"
)

// oracle answers what a rota should, without any of its shortcuts: it reads
// the post as an admin does, asks package time for every wall time, and plays
// every override from its first step.
type oracle struct {
	post      Post
	calendar  Calendar
	overrides []Override
	edges     map[wallMinute]time.Time
}

// wallMinute is a minute on the wall.
type wallMinute struct {
	day    Date
	minute int
}

func newOracle(post Post, calendar Calendar, overrides []Override) *oracle {
	return &oracle{post: post, calendar: calendar, overrides: overrides, edges: make(map[wallMinute]time.Time)}
}

// first is the first instant whose clock shows a day and minute, or the first
// after the jump that leaves it out.
func (o *oracle) first(d Date, minute int) time.Time {
	if at, known := o.edges[wallMinute{d, minute}]; known {
		return at
	}
	shown := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC).Format("2006-01-02 15:04")
	near := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, o.post.Zone)
	at := near.Add(-4 * time.Hour)
	if at.Add(8*time.Hour).Sub(at) == 8*time.Hour && at.Format("-07") == at.Add(8*time.Hour).Format("-07") {
		at = near // no change of the clocks near
	}
	for at.Format("2006-01-02 15:04") < shown {
		at = at.Add(time.Minute)
	}
	o.edges[wallMinute{d, minute}] = at
	return at
}

// answer is the shift and the officers' names in order; both are empty when
// nobody is on duty.
func (o *oracle) answer(at time.Time) (shift, names string) {
	at = at.In(o.post.Zone)
	var base []Officer
	if len(o.post.Shifts) == 0 {
		base = []Officer{{Name: o.post.Name, Numbers: o.post.Numbers}}
	}
	for _, s := range o.post.Shifts {
		if day, covers := o.covers(s, at); covers {
			shift, base = s.Name, o.team(s, day)
			break
		}
	}
	return shift, o.people(at, base)
}

func (o *oracle) covers(s Shift, at time.Time) (Date, bool) {
	for _, n := range []int{-1, 0, 1} {
		day := DateOf(at).AddDays(n)
		end, last := day, int(s.To)
		if s.To <= s.From {
			end = day.AddDays(1)
		}
		if o.comes(s, day) && !at.Before(o.first(day, int(s.From))) && at.Before(o.first(end, last)) {
			return day, true
		}
	}
	return Date{}, false
}

func (o *oracle) comes(s Shift, day Date) bool {
	what, known := o.calendar.On(day, o.post.Code)
	if !known {
		what = Day{Kind: Workday}
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			what.Kind = Weekend
		}
	}
	if len(s.Weekdays)+len(s.Kinds) > 0 {
		works := slices.Contains(s.Kinds, Workday) && what.Kind == SwappedWorkday
		if !works && !slices.Contains(s.Weekdays, day.Weekday()) && !slices.Contains(s.Kinds, what.Kind) {
			return false
		}
	}
	inside := len(s.Dates) == 0
	for _, r := range s.Dates {
		inside = inside || r.From.String() <= day.String() && day.String() <= r.To.String()
	}
	return inside && (len(s.Holidays) == 0 || what.Kind == Holiday && slices.ContainsFunc(s.Holidays, func(name string) bool {
		return strings.Contains("、"+what.Name+"、", "、"+name+"、")
	}))
}

func (o *oracle) team(s Shift, day Date) []Officer {
	ids := s.Team
	if n := len(s.Turns.Teams); n > 0 {
		days := day.utc().Sub(s.Turns.From.utc()).Hours() / 24
		place := math.Mod(math.Floor(days/float64(s.Turns.Every)), float64(n))
		if place < 0 {
			place += float64(n)
		}
		ids = s.Turns.Teams[int(place)]
	}
	people := make([]Officer, len(ids))
	for i, id := range ids {
		people[i] = o.officer(Officer{ID: id})
	}
	return people
}

// officer is who has that id in the post.
func (o *oracle) officer(who Officer) Officer {
	for _, officer := range o.post.Officers {
		if officer.ID == who.ID {
			return officer
		}
	}
	return who
}

// act is one replacement or override as it stands at an instant.
type act struct {
	approved time.Time
	name     string
	changes  []DutyChange
}

// acts are what is in force at an instant: overrides from the one approved
// last, then the file from its end.
func (o *oracle) acts(at time.Time) []act {
	var acts []act
	for _, override := range o.overrides {
		state, approved := OverrideState(""), time.Time{}
		for _, step := range override.Steps {
			if step.At.After(at) {
				break
			}
			if state = step.State; state == Approved {
				approved = step.At
			}
		}
		if state == Approved && override.Post == o.post.Code {
			acts = append(acts, act{approved: approved, name: override.ID, changes: override.Changes})
		}
	}
	slices.SortFunc(acts, func(a, b act) int {
		if a.approved.Equal(b.approved) {
			return strings.Compare(a.name, b.name)
		}
		return b.approved.Compare(a.approved)
	})
	for _, r := range slices.Backward(o.post.Replacements) {
		acts = append(acts, act{changes: []DutyChange{{From: r.From, To: r.To, Out: r.Out, In: Officer{ID: r.In}}}})
	}
	for i := range acts {
		acts[i].changes = slices.DeleteFunc(slices.Clone(acts[i].changes), func(c DutyChange) bool {
			return at.Before(c.From) || !at.Before(c.To) || len(o.officer(c.In).Numbers) == 0
		})
	}
	return acts
}

func (o *oracle) people(at time.Time, base []Officer) string {
	acts := o.acts(at)
	var all []Officer
	for _, a := range acts {
		for _, c := range a.changes {
			if c.Out == "" {
				all = append(all, o.officer(c.In))
			}
		}
	}
	var names []string
	for _, officer := range append(all, base...) {
		if name := o.stands(officer, acts).Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// stands is who really comes for an officer, with the acts that are left.
func (o *oracle) stands(officer Officer, acts []act) Officer {
	for i, a := range acts {
		for _, c := range a.changes {
			if c.Out != "" && c.Out == officer.ID {
				return o.stands(o.officer(c.In), slices.Concat(acts[:i], acts[i+1:]))
			}
		}
	}
	return officer
}

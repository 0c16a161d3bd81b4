package routing

import (
	"slices"
	"time"
)

// Post is a duty post (值班岗位) as its file describes it.
type Post struct {
	// Code is the region's whose post it is; the calendar is that region's.
	Code string
	Name string
	// Zone is where its clocks hang. Default: Beijing.
	Zone *time.Location
	// Numbers are rung at every hour when the post has no shifts: a duty mobile
	// that is handed from person to person.
	Numbers  []string
	Officers []Officer
	// Shifts are read from the top: the first one that covers an instant
	// counts.
	Shifts []Shift
	// Replacements change the people of the shifts.
	Replacements []Replacement
}

// Replacement puts one officer in the place of another for a time (替班); it is
// written in the file, where an Override is not.
type Replacement struct {
	Out, In OfficerID
	// From is the first instant, To the first one after it.
	From, To time.Time
	Why      string
}

// Rota says who is on duty (值班) at a post at any instant. It is not changed
// once made.
type Rota struct {
	post     Post
	days     almanac
	zone     *zone
	officers map[OfficerID]Officer
	// shifts are those of the post that can be rung, origin their places.
	shifts []shift
	origin []int
	// always is the team of a post without shifts.
	always team
	// changes are what the file and the overrides change, the weightier first.
	changes   []change
	overrides []change
	note      *HandOver
}

// NewRota makes a post's rota. Names that it does not know and officers without
// numbers are passed over; the reader of the configuration refuses such a file
// before.
func NewRota(post Post, calendar Calendar) *Rota {
	if post.Zone == nil {
		post.Zone = Beijing()
	}
	r := &Rota{post: post, days: newAlmanac(calendar, post.Code), zone: newZone(post.Zone), officers: make(map[OfficerID]Officer, len(post.Officers))}
	for _, officer := range post.Officers {
		r.officers[officer.ID] = officer
	}
	for i, s := range post.Shifts {
		if ready, rung := readyShift(s, r.officers); rung {
			r.shifts, r.origin = append(r.shifts, ready), append(r.origin, i)
		}
	}
	if len(post.Shifts) == 0 {
		r.always = teamOf([]Officer{{Name: post.Name, Numbers: post.Numbers}})
	}
	r.changes = replaced(post.Replacements, r.officers)
	return r
}

// AllDay is the rota of a post whose numbers are the same at every hour.
func AllDay(code, name string, numbers ...string) *Rota {
	return NewRota(Post{Code: code, Name: name, Numbers: numbers}, Calendar{})
}

// Post is what the rota was made from; nobody may change it.
func (r *Rota) Post() Post { return r.post }

// Zone is where the post's clocks hang.
func (r *Rota) Zone() *time.Location { return r.zone.loc }

// Instant is when the post's clocks show that time of that day: the first of
// two in autumn, and the moment of the jump for a time that spring leaves out.
func (r *Rota) Instant(date Date, clock Clock) time.Time {
	return r.time(r.zone.first(int64(date.number())*secondsOfDay + int64(clock)*60))
}

// Day is what a day is to this post; a year that its calendar does not know
// goes by the week.
func (r *Rota) Day(date Date) Day { return r.days.on(date.number(), date.Weekday()) }

// NeedsCalendar reports whether any shift goes by workdays and holidays.
func (r *Rota) NeedsCalendar() bool {
	return slices.ContainsFunc(r.shifts, func(s shift) bool { return s.kinds != 0 || len(s.holidays) > 0 })
}

// with is the rota of the same post with these overrides and hand-over notes,
// and none of those that it may have had.
func (r *Rota) with(o Overrides) *Rota {
	changes := r.reachable(o.changes[r.post.Code])
	note, noted := o.notes[r.post.Code]
	if len(changes) == 0 && !noted && len(r.overrides) == 0 && r.note == nil {
		return r
	}
	changed := *r
	changed.overrides, changed.note = changes, nil
	if noted {
		shown := note
		shown.At = note.At.In(r.zone.loc)
		changed.note = &shown
	}
	return &changed
}

// On returns who is on duty at that instant. Phone, screen, notice and audit
// all ask this one function. The second result is false when nobody is; the
// duty then names the post, and since and until when that is so.
func (r *Rota) On(at time.Time) (Duty, bool) {
	d := Duty{Post: r.post.Code, Name: r.post.Name}
	team := &r.always
	if len(r.post.Shifts) > 0 {
		team = r.shiftAt(at, &d)
	}
	d.Officers, d.Numbers = team.officers, team.numbers
	if len(r.changes)+len(r.overrides) > 0 {
		r.change(at, team, &d)
	}
	if r.note != nil && !r.note.At.After(at) {
		d.Note = r.note
	}
	return d, len(d.Numbers) > 0
}

// shiftAt finds the shift of an instant and when it is relieved. Only the days
// around the instant count: no shift is longer than a day.
func (r *Rota) shiftAt(at time.Time, d *Duty) *team {
	sec := at.Unix()
	w := wall{zone: r.zone, stretch: r.zone.at(sec)}
	today := floorDay(sec + w.offset)
	days := [...]dayOf{r.dayOf(today), r.dayOf(today - 1), r.dayOf(today + 1), r.dayOf(today - 2)}
	since, until := w.instant(today-1, 0), w.instant(today+2, 0)
	for i := range r.shifts {
		s := &r.shifts[i]
		var mine *dayOf
		from, to := since, until
		for j := range days {
			if !s.begins(&days[j]) {
				continue
			}
			begin, end := w.instant(days[j].number, s.from), w.instant(days[j].number, s.to)
			switch {
			case begin >= end: // in the hour that spring leaves out
			case begin > sec:
				until = min(until, begin)
			case end <= sec:
				since = max(since, end)
			default:
				mine, from, to = &days[j], begin, end
			}
		}
		if mine == nil {
			continue
		}
		team, place := s.on(mine.number)
		d.Shift, d.Date, d.Day = r.post.Shifts[r.origin[i]].Name, dateOf(mine.number), mine.is()
		if len(s.teams) > 1 {
			d.Turn, d.Turns = place+1, len(s.teams)
		}
		d.Since, d.Until = r.time(max(from, since)), r.time(min(to, until))
		return team
	}
	d.Since, d.Until = r.before(at).At, r.after(at).At
	return &team{}
}

func (r *Rota) time(sec int64) time.Time { return time.Unix(sec, 0).In(r.zone.loc) }

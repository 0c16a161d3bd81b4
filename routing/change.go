package routing

import (
	"cmp"
	"slices"
	"time"
)

// change is one officer in the place of another, from the file or from an
// override, with the instants between which it counts.
type change struct {
	from, to time.Time
	out      OfficerID
	in       Officer
	fact     StandIn
	approved time.Time
}

func (c *change) covers(at time.Time) bool { return !at.Before(c.from) && at.Before(c.to) }

// replaced are the changes of the file, the last one first as of the overrides.
func replaced(replacements []Replacement, officers map[OfficerID]Officer) []change {
	var changes []change
	for i, r := range slices.Backward(replacements) {
		if in, known := officers[r.In]; known {
			changes = append(changes, change{from: r.From, to: r.To, out: r.Out, in: in, fact: StandIn{Entry: i + 1, Why: r.Why}})
		}
	}
	return changes
}

// inForce are the changes of overrides, those approved last first. One counts
// from its approval to its withdrawal and no instant longer, so that what was
// true of a past instant stays true whatever is decided later.
func inForce(overrides []Override) []change {
	var changes []change
	for _, o := range overrides {
		approved, by, counts := o.approval()
		for _, c := range o.Changes {
			made := change{
				from: latest(c.From, approved), to: c.To, out: c.Out, in: c.In, approved: approved,
				fact: StandIn{Override: o.ID, By: by, Why: o.Why},
			}
			if last := o.settled(); o.State == Withdrawn && last.Before(made.to) {
				made.to = last
			}
			if counts && made.from.Before(made.to) {
				changes = append(changes, made)
			}
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return cmp.Or(b.approved.Compare(a.approved), cmp.Compare(b.fact.Override, a.fact.Override))
	})
	return changes
}

// approval is when an override was approved and by whom; false when it never
// was.
func (o Override) approval() (at time.Time, by string, ever bool) {
	for _, step := range o.Steps {
		if step.State == Approved {
			return step.At, step.By, true
		}
	}
	return time.Time{}, "", o.State == Approved
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// reachable are the changes without the overrides that bring somebody who can
// not be rung, such as an officer that the file has lost since: all changes of
// an override count or none.
func (r *Rota) reachable(changes []change) []change {
	lost := func(c change) bool {
		_, rung := r.comes(&c)
		return !rung
	}
	if !slices.ContainsFunc(changes, lost) {
		return changes
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c change) bool {
		return slices.ContainsFunc(changes, func(other change) bool { return c.sameAct(&other) && lost(other) })
	})
}

// change puts what is changed at an instant into a duty, and ends the duty
// where that changes.
func (r *Rota) change(at time.Time, base *team, d *Duty) {
	var edges []time.Time
	covered := false
	for _, list := range [...][]change{r.overrides, r.changes} {
		for i := range list {
			c := &list[i]
			covered = covered || c.covers(at)
			for _, edge := range [...]time.Time{c.from, c.to} {
				if d.within(edge) {
					edges = append(edges, edge)
				}
			}
		}
	}
	if !covered && len(edges) == 0 {
		return
	}
	now, facts := r.changed(at, base)
	d.Officers, d.Numbers, d.Changes = now.officers, now.numbers, facts
	for _, fact := range facts {
		d.Override = cmp.Or(d.Override, fact.Override)
	}
	slices.SortFunc(edges, time.Time.Compare)
	for _, edge := range edges {
		if edge.After(at) {
			if later, why := r.changed(edge, base); !slices.Equal(why, facts) || !now.same(later) {
				d.Until = edge.In(r.zone.loc)
				break
			}
		}
	}
	for _, edge := range slices.Backward(edges) {
		if !edge.After(at) {
			if before, why := r.changed(edge.Add(-1), base); !slices.Equal(why, facts) || !now.same(before) {
				d.Since = edge.In(r.zone.loc)
				break
			}
		}
	}
}

// within reports an instant inside a duty, not at its ends; a duty without an
// end has all of them inside.
func (d *Duty) within(at time.Time) bool {
	return (d.Since.IsZero() || d.Since.Before(at)) && (d.Until.IsZero() || at.Before(d.Until))
}

func (t team) same(other team) bool {
	return slices.EqualFunc(t.officers, other.officers, Officer.is) && slices.Equal(t.numbers, other.numbers)
}

// changed is a team after all changes of an instant. Each place of the team is
// followed: who stands in for this officer (the last approval counts, then the
// file), who stands in for that one, and so on; each change counts once a
// place, so two who swap do swap. Those who go before everybody come first.
func (r *Rota) changed(at time.Time, base *team) (team, []StandIn) {
	var few [8]Officer // so many need no memory of their own
	people := few[:0]
	var facts []StandIn
	for i := range r.overrides {
		c := &r.overrides[i]
		in, reachable := r.comes(c)
		if c.out != "" || !reachable || !c.covers(at) {
			continue
		}
		fact := c.fact
		fact.In = in.Name
		facts = append(facts, fact)
		people, facts = r.follow(at, people, in, facts)
	}
	for _, officer := range base.officers {
		people, facts = r.follow(at, people, officer, facts)
	}
	return teamOf(people), facts
}

// follow adds to the people who really stands in one place.
func (r *Rota) follow(at time.Time, people []Officer, officer Officer, facts []StandIn) ([]Officer, []StandIn) {
	var few [4]*change
	used := few[:0]
	for {
		c, in := r.standIn(at, officer, used)
		if c == nil {
			return append(people, officer), facts
		}
		fact := c.fact
		fact.Out, fact.In = officer.Name, in.Name
		if !slices.Contains(facts, fact) {
			facts = append(facts, fact)
		}
		officer, used = in, append(used, c)
	}
}

// standIn is the change that takes an officer's place.
func (r *Rota) standIn(at time.Time, officer Officer, used []*change) (*change, Officer) {
	if officer.ID == "" {
		return nil, Officer{}
	}
	for _, list := range [...][]change{r.overrides, r.changes} {
		for i := range list {
			c := &list[i]
			if c.out != officer.ID || !c.covers(at) || slices.ContainsFunc(used, c.sameAct) {
				continue
			}
			if in, reachable := r.comes(c); reachable {
				return c, in
			}
		}
	}
	return nil, Officer{}
}

// sameAct reports changes of one override or of one entry of the file.
func (c *change) sameAct(other *change) bool {
	return c.fact.Override == other.fact.Override && c.fact.Entry == other.fact.Entry
}

// comes is who comes by a change: an id of the file is the file's officer. Who
// has no number can not be rung, and then the change does not count.
func (r *Rota) comes(c *change) (Officer, bool) {
	in := c.in
	if c.fact.Entry > 0 { // of the file
		return in, len(in.Numbers) > 0
	}
	if known, is := r.officers[in.ID]; is && in.ID != "" {
		in = known
	}
	if in.Name == "" {
		in.Name = string(in.ID)
	}
	return in, len(in.Numbers) > 0
}

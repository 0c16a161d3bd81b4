package routing

import (
	"time"
)

// Duty is the answer of a rota: who is to be rung, in which order, and why.
// Its lists are shared and must not be changed.
type Duty struct {
	// Post is the code of the post that answers, Name what people call it.
	Post string `json:"post"`
	Name string `json:"name"`
	// Shift is the name of the shift; empty when the post has none, or when an
	// override put people where no shift is.
	Shift string `json:"shift,omitempty"`
	// Officers are rung in this order; Numbers are all their numbers.
	Officers []Officer `json:"officers"`
	Numbers  []string  `json:"numbers"`
	// Since and Until are when these people came and when others will; zero
	// when that is not known to end.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Override is the id of the one that changed it; empty when none did.
	Override string `json:"override,omitempty"`

	// Date is the day that the shift belongs to, Day what the calendar says of
	// it.
	Date Date `json:"-"`
	Day  Day  `json:"-"`
	// Turn is the place of the team in the rotation, from 1, of Turns teams;
	// both are 0 without a rotation.
	Turn  int `json:"turn,omitempty"`
	Turns int `json:"turns,omitempty"`
	// Changes are who stands in for whom.
	Changes []StandIn `json:"changes,omitempty"`
	// Asked is the region that was asked for when the post is another's.
	Asked     string `json:"asked,omitempty"`
	AskedName string `json:"-"`
	// Passed are nearer posts that had nobody.
	Passed []Passed `json:"passed,omitempty"`
	// Note is the last hand-over note of the post.
	Note *HandOver `json:"note,omitempty"`
}

// StandIn is one officer in the place of another, and by what.
type StandIn struct {
	// Out is empty when In goes before everybody.
	Out string `json:"out,omitempty"`
	In  string `json:"in"`
	// Override is the id of the override; without it Entry is the place of the
	// replacement in the file, from 1.
	Override string `json:"override,omitempty"`
	Entry    int    `json:"-"`
	// By is who approved the override.
	By  string `json:"by,omitempty"`
	Why string `json:"why,omitempty"`
}

// Passed is a post that had nobody on duty.
type Passed struct {
	Post  string    `json:"post"`
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// insteadOf notes for whom the post answers. While it stands in for a post
// without people, it is on duty only as long as that has none.
func (d Duty) insteadOf(asked Region, passed []Passed) Duty {
	if asked.Code == d.Post {
		return d
	}
	d.Asked, d.AskedName, d.Passed = asked.Code, asked.Name, passed
	for _, p := range passed {
		d.Since = latest(d.Since, p.Since)
		if d.Until.IsZero() || !p.Until.IsZero() && p.Until.Before(d.Until) {
			d.Until = p.Until
		}
	}
	return d
}

package routing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// OfficerID names a duty officer (值班员) of the files: "jin.yongzhe".
type OfficerID string

// Officer is a person who can be on duty, and where that person is reached.
type Officer struct {
	ID   OfficerID `json:"id"`
	Name string    `json:"name"`
	// Numbers are rung in this order until the person answers.
	Numbers []string `json:"numbers,omitempty"`
}

// Override changes a rota without its file: a replacement (替班), a swap (换班),
// or somebody else for a night. It counts only once it is approved.
type Override struct {
	ID   string `json:"id"`
	Post string `json:"post"`
	// Changes are what it does; a swap has two, and they count both or neither.
	Changes []DutyChange  `json:"changes"`
	Why     string        `json:"why"`
	State   OverrideState `json:"state"`
	// Steps say who has done what when, oldest first.
	Steps []OverrideStep `json:"steps"`
}

// DutyChange puts one officer in the place of another for a time.
type DutyChange struct {
	// From is the first instant, To the first one after it.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Out is who leaves; empty when In goes before everybody who is on duty.
	Out OfficerID `json:"out,omitempty"`
	// In is who comes. An id of the files has the files' numbers, whatever
	// stands here; anybody else brings numbers.
	In Officer `json:"in"`
}

// OverrideState says how far an override has come.
type OverrideState string

// The states. Only Approved changes who is rung.
const (
	Asked     OverrideState = "asked"
	Accepted  OverrideState = "accepted"
	Approved  OverrideState = "approved"
	Refused   OverrideState = "refused"
	Withdrawn OverrideState = "withdrawn"
)

// OverrideStep is one act in the life of an override.
type OverrideStep struct {
	State OverrideState `json:"state"`
	By    string        `json:"by"`
	At    time.Time     `json:"at"`
}

// Move takes an override to its next state. From asked everything is open,
// also approved at once: a supervisor at night does not wait. What is refused
// or withdrawn stays so. A move to the state that it is in changes nothing, so
// that a repeated request is harmless.
func (o Override) Move(to OverrideState, by string, at time.Time) (Override, error) {
	if o.State == to {
		return o, nil
	}
	open := map[OverrideState][]OverrideState{
		"":       {Asked, Approved},
		Asked:    {Accepted, Approved, Refused, Withdrawn},
		Accepted: {Approved, Refused, Withdrawn},
		Approved: {Withdrawn},
	}
	if !slices.Contains(open[o.State], to) {
		return o, fmt.Errorf("override %s is %s and can not be %s any more", o.ID, o.State, to)
	}
	o.State = to
	o.Steps = append(slices.Clip(o.Steps), OverrideStep{State: to, By: by, At: at})
	return o, nil
}

// Check says what is wrong with an override, nil when nothing is.
func (o Override) Check() error {
	if len(o.Changes) == 0 {
		return fmt.Errorf("override of %s: nobody is named", o.Post)
	}
	for _, c := range o.Changes {
		switch {
		case !c.From.Before(c.To):
			return fmt.Errorf("override of %s: it ends %s, before it begins %s", o.Post, c.To.Format(time.RFC3339), c.From.Format(time.RFC3339))
		case c.In.ID == "" && len(c.In.Numbers) == 0:
			return fmt.Errorf("override of %s: nobody comes, name an officer of the files or a name with numbers", o.Post)
		case c.In.ID != "" && c.In.ID == c.Out:
			return fmt.Errorf("override of %s: %s can not replace themselves", o.Post, c.Out)
		}
		for _, number := range c.In.Numbers {
			if !Digits(number) {
				return fmt.Errorf("override of %s: %q is not a telephone number", o.Post, Number(number).Masked())
			}
		}
	}
	return nil
}

// HandOver is what one officer leaves for the next (交班记录).
type HandOver struct {
	Post string    `json:"post"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// Overrides are all overrides and hand-over notes in force at one moment. It
// is not changed once made; the zero value has none.
type Overrides struct {
	byPost  map[string][]Override
	changes map[string][]change
	notes   map[string]HandOver
}

// NewOverrides orders what is stored. Later approvals go before earlier ones.
// Of the notes of a post the last one counts.
func NewOverrides(all []Override, notes []HandOver) Overrides {
	o := Overrides{byPost: make(map[string][]Override), changes: make(map[string][]change), notes: make(map[string]HandOver)}
	for _, override := range all {
		o.byPost[override.Post] = append(o.byPost[override.Post], override)
	}
	for post, list := range o.byPost {
		slices.SortFunc(list, func(a, b Override) int {
			return cmp.Or(b.settled().Compare(a.settled()), cmp.Compare(b.ID, a.ID))
		})
		if changes := inForce(list); len(changes) > 0 {
			o.changes[post] = changes
		}
	}
	for _, note := range notes {
		if last, has := o.notes[note.Post]; !has || !note.At.Before(last.At) {
			o.notes[note.Post] = note
		}
	}
	return o
}

// settled is when it came to the state that it is in.
func (o Override) settled() time.Time {
	if len(o.Steps) == 0 {
		return time.Time{}
	}
	return o.Steps[len(o.Steps)-1].At
}

// Of are the overrides of a post in every state, the last settled first.
func (o Overrides) Of(post string) []Override { return slices.Clone(o.byPost[post]) }

// Note is the last hand-over note of a post.
func (o Overrides) Note(post string) (HandOver, bool) {
	note, has := o.notes[post]
	return note, has
}

// Posts are the posts that have overrides, in order.
func (o Overrides) Posts() []string { return slices.Sorted(maps.Keys(o.byPost)) }

package call

import "time"

// Attendance measures the promise that a child is never alone.
type Attendance struct {
	// Alone is the time, after the first person answered, in which the caller
	// had no live listener and none was being brought. It must be 0; anything
	// else is a fault of ours.
	Alone time.Duration
	// Waited is the time, after the first person answered, in which the
	// listener was gone (a phone that died) and the next one was being rung.
	Waited time.Duration
	// Listened is the time in which somebody heard the caller.
	Listened time.Duration
	// State since when, for the sums above.
	state attention
	since time.Time
}

type attention uint8

const (
	unneeded attention = iota // before the first answer, after the caller left
	listened                  // somebody hears the caller
	summoned                  // nobody does, but a person is being rung
	forsaken                  // nobody does and nobody comes
)

// Alone is the time in which the caller, having had a listener, had none and
// none was on the way. Promise 1 says that it is 0.
func (c *Call) Alone() time.Duration { return c.Attended.Alone }

// attend brings the sums up to date after an event at that time.
func (c *Call) attend(at time.Time) {
	a := &c.Attended
	if spent := at.Sub(a.since); spent > 0 {
		switch a.state {
		case forsaken:
			a.Alone += spent
		case summoned:
			a.Waited += spent
		case listened:
			a.Listened += spent
		case unneeded:
		}
	}
	a.state, a.since = c.attention(), at
}

func (c *Call) attention() attention {
	if c.TalkedAt.IsZero() || !c.Caller().Live() || c.Phase >= Parting {
		return unneeded
	}
	coming := c.Search.Queued || c.Help.Queued
	for i := range c.Legs[1:] {
		leg := &c.Legs[i+1]
		if leg.State == Up && leg.Room == c.Caller().Room && leg.Room != NoRoom {
			return listened
		}
		coming = coming || leg.Live() && (leg.State < Up || leg.Room == NoRoom)
	}
	if coming {
		return summoned
	}
	return forsaken
}

// Waited is how long the caller was in line before the first person came, or
// before the caller left.
func (c *Call) Waited() time.Duration {
	until := c.TalkedAt
	if until.IsZero() && len(c.Legs) > 0 {
		until = c.Caller().LeftAt
	}
	if c.Search.Since.IsZero() || until.Before(c.Search.Since) {
		return 0
	}
	return until.Sub(c.Search.Since)
}

// Talked is the time in which a person heard the caller.
func (c *Call) Talked() time.Duration { return c.Attended.Listened }

// outOfLine reports the step with which a caller's wait for a first person
// ended, and by whom: the role of the person, Citizen when the caller left.
func outOfLine(before, after *Call) (by Role, over bool) {
	switch {
	case len(before.Legs) == 0: // taken up from an earlier life, which has told it
		return Citizen, false
	case after.Placed.On(): // its age is that of another call
		return Citizen, false
	case after.Search.Since.IsZero() || !before.TalkedAt.IsZero():
		return Citizen, false
	case after.TalkedAt.IsZero():
		return Citizen, len(before.Legs) > 0 && before.Caller().Live() && !after.Caller().Live()
	}
	for i := range after.Legs {
		if l := &after.Legs[i]; l.Role != Citizen && l.JoinedAt.Equal(after.TalkedAt) {
			return l.Role, true
		}
	}
	return Citizen, true
}

package routing

import (
	"fmt"
	"slices"
	"time"
)

// AgentID names an agent (坐席): "1001". It is the login and the SIP user.
type AgentID string

// Presence is what an agent says of itself.
type Presence uint8

// The presences.
const (
	Offline Presence = iota
	Away
	Ready
)

// String is the word of the API.
func (p Presence) String() string {
	switch p {
	case Away:
		return "away"
	case Ready:
		return "ready"
	case Offline:
	}
	return "offline"
}

// ParsePresence reads the word of the API.
func ParsePresence(s string) (Presence, error) {
	for _, p := range []Presence{Offline, Away, Ready} {
		if p.String() == s {
			return p, nil
		}
	}
	return Offline, fmt.Errorf("presence %q: want ready, away or offline", s)
}

// Work is what is seen of an agent, whatever it says.
type Work uint8

// The kinds of work. Every one but Free names the call that owns it and a
// deadline (in the standing).
const (
	Free Work = iota
	Claimed
	Ringing
	Talking
	Wrapping
)

// String is the word of the API and of the store.
func (w Work) String() string {
	switch w {
	case Claimed:
		return "claimed"
	case Ringing:
		return "ringing"
	case Talking:
		return "talking"
	case Wrapping:
		return "wrapping"
	case Free:
	}
	return "free"
}

// ParseWork reads the word of the store.
func ParseWork(s string) (Work, error) {
	for _, w := range []Work{Free, Claimed, Ringing, Talking, Wrapping} {
		if w.String() == s {
			return w, nil
		}
	}
	return Free, fmt.Errorf("work %q: want free, claimed, ringing, talking or wrapping", s)
}

// Agent is a seat as the pairing sees it at one instant.
type Agent struct {
	ID     AgentID
	Name   string
	Queues []string
	// Languages and Skills are what the person has.
	Languages []string
	Skills    []string
	// Presence is said, Work is seen, Reachable is what Asterisk knows of the
	// phone; only all of them together make a seat that can take a call.
	Presence  Presence
	Work      Work
	Reachable bool
	// Deskless is set for a seat whose desk was open and does not answer.
	Deskless bool
	// Idle is when the last talk ended or the agent became ready: the oldest
	// is rung first.
	Idle time.Time
	// Rung is when the seat was last rung, Calls how many talks it has had in
	// this shift.
	Rung  time.Time
	Calls int
	// RestUntil keeps a seat that just rejected or was busy out of the next
	// pairing for a moment.
	RestUntil time.Time
	// WrapUntil is when after-call work ends; zero when there is none.
	WrapUntil time.Time
}

// What CanTake says besides the words of presence and work.
const (
	// SeatUnreachable is a seat whose phone is not registered, SeatNoDesk one
	// whose desk was open and does not answer, SeatResting one that has just been
	// rung in vain.
	SeatUnreachable = "unreachable"
	SeatNoDesk      = "desk"
	SeatResting     = "resting"
)

// CanTake reports whether the seat can be rung at that instant, and if not,
// why: a word of Presence or Work, SeatUnreachable, SeatNoDesk or SeatResting,
// which Speech puts in words.
func (a Agent) CanTake(at time.Time) (bool, string) {
	switch {
	case a.Presence != Ready:
		return false, a.Presence.String()
	case !a.Reachable:
		return false, SeatUnreachable
	case a.Deskless:
		return false, SeatNoDesk
	case a.Work != Free:
		return false, a.Work.String()
	case at.Before(a.RestUntil):
		return false, SeatResting
	}
	return true, ""
}

// freeIn is how long it takes until the seat can be rung by itself; 0 when that
// is not known.
func (a Agent) freeIn(at time.Time) time.Duration {
	switch can, why := a.CanTake(at); {
	case can:
	case why == SeatResting:
		return a.RestUntil.Sub(at)
	case why == Wrapping.String():
		return max(a.WrapUntil.Sub(at), 0)
	}
	return 0
}

// Serves reports whether the seat is of the queue and has what is wanted.
func (a Agent) Serves(w Want) bool {
	return slices.Contains(a.Queues, w.Queue) && hasAll(a.Languages, w.Languages) && hasAll(a.Skills, w.Skills)
}

func hasAll(has, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(has, w) })
}

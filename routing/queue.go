package routing

import (
	"cmp"
	"slices"
	"time"
)

// Queue is a line of callers that a set of seats serves.
type Queue struct {
	Name string
	// Title is what people see: "长春未保专席".
	Title string
	// Region is the code of the city whose own queue this is; empty for a
	// pool such as the provincial team.
	Region string
	// Strategy says which of several free seats is rung.
	Strategy Strategy
	// RingFor is how long one seat is rung before the next: app_queue's
	// timeout. 15 s unless the file says otherwise.
	RingFor time.Duration
	// WrapUp is the rest after a talk before the seat is free again, GraveWrapUp
	// that after a grave call, where it is the longer of the two.
	WrapUp, GraveWrapUp time.Duration
	Refusals
}

// Refusals are what follows for a seat that was rung in vain; the words are
// those of mod_callcenter. A value of 0 is the gateway's own.
type Refusals struct {
	// RejectDelay, BusyDelay, NoAnswerDelay and UnreachableDelay are how long the
	// seat is not rung again after that result.
	RejectDelay, BusyDelay, NoAnswerDelay, UnreachableDelay time.Duration
	// MaxNoAnswer is how many rings in a row may come to nothing, because nobody
	// answered or the phone gave no sign, before the seat is made away.
	MaxNoAnswer int
}

// TicketID names a caller's place in line: the call's id, with a suffix where
// a call looks for a second person besides.
type TicketID string

// Ticket is a place in line. Whoever holds the call owns it; the floor only
// reads it.
type Ticket struct {
	ID TicketID
	// Wants are the ways in which it may be served, the first step's first.
	// Widening adds to them.
	Wants []Want
	// Ratio asks the floor to tell when more than so many wait for each seat
	// that could serve it; 0: only when there is no such seat.
	Ratio float64
	// Prefer is the agent who last talked with this caller; empty for none.
	Prefer AgentID
	// Only restricts the ticket to one agent; empty for any.
	Only AgentID
	// Owner is the other gateway that acts for the ticket; empty for this one.
	// It says nothing of the ticket's place.
	Owner string
	// Since is when the caller began to wait; it never moves, whatever
	// happens to offers, so that place and age are kept.
	Since time.Time
	// Boost makes the ticket older by so many minutes, so that nobody waits for
	// ever behind those who are pressing. From BoostReturn on it goes before
	// all that is lower, whatever its age.
	Boost int
	// Next is how the search goes on if nobody answers until then.
	Next Widening
}

// Widening is the next step of a search; the zero value for none.
type Widening struct {
	To Target
	// After is counted from Since, which is when the plan was asked.
	After time.Duration
	Since time.Time
}

// class is 0 for everybody but callers who must not wait for an ordinary turn.
func (t Ticket) class() int {
	if t.Boost < BoostReturn {
		return 0
	}
	return t.Boost
}

// aged is when the caller would have had to come to be as pressing without a
// boost.
func (t Ticket) aged() time.Time {
	return t.Since.Add(-time.Duration(t.Boost-t.class()) * time.Minute)
}

// Before reports whether the ticket stands before another in line.
func (t Ticket) Before(other Ticket) bool {
	return cmp.Or(cmp.Compare(other.class(), t.class()), t.aged().Compare(other.aged()), cmp.Compare(t.ID, other.ID)) < 0
}

// Queues are the queues whose seats may take it, each once.
func (t Ticket) Queues() []string {
	var queues []string
	for _, w := range t.Wants {
		if !slices.Contains(queues, w.Queue) {
			queues = append(queues, w.Queue)
		}
	}
	return queues
}

// Boosts, highest first. The priority of a route is below them.
const (
	// BoostRescue is for a child whose listener has gone: before everyone.
	BoostRescue = 100
	// BoostUrgent is for a caller who has pressed the key for a person now.
	BoostUrgent = 75
	// BoostReturn is for a caller who comes back into line after a talk.
	BoostReturn = 50
	// MaxPriority is the highest that a route can give.
	MaxPriority = 40
)

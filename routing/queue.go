package routing

import (
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
	// WrapUp is the rest after a talk before the seat is free again.
	WrapUp time.Duration
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
	// Since is when the caller began to wait; it never moves, whatever
	// happens to offers, so that place and age are kept.
	Since time.Time
	// Boost makes the ticket older by so many minutes, so that nobody waits for
	// ever behind those who are pressing. From BoostReturn on it goes before
	// all that is lower, whatever its age.
	Boost int
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

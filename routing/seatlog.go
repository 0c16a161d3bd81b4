package routing

import "time"

// SeatChange is a line of a seat's presence log: something that is true of the
// seat is not what it was.
type SeatChange struct {
	At    time.Time
	Agent AgentID
	What  SeatFact
	// From and To are words of the fact; for the presence those of Presence, for
	// the work those of Work.
	From, To string
	// Cause says why: the agent's own word, the result of a ring as in
	// call.Seen, or what was found out, in words.
	Cause string
	// By is who said so; empty when the gateway has seen it.
	By AgentID
	// Call and Queue are those that the work was for. For the work, Since is
	// when it was begun.
	Call  string
	Queue string
	Since time.Time
}

// SeatFact is what a SeatChange is about.
type SeatFact string

// The facts.
const (
	// FactPresence is what the agent says: offline, away, ready.
	FactPresence SeatFact = "presence"
	// FactPhone is what Asterisk knows of the phone: reachable, unreachable.
	FactPhone SeatFact = "phone"
	// FactDesk is what is seen of the desk: none, open, gone.
	FactDesk SeatFact = "desk"
	// FactWork is a piece of work that has come to its end: a ring in vain, a
	// talk, the rest after it. What it began with is in its Since, and the rings
	// that led to a talk are in the record of the call: so a call costs the log
	// two lines and not five.
	FactWork SeatFact = "work"
)

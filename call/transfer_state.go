package call

import (
	"time"

	"weibao/routing"
)

// TransferPhase is how far a warm transfer has come.
type TransferPhase uint8

// The phases of a warm transfer.
const (
	NoTransfer TransferPhase = iota
	// Reaching: the target is being rung; the caller stays with the seat.
	Reaching
	// Briefing: seat and target speak privately; a companion is with the
	// caller.
	Briefing
	// Introduced: caller, seat and target hear each other.
	Introduced
	// Handed: the target has the caller; the seat may leave.
	Handed
)

var transferPhaseNames = [...]string{"none", "reaching", "briefing", "introduced", "handed"}

// String is the word of the API.
func (p TransferPhase) String() string { return transferPhaseNames[p] }

// Transfer is a third party being brought into a call.
type Transfer struct {
	Phase    TransferPhase
	To       routing.Target
	Place    string
	Category string
	By       routing.AgentID
	Ordinal  int    // counted from 1 in the call
	Files    bool   // this transfer goes with a filing
	Filing   string // number of the filing; "" until it is known
	Dialled  bool   // the first route has been dialled
	Routes   []string
	Next     int   // index of the next route to dial
	Leg      LegID // the target's present leg
	Attempts []Attempt
	Outcome  string // "" while in progress
	Reason   string // for the seat's screen

	AskedAt      time.Time
	PickedAt     time.Time
	IntroducedAt time.Time
	HandedAt     time.Time
	EndedAt      time.Time
}

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
	Phase    TransferPhase   `json:",omitzero"`
	To       routing.Target  `json:",omitzero"`
	Place    string          `json:",omitzero"`
	Category string          `json:",omitzero"`
	By       routing.AgentID `json:",omitzero"`
	Ordinal  int             `json:",omitzero"` // counted from 1 in the call
	Files    bool            `json:",omitzero"` // this transfer goes with a filing
	Filing   string          `json:",omitzero"` // number of the filing; "" until it is known
	Notice   string          `json:",omitzero"` // what the seat has still to put right
	Amended  bool            `json:",omitzero"` // the form was written before the filing had its number
	Dialled  bool            `json:",omitzero"` // the first route has been dialled
	Routes   []string        `json:",omitzero"`
	Next     int             `json:",omitzero"` // index of the next route to dial
	Leg      LegID           `json:",omitzero"` // the target's present leg
	Attempts []Attempt       `json:",omitzero"`
	Outcome  string          `json:",omitzero"` // "" while in progress
	Reason   string          `json:",omitzero"` // for the seat's screen

	AskedAt      time.Time `json:",omitzero"`
	PickedAt     time.Time `json:",omitzero"`
	IntroducedAt time.Time `json:",omitzero"`
	HandedAt     time.Time `json:",omitzero"`
	EndedAt      time.Time `json:",omitzero"`
}

package call

import (
	"time"

	"weibao/routing"
)

// LegID is the id of one party's channel in Asterisk. For legs that we place
// it is chosen by us before the channel exists, so that its first event finds
// its call and a repeated request can not place a second call.
type LegID string

// Role says who a leg is.
type Role uint8

// The roles.
const (
	Citizen Role = iota
	Seat
	// Companion keeps the child company beside the seat, or in its place.
	Companion
	Police
	Duty
	// Other is any other target of a transfer.
	Other
)

var roleNames = [...]string{"caller", "seat", "companion", "police", "duty", "other"}

// String is the word of the record and of the API.
func (r Role) String() string { return roleNames[r] }

// LegState is what is known of a leg.
type LegState uint8

// The states of a leg.
const (
	Dialling LegState = iota
	RingingLeg
	Up
	Gone
	// Unplaced: the party of a call that we place, before it is dialled. It
	// does not exist in Asterisk.
	Unplaced
)

var legStateNames = [...]string{"dialling", "ringing", "up", "gone", "unplaced"}

// String is the word of the record and of the API.
func (s LegState) String() string { return legStateNames[s] }

// Room is a conversation of a call; those in the same room hear each other.
type Room string

// The rooms of a call.
const (
	NoRoom Room = ""
	// Talk is where the caller is from the first answer to the end.
	Talk Room = "talk"
	// Side is for a private briefing, while somebody stays with the caller.
	Side Room = "side"
)

// Cause says why a leg ended or was never answered.
type Cause string

// The causes.
const (
	HungUp      Cause = "hung_up"     // the party ended it
	Lost        Cause = "lost"        // the phone vanished: no media, no signalling
	Busy        Cause = "busy"        // 486, 600
	Rejected    Cause = "rejected"    // 603 and other refusals by the party
	NoAnswer    Cause = "no_answer"   // rang out
	Unreachable Cause = "unreachable" // no such number, not registered, no reply, trunk gone
	Released    Cause = "released"    // by us: no longer needed
	Unknown     Cause = "unknown"
)

// Leg is one party of a call and its times. A zero time means that it has not
// happened.
type Leg struct {
	ID     LegID
	Role   Role             `json:",omitzero"`
	Agent  routing.AgentID  `json:",omitzero"`
	Number routing.Number   `json:",omitzero"` // of outside legs, as dialled
	Queue  string           `json:",omitzero"` // the queue that offered the seat
	Ticket routing.TicketID `json:",omitzero"` // the ticket it was offered for
	Fence  uint64           `json:",omitzero"` // of the claim on the seat
	State  LegState         `json:",omitzero"`
	Room   Room             `json:",omitzero"`
	Cause  Cause            `json:",omitzero"`
	// Playing is the id of the prompt that the party hears; "" for none.
	Playing string `json:",omitzero"`
	// Typed are the last keys pressed by one of ours, at TypedAt the last.
	Typed   string    `json:",omitzero"`
	TypedAt time.Time `json:",omitzero"`

	DialledAt time.Time `json:",omitzero"`
	RangAt    time.Time `json:",omitzero"`
	PickedAt  time.Time `json:",omitzero"`
	JoinedAt  time.Time `json:",omitzero"`
	LeftAt    time.Time `json:",omitzero"`
}

// Live reports whether the leg exists in Asterisk as far as is known.
func (l *Leg) Live() bool { return l.State != Gone && l.State != Unplaced }

package call

import (
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// Command is something that a call wants done. A session carries the commands
// of one call out in order; one that can not be done comes back as Failed.
type Command interface{ command() }

// Alarm names a timer of a call. Setting it again moves it.
type Alarm string

// Play plays prompts to one party, one after the other. Played{Play} follows.
type Play struct {
	Leg     LegID
	Play    string // id, unique in the call
	Prompts []ivr.Prompt
}

// Quiet stops prompts and music of one party and returns when it is so.
// Asterisk carries the commands of a channel out one after the other: joining
// a caller behind a running prompt would wait for its end.
type Quiet struct{ Leg LegID }

// Music plays soft music to one party until Quiet.
type Music struct{ Leg LegID }

// Answer picks up the caller's call.
type Answer struct{ Leg LegID }

// Dial rings a party. Rang, then Picked or Left follow.
type Dial struct {
	Leg LegID
	// To is ToAgent or ToNumber; for a number, Trunk says through which peer.
	To    routing.Target
	Trunk string
	// Room is entered before the dialling, so that an answer while the
	// gateway is dead still meets the caller; NoRoom to be joined later.
	Room Room
	// Shown is the number the party sees as the caller's.
	Shown string
	// Memo is kept on the leg in Asterisk and comes back in Party.Memo when a
	// later life of the gateway finds the leg; it has no commas.
	Memo string
	// Urgent: a call to 110. No limit of the trunk and no other dialling holds
	// it up.
	Urgent bool
	// Headers are SIP headers for the party's phone.
	Headers map[string]string
}

// The trunks.
const (
	TrunkCarrier = "carrier"
	TrunkPolice  = "police"
)

// Join brings legs into a room, all at once; a leg that is in another room
// leaves that one in the same act.
type Join struct {
	Room Room
	Legs []LegID
}

// Release hangs a leg up.
type Release struct {
	Leg LegID
	Why Cause
}

// Close gives up the rooms of a call when every leg is gone.
type Close struct{}

// Enqueue puts the ticket in line, or replaces it when it is there already.
type Enqueue struct{ Ticket routing.Ticket }

// Withdraw takes a ticket out of line.
type Withdraw struct{ Ticket routing.TicketID }

// Enquire asks the floor where a ticket stands. Stands follows.
type Enquire struct{ Ticket routing.TicketID }

// Report tells the floor what became of a seat that it offered.
type Report struct {
	Ticket routing.TicketID
	Agent  routing.AgentID
	Fence  uint64
	What   Seen
	// Grave is told with SeenLeft: the rest after this call is longer.
	Grave bool
}

// Seen is what was seen of an offered seat.
type Seen string

// What can be seen of a seat. SeenPicked begins the talk; each other ends the
// claim.
const (
	SeenRinging     Seen = "ringing"
	SeenPicked      Seen = "picked"
	SeenNoAnswer    Seen = "no_answer"   // the seat rests; after several in a row it becomes away, with the reason
	SeenRejected    Seen = "rejected"    // the seat rests for a moment
	SeenBusy        Seen = "busy"        // the seat rests for a moment
	SeenUnreachable Seen = "unreachable" // the seat rests; after several in a row it becomes away, with the reason
	SeenCancelled   Seen = "cancelled"   // the caller left or another answered: free at once
	SeenLeft        Seen = "left"        // the talk is over: after-call work
)

// SetAlarm asks for Alarmed after a while.
type SetAlarm struct {
	Alarm Alarm
	After time.Duration
}

// ClearAlarm takes an alarm back.
type ClearAlarm struct{ Alarm Alarm }

// FileNotice writes a filing (报备). Filed follows, whatever happens.
type FileNotice struct {
	// Transfer is the ordinal of the transfer in the call, counted from 1.
	Transfer int
	Filing   Filing
}

// CloseNotice adds the outcome to a filing.
type CloseNotice struct {
	Number   string
	Outcome  string
	Attempts []Attempt
}

// AmendNotice adds to a filing what a seat has written down since.
type AmendNotice struct {
	Number string
	By     routing.AgentID
	Form   map[string]string
}

// Promise makes a call back durable. Promised follows, whatever happens.
type Promise struct{ FollowUp FollowUp }

// Record begins the recording of a room. Recorded follows when it is closed.
type Record struct {
	Room Room
	Name string
}

// Mute has a recording silent, or, when On is false, hear again.
type Mute struct {
	Name string
	On   bool
}

// KeepRecord keeps the record of the call. It is the last command of a call
// and comes exactly once.
type KeepRecord struct{ Call Call }

// Reply answers an Asked.
type Reply struct {
	Request string
	// Refused is empty when the wish was granted; else why not, for people.
	Refused string
}

// Check asks whether the call's legs still exist; Left follows for each that
// does not.
type Check struct{ Legs []LegID }

func (Play) command()        {}
func (Quiet) command()       {}
func (Music) command()       {}
func (Answer) command()      {}
func (Dial) command()        {}
func (Join) command()        {}
func (Release) command()     {}
func (Close) command()       {}
func (Enqueue) command()     {}
func (Withdraw) command()    {}
func (Enquire) command()     {}
func (Report) command()      {}
func (SetAlarm) command()    {}
func (ClearAlarm) command()  {}
func (FileNotice) command()  {}
func (CloseNotice) command() {}
func (AmendNotice) command() {}
func (Promise) command()     {}
func (Record) command()      {}
func (Mute) command()        {}
func (KeepRecord) command()  {}
func (Reply) command()       {}
func (Check) command()       {}

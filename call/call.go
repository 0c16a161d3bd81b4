package call

import (
	"maps"
	"slices"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// ID names a call: a ULID, so that ids sort by time in logs and file names.
type ID string

// Phase is where a call is in its life.
type Phase uint8

// The phases of a call, in the order of an ordinary life.
const (
	// Arriving is the zero value: nothing has been heard of the call yet.
	Arriving Phase = iota
	// InMenu: the caller hears the greeting and may press.
	InMenu
	// Waiting: in line, nobody is being rung.
	Waiting
	// Offering: at least one person is being rung for the caller.
	Offering
	// Calling: a seat has answered for a call of ours (see [Placed]) and the
	// party's phone is being rung, or the party has not confirmed yet.
	Calling
	// Talking: a person has answered.
	Talking
	// Parting: the person the caller spoke with has hung up. The caller hears
	// that the talk is over and, staying on the line, is put first in line
	// again; the system never hangs up on a caller.
	Parting
	// Closing: every leg is gone, the recording is being finished.
	Closing
	// Ended: the record has been asked for. Nothing happens any more.
	Ended
)

var phaseNames = [...]string{"arriving", "in_menu", "waiting", "offering", "calling", "talking", "parting", "closing", "ended"}

// String is the word of the API and of the metrics.
func (p Phase) String() string { return phaseNames[p] }

// Outcome is how a call ended, from a few fixed words; a metric label.
type Outcome string

// The outcomes. Their sum with the live calls is the number of arrivals.
const (
	// Answered: a person spoke with the caller and the talk ended.
	Answered Outcome = "answered"
	// HandedOver: the police or another target has taken the caller over.
	HandedOver Outcome = "handed_over"
	// CallBack: the caller left before the matter was settled and is owed a
	// call back, which has an owner and a deadline.
	CallBack Outcome = "callback"
	// Unreached: a seat's own call was not answered. Nobody is owed anything.
	Unreached Outcome = "unreached"
	// Abandoned: the caller left before a person answered.
	Abandoned Outcome = "abandoned"
	// Fault: the call was lost by a fault of the system.
	Fault Outcome = "fault"
)

// Ending is the outcome and, for people, the reason in words.
type Ending struct {
	Outcome Outcome
	Reason  string
}

// Call is the whole state of one call: plain data that only the call's own
// session changes, by Next. Copies taken with Clone are safe to share. Every
// field goes into the call's snapshot, see [Freeze].
type Call struct {
	ID      ID
	Guide   string // version of the configuration it arrived with
	Dialled string
	Number  routing.Number // the caller's, as it came
	Known   routing.Caller // the number as it is understood
	Trunk   string
	Region  string // code of the city through whose line it came
	// Facts are what was known of the caller when the call came: those of
	// routing.Request, and FactAgent.
	Facts  map[string]string
	Phase  Phase
	Legs   []Leg // every leg that ever was; Legs[0] is the caller
	Walk   ivr.Walk
	Search Search
	// Wait is what the caller hears and presses in line.
	Wait  Wait
	Agent routing.AgentID // the seat that has, or last had, the talk
	// Transfer is the one in progress; Transfers are those that are over.
	Transfer  Transfer `json:",omitzero"`
	Transfers []Transfer
	// Help is the search for a listener beside the seat: a supervisor for a
	// child whose seat has gone, a companion for a private briefing.
	Help     Search `json:",omitzero"`
	Alarms   map[Alarm]time.Time
	Attended Attendance
	Note     map[string]string // what the seat wrote: the form
	FollowUp FollowUp          `json:",omitzero"`
	// Safe is what the caller has said of being rung back.
	Safe Safety `json:",omitempty"`
	// Placed is set in a call that we placed: Legs[0] is the party that was
	// rung, Unplaced until a seat has answered for it.
	Placed    Placed    `json:",omitzero"`
	Recording Recording `json:",omitzero"`
	Ending    Ending    `json:",omitzero"`
	Journey   []Entry
	// LegPrefix begins the ids of the legs that we place.
	LegPrefix string
	// Plays counts the prompts played, for their ids.
	Plays int

	ArrivedAt time.Time
	TalkedAt  time.Time `json:",omitzero"` // when the first person was joined with the caller
	EndedAt   time.Time `json:",omitzero"`
}

// Search is the looking for a person: the place in line and the steps of the
// plan.
type Search struct {
	Ticket   routing.Ticket
	Decision routing.Decision
	Step     int // the next step of Decision.Steps to begin
	Since    time.Time
	// Pulled are the wants that a seat has added to those of the plan.
	Pulled []routing.Want `json:",omitempty"`
	// Queued is set while the floor holds the ticket.
	Queued bool
	// Phones are the steps that ring telephones and have begun: posts and
	// numbers. Duty are the numbers still to be rung in this round.
	Phones []routing.Target
	Duty   []string
	// Brief is set in a search for help when the listener is wanted for a
	// private briefing.
	Brief bool
}

// Recording is what became of the recording of the talk.
type Recording struct {
	// Off: nothing is to be recorded of this call.
	Off    bool
	Wanted bool   // a recording was begun
	Name   string // of the present file: below the folder of recordings, without suffix
	File   string // where Asterisk wrote it
	Length time.Duration
	Fault  string // why there is none, or not all of it
	// Parts are the files before File: each had stopped growing, and the
	// recording went on in another one.
	Parts []RecordingPart `json:",omitempty"`
	// Pauses are the times in which a supervisor had it silent, the last one
	// without an end while it lasts.
	Pauses []Pause `json:",omitempty"`
}

// RecordingPart is a file of a recording that went on in another one.
type RecordingPart struct {
	File   string
	Length time.Duration
	Fault  string // why it went on in another one
}

// Pause is a time in which a recording has silence in the place of voices, so
// that its clock stays that of the talk.
type Pause struct {
	From   time.Time
	To     time.Time `json:",omitzero"` // zero while it lasts
	By     routing.AgentID
	Reason string
}

// Paused reports whether the recording is silent at the moment.
func (r *Recording) Paused() bool {
	return len(r.Pauses) > 0 && r.Pauses[len(r.Pauses)-1].To.IsZero()
}

// Entry is one line of a call's journey, for people.
type Entry struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Leg  LegID     `json:"leg,omitempty"`
	Who  string    `json:"who,omitempty"`
	More string    `json:"more,omitempty"`
}

// Clone returns a copy that shares nothing that Next changes.
func (c Call) Clone() Call {
	c.Legs = slices.Clone(c.Legs)
	c.Transfers = slices.Clone(c.Transfers)
	c.Transfer.Attempts = slices.Clone(c.Transfer.Attempts)
	c.Alarms = maps.Clone(c.Alarms)
	c.Note = maps.Clone(c.Note)
	c.Journey = slices.Clone(c.Journey)
	c.Recording.Parts, c.Recording.Pauses = slices.Clone(c.Recording.Parts), slices.Clone(c.Recording.Pauses)
	return c
}

// Caller is the caller's leg.
func (c *Call) Caller() *Leg { return &c.Legs[0] }

// Leg finds a leg of the call; nil when it has none of that id.
func (c *Call) Leg(id LegID) *Leg {
	for i := range c.Legs {
		if c.Legs[i].ID == id {
			return &c.Legs[i]
		}
	}
	return nil
}

package call

import (
	"time"

	"weibao/routing"
)

// Event is something that happened to a call. Every event carries its time;
// Next has no clock.
type Event interface{ When() time.Time }

// At is the time of an event; it is embedded in each.
type At time.Time

// When returns the time of the event.
func (a At) When() time.Time { return time.Time(a) }

// Arrived says that a caller's channel entered the application.
type Arrived struct {
	At
	Call    ID
	Leg     LegID
	Dialled string
	Caller  routing.Number
	Trunk   string
	Region  string // of the X-Region header; "" when there was none
	// Facts are what is known of the caller besides, see routing.Request.
	Facts map[string]string
	// Unrecorded: the talk is not to be recorded.
	Unrecorded bool
	// Resumed is set for a caller found in Asterisk after a restart of the
	// gateway: no greeting again. Alone in Asterisk, the caller goes to the
	// front of the line; with somebody, the talk goes on under its old id.
	Resumed bool
	// Since is when a resumed caller first came; zero when that is not known.
	Since time.Time
	// Placed is set for the party of a call that an earlier life placed.
	Placed Placed
	// With are the parties found in the rooms of a resumed call.
	With []Party
	// Kept is a resumed call as the earlier life last wrote it down; nil when
	// it did not.
	Kept *Call
	// Recent is set when the earlier life had written its other calls down, but
	// not this one: it had come only just before.
	Recent bool
}

// Owed says that a call of ours is to be placed: to somebody who is owed a call
// back, or the own call of a seat. A seat is rung first.
type Owed struct {
	At
	Call ID
	Leg  LegID // the id that the party's leg will have
	// FollowUp is what is owed; one without an ID is the own call of By.
	FollowUp FollowUp
	// By is the seat that wants to ring; empty for the gateway itself, and
	// then any seat of the plan may be rung for it.
	By routing.AgentID
	// Override is why a number is rung that was said to be unsafe.
	Override string
	// Unrecorded: the talk is not to be recorded.
	Unrecorded bool
	// Facts are what is known of the party besides, see routing.Request.
	Facts map[string]string
}

// Recalled says that the party of a call of ours must not be rung now: it has
// called by itself, or somebody else rings it.
type Recalled struct {
	At
	Why string
}

// Promised says that a promised call back is on the disk, or could not be kept.
type Promised struct {
	At
	// Since is the age that the call back has: an earlier promise to the same
	// person gives its own.
	Since time.Time
	Err   string
}

// Party is somebody found in Asterisk together with a resumed caller.
type Party struct {
	Leg    LegID
	Agent  routing.AgentID // of a seat
	Number routing.Number  // of an outside party
	Trunk  string          // through which the outside party was dialled
	Up     bool
	Room   Room
	Memo   string // of the Dial that placed it
}

// Pressed says that a party pressed a key.
type Pressed struct {
	At
	Leg LegID
	Key string
}

// Played says that a prompt came to its end, or was stopped.
type Played struct {
	At
	Leg  LegID
	Play string
}

// Rang says that the far phone rings.
type Rang struct {
	At
	Leg LegID
}

// Picked says that a leg that we placed was answered.
type Picked struct {
	At
	Leg LegID
}

// Left says that a leg is gone, or could not be placed.
type Left struct {
	At
	Leg   LegID
	Cause Cause
	// Detail is the SIP code or Asterisk's words, for the record.
	Detail string
}

// Offered says that the floor gives a seat to one of the call's tickets.
type Offered struct {
	At
	Offer Offer
}

// Crowded says that no seat that is ready could ever serve the ticket as it
// stands, or that more wait for each such seat than the ticket's ratio. It may
// be repeated; harmless.
type Crowded struct {
	At
	Ticket routing.TicketID
	Load   routing.Load
}

// Stands answers an Enquire.
type Stands struct {
	At
	Ticket routing.TicketID
	// Position counts from 1 among all who wait for the same queues, those too
	// for whom a seat is being rung; 0 when the ticket is not in line. A far
	// one may be told as less far, see PlaceWords.
	Position int
	Estimate routing.Estimate
}

// Asked says that an agent wants something, through the desk or the API.
type Asked struct {
	At
	Request string // to match the Reply
	By      routing.AgentID
	Wish    Wish
}

// Filed says that the filing has been written, or could not be.
type Filed struct {
	At
	// Transfer is the ordinal of the transfer that asked, as in FileNotice.
	Transfer int
	Number   string
	Err      string // the disk refused; the number is valid all the same
}

// Recorded says that the recording has been closed by Asterisk, or, with Next,
// that it goes on in another file.
type Recorded struct {
	At
	File   string
	Length time.Duration
	Fault  string
	// Next is the name of the file in which it goes on from now on. Without File
	// it has begun there: the usual folder took nothing.
	Next string
}

// Alarmed says that an alarm set by SetAlarm has come.
type Alarmed struct {
	At
	Alarm Alarm
}

// Failed says that a command could not be carried out.
type Failed struct {
	At
	Command Command
	Err     string
}

// Offer is a seat for a ticket, under a claim. The fence grows with every
// claim on the seat; who comes with an older one is refused.
type Offer struct {
	Ticket  routing.TicketID
	Agent   routing.AgentID
	Queue   string
	RingFor time.Duration
	Fence   uint64
	Trace   []routing.Check
}

// Wish is what an agent can ask of a call.
type Wish interface{ wish() }

// WishTransfer asks for a third party.
type WishTransfer struct {
	To       routing.Target
	Place    string // region code of the child's place, for 110
	Category string // 遗弃 性侵 虐待 暴力侵害 …, for the filing
	Notice   string // set by the call: what the seat has still to put right
}

// The other wishes of a transfer in progress, and the end of a talk.
type (
	// WishBrief asks to speak with the target privately; somebody else must
	// stay with the caller.
	WishBrief struct{}
	// WishIntroduce asks to bring everybody together.
	WishIntroduce struct{}
	// WishHandover says that the target has taken the caller over.
	WishHandover struct{}
	// WishCancel gives the transfer up.
	WishCancel struct{}
	// WishHangup ends the talk by the agent's own decision.
	WishHangup struct{}
	// WishReject refuses the ring of the agent's own phone, as if the phone had
	// refused it.
	WishReject struct{}
	// WishPull takes a caller who waits out of its turn, for a seat; its queues
	// may take the caller, too.
	WishPull struct {
		Agent  routing.AgentID
		Queues []string
	}
	// WishPause has the recording silent for a while; WishResume ends that.
	WishPause struct{ Reason string }
	// WishResume ends a pause of the recording before its time.
	WishResume struct{}
	// WishNote keeps what the agent wrote.
	WishNote struct{ Fields map[string]string }
)

func (WishTransfer) wish()  {}
func (WishBrief) wish()     {}
func (WishIntroduce) wish() {}
func (WishHandover) wish()  {}
func (WishCancel) wish()    {}
func (WishHangup) wish()    {}
func (WishReject) wish()    {}
func (WishPull) wish()      {}
func (WishNote) wish()      {}
func (WishPause) wish()     {}
func (WishResume) wish()    {}

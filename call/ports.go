package call

import (
	"context"
	"errors"

	"weibao/ivr"
	"weibao/routing"
)

// ErrGone is returned by a Line for a leg that does not exist any more. It is
// no fault: Left is on its way.
var ErrGone = errors.New("leg is gone")

// Line is the telephone side: Asterisk. Each operation returns when Asterisk
// has accepted it; what comes of it arrives as events. Every operation is
// harmless when repeated. It is implemented by package asterisk.
type Line interface {
	Answer(ctx context.Context, leg LegID) error
	Play(ctx context.Context, leg LegID, play string, prompts []ivr.Prompt) error
	Quiet(ctx context.Context, leg LegID) error
	Music(ctx context.Context, leg LegID) error
	// Dial places a leg under the id in d. With d.Room set it is put into that
	// room of the call before it is dialled.
	Dial(ctx context.Context, id ID, d Dial) error
	Join(ctx context.Context, id ID, room Room, legs []LegID) error
	Release(ctx context.Context, leg LegID, why Cause) error
	// Surrender gives a caller to Asterisk's own dialplan, which rings seats
	// and the duty officer without us. For a call whose rules have failed.
	Surrender(ctx context.Context, leg LegID) error
	Record(ctx context.Context, id ID, room Room, name string) error
	// Mute has a recording write silence, or hear again. ErrGone when there is
	// no such recording.
	Mute(ctx context.Context, name string, on bool) error
	// Close destroys the rooms of a call.
	Close(ctx context.Context, id ID) error
	// Exists reports which of the legs still exist.
	Exists(ctx context.Context, legs []LegID) (map[LegID]bool, error)
}

// Floor keeps order in the line and finds seats. Offers come back as Offered
// and Crowded events, answers as Stands. It is implemented by package cti.
type Floor interface {
	Enqueue(ctx context.Context, id ID, t routing.Ticket) error
	Withdraw(ctx context.Context, t routing.TicketID) error
	// Enquire asks where a ticket stands; the answer comes back as Stands.
	Enquire(ctx context.Context, id ID, t routing.TicketID) error
	Report(ctx context.Context, id ID, r Report) error
}

// FollowUps keep what callers are owed. They are implemented by package record.
type FollowUps interface {
	// Promise is durable when it returns nil; again under the same id it
	// replaces what was kept.
	Promise(ctx context.Context, f FollowUp) error
	Settle(ctx context.Context, s Settlement) error
	// OpenFollowUps are all that have not been settled.
	OpenFollowUps(ctx context.Context) ([]FollowUp, error)
}

// Registry keeps what must not be lost. It is implemented by package record.
type Registry interface {
	// Keep keeps the record of a finished call. When it returns without an
	// error the record is on the local disk.
	Keep(ctx context.Context, c Call) error
	// File writes a filing and returns its number. When it returns without an
	// error the filing is on the local disk. The number is valid even with an
	// error: 110 is called all the same.
	File(ctx context.Context, f Filing) (number string, err error)
	// Amend adds to a filing what a seat has written down since.
	Amend(ctx context.Context, a AmendNotice) error
	// Conclude adds the outcome of the call to 110 to a filing.
	Conclude(ctx context.Context, c CloseNotice) error
}

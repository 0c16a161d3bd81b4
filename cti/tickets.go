package cti

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"weibao/call"
	"weibao/routing"
)

// ErrSuperseded is returned by Post when a later life of the same gateway, or
// a later notice of this one, has been posted already.
var ErrSuperseded = errors.New("a later notice of this gateway has been posted")

// Posted is a ticket as the gateway where its call lives has told the others.
type Posted struct {
	Ticket routing.Ticket
	Call   call.ID
}

// Bulletin is what one gateway tells of its line. Only that gateway writes it.
// One without posts and drops is a sign of life.
type Bulletin struct {
	Gateway string `json:"gateway"`
	// Life grows with every start of the gateway and every time it has found
	// the store again; Seq grows within a life. Older news is worth nothing.
	Life uint64 `json:"life"`
	Seq  uint64 `json:"seq"`
	// Posts are tickets that have come into line or changed.
	Posts []Posted `json:"posts,omitempty"`
	// Drops are tickets that have left it.
	Drops []routing.TicketID `json:"drops,omitempty"`
}

// after reports news that is later than what is known already.
func (n Bulletin) after(life, seq uint64) bool {
	return n.Life > life || n.Life == life && n.Seq > seq
}

// Tickets is where gateways tell each other who waits with them.
type Tickets interface {
	// All returns the whole line of every gateway: one notice each, without
	// drops, under the life and number of its latest.
	All(ctx context.Context) ([]Bulletin, error)
	// Post writes a notice in one atomic step and tells everybody. The first
	// of a life takes the place of all that earlier lives have posted. One
	// that is not later than what is there changes nothing: ErrSuperseded;
	// the very same again, after an answer was lost, is no error.
	Post(ctx context.Context, n Bulletin) error
	// Forget removes the line of a gateway that has gone for good, unless it
	// has posted since that notice.
	Forget(ctx context.Context, n Bulletin) error
	// Watch reports notices as they are posted, by whomever, from the moment
	// it returns. The channel is closed when ctx is done or the watch is
	// broken: whoever watches again then has to read All.
	Watch(ctx context.Context) (<-chan Bulletin, error)
}

// sameTicket reports whether two tickets stand in line alike.
func sameTicket(a, b routing.Ticket) bool {
	return a.ID == b.ID && a.Since.Equal(b.Since) && a.Boost == b.Boost && a.Ratio == b.Ratio &&
		a.Only == b.Only && a.Prefer == b.Prefer && a.Owner == b.Owner && sameNext(a.Next, b.Next) &&
		slices.EqualFunc(a.Wants, b.Wants, func(a, b routing.Want) bool {
			return a.Queue == b.Queue && slices.Equal(a.Languages, b.Languages) && slices.Equal(a.Skills, b.Skills)
		})
}

// sameNext compares what the screens of every gateway say of the next step. It
// changes when a step begins and not otherwise.
func sameNext(a, b routing.Widening) bool {
	return a.To == b.To && a.After == b.After && a.Since.Equal(b.Since)
}

// postedForm is a Posted as Redis keeps it. Since are Unix nanoseconds: two
// gateways must put the same tickets in the same order.
type postedForm struct {
	ID     routing.TicketID `json:"id"`
	Call   call.ID          `json:"call"`
	Wants  []routing.Want   `json:"wants"`
	Since  int64            `json:"since"`
	Boost  int              `json:"boost,omitempty"`
	Ratio  float64          `json:"ratio,omitempty"`
	Prefer routing.AgentID  `json:"prefer,omitempty"`
	Only   routing.AgentID  `json:"only,omitempty"`
	Next   *nextForm        `json:"next,omitempty"`
}

// nextForm is the next step of a search.
type nextForm struct {
	Kind  routing.TargetKind `json:"kind"`
	Name  string             `json:"name,omitempty"`
	After time.Duration      `json:"after"`
	Since int64              `json:"since"`
}

// MarshalJSON writes the form that gateways exchange.
func (p Posted) MarshalJSON() ([]byte, error) {
	t := p.Ticket
	form := postedForm{
		ID: t.ID, Call: p.Call, Wants: t.Wants, Since: t.Since.UnixNano(),
		Boost: t.Boost, Ratio: t.Ratio, Prefer: t.Prefer, Only: t.Only,
	}
	if next := t.Next; next.To.Kind != routing.NoTarget {
		form.Next = &nextForm{Kind: next.To.Kind, Name: next.To.Name, After: next.After, Since: next.Since.UnixNano()}
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads it.
func (p *Posted) UnmarshalJSON(text []byte) error {
	var f postedForm
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	if f.ID == "" {
		return errors.New("a ticket without an id")
	}
	*p = Posted{Call: f.Call, Ticket: routing.Ticket{
		ID: f.ID, Wants: f.Wants, Since: time.Unix(0, f.Since).UTC(),
		Boost: f.Boost, Ratio: f.Ratio, Prefer: f.Prefer, Only: f.Only,
	}}
	if n := f.Next; n != nil {
		p.Ticket.Next = routing.Widening{To: routing.Target{Kind: n.Kind, Name: n.Name}, After: n.After, Since: time.Unix(0, n.Since).UTC()}
	}
	return nil
}

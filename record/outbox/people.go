package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"weibao/record"
	"weibao/routing"
)

// Desk is the list of unread filings on the screens of the province. That they
// are pushed there is the crier's matter; here is kept who has read them.
type Desk struct{}

// Send implements Sender. A filing waits for the person who reads it; what
// becomes of it later is shown, and that is all.
func (Desk) Send(_ context.Context, d Delivery) (Receipt, error) {
	if d.Kind == record.FilingMade {
		return Receipt{Detail: "on the list of unread filings"}, nil
	}
	return Receipt{Detail: "shown", By: "desk", AcknowledgedAt: time.Now()}, nil
}

// crier is the goroutine that shows every event at this gateway, whichever
// gateway it comes from: the desks of the province are where they are.
type crier struct {
	*Outbox
	bell  chan struct{}
	since time.Time
	shown map[string]time.Time // by id, as long as they may be found again
}

// cryBack is how far back is looked: clocks differ, and a transaction that is
// slow shows its rows late.
const cryBack = time.Minute

func (c *crier) run(ctx context.Context, stop <-chan struct{}) {
	for {
		if err := c.look(ctx); err != nil && ctx.Err() == nil {
			c.Log.Debug("filings are not shown yet", "err", err) // the workers tell of the database
		}
		if !rest(ctx, stop, c.bell, c.Poll) {
			return
		}
	}
}

func (c *crier) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	now := time.Now()
	found, err := c.Store.Entered(ctx, c.since)
	if err != nil {
		return err
	}
	for _, e := range found {
		if _, done := c.shown[e.ID]; done {
			continue
		}
		c.shown[e.ID] = now
		f, err := e.Report()
		if err != nil {
			c.Log.Error("filing can not be shown", "filing", e.Filing, "err", err)
			continue
		}
		c.Show(e, f.Masked())
	}
	if from := now.Add(-cryBack); from.After(c.since) {
		c.since = from
		maps.DeleteFunc(c.shown, func(_ string, at time.Time) bool { return at.Before(from.Add(-cryBack)) })
	}
	return nil
}

// Phone rings a number, reads something out and waits for a key. What is read
// out before a person has pressed a key must tell a mailbox nothing of a child.
type Phone interface {
	// Announce returns when the call is over, or the context. The receipt has
	// AcknowledgedAt only when the key was pressed: no key, another key, and a
	// mailbox that talks are no acknowledgement. An error means that nobody
	// could be rung at all.
	Announce(ctx context.Context, a Announcement) (Receipt, error)
}

// Announcement is a call that reads something out.
type Announcement struct {
	Number routing.Number
	// Say is read in this order, and again until the key or the end.
	Say []Part
	// Key acknowledges.
	Key string
	// Filing is the number of the filing, for the record of the call.
	Filing string
}

// Part is a piece of what is read out.
type Part struct {
	What PartKind
	// Text is the number, the category, or the region's code.
	Text string
}

// PartKind says how a part is read.
type PartKind string

// The parts of an announcement of a filing.
const (
	SayFiling PartKind = "filing" // the sentence that opens it
	SayNumber PartKind = "number" // digit by digit
	SayKind   PartKind = "kind"   // the category of the filing
	SayPlace  PartKind = "place"  // a region by its code
	SayKey    PartKind = "key"    // which key acknowledges
)

// Officer is somebody who can be rung.
type Officer struct {
	Name   string
	Number routing.Number
}

// Duty rings the officers of a duty post, one after the other and round again,
// until one has pressed the key or somebody has acknowledged the filing
// elsewhere.
type Duty struct {
	Phone Phone
	// On are who is to be rung at that time, in their order.
	On func(at time.Time) []Officer
	// Acks acknowledges the filing itself.
	Acks interface {
		Ack(ctx context.Context, number, by string) error
	}
	// Next is from one call until the next officer is rung.
	Next time.Duration
	Key  string
	// Fresh is how old a filing may be: nobody is woken at night because a
	// database came back after a week. What is older is given up, and listed.
	Fresh time.Duration
	Log   *slog.Logger
}

// Send implements Sender.
func (s *Duty) Send(ctx context.Context, d Delivery) (Receipt, error) {
	f, err := d.Report()
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrFinal, err)
	}
	now := time.Now()
	if age := now.Sub(d.At); age > s.Fresh {
		return Receipt{}, fmt.Errorf("%w: made %s ago, too old to ring about", ErrFinal, age.Round(time.Minute))
	}
	officers := s.On(now)
	if len(officers) == 0 {
		return Receipt{}, errors.New("nobody is on duty at the post: look at the rota")
	}
	officer := officers[(d.Attempt-1)%len(officers)]
	who := officer.Name + " " + officer.Number.Masked()
	receipt, err := s.Phone.Announce(ctx, Announcement{
		Number: officer.Number, Key: s.Key, Filing: f.Number,
		Say: []Part{{SayFiling, ""}, {SayNumber, f.Number}, {SayKind, f.Category}, {SayPlace, f.Place}, {SayKey, s.Key}},
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("ring %s: %w", who, err)
	}
	receipt.By, receipt.Detail = who, joined(who, said(receipt), receipt.Detail)
	if receipt.AcknowledgedAt.IsZero() {
		receipt.Again = s.Next
		return receipt, nil
	}
	// The person has heard it, whatever the disk says; the registry goes on
	// trying to write that.
	if err := s.Acks.Ack(context.WithoutCancel(ctx), f.Number, who); err != nil {
		s.Log.Error("acknowledgement is not on the disk yet", "filing", f.Number, "by", who, "err", err)
	}
	return receipt, nil
}

func said(r Receipt) string {
	switch {
	case !r.AcknowledgedAt.IsZero():
		return "acknowledged by key"
	case !r.AnsweredAt.IsZero():
		return "answered, no key"
	}
	return "not answered"
}

func joined(words ...string) string {
	text := ""
	for _, word := range words {
		if word != "" && text != "" {
			text += ", "
		}
		text += word
	}
	return text
}

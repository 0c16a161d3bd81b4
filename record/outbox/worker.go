package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/oklog/ulid/v2"
)

// worker is the goroutine that brings events to one receiver, one after the
// other.
type worker struct {
	*Outbox
	receiver Receiver
	bell     chan struct{}
	stop     <-chan struct{}
	trouble  string // of the database, so that it is told once
}

// leaseMargin is what a lease is longer than an attempt: time to write what
// came of it.
const leaseMargin = 15 * time.Second

// shortest is the least pause before another look, when another gateway was
// faster.
const shortest = 20 * time.Millisecond

func (w *worker) run(ctx context.Context) {
	for {
		wait, err := w.step(ctx)
		w.report(err)
		if err != nil {
			wait = w.Poll/2 + rand.N(w.Poll)
		}
		if !rest(ctx, w.stop, w.bell, wait) {
			return
		}
	}
}

// step brings what is due, and says when to look again.
func (w *worker) step(ctx context.Context) (time.Duration, error) {
	if err := w.settle(ctx); err != nil {
		return 0, err
	}
	now := time.Now()
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	d, next, found, err := w.Store.Claim(limited, w.receiver.Name, ulid.Make().String(), now, now.Add(w.receiver.Limit+leaseMargin))
	switch {
	case err != nil:
		return 0, err
	case found:
		return 0, w.bring(ctx, d)
	case next.IsZero():
		return w.Poll, nil
	}
	return min(max(time.Until(next), shortest), w.Poll), nil
}

// settle takes the acknowledgements that came by themselves.
func (w *worker) settle(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	if w.receiver.People {
		if err := w.Store.Settle(limited, w.receiver.Name); err != nil {
			return err
		}
	}
	from, is := w.receiver.Sender.(Returner)
	if !is {
		return nil
	}
	returned, err := from.Returned(limited)
	if err != nil {
		w.Log.Error("receipts can not be read", "receiver", w.receiver.Name, "err", err)
		return nil // what is to be sent does not wait for them
	}
	for _, r := range returned {
		known, err := w.Store.Acknowledge(limited, w.receiver.Name, r, time.Now())
		if err != nil {
			return err
		}
		if err := from.Settled(limited, r, known); err != nil {
			w.Log.Error("receipt can not be put away", "receiver", w.receiver.Name, "receipt", r.Name, "err", err)
		}
	}
	return nil
}

// bring makes one attempt and writes what came of it.
func (w *worker) bring(ctx context.Context, d Delivery) error {
	began := time.Now()
	attempt, cancel := context.WithTimeout(ctx, w.receiver.Limit)
	receipt, err := w.send(attempt, d)
	cancel()
	took := time.Since(began)
	result := w.result(d, receipt, err, began)
	if ctx.Err() != nil && err != nil { // the gateway leaves; its next life, or another, goes on at once
		result = Result{State: Waiting, Detail: "gateway stopped: " + result.Detail, Due: time.Now()}
	}
	w.metrics.attempted(w.receiver.Kind, result.State, took)
	w.Log.Info("filing sent", "filing", d.Filing, "what", d.Kind, "receiver", d.Receiver, "attempt", d.Attempt,
		"state", result.State, "by", result.By, "detail", result.Detail, "took", took)
	if result.State == GivenUp {
		w.alarm(context.WithoutCancel(ctx), "filing_given_up", fmt.Sprintf("%s %s → %s (%s): %s", d.Filing, d.Kind, d.Receiver, w.receiver.Owner, result.Detail))
	}
	return w.finish(ctx, d, result, began.Add(w.receiver.Limit+leaseMargin))
}

// send keeps a fault of a sender to that sender.
func (w *worker) send(ctx context.Context, d Delivery) (r Receipt, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("fault in the sender: %v", fault)
		}
	}()
	return w.receiver.Send(ctx, d)
}

// result decides what follows from an attempt.
func (w *worker) result(d Delivery, receipt Receipt, err error, began time.Time) Result {
	now := time.Now()
	r := Result{State: Sent, By: receipt.By, Detail: receipt.Detail}
	switch {
	case err == nil && !receipt.AcknowledgedAt.IsZero():
		r.State = Acknowledged
		return r
	case err != nil:
		r.State, r.Detail = Waiting, err.Error()
		r.Due = now.Add(w.pause(d.Attempt))
	case receipt.Again > 0:
		r.Due = began.Add(receipt.Again)
	}
	if errors.Is(err, ErrFinal) || !r.Due.IsZero() && now.Sub(d.Since) >= w.GiveUp {
		r.State, r.Due = GivenUp, time.Time{}
	}
	return r
}

// pause is how long to wait after so many attempts: it doubles, and two
// gateways or two filings do not knock at the same instant.
func (w *worker) pause(attempts int) time.Duration {
	const doublings = 20
	full := min(w.First<<min(attempts-1, doublings), w.Most)
	return full/2 + rand.N(full)
}

// finish writes the result. While the database is away it tries again as long
// as the lease holds; after that the event is sent once more, under its id.
func (w *worker) finish(ctx context.Context, d Delivery, r Result, until time.Time) error {
	ctx = context.WithoutCancel(ctx)
	for {
		limited, cancel := context.WithTimeout(ctx, storeLimit)
		err := w.Store.Finish(limited, d, r, time.Now())
		cancel()
		if err == nil || time.Now().After(until) {
			return err
		}
		w.report(err)
		if !rest(ctx, w.stop, nil, w.Poll) {
			return err
		}
	}
}

// report tells of the database when its state changes.
func (w *worker) report(err error) {
	words := ""
	if err != nil && !errors.Is(err, context.Canceled) {
		words = err.Error()
	}
	if words != "" && w.trouble == "" {
		w.Log.Error("filings wait for the database", "receiver", w.receiver.Name, "err", err)
	}
	w.trouble = words
}

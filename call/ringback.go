package call

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// ringer keeps the promises of call backs: it knows those that are open, and
// places a call of ours for each when its time has come. Its goroutine owns the
// state; everybody else puts messages into its box.
type ringer struct {
	x     *Exchange
	kept  FollowUps // nil: nothing is kept, and nothing promised
	box   *Mailbox[func(context.Context)]
	ready bool // the calls in Asterisk are known, and the promises of earlier lives
	// open are the promises that the gateway keeps by itself; flights the calls
	// of ours that are live, by the follow-up they are for.
	open    map[ID]FollowUp
	flights map[ID]ID
	// given are the live calls in which a promise was written.
	given map[ID]bool
	// unwritten is what the disk still has to take, oldest first.
	unwritten []unwritten
}

// unwritten is an act of the store, of one follow-up.
type unwritten struct {
	of  ID
	act func(context.Context) error
}

// ringLook is between two looks whether hours have begun, or a pause is over.
const ringLook = 15 * time.Second

// writeLimit bounds one act of the store.
const writeLimit = 10 * time.Second

func newRinger(x *Exchange, kept FollowUps) *ringer {
	return &ringer{
		x: x, kept: kept, box: NewMailbox[func(context.Context)](), open: make(map[ID]FollowUp), flights: make(map[ID]ID), given: make(map[ID]bool),
	}
}

// RingBack keeps the promises of call backs until the context ends: those of
// earlier lives of the gateway and those that come. Promises are taken from the
// start; nobody is rung before the calls in Asterisk are known, which known
// tells.
func (x *Exchange) RingBack(ctx context.Context, known <-chan struct{}) error {
	r := x.ringer
	look := time.NewTicker(ringLook)
	defer look.Stop()
	defer r.close(context.WithoutCancel(ctx))
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-known:
			known = nil
			r.ready = r.recall(ctx)
		case <-look.C:
			if known == nil && !r.ready {
				r.ready = r.recall(ctx)
			}
		case <-r.box.Ready():
			for _, act := range r.box.TakeAll() {
				act(ctx)
			}
		}
		r.write(ctx)
		r.place(time.Now())
	}
	return nil
}

// close takes the last messages, and writes what is still to be written.
func (r *ringer) close(ctx context.Context) {
	r.ready = false
	for _, act := range r.box.Close() {
		act(ctx)
	}
	r.write(ctx)
}

// recall reads what earlier lives have promised; false when that must be tried
// again.
func (r *ringer) recall(ctx context.Context) bool {
	if r.kept == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	all, err := r.kept.OpenFollowUps(ctx)
	if err != nil {
		r.x.log.Error("promised call backs not read; nobody is rung back yet", "err", err)
		return false
	}
	for _, f := range all {
		if _, known := r.open[f.ID]; f.Promised && f.Attempts < maxAttempts && !known {
			r.open[f.ID] = f
		}
	}
	return true
}

// saw is told of every call that begins or ends. It never waits.
func (r *ringer) saw(c Call) {
	if r.kept == nil {
		return
	}
	if c.Phase == Ended {
		r.box.Put(func(context.Context) { r.ended(c) })
		return
	}
	r.box.Put(func(context.Context) { r.began(c) })
}

// began: who is on the line by itself is not rung.
func (r *ringer) began(c Call) {
	if c.Placed.On() {
		return
	}
	for id, f := range r.open {
		if r.same(f, c) {
			r.x.tell(r.flights[id], Recalled{At: At(time.Now()), Why: "来电人自己打来了"})
		}
	}
}

// ended: a person who was spoken with is owed nothing any more; what is still
// owed is tried again.
func (r *ringer) ended(c Call) {
	of := c.Placed.FollowUp.ID
	ours := of != "" && r.flights[of] == c.ID // else another call, or a person, has taken it over
	if ours {
		delete(r.flights, of)
	}
	if c.Safe == Unsafe {
		r.forget(c)
	}
	switch {
	case c.TalkedAt.IsZero() && of != "" && !ours:
	case c.TalkedAt.IsZero() && of != "":
		r.still(c.Placed.FollowUp)
	case c.TalkedAt.IsZero() && c.FollowUp.Promised:
		r.open[c.FollowUp.ID] = c.FollowUp
	case c.TalkedAt.IsZero() && r.given[c.ID]:
		delete(r.open, c.ID) // taken back
	case !c.TalkedAt.IsZero():
		r.reached(c)
		if c.FollowUp.Promised { // after a talk that broke off
			r.open[c.FollowUp.ID] = c.FollowUp
		}
	}
	delete(r.given, c.ID)
}

// forget drops what was promised to somebody who has said since that the phone
// is not safe: a person decides.
func (r *ringer) forget(c Call) {
	for id, f := range r.open {
		if r.same(f, c) {
			r.drop(id, "来电人说不能回拨")
		}
	}
}

// drop ends a promise that the gateway has to keep: a call for it that is live
// says nothing any more of what is owed, and nobody who is not rung yet is rung.
func (r *ringer) drop(id ID, why string) {
	delete(r.open, id)
	r.x.tell(r.flights[id], Recalled{At: At(time.Now()), Why: why})
	delete(r.flights, id)
}

// still keeps what is owed after a call that did not reach the party.
func (r *ringer) still(f FollowUp) {
	before, promised := r.open[f.ID]
	if f.Kind == "" || promised && f.Attempts == before.Attempts && f.NotBefore.Equal(before.NotBefore) {
		return // only its id is known, or the party was not rung
	}
	delete(r.open, f.ID)
	if f.Promised {
		r.open[f.ID] = f
	}
	r.later(f.ID, func(ctx context.Context) error { return r.kept.Promise(ctx, f) })
}

// reached settles what was owed to the person of a call.
func (r *ringer) reached(c Call) {
	settle := func(id ID) {
		r.drop(id, "来电人已接通")
		if id == c.FollowUp.ID {
			return // the talk broke off: it is owed anew, see the record
		}
		done := Settlement{ID: id, Outcome: Reached, By: c.Agent, At: c.TalkedAt, Note: string(c.ID)}
		r.later(id, func(ctx context.Context) error { return r.kept.Settle(ctx, done) })
	}
	for _, id := range []ID{c.Placed.FollowUp.ID, c.ID} {
		if id != "" && (id != c.ID || r.given[id]) {
			settle(id)
		}
	}
	for id, f := range r.open {
		if r.same(f, c) {
			settle(id)
		}
	}
}

// same reports whether a call is with the person to whom something is owed.
func (r *ringer) same(f FollowUp, c Call) bool {
	return f.ID == c.ID || c.Known.E164 != "" && r.person(f) == c.Known.E164
}

func (r *ringer) person(f FollowUp) routing.Number {
	return routing.Normalise(string(f.Number), r.x.guide().Regions, f.Region).E164
}

// later has something written; what the disk does not take is tried again.
func (r *ringer) later(of ID, act func(context.Context) error) {
	if r.kept != nil {
		r.unwritten = append(r.unwritten, unwritten{of, act})
	}
}

// write writes what it can; the acts of one follow-up stay in their order.
func (r *ringer) write(ctx context.Context) {
	failed := make(map[ID]bool)
	r.unwritten = slices.DeleteFunc(r.unwritten, func(w unwritten) bool {
		if failed[w.of] {
			return false
		}
		limited, cancel := context.WithTimeout(ctx, writeLimit)
		defer cancel()
		err := w.act(limited)
		if err != nil {
			failed[w.of] = true
			r.x.log.Error("follow-up not on disk; it is tried again", "follow_up", w.of, "err", err)
		}
		return err == nil
	})
}

// place opens a call of ours for each promise whose time has come, the oldest
// first. They wait in line like anybody; see [Placed].
func (r *ringer) place(at time.Time) {
	due := r.due(at)
	if !r.ready || r.x.newID == nil || len(due) == 0 {
		return
	}
	busy := r.onTheLine()
	for _, f := range due {
		if person := r.person(f); !busy[person] {
			busy[person] = true
			r.flights[f.ID] = r.x.place(Owed{At: At(at), FollowUp: f})
		}
	}
}

// due are the promises to be kept now, if their person is not on the line.
func (r *ringer) due(at time.Time) []FollowUp {
	guide := r.x.guide()
	var due []FollowUp
	for id, f := range r.open {
		if r.flights[id] == "" && f.Safe != Unsafe && !at.Before(f.NotBefore) && guide.within(&f, at) && r.seated(guide, f, at) {
			due = append(due, f)
		}
	}
	slices.SortFunc(due, func(a, b FollowUp) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID)) })
	return due
}

// seated reports whether the plan of now leads what is owed to seats.
func (r *ringer) seated(g *Guide, f FollowUp, at time.Time) bool {
	asked := Call{Dialled: f.Dialled, Region: f.Region, Walk: ivr.Walk{Keys: f.Keys, Intent: f.Intent, Language: f.Language}}
	return seated(g.Plan.Decide(Request(asked, at)))
}

// onTheLine are the persons of all live calls.
func (r *ringer) onTheLine() map[routing.Number]bool {
	persons := make(map[routing.Number]bool)
	for _, c := range r.x.Live() {
		if c.Known.E164 != "" {
			persons[c.Known.E164] = true
		}
	}
	return persons
}

// do has the ringer's goroutine do something and waits for its answer.
func (r *ringer) do(ctx context.Context, act func(context.Context) error) error {
	done := make(chan error, 1)
	taken := r.box.Put(func(own context.Context) {
		if ctx.Err() == nil {
			done <- act(own)
		}
	})
	if !taken {
		return errUnkept
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errUnkept = errors.New("this gateway keeps no promises of call backs")

// promise makes a promise durable, or takes one back. One person is owed one
// call: a second promise takes the place and the age of the first, here as in the
// store, and one that is taken back takes the first with it.
func (r *ringer) promise(ctx context.Context, f FollowUp) (since time.Time, err error) {
	if r.kept == nil {
		return since, errUnkept
	}
	err = r.do(ctx, func(context.Context) error {
		for _, first := range r.promisedTo(f) {
			if f.Promised && first.Since.Before(f.Since) {
				f.Since = first.Since
			}
		}
		if err := r.kept.Promise(ctx, f); err != nil {
			return err
		}
		since, r.given[f.ID] = f.Since, true
		for _, first := range r.promisedTo(f) {
			r.drop(first.ID, "来电人另有回拨约定")
		}
		if f.Promised {
			r.open[f.ID] = f
		}
		return nil
	})
	return since, err
}

package cti

import (
	"context"
	"errors"
	"sync/atomic"

	"weibao/call"
	"weibao/routing"
)

// writers is how many standings may be on their way to the store at once.
const writers = 16

// errAway stands for a write that was not tried because the store is away.
var errAway = errors.New("standings are away")

// link carries standings between the floor and the store, so that the floor
// never waits. What comes of it returns as commands in the floor's mailbox.
type link struct {
	opts   *FloorOptions
	mail   *call.Mailbox[func(*floor)]
	writes *call.Mailbox[write]
	away   atomic.Bool // the circuit is open: do not try to write
	follow *follower[Standing]
}

// write is a Swap to be made.
type write struct {
	fence uint64
	now   Standing
}

func newLink(o *FloorOptions, mail *call.Mailbox[func(*floor)]) *link {
	return &link{opts: o, mail: mail, writes: call.NewMailbox[write](), follow: &follower[Standing]{
		store: o.Standings, broken: make(chan struct{}, 1), patience: o.Patience, probe: o.Probe, refresh: o.Refresh,
		heard: func(s Standing) { mail.Put(func(f *floor) { f.heard(s) }) },
		found: func(all []Standing) { mail.Put(func(f *floor) { f.found(all) }) },
		lost:  func(err error) { mail.Put(func(f *floor) { f.lost(err) }) },
	}}
}

// write makes the Swaps, several at a time; of one agent there is never more
// than one on its way.
func (l *link) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.writes.Ready():
		}
		for w, ok := l.writes.Take(); ok; w, ok = l.writes.Take() {
			fence, err := l.swap(ctx, w)
			l.mail.Put(func(f *floor) { f.wrote(w.now.Agent, fence, err) })
		}
	}
}

func (l *link) swap(ctx context.Context, w write) (uint64, error) {
	if l.away.Load() {
		return 0, errAway
	}
	// What has been begun is brought to its end, also when the floor closes.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), l.opts.Patience)
	defer stop()
	fence, err := l.opts.Standings.Swap(ctx, w.fence, w.now)
	if err != nil && !errors.Is(err, ErrStale) {
		l.away.Store(true) // before the next write is tried
	}
	return fence, err
}

// write sends what the store should know.
func (f *floor) write() {
	for c := range drained(&f.dirty) {
		switch {
		case c.writing:
			f.dirty[c] = struct{}{} // again when the answer is there
		case f.away():
			if c.claiming != nil {
				f.grant(c)
			}
		case !f.read:
			f.dirty[c] = struct{}{}
		case c.dirty():
			if c.claiming != nil {
				c.now.Claim, c.asked = c.next(), true
			}
			c.sent, c.writing, c.owed = swapped(c.base.Fence, c.now), true, false
			f.d.link.writes.Put(write{fence: c.base.Fence, now: c.now})
		}
	}
}

// grant makes a claim hold without the store, on a fence above everything
// that is known or on its way.
func (f *floor) grant(c *chair) {
	c.now.Fence = c.next()
	c.now.Claim = c.now.Fence
	f.offer(c)
}

// wrote takes in what came of a write.
func (f *floor) wrote(id routing.AgentID, fence uint64, err error) {
	c, stale := f.chairs[id], (*StaleError)(nil)
	c.writing = false
	f.touch(c)
	switch {
	case err == nil:
		c.sent.Fence = fence
		c.base, c.now.Fence = c.sent, fence
		if c.claiming != nil && c.asked {
			f.confirmed(c)
		}
	case errors.As(err, &stale):
		f.lose(c)
		f.learn(c, stale.Stored)
	case errors.Is(err, errAway):
	default:
		// It may have been written all the same.
		c.now.Fence = max(c.now.Fence, c.sent.Fence)
		f.lost(err)
	}
	if c.heard.Fence > c.base.Fence {
		f.learn(c, c.heard)
	}
	c.heard = Standing{}
}

// confirmed makes the offer of a claim that the store has confirmed, unless a
// caller who was before has come back into line since.
func (f *floor) confirmed(c *chair) {
	if !c.yields {
		f.offer(c)
		return
	}
	f.metrics.offers.WithLabelValues("yielded").Inc()
	f.relist(c.unclaim(f.now()))
}

// lose takes back a claim because another gateway has the seat. Of the claims
// that are on their way for callers who are behind, that of the last one yields:
// else those would have passed over the one who comes back into line.
func (f *floor) lose(c *chair) {
	t := c.unclaim(f.now())
	if t == nil {
		return
	}
	f.metrics.offers.WithLabelValues("lost").Inc()
	f.relist(t)
	var last *chair
	for _, c := range f.chairs {
		behind := c.claiming != nil && !c.yields && t.Before(c.claiming.Ticket)
		if behind && (last == nil || last.claiming.Before(c.claiming.Ticket)) && t.ServedBy(c.agent()) {
			last = c
		}
	}
	if last != nil {
		last.yields = true
	}
}

// heard takes in a standing that somebody has written.
func (f *floor) heard(s Standing) {
	c := f.chair(s.Agent)
	switch {
	case c.writing:
		if s.Fence > c.heard.Fence {
			c.heard = s
		}
	case s.Fence > c.base.Fence:
		f.learn(c, s)
	}
}

func (f *floor) learn(c *chair, got Standing) {
	if got.Fence > c.base.Fence && got.Claim > c.now.Claim {
		f.lose(c)
	}
	before := c.now
	if c.learn(got, f.opts.Gateway) {
		f.metrics.clashes.Inc()
		f.log.Error("two gateways gave one seat a call", "agent", string(got.Agent), "call", string(got.Call))
	}
	if f.desks[got.Agent] > 0 { // another gateway may have said that it is gone
		f.seeDesk(c, f.now())
	}
	f.touch(c)
	f.pickedUpElsewhere(c, before)
}

// found takes in everything that the store has, after joining it and from
// time to time.
func (f *floor) found(all []Standing) {
	returned, first := f.away(), !f.read
	f.loaded, f.read = true, true
	seen := make(map[routing.AgentID]bool, len(all))
	for _, s := range all {
		seen[s.Agent] = true
		c := f.chair(s.Agent)
		switch {
		case c.writing, s.Fence > c.base.Fence:
			f.heard(s)
		case s.Fence < c.base.Fence:
			c.owed = true
		case s != c.base:
			f.learn(c, s)
		}
	}
	for id, c := range f.chairs {
		c.owed = c.owed || !seen[id] && c.base.Fence > 0 && !c.writing
		f.dirty[c] = struct{}{}
	}
	if returned {
		f.d.link.away.Store(false)
		f.d.degraded.Store(false)
		f.metrics.degraded.Set(0)
		f.log.Warn("standings are back", "agents", len(all))
		f.changed = true
	}
	if first {
		f.reclaim(f.now())
	}
}

// lost goes on without the store.
func (f *floor) lost(err error) {
	f.loaded = true
	if f.away() {
		return
	}
	f.d.link.away.Store(true)
	f.d.degraded.Store(true)
	f.metrics.degraded.Set(1)
	f.log.Error("standings are away, going on with own seats", "err", err)
	f.changed = true
	for _, c := range f.chairs {
		f.dirty[c] = struct{}{}
	}
	f.d.link.follow.rejoin()
}

func (f *floor) away() bool { return f.d.degraded.Load() }

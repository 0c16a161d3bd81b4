package cti

import (
	"time"

	"weibao/routing"
)

// sweepEvery is between checks that the calls of waiting tickets are live.
const sweepEvery = time.Minute

// restGrace is how long after its end the rest of another gateway's seat is
// left to that gateway when it can not be seen. There is no call to ask about,
// so a gateway that has died holds nobody's seat; that two may end the same
// rest does no harm.
const restGrace = 2 * time.Second

// expire looks at the work whose deadline has come: no work without an owner.
func (f *floor) expire(at time.Time) {
	f.rearm(at)
	for _, c := range f.deadlines.ran(at) {
		f.unset[c] = struct{}{}
		if c.now.Work == routing.Free {
			f.changed = true // its rest is over
			continue
		}
		if c.now.Deadline.After(at) {
			continue
		}
		foreign := c.now.Gateway != f.opts.Gateway
		switch {
		case foreign && c.now.Work == routing.Wrapping && !f.restIsOver(c, at):
			c.again = at.Add(restGrace)
		case foreign && c.now.Work != routing.Wrapping && !f.abandoned(c):
			c.again = at.Add(f.opts.Grace)
		case c.now.Work == routing.Wrapping:
			f.rest(c, causeOver, at)
		case foreign, !f.opts.Live(c.now.Call):
			f.reap(c, reapedGone, at)
		case c.now.Work == routing.Talking:
			c.now.Deadline = at.Add(f.opts.TalkCheck)
			f.touch(c)
		case c.inherited():
			f.reap(c, reapedUnrung, at)
		case time.Since(c.claimed) >= f.opts.RingLimit:
			f.reap(c, reapedRing, at)
		default:
			c.now.Deadline = at.Add(f.opts.Grace)
			f.touch(c)
		}
	}
}

// restIsOver reports whether the rest of another gateway's seat may be ended
// here.
func (f *floor) restIsOver(c *chair, at time.Time) bool {
	return !f.away() && !f.there(c.now.Gateway) && !at.Before(c.now.Deadline.Add(restGrace))
}

// reap frees a seat whose call does not own it any more. The ticket goes too
// if the call has gone, and is available again if not.
func (f *floor) reap(c *chair, why string, at time.Time) {
	f.metrics.reaped.Inc()
	f.log.Warn("seat reaped", "agent", string(c.now.Agent), "call", string(c.now.Call), "reason", why)
	if t, ok := f.tickets[c.now.Ticket]; ok && t.offer.agent == c.now.Agent {
		t.offer = offered{}
		if !f.opts.Live(t.call) {
			delete(f.tickets, t.ID)
		}
		f.relist(t)
	}
	c.claiming = nil
	f.noticeReaped(c, why, at)
	f.rest(c, why, at)
}

// sweep drops tickets whose call is gone at two looks, and offers that no
// call ever answered.
func (f *floor) sweep(at time.Time) {
	if at.Sub(f.swept).Abs() < sweepEvery { // also when the clock has jumped
		return
	}
	f.swept = at
	for id, t := range f.tickets {
		switch live := f.opts.Live(t.call); {
		case !live && t.missing:
			f.log.Warn("ticket dropped", "call", string(t.call), "reason", "call is gone")
			f.metrics.dropped.Inc()
			f.withdraw(id)
		case !t.waits() && time.Since(t.offer.since) >= 2*f.opts.RingLimit:
			t.offer = offered{}
			f.relist(t)
		default:
			t.missing = !live
		}
	}
}

package cti

import (
	"time"

	"weibao/call"
	"weibao/routing"
)

// reclaim looks at the work that an earlier life of this gateway has left
// behind. Seats whose call is gone are free; what they said is kept. A ring is
// the call's only if the call says so: what was claimed but not yet dialled
// when that life ended is rung by nobody.
func (f *floor) reclaim(at time.Time) {
	for _, c := range f.chairs {
		if c.now.Gateway != f.opts.Gateway || c.claiming != nil {
			continue
		}
		if c.now.Work != routing.Free && c.now.Work != routing.Wrapping && !f.opts.Live(c.now.Call) {
			f.reap(c, reapedEarlier, at)
		}
	}
	early := f.early
	f.early = nil
	for _, said := range early {
		f.report(said.call, said.report)
	}
	for _, t := range f.tickets {
		if t.waits() {
			t.offer = f.ringing(t.call, t.ID)
			f.relist(t)
		}
	}
	f.awaitAllDesks()
}

// earlyReport is what a call has seen of a claim that is not known, before the
// store was read.
type earlyReport struct {
	call   call.ID
	report call.Report
}

// keepEarly keeps a report until the claim that it is about can be known.
func (f *floor) keepEarly(id call.ID, r call.Report) bool {
	c, known := f.chairs[r.Agent]
	if f.read || known && c.now.Claim == r.Fence {
		return false
	}
	f.early = append(f.early, earlyReport{id, r})
	return true
}

// inherited reports a ring of an earlier life of the gateway which no call has
// spoken of in this one.
func (c *chair) inherited() bool {
	rung := c.now.Work == routing.Claimed || c.now.Work == routing.Ringing
	return rung && c.claiming == nil && c.now.Claim != c.vouched
}

// ringing finds the offer that is still out for a ticket which has been out of
// line for a moment: its call has yet to say what became of the ring. A call
// that comes into line without having spoken of a ring of the gateway's
// earlier life has none, and the seat is free.
func (f *floor) ringing(id call.ID, t routing.TicketID) offered {
	c := f.serving[t]
	switch {
	case c == nil, c.now.Work == routing.Talking, c.now.Call != id, c.now.Gateway != f.opts.Gateway:
		return offered{}
	case c.inherited():
		f.reap(c, reapedUnrung, f.now())
		return offered{}
	}
	return offered{agent: c.now.Agent, fence: c.now.Claim, since: time.Now()}
}

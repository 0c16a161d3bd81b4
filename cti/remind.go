package cti

import (
	"time"

	"weibao/call"
	"weibao/routing"
)

// whenRead puts off what can only be judged with the standings at hand: after a
// restart the calls that were taken up report before they have been read.
func (f *floor) whenRead(what func()) { f.unread = append(f.unread, what) }

// catchUp does what was put off.
func (f *floor) catchUp() {
	put := f.unread
	f.unread = nil
	for _, what := range put {
		what()
	}
}

// remind tells a call once more of the seat that an earlier life of this
// gateway had claimed for it. The call has the leg, and nothing follows; or the
// gateway was killed before the phone rang, and it rings now, under the same
// claim; or the call has no use for the seat any more and gives it back.
func (f *floor) remind(c *chair, at time.Time) {
	if c.now.Work != routing.Talking {
		c.now.Deadline = at.Add(f.ringFor(c.now.Queue) + f.opts.Grace)
		if t, waiting := f.tickets[c.now.Ticket]; waiting && t.waits() {
			t.offer = f.ringing(c.now.Call, t.ID)
			f.relist(t)
		}
		f.touch(c)
	}
	f.opts.Deliver(c.now.Call, call.Offered{At: call.At(at), Offer: call.Offer{
		Ticket: c.now.Ticket, Agent: c.now.Agent, Queue: c.now.Queue,
		RingFor: f.ringFor(c.now.Queue), Fence: c.now.Claim,
	}})
}

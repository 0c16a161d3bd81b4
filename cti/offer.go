package cti

import (
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// drained is what a set holds, and leaves it empty. The set is another one then:
// one that was large once stays slow to walk.
func drained[K comparable](set *map[K]struct{}) map[K]struct{} {
	all := *set
	if len(all) > 0 {
		*set = make(map[K]struct{})
	}
	return all
}

// arrange tells the line what has changed since: seats and tickets that may
// be paired, and those that may not any more.
func (f *floor) arrange(at time.Time) {
	for c := range drained(&f.stirred) {
		if _, left := f.leaving[c]; left {
			continue // until it is settled what becomes of that
		}
		if c.on {
			f.line.Seat(c.agent(), at)
		} else {
			f.line.Unseat(c.now.Agent)
		}
		f.metrics.occupancy.count(c)
	}
	listed, clock := drained(&f.listed), time.Now()
	for t := range listed {
		held := f.held(t.ID)
		switch {
		case held != nil && held != t: // another life of the same ticket
		case held == nil || !t.waits():
			f.line.Remove(t.ID)
		case t.left:
			f.hope(t)
		case t.until.After(clock):
			f.line.Remove(t.ID)
			f.listed[t] = struct{}{} // until its pause is over
		default:
			f.line.Put(t.Ticket)
		}
	}
}

// pair asks routing who gets which seat and begins the claims.
func (f *floor) pair(at time.Time) {
	began := time.Now()
	pairings := f.line.Pair(at)
	if len(pairings) == 0 {
		return // most steps: they would hide in the histogram what a pairing takes
	}
	f.metrics.pairing.Observe(time.Since(began).Seconds())
	for _, p := range pairings {
		if t := f.held(p.Ticket); t.of != nil {
			f.leave(f.chairs[p.Agent], t, p.Queue)
		} else {
			f.claim(p, at)
		}
	}
}

// agents are the seats of the roster.
func (f *floor) agents() []routing.Agent {
	agents := make([]routing.Agent, 0, len(f.chairs))
	for _, c := range f.chairs {
		if c.on {
			agents = append(agents, c.agent())
		}
	}
	slices.SortFunc(agents, func(a, b routing.Agent) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return agents
}

// claim gives a seat to a ticket here; the offer goes out when the store has
// confirmed it.
func (f *floor) claim(p routing.Pairing, at time.Time) {
	c, t := f.chairs[p.Agent], f.tickets[p.Ticket]
	c.claiming, c.asked, c.yields, c.trace = t, false, false, p.Trace
	c.claimed = time.Now()
	t.offer = offered{agent: p.Agent, since: c.claimed}
	c.now.Work, c.now.Call, c.now.Ticket, c.now.Queue = routing.Claimed, t.call, t.ID, p.Queue
	c.now.Gateway, c.now.Since, c.now.Rung, c.begun = f.opts.Gateway, at, at, at
	c.now.Deadline = at.Add(f.ringFor(p.Queue) + f.opts.Grace)
	f.touch(c)
	f.relist(t)
}

func (f *floor) ringFor(queue string) time.Duration {
	if q := f.queues[queue]; q.RingFor > 0 {
		return q.RingFor
	}
	return f.opts.RingFor
}

// offer tells the call of a claim that holds.
func (f *floor) offer(c *chair) {
	t := c.claiming
	c.claiming, t.offer.fence, c.vouched = nil, c.now.Claim, c.now.Claim
	if f.closing {
		return
	}
	f.metrics.offers.WithLabelValues("made").Inc()
	f.log.Debug("seat offered", "call", string(t.call), "agent", string(c.now.Agent), "queue", c.now.Queue)
	f.opts.Deliver(t.call, call.Offered{At: call.At(f.now()), Offer: call.Offer{
		Ticket: t.ID, Agent: c.now.Agent, Queue: c.now.Queue,
		RingFor: f.ringFor(c.now.Queue), Fence: c.now.Claim, Trace: c.trace,
	}})
}

// report carries out what a call has seen of a seat that it was offered.
func (f *floor) report(id call.ID, r call.Report) {
	if f.keepEarly(id, r) {
		return
	}
	at := f.now()
	t, waiting := f.tickets[r.Ticket]
	waiting = waiting && t.call == id && t.offer.agent == r.Agent && t.offer.fence == r.Fence && r.Fence != 0
	if waiting {
		f.answer(t, r.What)
	}
	c, known := f.chairs[r.Agent]
	if !known || r.Fence == 0 || c.now.Claim != r.Fence || c.now.Call != id || c.now.Ticket != r.Ticket {
		f.metrics.stale.Inc()
		f.log.Debug("stale report", "call", string(id), "agent", string(r.Agent), "outcome", string(r.What))
		return
	}
	if c.vouched != r.Fence {
		c.vouched, c.claimed = r.Fence, time.Now()
	}
	if waiting && r.What != call.SeenRinging {
		f.metrics.offers.WithLabelValues(string(r.What)).Inc()
	}
	if waiting && r.What == call.SeenPicked {
		f.pickedUp(t, c.now.Queue, at)
	}
	switch c.now.Work {
	case routing.Claimed, routing.Ringing:
		f.rung(c, r.What, at)
	case routing.Talking:
		if r.What != call.SeenPicked && r.What != call.SeenRinging {
			f.left(c, r.Grave, at)
		}
	case routing.Wrapping, routing.Free:
	}
}

// refusalPause slows down a call that cancels every offer and stays in line:
// it must not keep the floor busy.
const refusalPause = 100 * time.Millisecond

// answer is what a report means for the ticket.
func (f *floor) answer(t *ticket, what call.Seen) {
	switch what {
	case call.SeenRinging:
		t.refused = 0
		return
	case call.SeenPicked:
		delete(f.tickets, t.ID)
	case call.SeenCancelled:
		t.offer = offered{}
		if t.refused++; t.refused > 1 {
			t.until = time.Now().Add(refusalPause)
		}
	default:
		t.offer = offered{}
	}
	f.relist(t)
}

// rung is what a report means for a seat that is being rung.
func (f *floor) rung(c *chair, what call.Seen, at time.Time) {
	switch what {
	case call.SeenRinging:
		c.now.Work, c.now.Since = routing.Ringing, at
	case call.SeenPicked:
		c.now.Work, c.now.Since, c.now.Deadline = routing.Talking, at, at.Add(f.opts.TalkCheck)
		c.now.Calls++
		c.now.Missed, c.begun = 0, at
	default:
		f.inVain(c, what, at)
	}
	f.touch(c)
}

// left begins the after-call work.
func (f *floor) left(c *chair, grave bool, at time.Time) {
	queue, why := f.queues[c.now.Queue], string(call.SeenLeft)
	rest := queue.WrapUp
	if grave {
		rest, why = max(rest, queue.GraveWrapUp), causeGrave
	}
	if rest <= 0 {
		f.rest(c, why, at)
		return
	}
	f.worked(c, routing.Wrapping, why, at)
	c.now.Work, c.now.Since, c.now.Deadline, c.begun = routing.Wrapping, at, at.Add(rest), at
	f.touch(c)
}

// crowd tells the calls whose tickets nobody could serve as they stand, or for
// whose seats too many wait.
func (f *floor) crowd(at time.Time) {
	for _, c := range f.line.Crowded() {
		f.opts.Deliver(f.tickets[c.Ticket].call, call.Crowded{At: call.At(at), Ticket: c.Ticket, Load: c.Load})
	}
}

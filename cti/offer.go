package cti

import (
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// arrange tells the line what has changed since: seats and tickets that may
// be paired, and those that may not any more.
func (f *floor) arrange(at time.Time) {
	for c := range f.stirred {
		if c.on {
			f.line.Seat(c.agent(), at)
		} else {
			f.line.Unseat(c.now.Agent)
		}
		delete(f.stirred, c)
	}
	for t := range f.listed {
		held := f.tickets[t.ID]
		switch {
		case held != nil && held != t: // another life of the same ticket
		case held == nil || !t.waits():
			f.line.Remove(t.ID)
		case t.until.After(at):
			f.line.Remove(t.ID)
			continue // until its pause is over
		default:
			f.line.Put(t.Ticket)
		}
		delete(f.listed, t)
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
		f.claim(p, at)
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
	c.claiming, c.asked, c.trace = t, false, p.Trace
	t.offer = offered{agent: p.Agent, since: at}
	c.now.Work, c.now.Call, c.now.Ticket, c.now.Queue = routing.Claimed, t.call, t.ID, p.Queue
	c.now.Gateway, c.now.Since, c.now.Rung = f.opts.Gateway, at, at
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
	c.claiming, t.offer.fence = nil, c.now.Claim
	if f.closing {
		return
	}
	f.metrics.offers.WithLabelValues("made").Inc()
	f.log.Debug("seat offered", "call", string(t.call), "agent", string(c.now.Agent), "queue", c.now.Queue)
	f.opts.Deliver(t.call, call.Offered{At: call.At(now()), Offer: call.Offer{
		Ticket: t.ID, Agent: c.now.Agent, Queue: c.now.Queue,
		RingFor: f.ringFor(c.now.Queue), Fence: c.now.Claim, Trace: c.trace,
	}})
}

// report carries out what a call has seen of a seat that it was offered.
func (f *floor) report(id call.ID, r call.Report) {
	at := now()
	t, waiting := f.tickets[r.Ticket]
	waiting = waiting && t.call == id && t.offer.agent == r.Agent && t.offer.fence == r.Fence && r.Fence != 0
	if waiting {
		f.answer(t, r.What, at)
	}
	c, known := f.chairs[r.Agent]
	if !known || r.Fence == 0 || c.now.Claim != r.Fence || c.now.Call != id || c.now.Ticket != r.Ticket {
		f.metrics.stale.Inc()
		f.log.Debug("stale report", "call", string(id), "agent", string(r.Agent), "outcome", string(r.What))
		return
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
			f.left(c, at)
		}
	case routing.Wrapping, routing.Free:
	}
}

// refusalPause slows down a call that cancels every offer and stays in line:
// it must not keep the floor busy.
const refusalPause = 100 * time.Millisecond

// answer is what a report means for the ticket.
func (f *floor) answer(t *ticket, what call.Seen, at time.Time) {
	switch what {
	case call.SeenRinging:
		t.refused = 0
		return
	case call.SeenPicked:
		delete(f.tickets, t.ID)
	case call.SeenCancelled:
		t.offer = offered{}
		if t.refused++; t.refused > 1 {
			t.until = at.Add(refusalPause)
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
	case call.SeenNoAnswer:
		c.now.free(at)
		f.sendAway(c, ReasonNoAnswer)
	case call.SeenUnreachable:
		c.now.free(at)
		f.sendAway(c, ReasonUnreachable)
	case call.SeenRejected:
		c.now.free(at)
		c.now.RestUntil = at.Add(f.opts.RejectRest)
	case call.SeenBusy:
		c.now.free(at)
		c.now.RestUntil = at.Add(f.opts.BusyRest)
	default:
		c.now.free(at)
	}
	f.touch(c)
}

// sendAway makes a seat that did not answer away, unless it has said
// something else meanwhile.
func (f *floor) sendAway(c *chair, reason string) {
	if c.now.Presence == routing.Ready {
		c.now.Presence, c.now.Reason = routing.Away, reason
	}
}

// left begins the after-call work.
func (f *floor) left(c *chair, at time.Time) {
	rest := f.queues[c.now.Queue].WrapUp
	if rest <= 0 {
		f.rest(c, at)
		return
	}
	c.now.Work, c.now.Since, c.now.Deadline = routing.Wrapping, at, at.Add(rest)
	f.touch(c)
}

// crowd tells the calls whose tickets nobody could serve as they stand, or for
// whose seats too many wait.
func (f *floor) crowd(at time.Time) {
	for _, c := range f.line.Crowded() {
		f.opts.Deliver(f.tickets[c.Ticket].call, call.Crowded{At: call.At(at), Ticket: c.Ticket, Load: c.Load})
	}
}

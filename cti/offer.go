package cti

import (
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// pair asks routing who gets which seat and begins the claims.
func (f *floor) pair(at time.Time) {
	if !f.loaded {
		return
	}
	line := routing.Floor{At: at}
	for _, t := range f.tickets {
		if t.waits() && !t.until.After(at) {
			line.Waiting = append(line.Waiting, t.Ticket)
		}
	}
	if len(line.Waiting) == 0 {
		return
	}
	if line.Agents = f.agents(); !slices.ContainsFunc(line.Agents, func(a routing.Agent) bool {
		can, _ := a.CanTake(at)
		return can
	}) {
		return
	}
	began := time.Now()
	pairings := line.Pair()
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
	t.offer, t.told = offered{agent: p.Agent, since: at}, false
	c.now.Work, c.now.Call, c.now.Ticket, c.now.Queue = routing.Claimed, t.call, t.ID, p.Queue
	c.now.Gateway, c.now.Since = f.opts.Gateway, at
	c.now.Deadline = at.Add(f.ringFor(p.Queue) + f.opts.Grace)
	f.touch(c)
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
	f.restaff, f.changed = true, true
}

// rung is what a report means for a seat that is being rung.
func (f *floor) rung(c *chair, what call.Seen, at time.Time) {
	switch what {
	case call.SeenRinging:
		c.now.Work, c.now.Since = routing.Ringing, at
	case call.SeenPicked:
		c.now.Work, c.now.Since, c.now.Deadline = routing.Talking, at, at.Add(f.opts.TalkCheck)
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
		f.restaff = true
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

// staff tells the calls whose tickets nobody could serve as they stand, or for
// whose seats too many wait.
func (f *floor) staff(at time.Time) {
	if !f.restaff || !f.loaded {
		return
	}
	f.restaff = false
	line := routing.Floor{At: at, Agents: f.agents()}
	for _, t := range f.tickets {
		if t.waits() {
			line.Waiting = append(line.Waiting, t.Ticket)
		}
	}
	for _, t := range f.tickets {
		if !t.waits() {
			continue
		}
		load := line.Load(t.Ticket)
		if !load.Exceeds(t.Ratio) {
			t.told = false
		} else if !t.told {
			t.told = true
			f.opts.Deliver(t.call, call.Crowded{At: call.At(at), Ticket: t.ID, Load: load})
		}
	}
}

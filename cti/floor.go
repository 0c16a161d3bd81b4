package cti

import (
	"context"
	"log/slog"
	"time"

	"weibao/call"
	"weibao/routing"
)

// floor is the state of a dispatcher. Only the goroutine of Run touches it.
type floor struct {
	d       *Dispatcher
	opts    *FloorOptions
	metrics *floorMetrics
	log     *slog.Logger

	chairs  map[routing.AgentID]*chair
	queues  map[string]routing.Queue
	tickets map[routing.TicketID]*ticket

	// line is the same as the pairing sees it; stirred and listed are what it
	// has not been told yet.
	line    *routing.Floor
	stirred map[*chair]struct{}
	listed  map[*ticket]struct{}

	// desks counts the desks that are open here; deskless are the chairs whose
	// last one has gone, and when that counts by the process's own clock.
	desks    map[routing.AgentID]int
	deskless map[*chair]time.Time
	notices  []Notice // of this step
	// What is known of the other gateways; see foreign.go.
	neighbours map[string]*neighbour
	serving    map[routing.TicketID]*chair
	leaving    map[*chair]leaving
	news       map[routing.TicketID]struct{} // of the own line, to be told

	deadlines deadlines
	unset     map[*chair]struct{} // may have another deadline
	// pace has the last pick-ups of each queue, enquired who asks for a place.
	pace     map[string]*pickups
	enquired []enquiry

	dirty   map[*chair]struct{} // may have to be written
	loaded  bool                // the store has been read, or is known to be away
	read    bool                // the store has been read
	early   []earlyReport       // seen before that; the seats are not known yet
	changed bool                // something that a View shows has changed
	unshown bool                // the gauges do not show it yet
	shown   time.Time
	closing bool
	swept   time.Time
}

func newFloor(d *Dispatcher) *floor {
	f := &floor{
		d: d, opts: &d.opts, metrics: d.metrics, log: d.opts.Log,
		chairs:   make(map[routing.AgentID]*chair),
		queues:   make(map[string]routing.Queue),
		tickets:  make(map[routing.TicketID]*ticket),
		line:     routing.NewFloor(nil),
		stirred:  make(map[*chair]struct{}),
		listed:   make(map[*ticket]struct{}),
		desks:    make(map[routing.AgentID]int),
		deskless: make(map[*chair]time.Time),
		dirty:    make(map[*chair]struct{}),

		neighbours: make(map[string]*neighbour),
		serving:    make(map[routing.TicketID]*chair),
		leaving:    make(map[*chair]leaving),
		news:       make(map[routing.TicketID]struct{}),
		unset:      make(map[*chair]struct{}),
		pace:       make(map[string]*pickups),
	}
	f.swept = f.now()
	return f
}

// now is the time as standings keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// now is the time by the clock of this gateway. It may jump: what must not be
// taken in by that is timed by the process's own clock.
func (f *floor) now() time.Time { return f.opts.Clock().UTC().Truncate(time.Millisecond) }

func (f *floor) loop(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.d.mail.Ready():
		case <-timer.C:
		}
		began := time.Now()
		for _, command := range f.d.mail.TakeAll() {
			command(f)
		}
		wait := f.step()
		f.metrics.step.Observe(time.Since(began).Seconds())
		timer.Reset(wait)
	}
}

// showEvery is the least time between settings of the gauges, which look at
// every seat.
const showEvery = 100 * time.Millisecond

// step brings the floor in order after something has changed, and returns
// after how long it must look again by itself.
func (f *floor) step() time.Duration {
	at := f.now()
	f.expire(at)
	f.expireDesks(at)
	f.sweep(at)
	f.mind()
	if f.loaded {
		f.arrange(at)
		f.pair(at)
		f.arrange(at)
		f.crowd(at)
	}
	f.answerAll(at)
	f.write()
	f.sayNotices()
	f.post()
	if f.changed {
		f.changed, f.unshown = false, true
		f.opts.OnChange()
	}
	if f.unshown && at.Sub(f.shown).Abs() >= showEvery {
		f.unshown, f.shown = false, at
		f.metrics.show(f)
	}
	return min(f.wake(at), f.mindAgain())
}

// close writes what is still owed, within the patience for one write.
func (f *floor) close(ctx context.Context) {
	f.closing = true
	for _, command := range f.d.mail.TakeAll() {
		command(f)
	}
	ctx, stop := context.WithTimeout(ctx, f.opts.Patience)
	defer stop()
	for _, c := range f.chairs {
		c.unclaim(f.now())
		if f.away() || !f.read || !c.dirty() {
			continue
		}
		if _, err := f.opts.Standings.Swap(ctx, c.base.Fence, c.now); err != nil {
			f.log.Warn("standing not written at the end", "agent", string(c.now.Agent), "err", err)
		}
	}
}

// chair finds the chair of an agent, and makes one for an agent that the
// roster does not have yet.
func (f *floor) chair(id routing.AgentID) *chair {
	c, ok := f.chairs[id]
	if !ok {
		c = &chair{base: Standing{Agent: id}, now: Standing{Agent: id}}
		f.chairs[id] = c
	}
	return c
}

// touch marks a chair that may have to be written.
func (f *floor) touch(c *chair) {
	f.attribute(c)
	c.again = time.Time{}
	f.dirty[c], f.stirred[c], f.unset[c] = struct{}{}, struct{}{}, struct{}{}
	f.changed = true
}

// relist marks a ticket that may have come into line or left it.
func (f *floor) relist(t *ticket) {
	f.listed[t] = struct{}{}
	f.changed = true
	if t.of == nil && f.d.poster != nil {
		f.news[t.ID] = struct{}{}
	}
}

func (f *floor) enrol(seats []Seat, queues map[string]routing.Queue) {
	for _, c := range f.chairs {
		c.on, c.seat.Queues = false, nil
	}
	for _, seat := range seats {
		c := f.chair(seat.ID)
		c.on, c.seat = true, seat
		f.seeDesk(c, f.now())
	}
	f.queues, f.changed = queues, true
	f.line = routing.NewFloor(queues) // a queue's order may be another one now
	for _, c := range f.chairs {
		f.stirred[c] = struct{}{}
	}
	for _, t := range f.tickets {
		f.listed[t] = struct{}{}
	}
	for _, g := range f.neighbours {
		for _, t := range g.tickets {
			f.listed[t] = struct{}{}
		}
	}
}

func (f *floor) reach(id routing.AgentID, reachable bool) {
	c := f.chair(id)
	if c.reachable != reachable {
		c.reachable, f.changed = reachable, true
		f.stirred[c] = struct{}{}
		f.note(c, phoneChange(reachable, f.now()))
	}
}

func (f *floor) say(c *chair, p routing.Presence, reason string) {
	at := f.now()
	if p == routing.Ready {
		reason, c.now.RestUntil, c.now.Missed = "", time.Time{}, 0
		f.withoutDesk(c, at)
		if c.now.Work == routing.Wrapping {
			f.rest(c, causeReady, at)
		}
	}
	if c.now.Presence == routing.Offline && p != routing.Offline {
		c.now.Calls = 0 // another shift
	}
	if c.now.Presence != p || c.now.Reason != reason {
		if p == routing.Ready && c.now.Presence != routing.Ready {
			c.now.Idle = at
		}
		f.note(c, routing.SeatChange{
			At: at, What: routing.FactPresence, From: c.now.Presence.String(), To: p.String(), Cause: reason, By: c.now.Agent,
		})
		c.now.Presence, c.now.Reason, c.now.Since = p, reason, at
	}
	f.touch(c)
}

// rest ends a talk or the work after it: the seat goes to the end of the idle
// ones.
func (f *floor) rest(c *chair, why string, at time.Time) {
	f.worked(c, routing.Free, why, at)
	c.now.free(at)
	c.now.Idle = at
	f.touch(c)
}

func (f *floor) enqueue(id call.ID, t routing.Ticket) {
	held, ok := f.tickets[t.ID]
	if !ok {
		f.disown(t.ID)
		held = &ticket{offer: f.ringing(id, t.ID), joined: f.now()}
		f.tickets[t.ID] = held
	}
	held.Ticket, held.call, held.missing = t, id, false
	f.relist(held)
}

func (f *floor) withdraw(id routing.TicketID) {
	t, ok := f.tickets[id]
	if !ok {
		return
	}
	delete(f.tickets, id)
	f.relist(t)
	if t.waits() {
		return
	}
	c := f.chair(t.offer.agent)
	switch {
	case c.claiming == t:
		c.unclaim(f.now())
		f.metrics.offers.WithLabelValues("withdrawn").Inc()
		f.touch(c)
	case c.holds(t) && c.now.Work != routing.Talking:
		// The call has to say what became of the ring; if it has gone
		// instead, the seat must not wait for the whole ring.
		c.now.Deadline = f.now().Add(withdrawnGrace)
		f.touch(c)
	}
}

// withdrawnGrace is how long a call may take to end the ring of a ticket that
// it has withdrawn.
const withdrawnGrace = 2 * time.Second

// holds reports whether the chair is still at work for the offer of t.
func (c *chair) holds(t *ticket) bool {
	return t.offer.fence != 0 && c.now.Work != routing.Free &&
		c.now.Ticket == t.ID && c.now.Claim == t.offer.fence
}

// wake is the time until something runs out by itself by the clock.
func (f *floor) wake(at time.Time) time.Duration {
	next := f.swept.Add(sweepEvery)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	f.rearm(at)
	if len(f.deadlines) > 0 {
		sooner(f.deadlines[0].due)
	}
	if f.unshown {
		sooner(f.shown.Add(showEvery))
	}
	return max(next.Sub(at), time.Millisecond)
}

package cti

import (
	"slices"
	"time"

	"weibao/routing"
)

// neighbour is another gateway as its notices show it.
type neighbour struct {
	name      string
	life, seq uint64 // of its latest notice
	tickets   map[routing.TicketID]*ticket
	found     time.Time // when it was first heard of, by this process's own clock
	heard     time.Time // latest sign of life, by the same; zero: none yet
	alive     bool
	// misses counts the seats in a row that were left to it in vain; until
	// passed its tickets are passed over for that.
	misses int
	passed time.Time
}

// leaving is a seat that is left to the gateway of another ticket for a moment.
type leaving struct {
	ticket *ticket
	until  time.Time // by this process's own clock
}

// passMost is how long at most a gateway is passed over that does not take the
// seats which are left to it.
const passMost = 30 * time.Second

// neighbour finds another gateway, and makes one that is not alive yet.
func (f *floor) neighbour(name string) *neighbour {
	g, known := f.neighbours[name]
	if !known {
		g = &neighbour{name: name, tickets: make(map[routing.TicketID]*ticket), found: time.Now()}
		f.neighbours[name] = g
		f.line.Pass(name, true)
	}
	return g
}

// there reports whether another gateway shows signs of life.
func (f *floor) there(gateway string) bool {
	g := f.neighbours[gateway]
	return g != nil && g.alive
}

// overdue is work of another gateway whose deadline has passed.
type overdue struct {
	claim    uint64
	deadline time.Time
	since    time.Time // when it was seen so, by this process's own clock
}

// abandoned reports whether the work of another gateway's seat may be ended
// here: that gateway can not be seen though the store can, and nobody has
// touched the work for so long. The times that others write are not relied on:
// clocks differ, and jump.
func (f *floor) abandoned(c *chair) bool {
	late := overdue{claim: c.now.Claim, deadline: c.now.Deadline, since: c.overdue.since}
	if f.away() || f.there(c.now.Gateway) || late != c.overdue {
		late.since = time.Now()
		c.overdue = late
		return false
	}
	return time.Since(late.since) >= f.opts.ForeignGrace
}

// forget drops what is known of a gateway that has gone for good.
func (f *floor) forget(g *neighbour) {
	for id := range g.tickets {
		f.unpost(g, id)
	}
	delete(f.neighbours, g.name)
}

// noticed takes in what a gateway tells of its line.
func (f *floor) noticed(n Bulletin) {
	if n.Gateway == f.opts.Gateway {
		return
	}
	g := f.neighbour(n.Gateway)
	switch {
	case n.after(g.life, g.seq):
	case !g.alive && n.Life != g.life: // a store that was wiped counts from the beginning
	default:
		return
	}
	if n.Life != g.life {
		for id := range g.tickets {
			f.unpost(g, id)
		}
	}
	g.life, g.seq, g.heard = n.Life, n.Seq, time.Now()
	for _, p := range n.Posts {
		f.repostOf(g, p)
	}
	for _, id := range n.Drops {
		f.unpost(g, id)
	}
}

// replace takes in the whole line of a gateway. It is no sign of life.
func (f *floor) replace(g *neighbour, line knownLine) {
	if g.life == line.Life && g.seq == line.Seq {
		return
	}
	g.life, g.seq = line.Life, line.Seq
	for id := range g.tickets {
		if _, still := line.by[id]; !still {
			f.unpost(g, id)
		}
	}
	for _, p := range line.by {
		f.repostOf(g, p)
	}
}

// repostOf takes in a ticket of another gateway, new or changed.
func (f *floor) repostOf(g *neighbour, p Posted) {
	if f.tickets[p.Ticket.ID] != nil {
		return // its call lives here now
	}
	p.Ticket.Owner = g.name
	t, known := g.tickets[p.Ticket.ID]
	switch {
	case !known:
		t = &ticket{of: g, joined: f.now()}
		if c := f.serving[p.Ticket.ID]; c != nil {
			c.caller = t
			t.offer = offered{agent: c.now.Agent}
		}
		g.tickets[p.Ticket.ID] = t
	case t.call == p.Call && sameTicket(t.Ticket, p.Ticket):
		return
	}
	t.Ticket, t.call = p.Ticket, p.Call
	f.relist(t)
}

// unpost drops a ticket of another gateway.
func (f *floor) unpost(g *neighbour, id routing.TicketID) {
	if t, known := g.tickets[id]; known {
		delete(g.tickets, id)
		f.relist(t)
	}
}

// disown drops a ticket that others have posted: its call lives here now.
func (f *floor) disown(id routing.TicketID) {
	for _, g := range f.neighbours {
		f.unpost(g, id)
	}
}

// held is the ticket of that id in line, here or elsewhere.
func (f *floor) held(id routing.TicketID) *ticket {
	if t := f.tickets[id]; t != nil {
		return t
	}
	for _, g := range f.neighbours {
		if t := g.tickets[id]; t != nil {
			return t
		}
	}
	return nil
}

// attribute keeps in mind for which ticket a seat is at work. One of another
// gateway does not wait then.
func (f *floor) attribute(c *chair) {
	var id routing.TicketID
	switch c.now.Work {
	case routing.Claimed, routing.Ringing, routing.Talking:
		id = c.now.Ticket
	default:
	}
	if id == c.serves {
		return
	}
	if f.serving[c.serves] == c {
		delete(f.serving, c.serves)
		f.served(c.serves, "")
	}
	c.serves, c.caller = id, nil
	if id != "" {
		if t := f.held(id); t != nil && t.of != nil {
			c.caller = t
		}
		f.serving[id] = c
		f.served(id, c.now.Agent)
	}
}

// served notes that a ticket of another gateway has a seat, or none any more.
func (f *floor) served(id routing.TicketID, agent routing.AgentID) {
	if t := f.held(id); t != nil && t.of != nil {
		t.offer = offered{agent: agent}
		f.relist(t)
	}
}

// pickedUpElsewhere counts a caller of another gateway among the pick-ups, when
// its seat was not in that talk before: all of them make the pace of the line.
func (f *floor) pickedUpElsewhere(c *chair, before Standing) {
	picked := c.now.Work == routing.Talking && (before.Work != routing.Talking || before.Claim != c.now.Claim)
	if picked && c.caller != nil && c.now.Gateway == c.caller.of.name {
		f.pickedUp(c.caller, c.now.Queue, f.now())
	}
}

// leave keeps a seat free for a ticket that another gateway acts for. That one
// may see a seat free by now which is better for the ticket: such a one is left
// to it too, or the two gateways would claim it for different callers, and
// whoever loses it is passed over by those who get the others.
func (f *floor) leave(c *chair, t *ticket, queue string) {
	t.left = true
	t.hopes = max(slices.IndexFunc(t.Wants, func(w routing.Want) bool { return w.Queue == queue }), 0)
	f.leaving[c] = leaving{ticket: t, until: time.Now().Add(f.opts.LeaveFor)}
	f.relist(t)
}

// hope keeps a ticket that a seat is left to in line for what is better.
func (f *floor) hope(t *ticket) {
	if rest := t.hoping(); len(rest.Wants) > 0 {
		f.line.Put(rest)
	} else {
		f.line.Remove(t.ID)
	}
}

// mind looks after the other gateways: who of them is there, and what became
// of the seats that were left to them.
func (f *floor) mind() {
	at := time.Now()
	for _, g := range f.neighbours {
		f.judge(g, at)
	}
	for c, l := range f.leaving {
		if f.leftStill(c, l, at) && !f.overtaken(l.ticket) {
			continue
		}
		delete(f.leaving, c)
		l.ticket.left = false
		f.stirred[c] = struct{}{}
		f.relist(l.ticket)
	}
}

// judge says whether the tickets of a gateway count.
func (f *floor) judge(g *neighbour, at time.Time) {
	alive := !g.heard.IsZero() && at.Sub(g.heard) < f.opts.SilentAfter && !f.away()
	if alive != g.alive {
		g.alive, f.changed = alive, true
		g.misses, g.passed = 0, time.Time{}
		f.log.Info("another gateway has come or gone", "gateway", g.name, "there", alive, "tickets", len(g.tickets))
		if !alive {
			f.awaitDesks(g.name)
		}
	}
	f.line.Pass(g.name, !alive || g.passed.After(at))
}

// mindAgain is how long nothing runs out by the process's own clock, such as
// the signs of life of the other gateways.
func (f *floor) mindAgain() time.Duration {
	at, next := time.Now(), time.Hour
	sooner := func(t time.Time) {
		if wait := t.Sub(at); wait < next {
			next = wait
		}
	}
	for _, g := range f.neighbours {
		if g.alive {
			sooner(g.heard.Add(f.opts.SilentAfter))
		}
		if g.passed.After(at) {
			sooner(g.passed)
		}
	}
	for _, l := range f.leaving {
		sooner(l.until)
	}
	for _, due := range f.deskless {
		sooner(due)
	}
	for t := range f.listed {
		if t.until.After(at) {
			sooner(t.until)
		}
	}
	return max(next, time.Millisecond)
}

// overtaken reports whether a caller of this gateway has come back into line
// before a ticket that a seat is left to: its gateway waits for this one then,
// and both would for ever.
func (f *floor) overtaken(t *ticket) bool {
	for own := range f.listed {
		if own.of == nil && own.waits() && f.tickets[own.ID] == own && own.Before(t.Ticket) {
			return true
		}
	}
	return false
}

// leftStill reports whether a seat is still left to another gateway, and notes
// when that was in vain.
func (f *floor) leftStill(c *chair, l leaving, at time.Time) bool {
	t, g := l.ticket, l.ticket.of
	can, _ := c.agent().CanTake(f.now())
	switch {
	case c.serves == t.ID: // taken
		g.misses = 0
	case !c.on, !can, g.tickets[t.ID] != t, !t.waits(), !g.alive, g.passed.After(at):
	case at.Before(l.until):
		return true
	default:
		f.metrics.unclaimed.Inc()
		f.log.Warn("a seat was left to another gateway in vain", "gateway", g.name, "agent", string(c.now.Agent), "ticket", string(t.ID))
		g.passed = at.Add(min(f.opts.PassFor<<min(g.misses, 10), passMost))
		g.misses++
		f.line.Pass(g.name, true)
	}
	return false
}

package cti

import (
	"time"

	"weibao/call"
	"weibao/routing"
)

// chair is one seat as the dispatcher holds it: what it knows to be stored,
// what it wants to be stored, and at most one write on its way.
type chair struct {
	seat      Seat
	on        bool // in the roster
	reachable bool
	base      Standing // as last known to be stored
	now       Standing // as held here
	sent      Standing // on its way while writing
	writing   bool
	heard     Standing // the newest of the others, heard while writing
	owed      bool     // the store has lost it: write again
	claiming  *ticket  // claimed here, not yet by the store
	asked     bool     // the claim has been sent to the store
	yields    bool     // the claim is given up when it is confirmed
	trace     []routing.Check
	begun     time.Time        // the work, when it was begun here
	counted   seatState        // in the occupancy
	vouched   uint64           // the latest claim that was made in this life or that a call has spoken of
	claimed   time.Time        // the latest claim made here, by the process's own clock
	overdue   overdue          // work of another gateway
	again     time.Time        // its work has been looked at and left alone until then
	due       time.Time        // when something of it runs out
	place     int              // among the deadlines, from 1; 0: nothing does
	serves    routing.TicketID // ticket that it is at work for
	caller    *ticket          // the same, when it is another gateway's
}

// ticket is a place in line.
type ticket struct {
	routing.Ticket
	call    call.ID
	offer   offered
	refused int       // offers that the call itself has cancelled in a row
	until   time.Time // not paired before, by the process's own clock
	missing bool      // its call was not live at the last sweep
	joined  time.Time // when it came into line here

	of   *neighbour // whose it is; nil for this gateway
	left bool       // a seat is left to its gateway
	// hopes is how many of its wants its gateway would rather serve than the one
	// of that seat.
	hopes int
	told  routing.Ticket // as the others know it
}

// offered is the seat that a ticket has; zero for none.
type offered struct {
	agent routing.AgentID
	fence uint64    // zero until the claim is confirmed
	since time.Time // by the process's own clock
}

func (t *ticket) waits() bool { return t.offer.agent == "" }

// hoping is a ticket that a seat is left to as it still stands in line: for
// what its gateway would rather give it.
func (t *ticket) hoping() routing.Ticket {
	rest := t.Ticket
	rest.Wants = rest.Wants[:min(t.hopes, len(rest.Wants))]
	return rest
}

// agent is the chair as the pairing sees it.
func (c *chair) agent() routing.Agent {
	a := routing.Agent{
		ID: c.now.Agent, Name: c.seat.Name, Queues: c.seat.Queues, Languages: c.seat.Languages, Skills: c.seat.Skills,
		Presence: c.now.Presence, Work: c.now.Work, Reachable: c.reachable, Deskless: c.now.Desk == DeskGone,
		Idle: c.now.Idle, Rung: c.now.Rung, Calls: c.now.Calls, RestUntil: c.now.RestUntil,
	}
	if a.Work == routing.Wrapping {
		a.WrapUntil = c.now.Deadline
	}
	return a
}

// dirty reports whether the store should be told something.
func (c *chair) dirty() bool {
	now := c.now
	now.Fence = c.base.Fence
	return c.owed || now != c.base || c.claiming != nil && !c.asked
}

// next is the fence that the next write will have.
func (c *chair) next() uint64 { return max(c.base.Fence, c.now.Fence) + 1 }

// unclaim takes back a claim that the store has not confirmed and returns its
// ticket; nil when there is none.
func (c *chair) unclaim(at time.Time) *ticket {
	t := c.claiming
	if t == nil {
		return nil
	}
	c.claiming = nil
	c.now.free(at)
	t.offer = offered{}
	return t
}

// learn takes in a standing that somebody else has written: a merge of three,
// with base as the common past. What only one side changed is kept. If both
// changed the work, the later claim holds; clash reports that both had given
// the seat a call, which only gateways that could not see each other can do.
func (c *chair) learn(got Standing, gateway string) (clash bool) {
	mine, merged := c.now, got
	if !mine.said(c.base) {
		merged = merged.withSaid(mine)
	}
	switch {
	case mine.seen(c.base), mine.seen(got):
	case got.seen(c.base):
		merged = merged.withSeen(mine)
	default:
		clash = mine.Work != routing.Free && got.Work != routing.Free && mine.Gateway != got.Gateway
		if mine.outlives(got, gateway) {
			merged = merged.withSeen(mine)
		}
	}
	merged = merged.withRest(mine, c.base).withDesk(mine, c.base)
	merged.Rung, merged.Calls = later(mine.Rung, got.Rung), max(got.Calls+mine.Calls-c.base.Calls, 0)
	merged.Idle, merged.Since = later(mine.Idle, got.Idle), later(mine.Since, got.Since)
	merged.Fence = max(mine.Fence, got.Fence)
	c.base, c.now = got, merged
	return clash
}

// outlives decides between two works for one seat. Both sides come to the
// same answer.
func (s Standing) outlives(o Standing, gateway string) bool {
	switch {
	case s.Claim != o.Claim:
		return s.Claim > o.Claim
	case o.Work == routing.Free: // only who has made a claim knows better
		return s.Work == routing.Free || s.Gateway == gateway
	case o.Gateway == gateway:
		return true
	}
	return s.Work != routing.Free && s.Gateway < o.Gateway
}

package cti

import (
	"context"
	"time"

	"weibao/call"
	"weibao/routing"
)

const (
	// pickupsKept of each queue are enough to tell its pace.
	pickupsKept = 64
	// furthestTold is the place from which on all are told as that one: nobody
	// is helped by the exact number, and it would have to be counted.
	furthestTold = 100
)

// pickups are the last callers who left a queue to a person, in a ring.
type pickups struct {
	last [pickupsKept]routing.Pickup
	next int
	n    int
}

func (p *pickups) add(one routing.Pickup) {
	p.last[p.next] = one
	p.next = (p.next + 1) % pickupsKept
	p.n = min(p.n+1, pickupsKept)
}

func (p *pickups) all() []routing.Pickup { return p.last[:p.n] }

// Enquire asks where a ticket stands. The call is told by Stands.
func (d *Dispatcher) Enquire(_ context.Context, id call.ID, t routing.TicketID) error {
	return d.tell(func(f *floor) { f.enquired = append(f.enquired, enquiry{id, t}) })
}

// enquiry is a question that is answered when the floor is in order again.
type enquiry struct {
	call   call.ID
	ticket routing.TicketID
}

// answerAll answers the enquiries. A ticket that is not in line here has no
// place.
func (f *floor) answerAll(at time.Time) {
	for _, e := range f.enquired {
		stands := call.Stands{At: call.At(at), Ticket: e.ticket}
		if t, held := f.tickets[e.ticket]; held {
			stands.Position = f.position(t)
			if stands.Position < furthestTold {
				stands.Estimate = routing.Estimated(stands.Position, f.line.Seats(t.Ticket), f.recent(t), at)
			}
		}
		f.opts.Deliver(e.call, stands)
	}
	f.enquired = f.enquired[:0]
}

// position is a ticket's place in line. Those for whom a seat has been claimed
// or is being rung stand in it too: they may yet come back.
func (f *floor) position(t *ticket) int {
	position := 1
	if t.waits() {
		position = max(f.line.PositionUpTo(t.ID, furthestTold), 1)
	}
	for _, c := range f.chairs {
		if c.now.Work != routing.Claimed && c.now.Work != routing.Ringing {
			continue
		}
		other := f.held(c.now.Ticket)
		if other != nil && other != t && (other.of == nil || other.of.alive) && !other.waits() && other.Ahead(t.Ticket) {
			position++
		}
	}
	return min(position+f.leftAhead(t), furthestTold)
}

// leftAhead counts the next ones of other gateways that a seat is left to, but
// those who have been counted in line.
func (f *floor) leftAhead(t *ticket) int {
	ahead := make(map[*ticket]struct{})
	for _, l := range f.leaving {
		if l.ticket.Ahead(t.Ticket) && !l.ticket.hoping().Ahead(t.Ticket) {
			ahead[l.ticket] = struct{}{}
		}
	}
	return len(ahead)
}

// recent are the last pick-ups of the queues that a ticket waits for.
func (f *floor) recent(t *ticket) []routing.Pickup {
	var all []routing.Pickup
	for _, queue := range t.Queues() {
		if p := f.pace[queue]; p != nil {
			all = append(all, p.all()...)
		}
	}
	return all
}

// pickedUp keeps that a caller has left the line to a seat of that queue.
func (f *floor) pickedUp(t *ticket, queue string, at time.Time) {
	p := f.pace[queue]
	if p == nil {
		p = &pickups{}
		f.pace[queue] = p
	}
	p.add(routing.Pickup{At: at, Since: t.joined, Seats: f.line.Seats(t.Ticket)})
}

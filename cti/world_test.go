package cti

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

// disturb does to a gateway what happens in life: it stands still for a while,
// its line is cut off or loses its answers, its clock jumps.
func (w *world) disturb(g, kind, pick int) {
	switch kind {
	case 14:
		_ = w.gateways[g].d.tell(func(*floor) { time.Sleep(time.Duration(pick%3000) * time.Millisecond) })
	case 15:
		line := w.lines[g]
		line.set(pick%4 == 1, pick%4 == 2)
		line.mu.Lock()
		line.slow = time.Duration(pick/4%2) * 250 * time.Millisecond
		line.mu.Unlock()
	case 16:
		w.skews[g].Store(int64([]time.Duration{0, time.Hour, -time.Hour, 7 * time.Second}[pick%4]))
	}
}

// calm ends what disturb has done.
func (w *world) calm(g int) {
	w.skews[g].Store(0)
	w.lines[g].set(false, false)
	w.lines[g].mu.Lock()
	w.lines[g].slow = 0
	w.lines[g].mu.Unlock()
}

// oneByOne ends talks one after the other, so that every gateway knows of a
// seat that has come free before the next one does: then nothing excuses that a
// caller is passed over.
func (w *world) oneByOne() {
	w.freeing(true)
	defer w.freeing(false)
	for range w.agents {
		// No multiple of it is the rest after a talk, which also frees a seat.
		time.Sleep(333 * time.Millisecond)
		if !w.next() {
			return
		}
		time.Sleep(leftFor + time.Millisecond)
		w.keepsOrder()
	}
}

func (w *world) freeing(single bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.single = single
}

// leftFor is how long a seat is left to another gateway.
const leftFor = 200 * time.Millisecond

// keepsOrder checks the order of the line when all is quiet and every gateway has
// known every ticket for longer than a seat is left to another: whoever has a
// seat is before all of the same class who wait for that seat without one. When
// several seats come free at once, gateways may learn of them in another order
// and claim the same one, or one claims what the other leaves to a third. The
// caller who lost that seat was being given one in the moment in which the others
// were taken, and is the next.
func (w *world) keepsOrder() {
	if w.orderly.IsZero() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c.offer == nil || c.talking || c.offered.Before(w.orderly) {
			continue
		}
		seat := w.seat(c.offer.Agent)
		for _, other := range w.calls {
			fits := other.ticket.ServedBy(seat)
			first := other.queued && other.offer == nil && fits && other.ticket.Before(c.ticket)
			if first && (c.alone || !w.raced(other, c) && !w.crossed(other, c)) {
				w.fault("%s waits, though %s was given to %s, who is behind", other.ticket.ID, seat.ID, c.ticket.ID)
			}
		}
	}
}

// raced reports whether a caller lost a claim in the moment in which one who is
// behind got a seat.
func (w *world) raced(first, behind *caller) bool {
	return w.watched.lostAt(first.ticket.ID).Sub(behind.offered).Abs() < leftFor
}

// crossed reports whether, in that moment, a third gateway gave a seat that could
// have served the first caller to one before it: the gateway of the caller behind
// may have left that very seat to the first.
func (w *world) crossed(first, behind *caller) bool {
	for _, c := range w.calls {
		third := c.gateway != first.gateway && c.gateway != behind.gateway
		if third && c.offer != nil && c.ticket.Before(first.ticket) && first.ticket.ServedBy(w.seat(c.offer.Agent)) &&
			c.offered.Sub(behind.offered).Abs() < leftFor {
			return true
		}
	}
	return false
}

// lostAt is when a ticket last lost a seat to another gateway.
func (s *watchedStore) lostAt(id routing.TicketID) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost[id]
}

func (w *world) seat(id routing.AgentID) routing.Agent {
	for _, s := range w.roster {
		if s.ID == id {
			return routing.Agent{ID: id, Queues: s.Queues}
		}
	}
	return routing.Agent{ID: id}
}

// balance checks the ledger: every caller has been served or has left, nobody
// is in any line, and nothing is stored of them.
func (w *world) balance() {
	for id, c := range w.calls {
		if c.queued || c.offer != nil {
			w.fault("%s is neither served nor gone when all is over", id)
		}
	}
	for i, s := range w.gateways {
		if line := s.line(); len(line) > 0 {
			w.fault("gateway %d has %v in line when all is over", i, line)
		}
	}
	all, err := w.tickets.All(context.Background())
	for _, n := range all {
		if len(n.Posts) > 0 {
			w.fault("%d tickets of %s are stored when all is over", len(n.Posts), n.Gateway)
		}
	}
	if err != nil || len(all) != len(w.gateways) {
		w.fault("%d lines are stored, %v", len(all), err)
	}
}

func TestNobodyWaitsForEverBehindThoseWhoArePressing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		standings, tickets := NewMemory(), NewMemoryTickets()
		var gateways []*floorStage
		for _, name := range []string{"gw-1", "gw-2"} {
			s := newFloorStage(t, FloorOptions{Gateway: name, Standings: standings, Tickets: tickets})
			defer s.finish()
			s.d.SetRoster([]Seat{{ID: "1001", Queues: []string{"a", "b"}}}, map[string]routing.Queue{"a": {Name: "a"}, "b": {Name: "b"}})
			s.d.SetReachable("1001", true)
			gateways = append(gateways, s)
		}
		gateways[0].say("1001", routing.Ready)
		time.Sleep(time.Second)
		arrive := func(g int, id call.ID, boost int, queues ...string) {
			_ = gateways[g].d.Enqueue(gateways[g].ctx, id, routing.Ticket{
				ID: routing.TicketID(id), Wants: routing.AnyOf(queues...), Since: now(), Boost: boost,
			})
		}
		arrive(0, "plain", 0, "b")
		// More who press than the seat can take, for the same seat.
		const talk = 20 * time.Second
		most, served := int(routing.MaxPriority*time.Minute/talk)*2+1, 0
		for i := 0; ; i++ {
			arrive(1, call.ID("pressing-"+time.Duration(i).String()), routing.MaxPriority, "a")
			arrive(i%2, call.ID("urgent-"+time.Duration(i).String()), routing.MaxPriority, "a", "b")
			time.Sleep(talk)
			for _, s := range gateways {
				if made := s.all(); len(made) > 0 {
					last := made[len(made)-1]
					if last.Ticket == "plain" {
						return
					}
					s.report(last, call.SeenPicked, call.SeenLeft)
				}
			}
			if served++; served > most {
				t.Fatalf("not served after %d talks of others", served)
			}
		}
	})
}

package call

import (
	"slices"

	"weibao/routing"
)

// pull takes the caller out of its turn: it goes before the ordinary line and,
// if the seat that was named is free, to that one. Any other seat that may
// serve it and is free first takes it all the same: nobody waits for one
// person while others sit idle.
func (t *turn) pull(by routing.AgentID, wish WishPull) string {
	s := &t.c.Search
	if seat, duty := t.searchLeg(Seat), t.searchLeg(Duty); !t.searching() || seat != nil && seat.State == Up || duty != nil && duty.State == Up {
		return "来电人不在排队，或者正在接通"
	}
	for _, want := range routing.AnyOf(wish.Queues...) {
		any := func(w routing.Want) bool { return w.Queue == want.Queue && len(w.Languages)+len(w.Skills) == 0 }
		if !slices.ContainsFunc(s.Ticket.Wants, any) {
			s.Ticket.Wants = append(slices.Clip(s.Ticket.Wants), want)
			s.Pulled = append(slices.Clip(s.Pulled), want)
		}
	}
	s.Ticket.Prefer, s.Ticket.Boost = wish.Agent, max(s.Ticket.Boost, routing.BoostReturn)
	s.Queued = true
	t.note("PULL", t.c.Caller(), string(by)+" → "+string(wish.Agent))
	t.do(Enqueue{Ticket: s.Ticket})
	return ""
}

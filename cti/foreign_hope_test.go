package cti

import (
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

// TestABetterSeatIsLeftToTheFirstInLineTooAndNobodyIsPassedOver: seats come
// free in one moment, and each gateway learns of another one first.
func TestABetterSeatIsLeftToTheFirstInLineTooAndNobodyIsPassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		standings, tickets := NewMemory(), NewMemoryTickets()
		store := &flaky{Standings: standings}
		one := newFloorStage(t, FloorOptions{Gateway: "gw-1", Standings: store, Tickets: tickets})
		two := newFloorStage(t, FloorOptions{Gateway: "gw-2", Standings: standings, Tickets: tickets})
		defer one.finish()
		defer two.finish()
		seats := []Seat{{ID: "1001", Queues: []string{"b"}}, {ID: "1002", Queues: []string{"a"}}, {ID: "1003", Queues: []string{"a"}}}
		for _, s := range []*floorStage{one, two} {
			s.d.SetRoster(seats, map[string]routing.Queue{"a": {Name: "a"}, "b": {Name: "b"}})
		}
		for _, seat := range seats {
			one.say(seat.ID, routing.Ready)
			time.Sleep(time.Millisecond)
		}
		enqueue := func(s *floorStage, id routing.TicketID, queues ...string) {
			_ = s.d.Enqueue(s.ctx, call.ID(id), routing.Ticket{ID: id, Wants: routing.AnyOf(queues...), Since: now()})
			time.Sleep(time.Millisecond)
		}
		enqueue(two, "A", "a", "b")
		enqueue(one, "B", "a")
		enqueue(one, "C", "a")
		time.Sleep(time.Second)
		store.mu.Lock()
		store.slow = 20 * time.Millisecond
		store.mu.Unlock()
		one.d.SetReachable("1001", true)
		synctest.Wait() // left to A
		one.d.SetReachable("1002", true)
		one.d.SetReachable("1003", true)
		synctest.Wait()
		two.d.SetReachable("1002", true)
		time.Sleep(50 * time.Millisecond)
		two.wants("A>1002")
		one.wants("B>1003")
		one.offersCounted("lost", 0)
		two.offersCounted("lost", 0)
	})
}

func TestACallerWhoseSeatAnotherGatewayTookIsNotPassedOverByAClaimOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		standings := NewMemory()
		store := &flaky{Standings: standings}
		one := newFloorStage(t, FloorOptions{Gateway: "gw-1", Standings: store})
		two := newFloorStage(t, FloorOptions{Gateway: "gw-2", Standings: standings})
		defer one.finish()
		defer two.finish()
		for _, s := range []*floorStage{one, two} {
			s.roster(0, "1001", "1002")
		}
		one.say("1001", routing.Ready)
		one.say("1002", routing.Ready)
		one.enqueue("A")
		one.enqueue("B")
		two.enqueue("C")
		time.Sleep(time.Second)
		store.mu.Lock()
		store.slow = 20 * time.Millisecond
		store.mu.Unlock()
		one.d.SetReachable("1001", true) // claimed for A
		time.Sleep(time.Millisecond)
		one.d.SetReachable("1002", true) // claimed for B
		two.d.SetReachable("1001", true)
		time.Sleep(100 * time.Millisecond)
		two.wants("C>1001")
		a := one.wants("A>1002")
		one.offersCounted("lost", 1)
		one.offersCounted("yielded", 1)
		one.report(a, call.SeenPicked, call.SeenLeft)
		time.Sleep(100 * time.Millisecond)
		one.wants("A>1002", "B>1002")
	})
}

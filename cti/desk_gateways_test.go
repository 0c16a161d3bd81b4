package cti

import (
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

func TestADeskAtAGatewayThatHasDiedIsGoneAfterAWhile(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.d.DeskOpened("1001")
		p.two.d.DeskOpened("1002")
		p.two.say("1001", routing.Ready)
		p.two.say("1002", routing.Ready)
		time.Sleep(10 * time.Millisecond)
		p.two.finish()
		time.Sleep(5 * time.Second)
		p.one.d.DeskOpened("1002") // its browser has found another gateway
		p.one.wantsWhy("1001", "")
		p.one.passes(time.Minute)
		p.one.wantsWhy("1001", routing.SeatNoDesk)
		p.one.wantsWhy("1002", "")
	})
}

func TestADeskAtAGatewayThatIsBackIsNotGone(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.d.DeskOpened("1001")
		p.two.say("1001", routing.Ready)
		time.Sleep(10 * time.Millisecond)
		p.lineTwo.set(true, false)
		p.one.passes(20 * time.Second)
		p.lineTwo.set(false, false)
		p.one.passes(time.Minute)
		p.one.wantsWhy("1001", "")
		p.two.wantsWhy("1001", "")
	})
}

func TestADeskOfAGatewayThatWasGoneBeforeThisOneBeganIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		standings := NewMemory()
		left := Standing{Agent: "1001", Presence: routing.Ready, Desk: DeskOpen, DeskAt: "gw-9"}
		if _, err := standings.Swap(t.Context(), 0, left); err != nil {
			t.Fatal(err)
		}
		s := newFloorStage(t, FloorOptions{Gateway: "gw-1", Standings: standings, Tickets: NewMemoryTickets()})
		defer s.finish()
		s.roster(0, "1001")
		s.d.SetReachable("1001", true)
		s.passes(time.Minute)
		s.wantsWhy("1001", routing.SeatNoDesk)
	})
}

func TestAClockThatIsSetBackHoldsNeitherDeskNorCaller(t *testing.T) {
	t.Parallel()
	skew := time.Duration(0)
	onFloor(t, FloorOptions{Clock: func() time.Time { return time.Now().Add(skew) }}, func(s *floorStage) {
		s.roster(0, "1001")
		s.d.DeskOpened("1001")
		s.ready("1001")
		s.enqueue("A")
		for range 2 { // the call refuses, so that it is slowed down
			s.report(s.all()[len(s.all())-1], call.SeenCancelled)
		}
		s.d.DeskClosed("1001")
		s.settle()
		if err := s.d.ask(s.ctx, func(*floor) { skew = -time.Hour }); err != nil {
			t.Fatal(err)
		}
		s.passes(time.Second)
		s.report(s.wants("A>1001", "A>1001", "A>1001"), call.SeenPicked, call.SeenLeft)
		s.passes(20 * time.Second)
		s.wantsWhy("1001", routing.SeatNoDesk)
	})
}

func TestScreensLearnThatARestIsOver(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		o := s.wants("A>1001")
		_ = s.d.Withdraw(s.ctx, "A")
		s.report(o, call.SeenRejected)
		s.wantsWhy("1001", routing.SeatResting)
		seen := s.changed()
		s.passes(31 * time.Second)
		if s.changed() == seen {
			t.Error("nobody was told that the seat is free again")
		}
	})
}

package cti

import (
	"fmt"
	"testing"
	"time"

	"weibao/routing"
)

func (s *floorStage) wantsWhy(id routing.AgentID, want string) {
	s.t.Helper()
	s.settle()
	for _, a := range s.view().Agents {
		if a.Agent == id && a.Why != want {
			s.t.Errorf("seat %s is not free because of %q, want %q", id, a.Why, want)
		}
	}
}

func TestASeatWhoseDeskHasGoneIsNotReadyAfterAGrace(t *testing.T) {
	t.Parallel()
	hub := NewHub()
	onFloor(t, FloorOptions{Notice: hub.Notify}, func(s *floorStage) {
		s.roster(0, "1001")
		s.d.DeskOpened("1001")
		s.d.DeskOpened("1001")
		s.ready("1001")
		s.wantsWhy("1001", "")
		s.d.DeskClosed("1001")
		s.passes(time.Minute)
		s.wantsWhy("1001", "") // the other one is open
		s.d.DeskClosed("1001")
		s.passes(9 * time.Second)
		s.wantsWhy("1001", "")
		s.passes(2 * time.Second)
		s.wantsWhy("1001", routing.SeatNoDesk)
		s.wantsAgent("1001", "ready free")
		s.enqueue("A")
		s.wants()
		if said := s.unstaffedSaid(); said != 1 {
			t.Errorf("the call was told %d times that nobody could serve it, want once", said)
		}
		if got := hub.Notices(); len(got) != 1 || got[0].Kind != NoticeDesk || got[0].Say != "坐席 1001（name of 1001）的坐席桌面没有响应，暂不派话" {
			t.Errorf("notices %+v", got)
		}
		s.d.DeskOpened("1001")
		s.wants("A>1001")
	})
}

func TestALoadedPageDoesNoHarm(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.d.DeskOpened("1001")
		s.ready("1001")
		for range 5 {
			s.d.DeskClosed("1001")
			s.passes(8 * time.Second)
			s.d.DeskOpened("1001")
			s.passes(4 * time.Second)
			s.wantsWhy("1001", "")
		}
	})
}

func TestASeatWithoutADeskIsJudgedByItsPhoneAndItsWord(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001")
		s.passes(time.Hour)
		s.wantsWhy("1001", "")
		// One whose desk has gone says ready by its telephone's key.
		s.d.DeskOpened("1002")
		s.ready("1002")
		s.d.DeskClosed("1002")
		s.passes(11 * time.Second)
		s.wantsWhy("1002", routing.SeatNoDesk)
		s.say("1002", routing.Ready)
		s.passes(time.Hour)
		s.wantsWhy("1002", "")
		// And one that says so before anybody has missed the desk.
		s.d.DeskOpened("1002")
		s.d.DeskClosed("1002")
		s.say("1002", routing.Ready)
		s.passes(time.Hour)
		s.wantsWhy("1002", "")
	})
}

// twoGateways opens two floors over one store, with seat 1001 ready.
func twoGateways(t *testing.T, test func(a, b *floorStage)) {
	t.Helper()
	store := NewMemory()
	onFloor(t, FloorOptions{Gateway: "gw-a", Standings: store}, func(a *floorStage) {
		b := newFloorStage(t, FloorOptions{Gateway: "gw-b", Standings: store})
		defer b.finish()
		for _, g := range []*floorStage{a, b} {
			g.roster(0, "1001")
			g.d.SetReachable("1001", true)
		}
		a.ready("1001")
		test(a, b)
	})
}

func TestAnotherGatewaySeesThatTheDeskHasGone(t *testing.T) {
	t.Parallel()
	twoGateways(t, func(a, b *floorStage) {
		a.d.DeskOpened("1001")
		a.settle()
		a.d.DeskClosed("1001")
		a.passes(11 * time.Second)
		b.enqueue("B")
		b.wantsWhy("1001", routing.SeatNoDesk)
		b.wants()
		b.d.DeskOpened("1001") // it comes back to the other one
		b.wants("B>1001")
		a.wantsWhy("1001", "claimed")
	})
}

func TestADeskThatIsOpenAtTwoGatewaysIsGoneWhenBothAre(t *testing.T) {
	t.Parallel()
	twoGateways(t, func(a, b *floorStage) {
		a.d.DeskOpened("1001")
		a.settle()
		b.d.DeskOpened("1001")
		b.settle()
		written := a.view().Agents[0].Fence
		a.passes(time.Minute)
		if now := a.view().Agents[0].Fence; now != written {
			t.Errorf("the gateways wrote %d times who has the desk", now-written)
		}
		b.d.DeskClosed("1001")
		a.passes(11 * time.Second)
		a.wantsWhy("1001", "")
		b.wantsWhy("1001", "")
		a.d.DeskClosed("1001")
		a.passes(11 * time.Second)
		a.wantsWhy("1001", routing.SeatNoDesk)
		b.wantsWhy("1001", routing.SeatNoDesk)
	})
}

func TestADeskOfAnEarlierLifeHasTimeToComeBack(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		comes bool
		want  string
	}{{"it does", true, ""}, {"it does not", false, routing.SeatNoDesk}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			store := NewMemory()
			onFloor(t, FloorOptions{Standings: store}, func(s *floorStage) {
				s.roster(0, "1001")
				s.d.DeskOpened("1001")
				s.ready("1001")
				s.settle()
				s.finish()
				again := newFloorStage(t, FloorOptions{Standings: store})
				defer again.finish()
				again.roster(0, "1001")
				again.d.SetReachable("1001", true)
				again.passes(25 * time.Second)
				again.wantsWhy("1001", "")
				if row.comes {
					again.d.DeskOpened("1001")
				}
				again.passes(time.Minute)
				again.wantsWhy("1001", row.want)
			})
		})
	}
}

func TestADeskOfALoginThatTakesNoCallsIsNotASeats(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.d.DeskOpened("1001")
		s.settle()
		s.roster(0, "1002")
		s.d.DeskOpened("admin")
		s.settle()
		all, err := s.d.opts.Standings.All(s.ctx)
		if err != nil || len(all) != 0 {
			t.Errorf("stored %v, %v", all, err)
		}
		s.roster(0, "1001") // it takes calls from now on, and its desk is known
		s.ready("1001")
		s.d.DeskClosed("1001")
		s.passes(11 * time.Second)
		s.wantsWhy("1001", routing.SeatNoDesk)
	})
}

func TestTheDesksOfAnOfficeWithoutANetworkAreOneNotice(t *testing.T) {
	t.Parallel()
	hub := NewHub()
	onFloor(t, FloorOptions{Notice: hub.Notify}, func(s *floorStage) {
		var seats []routing.AgentID
		for i := range 2 * noticeMany {
			seats = append(seats, routing.AgentID(fmt.Sprint(1001+i)))
		}
		s.roster(0, seats...)
		for _, id := range seats {
			s.d.DeskOpened(id)
		}
		s.ready(seats...)
		for _, id := range seats { // each at an instant of its own
			s.d.DeskClosed(id)
			s.passes(10 * time.Millisecond)
		}
		s.passes(12 * time.Second)
		s.wantsWhy("1001", routing.SeatNoDesk)
		if got := hub.Notices(); len(got) != 1 {
			t.Errorf("%d notices: %+v", len(got), got)
		}
	})
}

package call

import (
	"testing"

	"weibao/routing"
)

// resumed is a call that an earlier life of the gateway left with these
// parties.
func resumed(t *testing.T, with ...Party) *script {
	t.Helper()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	for _, p := range with {
		s.legs[p.Leg] = &worldLeg{live: true, up: p.Up, room: p.Room}
		s.order = append(s.order, p.Leg)
		if p.Room != NoRoom {
			s.legs["caller"].room = Talk
		}
		if held, _ := recall(p.Memo); held.Fence > 0 {
			s.world.offers[held.Fence] = true
		}
	}
	s.feed(func(at At) Event { return Arrived{At: at, Call: "c1", Leg: "caller", Resumed: true, With: with} })
	return s
}

func TestARestartDuringABriefingBringsEverybodyBackToTheChild(t *testing.T) {
	t.Parallel()
	s := resumed(t,
		Party{Leg: "c1-1", Agent: "1001", Up: true, Room: Side},
		Party{Leg: "c1-2", Number: "0433110", Trunk: TrunkPolice, Up: true, Room: Side},
		Party{Leg: "c1-3", Agent: "1019", Up: true, Room: Talk})
	for _, leg := range []LegID{"c1-1", "c1-2", "c1-3"} {
		if s.legs[leg].room != Talk {
			t.Errorf("%s is in room %q", leg, s.legs[leg].room)
		}
	}
	if refused := s.asks(WishHandover{}); refused != "" {
		t.Error(refused)
	}
}

func TestWhoAnsweredWhileTheGatewayWasAwayIsJoined(t *testing.T) {
	t.Parallel()
	s := resumed(t,
		Party{Leg: "c1-1", Number: "0433110", Trunk: TrunkPolice, Room: Talk},
		Party{Leg: "c1-2", Agent: "1019", Up: true})
	if s.legs["c1-2"].room != Talk || s.c.Agent != "1019" || s.c.Phase != Talking {
		t.Errorf("1019 is in room %q, phase %s", s.legs["c1-2"].room, s.c.Phase)
	}
}

func TestAResumedSeatIsStillHeldUnderItsClaim(t *testing.T) {
	t.Parallel()
	s := resumed(t, Party{Leg: "c1-1", Agent: "1001", Memo: "7:c1::"})
	if report := must[Report](s, s.picks("c1-1")); report.Fence != 7 || report.What != SeenPicked {
		t.Errorf("report %+v", report)
	}
	s.promptEnds("c1-1")
	if report := must[Report](s, s.leaves("caller", HungUp)); report.What != SeenLeft {
		t.Errorf("report %+v", report)
	}
}

func TestARestartWhile110RingsTriesTheNextNumbersAndConcludesTheFiling(t *testing.T) {
	t.Parallel()
	s := resumed(t,
		Party{Leg: "c1-1", Agent: "1001", Up: true, Room: Talk},
		Party{Leg: "c1-2", Number: "0433110", Trunk: TrunkPolice, Room: Talk, Memo: "0::222404:JL-7"})
	second := must[Dial](s, s.leaves("c1-2", Busy))
	if second.To.Name != "04335550110" {
		t.Fatalf("then %s, want the direct number", second.To.Name)
	}
	third := must[Dial](s, s.leaves(second.Leg, Busy))
	if notice := must[CloseNotice](s, s.leaves(third.Leg, Busy)); notice.Number != "JL-7" {
		t.Errorf("notice %+v", notice)
	}
}

func TestACompanionForABriefingOfNobodyIsNotKept(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat, police := s.threeTalk()
	s.asks(WishBrief{})
	companion := s.offers("c1/help", "1019")
	commands := s.leaves(police, HungUp)
	if release := must[Release](s, commands); release.Leg != companion || s.c.Help.Queued {
		t.Errorf("released %s, still looking %v", release.Leg, s.c.Help.Queued)
	}
	s.leaves(seat, HungUp)
	if s.c.Phase != Parting {
		t.Errorf("phase %s", s.c.Phase)
	}
}

func TestThePoliceLineThatDiesAfterTheHandoverIsNotAGoodbye(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	_, police := s.threeTalk()
	s.asks(WishHandover{})
	if s.leaves(police, Lost); s.c.Phase != Waiting || !s.c.Search.Queued {
		t.Errorf("phase %s: somebody must be found at once", s.c.Phase)
	}
}

func TestThePoliceWhoAreTheChildsOnlyListenerCanNotBeCancelled(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat, _ := s.threeTalk()
	s.leaves(seat, Lost)
	if refused := s.asks(WishCancel{}); refused == "" {
		t.Error("cancelled")
	}
}

func TestACorrectedPlaceIsNotTakenForASecondPress(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.reaches()
	if refused := s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "220100"}); refused == "" {
		t.Error("the wrong county's police go on ringing, and nobody says so")
	}
}

func TestALegThatCouldNotBeDialledIsHungUpAllTheSame(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	police := s.reaches()
	s.legs[police].live, s.legs[police].room = false, NoRoom
	commands := s.feed(func(at At) Event { return Failed{At: at, Command: Dial{Leg: police}, Err: "timeout"} })
	before[Release, Dial](s, commands)
}

func TestAJoinThatFailsDuringABriefingBringsEverybodyBack(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat, _ := s.threeTalk()
	s.asks(WishBrief{})
	companion := s.offers("c1/help", "1019")
	s.picks(companion)
	s.promptEnds(companion)
	s.feed(func(at At) Event {
		return Failed{At: at, Command: Join{Room: Talk, Legs: []LegID{companion}}, Err: "500"}
	})
	if s.c.Transfer.Phase != Introduced || s.legs[seat].room != Talk {
		t.Errorf("%s, the seat in room %q", s.c.Transfer.Phase, s.legs[seat].room)
	}
}

func TestACallerWhoCouldNotBeAnsweredIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "")
	s.feed(func(at At) Event { return Failed{At: at, Command: Answer{Leg: "caller"}, Err: "500"} })
	must[Answer](s, s.alarm(alarmAnswer))
}

func TestAfterAHandoverTheOutcomeIsTheHandoverWhoeverHangsUpFirst(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	_, police := s.threeTalk()
	s.asks(WishHandover{})
	s.leaves(police, HungUp)
	s.leaves("caller", HungUp)
	if s.c.Ending.Outcome != HandedOver {
		t.Errorf("outcome %s", s.c.Ending.Outcome)
	}
}

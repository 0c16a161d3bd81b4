package call

import (
	"testing"
	"time"

	"weibao/routing"
)

func TestNo110WithoutAFilingBeforeIt(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	if refused := s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404", Category: "性侵"}); refused != "" {
		t.Fatal(refused)
	}
	filing := must[FileNotice](s, s.heard).Filing
	if len(all[Dial](s.heard)) != 0 {
		t.Error("110 is dialled before the filing is on the disk")
	}
	if filing.Place != "222404" || filing.Category != "性侵" || filing.Agent != "1001" || filing.Caller != "13800000000" {
		t.Errorf("filing %+v", filing)
	}
	dial := must[Dial](s, s.files("JL-1", ""))
	if dial.To.Name != "0433110" || dial.Trunk != TrunkPolice || dial.Room != Talk {
		t.Errorf("dial %+v, want the police of the child's place, in the room of the talk", dial)
	}
	if s.c.Transfer.Filing != "JL-1" {
		t.Errorf("filing %q", s.c.Transfer.Filing)
	}
}

func TestADiskThatHangsOrRefusesDoesNotKeep110(t *testing.T) {
	t.Parallel()
	t.Run("hangs", func(t *testing.T) {
		t.Parallel()
		s := newScript(t)
		s.talks()
		s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"})
		asked := s.now
		must[Dial](s, s.alarm(alarmFiling))
		if waited := s.now.Sub(asked); waited > 500*time.Millisecond {
			t.Errorf("110 waited %s", waited)
		}
		if len(all[Dial](s.files("JL-1", ""))) != 0 {
			t.Error("110 is dialled twice")
		}
	})
	t.Run("refuses", func(t *testing.T) {
		t.Parallel()
		s := newScript(t)
		s.talks()
		s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"})
		must[Dial](s, s.files("JL-1", "no space left on device"))
	})
}

func TestASecondPressDoesNotPlaceASecondCall(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.reaches()
	if refused := s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); refused != "" {
		t.Errorf("refused: %s", refused)
	}
	if len(all[Dial](s.heard))+len(all[FileNotice](s.heard)) != 0 {
		t.Errorf("commands %v", kinds(s.heard))
	}
}

func TestTheNumbersOfThePlaceAreTriedThenItIsBackWithTheReason(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	first := s.reaches()
	second := must[Dial](s, s.leaves(first, Busy))
	third := must[Dial](s, s.alarm(ringAlarm(second.Leg)))
	if second.To.Name != "04335550110" || third.To.Name != "04310000000" {
		t.Errorf("then %s and %s, want the direct number and the province's", second.To.Name, third.To.Name)
	}
	notice := must[CloseNotice](s, s.leaves(third.Leg, Unreachable))
	if notice.Outcome != "not_reached" || len(notice.Attempts) != 3 || notice.Attempts[1].Result != string(NoAnswer) {
		t.Errorf("notice %+v", notice)
	}
	if s.c.Phase != Talking || s.c.Transfer.Phase != NoTransfer || s.c.Transfers[0].Reason == "" {
		t.Errorf("phase %s transfer %+v", s.c.Phase, s.c.Transfers)
	}
	if s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}) != "" {
		t.Error("the seat may not press again")
	}
}

func TestThePoliceAnswerIntoTheRoomAndTakeTheChildOnlyOnTheSeatsWord(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	police := s.reaches()
	if refused := s.asks(WishHandover{}); refused == "" {
		t.Error("handed over before the police answered")
	}
	s.picks(police)
	if s.c.Transfer.Phase != Introduced || len(all[Join](s.heard)) != 0 {
		t.Errorf("%s, commands %v: they are in the room already", s.c.Transfer.Phase, kinds(s.heard))
	}
	if refused := s.asks(WishHangup{}); refused == "" {
		t.Error("the seat could hang up on child and police")
	}
	if refused := s.asks(WishHandover{}); refused != "" {
		t.Fatal(refused)
	}
	if release := must[Release](s, s.heard); release.Leg != seat {
		t.Errorf("released %s, want the seat", release.Leg)
	}
	notice := must[CloseNotice](s, s.leaves("caller", HungUp))
	if notice.Outcome != "handed_over" || s.c.Ending.Outcome != HandedOver {
		t.Errorf("outcomes %s %s", notice.Outcome, s.c.Ending.Outcome)
	}
}

func TestThePoliceHangUpAfterTheHandoverAndTheChildIsNotHungUpOn(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	_, police := s.threeTalk()
	s.asks(WishHandover{})
	s.leaves(police, HungUp)
	if s.c.Phase != Parting || s.c.Transfers[0].Outcome != "handed_over" {
		t.Errorf("phase %s, transfers %+v", s.c.Phase, s.c.Transfers)
	}
}

func TestThePoliceAnswerAndDropAndTheChildIsBackWithTheSeat(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	_, police := s.threeTalk()
	s.leaves(police, HungUp)
	if s.c.Phase != Talking || s.c.Transfers[0].Outcome != "target_left" {
		t.Errorf("phase %s, transfers %+v", s.c.Phase, s.c.Transfers)
	}
}

func TestTheSeatDropsWhile110RingsAndTheChildIsKept(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	police := s.reaches()
	tickets := all[Enqueue](s.leaves(seat, HungUp))
	if len(tickets) != 2 || tickets[0].Ticket.Boost != routing.BoostRescue || tickets[1].Ticket.Queues()[0] != "supervisors" {
		t.Errorf("tickets %+v, want the seats and the supervisors asked before everyone", tickets)
	}
	s.picks(police)
	if s.c.Transfer.Phase != Introduced || s.legs["caller"].room != s.legs[police].room {
		t.Errorf("%s: the police must meet the child", s.c.Transfer.Phase)
	}
	supervisor := s.offers("c1/help", "1019")
	s.picks(supervisor)
	s.promptEnds(supervisor)
	if s.c.Agent != "1019" {
		t.Errorf("agent %s, want the supervisor in the seat's place", s.c.Agent)
	}
	if refused := s.asks(WishHandover{}); refused != "" {
		t.Error(refused)
	}
}

func TestTheSeatDropsAnd110AnswersNowhere(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	leg := s.reaches()
	s.leaves(seat, Lost)
	for range 2 {
		leg = must[Dial](s, s.leaves(leg, Busy)).Leg
	}
	s.leaves(leg, Busy)
	if s.c.Phase != Waiting || !s.c.Search.Queued {
		t.Errorf("phase %s, queued %v: a new seat must be looked for", s.c.Phase, s.c.Search.Queued)
	}
}

func TestTheCallerDropsWhile110RingsAndThePoliceAreStillTold(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	police := s.reaches()
	if commands := s.leaves("caller", HungUp); len(all[Release](commands)) != 0 {
		t.Errorf("commands %v: seat and police must go on", kinds(commands))
	}
	if s.c.FollowUp.Kind != "callback" || s.c.FollowUp.Owner != "1001" {
		t.Errorf("follow-up %+v", s.c.FollowUp)
	}
	s.picks(police)
	if s.legs[seat].room != s.legs[police].room {
		t.Error("seat and police do not hear each other")
	}
	s.leaves(seat, HungUp)
	record := must[KeepRecord](s, s.feed(func(at At) Event { return Recorded{At: at, File: "c1.wav"} })).Call
	if record.Ending.Outcome != CallBack || record.Transfers[0].Outcome == "" {
		t.Errorf("ending %+v transfers %+v", record.Ending, record.Transfers)
	}
}

func TestABriefingIsPrivateOnlyWhenSomebodyStaysWithTheChild(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat, police := s.threeTalk()
	if refused := s.asks(WishBrief{}); refused != "" {
		t.Fatal(refused)
	}
	must[Enqueue](s, s.heard)
	if s.c.Transfer.Phase != Introduced {
		t.Fatalf("%s: everybody stays together until a companion is there", s.c.Transfer.Phase)
	}
	companion := s.offers("c1/help", "1019")
	s.picks(companion)
	s.promptEnds(companion)
	if s.c.Transfer.Phase != Briefing || s.legs[seat].room != Side || s.legs[police].room != Side || s.legs[companion].room != Talk {
		t.Fatalf("%s: seat %s police %s companion %s", s.c.Transfer.Phase, s.legs[seat].room, s.legs[police].room, s.legs[companion].room)
	}
	t.Run("the companion leaves and everybody is with the child", func(t *testing.T) {
		s.leaves(companion, Lost)
		if s.c.Transfer.Phase != Introduced || s.legs[seat].room != Talk || s.legs[police].room != Talk {
			t.Errorf("%s: seat %s police %s", s.c.Transfer.Phase, s.legs[seat].room, s.legs[police].room)
		}
	})
}

func TestWithNoCompanionTheThreeStayTogether(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.picks(s.reaches())
	s.asks(WishBrief{})
	s.feed(func(at At) Event { return Crowded{At: at, Ticket: "c1/help"} })
	if s.c.Transfer.Phase != Introduced || s.c.Help.Queued {
		t.Errorf("%s, help queued %v", s.c.Transfer.Phase, s.c.Help.Queued)
	}
}

func TestATransferIsRefusedInWordsForPeople(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		wish WishTransfer
	}{
		{"number that is not on the list", WishTransfer{To: routing.Target{Kind: routing.ToNumber, Name: "008812345"}}},
		{"a post without duty", WishTransfer{To: routing.Target{Kind: routing.ToDuty, Name: "222400"}}},
		{"a queue", WishTransfer{To: routing.Target{Kind: routing.ToQueue, Name: "province"}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.talks()
			if s.asks(row.wish) == "" || s.c.Transfer.Phase != NoTransfer {
				t.Errorf("not refused: %+v", s.c.Transfer)
			}
		})
	}
}

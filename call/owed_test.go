package call

import (
	"testing"
	"time"

	"weibao/routing"
)

func TestACallBackWaitsInLineWithTheAgeOfThePromise(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	ticket := must[Enqueue](s, s.owes("", "")).Ticket
	if want := s.now.Add(-time.Hour); !ticket.Since.Equal(want) || ticket.Only != "" || ticket.Queues()[0] != "changchun" {
		t.Errorf("ticket %+v, want the age of %s", ticket, want)
	}
	if s.c.Direction() != "owed" || s.c.Caller().State != Unplaced {
		t.Errorf("direction %s, party %s", s.c.Direction(), s.c.Caller().State)
	}
}

func TestThePartyIsRungOnlyWhenASeatHasAnsweredAndHearsNothingOfTheHotline(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.owes("", "")
	seat := s.offers("c1", "1001")
	if whisper := must[Play](s, s.picks(seat)); whisper.Leg != seat || whisper.Prompts[len(whisper.Prompts)-1].Name != "call_back" {
		t.Errorf("the seat hears %+v", whisper)
	}
	must[Dial](s, s.promptEnds(seat))
	if neutral := must[Play](s, s.picks("caller")); neutral.Leg != "caller" || neutral.Prompts[0].Name != "neutral" {
		t.Errorf("the party hears %+v", neutral)
	}
	commands := s.presses("1")
	before[Quiet, Join](s, commands)
	if join := must[Join](s, commands); len(join.Legs) != 2 || s.c.Phase != Talking {
		t.Errorf("joined %v, phase %s", join.Legs, s.c.Phase)
	}
}

func TestWhoDoesNotPressTheKeyIsLetGoKindlyAndRungAgainLater(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.ringsParty()
	s.picks("caller")
	s.promptEnds("caller")
	if goodbye := must[Play](s, s.alarm(alarmConfirm)); goodbye.Prompts[0].Name != "goodbye" {
		t.Errorf("the party hears %+v", goodbye)
	}
	commands := s.promptEnds("caller")
	if len(all[Release](commands)) != 2 || s.legs[seat].live {
		t.Errorf("commands %v", kinds(commands))
	}
	if report := must[Report](s, commands); report.What != SeenCancelled {
		t.Errorf("the floor is told %s", report.What)
	}
	f := s.c.Placed.FollowUp
	if s.c.Ending.Outcome != CallBack || f.Attempts != 1 || !f.Promised || !f.NotBefore.Equal(s.now.Add(10*time.Minute)) {
		t.Errorf("outcome %s, still owed %+v", s.c.Ending.Outcome, f)
	}
}

func TestTheKeyStillCountsOverTheGoodbye(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.ringsParty()
	s.picks("caller")
	s.presses("5")
	if s.presses("1"); s.c.Phase != Talking {
		t.Errorf("phase %s", s.c.Phase)
	}
}

func TestAfterThreeAttemptsAPersonDecides(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{unplaced: true}
	s.order = []LegID{"caller"}
	s.feed(func(at At) Event {
		return Owed{At: at, Call: "c1", Leg: "caller", FollowUp: FollowUp{
			ID: "c0", Kind: RingBack, Number: "13800000000", Region: "220100", Promised: true, Attempts: 2,
		}}
	})
	seat := s.offers("c1", "1001")
	s.picks(seat)
	s.promptEnds(seat)
	s.leaves("caller", Busy)
	if f := s.c.Placed.FollowUp; f.Promised || f.Attempts != 3 || f.Owner != "supervisors" || f.Due.IsZero() {
		t.Errorf("still owed %+v", f)
	}
}

func TestASeatThatHangsUpWhileThePartyRingsLetsThePhoneGoAndTheCallBackIsDueAtOnce(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.ringsParty()
	s.feed(func(at At) Event { return Rang{At: at, Leg: "caller"} })
	if release := must[Release](s, s.leaves(seat, HungUp)); release.Leg != "caller" {
		t.Errorf("released %s", release.Leg)
	}
	if f := s.c.Placed.FollowUp; f.Attempts != 1 || !f.NotBefore.IsZero() || !f.Promised {
		t.Errorf("still owed %+v", f)
	}
}

func TestAPersonWhoCallsByItselfIsNotRung(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.owes("", "")
	seat := s.offers("c1", "1001")
	commands := s.feed(func(at At) Event { return Recalled{At: at, Why: "来电人自己打来了"} })
	if release := must[Release](s, commands); release.Leg != seat || s.c.Phase != Ended {
		t.Errorf("released %s, phase %s", release.Leg, s.c.Phase)
	}
	if f := s.c.Placed.FollowUp; f.Attempts != 0 || !f.Promised {
		t.Errorf("%+v: what is owed has not changed", f)
	}
}

func TestOutsideItsHoursNobodyIsRung(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.owes("", "never")
	s.fence++
	s.world.offers[s.fence] = true
	commands := s.feed(func(at At) Event { return Offered{At: at, Offer: Offer{Ticket: "c1", Agent: "1001", Fence: s.fence}} })
	if report := must[Report](s, commands); report.What != SeenCancelled || s.c.Phase != Ended || len(all[Dial](commands)) != 0 {
		t.Errorf("%s, phase %s, %v", report.What, s.c.Phase, kinds(commands))
	}
}

func TestASeatThatRingsBackIsTheOnlyOneAskedAndIsToldWhenItCanNot(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	if ticket := must[Enqueue](s, s.owes("1002", "never")).Ticket; ticket.Only != "1002" {
		t.Errorf("ticket %+v", ticket)
	}
	must[Withdraw](s, s.feed(func(at At) Event { return Crowded{At: at, Ticket: "c1"} }))
	if s.c.Phase != Ended || s.c.Ending.Reason != "坐席没有空闲" {
		t.Errorf("phase %s, %+v", s.c.Phase, s.c.Ending)
	}
}

func TestThePartyOfASeatsOwnCallNeedsNoKeyAndIsReleasedWithTheSeat(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{unplaced: true}
	s.order = []LegID{"caller"}
	s.feed(func(at At) Event {
		return Owed{At: at, Call: "c1", Leg: "caller", By: "1001", FollowUp: FollowUp{Number: "043112356", Region: "220100"}}
	})
	seat := s.offers("c1", "1001")
	if dial := must[Dial](s, s.picks(seat)); dial.To.Name != "043112356" {
		t.Errorf("dialled %+v", dial)
	}
	must[Join](s, s.picks("caller"))
	if release := must[Release](s, s.leaves(seat, HungUp)); release.Leg != "caller" || s.c.Ending.Outcome != Answered {
		t.Errorf("released %s, outcome %s", release.Leg, s.c.Ending.Outcome)
	}
}

func TestAPartyWhoWasTalkedWithIsACallerLikeAnyOther(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.ringsParty()
	s.picks("caller")
	s.presses("1")
	commands := s.leaves(seat, Lost)
	if enqueued := all[Enqueue](commands); len(enqueued) != 2 || s.c.Phase != Waiting {
		t.Errorf("phase %s, %v: somebody must be found at once", s.c.Phase, kinds(commands))
	}
	if refused := s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}}); refused == "" {
		t.Error("a transfer without a talk")
	}
}

func TestATalkOfOursIsKnownAfterARestartByTheMemoOfItsParty(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.owes("1001", "")
	seat := s.offers("c1", "1001")
	s.picks(seat)
	memo := must[Dial](s, s.promptEnds(seat)).Memo
	a, ours := RecallPlaced(memo)
	if !ours || a.Placed.FollowUp.ID != "c0" || a.Placed.By != "1001" || !a.Placed.Confirmed || a.Region != "220100" || a.Dialled != "12345" {
		t.Errorf("%q tells %v %+v", memo, ours, a)
	}
	if _, ours := RecallPlaced("7:c1::"); ours {
		t.Error("a seat is taken for the party of a call of ours")
	}
}

func TestACallBackThatThePlanLeadsToNoSeatIsPutOffAndDoesNotCount(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.guide.Plan = routing.NewPlan(routing.Draft{Regions: s.guide.Regions, Root: &routing.Route{
		Name: "night", Steps: []routing.PlanStep{{Target: routing.Target{Kind: routing.ToDuty, Name: "region"}}},
	}})
	s.owes("", "")
	if f := s.c.Placed.FollowUp; s.c.Phase != Ended || f.Attempts != 0 || !f.Promised || !f.NotBefore.Equal(s.now.Add(10*time.Minute)) {
		t.Errorf("phase %s, still owed %+v", s.c.Phase, f)
	}
}

func TestACallBackThatIsStillInLineWhenTheSeatsGoHomeLeavesTheLine(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.owes("", "")
	s.guide.Plan = routing.NewPlan(routing.Draft{Regions: s.guide.Regions, Root: &routing.Route{
		Name: "night", Steps: []routing.PlanStep{{Target: routing.Target{Kind: routing.ToDuty, Name: "region"}}},
	}})
	must[Withdraw](s, s.alarm(alarmWatch))
	if s.c.Phase != Ended || !s.c.Placed.FollowUp.Promised {
		t.Errorf("phase %s, still owed %+v", s.c.Phase, s.c.Placed.FollowUp)
	}
}

func TestACallBackFollowsThePlanWhileItIsInLine(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.owes("", "")
	s.guide.Plan = routing.NewPlan(routing.Draft{Regions: s.guide.Regions, Queues: s.guide.Queues, Root: &routing.Route{
		Name: "evening", Steps: []routing.PlanStep{{Target: routing.Target{Kind: routing.ToQueue, Name: "province"}}},
	}})
	if ticket := must[Enqueue](s, s.alarm(alarmWatch)).Ticket; ticket.Queues()[0] != "province" || !ticket.Since.Equal(s.c.Search.Since) {
		t.Errorf("ticket %+v", ticket)
	}
}

package call

import (
	"slices"
	"testing"
	"time"

	"weibao/routing"
)

// restarts begins the next life of the gateway, a second after the last event,
// with what was kept of the call and what Asterisk shows.
func (s *script) restarts(kept Call, with ...Party) []Command {
	s.t.Helper()
	c := thawed(s.t, kept)
	s.alarms, s.tickets, s.filings = make(map[Alarm]time.Time), make(map[routing.TicketID]bool), nil
	s.c = Call{}
	return s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Resumed: true, With: with, Kept: &c}
	})
}

func TestACallerInLineGoesOnInTheSamePlaceWithoutBeingGreetedAgain(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Dialled: "12345", Caller: "13800000000", Facts: map[string]string{FactAgent: "1007"}}
	})
	first := must[Enqueue](s, s.presses("6")).Ticket
	s.promptEnds("caller")
	since := s.c.Search.Since
	wider := must[Enqueue](s, s.alarm(alarmStep)).Ticket // 20 s later: the second step
	commands := s.restarts(s.c)
	ticket := must[Enqueue](s, commands).Ticket
	if !ticket.Since.Equal(since) || ticket.Boost != first.Boost || ticket.Prefer != "1007" || !slices.Equal(ticket.Queues(), wider.Queues()) {
		t.Errorf("in line again with %+v, before with %+v", ticket, wider)
	}
	if len(all[Play](commands)) != 0 || len(all[Music](commands)) != 1 {
		t.Errorf("the caller hears %v", kinds(commands))
	}
	if due := s.c.Alarms[alarmStep]; due.Sub(since) != 40*time.Second || len(s.c.Search.Decision.Trace) == 0 {
		t.Errorf("the third step begins %s after the first, want 40 s", due.Sub(since))
	}
	if s.c.Walk.Keys != "6" || s.c.Walk.Intent != "minors" || s.c.Journey[0].What != "ARRIVE" {
		t.Errorf("walk %+v, journey %v", s.c.Walk, s.c.Journey)
	}
}

func TestACallerInTheMenuHearsTheGreetingOnceMoreAndNotAThirdTime(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	commands := s.restarts(s.c)
	if must[Play](s, commands).Prompts[0].Name != "greeting" || s.c.Phase != InMenu {
		t.Fatalf("phase %s, %v", s.c.Phase, kinds(commands))
	}
	if must[Enqueue](s, s.restarts(s.c)); s.c.Walk.Missed != "silence" {
		t.Errorf("walk %+v", s.c.Walk)
	}
}

func TestASeatThatRingsThroughARestartRingsOnAndTheClaimIsTheCalls(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	before := s.c.Clone() // the snapshot is older than the offer
	seat := s.offers("c1", "1001")
	commands := s.restarts(before, Party{Leg: seat, Agent: "1001", Memo: "1:c1::"})
	if len(all[Dial](commands)) != 0 || s.c.Phase != Offering {
		t.Fatalf("phase %s, %v", s.c.Phase, kinds(commands))
	}
	if report := must[Report](s, commands); report.Fence != 1 || report.What != SeenRinging {
		t.Errorf("report %+v", report)
	}
	s.picks(seat)
	s.promptEnds(seat)
	if s.c.Phase != Talking || s.c.Agent != "1001" {
		t.Errorf("phase %s, agent %s", s.c.Phase, s.c.Agent)
	}
}

func TestASeatThatStoppedRingingWhileNoGatewayRanIsFreeAndTheCallerWaitsOn(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	seat := s.offers("c1", "1001")
	s.legs[seat].live = false
	commands := s.restarts(s.c)
	if report := must[Report](s, commands); report.What != SeenCancelled || s.c.Phase != Waiting {
		t.Errorf("phase %s, report %+v", s.c.Phase, report)
	}
}

func TestTheFormAFailedTransferAndTheNumberOfTheNextSurviveARestartInATalk(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	talked := s.c.TalkedAt
	s.asks(WishNote{Fields: map[string]string{"what": "被父亲打"}})
	first := s.reaches()
	s.legs[first].live = false
	must[CloseNotice](s, s.asksFor(WishCancel{}))
	commands := s.restarts(s.c, Party{Leg: seat, Agent: "1001", Up: true, Room: Talk, Memo: "1:c1::"})
	if len(all[Play](commands))+len(all[Join](commands))+len(all[Dial](commands)) != 0 {
		t.Errorf("the talk must not notice: %v", kinds(commands))
	}
	if s.c.Note["what"] != "被父亲打" || len(s.c.Transfers) != 1 || s.c.Transfers[0].Filing != "JL-1" || !s.c.TalkedAt.Equal(talked) {
		t.Errorf("note %v, transfers %+v, talked since %s", s.c.Note, s.c.Transfers, s.c.TalkedAt)
	}
	notice := must[FileNotice](s, s.asksFor(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}))
	if notice.Transfer != 2 {
		t.Errorf("the filing is of transfer %d", notice.Transfer)
	}
}

// asksFor is asks for its commands.
func (s *script) asksFor(wish Wish) []Command {
	s.t.Helper()
	return s.feed(func(at At) Event { return Asked{At: at, Request: "r", By: "1001", Wish: wish} })
}

func TestThePoliceWhoGaveUpWhileNoGatewayRanAreTriedAtTheirNextNumber(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	police := s.reaches()
	s.legs[police].live = false
	commands := s.restarts(s.c, Party{Leg: seat, Agent: "1001", Up: true, Room: Talk})
	if next := must[Dial](s, commands); next.To.Name != "04335550110" {
		t.Errorf("then %s", next.To.Name)
	}
	if attempts := s.c.Transfer.Attempts; len(attempts) != 2 || attempts[0].Result != string(Lost) || s.c.Transfer.Category != "虐待" {
		t.Errorf("transfer %+v", s.c.Transfer)
	}
}

func TestABriefingGoesOnThroughARestartWhileTheCompanionIsWithTheChild(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat, police := s.threeTalk()
	s.asks(WishBrief{})
	companion := s.offers("c1/help", "1019")
	s.picks(companion)
	s.promptEnds(companion)
	if s.c.Transfer.Phase != Briefing {
		t.Fatalf("%s", s.c.Transfer.Phase)
	}
	commands := s.restarts(s.c,
		Party{Leg: seat, Agent: "1001", Up: true, Room: Side}, Party{Leg: police, Number: "0433110", Trunk: TrunkPolice, Up: true, Room: Side},
		Party{Leg: companion, Agent: "1019", Up: true, Room: Talk})
	if s.c.Transfer.Phase != Briefing || len(all[Join](commands)) != 0 {
		t.Errorf("%s, %v", s.c.Transfer.Phase, kinds(commands))
	}
}

func TestAFilingWhoseNumberGotLostInARestartIsWrittenOnceMore(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"})
	commands := s.restarts(s.c, Party{Leg: seat, Agent: "1001", Up: true, Room: Talk})
	if notice := must[FileNotice](s, commands); notice.Filing.Place != "222404" || notice.Transfer != 1 {
		t.Errorf("%+v", notice)
	}
	must[Dial](s, s.files("JL-2", ""))
}

func TestACallerWhoCameJustBeforeTheKillIsGreetedAndGoesBeforeNobody(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	commands := s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Dialled: "12345", Resumed: true, Recent: true}
	})
	if must[Play](s, commands).Prompts[0].Name != "greeting" {
		t.Errorf("%v", kinds(commands))
	}
	if ticket := must[Enqueue](s, s.presses("6")).Ticket; ticket.Boost != 0 {
		t.Errorf("boost %d", ticket.Boost)
	}
}

func TestASnapshotOfACallThatWasEndingSaysNothingOfACallerWhoIsThere(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	kept := s.c.Clone()
	kept.Caller().State = Gone
	if ticket := must[Enqueue](s, s.restarts(kept)).Ticket; ticket.Boost != routing.BoostReturn {
		t.Errorf("boost %d: taken up as without a snapshot", ticket.Boost)
	}
}

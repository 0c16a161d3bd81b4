package call

import (
	"testing"
	"time"
)

// asksRingBack lets the caller in line ask for a call back, and the disk answer.
func (s *script) asksRingBack(hours, fault string) []Command {
	s.t.Helper()
	must[Promise](s, s.feed(func(at At) Event { return wanted{at, func(t *turn) { t.promise(hours) }} }))
	return s.feed(func(at At) Event { return Promised{At: at, Err: fault} })
}

func inLine(t *testing.T) *script {
	t.Helper()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	return s
}

func TestACallerWithAPromiseHearsSoAndMayHangUp(t *testing.T) {
	t.Parallel()
	s := inLine(t)
	since := s.c.Search.Since
	if play := must[Play](s, s.asksRingBack("day", "")); play.Prompts[0].Name != "promised" {
		t.Errorf("hears %+v", play)
	}
	if !s.c.Search.Queued || s.c.Phase != Waiting {
		t.Error("the place in line is lost")
	}
	s.leaves("caller", HungUp)
	f := s.c.FollowUp
	if s.c.Ending.Outcome != CallBack || f.ID != "c1" || !f.Promised || f.Safe != Safe || f.Hours != "day" || !f.Since.Equal(since) ||
		f.Number != "13800000000" || f.Dialled != "12345" || f.Keys != "6" || f.Intent != "minors" {
		t.Errorf("outcome %s, owed %+v", s.c.Ending.Outcome, f)
	}
}

func TestWhoHasWaitedOnIsOwedNothingAfterTheAnswer(t *testing.T) {
	t.Parallel()
	s := inLine(t)
	s.asksRingBack("", "")
	seat := s.offers("c1", "1001")
	s.picks(seat)
	s.promptEnds(seat)
	s.leaves("caller", HungUp)
	if s.c.FollowUp.Kind != "" || s.c.Ending.Outcome != Answered {
		t.Errorf("outcome %s, owed %+v", s.c.Ending.Outcome, s.c.FollowUp)
	}
}

func TestAPromiseThatTheDiskRefusesIsNotGiven(t *testing.T) {
	t.Parallel()
	s := inLine(t)
	if play := must[Play](s, s.asksRingBack("", "disk full")); play.Prompts[0].Name != "unpromised" {
		t.Errorf("hears %+v", play)
	}
	if s.leaves("caller", HungUp); s.c.Ending.Outcome != Abandoned {
		t.Errorf("outcome %s", s.c.Ending.Outcome)
	}
}

func TestACallerWithoutANumberIsToldToStay(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Dialled: "12345", Caller: "anonymous"}
	})
	s.presses("6")
	commands := s.feed(func(at At) Event { return wanted{at, func(t *turn) { t.promise("") }} })
	if play := must[Play](s, commands); play.Prompts[0].Name != "unpromised" || len(all[Promise](commands)) != 0 {
		t.Errorf("hears %+v", play)
	}
}

func TestASecondPromiseHasTheAgeOfTheFirst(t *testing.T) {
	t.Parallel()
	s := inLine(t)
	s.feed(func(at At) Event { return wanted{at, func(t *turn) { t.promise("") }} })
	first := s.now.Add(-3 * time.Hour)
	s.feed(func(at At) Event { return Promised{At: at, Since: first} })
	if s.leaves("caller", HungUp); !s.c.FollowUp.Since.Equal(first) {
		t.Errorf("owed since %s", s.c.FollowUp.Since)
	}
}

func TestWhoSaysThatThePhoneIsNotSafeIsNeverRungByTheGateway(t *testing.T) {
	t.Parallel()
	s := inLine(t)
	s.asksRingBack("", "")
	taken := must[Promise](s, s.feed(func(at At) Event { return wanted{at, (*turn).refuseRingBack} })).FollowUp
	if taken.Promised || taken.Safe != Unsafe {
		t.Errorf("kept is %+v", taken)
	}
	seat := s.offers("c1", "1001")
	s.picks(seat)
	s.promptEnds(seat)
	s.leaves("caller", Lost)
	if f := s.c.FollowUp; f.Safe != Unsafe || f.Promised {
		t.Errorf("owed %+v", f)
	}
}

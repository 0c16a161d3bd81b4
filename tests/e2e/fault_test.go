package e2e

import (
	"testing"
	"time"

	"weibao/call"
	"weibao/tests/stage"
)

func TestWhatHappensWhileTheEventsAreCutIsReconciledAfterwards(t *testing.T) {
	t.Parallel()
	s := stage.New(t, stage.EventGap(), noRest())
	li, other := s.Seat("1001"), s.Seat("1002")
	talking, leaves := s.Citizen("13800000001"), s.Citizen("13800000002")
	talking.ComesBy("220100")
	li.Answers()
	talking.Hears(li)
	leaves.ComesBy("220100")
	other.Answers()
	leaves.Hears(other)
	waits := s.Citizen("13800000003")
	waits.ComesBy("220100")
	s.InPhase(waits, "waiting")
	s.LosesEvents()
	leaves.HangsUp()
	s.Passes(10 * time.Second) // the length of the gap
	talking.Hears(li)
	li.Hears(talking)
	s.HearsEvents()
	other.IsLeft()
	other.Answers()
	waits.Hears(other)
	talking.HangsUp()
	waits.HangsUp()
	for child, agent := range map[*stage.Person]string{talking: "1001", leaves: "1002", waits: "1002"} {
		if r := s.Record(child); string(r.Agent) != agent || len(r.Attempts) != 1 {
			t.Errorf("%s: %s with %s (%s), attempts %+v", child.Name, r.Outcome, r.Agent, r.Reason, r.Attempts)
		}
	}
}

func TestWhenRedisStopsWhileASeatRingsTheCallerIsJoinedOnceAndNobodyIsRungTwice(t *testing.T) {
	t.Parallel()
	s := stage.New(t, noRest())
	li, other := s.Seat("1001"), s.Seat("1002")
	child, next := s.Citizen("13800000001"), s.Citizen("13800000002")
	child.ComesBy("220100")
	li.Rings()
	s.KillRedis()
	s.Passes(2 * time.Second) // it rings on
	next.ComesBy("220100")
	other.Answers()
	next.Hears(other)
	li.PicksUp()
	child.Hears(li)
	third := s.Citizen("13800000003")
	third.ComesBy("220100")
	s.InPhase(third, "waiting")
	s.Passes(8 * time.Second) // the store is away; what was set to expire expires
	s.RestartRedis()
	s.FloorRecovers()
	li.IsNotRung()
	other.IsNotRung()
	child.Hears(li)
	next.Hears(other)
	child.HangsUp()
	li.IsLeft()
	li.Answers()
	third.Hears(li)
	other.IsNotRung()
	next.HangsUp()
	third.HangsUp()
	for _, p := range []*stage.Person{child, next, third} {
		if r := s.Record(p); r.Outcome != call.Answered || len(r.Attempts) != 1 {
			t.Errorf("%s: %s (%s), attempts %+v", p.Name, r.Outcome, r.Reason, r.Attempts)
		}
	}
}

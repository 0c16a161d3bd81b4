package call

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

func TestAPromiseThatWasUnderWayAtAKillIsMadeAgainAndTheCallerHearsOfIt(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	asked := must[Promise](s, s.feed(func(at At) Event { return wanted{at, func(t *turn) { t.promise("day") }} })).FollowUp
	if again := must[Promise](s, s.restarts(s.c)).FollowUp; again.ID != asked.ID || again.Hours != "day" || !again.Since.Equal(asked.Since) {
		t.Fatalf("promised %+v, before %+v", again, asked)
	}
	if play := must[Play](s, s.feed(func(at At) Event { return Promised{At: at} })); play.Prompts[0].Name != "promised" {
		t.Errorf("the caller hears %v", play.Prompts)
	}
	if again := all[Promise](s.restarts(s.c)); len(again) != 0 {
		t.Errorf("what the caller has heard of is promised again: %+v", again)
	}
}

func TestAPromiseTakenBackJustBeforeAKillIsTakenBackAgain(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	s.asksRingBack("", "")
	must[Promise](s, s.feed(func(at At) Event { return wanted{at, (*turn).refuseRingBack} }))
	if again := must[Promise](s, s.restarts(s.c)).FollowUp; again.Promised || again.Safe != Unsafe {
		t.Errorf("%+v", again)
	}
}

func TestOnlyTheAnswerToTheLastPromiseIsTold(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	for _, act := range []func(*turn){func(t *turn) { t.promise("") }, (*turn).refuseRingBack, func(t *turn) { t.promise("day") }} {
		must[Promise](s, s.feed(func(at At) Event { return wanted{at, act} }))
	}
	for range 2 { // of the first, and of taking it back
		if commands := s.feed(func(at At) Event { return Promised{At: at} }); len(commands) != 0 {
			t.Errorf("told too early: %v", kinds(commands))
		}
	}
	if commands := s.feed(func(at At) Event { return Promised{At: at, Err: "disk full"} }); must[Play](s, commands).Prompts[0].Name != "unpromised" {
		t.Errorf("%v", kinds(commands))
	}
}

func TestAPulledCallerStaysPulledThroughAKeyForAPersonAndARestart(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	if refused := s.asks(WishPull{Agent: "1019", Queues: []string{"supervisors"}}); refused != "" {
		t.Fatal(refused)
	}
	urgent := all[Enqueue](s.feed(func(at At) Event { return wanted{at, func(t *turn) { t.hurry("0") }} }))
	if len(urgent) == 0 || !slices.Contains(urgent[len(urgent)-1].Ticket.Queues(), "supervisors") {
		t.Errorf("after the key: %+v", urgent)
	}
	ticket := must[Enqueue](s, s.restarts(s.c)).Ticket
	if !slices.Contains(ticket.Queues(), "supervisors") || ticket.Prefer != "1019" || ticket.Boost < routing.BoostReturn {
		t.Errorf("after a restart: %+v", ticket)
	}
}

func TestAPartyThatHasConfirmedAndWaitsIsInTheRoomWhereARestartFindsIt(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.ringsParty()
	s.picks("caller")
	s.leaves(seat, HungUp)
	commands := s.presses("1") // over the good-bye
	if join := must[Join](s, commands); join.Room != Talk || !slices.Equal(join.Legs, []LegID{"caller"}) || s.c.Phase != Waiting {
		t.Fatalf("phase %s, %+v", s.c.Phase, join)
	}
	must[Enqueue](s, s.restarts(s.c))
	if s.c.Phase != Waiting || !s.c.Placed.Confirmed || s.c.Placed.FollowUp.ID != "c0" {
		t.Errorf("phase %s, placed %+v", s.c.Phase, s.c.Placed)
	}
	next := s.offers("c1", "1002")
	s.picks(next)
	s.promptEnds(next)
	if s.c.Phase != Talking || !s.c.listened() {
		t.Errorf("phase %s", s.c.Phase)
	}
}

func TestAPartyThatWaitsAgainMaySayThatItsPhoneIsNotSafe(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.ringsParty()
	s.picks("caller")
	s.leaves(seat, HungUp)
	s.presses("1")
	s.feed(func(at At) Event { return wanted{at, (*turn).refuseRingBack} })
	s.leaves("caller", HungUp)
	if f := s.c.Placed.FollowUp; f.Safe != Unsafe || f.Promised {
		t.Errorf("still owed: %+v", f)
	}
}

func TestAPartyThatWaitsAgainAndAsksForACallBackKeepsTheOneItHas(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.ringsParty()
	s.picks("caller")
	s.leaves(seat, HungUp)
	s.presses("1")
	commands := s.feed(func(at At) Event { return wanted{at, func(t *turn) { t.promise("day") }} })
	if must[Play](s, commands).Prompts[0].Name != "promised" || len(all[Promise](commands)) != 0 {
		t.Errorf("%v", kinds(commands))
	}
	s.leaves("caller", HungUp)
	if f := s.c.Placed.FollowUp; f.ID != "c0" || f.Hours != "day" || !f.Promised || s.c.Ending.Outcome != CallBack {
		t.Errorf("%s, still owed: %+v", s.c.Ending.Outcome, f)
	}
}

func TestWhoSaysThatThePhoneIsNotSafeWhileSomebodyElseHasPickedUpIsNotRungAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		r.serves("o1")
		r.tells("o1-0", Picked{At: r.at(), Leg: "o1-0"})
		leg := r.comes("c1", "13800000001")
		unsafe := owedTo("c1", "13800000001", 0)
		unsafe.Promised, unsafe.Safe = false, Unsafe
		if _, err := r.ringer.promise(t.Context(), unsafe); err != nil {
			t.Fatal(err)
		}
		r.tells("o1-0", Left{At: r.at(), Leg: "o1-0", Cause: HungUp})
		r.ends("c1", leg)
		time.Sleep(time.Hour)
		synctest.Wait()
		if live := r.live(); len(live) != 0 {
			t.Errorf("rung again: %v", live)
		}
	})
}

// slowSnapshots have nothing, and take their time to say so.
type slowSnapshots struct{}

func (slowSnapshots) Keep(Call) {}
func (slowSnapshots) Drop(ID)   {}
func (slowSnapshots) Load(ctx context.Context) (map[ID][]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestWhoIsOnTheLineIsNotRungWhileTheirCallIsStillBeingTakenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t)
		r.memory.snapshots = slowSnapshots{}
		r.tells("leg-c1", Arrived{At: r.at(), Call: "c1", Leg: "leg-c1", Dialled: "12345", Region: "220100", Caller: "13800000001", Resumed: true})
		if _, err := r.ringer.promise(t.Context(), owedTo("c0", "13800000001", time.Hour)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := r.Stats(); s.Arrived != 1 {
			t.Errorf("%d calls, want the person's own", s.Arrived)
		}
	})
}

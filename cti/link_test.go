package cti

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

var errStore = errors.New("store is away")

func TestFloorGoesOnWithoutItsStoreAndTellsItAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory()}
		s := newFloorStage(t, FloorOptions{Standings: store, Refusals: onceMissed.Refusals})
		defer s.finish()
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		synctest.Wait()
		store.set(errStore, nil)
		s.enqueue("A")
		a := s.wants("A>1001")
		if !s.d.Degraded() {
			t.Fatal("the floor does not say that it goes on alone")
		}
		s.counts("weibao_floor_degraded", 1)
		tried := store.swaps
		s.enqueue("B")
		b := s.wants("A>1001", "B>1002")
		s.report(a, call.SeenPicked)
		s.report(b, call.SeenNoAnswer)
		if store.swaps != tried {
			t.Errorf("%d writes were tried on a store known to be away", store.swaps-tried)
		}
		store.set(nil, nil)
		time.Sleep(time.Second)
		if s.d.Degraded() {
			t.Fatal("the floor has not found its store again")
		}
		all := byAgent(t, store)
		if got := all["1001"]; got.Work != routing.Talking || got.Call != "A" || got.Claim != a.Fence || got.Fence <= a.Fence {
			t.Errorf("stored %+v, want the talk of A on a fence above %d", got, a.Fence)
		}
		if got := all["1002"]; got.Presence != routing.Away || got.Work != routing.Free || got.Fence <= b.Fence {
			t.Errorf("stored %+v, want away and free on a fence above %d", got, b.Fence)
		}
		_ = s.d.Withdraw(s.ctx, "B")
		s.report(a, call.SeenLeft)
		s.wantsAgent("1001", "ready free")
		s.counts("weibao_floor_clashes_total", 0)
	})
}

func byAgent(t *testing.T, store Standings) map[routing.AgentID]Standing {
	t.Helper()
	all, err := store.All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[routing.AgentID]Standing)
	for _, s := range all {
		found[s.Agent] = s
	}
	return found
}

func TestClaimWhoseAnswerWasLostIsStillOneClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory()}
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1001")
		s.ready("1001")
		synctest.Wait()
		store.set(nil, errStore)
		s.enqueue("A")
		a := s.wants("A>1001")
		_ = s.d.Withdraw(s.ctx, "A")
		s.report(a, call.SeenCancelled)
		store.set(nil, nil)
		time.Sleep(time.Minute)
		s.wantsAgent("1001", "ready free")
		if got := byAgent(t, store)["1001"]; got.Work != routing.Free {
			t.Errorf("stored %+v, want free", got)
		}
		s.counts("weibao_floor_reaped_total", 0)
	})
}

func TestSlowStoreDelaysAnOfferByItsPatienceAtMost(t *testing.T) {
	t.Parallel()
	for slow, most := range map[time.Duration]time.Duration{
		200 * time.Millisecond: 200 * time.Millisecond,
		2 * time.Second:        300 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			store := &flaky{Standings: NewMemory(), slow: slow}
			s := newFloorStage(t, FloorOptions{Standings: store})
			defer s.finish()
			s.roster(0, "1001", "1002")
			s.d.SetReachable("1001", true)
			s.say("1001", routing.Ready)
			time.Sleep(time.Minute)
			s.enqueue("A")
			time.Sleep(most)
			s.wants("A>1001")
		})
	}
}

func TestWipedStoreIsWrittenAgainAndNobodyIsLoggedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := NewMemory()
		s := newFloorStage(t, FloorOptions{Standings: memory})
		defer s.finish()
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		s.enqueue("A")
		a := s.wants("A>1001")
		memory.mu.Lock()
		clear(memory.held)
		memory.mu.Unlock()
		time.Sleep(11 * time.Second)
		s.wantsAgent("1002", "ready free")
		all := byAgent(t, memory)
		if got := all["1001"]; got.Work != routing.Claimed || got.Fence <= a.Fence || all["1002"].Presence != routing.Ready {
			t.Errorf("stored %v, want the claim above fence %d and 1002 ready", all, a.Fence)
		}
		s.report(a, call.SeenPicked)
		s.wantsAgent("1001", "ready talking")
	})
}

func TestPresenceWrittenByAnotherGatewayArrives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		s.report(s.wants("A>1001"), call.SeenPicked)
		other := byAgent(t, store)["1001"]
		other.Presence, other.Reason = routing.Away, "用餐"
		if _, err := store.Swap(s.ctx, other.Fence, other); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.wantsAgent("1001", "away(用餐) talking")
	})
}

func TestTwoGatewaysNeverGiveOneSeatTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory(), slow: 10 * time.Millisecond}
		var gateways []*floorStage
		for _, name := range []string{"gw-1", "gw-2"} {
			s := newFloorStage(t, FloorOptions{Gateway: name, Standings: store})
			defer s.finish()
			s.roster(0, "1001")
			s.d.SetReachable("1001", true)
			gateways = append(gateways, s)
		}
		gateways[0].say("1001", routing.Ready)
		time.Sleep(time.Second)
		for i, s := range gateways {
			id := []call.ID{"A", "B"}[i]
			_ = s.d.Enqueue(s.ctx, id, routing.Ticket{ID: routing.TicketID(id), Wants: routing.AnyOf("q"), Since: now()})
		}
		time.Sleep(time.Second)
		made := slices.Concat(gateways[0].made(), gateways[1].made())
		if len(made) != 1 {
			t.Fatalf("offers %v, want one", made)
		}
		winner, loser := gateways[0], gateways[1]
		if len(winner.made()) == 0 {
			winner, loser = loser, winner
		}
		loser.offersCounted("lost", 1)
		winner.report(winner.all()[0], call.SeenPicked)
		time.Sleep(5 * time.Minute)
		loser.wantsAgent("1001", "ready talking")
		winner.report(winner.all()[0], call.SeenLeft)
		time.Sleep(time.Second)
		if len(loser.made()) != 1 {
			t.Error("the seat that became free was not given to the other caller")
		}
	})
}

func TestStoreThatHangsDelaysManyOffersNoLongerThanOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var agents []routing.AgentID
		for i := range 20 {
			agents = append(agents, routing.AgentID(fmt.Sprint(1001+i)))
		}
		store := &flaky{Standings: NewMemory()}
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, agents...)
		s.ready(agents...)
		s.settle()
		store.mu.Lock()
		store.slow = 2 * time.Second
		store.mu.Unlock()
		for i := range agents {
			s.enqueue(call.ID(fmt.Sprint("call-", i)))
		}
		time.Sleep(300 * time.Millisecond)
		if got := len(s.made()); got != len(agents) {
			t.Errorf("%d offers after 320 ms, want %d", got, len(agents))
		}
	})
}

func TestClaimLostOnItsWayIsNotFoundAgainAsWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory()}
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1001")
		s.ready("1001")
		s.settle()
		store.mu.Lock()
		store.late, store.after = 100*time.Millisecond, errStore
		store.mu.Unlock()
		s.enqueue("A") // claimed in the store, which does not say so
		_ = s.d.Withdraw(s.ctx, "A")
		time.Sleep(200 * time.Millisecond)
		if got := byAgent(t, store)["1001"]; got.Work != routing.Claimed {
			t.Fatalf("stored %+v, want the claim", got)
		}
		store.mu.Lock()
		store.late, store.after = 0, nil
		store.mu.Unlock()
		time.Sleep(time.Second)
		s.wants()
		s.wantsAgent("1001", "ready free")
		if got := byAgent(t, store)["1001"]; got.Work != routing.Free {
			t.Errorf("stored %+v, want free", got)
		}
	})
}

func TestChangeHeardWhileWritingIsNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory(), late: 100 * time.Millisecond}
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1001")
		s.say("1001", routing.Away)
		time.Sleep(50 * time.Millisecond)
		other := byAgent(t, store)["1001"]
		other.Reason = "用餐"
		if _, err := store.Standings.Swap(s.ctx, other.Fence, other); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		s.wantsAgent("1001", "away(用餐) free")
	})
}

func TestWorkOfAGatewayThatCanNotBeSeenIsNotReaped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory()}
		leaveBehind(t, store, "other")
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1001")
		s.settle()
		store.set(errStore, nil)
		time.Sleep(time.Hour)
		s.wantsAgent("1001", "ready talking")
		s.counts("weibao_floor_reaped_total", 0)
	})
}

func TestClosingFloorWritesWhatItOwes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory(), slow: 100 * time.Millisecond}
		s := newFloorStage(t, FloorOptions{Standings: store})
		s.roster(0, "1001", "1002")
		s.settle()
		s.say("1001", routing.Ready)
		s.say("1001", routing.Away) // while the first is on its way
		s.say("1002", routing.Ready)
		s.finish()
		all := byAgent(t, store)
		if all["1001"].Presence != routing.Away || all["1002"].Presence != routing.Ready {
			t.Errorf("stored %v, want 1001 away and 1002 ready", all)
		}
	})
}

func TestStandingsAreMergedByWhoChangedWhat(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	free := Standing{Agent: "1001", Presence: routing.Ready, Claim: 3, Fence: 5}
	work := func(gateway string, claim uint64, w routing.Work) Standing {
		s := free
		s.Work, s.Gateway, s.Claim, s.Call = w, gateway, claim, call.ID("of "+gateway)
		return s
	}
	rested := func(s Standing) Standing {
		s.RestUntil = at
		return s
	}
	away := free
	away.Presence, away.Idle = routing.Away, at
	for name, test := range map[string]struct {
		mine, got, want Standing
		clash           bool
	}{
		"nothing of ours":                       {free, work("b", 6, routing.Ringing), work("b", 6, routing.Ringing), false},
		"presence of ours, work of theirs":      {away, work("b", 6, routing.Ringing), work("b", 6, routing.Ringing).withSaid(away), false},
		"work of ours, presence of theirs":      {work("a", 6, routing.Talking), away, work("a", 6, routing.Talking).withSaid(away), false},
		"both claimed, theirs later":            {work("a", 6, routing.Talking), work("b", 7, routing.Ringing), work("b", 7, routing.Ringing), true},
		"both claimed, ours later":              {work("a", 8, routing.Talking), work("b", 7, routing.Ringing), work("a", 8, routing.Talking), true},
		"both claimed on one fence, we are a":   {work("a", 6, routing.Talking), work("b", 6, routing.Ringing), work("a", 6, routing.Talking), true},
		"both claimed on one fence, we are c":   {work("c", 6, routing.Talking), work("b", 6, routing.Ringing), work("b", 6, routing.Ringing), true},
		"an old write of ours comes in late":    {work("a", 6, routing.Talking), work("a", 6, routing.Claimed), work("a", 6, routing.Talking), false},
		"freed by theirs, we ended its rest":    {rested(work("b", 6, routing.Ringing)), work("", 6, routing.Free), work("", 6, routing.Free), false},
		"freed by ours, old write of ours late": {work("", 6, routing.Free), work("a", 6, routing.Claimed), work("", 6, routing.Free), false},
	} {
		gateway := test.mine.Gateway
		if gateway == "" || test.got.Work == routing.Free {
			gateway = "a"
		}
		c := &chair{base: free, now: test.mine}
		test.got.Fence, c.now.Fence = 9, 20
		clash := c.learn(test.got, gateway)
		got := c.now
		if !got.seen(test.want) || !got.said(test.want) || clash != test.clash || c.base != test.got || got.Fence != 20 {
			t.Errorf("%s: got %+v, clash %v", name, got, clash)
		}
	}
}

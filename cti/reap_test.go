package cti

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

func TestSeatWhoseCallIsGoneIsFreedAtItsDeadline(t *testing.T) {
	t.Parallel()
	for _, reports := range [][]call.Seen{nil, {call.SeenRinging}, {call.SeenPicked}} {
		onFloor(t, FloorOptions{}, func(s *floorStage) {
			s.roster(0, "1001")
			s.ready("1001")
			s.enqueue("A")
			s.report(s.wants("A>1001"), reports...)
			s.die("A")
			time.Sleep(time.Minute + time.Millisecond)
			s.wantsAgent("1001", "ready free")
			s.counts("weibao_floor_reaped_total", 1)
		})
	}
}

func TestTalkOfALiveCallIsNeverReaped(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		o := s.wants("A>1001")
		s.report(o, call.SeenPicked)
		for range 300 {
			time.Sleep(time.Minute)
			if a := s.view().Agents[0]; a.Work != routing.Talking || !a.Deadline.After(now().Add(-time.Second)) {
				t.Fatalf("seat is %v with deadline %v at %v", a.Work, a.Deadline, now())
			}
		}
		s.counts("weibao_floor_reaped_total", 0)
		s.report(o, call.SeenLeft)
		s.wantsAgent("1001", "ready free")
	})
}

func TestRingThatNeverEndsIsReapedThoughItsCallIsLive(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		o := s.wants("A>1001")
		s.report(o, call.SeenRinging)
		time.Sleep(119 * time.Second)
		s.wants("A>1001")
		time.Sleep(6 * time.Second)
		s.wants("A>1001", "A>1001")
		s.counts("weibao_floor_reaped_total", 1)
		s.report(o, call.SeenPicked)
		s.counts("weibao_floor_stale_reports_total", 1)
	})
}

func TestTicketWhoseCallIsGoneLeavesTheLine(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.enqueue("A")
		s.enqueue("B")
		s.die("A")
		time.Sleep(2*time.Minute + time.Second)
		if v := s.view(); len(v.Waiting) != 1 || v.Waiting[0].Call != "B" {
			t.Errorf("in line: %v, want B alone", v.Waiting)
		}
		s.counts("weibao_floor_dropped_total", 1)
	})
}

// leaveBehind leaves three seats at work, as a gateway does that is killed.
func leaveBehind(t *testing.T, store Standings, gateway string) {
	t.Helper()
	for _, s := range []Standing{
		{Agent: "1001", Presence: routing.Ready, Work: routing.Talking, Call: "A"},
		{Agent: "1002", Presence: routing.Away, Reason: "用餐", Work: routing.Ringing, Call: "B"},
		{Agent: "1003", Presence: routing.Ready, Work: routing.Talking, Call: "C", Claim: 1, Queue: "q"},
		{Agent: "1004", Presence: routing.Ready, Work: routing.Wrapping, Call: "D"},
	} {
		s.Gateway, s.Deadline, s.Ticket = gateway, now().Add(30*time.Second), routing.TicketID(s.Call)
		if _, err := store.Swap(context.Background(), 0, s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSeatsLeftByAnEarlierLifeAreFreedWithTheirPresence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		leaveBehind(t, store, "weibao")
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.die("A")
		s.die("B")
		s.die("D")
		s.roster(0, "1001", "1002", "1003", "1004")
		synctest.Wait()
		s.wantsAgent("1001", "ready free")
		s.wantsAgent("1002", "away(用餐) free")
		s.wantsAgent("1003", "ready talking")
		s.wantsAgent("1004", "ready wrapping")
		// The call that is live goes on with the seat it had.
		s.report(call.Offer{Ticket: "C", Agent: "1003", Fence: 1}, call.SeenLeft)
		s.wantsAgent("1003", "ready free")
		time.Sleep(31 * time.Second)
		s.wantsAgent("1004", "ready free")
	})
}

func TestSeatsOfAnotherGatewayAreLeftToItForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		leaveBehind(t, store, "other")
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		for _, id := range []call.ID{"A", "B", "C", "D"} {
			s.die(id)
		}
		s.roster(0, "1001", "1002", "1003", "1004")
		time.Sleep(119 * time.Second)
		s.wantsAgent("1001", "ready talking")
		time.Sleep(2 * time.Second)
		s.wantsAgent("1001", "ready free")
		s.wantsAgent("1004", "ready free")
		s.counts("weibao_floor_reaped_total", 3)
	})
}

func TestEveryWorkNamesItsCallAndADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		watch, err := store.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var seen []routing.Work
		go func() {
			for s := range watch {
				seen = append(seen, s.Work)
				if s.Work != routing.Free && (s.Call == "" || s.Ticket == "" || s.Gateway == "" || !s.Deadline.After(s.Since) || s.Claim == 0) {
					t.Errorf("stored without owner or deadline: %+v", s)
				}
			}
		}()
		s := newFloorStage(t, FloorOptions{Standings: store})
		s.roster(10*time.Second, "1001")
		s.ready("1001")
		s.enqueue("A")
		o := s.wants("A>1001")
		for _, what := range []call.Seen{call.SeenRinging, call.SeenPicked, call.SeenLeft} {
			s.report(o, what)
		}
		time.Sleep(11 * time.Second)
		s.finish()
		synctest.Wait()
		want := []routing.Work{routing.Free, routing.Claimed, routing.Ringing, routing.Talking, routing.Wrapping, routing.Free}
		if !slices.Equal(seen, want) {
			t.Errorf("stored %v, want %v", seen, want)
		}
	})
}

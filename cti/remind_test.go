package cti

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

// afterAKill runs a first life of a gateway, which is killed, and a second that
// finds its standings and takes its calls up.
func afterAKill(t *testing.T, first, second func(s *floorStage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		s := newFloorStage(t, FloorOptions{Standings: store})
		s.roster(0, "1001", "1002")
		first(s)
		standings, err := store.All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.finish()
		again := NewMemory() // a kill writes nothing at the end
		for _, standing := range standings {
			fence := standing.Fence
			if _, err := again.Swap(t.Context(), fence-1, standing); err != nil {
				t.Fatal(err)
			}
		}
		next := newFloorStage(t, FloorOptions{Standings: again})
		defer next.finish()
		next.roster(0, "1001", "1002")
		next.d.SetReachable("1001", true)
		next.d.SetReachable("1002", true)
		second(next)
	})
}

func TestAClaimThatOutlivedItsGatewayIsToldToTheCallAgainAndNoOtherSeatIsRung(t *testing.T) {
	t.Parallel()
	var claim call.Offer
	afterAKill(t, func(s *floorStage) {
		s.ready("1001")
		s.enqueue("A")
		claim = s.wants("A>1001")
	}, func(s *floorStage) {
		s.enqueue("A")
		s.enqueue("B")
		s.say("1002", routing.Ready)
		again := s.wants("A>1001", "B>1002")
		if first := s.all()[0]; first.Fence != claim.Fence || first.RingFor != 15*time.Second || again.Ticket != "B" {
			t.Errorf("told again as %+v, was %+v", first, claim)
		}
		s.report(claim, call.SeenRinging, call.SeenPicked)
		s.wantsAgent("1001", "ready talking")
	})
}

func TestWhatACallReportsBeforeTheStandingsAreReadIsNotLost(t *testing.T) {
	t.Parallel()
	var claim call.Offer
	afterAKill(t, func(s *floorStage) {
		s.ready("1001")
		s.enqueue("A")
		claim = s.wants("A>1001")
		s.report(claim, call.SeenRinging)
	}, func(s *floorStage) {
		_ = s.d.Report(s.ctx, "A", call.Report{Ticket: "A", Agent: "1001", Fence: claim.Fence, What: call.SeenPicked})
		s.settle()
		s.wantsAgent("1001", "ready talking")
		s.counts("weibao_floor_stale_reports_total", 0)
		time.Sleep(5 * time.Minute) // longer than any ring
		s.wantsAgent("1001", "ready talking")
	})
}

func TestAClaimThatItsCallHasNoUseForIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	var claim call.Offer
	afterAKill(t, func(s *floorStage) {
		s.ready("1001")
		s.enqueue("A")
		claim = s.wants("A>1001")
	}, func(s *floorStage) {
		s.settle()
		if told := s.made(); !slices.Equal(told, []string{"A>1001"}) {
			t.Fatalf("told %v", told)
		}
		s.report(claim, call.SeenCancelled)
		s.wantsAgent("1001", "ready free")
	})
}

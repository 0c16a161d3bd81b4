package cti

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

// onceMissed makes a seat away at the first ring that it does not answer.
var onceMissed = FloorOptions{Refusals: routing.Refusals{MaxNoAnswer: 1}}

func TestTwoCallersForOneSeatAreServedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		s.enqueue("B")
		a := s.wants("A>1001")
		s.report(a, call.SeenRinging, call.SeenPicked)
		s.wantsAgent("1001", "ready talking")
		s.wants("A>1001")
		s.report(a, call.SeenLeft)
		b := s.wants("A>1001", "B>1001")
		if b.Fence <= a.Fence {
			t.Errorf("the second claim has fence %d after %d", b.Fence, a.Fence)
		}
	})
}

func TestOneCallerRingsOnlyTheSeatIdleLongest(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002", "1003")
		s.ready("1002", "1001", "1003")
		s.enqueue("A")
		o := s.wants("A>1002")
		if o.RingFor != 15*time.Second || o.Queue != "q" || len(o.Trace) == 0 {
			t.Errorf("offer is %+v, want 15 s for q with a trace", o)
		}
		time.Sleep(14 * time.Second)
		s.wants("A>1002")
	})
}

func TestNoAnswerRingsTheNextSeatAndTheCallerKeepsPlaceAndAge(t *testing.T) {
	t.Parallel()
	onFloor(t, onceMissed, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		a := s.enqueue("A")
		first := s.wants("A>1001")
		s.report(first, call.SeenRinging)
		s.say("1002", routing.Away)
		time.Sleep(15 * time.Second)
		s.enqueue("B")
		s.report(first, call.SeenNoAnswer)
		s.wantsAgent("1001", "away(振铃未接) free")
		v := s.view()
		if got := v.Waiting[0]; got.Position != 1 || got.Call != "A" || !got.Ticket.Since.Equal(a.Since) {
			t.Errorf("first in line is %+v, want A since %v", got, a.Since)
		}
		s.say("1002", routing.Ready)
		s.wants("A>1001", "A>1002")
	})
}

func TestReadyEndsTheRest(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		s.report(s.wants("A>1001"), call.SeenRejected)
		s.say("1001", routing.Ready)
		s.wants("A>1001", "A>1001")
	})
}

func TestAgentThatLoggedOutWhileRungStaysOffline(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		o := s.wants("A>1001")
		s.say("1001", routing.Offline)
		s.report(o, call.SeenNoAnswer)
		s.wantsAgent("1001", "offline free")
	})
}

func TestCancelledSeatKeepsItsTurn(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		s.enqueue("A")
		o := s.wants("A>1001")
		_ = s.d.Withdraw(s.ctx, "A")
		s.report(o, call.SeenCancelled)
		s.wantsAgent("1001", "ready free")
		s.enqueue("B")
		s.wants("A>1001", "B>1001")
	})
}

func TestAfterCallWorkEndsByItselfOrByReady(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(20*time.Second, "1001", "1002")
		s.ready("1001", "1002")
		s.enqueue("A")
		s.enqueue("B")
		s.enqueue("C")
		s.enqueue("D")
		for _, o := range s.all() {
			s.report(o, call.SeenPicked)
		}
		s.report(s.all()[0], call.SeenLeft)
		s.wantsAgent("1001", "ready wrapping")
		time.Sleep(19 * time.Second)
		if got := len(s.made()); got != 2 {
			t.Fatalf("%d offers during after-call work, want 2", got)
		}
		time.Sleep(2 * time.Second)
		if got := s.made()[2:]; !slices.Equal(got, []string{"C>1001"}) {
			t.Fatalf("then %v, want C>1001", got)
		}
		s.report(s.all()[1], call.SeenLeft)
		s.say("1002", routing.Ready)
		if got := s.made()[3:]; !slices.Equal(got, []string{"D>1002"}) {
			t.Fatalf("then %v, want D>1002", got)
		}
	})
}

func TestStaleReportChangesNothing(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		s.enqueue("A")
		o := s.wants("A>1001")
		s.report(o, call.SeenRinging)
		for i, change := range []func(*call.Offer){
			func(o *call.Offer) { o.Fence-- },
			func(o *call.Offer) { o.Fence++ },
			func(o *call.Offer) { o.Fence = 0 },
			func(o *call.Offer) { o.Agent = "1002" },
			func(o *call.Offer) { o.Agent = "9999" },
			func(o *call.Offer) { o.Ticket = "B" },
		} {
			wrong := o
			change(&wrong)
			s.report(wrong, call.SeenNoAnswer)
			s.wantsAgent("1001", "ready ringing")
			s.wantsAgent("1002", "ready free")
			s.counts("weibao_floor_stale_reports_total", float64(i+1))
		}
		s.wants("A>1001")
		s.report(o, call.SeenPicked)
		s.wantsAgent("1001", "ready talking")
	})
}

func TestCrowdedIsSaidOncePerChange(t *testing.T) {
	t.Parallel()
	onFloor(t, onceMissed, func(s *floorStage) {
		told := func(want int) {
			t.Helper()
			synctest.Wait()
			if got := s.unstaffedSaid(); got != want {
				t.Fatalf("unstaffed was said %d times, want %d", got, want)
			}
		}
		s.roster(0, "1001", "1002")
		a := s.enqueue("A")
		told(1)
		s.d.SetReachable("1001", true)
		time.Sleep(time.Minute)
		told(1)
		s.ready("1001")
		o := s.wants("A>1001")
		told(1)
		s.report(o, call.SeenNoAnswer)
		told(2)
		a.Wants = routing.AnyOf("q", "none")
		_ = s.d.Enqueue(s.ctx, "A", a)
		told(3)
		s.ready("1002")
		s.report(s.wants("A>1001", "A>1002"), call.SeenPicked)
		s.enqueue("B")
		told(3) // 1002 will be free again
		s.d.SetReachable("1002", false)
		told(4)
	})
}

func TestTicketIsReplacedAndKeepsItsOffer(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		a := s.enqueue("A")
		o := s.wants("A>1001")
		a.Boost = routing.BoostRescue
		_ = s.d.Enqueue(s.ctx, "A", a)
		s.wants("A>1001")
		_ = s.d.Withdraw(s.ctx, "A")
		_ = s.d.Enqueue(s.ctx, "A", a)
		s.wants("A>1001")
		s.report(o, call.SeenRejected)
		s.wants("A>1001", "A>1002")
	})
}

func TestSeatOfAWithdrawnTicketIsFreeWhenItsCallIsGone(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		s.wants("A>1001")
		_ = s.d.Withdraw(s.ctx, "A")
		s.die("A")
		s.enqueue("B")
		time.Sleep(2 * time.Second)
		s.wants("A>1001", "B>1001")
		s.counts("weibao_floor_reaped_total", 1)
	})
}

func TestCallThatRefusesEveryOfferDoesNotKeepTheFloorBusy(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		for began := time.Now(); time.Since(began) < time.Second; time.Sleep(time.Millisecond) {
			all := s.all()
			s.report(all[len(all)-1], call.SeenCancelled)
		}
		if got := len(s.made()); got < 5 || got > 15 {
			t.Errorf("%d offers in a second, want about 10", got)
		}
	})
}

func TestSearchForHelpReachesItsCall(t *testing.T) {
	t.Parallel()
	var to []call.ID
	o := FloorOptions{Deliver: func(id call.ID, _ call.Event) { to = append(to, id) }, Live: func(call.ID) bool { return true }}
	synctest.Test(t, func(t *testing.T) {
		d, err := NewDispatcher(o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go d.Run(ctx)
		_ = d.Enqueue(ctx, "A", routing.Ticket{ID: "A/help"})
		synctest.Wait()
		stop()
		synctest.Wait()
		if !slices.Equal(to, []call.ID{"A"}) {
			t.Errorf("delivered to %v, want A", to)
		}
		if err := d.Enqueue(t.Context(), "A", routing.Ticket{}); !errors.Is(err, ErrStopped) {
			t.Errorf("Enqueue on a closed floor: %v, want ErrStopped", err)
		}
		if _, err := d.View(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("View of a closed floor: %v, want ErrStopped", err)
		}
	})
}

func TestRosterReloadLetsASeatFinishItsTalk(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001")
		s.enqueue("A")
		o := s.wants("A>1001")
		s.report(o, call.SeenPicked)
		s.roster(0, "1002")
		s.enqueue("B")
		s.report(o, call.SeenLeft)
		s.wants("A>1001")
		if err := s.d.SetPresence(s.ctx, "1001", routing.Ready, ""); !errors.Is(err, ErrNoAgent) {
			t.Errorf("SetPresence: %v, want ErrNoAgent", err)
		}
		s.roster(0, "1001", "1002")
		s.wants("A>1001", "B>1001")
	})
}

func TestTicketForOneAgentWaitsForThatAgent(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002")
		s.ready("1001", "1002")
		_ = s.d.Enqueue(s.ctx, "A", routing.Ticket{ID: "A", Only: "1002", Since: now()})
		if o := s.wants("A>1002"); o.RingFor != 15*time.Second {
			t.Errorf("rings for %v, want 15 s", o.RingFor)
		}
	})
}

func TestViewSaysWhoWaitsAndWhy(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001", "1002", "1003")
		s.ready("1001")
		s.d.SetReachable("1002", true)
		s.enqueue("A")
		s.enqueue("B")
		s.enqueue("C")
		s.wants("A>1001")
		v := s.view()
		var line []routing.TicketID
		for i, w := range v.Waiting {
			if line = append(line, w.Ticket.ID); w.Position != i+1 {
				t.Errorf("position of %s is %d, want %d", w.Ticket.ID, w.Position, i+1)
			}
		}
		if want := []routing.TicketID{"A", "B", "C"}; !slices.Equal(line, want) || v.Waiting[0].Offered != "1001" {
			t.Errorf("line is %v, want %v with 1001 offered to A", line, want)
		}
		for i, want := range []string{"claimed", "offline", "offline"} {
			if a := v.Agents[i]; a.Free || a.Why != want {
				t.Errorf("seat %s: free %v, %q, want %q", a.Agent, a.Free, a.Why, want)
			}
		}
		if why := v.Why("B"); len(why) != 4 {
			t.Errorf("why B waits: %v, want its place and three seats", why)
		}
		before := s.changed()
		s.view()
		if s.changed() != before {
			t.Error("looking changed the floor")
		}
		s.say("1002", routing.Ready)
		if s.changed() == before {
			t.Error("a change was not announced")
		}
	})
}

func TestDispatcherNeedsDeliverAndLive(t *testing.T) {
	t.Parallel()
	if _, err := NewDispatcher(FloorOptions{}); err == nil {
		t.Error("NewDispatcher without Deliver and Live succeeded")
	}
}

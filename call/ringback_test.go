package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

// shelf keeps follow-ups in memory, or refuses.
type shelf struct {
	mu      sync.Mutex
	open    map[ID]FollowUp
	settled []Settlement
	fault   error
}

func (s *shelf) Promise(_ context.Context, f FollowUp) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		maps.DeleteFunc(s.open, func(_ ID, other FollowUp) bool { return other.Number == f.Number }) // one person
		s.open[f.ID] = f
	}
	return s.fault
}

func (s *shelf) Settle(_ context.Context, done Settlement) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		delete(s.open, done.ID)
		s.settled = append(s.settled, done)
	}
	return s.fault
}

func (s *shelf) OpenFollowUps(context.Context) ([]FollowUp, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.open)), s.fault
}

func (s *shelf) breaks(fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// outcomes are the settlements by follow-up.
func (s *shelf) outcomes() map[ID]SettlementOutcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[ID]SettlementOutcome)
	for _, done := range s.settled {
		found[done.ID] = done.Outcome
	}
	return found
}

// ringing is an exchange that keeps promises, in a bubble of time.
type ringing struct {
	*testing.T
	*Exchange
	parts *parts
	shelf *shelf
	fence uint64
}

func newRinging(t *testing.T, owed ...FollowUp) *ringing {
	t.Helper()
	r := &ringing{T: t, parts: &parts{}, shelf: &shelf{open: make(map[ID]FollowUp)}}
	for _, f := range owed {
		r.shelf.open[f.ID] = f
	}
	guide, n := testGuide(), 0
	r.Exchange = NewExchange(Options{
		Line: r.parts, Floor: r.parts, Registry: r.parts, Guide: func() *Guide { return guide }, Log: slog.New(slog.DiscardHandler),
		FollowUps: r.shelf, NewID: func() ID { n++; return ID(fmt.Sprintf("o%d", n)) },
	})
	known := make(chan struct{})
	close(known)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.RingBack(ctx, known); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done; r.Stop() })
	synctest.Wait()
	return r
}

func (r *ringing) tells(leg LegID, ev Event) { r.Deliver(leg, ev); synctest.Wait() }

func (r *ringing) at() At { return At(time.Now()) }

// comes lets a person come into line.
func (r *ringing) comes(id ID, number string) LegID {
	leg := LegID("leg-" + id)
	r.tells(leg, Arrived{At: r.at(), Call: id, Leg: leg, Dialled: "12345", Region: "220100", Caller: routing.Number(number)})
	r.tells(leg, Pressed{At: r.at(), Leg: leg, Key: "6"})
	return leg
}

// asks has the call's own goroutine promise a call back, as a key of the line
// does.
func (r *ringing) asks(id ID) {
	c, _ := r.Find(id)
	f := FollowUp{ID: id, Kind: RingBack, Number: c.Number, Region: c.Region, Promised: true, Safe: Safe, Since: c.Search.Since}
	if _, err := r.ringer.promise(r.Context(), f); err != nil {
		r.Fatal(err)
	}
	synctest.Wait()
}

// serves lets a seat answer for a call of ours and hear its whisper.
func (r *ringing) serves(id ID) {
	r.Helper()
	r.fence++
	c, live := r.Find(id)
	if !live {
		r.Fatalf("there is no call %s", id)
	}
	seat := LegID(fmt.Sprintf("%s-%d", id, len(c.Legs)))
	r.DeliverTo(id, Offered{At: r.at(), Offer: Offer{Ticket: c.Search.Ticket.ID, Agent: "1001", RingFor: time.Minute, Fence: r.fence}})
	synctest.Wait()
	r.tells(seat, Picked{At: r.at(), Leg: seat})
	time.Sleep(4 * time.Second) // the whisper's limit
	synctest.Wait()
}

// meets lets the party of a call of ours answer and say who it is.
func (r *ringing) meets(id ID) {
	r.tells(LegID(id)+"-0", Picked{At: r.at(), Leg: LegID(id) + "-0"})
	r.tells(LegID(id)+"-0", Pressed{At: r.at(), Leg: LegID(id) + "-0", Key: "1"})
}

// ends lets the caller go and the recording close.
func (r *ringing) ends(id ID, leg LegID) {
	r.tells(leg, Left{At: r.at(), Leg: leg, Cause: HungUp})
	r.DeliverTo(id, Recorded{At: r.at(), File: "x.wav"})
	synctest.Wait()
}

func owedTo(id ID, number string, since time.Duration) FollowUp {
	return FollowUp{
		ID: id, Kind: RingBack, Number: routing.Number(number), Region: "220100", Promised: true, Safe: Safe, Since: time.Now().Add(-since),
	}
}

func (r *ringing) live() []ID {
	var ids []ID
	for _, c := range r.Live() {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestAPromiseIsKeptAndSettledWhenTheTalkIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		c, ok := r.Find("o1")
		if !ok || c.Placed.FollowUp.ID != "c0" || !c.Search.Ticket.Since.Equal(c.Placed.FollowUp.Since) {
			t.Fatalf("placed %v %+v", ok, c.Search.Ticket)
		}
		r.serves("o1")
		r.meets("o1")
		if c, _ := r.Find("o1"); c.Phase != Talking {
			t.Fatalf("phase %s", c.Phase)
		}
		r.ends("o1", "o1-0")
		if got := r.shelf.outcomes(); got["c0"] != Reached {
			t.Errorf("settled %v", got)
		}
		if s := r.Stats(); s.Ledger() != 0 || s.Ended[Answered] != 1 || s.HungUp != 0 || s.Alone != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestOpenPromisesOfAnEarlierLifeGoIntoLineInTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c2", "13800000002", time.Minute), owedTo("c1", "13800000001", time.Hour), owedTo("c3", "13800000003", 0))
		for i, want := range []ID{"c1", "c2", "c3"} {
			if c, _ := r.Find(ID(fmt.Sprintf("o%d", i+1))); c.Placed.FollowUp.ID != want {
				t.Errorf("call %d is for %s, want %s", i, c.Placed.FollowUp.ID, want)
			}
		}
	})
}

func TestWhoIsNotReachedIsRungAgainAfterAWhileAndAfterThreeTimesAPersonHasIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		for i := range maxAttempts {
			id := ID(fmt.Sprintf("o%d", i+1))
			r.serves(id)
			r.tells(LegID(id)+"-0", Left{At: r.at(), Leg: LegID(id) + "-0", Cause: Busy})
			if live := r.live(); len(live) != 0 {
				t.Fatalf("live %v: rung again at once", live)
			}
			time.Sleep(10*time.Minute + ringLook)
			synctest.Wait()
		}
		if f := r.shelf.open["c0"]; f.Promised || f.Attempts != maxAttempts || len(r.live()) != 0 {
			t.Errorf("kept %+v, live %v", f, r.live())
		}
		if s := r.Stats(); s.Ledger() != 0 || s.Ended[CallBack] != maxAttempts || s.HungUp != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestWhoCallsByThemselvesIsNotRungAndOwedNothingAfterATalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		leg := r.comes("c1", "+8613800000001")
		if live := r.live(); !slices.Equal(live, []ID{"c1"}) {
			t.Fatalf("live %v, want the person's own call only", live)
		}
		r.serves("c1")
		r.ends("c1", leg)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := r.shelf.outcomes(); got["c0"] != Reached || len(r.live()) != 0 {
			t.Errorf("settled %v, live %v", got, r.live())
		}
	})
}

func TestWhoCallsByThemselvesAndGivesUpIsRungAfterAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		leg := r.comes("c1", "13800000001")
		r.ends("c1", leg)
		if live := r.live(); !slices.Equal(live, []ID{"o2"}) {
			t.Errorf("live %v, want a call back", live)
		}
	})
}

func TestASecondPromiseTakesThePlaceAndTheAgeOfTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := owedTo("c0", "13800000001", time.Hour)
		r := newRinging(t, first)
		r.comes("c1", "13800000001")
		r.asks("c1")
		if len(r.shelf.open) != 1 || !r.shelf.open["c1"].Since.Equal(first.Since) {
			t.Errorf("open %+v", r.shelf.open)
		}
	})
}

func TestWhoWaitsOnAndIsAnsweredIsOwedNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t)
		leg := r.comes("c1", "13800000001")
		r.asks("c1")
		r.serves("c1")
		r.ends("c1", leg)
		if got := r.shelf.outcomes(); got["c1"] != Reached || len(r.live()) != 0 {
			t.Errorf("settled %v, live %v", got, r.live())
		}
	})
}

func TestWhatTheDiskDoesNotTakeIsWrittenLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		r.serves("o1")
		r.meets("o1")
		r.shelf.breaks(errors.New("disk full"))
		r.ends("o1", "o1-0")
		if got := r.shelf.outcomes(); len(got) != 0 {
			t.Fatalf("settled %v", got)
		}
		r.shelf.breaks(nil)
		time.Sleep(2 * ringLook)
		synctest.Wait()
		if got := r.shelf.outcomes(); got["c0"] != Reached || len(r.live()) != 0 {
			t.Errorf("settled %v, live %v", got, r.live())
		}
	})
}

func TestWhatAPersonHasClosedIsNotRung(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		if err := r.Settle(t.Context(), Settlement{ID: "c0", Outcome: Closed, By: "1019", Note: "已上门"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if live := r.live(); len(live) != 0 {
			t.Errorf("live %v", live)
		}
	})
}

func TestWhoSaysLaterThatThePhoneIsNotSafeIsNotRungForAnEarlierPromise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		leg := r.comes("c1", "13800000001")
		unsafe := owedTo("c1", "13800000001", 0)
		unsafe.Promised, unsafe.Safe = false, Unsafe
		if _, err := r.ringer.promise(t.Context(), unsafe); err != nil {
			t.Fatal(err)
		}
		r.ends("c1", leg)
		time.Sleep(time.Hour)
		synctest.Wait()
		if live := r.live(); len(live) != 0 {
			t.Errorf("live %v", live)
		}
	})
}

func TestNobodyIsRungWhileThePlanHasNoSeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t)
		r.guide().Plan = routing.NewPlan(routing.Draft{Regions: r.guide().Regions, Root: &routing.Route{
			Name: "night", Steps: []routing.PlanStep{{Target: routing.Target{Kind: routing.ToDuty, Name: "region"}}},
		}})
		if _, err := r.ringer.promise(t.Context(), owedTo("c0", "13800000001", time.Hour)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * time.Hour)
		synctest.Wait()
		if s := r.Stats(); s.Arrived != 0 || len(r.shelf.open) != 1 {
			t.Errorf("%d calls, open %v", s.Arrived, r.shelf.open)
		}
	})
}

func TestWhoWasSpokenWithIsNotRungAgainAfterACallBackThatSomebodyElsePickedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		r.serves("o1")
		r.tells("o1-0", Picked{At: r.at(), Leg: "o1-0"}) // a voice box, while the person calls
		leg := r.comes("c1", "13800000001")
		r.serves("c1")
		r.ends("c1", leg)
		r.tells("o1-0", Left{At: r.at(), Leg: "o1-0", Cause: HungUp})
		time.Sleep(time.Hour)
		synctest.Wait()
		if live := r.live(); len(live) != 0 {
			t.Errorf("rung again: %v", live)
		}
	})
}

func TestAfterATalkThatBrokeOffAPersonDecidesWhetherToRingBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t)
		leg := r.comes("c1", "13800000001")
		r.asks("c1")
		r.serves("c1")
		r.tells(leg, Left{At: r.at(), Leg: leg, Cause: Lost})
		r.DeliverTo("c1", Recorded{At: r.at(), File: "x.wav"})
		time.Sleep(time.Hour)
		synctest.Wait()
		if live := r.live(); len(live) != 0 {
			t.Errorf("rung by the gateway for a promise that was kept: %v", live)
		}
	})
}

package cti

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
	"weibao/tests/redistest"
)

// mortal is a gateway on a real Redis that can be killed.
type mortal struct {
	*floorStage
	standings *flaky
	line      *flakyTickets
}

func (h *killing) live() *mortal {
	m := &mortal{standings: &flaky{Standings: h.store}, line: &flakyTickets{Tickets: h.store.Tickets()}}
	m.floorStage = newFloorStage(h.t, FloorOptions{Gateway: "gw-1", Standings: m.standings, Tickets: m.line})
	m.settle = func() {}
	m.roster(0, "1001")
	m.d.SetReachable("1001", true)
	return m
}

// kill ends the gateway as SIGKILL does: from this instant nothing of it
// reaches the store, and what is on its way may or may not.
func (m *mortal) kill() {
	m.standings.set(errStore, errStore)
	m.line.set(true, true)
	m.finish()
}

// killing is a campaign of kills between a claim and the join.
type killing struct {
	t      *testing.T
	store  *Redis
	random *rand.Rand
	fence  uint64 // of the latest offer
	kinds  map[string]int
}

// round kills the gateway while the seat is claimed or rung for x, with y
// behind, and starts it again.
func (h *killing) round(offered, dialled bool) {
	h.t.Helper()
	since := now().Add(-time.Minute)
	x := routing.Ticket{ID: "X", Wants: routing.AnyOf("q"), Since: since}
	y := routing.Ticket{ID: "Y", Wants: routing.AnyOf("q"), Since: since.Add(time.Second)}
	first := h.live()
	first.say("1001", routing.Ready)
	_ = first.d.Enqueue(first.ctx, "X", x)
	_ = first.d.Enqueue(first.ctx, "Y", y)
	var ring call.Offer
	if offered {
		ring, _ = first.offered(5*time.Second, "X")
		h.newer(ring)
	}
	if dialled {
		first.report(ring, call.SeenRinging)
	}
	<-time.After(time.Duration(h.random.IntN(3000)) * time.Microsecond) // the random instant
	made := first.all()                                                 // what it does while it dies reaches nobody
	first.kill()
	for _, o := range made {
		if o.Ticket != "X" {
			h.t.Fatalf("%s was offered before X", o.Ticket)
		}
		h.fence = max(h.fence, o.Fence)
	}
	h.kinds[byAgent(h.t, h.store)["1001"].Work.String()]++

	again := h.live()
	if dialled { // its leg was found, with the claim in its memo
		again.report(ring, call.SeenRinging)
	}
	_ = again.d.Enqueue(again.ctx, "X", x)
	_ = again.d.Enqueue(again.ctx, "Y", y)
	if dialled {
		again.eventually(5*time.Second, "X has its ring again", func() bool {
			v := again.view()
			return again.agent("1001") == "ready ringing" && len(v.Waiting) == 2 && v.Waiting[0].Offered == "1001"
		})
		if made := again.made(); len(made) > 0 {
			h.t.Fatalf("offers %v while X is being rung", made)
		}
	} else {
		ring, _ = again.offered(5*time.Second, "X")
		h.newer(ring)
	}
	v := again.view()
	head := v.Waiting[0]
	if len(v.Waiting) != 2 || head.Ticket.ID != "X" || head.Position != 1 || !head.Ticket.Since.Equal(since) {
		h.t.Fatalf("the line is %+v, want X first with the age kept", v.Waiting)
	}
	again.report(ring, call.SeenPicked, call.SeenLeft)
	next, _ := again.offered(5*time.Second, "Y")
	h.newer(next)
	if made := again.made(); slices.Index(made, "Y>1001") != len(made)-1 {
		h.t.Fatalf("offers %v, want Y last and once", made)
	}
	again.report(next, call.SeenPicked, call.SeenLeft)
	again.eventually(5*time.Second, "the seat is free", func() bool { return again.agent("1001") == "ready free" })
	again.counts("weibao_floor_clashes_total", 0)
	again.finish()
}

// newer checks that an offer is under a fence above all before.
func (h *killing) newer(o call.Offer) {
	h.t.Helper()
	if o.Fence <= h.fence {
		h.t.Fatalf("%s was offered on fence %d after %d", o.Ticket, o.Fence, h.fence)
	}
	h.fence = o.Fence
}

func TestCallerIsAtTheHeadAgainWithTheAgeKeptWhenTheDispatcherIsKilledBetweenClaimAndJoin(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	h := &killing{t: t, store: store, random: rand.New(rand.NewPCG(4, 100)), kinds: make(map[string]int)}
	for i := range 100 {
		h.round(i%2 == 0, i%4 == 0)
	}
	t.Logf("seat as the killed gateways left it: %v", h.kinds)
}

func TestRingThatACallSpeaksOfBeforeTheStoreIsReadIsStillItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &flaky{Standings: NewMemory()}
		leaveBehind(t, store, "weibao")
		held := byAgent(t, store)["1002"]
		held.Claim, held.Presence, held.Reason = 7, routing.Ready, ""
		if _, err := store.Swap(t.Context(), held.Fence, held); err != nil {
			t.Fatal(err)
		}
		store.set(errStore, nil)
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		ring := call.Offer{Ticket: "B", Agent: "1002", Fence: 7}
		s.report(ring, call.SeenRinging)
		s.roster(0, "1002")
		s.d.SetReachable("1002", true)
		s.enqueue("B")
		store.set(nil, nil)
		time.Sleep(time.Second)
		s.wants()
		s.wantsAgent("1002", "ready ringing")
		s.report(ring, call.SeenPicked)
		s.wantsAgent("1002", "ready talking")
		s.counts("weibao_floor_reaped_total", 0)
		s.counts("weibao_floor_stale_reports_total", 0)
	})
}

func TestClaimOfAnEarlierLifeThatNoCallSpeaksOfEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		held := Standing{
			Agent: "1001", Presence: routing.Ready, Work: routing.Claimed, Call: "A", Ticket: "A", Claim: 1,
			Gateway: "weibao", Since: now(), Deadline: now().Add(20 * time.Second),
		}
		if _, err := store.Swap(t.Context(), 0, held); err != nil {
			t.Fatal(err)
		}
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1001")
		time.Sleep(19 * time.Second)
		s.wantsAgent("1001", "ready claimed") // its call lives and may still speak
		time.Sleep(2 * time.Second)
		s.wantsAgent("1001", "ready free")
	})
}

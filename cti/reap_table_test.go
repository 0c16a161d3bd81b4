package cti

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

// leftWork is a work that is left as it is, and what must become of it.
type leftWork struct {
	gateway string
	live    bool          // the call that owns it still is
	most    time.Duration // after which the seat is free; 0: it stays as it is
	reaped  float64
}

// TestNoWorkHoldsASeatForEver lists every work there is with who owns it,
// until when it may last without its owner, and who ends it then. A work that
// is added and not listed fails here.
func TestNoWorkHoldsASeatForEver(t *testing.T) {
	t.Parallel()
	const (
		ours    = "weibao"
		other   = "gw-2"
		ring    = 20 * time.Second // ring_for and the grace
		talk    = time.Minute      // between the checks of a talk
		foreign = 90 * time.Second // left to the gateway that owns it
	)
	rows := map[routing.Work][]leftWork{
		// Nobody owns a free seat.
		routing.Free: {{"", false, time.Millisecond, 0}},
		// The call that was offered the seat reports; else the floor at the
		// deadline: at once when the call has gone, after the limit of a ring when
		// it lives and never says how the ring ended.
		routing.Claimed: {{ours, false, ring, 1}, {ours, true, 2*time.Minute + ring, 1}, {other, false, ring + foreign, 1}},
		routing.Ringing: {{ours, false, ring, 1}, {ours, true, 2*time.Minute + ring, 1}, {other, false, ring + foreign, 1}},
		// The call reports the end of a talk, and asks Asterisk each minute
		// whether its legs exist; the floor asks at each deadline whether the call
		// does. A talk that is there is never ended.
		routing.Talking: {{ours, false, talk, 1}, {ours, true, 0, 0}, {other, false, talk + foreign, 1}},
		// The clock ends it, that of any gateway when its own has died; no call
		// is asked. So does the agent's word.
		routing.Wrapping: {{ours, false, 10 * time.Second, 0}, {ours, true, 10 * time.Second, 0}, {other, false, 12 * time.Second, 0}},
	}
	last := routing.Free
	for ; (last + 1).String() != routing.Free.String(); last++ { // a word that is not known is that of free
		if len(rows[last+1]) == 0 {
			t.Errorf("nobody says who ends %s", last+1)
		}
	}
	if int(last)+1 != len(rows) {
		t.Fatalf("%d works are listed, there are %d", len(rows), last+1)
	}
	lasts := map[routing.Work]time.Duration{routing.Claimed: ring, routing.Ringing: ring, routing.Talking: talk, routing.Wrapping: 10 * time.Second}
	for work, cases := range rows {
		for _, r := range cases {
			name := work.String() + " of " + r.gateway
			if r.live {
				name += ", its call lives"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { r.isFreed(t, work, lasts[work]) })
			})
		}
	}
}

// isFreed leaves a seat at work as the work began at this instant, and the
// floor to deal with it.
func (r leftWork) isFreed(t *testing.T, work routing.Work, lasts time.Duration) {
	t.Helper()
	store := NewMemory()
	left := Standing{Agent: "1001", Presence: routing.Ready, Since: now()}
	if work != routing.Free {
		left.Work, left.Call, left.Ticket, left.Gateway, left.Claim, left.Deadline = work, "A", "A", r.gateway, 1, now().Add(lasts)
	}
	if _, err := store.Swap(context.Background(), 0, left); err != nil {
		t.Fatal(err)
	}
	s := newFloorStage(t, FloorOptions{Standings: store})
	defer s.finish()
	if !r.live {
		// At the start the calls of an earlier life are not known yet.
		time.AfterFunc(time.Millisecond, func() { s.die("A") })
	}
	s.roster(0, "1001")
	s.d.SetReachable("1001", true)
	s.settle()
	s.wantsAgent("1001", "ready "+work.String())
	if r.most == 0 {
		time.Sleep(24 * time.Hour)
		s.wantsAgent("1001", "ready "+work.String())
		return
	}
	if work != routing.Free && !r.live {
		time.Sleep(r.most - 100*time.Millisecond)
		s.wantsAgent("1001", "ready "+work.String())
		time.Sleep(200 * time.Millisecond)
	} else {
		time.Sleep(r.most + 100*time.Millisecond)
	}
	s.wantsAgent("1001", "ready free")
	s.counts("weibao_floor_reaped_total", r.reaped)
	s.enqueue("B")
	s.wants("B>1001")
}

func TestAgentWhoseGatewayDiedEndsItsRestAnywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		leaveBehind(t, store, "gw-2")
		s := newFloorStage(t, FloorOptions{Standings: store})
		defer s.finish()
		s.roster(0, "1004")
		synctest.Wait()
		s.wantsAgent("1004", "ready wrapping")
		s.say("1004", routing.Ready)
		s.wantsAgent("1004", "ready free")
		s.report(call.Offer{Ticket: "D", Agent: "1004"}, call.SeenLeft) // too late to matter
		s.wantsAgent("1004", "ready free")
	})
}

package asterisk

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/routing"
	"weibao/tests/fakeari"
)

// police places a call to 110.
func (s scene) police(number, trunk string) call.LegID {
	s.Helper()
	leg := call.LegID(string(s.id) + "-" + number)
	s.wit.own(s.id, leg)
	d := call.Dial{Leg: leg, To: routing.Target{Kind: routing.ToNumber, Name: number}, Trunk: trunk, Room: call.Talk, Urgent: true}
	s.ok(s.line.Dial(s.Context(), s.id, d))
	return leg
}

func TestTheLastChannelsOfATrunkAreKeptFor110(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "full", func(o *Options) { o.TrunkChannels, o.Reserved = 3, 1 })
	for _, number := range []string{"5001", "5002", "5003", "5004", "1001", "0433110", "0432110"} {
		f.ari.Behave(number, fakeari.Behaviour{After: -1})
	}
	first, second := f.number("5001", call.Talk), f.number("5002", call.Talk)
	f.wit.rang(t, first)
	f.wit.rang(t, second)
	third := f.number("5003", call.Talk)
	gone := await(t, f.wit, func(ev call.Left) bool { return ev.Leg == third })
	if gone.Cause != call.Unreachable || !strings.Contains(gone.Detail, "kept for 110") {
		t.Errorf("left with %s, %q", gone.Cause, gone.Detail)
	}
	if got := testutil.ToFloat64(f.line.m.refused.WithLabelValues(call.TrunkCarrier)); got != 1 {
		t.Errorf("counted %v", got)
	}
	f.wit.rang(t, f.police("0433110", call.TrunkCarrier))
	f.wit.rang(t, f.police("0432110", call.TrunkCarrier)) // above the trunk's own number, too: the trunk may know better
	f.ari.Register("1001", true)
	seat := f.to(routing.Target{Kind: routing.ToAgent, Name: "1001"}, "", call.NoRoom)
	f.wit.rang(t, seat) // it takes no channel of a trunk
	for _, leg := range []call.LegID{first, call.LegID(string(f.id) + "-0433110"), call.LegID(string(f.id) + "-0432110")} {
		f.ari.Lose(string(leg))
		f.line.book.missing(leg) // as the sweep finds it
	}
	f.wit.rang(t, f.number("5004", call.Talk))
}

func TestACallTo110WaitsForNoOtherDialling(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "lanes")
	f.ari.Behave("0433110", fakeari.Behaviour{After: -1})
	f.ari.Break(fakeari.Fault{Method: "POST", Path: "/channels/create", Slow: time.Second, Times: 2 * diallingConnections})
	var stuck sync.WaitGroup
	for i := range 2 * diallingConnections {
		leg := call.LegID(string(f.id) + "-" + string(rune('a'+i)))
		stuck.Go(func() {
			_ = f.line.Dial(t.Context(), f.id, call.Dial{Leg: leg, To: routing.Target{Kind: routing.ToNumber, Name: "5001"}, Trunk: call.TrunkCarrier})
		})
	}
	f.until("the lane of dialling full", func() bool {
		n := 0
		for _, r := range f.ari.Requests() {
			if r == "POST /channels/create" {
				n++
			}
		}
		return n >= diallingConnections
	}, 5*time.Second)
	// The faults that are left are for the other dialling, not for this one.
	f.ari.Mend()
	began := time.Now()
	f.police("0433110", call.TrunkPolice)
	if took := time.Since(began); took > atOnce {
		t.Errorf("110 was dialled after %s", took)
	}
	stuck.Wait()
}

func TestALostAnswerPlacesNoSecondCallTo110AndTheFirstIsDialled(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/channels/create", "/addChannel"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			f := newFaulty(t, "lost")
			f.ari.Behave("0433110", fakeari.Behaviour{After: -1})
			f.ari.Break(fakeari.Fault{Method: "POST", Path: path, Lost: true, Times: 1})
			leg := f.police("0433110", call.TrunkPolice)
			f.wit.rang(t, leg)
			dials := slices.DeleteFunc(f.ari.Requests(), func(r string) bool { return r != "POST /channels/"+string(leg)+"/dial" })
			if len(dials) != 1 || len(f.ari.Channels()) != 1 {
				t.Errorf("dialled %d times, channels %v", len(dials), f.ari.Channels())
			}
		})
	}
}

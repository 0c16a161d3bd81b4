package e2e

import (
	"slices"
	"testing"
	"time"

	"weibao/tests/stage"
)

// stopLimit is how long a seat's phone may go on when its caller has hung up.
// The wanted 500 ms are logged; what fails is an order of magnitude, for a
// machine that does much else.
const stopLimit = 2 * time.Second

func TestACallerWhoLeavesStopsTheSeatsPhone(t *testing.T) {
	t.Parallel()
	const rounds = 5
	for _, row := range []struct {
		phase string
		until func(*stage.Stage, *stage.Person, *stage.Seat)
	}{
		{"just claimed", func(_ *stage.Stage, _ *stage.Person, li *stage.Seat) { li.IsInvited() }},
		{"ringing", func(s *stage.Stage, _ *stage.Person, li *stage.Seat) {
			li.Rings()
			s.Until("the floor knows that it rings", func() bool { return li.State().Work == "ringing" })
		}},
		{"whisper", func(_ *stage.Stage, _ *stage.Person, li *stage.Seat) {
			li.Answers()
			li.HearsVoice()
		}},
		{"talk", func(_ *stage.Stage, child *stage.Person, li *stage.Seat) {
			li.Answers()
			child.Hears(li)
		}},
	} {
		t.Run(row.phase, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t, stage.With("queues.yaml", "wrap_up: 10s", "wrap_up: 0s"))
			li, child := s.Seat("1001"), s.Citizen("13800000001")
			var took []time.Duration
			for range rounds {
				child.ComesBy("220100")
				row.until(s, child, li)
				began := time.Now()
				child.HangsUp()
				took = append(took, li.IsLeft().At.Sub(began))
				s.Until("the seat is free", func() bool { return li.State().Free })
			}
			slices.Sort(took)
			t.Logf("the seat's phone stopped after %v (median of %v)", took[rounds/2].Round(100*time.Microsecond), took)
			if longest := took[rounds-1]; longest > stopLimit {
				t.Errorf("it went on for %v, want %v at most", longest, stopLimit)
			}
		})
	}
}

func TestASeatRejectsAtTheDeskAndTheNextIsRung(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	first, second := s.Seat("1001"), s.Seat("1002")
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	first.Rings()
	call := s.CallOf(child)
	first.Asks(call.ID, "reject", nil)
	first.IsLeft()
	second.Answers()
	child.Hears(second)
	if state := first.State(); state.Presence != "ready" || state.Why != "resting" {
		t.Errorf("the first seat is %+v, want ready and resting", state)
	}
	child.HangsUp()
	if r := s.Record(child); r.Attempts[0].Result != "rejected" {
		t.Errorf("attempts %+v", r.Attempts)
	}
}

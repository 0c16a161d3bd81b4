package routing

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestOfTwoStatesOfAnOverrideTheFurtherCounts(t *testing.T) {
	t.Parallel()
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	state := func(steps ...OverrideStep) Override {
		o := Override{ID: "a"}
		for _, s := range steps {
			o.State, o.Steps = s.State, append(o.Steps, s)
		}
		return o
	}
	order := []Override{
		{ID: "a"},
		state(OverrideStep{Asked, "1009", at(9)}),
		state(OverrideStep{Asked, "1009", at(1)}, OverrideStep{Accepted, "1010", at(5)}),
		state(OverrideStep{Approved, "1019", at(2)}),
		state(OverrideStep{Asked, "1009", at(1)}, OverrideStep{Approved, "1019", at(3)}),
		state(OverrideStep{Asked, "1009", at(1)}, OverrideStep{Refused, "1019", at(4)}),
		state(OverrideStep{Approved, "1019", at(2)}, OverrideStep{Withdrawn, "1019", at(6)}),
		state(OverrideStep{Approved, "1019", at(2)}, OverrideStep{Withdrawn, "1020", at(6)}),
	}
	for i := range order {
		for j := range order {
			if got, want := order[i].Supersedes(order[j]), i > j; got != want {
				t.Errorf("%s at %v supersedes %s at %v: %v, want %v", order[i].State, order[i].Settled(), order[j].State, order[j].Settled(), got, want)
			}
		}
	}
}

// Whatever order gateways hear of states in, they come to the same one.
func TestStatesHeardInAnyOrderComeToTheSame(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	states := []OverrideState{Asked, Accepted, Approved, Refused, Withdrawn}
	for range 1000 {
		heard := make([]HandOver, 2+rng.IntN(5))
		seen := make([]Override, len(heard))
		for i := range seen {
			by := string(rune('a' + rng.IntN(3)))
			heard[i] = HandOver{At: time.Unix(rng.Int64N(3), 0), By: by, Text: by}
			seen[i] = Override{State: states[rng.IntN(len(states))]}
			seen[i].Steps = []OverrideStep{{seen[i].State, by, time.Unix(rng.Int64N(3), 0)}}
		}
		override, note := func() (Override, HandOver) {
			o, h := seen[0], heard[0]
			for _, i := range rng.Perm(len(seen)) {
				if seen[i].Supersedes(o) {
					o = seen[i]
				}
				if heard[i].Supersedes(h) {
					h = heard[i]
				}
			}
			return o, h
		}()
		for i := range seen {
			if seen[i].Supersedes(override) || heard[i].Supersedes(note) {
				t.Fatalf("%+v, %+v of %+v, %+v", override, note, seen, heard)
			}
		}
	}
}

package routing

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// hall is a simulated M/M/c line, seen as a gateway sees it: who came when, who
// was picked up when. With a rush, callers come faster for a while.
type hall struct {
	rng   *rand.Rand
	seats int
	// asked are the estimates given, with what became of the caller.
	asked []given
}

type given struct {
	estimate Estimate
	wait     time.Duration
}

// play lets callers come for three hours and asks for each on its arrival. load
// is the callers for each seat's talk.
func (h *hall) play(load float64, talk time.Duration) {
	at, end := noon, noon.Add(3*time.Hour)
	free := make([]time.Time, h.seats)
	for i := range free {
		free[i] = noon
	}
	type caller struct{ since, picked time.Time }
	var line []caller // in their order; picked is known to the simulation only
	for at.Before(end) {
		at = at.Add(time.Duration(h.rng.ExpFloat64() * float64(talk) / load / float64(h.seats)))
		soonest := 0
		for i := range free {
			if free[i].Before(free[soonest]) {
				soonest = i
			}
		}
		picked := at
		if free[soonest].After(at) {
			picked = free[soonest]
		}
		free[soonest] = picked.Add(time.Duration(h.rng.ExpFloat64() * float64(talk)))
		position := 1
		var known []Pickup
		for _, c := range line {
			if c.picked.After(at) {
				position++
			} else {
				known = append(known, Pickup{At: c.picked, Since: c.since, Seats: h.seats})
			}
		}
		line = append(line, caller{at, picked})
		if picked.After(at) {
			h.asked = append(h.asked, given{Estimated(position, h.seats, known[max(0, len(known)-64):], at), picked.Sub(at)})
		}
	}
}

func TestTheRangeHoldsTheWaitOfFourCallersInFive(t *testing.T) {
	t.Parallel()
	for _, load := range []float64{0.8, 0.95, 1.3} {
		for _, seats := range []int{1, 3, 20} {
			t.Run(fmt.Sprintf("%d seats %.0f%%", seats, load*100), func(t *testing.T) {
				t.Parallel()
				known, within, beyond, all := 0, 0, 0, 0
				for seed := range 25 {
					h := hall{rng: rand.New(rand.NewPCG(uint64(seed), uint64(seats))), seats: seats}
					h.play(load, 4*time.Minute)
					for _, g := range h.asked {
						all++
						if !g.estimate.Known() {
							continue
						}
						known++
						if g.wait >= g.estimate.Low && g.wait <= g.estimate.High {
							within++
						}
						if g.wait > g.estimate.High {
							beyond++
						}
					}
				}
				t.Logf("%d asked, %d known, %.1f%% within, %.1f%% longer", all, known, 100*float64(within)/float64(known), 100*float64(beyond)/float64(known))
				if within*100 < known*80 {
					t.Errorf("%d of %d waits are within the range, want four in five", within, known)
				}
				if beyond*100 > known*15 {
					t.Errorf("%d of %d waits are longer than said", beyond, known)
				}
			})
		}
	}
}

// pace is a line whose callers are picked up at random gaps.
func pace(rng *rand.Rand, n, seats int) []Pickup {
	var recent []Pickup
	at := noon.Add(-25 * time.Minute)
	for range n {
		at = at.Add(time.Duration(rng.ExpFloat64() * float64(time.Minute) / 2))
		recent = append(recent, Pickup{At: at, Since: at.Add(-time.Hour), Seats: seats})
	}
	return recent
}

func TestFurtherForwardAndWithMoreSeatsTheEstimateIsNeverLonger(t *testing.T) {
	t.Parallel()
	for seed := range 300 {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		recent := pace(rng, 6+rng.IntN(20), 1+rng.IntN(5))
		for position := 2; position < 60; position++ {
			seats := 1 + rng.IntN(6)
			behind, front := Estimated(position, seats, recent, noon), Estimated(position-1, seats, recent, noon)
			if front.High > behind.High || front.Low > behind.Low {
				t.Fatalf("seed %d: %v at %d, %v at %d", seed, front, position-1, behind, position)
			}
			if more := Estimated(position, seats+1, recent, noon); more.High > behind.High || more.Low > behind.Low {
				t.Fatalf("seed %d: a seat more makes %v of %v", seed, more, behind)
			}
		}
	}
}

func TestNothingIsSaidWithoutEnoughToGoBy(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	enough := pace(rng, 8, 2)
	if !Estimated(3, 2, enough, noon).Known() {
		t.Fatal("eight pick-ups from a line are enough")
	}
	idle := pace(rng, 40, 2)
	for i := range idle {
		idle[i].Since = idle[i].At.Add(-time.Second) // nobody stood in line before
	}
	for name, unknown := range map[string]Estimate{
		"no pick-ups":            Estimated(1, 2, nil, noon),
		"five":                   Estimated(1, 2, enough[:5], noon),
		"no seat":                Estimated(1, 0, enough, noon),
		"not in line":            Estimated(0, 2, enough, noon),
		"an hour later":          Estimated(1, 2, enough, noon.Add(time.Hour)),
		"callers who never wait": Estimated(1, 2, idle, noon),
	} {
		if unknown.Known() {
			t.Errorf("%s: %v", name, unknown)
		}
	}
}

func FuzzAnEstimateIsARangeWhateverIsKnown(f *testing.F) {
	f.Add(uint64(1), 3, 2, 12)
	f.Fuzz(func(t *testing.T, seed uint64, position, seats, n int) {
		rng := rand.New(rand.NewPCG(seed, seed))
		var recent []Pickup
		for range n % 200 {
			at := noon.Add(time.Duration(rng.Int64N(int64(3*time.Hour))) - 2*time.Hour)
			recent = append(recent, Pickup{At: at, Since: at.Add(time.Duration(rng.Int64N(int64(time.Hour))) - 30*time.Minute), Seats: rng.IntN(5) - 1})
		}
		if e := Estimated(position, seats, recent, noon); e.Low < 0 || e.High < e.Low || e.High > 24*time.Hour {
			t.Errorf("%v for %d at %d seats of %v", e, position, seats, recent)
		}
	})
}

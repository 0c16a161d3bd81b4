package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// wilful is a registry whose disk fails as it likes, and now and then takes
// the record all the same, before the answer or some time after it.
type wilful struct {
	*parts
	mu    sync.Mutex
	rng   *rand.Rand
	x     *Exchange
	look  func()
	lost  map[ID]bool
	later []ID
	calls [20]int // of each caller so far
}

func (w *wilful) Keep(_ context.Context, c Call) error {
	w.look()
	w.mu.Lock()
	fate := w.rng.IntN(5)
	w.mu.Unlock()
	switch fate {
	case 0: // lost for good
		w.note(func() { w.lost[c.ID] = true })
		return errors.New("disk gone")
	case 1: // taken later
		w.note(func() { w.lost[c.ID] = true; w.later = append(w.later, c.ID) })
		return errors.New("disk full")
	case 2: // taken, and the answer was lost
		w.x.Kept(c.ID)
		return errors.New("not on the disk yet")
	}
	w.x.Kept(c.ID) // as the registry does for every line
	return nil
}

func (w *wilful) note(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// Promise 5 over random events and a disk that fails at random: at every
// instant the ledger's difference is exactly the calls that it names.
func TestAtEveryInstantTheLedgersDifferenceIsTheCallsThatItNames(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			w := &wilful{parts: &parts{}, rng: rand.New(rand.NewPCG(seed, 5)), lost: make(map[ID]bool)}
			w.look = func() {
				stats := w.x.Stats()
				if stats.Ledger() != len(stats.Missing) {
					t.Errorf("seed %d: ledger %d, missing %v", seed, stats.Ledger(), stats.Missing)
				}
			}
			w.x = NewExchange(Options{
				Line: w, Floor: w, Registry: w, Guide: testGuide, Log: slog.New(slog.DiscardHandler),
				OnChange: func(Call) { w.look() },
			})
			defer w.x.Stop()
			rng := rand.New(rand.NewPCG(seed, 6)) // Keep draws from other goroutines
			for range 120 {
				w.happens(rng)
				if rng.IntN(3) == 0 {
					time.Sleep(time.Duration(rng.IntN(20)) * time.Second)
				}
				w.look()
			}
			w.everybodyLeaves()
			w.settled(t, seed)
		})
	}
}

// happens is one thing that may happen, to one of twenty callers.
func (w *wilful) happens(rng *rand.Rand) {
	n, kind := rng.IntN(20), rng.IntN(8)
	if _, live := w.x.Find(w.id(n)); kind == 0 && !live {
		w.calls[n]++ // another call; an id never comes again
	}
	id, at := w.id(n), At(time.Now())
	leg := LegID("caller-" + id)
	switch kind {
	case 0: // a reconnect may tell it twice
		w.x.Deliver(leg, Arrived{At: at, Call: id, Leg: leg, Dialled: "12345", Region: "220100"})
		w.x.Deliver(leg, Arrived{At: at, Call: id, Leg: leg, Dialled: "12345", Region: "220100"})
	case 1, 2, 3:
		w.x.Deliver(leg, Pressed{At: at, Leg: leg, Key: "6"})
	case 4:
		w.x.DeliverTo(id, Offered{At: at, Offer: Offer{Ticket: "c", Agent: "1001", RingFor: time.Minute, Fence: rng.Uint64()}})
	case 5:
		w.x.Deliver(LegID(id+"-1"), Picked{At: at, Leg: LegID(id + "-1")})
	case 6:
		w.leaves(id, leg)
	case 7:
		w.note(func() {
			for _, id := range w.later {
				w.x.Kept(id)
				w.x.Kept(id) // said twice, it counts once
				delete(w.lost, id)
			}
			w.later = nil
		})
	}
}

func (w *wilful) id(caller int) ID { return ID(fmt.Sprintf("c%02d-%02d", caller, w.calls[caller])) }

func (w *wilful) leaves(id ID, leg LegID) {
	w.x.Deliver(leg, Left{At: At(time.Now()), Leg: leg, Cause: HungUp})
	w.x.DeliverTo(id, Recorded{At: At(time.Now()), File: "f.wav"})
}

func (w *wilful) everybodyLeaves() {
	for _, c := range w.x.Live() {
		if len(c.Legs) > 0 {
			w.leaves(c.ID, c.Caller().ID)
		}
	}
	time.Sleep(time.Hour) // whatever is not over is ended by its deadlines
	synctest.Wait()
}

func (w *wilful) settled(t *testing.T, seed uint64) {
	t.Helper()
	stats := w.x.Stats()
	var named []ID
	for _, m := range stats.Missing {
		named = append(named, m.ID)
		if m.Why == "" || m.Arrived.IsZero() {
			t.Errorf("seed %d: %+v says nothing", seed, m)
		}
	}
	if stats.Live != 0 || len(named) != len(w.lost) || slices.ContainsFunc(named, func(id ID) bool { return !w.lost[id] }) {
		t.Errorf("seed %d: %d live, missing %v, lost %v", seed, stats.Live, named, w.lost)
	}
}

func TestARecordThatComesToTheDiskLaterClosesTheLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{keepErr: errors.New("disk full")}
		x := newExchange(t, p, testGuide())
		x.Deliver("caller", Arrived{At: At(time.Now()), Call: "c1", Leg: "caller", Dialled: "12345"})
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		synctest.Wait()
		if stats := x.Stats(); stats.Ledger() != 1 || len(stats.Missing) != 1 || stats.Missing[0].ID != "c1" || stats.Missing[0].Why != "disk full" {
			t.Fatalf("ledger %d, missing %+v", stats.Ledger(), stats.Missing)
		}
		x.Kept("c1")
		if stats := x.Stats(); stats.Ledger() != 0 || len(stats.Missing) != 0 || stats.Ended[Abandoned] != 1 {
			t.Errorf("ledger %d, stats %+v", stats.Ledger(), stats)
		}
	})
}

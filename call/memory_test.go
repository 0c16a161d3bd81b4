package call

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

// archive keeps snapshots as a store does that is at hand, slow or away.
type archive struct {
	mu    sync.Mutex
	held  map[ID][]byte
	slow  time.Duration
	away  bool
	loads int
}

func (s *archive) Keep(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = make(map[ID][]byte)
	}
	s.held[c.ID], _ = Freeze(c)
}

func (s *archive) Drop(id ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, id)
}

func (s *archive) Load(ctx context.Context) (map[ID][]byte, error) {
	select {
	case <-time.After(s.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	if s.away {
		return nil, errors.New("away")
	}
	held := make(map[ID][]byte)
	for id, text := range s.held {
		held[id] = slices.Clone(text)
	}
	return held, nil
}

func (s *archive) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}

// keeping is an exchange that keeps its calls on a archive.
func keeping(t *testing.T, p *parts, guide *Guide, s *archive) *Exchange {
	t.Helper()
	x := NewExchange(Options{
		Line: p, Floor: p, Registry: p, Snapshots: s, Guide: func() *Guide { return guide }, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(x.Stop)
	return x
}

// resumes brings a caller whom an earlier life had.
func resumes(x *Exchange, id ID) {
	x.Deliver(LegID(id)+"-leg", Arrived{At: At(time.Now()), Call: id, Leg: LegID(id) + "-leg", Dialled: "12345", Resumed: true, Since: time.Now().Add(-time.Minute)})
}

// aLine is what a first life leaves that had these callers in line, and the
// instant at which each began to wait.
func aLine(t *testing.T, guide *Guide, s *archive, ids ...ID) map[ID]time.Time {
	t.Helper()
	x := keeping(t, &parts{}, guide, s)
	since := make(map[ID]time.Time)
	for _, id := range ids {
		leg := LegID(id) + "-leg"
		x.Deliver(leg, Arrived{At: At(time.Now()), Call: id, Leg: leg, Dialled: "12345", Region: "220100"})
		time.Sleep(time.Second)
		x.Deliver(leg, Pressed{At: At(time.Now()), Leg: leg, Key: "6"})
		synctest.Wait()
		c, _ := x.Find(id)
		since[id] = c.Search.Since
	}
	x.Stop()
	return since
}

func TestTheNextLifeGoesOnWithWhatWasKeptAndReadsItOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, guide := &archive{}, testGuide()
		since := aLine(t, guide, s, "c1", "c2", "c3")
		s.slow, s.loads = 200*time.Millisecond, 0
		x := keeping(t, &parts{}, guide, s)
		began := time.Now()
		for id := range since {
			resumes(x, id)
		}
		synctest.Wait()
		time.Sleep(250 * time.Millisecond)
		for id, at := range since {
			if c, _ := x.Find(id); c.Phase != Waiting || !c.Search.Since.Equal(at) || c.Walk.Keys != "6" || c.Search.Ticket.Boost != 0 {
				t.Errorf("%s after %s: phase %s, waits since %s, %+v", id, time.Since(began), c.Phase, c.Search.Since, c.Search.Ticket)
			}
		}
		if s.loads != 1 {
			t.Errorf("read %d times", s.loads)
		}
		for id := range since {
			x.Deliver(LegID(id)+"-leg", Left{At: At(time.Now()), Leg: LegID(id) + "-leg", Cause: HungUp})
		}
		synctest.Wait()
		if n := s.size(); n != 0 {
			t.Errorf("%d ended calls are kept", n)
		}
	})
}

func TestAStoreThatIsAwayOrSlowHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*archive){
		"away": func(s *archive) { s.away = true },
		"slow": func(s *archive) { s.slow = time.Minute },
	} {
		synctest.Test(t, func(t *testing.T) {
			s, guide := &archive{}, testGuide()
			since := aLine(t, guide, s, "c1", "c2", "c3")
			fault(s)
			x := keeping(t, &parts{}, guide, s)
			for id := range since {
				resumes(x, id)
			}
			time.Sleep(301 * time.Millisecond) // for all of them together
			synctest.Wait()
			for id := range since {
				if c, _ := x.Find(id); c.Phase != Waiting || c.Search.Ticket.Boost != routing.BoostReturn {
					t.Errorf("%s: %s is %s with %+v", name, id, c.Phase, c.Search.Ticket)
				}
			}
		})
	}
}

func TestASnapshotThatCanNotBeUsedCostsNobodyTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, guide := &archive{}, testGuide()
		aLine(t, guide, s, "c1", "c2", "c3")
		s.held["c1"] = []byte(`{"v":99}`)
		fatal, err := Thaw(s.held["c2"])
		if err != nil {
			t.Fatal(err)
		}
		fatal.Legs[0].Role = 200 // the first to name it falls over it
		s.held["c2"], _ = Freeze(fatal)
		x := keeping(t, &parts{}, guide, s)
		for _, id := range []ID{"c1", "c2", "c3"} {
			resumes(x, id)
		}
		synctest.Wait()
		boosts := map[ID]int{"c1": routing.BoostReturn, "c2": routing.BoostReturn, "c3": 0}
		for id, boost := range boosts {
			if c, _ := x.Find(id); c.Phase != Waiting || c.Search.Ticket.Boost != boost {
				t.Errorf("%s is %s with %+v", id, c.Phase, c.Search.Ticket)
			}
		}
		if x.Stats().Panics != 1 {
			t.Errorf("%d faults counted", x.Stats().Panics)
		}
	})
}

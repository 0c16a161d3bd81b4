package cti

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/tests/redistest"
)

// counted is a store that counts what it is asked, and can be away.
type counted struct {
	MemorySnapshots
	mu      sync.Mutex
	away    bool
	asked   int
	written map[call.ID]int
}

func (c *counted) Write(ctx context.Context, keep map[call.ID][]byte, drop []call.ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; c.away {
		return errors.New("away")
	}
	if c.written == nil {
		c.written = make(map[call.ID]int)
	}
	for id := range keep {
		c.written[id]++
	}
	return c.MemorySnapshots.Write(ctx, keep, drop)
}

func (c *counted) isAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

// soFar is how often the store was asked, and a call written.
func (c *counted) soFar(id call.ID) (asked, written int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked, c.written[id]
}

func (c *counted) ids() []call.ID {
	all, _ := c.All(context.Background())
	return slices.Sorted(maps.Keys(all))
}

func newSnapshots(t *testing.T, store SnapshotStore) *Snapshots {
	t.Helper()
	s, err := NewSnapshots(SnapshotOptions{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// living is a call with a caller.
func living(id call.ID, step int) call.Call {
	return call.Call{ID: id, Phase: call.Waiting, Plays: step, Legs: []call.Leg{{ID: call.LegID(id + "-leg"), State: call.Up}}}
}

func TestSnapshotStoresKeepTheirPromises(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	r, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	for name, stores := range map[string][2]SnapshotStore{
		"memory": {&MemorySnapshots{}, &MemorySnapshots{}},
		"redis":  {r.Snapshots("gw-1"), r.Snapshots("gw-2")},
	} {
		store, other := stores[0], stores[1]
		ctx := t.Context()
		if all, err := store.All(ctx); err != nil || len(all) != 0 {
			t.Fatalf("%s: an empty store has %v, %v", name, all, err)
		}
		first := map[call.ID][]byte{"a": []byte("a1"), "b": []byte("b1 未")}
		for range 2 { // an answer may be lost
			if err := store.Write(ctx, first, []call.ID{"never was"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Write(ctx, map[call.ID][]byte{"a": []byte("a2")}, []call.ID{"b"}); err != nil {
			t.Fatal(err)
		}
		all, err := store.All(ctx)
		if err != nil || len(all) != 1 || string(all["a"]) != "a2" {
			t.Errorf("%s: %q, %v, want the newest of a only", name, all, err)
		}
		if all, err := other.All(ctx); err != nil || len(all) != 0 {
			t.Errorf("%s: another gateway has %v, %v", name, all, err)
		}
		over, stop := context.WithCancel(ctx)
		stop()
		if store.Write(over, first, nil) == nil {
			t.Errorf("%s: something is written for a context that is over", name)
		}
	}
	if left := r.client.TTL(t.Context(), "{weibao}:calls:gw-1").Val(); left <= 23*time.Hour || left > 24*time.Hour {
		t.Errorf("what nobody writes any more is kept for %s", left)
	}
}

func TestAShortCallIsNeverWrittenAndALongOneSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &counted{}
		s := newSnapshots(t, store)
		for step := range 20 {
			s.Keep(living("short", step))
		}
		time.Sleep(150 * time.Millisecond)
		s.Drop("short")
		for step := range 100 { // a change every 10 ms
			s.Keep(living("long", step))
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		_, short := store.soFar("short")
		if _, n := store.soFar("long"); n > 5 || n < 3 || short != 0 {
			t.Errorf("in a second the long call is written %d times, the short one %d", n, short)
		}
		all, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c, err := call.Thaw(all["long"]); err != nil || c.Plays != 99 {
			t.Errorf("kept at step %d, %v, want the newest", c.Plays, err)
		}
		s.Drop("long")
		time.Sleep(time.Second)
		if left := store.ids(); len(left) != 0 {
			t.Errorf("left %v", left)
		}
		before, _ := store.soFar("")
		time.Sleep(time.Minute)
		if asked, _ := store.soFar(""); asked != before {
			t.Errorf("%d writes of nothing", asked-before)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAThousandCallsOfOneMomentTakeAFewExchangesWithTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &counted{}
		s := newSnapshots(t, store)
		for i := range 1000 {
			s.Keep(living(call.ID(fmt.Sprintf("c%d", i)), 0))
			time.Sleep(40 * time.Microsecond)
		}
		time.Sleep(time.Second)
		if asked, _ := store.soFar(""); len(store.ids()) != 1000 || asked > 7 {
			t.Errorf("%d calls in %d exchanges", len(store.ids()), asked)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAStoreThatWasAwayAndHasLostEverythingGetsEveryLiveCallAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &counted{}
		s := newSnapshots(t, store)
		s.Keep(living("before", 0))
		s.Keep(living("ends", 0))
		time.Sleep(time.Second)
		store.isAway(true)
		s.Keep(living("meanwhile", 0))
		s.Keep(living("passing", 0))
		time.Sleep(time.Second)
		s.Drop("ends")
		s.Drop("passing")
		time.Sleep(time.Minute)
		if asked, _ := store.soFar(""); asked > 130 {
			t.Errorf("asked %d times in a minute", asked)
		}
		_ = store.MemorySnapshots.Write(t.Context(), nil, []call.ID{"before"})
		store.isAway(false)
		time.Sleep(time.Second)
		if got := store.ids(); !slices.Equal(got, []call.ID{"before", "meanwhile"}) {
			t.Errorf("kept %v", got)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAGatewayThatLeavesWritesWhatIsDueAndTheNextOneForgetsWhatNobodyTookUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &counted{}
		s := newSnapshots(t, store)
		s.Keep(living("goes on", 0))
		s.Keep(living("has gone", 0))
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		next := newSnapshots(t, store)
		all, err := next.Load(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatalf("%d calls, %v", len(all), err)
		}
		next.Keep(living("goes on", 1))
		time.Sleep(9 * time.Minute)
		if len(store.ids()) != 2 {
			t.Error("forgotten before its time")
		}
		time.Sleep(2 * time.Minute)
		if got := store.ids(); !slices.Equal(got, []call.ID{"goes on"}) {
			t.Errorf("kept %v", got)
		}
		if err := next.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestSnapshotsOnRedisOutliveItsRestartAndDisturbNobodyMeanwhile(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	r, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	store := r.Snapshots("gw-1")
	s := newSnapshots(t, store)
	until := func(what string, holds func(map[call.ID][]byte) bool) {
		t.Helper()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for began := time.Now(); ; <-tick.C {
			if all, err := store.All(t.Context()); err == nil && holds(all) {
				return
			}
			if time.Since(began) > 15*time.Second {
				t.Fatalf("in vain: %s", what)
			}
		}
	}
	s.Keep(living("a", 0))
	until("a is kept", func(all map[call.ID][]byte) bool { return len(all) == 1 })
	server.Pause()
	began := time.Now()
	for step := range 10_000 {
		s.Keep(living("a", step))
		s.Keep(living("b", step))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("with Redis frozen the calls waited %s", took)
	}
	server.Kill()
	server.Restart()
	until("both are kept as they were last", func(all map[call.ID][]byte) bool {
		return len(all) == 2 && strings.Contains(string(all["a"]), `"Plays":9999`) && strings.Contains(string(all["b"]), `"Plays":9999`)
	})
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// takenUp is a store that fails, while a call that is to go is taken up.
type takenUp struct {
	counted
	take func()
}

func (s *takenUp) Write(ctx context.Context, keep map[call.ID][]byte, drop []call.ID) error {
	err := s.counted.Write(ctx, keep, drop)
	if err != nil && len(drop) > 0 {
		s.take()
	}
	return err
}

func TestACallThatIsTakenUpWhileItsLeftoverGoesIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &takenUp{}
		if err := store.Write(t.Context(), map[call.ID][]byte{"A": []byte("{}")}, nil); err != nil {
			t.Fatal(err)
		}
		s := newSnapshots(t, store)
		store.take = sync.OnceFunc(func() { s.Keep(living("A", 1)) })
		if _, err := s.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.isAway(true)
		time.Sleep(10*time.Minute + time.Second)
		store.isAway(false)
		time.Sleep(time.Minute)
		if got := store.ids(); !slices.Equal(got, []call.ID{"A"}) {
			t.Errorf("kept are %v, want A", got)
		}
		if _, written := store.soFar("A"); written < 2 {
			t.Errorf("A was written %d times, and is another call now", written)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Package standingstest says what every store of standings must do, and
// proves it of each.
package standingstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"weibao/cti"
	"weibao/routing"
)

// Exercise runs the suite; open makes an empty store for each test of it.
func Exercise(t *testing.T, open func(t *testing.T) cti.Standings) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, cti.Standings){
		"an empty store has no standings":                      empty,
		"what was written is read again, every field of it":    kept,
		"a write returns a fence one above":                    grows,
		"a stale fence changes nothing and says what is there": stale,
		"a store that lost writes believes the one who knows":  lost,
		"a writer can raise the fence":                         raised,
		"the same swap again succeeds again":                   repeated,
		"of many at once exactly one wins":                     race,
		"a watcher hears every write":                          watched,
		"a watch ends with its context":                        unwatched,
		"nothing is done for a context that is over":           over,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// Full is a standing in which every field is set.
func Full(agent routing.AgentID) cti.Standing {
	at := time.Date(2026, 10, 1, 2, 3, 4, 567e6, time.UTC)
	return cti.Standing{
		Agent: agent, Presence: routing.Ready, Reason: "用餐 \"a\"", Work: routing.Ringing,
		Call: "01J", Ticket: "01J/help", Queue: "changchun", Gateway: "gw-1", Claim: 7,
		Rung: at.Add(-2 * time.Second), Calls: 3, Missed: 1, Desk: cti.DeskGone, DeskAt: "gw-2",
		Since: at, Idle: at.Add(-time.Minute), RestUntil: at.Add(time.Second), Deadline: at.Add(20 * time.Second),
	}
}

func empty(t *testing.T, s cti.Standings) {
	all, err := s.All(t.Context())
	if err != nil || len(all) != 0 {
		t.Errorf("All() = %v, %v, want nothing", all, err)
	}
}

func kept(t *testing.T, s cti.Standings) {
	want := []cti.Standing{{Agent: "1000"}, Full("1001"), {Agent: "1002", Presence: routing.Away}}
	for i := range want {
		want[i].Fence = write(t, s, 0, want[i])
	}
	check(t, s, want...)
}

func grows(t *testing.T, s cti.Standings) {
	fence := uint64(0)
	for want := range uint64(20) {
		if fence = write(t, s, fence, Full("1001")); fence != want+1 {
			t.Fatalf("fence = %d, want %d", fence, want+1)
		}
	}
}

func stale(t *testing.T, s cti.Standings) {
	first := write(t, s, 0, cti.Standing{Agent: "1001"})
	want := Full("1001")
	want.Fence = write(t, s, first, want)
	for _, fence := range []uint64{0, first} {
		_, err := s.Swap(t.Context(), fence, cti.Standing{Agent: "1001", Presence: routing.Away})
		if !errors.Is(err, cti.ErrStale) {
			t.Fatalf("Swap on fence %d: %v, want ErrStale", fence, err)
		}
		var got *cti.StaleError
		if !errors.As(err, &got) {
			t.Fatalf("%T is not a *StaleError", err)
		}
		if diff := gocmp.Diff(want, got.Stored); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	}
	check(t, s, want)
}

func lost(t *testing.T, s cti.Standings) {
	if got := write(t, s, 41, Full("1001")); got != 42 {
		t.Errorf("fence = %d, want 42", got)
	}
	if _, err := s.Swap(t.Context(), 40, cti.Standing{Agent: "1001"}); !errors.Is(err, cti.ErrStale) {
		t.Errorf("the next with an old fence: %v, want ErrStale", err)
	}
}

func raised(t *testing.T, s cti.Standings) {
	first := write(t, s, 0, Full("1001"))
	now := Full("1001")
	now.Fence = 99
	if got := write(t, s, first, now); got != 100 {
		t.Errorf("fence = %d, want 100", got)
	}
	other := Full("1001")
	if _, err := s.Swap(t.Context(), first, other); !errors.Is(err, cti.ErrStale) {
		t.Errorf("the next on the fence before: %v, want ErrStale", err)
	}
}

func repeated(t *testing.T, s cti.Standings) {
	first := write(t, s, 0, cti.Standing{Agent: "1001"})
	second := write(t, s, first, Full("1001"))
	if again := write(t, s, first, Full("1001")); again != second {
		t.Errorf("fence = %d the second time, want %d", again, second)
	}
	want := Full("1001")
	want.Fence = second
	check(t, s, want)
}

func race(t *testing.T, s cti.Standings) {
	const rounds, racers = 20, 16
	fence := uint64(0)
	for round := range rounds {
		var (
			wg   sync.WaitGroup
			mu   sync.Mutex
			wins []uint64
		)
		for i := range racers {
			wg.Go(func() {
				now := Full("1001")
				now.Gateway = fmt.Sprint("gw-", i)
				got, err := s.Swap(t.Context(), fence, now)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					wins = append(wins, got)
				case !errors.Is(err, cti.ErrStale):
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		if len(wins) != 1 {
			t.Fatalf("round %d: %d of %d won, want 1", round, len(wins), racers)
		}
		fence = wins[0]
	}
}

func watched(t *testing.T, s cti.Standings) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var watches []<-chan cti.Standing
	for range 2 {
		watch, err := s.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		watches = append(watches, watch)
	}
	var want []cti.Standing
	for i := range 50 {
		now := Full(routing.AgentID(fmt.Sprint("10", i)))
		now.Fence = write(t, s, 0, now)
		want = append(want, now)
	}
	for _, watch := range watches {
		for _, w := range want {
			if diff := gocmp.Diff(w, <-watch); diff != "" {
				t.Fatalf("heard (-want +got):\n%s", diff)
			}
		}
	}
}

func unwatched(t *testing.T, s cti.Standings) {
	ctx, stop := context.WithCancel(t.Context())
	watch, err := s.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	for range watch { // ends the test by its time-out if it never closes
	}
	write(t, s, 0, Full("1001"))
}

func over(t *testing.T, s cti.Standings) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Swap(ctx, 0, Full("1001")); !errors.Is(err, context.Canceled) {
		t.Errorf("Swap: %v, want context.Canceled", err)
	}
	if _, err := s.All(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("All: %v, want context.Canceled", err)
	}
	if _, err := s.Watch(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Watch: %v, want context.Canceled", err)
	}
	check(t, s)
}

func write(t *testing.T, s cti.Standings, fence uint64, now cti.Standing) uint64 {
	t.Helper()
	got, err := s.Swap(t.Context(), fence, now)
	if err != nil {
		t.Fatalf("Swap(%d, %s): %v", fence, now.Agent, err)
	}
	return got
}

func check(t *testing.T, s cti.Standings, want ...cti.Standing) {
	t.Helper()
	got, err := s.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b cti.Standing) int { return cmp.Compare(a.Agent, b.Agent) })
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("All (-want +got):\n%s", diff)
	}
}

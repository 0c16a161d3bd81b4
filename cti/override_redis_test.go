package cti

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"weibao/routing"
	"weibao/tests/redistest"
)

// dutyOn opens a book on a real Redis, in real time.
func dutyOn(t *testing.T, addr string, o DutyOptions) (*dutyStage, *RedisDuty) {
	t.Helper()
	r, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	store := r.Duty()
	o.Store = store
	s := newDutyStage(t, o)
	t.Cleanup(func() {
		s.finish()
		_ = r.Close()
	})
	return s, store
}

func TestDutyStoresKeepTheirPromises(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) DutyStore{
		"memory": func(*testing.T) DutyStore { return newDutyMemory() },
		"redis": func(t *testing.T) DutyStore {
			r, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{redistest.Start(t).Addr()}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = r.Close() })
			return r.Duty()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dutyStoreConforms(t, open(t))
		})
	}
}

func dutyStoreConforms(t *testing.T, store DutyStore) {
	t.Helper()
	ctx := t.Context()
	if all, err := store.All(ctx); err != nil || len(all) != 0 {
		t.Fatalf("an empty store has %v, %v", all, err)
	}
	watch, err := store.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := wish("a").Move(routing.Asked, "1009 金美善", time.Date(2026, 9, 30, 1, 2, 3, 456_789_000, time.FixedZone("", 8*3600)))
	approved, _ := asked.Move(routing.Approved, "1019", now())
	first, err := store.Swap(ctx, overridePage(asked))
	if err != nil || first.Version != 1 || !first.says(overridePage(asked)) {
		t.Fatalf("first: %+v, %v", first, err)
	}
	if again, err := store.Swap(ctx, overridePage(asked)); err != nil || again.Version != 1 {
		t.Errorf("the very same again: %+v, %v", again, err)
	}
	next := overridePage(approved)
	_, err = store.Swap(ctx, next)
	if stale := (*StaleDutyError)(nil); !errors.As(err, &stale) || stale.Stored.Version != 1 || !stale.Stored.says(first) {
		t.Errorf("without having read: %v", err)
	}
	next.Version = 1
	if second, err := store.Swap(ctx, next); err != nil || second.Version != 2 {
		t.Errorf("second: %+v, %v", second, err)
	}
	note := notePage(routing.HandOver{Post: "222400", At: now(), By: "1009", Text: "等回电"})
	note.Version = 7 // the store has lost six writes
	if got, err := store.Swap(ctx, note); err != nil || got.Version != 8 {
		t.Errorf("note: %+v, %v", got, err)
	}
	for _, want := range []string{"override:a 1", "override:a 2", "note:222400 8"} {
		if page := <-watch; fmt.Sprint(page.key(), " ", page.Version) != want {
			t.Errorf("watched %s %d, want %s", page.key(), page.Version, want)
		}
	}
	all, err := store.All(ctx)
	if err != nil || len(all) != 2 {
		t.Errorf("holds %+v, %v", all, err)
	}
}

func TestSecondGatewaySeesAnOverrideWithinASecond(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t).Addr()
	one, _ := dutyOn(t, addr, DutyOptions{})
	two, _ := dutyOn(t, addr, DutyOptions{})
	for i, s := range []*dutyStage{one, two} { // both are joined when each knows the other's
		id := fmt.Sprint("joined", i)
		s.asks(id, routing.Asked)
		one.sees(10*time.Second, id, routing.Asked)
		two.sees(10*time.Second, id, routing.Asked)
	}
	if kept := one.asks("a", routing.Asked); !kept.Shared {
		t.Errorf("%+v", kept)
	}
	asked := two.sees(10*time.Second, "a", routing.Asked)
	two.moves("a", routing.Approved)
	approved := one.sees(10*time.Second, "a", routing.Approved)
	t.Logf("asked seen after %v, approved after %v", asked, approved)
	if max(asked, approved) > time.Second {
		t.Errorf("seen after %v and %v, want within 1s", asked, approved)
	}
	if _, kept, err := two.HandOver(t.Context(), routing.HandOver{Post: "222400", By: "1009", Text: "等回电"}); err != nil || !kept.Shared {
		t.Errorf("%+v, %v", kept, err)
	}
	for note := (routing.HandOver{}); note.Text == ""; note, _ = one.Now().Note("222400") {
		<-one.seen
	}
	one.finish()
	two.finish()
	for _, s := range []*dutyStage{one, two} {
		if got := s.ledger.lines("a"); got != "asked approved" {
			t.Errorf("journal: %s", got)
		}
	}
}

func TestBookGoesOnWhileRedisIsAwayAndAgreesAfter(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begin, end func(*redistest.Server) }{
		"frozen": {(*redistest.Server).Pause, (*redistest.Server).Resume},
		"killed": {(*redistest.Server).Kill, (*redistest.Server).Restart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			// A frozen Redis is not waited for: what production waits is enough.
			one, store := dutyOn(t, server.Addr(), DutyOptions{Patience: 300 * time.Millisecond})
			two, _ := dutyOn(t, server.Addr(), DutyOptions{Patience: 300 * time.Millisecond})
			for _, id := range []string{"a", "b", "c"} {
				one.asks(id, routing.Asked)
				two.sees(10*time.Second, id, routing.Asked)
			}
			outage.begin(server)
			began := time.Now()
			if kept := one.moves("a", routing.Approved); kept.Shared {
				t.Error("shared with nobody")
			}
			t.Logf("taken without Redis after %v", time.Since(began))
			two.moves("b", routing.Refused)
			one.moves("b", routing.Approved) // two people who do not know of each other
			two.moves("c", routing.Accepted)
			two.asks("d", routing.Approved)
			outage.end(server)
			want := map[string]routing.OverrideState{"a": routing.Approved, "b": routing.Refused, "c": routing.Accepted, "d": routing.Approved}
			for id, state := range want {
				one.sees(20*time.Second, id, state)
				two.sees(20*time.Second, id, state)
			}
			one.finish()
			two.finish()
			all, err := store.All(t.Context())
			if err != nil || len(all) != len(want) {
				t.Errorf("stored %+v, %v", all, err)
			}
			for _, page := range all {
				if page.Override.State != want[page.Override.ID] {
					t.Errorf("stored %s is %s", page.Override.ID, page.Override.State)
				}
			}
			if got := one.ledger.lines("b") + ", " + two.ledger.lines("b"); got != "asked approved refused, asked refused" {
				t.Errorf("journals: %s", got)
			}
		})
	}
}

func TestRedisThatHasLostEverythingIsFilledFromTheJournal(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	first, _ := dutyOn(t, server.Addr(), DutyOptions{})
	first.asks("a", routing.Asked)
	first.moves("a", routing.Approved)
	first.finish()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	overrides, notes := first.ledger.read()
	again, _ := dutyOn(t, server.Addr(), DutyOptions{Overrides: overrides, Notes: notes})
	fresh, _ := dutyOn(t, server.Addr(), DutyOptions{})
	fresh.sees(10*time.Second, "a", routing.Approved)
	again.moves("a", routing.Withdrawn)
	fresh.sees(10*time.Second, "a", routing.Withdrawn)
}

// Many people at two gateways take the same steps at once: each step is taken
// by one of them.
func TestManyPeopleAtOnceSettleEachOverrideOnce(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t).Addr()
	one, _ := dutyOn(t, addr, DutyOptions{})
	two, _ := dutyOn(t, addr, DutyOptions{})
	const overrides = 10
	for i := range overrides {
		one.asks(fmt.Sprint("o", i), routing.Asked)
		two.sees(10*time.Second, fmt.Sprint("o", i), routing.Asked)
	}
	var mu sync.Mutex
	took := make(map[string]int)
	var people sync.WaitGroup
	for i := range overrides {
		for person, to := range []routing.OverrideState{routing.Withdrawn, routing.Refused, routing.Withdrawn, routing.Refused} {
			people.Go(func() {
				id, by := fmt.Sprint("o", i), fmt.Sprint(person)
				o, _, err := []*dutyStage{one, two}[person%2].Move(t.Context(), id, to, by)
				settled := (*SettledError)(nil)
				if err != nil && !errors.As(err, &settled) {
					t.Error(err)
				}
				if err == nil && o.Steps[len(o.Steps)-1].By == by {
					mu.Lock()
					defer mu.Unlock()
					took[id]++
				}
			})
		}
	}
	people.Wait()
	for i := range overrides {
		if n := took[fmt.Sprint("o", i)]; n != 1 {
			t.Errorf("override %d was settled by %d people", i, n)
		}
	}
}

package cti_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"weibao/cti"
	"weibao/cti/standingstest"
	"weibao/tests/redistest"
)

func TestMemoryKeepsStandings(t *testing.T) {
	t.Parallel()
	standingstest.Exercise(t, func(*testing.T) cti.Standings { return cti.NewMemory() })
}

func TestRedisKeepsStandings(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	standingstest.Exercise(t, func(t *testing.T) cti.Standings {
		return openRedis(t, server.Addr(), t.Name())
	})
}

func openRedis(t *testing.T, addr, prefix string) *cti.Redis {
	t.Helper()
	r, err := cti.OpenRedis(t.Context(), cti.RedisOptions{Addrs: []string{addr}, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestRedisThatCanNotBeReachedIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	began := time.Now()
	r, err := cti.OpenRedis(t.Context(), cti.RedisOptions{Addrs: []string{addr}})
	if r == nil {
		t.Fatalf("OpenRedis: %v, and no store to go on with", err)
	}
	t.Cleanup(func() { _ = r.Close() })
	if !errors.Is(err, cti.ErrRedisAway) || !strings.Contains(err.Error(), addr) || strings.Contains(err.Error(), "\n") {
		t.Errorf("OpenRedis: %v, want one line that names %s", err, addr)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestRedisThatRefusesUsIsNotTakenForOneThatIsAway(t *testing.T) {
	t.Parallel()
	addr := redistest.Start(t).Addr()
	client := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { _ = client.Close() })
	if err := client.ConfigSet(t.Context(), "requirepass", "a-word").Err(); err != nil {
		t.Fatal(err)
	}
	r, err := cti.OpenRedis(t.Context(), cti.RedisOptions{Addrs: []string{addr}})
	if r != nil || err == nil || errors.Is(err, cti.ErrRedisAway) || !strings.Contains(err.Error(), addr) {
		t.Errorf("OpenRedis: %v", err)
	}
}

func TestFenceOutlivesTheStandingInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store := openRedis(t, server.Addr(), "t")
	fence := uint64(0)
	for range 3 {
		fence, _ = store.Swap(t.Context(), fence, standingstest.Full("1001"))
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	if n, err := client.HDel(t.Context(), "{t}:standings", "1001").Result(); n != 1 || err != nil {
		t.Fatalf("HDEL = %d, %v", n, err)
	}
	_, err := store.Swap(t.Context(), 0, standingstest.Full("1001"))
	var stale *cti.StaleError
	if !errors.As(err, &stale) || stale.Stored.Fence != fence {
		t.Errorf("Swap after the deletion: %v, want a stale fence of %d", err, fence)
	}
}

func TestStandingsOutliveAKilledRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store := openRedis(t, server.Addr(), "t")
	if _, err := store.Swap(t.Context(), 0, standingstest.Full("1001")); err != nil {
		t.Fatal(err)
	}
	watch, err := store.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	for range watch { // closes
	}
	server.Restart()
	all, err := store.All(t.Context())
	if err != nil || len(all) != 1 || all[0].Fence != 1 {
		t.Errorf("All() = %v, %v, want the one standing", all, err)
	}
	// The script has to be sent again to a new server.
	if fence, err := store.Swap(t.Context(), 1, all[0]); fence != 2 || err != nil {
		t.Errorf("Swap() = %d, %v, want 2", fence, err)
	}
}

func TestPausedRedisHoldsNobodyLongerThanItsTimeouts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store := openRedis(t, server.Addr(), "t")
	watch, err := store.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server.Pause()
	began := time.Now()
	if _, err := store.Swap(t.Context(), 0, standingstest.Full("1001")); err == nil {
		t.Error("Swap on a paused Redis succeeded")
	}
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("Swap took %v", took)
	}
	for range watch { // closes, though the connection is still there
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the broken watch was noticed after %v", took)
	}
	if _, err := store.Watch(t.Context()); err == nil {
		t.Error("Watch on a paused Redis succeeded")
	}
	server.Resume()
}

package cti

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"weibao/call"
	"weibao/routing"
	"weibao/tests/redistest"
)

// onRedis opens a floor on a real Redis, in real time.
func onRedis(t *testing.T, addr, gateway string) (*floorStage, *Redis) {
	t.Helper()
	store, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	s := newFloorStage(t, FloorOptions{Gateway: gateway, Standings: store})
	s.settle = func() {}
	t.Cleanup(func() {
		s.finish()
		_ = store.Close()
	})
	return s, store
}

// offered waits for the offer to a ticket.
func (s *floorStage) offered(most time.Duration, id routing.TicketID) (call.Offer, time.Duration) {
	s.t.Helper()
	var found call.Offer
	took := s.eventually(most, "an offer to "+string(id), func() bool {
		for _, o := range s.all() {
			if o.Ticket == id {
				found = o
			}
		}
		return found.Ticket == id
	})
	return found, took
}

func TestFloorGoesOnWhileRedisIsAwayAndTellsItAfter(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begin, end func(*redistest.Server) }{
		"frozen": {(*redistest.Server).Pause, (*redistest.Server).Resume},
		"killed": {(*redistest.Server).Kill, (*redistest.Server).Restart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			s, store := onRedis(t, server.Addr(), "gw-1")
			other, _ := onRedis(t, server.Addr(), "gw-2")
			s.roster(0, "1001", "1002", "1003", "1004")
			other.roster(0, "1001", "1002", "1003", "1004")
			s.ready("1001", "1002", "1003")
			s.enqueue("A")
			a, _ := s.offered(5*time.Second, "A")
			other.eventually(5*time.Second, "the other gateway sees the claim", func() bool {
				return other.agent("1001") == "ready claimed"
			})

			outage.begin(server)
			s.enqueue("B")
			b, took := s.offered(time.Second, "B")
			t.Logf("%s: offered %v after Redis had gone", name, took)
			s.eventually(time.Second, "it says that it goes on alone", s.d.Degraded)
			s.enqueue("C")
			c, took := s.offered(time.Second, "C")
			if took > 200*time.Millisecond {
				t.Errorf("with Redis known to be away an offer took %v", took)
			}
			began := time.Now()
			s.report(a, call.SeenRinging, call.SeenPicked)
			s.report(b, call.SeenNoAnswer)
			s.say("1004", routing.Away)
			s.wantsAgent("1001", "ready talking")
			if took := time.Since(began); took > 200*time.Millisecond {
				t.Errorf("commands took %v", took)
			}

			outage.end(server)
			took = s.eventually(5*time.Second, "Redis is found again", func() bool { return !s.d.Degraded() })
			t.Logf("%s: found %v after it was back", name, took)
			want := map[routing.AgentID]string{
				"1001": "ready talking", "1003": "ready claimed", "1004": "away free",
			}
			other.eventually(5*time.Second, "the other gateway sees what was done meanwhile", func() bool {
				for id, words := range want {
					if other.agent(id) != words {
						return false
					}
				}
				return true
			})
			all := byAgent(t, store)
			for _, o := range []call.Offer{a, b, c} {
				if got := all[o.Agent].Fence; got < o.Fence {
					t.Errorf("stored fence of %s is %d, below the offer's %d", o.Agent, got, o.Fence)
				}
			}
			s.report(a, call.SeenLeft)
			other.eventually(5*time.Second, "the seat is free everywhere", func() bool {
				return other.agent("1001") != "ready talking"
			})
			s.counts("weibao_floor_clashes_total", 0)
			other.counts("weibao_floor_clashes_total", 0)
			s.counts("weibao_floor_stale_reports_total", 0)
		})
	}
}

func TestFlushedRedisIsFilledAgain(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s, store := onRedis(t, server.Addr(), "gw-1")
	s.roster(0, "1001")
	s.ready("1001")
	s.enqueue("A")
	a, _ := s.offered(5*time.Second, "A")
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	client.FlushAll(t.Context())
	s.report(a, call.SeenPicked)
	s.eventually(5*time.Second, "the talk is stored above the claim", func() bool {
		got := byAgent(t, store)["1001"]
		return got.Work == routing.Talking && got.Claim == a.Fence && got.Fence > a.Fence
	})
}

func TestGatewayThatStartsAgainFindsItsSeats(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	first, _ := onRedis(t, server.Addr(), "gw-1")
	first.roster(0, "1001", "1002")
	first.ready("1001", "1002")
	first.enqueue("A")
	a, _ := first.offered(5*time.Second, "A")
	first.report(a, call.SeenPicked)
	first.eventually(5*time.Second, "talking", func() bool { return first.agent("1001") == "ready talking" })
	first.finish()

	again, store := onRedis(t, server.Addr(), "gw-1")
	again.die("nobody")
	again.roster(0, "1001", "1002")
	again.eventually(5*time.Second, "the seats are as they were", func() bool {
		return again.agent("1001") == "ready talking" && again.agent("1002") == "ready free"
	})
	again.report(a, call.SeenLeft)
	again.eventually(5*time.Second, "free in Redis", func() bool {
		return byAgent(t, store)["1001"].Work == routing.Free
	})
}

func TestManyClaimsThroughRedisByTwoGatewaysAreEachMadeOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var agents []routing.AgentID
	for i := range 40 {
		agents = append(agents, routing.AgentID(fmt.Sprint(1001+i)))
	}
	var gateways []*floorStage
	for i := range 2 {
		s, _ := onRedis(t, server.Addr(), fmt.Sprint("gw-", i))
		s.roster(0, agents...)
		for _, a := range agents {
			s.d.SetReachable(a, true)
		}
		gateways = append(gateways, s)
	}
	gateways[0].ready(agents...)
	gateways[1].eventually(5*time.Second, "everybody is ready", func() bool {
		return !slices.ContainsFunc(agents, func(a routing.AgentID) bool { return gateways[1].agent(a) != "ready free" })
	})
	for i := range len(agents) {
		s := gateways[i%2]
		id := call.ID(fmt.Sprint("call-", i))
		_ = s.d.Enqueue(context.Background(), id, routing.Ticket{ID: routing.TicketID(id), Wants: routing.AnyOf("q"), Since: now()})
	}
	gateways[0].eventually(10*time.Second, "every caller has a seat", func() bool {
		return len(gateways[0].all())+len(gateways[1].all()) >= len(agents)
	})
	seats := make(map[routing.AgentID]routing.TicketID)
	for _, s := range gateways {
		for _, o := range s.all() {
			if before, twice := seats[o.Agent]; twice {
				t.Errorf("seat %s was given to %s and to %s", o.Agent, before, o.Ticket)
			}
			seats[o.Agent] = o.Ticket
		}
	}
	if len(seats) != len(agents) {
		t.Errorf("%d seats were given, want %d", len(seats), len(agents))
	}
}

package cti

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
	"weibao/tests/redistest"
)

// onOneRedis opens several gateways of one floor on a real Redis. Each seat
// has its phone at one gateway, as where each gateway has its own Asterisk.
func onOneRedis(t *testing.T, server *redistest.Server, gateways int, agents ...routing.AgentID) []*floorStage {
	t.Helper()
	var all []*floorStage
	for i := range gateways {
		store, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{server.Addr()}})
		if err != nil {
			t.Fatal(err)
		}
		s := newFloorStage(t, FloorOptions{Gateway: fmt.Sprint("gw-", i), Standings: store, Tickets: store.Tickets()})
		s.settle = func() {}
		t.Cleanup(func() {
			s.finish()
			_ = store.Close()
		})
		s.roster(0, agents...)
		all = append(all, s)
	}
	return all
}

// sees waits until a gateway sees that line.
func (s *floorStage) sees(want ...string) {
	s.t.Helper()
	s.eventually(10*time.Second, fmt.Sprint("the line is ", want), func() bool { return slices.Equal(s.line(), want) })
}

func TestThreeGatewaysOnOneRedisServeOneLineInOrder(t *testing.T) {
	t.Parallel()
	agents := []routing.AgentID{"1001", "1002"}
	gateways := onOneRedis(t, redistest.Start(t), 3, agents...)
	for _, s := range gateways {
		for _, a := range agents {
			s.d.SetReachable(a, true)
		}
	}
	var line []string
	for i := range 12 {
		id := fmt.Sprintf("call-%02d", i)
		gateways[i%3].enqueue(call.ID(id))
		line = append(line, fmt.Sprintf("%d %s@gw-%d", i+1, id, i%3))
	}
	for _, s := range gateways {
		s.sees(line...)
	}
	gateways[0].ready(agents...)
	// One talk at a time from here on: who is offered next is a matter of order
	// alone.
	var busy []call.Offer
	var served []string
	for i := range 12 {
		o, _ := gateways[i%3].offered(10*time.Second, routing.TicketID(fmt.Sprintf("call-%02d", i)))
		for _, other := range busy {
			if other.Agent == o.Agent {
				t.Fatalf("%s has seat %s, which %s has too", o.Ticket, o.Agent, other.Ticket)
			}
		}
		busy, served = append(busy, o), append(served, string(o.Ticket))
		if len(busy) == len(agents) {
			gone := busy[0]
			busy = busy[1:]
			gateways[(i-1)%3].report(gone, call.SeenPicked, call.SeenLeft)
		}
	}
	offers := 0
	for _, s := range gateways {
		offers += len(s.all())
		s.counts("weibao_floor_clashes_total", 0)
	}
	if offers != 12 {
		t.Errorf("%d offers for 12 callers: %v", offers, served)
	}
}

func TestTwoGatewaysGoOnWithTheirOwnWhileRedisIsAwayAndAreOneFloorAgainAfter(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begin, end func(*redistest.Server) }{
		"frozen": {(*redistest.Server).Pause, (*redistest.Server).Resume},
		"killed": {(*redistest.Server).Kill, (*redistest.Server).Restart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			gateways := onOneRedis(t, server, 2, "1001", "1002")
			one, two := gateways[0], gateways[1]
			one.d.SetReachable("1001", true)
			two.d.SetReachable("1002", true)
			two.enqueue("A")
			one.enqueue("B")
			for _, s := range gateways {
				s.sees("1 A@gw-1", "2 B@gw-0")
			}
			outage.begin(server)
			one.say("1001", routing.Ready)
			two.say("1002", routing.Ready)
			b, tookB := one.offered(2*time.Second, "B")
			a, tookA := two.offered(2*time.Second, "A")
			for _, s := range gateways {
				s.eventually(5*time.Second, "it says that it goes on alone", s.d.Degraded)
			}
			one.sees("1 B@gw-0")
			t.Logf("%s: own callers had own seats after %v and %v", name, tookB, tookA)
			one.report(b, call.SeenPicked)
			two.enqueue("C")
			outage.end(server)
			for _, s := range gateways {
				s.eventually(10*time.Second, "Redis is found again", func() bool { return !s.d.Degraded() })
			}
			one.sees("1 A@gw-1", "2 C@gw-1")
			two.sees("1 A@gw-1", "2 C@gw-1")
			two.report(a, call.SeenPicked)
			one.eventually(10*time.Second, "both see both talks", func() bool {
				return one.agent("1002") == "ready talking" && two.agent("1001") == "ready talking"
			})
			two.report(a, call.SeenLeft)
			c, _ := two.offered(10*time.Second, "C")
			if c.Agent != "1002" {
				t.Errorf("C has seat %s", c.Agent)
			}
			for i, want := range []string{"[B>1001]", "[A>1002 C>1002]"} {
				if got := fmt.Sprint(gateways[i].made()); got != want {
					t.Errorf("gateway %d made the offers %s, want %s", i, got, want)
				}
				gateways[i].counts("weibao_floor_clashes_total", 0)
			}
		})
	}
}

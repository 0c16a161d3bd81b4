package cti

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weibao/call"
	"weibao/routing"
)

// world is several gateways over one store with callers and seats that do
// what they like. It plays every call itself and checks the promises at every
// event. What goes wrong is collected: a bubble must not end a rapid test.
type world struct {
	gateways []*floorStage
	stores   []*flaky
	lines    []*flakyTickets
	tickets  *MemoryTickets
	skews    []*atomic.Int64 // how far the clocks are off
	orderly  time.Time       // from when the line has an order: nothing has been disturbed for long
	watched  *watchedStore
	random   *rand.Rand
	agents   []routing.AgentID
	roster   []Seat
	shared   bool // every gateway reaches every seat

	mu     sync.Mutex
	single bool // seats come free one after the other
	calls  map[routing.TicketID]*caller
	seats  map[routing.AgentID]call.Offer // at work, as the calls know it
	fences map[routing.AgentID]uint64
	faults []string
}

// caller is one call as the world plays it.
type caller struct {
	ticket  routing.Ticket
	gateway int
	entered time.Time // for the order of the line
	queued  bool
	offer   *call.Offer
	offered time.Time
	alone   bool // no other seat came free then
	talking bool
}

func (w *world) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// offered checks the promises: one seat a caller, one caller a seat, fences
// only grow.
func (w *world) offered(gateway int, ev call.Event) {
	offered, ok := ev.(call.Offered)
	if !ok {
		return
	}
	o := offered.Offer
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.calls[o.Ticket]
	if held, taken := w.seats[o.Agent]; taken {
		w.fault("seat %s given to %s while it has %s", o.Agent, o.Ticket, held.Ticket)
	}
	if o.Fence <= w.fences[o.Agent] {
		w.fault("fence of %s is %d after %d", o.Agent, o.Fence, w.fences[o.Agent])
	}
	w.fences[o.Agent] = o.Fence
	switch {
	case c.gateway != gateway:
		w.fault("ticket %s of gateway %d offered by %d", o.Ticket, c.gateway, gateway)
	case c.offer != nil:
		w.fault("ticket %s given %s while it has %s", o.Ticket, o.Agent, c.offer.Agent)
	}
	c.offer, c.offered, c.alone = &o, time.Now(), w.single
	w.seats[o.Agent] = o
}

// watchedStore checks that stored fences only grow.
type watchedStore struct {
	Standings
	mu     sync.Mutex
	fences map[routing.AgentID]uint64
	lost   map[routing.TicketID]time.Time // when another gateway was quicker to claim a seat
	faults []string
}

func (s *watchedStore) Swap(ctx context.Context, fence uint64, now Standing) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	got, err := s.Standings.Swap(ctx, fence, now)
	if err == nil {
		// Equal is the same standing written twice, which is one write.
		if got < s.fences[now.Agent] {
			s.faults = append(s.faults, fmt.Sprintf("stored fence of %s is %d after %d", now.Agent, got, s.fences[now.Agent]))
		}
		s.fences[now.Agent] = got
	} else if now.Work == routing.Claimed {
		s.lost[now.Ticket] = time.Now()
	}
	return got, err
}

func newWorld(t *testing.T, gateways, agents int, seed uint64, shared bool) *world {
	w := &world{
		random: rand.New(rand.NewPCG(seed, 1)), shared: shared,
		tickets: NewMemoryTickets(),
		watched: &watchedStore{Standings: NewMemory(), fences: make(map[routing.AgentID]uint64), lost: make(map[routing.TicketID]time.Time)},
		calls:   make(map[routing.TicketID]*caller), seats: make(map[routing.AgentID]call.Offer),
		fences: make(map[routing.AgentID]uint64),
	}
	var seats []Seat
	for i := range agents {
		id := routing.AgentID(fmt.Sprint(1001 + i))
		w.agents = append(w.agents, id)
		serves := []string{"a", "b"}
		if shared { // else every gateway needs seats for both
			serves = [][]string{{"a"}, {"b"}, {"a", "b"}}[i%3]
		}
		seats = append(seats, Seat{ID: id, Queues: serves})
	}
	w.roster = seats
	queues := map[string]routing.Queue{"a": {Name: "a"}, "b": {Name: "b", WrapUp: 3 * time.Second}}
	for i := range gateways {
		store, line, skew := &flaky{Standings: w.watched}, &flakyTickets{Tickets: w.tickets}, new(atomic.Int64)
		w.lines, w.skews = append(w.lines, line), append(w.skews, skew)
		s := newFloorStage(t, FloorOptions{
			Gateway: fmt.Sprint("gw-", i), Standings: store, Tickets: line, RingLimit: 1000 * time.Hour,
			Clock: func() time.Time { return time.Now().Add(time.Duration(skew.Load())) },
		})
		s.tap = func(ev call.Event) { w.offered(i, ev) }
		s.d.SetRoster(seats, queues)
		w.gateways, w.stores = append(w.gateways, s), append(w.stores, store)
	}
	return w
}

// act is one random thing that happens.
func (w *world) act(kind, pick int) {
	g := pick % len(w.gateways)
	store := w.stores[g]
	agent := w.agents[pick/7%len(w.agents)]
	switch kind {
	case 0, 1, 2:
		w.arrive(g, pick)
	case 3, 4, 5, 6, 7:
		w.answer(pick)
	case 8:
		w.abandon(pick)
	case 9, 10:
		presence := []routing.Presence{routing.Ready, routing.Ready, routing.Away, routing.Offline}[pick/3%4]
		w.gateways[w.home(agent, g)].say(agent, presence)
	case 11:
		w.gateways[w.home(agent, g)].d.SetReachable(agent, pick%4 != 0)
	case 12:
		store.mu.Lock()
		store.slow = time.Duration(pick%280) * time.Millisecond
		store.mu.Unlock()
	case 13:
		if !w.shared {
			store.set([]error{nil, errStore, nil}[pick%3], []error{nil, nil, errStore}[pick%3])
		}
	case 14, 15, 16:
		w.disturb(g, kind, pick/3)
	default:
		time.Sleep(time.Duration(pick%2000) * time.Millisecond)
	}
}

// home is the gateway that a seat belongs to where they are not shared.
func (w *world) home(agent routing.AgentID, g int) int {
	if w.shared {
		return g
	}
	return slices.Index(w.agents, agent) % len(w.gateways)
}

func (w *world) arrive(g, pick int) {
	time.Sleep(time.Millisecond)
	w.mu.Lock()
	id := routing.TicketID(fmt.Sprintf("call-%04d", len(w.calls)))
	c := &caller{gateway: g, queued: true, entered: now(), ticket: routing.Ticket{
		ID: id, Wants: routing.AnyOf([][]string{{"a"}, {"b"}, {"a", "b"}}[pick/5%3]...),
		Since: now().Add(-time.Duration(pick%5) * time.Second), Boost: pick / 11 % 2 * routing.BoostReturn,
	}}
	w.calls[id] = c
	w.mu.Unlock()
	_ = w.gateways[g].d.Enqueue(context.Background(), call.ID(id), c.ticket)
}

// some returns a caller of those that fit.
func (w *world) some(pick int, fits func(*caller) bool) *caller {
	w.mu.Lock()
	defer w.mu.Unlock()
	var fit []*caller
	for _, c := range w.calls {
		if fits(c) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	slices.SortFunc(fit, func(a, b *caller) int { return a.entered.Compare(b.entered) })
	return fit[pick%len(fit)]
}

// answer reports on an offer, or ends a talk.
func (w *world) answer(pick int) {
	c := w.some(pick, func(c *caller) bool { return c.offer != nil })
	if c == nil {
		return
	}
	if c.talking {
		w.report(c, call.SeenLeft)
		return
	}
	w.report(c, []call.Seen{
		call.SeenRinging, call.SeenPicked, call.SeenPicked, call.SeenNoAnswer, call.SeenRejected,
		call.SeenBusy, call.SeenUnreachable, call.SeenRinging,
	}[pick/3%8])
}

func (w *world) report(c *caller, what call.Seen) {
	w.mu.Lock()
	o := *c.offer
	switch what {
	case call.SeenRinging:
	case call.SeenPicked:
		c.talking, c.queued = true, false
	default:
		c.offer, c.talking = nil, false
		delete(w.seats, o.Agent)
	}
	w.mu.Unlock()
	_ = w.gateways[c.gateway].d.Report(context.Background(), call.ID(o.Ticket),
		call.Report{Ticket: o.Ticket, Agent: o.Agent, Fence: o.Fence, What: what})
}

// abandon is a caller who leaves the line: its call withdraws the ticket and
// lets go of whoever is being rung, now or as soon as it learns of the offer.
func (w *world) abandon(pick int) {
	c := w.some(pick, func(c *caller) bool { return c.queued })
	if c == nil {
		return
	}
	c.queued = false
	_ = w.gateways[c.gateway].d.Withdraw(context.Background(), c.ticket.ID)
	w.release()
}

// release cancels offers to callers who have left.
func (w *world) release() {
	for {
		c := w.some(0, func(c *caller) bool { return c.offer != nil && !c.queued && !c.talking })
		if c == nil {
			return
		}
		w.report(c, call.SeenCancelled)
	}
}

// serve ends every disturbance and answers every offer until the line is
// empty: nobody is lost.
func (w *world) serve() {
	for i, store := range w.stores {
		w.calm(i)
		store.set(nil, nil)
		store.mu.Lock()
		store.slow = 0
		store.mu.Unlock()
		for _, a := range w.agents {
			if w.shared || w.home(a, 0) == i {
				w.gateways[i].d.SetReachable(a, true)
			}
		}
	}
	time.Sleep(passMost + 15*time.Second) // whoever was passed over has another chance
	if w.shared {
		w.orderly = time.Now()
	}
	left := 0
	for round := range len(w.calls) + 10 {
		for _, a := range w.agents {
			w.gateways[w.home(a, 0)].say(a, routing.Ready)
		}
		time.Sleep(5 * time.Second)
		w.keepsOrder()
		w.release()
		if round%2 == 1 {
			w.oneByOne()
		} else {
			for w.next() {
			}
		}
		left = 0
		for _, c := range w.calls {
			if c.queued {
				left++
			}
		}
		if left == 0 {
			break
		}
	}
	if left > 0 {
		w.fault("%d callers were never given a seat", left)
	}
	time.Sleep(15 * time.Second)
	w.agree()
	w.balance()
}

// next ends the talk of the first caller who has a seat; false when nobody has.
func (w *world) next() bool {
	c := w.some(0, func(c *caller) bool { return c.offer != nil })
	if c == nil {
		return false
	}
	if !c.talking {
		w.report(c, call.SeenPicked)
	}
	w.report(c, call.SeenLeft)
	return true
}

// agree checks that every gateway sees every seat free, as the store does.
func (w *world) agree() {
	for i, s := range w.gateways {
		for _, a := range s.view().Agents {
			if a.Work != routing.Free {
				w.fault("gateway %d sees %s at %s for %s when all is over", i, a.Agent, a.Work, a.Call)
			}
		}
		w.gateways[i].counts("weibao_floor_reaped_total", 0)
		w.gateways[i].counts("weibao_floor_clashes_total", 0)
	}
}

// play lets a script happen and returns what went wrong.
func (w *world) play(script []int) []string {
	for _, step := range script {
		w.act(step%20, step/20)
		if step%3 == 0 {
			synctest.Wait()
			w.release()
		}
	}
	w.serve()
	for _, s := range w.gateways {
		s.finish()
	}
	return append(w.faults, w.watched.faults...)
}

func propertyOfWorlds(t *testing.T, shared bool) {
	t.Helper()
	script := rapid.SliceOfN(rapid.IntRange(0, 1_000_000), 20, 200)
	rapid.Check(t, func(rt *rapid.T) {
		gateways := rapid.IntRange(1, 3).Draw(rt, "gateways")
		agents := rapid.IntRange(3, 8).Draw(rt, "agents")
		steps := script.Draw(rt, "script")
		var faults []string
		synctest.Test(t, func(t *testing.T) {
			faults = newWorld(t, gateways, agents, 1, shared).play(steps)
		})
		if len(faults) > 0 {
			rt.Fatalf("%d promises broken, the first: %s", len(faults), faults[0])
		}
	})
}

func TestManyGatewaysOverOneStoreKeepOneSeatToOneCaller(t *testing.T) {
	t.Parallel()
	propertyOfWorlds(t, true)
}

func TestGatewaysThatLoseTheirStoreKeepOneSeatToOneCaller(t *testing.T) {
	t.Parallel()
	propertyOfWorlds(t, false)
}

package cti

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/routing"
)

// floorStage is a running dispatcher and the calls that it serves.
type floorStage struct {
	t      testing.TB
	d      *Dispatcher
	reg    *prometheus.Registry
	start  time.Time
	finish func()
	ctx    context.Context
	settle func()        // waits until nothing moves any more
	signal chan struct{} // filled when something has happened
	tap    func(call.Event)

	mu        sync.Mutex
	offers    []call.Offer
	unstaffed []routing.TicketID
	stands    []call.Stands
	dead      map[call.ID]bool
	changes   int
}

// newFloorStage opens a floor; its store is memory unless o names one.
func newFloorStage(t testing.TB, o FloorOptions) *floorStage {
	t.Helper()
	s := &floorStage{t: t, reg: prometheus.NewRegistry(), start: now(), dead: make(map[call.ID]bool), settle: synctest.Wait, signal: make(chan struct{}, 1)}
	o.Metrics, o.Deliver, o.Live = s.reg, s.deliver, s.live
	o.OnChange = func() { s.happened(func() { s.changes++ }) }
	d, err := NewDispatcher(o)
	if err != nil {
		t.Fatal(err)
	}
	s.d = d
	ctx, stop := context.WithCancel(context.Background())
	s.ctx = ctx
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	s.finish = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *floorStage) deliver(_ call.ID, ev call.Event) {
	if s.tap != nil {
		s.tap(ev)
	}
	s.happened(func() {
		switch ev := ev.(type) {
		case call.Offered:
			s.offers = append(s.offers, ev.Offer)
		case call.Crowded:
			s.unstaffed = append(s.unstaffed, ev.Ticket)
		case call.Stands:
			s.stands = append(s.stands, ev)
		}
	})
}

func (s *floorStage) happened(what func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what()
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// eventually waits in real time for something to become so and returns how
// long it took.
func (s *floorStage) eventually(most time.Duration, what string, is func() bool) time.Duration {
	s.t.Helper()
	began, limit := time.Now(), time.After(most)
	look := time.NewTicker(10 * time.Millisecond) // for what does not signal
	defer look.Stop()
	for !is() {
		select {
		case <-s.signal:
		case <-look.C:
		case <-limit:
			s.t.Fatalf("not within %v: %s", most, what)
		}
	}
	return time.Since(began)
}

func (s *floorStage) live(id call.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.dead[id]
}

func (s *floorStage) die(id call.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead[id] = true
}

// roster seats everybody in queue "q", with 15 s of ringing and that rest.
func (s *floorStage) roster(wrapUp time.Duration, agents ...routing.AgentID) {
	var seats []Seat
	for _, a := range agents {
		seats = append(seats, Seat{ID: a, Name: "name of " + string(a), Queues: []string{"q"}})
	}
	s.d.SetRoster(seats, map[string]routing.Queue{"q": {Name: "q", RingFor: 15 * time.Second, WrapUp: wrapUp}})
}

// ready makes agents ready, one millisecond after the other, the first idle
// the longest.
func (s *floorStage) ready(agents ...routing.AgentID) {
	s.t.Helper()
	for _, a := range agents {
		s.d.SetReachable(a, true)
		s.say(a, routing.Ready)
		time.Sleep(time.Millisecond)
	}
}

func (s *floorStage) say(a routing.AgentID, p routing.Presence) {
	s.t.Helper()
	if err := s.d.SetPresence(s.ctx, a, p, ""); err != nil {
		s.t.Fatal(err)
	}
}

// enqueue puts a caller into "q" whose ticket is the call's id.
func (s *floorStage) enqueue(id call.ID) routing.Ticket {
	t := routing.Ticket{ID: routing.TicketID(id), Wants: routing.AnyOf("q"), Since: now()}
	_ = s.d.Enqueue(s.ctx, id, t)
	time.Sleep(time.Millisecond)
	return t
}

func (s *floorStage) report(o call.Offer, what ...call.Seen) {
	for _, w := range what {
		_ = s.d.Report(s.ctx, call.ID(o.Ticket), call.Report{Ticket: o.Ticket, Agent: o.Agent, Fence: o.Fence, What: w})
	}
	s.settle()
}

// passes lets that much time pass, and what is due then be done.
func (s *floorStage) passes(d time.Duration) {
	time.Sleep(d)
	s.settle()
}

// all are the offers so far.
func (s *floorStage) all() []call.Offer {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.offers)
}

func (s *floorStage) unstaffedSaid() int {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.unstaffed)
}

func (s *floorStage) changed() int {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// made are the offers so far, as "ticket>agent".
func (s *floorStage) made() []string {
	var made []string
	for _, o := range s.all() {
		made = append(made, fmt.Sprintf("%s>%s", o.Ticket, o.Agent))
	}
	return made
}

// wants checks the offers so far and returns the last.
func (s *floorStage) wants(want ...string) call.Offer {
	s.t.Helper()
	if got := s.made(); !slices.Equal(got, want) {
		s.t.Fatalf("offers are %v, want %v", got, want)
	}
	if len(want) == 0 {
		return call.Offer{}
	}
	return s.all()[len(want)-1]
}

func (s *floorStage) view() View {
	s.t.Helper()
	v, err := s.d.View(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// agent is a seat in words: "ready free" or "away(振铃未接) free".
func (s *floorStage) agent(id routing.AgentID) string {
	s.t.Helper()
	for _, a := range s.view().Agents {
		if a.Agent == id {
			presence := a.Presence.String()
			if a.Reason != "" {
				presence += "(" + a.Reason + ")"
			}
			return presence + " " + a.Work.String()
		}
	}
	return "not in the roster"
}

func (s *floorStage) wantsAgent(id routing.AgentID, want string) {
	s.t.Helper()
	if got := s.agent(id); got != want {
		s.t.Errorf("seat %s is %q, want %q", id, got, want)
	}
}

// counts checks a counter or gauge, all labels together.
func (s *floorStage) counts(name string, want float64) {
	s.t.Helper()
	families, err := s.reg.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	got := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			got += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	if got != want {
		s.t.Errorf("%s = %v, want %v", name, got, want)
	}
}

func (s *floorStage) offersCounted(result string, want float64) {
	s.t.Helper()
	if got := testutil.ToFloat64(s.d.metrics.offers.WithLabelValues(result)); got != want {
		s.t.Errorf("weibao_offers_total{result=%q} = %v, want %v", result, got, want)
	}
}

// onFloor runs a test on a floor of its own, in a time of its own.
func onFloor(t *testing.T, o FloorOptions, test func(s *floorStage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newFloorStage(t, o)
		defer s.finish()
		test(s)
	})
}

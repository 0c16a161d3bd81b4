package cti

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

// flakyTickets is a store of tickets that can be cut off from a gateway, or
// lose its answers.
type flakyTickets struct {
	Tickets
	mu    sync.Mutex
	cut   bool          // nothing goes in or out
	mute  bool          // what is posted is written, but nobody learns of it
	slow  time.Duration // every Post, before the act
	wires map[chan struct{}]struct{}
}

func (f *flakyTickets) set(cut, mute bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cut, f.mute = cut, mute
	if cut {
		for wire := range f.wires {
			close(wire)
		}
		f.wires = nil
	}
}

func (f *flakyTickets) state() (cut, mute bool, slow time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cut, f.mute, f.slow
}

func (f *flakyTickets) All(ctx context.Context) ([]Bulletin, error) {
	if cut, _, _ := f.state(); cut {
		return nil, errStore
	}
	return f.Tickets.All(ctx)
}

func (f *flakyTickets) Post(ctx context.Context, n Bulletin) error {
	cut, mute, slow := f.state()
	if !passes(ctx, slow) {
		return ctx.Err()
	}
	if cut {
		return errStore
	}
	err := f.Tickets.Post(ctx, n)
	if mute {
		return errStore
	}
	return err
}

// Watch ends when the gateway is cut off, as a connection does.
func (f *flakyTickets) Watch(ctx context.Context) (<-chan Bulletin, error) {
	if cut, _, _ := f.state(); cut {
		return nil, errStore
	}
	ctx, stop := context.WithCancel(ctx)
	watch, err := f.Tickets.Watch(ctx)
	if err != nil {
		stop()
		return nil, err
	}
	wire := make(chan struct{})
	f.mu.Lock()
	if f.wires == nil {
		f.wires = make(map[chan struct{}]struct{})
	}
	f.wires[wire] = struct{}{}
	f.mu.Unlock()
	go func() {
		defer stop()
		select {
		case <-wire:
		case <-ctx.Done():
			f.mu.Lock()
			delete(f.wires, wire)
			f.mu.Unlock()
		}
	}()
	return watch, nil
}

// pair are two gateways of one floor whose stores can be disturbed.
type gatewayPair struct {
	one, two         *floorStage
	lineOne, lineTwo *flakyTickets
}

// onTwoGateways runs a test on two gateways that share everything.
func onTwoGateways(t *testing.T, test func(p *gatewayPair)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		standings, tickets := NewMemory(), NewMemoryTickets()
		p := &gatewayPair{lineOne: &flakyTickets{Tickets: tickets}, lineTwo: &flakyTickets{Tickets: tickets}}
		p.one = newFloorStage(t, FloorOptions{Gateway: "gw-1", Standings: standings, Tickets: p.lineOne})
		p.two = newFloorStage(t, FloorOptions{Gateway: "gw-2", Standings: standings, Tickets: p.lineTwo})
		defer p.one.finish()
		defer p.two.finish()
		for _, s := range []*floorStage{p.one, p.two} {
			s.roster(0, "1001", "1002")
			s.d.SetReachable("1001", true)
			s.d.SetReachable("1002", true)
		}
		time.Sleep(time.Second) // they know each other
		test(p)
	})
}

// line is who waits as a gateway sees it: "A@gw-1".
func (s *floorStage) line() []string {
	var line []string
	v := s.view()
	for _, w := range v.Waiting {
		line = append(line, fmt.Sprintf("%d %s@%s", w.Position, w.Ticket.ID, w.Gateway))
	}
	return line
}

func (s *floorStage) wantsLine(want ...string) {
	s.t.Helper()
	if got := s.line(); !slices.Equal(got, want) {
		s.t.Errorf("the line is %v, want %v", got, want)
	}
}

func TestEveryGatewaySeesOneLine(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.one.enqueue("A")
		p.two.enqueue("B")
		p.one.enqueue("C")
		time.Sleep(10 * time.Millisecond)
		for _, s := range []*floorStage{p.one, p.two} {
			s.wantsLine("1 A@gw-1", "2 B@gw-2", "3 C@gw-1")
		}
		time.Sleep(showEvery)
		p.one.counts("weibao_floor_waiting", 2)
		p.one.counts("weibao_floor_waiting_elsewhere", 1)
		_ = p.two.d.Withdraw(p.two.ctx, "B")
		time.Sleep(10 * time.Millisecond)
		p.one.wantsLine("1 A@gw-1", "2 C@gw-1")
	})
}

func TestSeatGoesToTheOldestCallerWhereverTheCallLives(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.one.enqueue("A")
		p.two.enqueue("B")
		p.one.enqueue("C")
		p.two.enqueue("D")
		time.Sleep(time.Second)
		p.two.say("1001", routing.Ready)
		var order []string
		for range 4 {
			time.Sleep(10 * time.Millisecond)
			for _, s := range []*floorStage{p.one, p.two} {
				if made := s.all(); len(made) > 0 && made[len(made)-1].Ticket != "" {
					last := made[len(made)-1]
					if !slices.Contains(order, string(last.Ticket)) {
						order = append(order, string(last.Ticket))
						s.report(last, call.SeenPicked, call.SeenLeft)
					}
				}
			}
		}
		if want := []string{"A", "B", "C", "D"}; !slices.Equal(order, want) {
			t.Errorf("served %v, want %v", order, want)
		}
		for _, s := range []*floorStage{p.one, p.two} {
			s.counts("weibao_floor_left_unclaimed_total", 0)
			s.offersCounted("lost", 0)
		}
	})
}

func TestSeatIsLeftToASlowGatewayForAMomentOnly(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.enqueue("A")
		p.one.enqueue("B")
		time.Sleep(10 * time.Millisecond)
		p.two.d.SetReachable("1001", false) // the two are differently informed
		p.one.say("1001", routing.Ready)
		time.Sleep(190 * time.Millisecond)
		p.one.wants()
		time.Sleep(20 * time.Millisecond)
		b := p.one.wants("B>1001")
		p.one.counts("weibao_floor_left_unclaimed_total", 1)
		// For a while it costs nothing at all, then the other has its chance.
		p.one.enqueue("C")
		p.one.report(b, call.SeenPicked, call.SeenLeft)
		c := p.one.wants("B>1001", "C>1001")
		p.one.report(c, call.SeenPicked, call.SeenLeft)
		time.Sleep(time.Second)
		p.two.d.SetReachable("1001", true)
		time.Sleep(10 * time.Millisecond)
		p.two.wants("A>1001")
	})
}

func TestTicketsOfAGatewayWithoutASignOfLifeDoNotCountUntilItIsBack(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.enqueue("A")
		p.one.enqueue("B")
		time.Sleep(10 * time.Millisecond)
		p.lineTwo.set(true, false)
		time.Sleep(1100 * time.Millisecond)
		p.one.wantsLine("1 B@gw-1")
		p.two.wantsLine("1 A@gw-2")
		p.two.enqueue("C") // what it does alone is told later
		p.one.ready("1001")
		p.one.wants("B>1001")
		p.lineTwo.set(false, false)
		time.Sleep(1500 * time.Millisecond)
		p.one.report(p.one.all()[0], call.SeenPicked)
		p.one.wantsLine("1 A@gw-2", "2 C@gw-2")
		p.two.wantsLine("1 A@gw-2", "2 C@gw-2")
	})
}

func TestLineIsToldAnewAfterLostAnswers(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.enqueue("A")
		p.two.enqueue("B")
		time.Sleep(10 * time.Millisecond)
		p.lineTwo.set(false, true) // posted, but not known to be
		_ = p.two.d.Withdraw(p.two.ctx, "A")
		p.two.enqueue("C")
		time.Sleep(3 * time.Second)
		p.lineTwo.set(false, false)
		time.Sleep(10 * time.Second)
		p.one.wantsLine("1 B@gw-2", "2 C@gw-2")
	})
}

func TestTicketsOfAnEarlierLifeAreGoneWhenTheGatewayIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		standings, tickets := NewMemory(), NewMemoryTickets()
		open := func(gateway string) *floorStage {
			s := newFloorStage(t, FloorOptions{Gateway: gateway, Standings: standings, Tickets: tickets})
			s.roster(0, "1001")
			return s
		}
		one, two := open("gw-1"), open("gw-2")
		defer one.finish()
		two.enqueue("A")
		two.enqueue("B")
		time.Sleep(time.Second)
		one.wantsLine("1 A@gw-2", "2 B@gw-2")
		two.finish()
		time.Sleep(2 * time.Second)
		one.wantsLine()
		again := open("gw-2")
		defer again.finish()
		again.enqueue("B")
		time.Sleep(time.Second)
		one.wantsLine("1 B@gw-2")
	})
}

func TestLineOfAGatewayThatHasGoneForGoodIsRemoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tickets := NewMemoryTickets()
		gone := Bulletin{Gateway: "gw-9", Life: 3, Seq: 4, Posts: []Posted{{Ticket: routing.Ticket{ID: "X"}, Call: "X"}}}
		if err := tickets.Post(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		s := newFloorStage(t, FloorOptions{Gateway: "gw-1", Tickets: tickets})
		defer s.finish()
		time.Sleep(9 * time.Minute)
		s.wantsLine()
		if all, _ := tickets.All(t.Context()); len(all) != 2 {
			t.Errorf("lines after nine minutes: %v, want both", all)
		}
		time.Sleep(2 * time.Minute)
		if all, _ := tickets.All(t.Context()); len(all) != 1 || all[0].Gateway != "gw-1" {
			t.Errorf("lines after eleven minutes: %v, want the own one", all)
		}
	})
}

func TestTicketBeingOfferedElsewhereDoesNotHoldASeat(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.enqueue("A")
		time.Sleep(10 * time.Millisecond)
		p.one.ready("1001", "1002")
		time.Sleep(10 * time.Millisecond)
		a := p.two.wants("A>1001")
		p.one.enqueue("B")
		p.one.wants("B>1002")
		p.two.report(a, call.SeenNoAnswer) // A waits again, before C
		time.Sleep(10 * time.Millisecond)
		p.one.wantsLine("1 A@gw-2", "2 B@gw-1")
		if got := p.one.view().Waiting[0].Offered; got != "" {
			t.Errorf("A is shown with seat %s", got)
		}
	})
}

func TestSeatIsNotLeftToTheNextWhileAnOlderCallerOfOursIsBackInLine(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.one.enqueue("A")
		p.two.enqueue("B")
		time.Sleep(time.Second)
		p.two.d.SetReachable("1002", false)
		_ = p.one.d.Withdraw(p.one.ctx, "A") // comes back before the other gateway has looked
		p.two.d.SetReachable("1001", false)
		p.one.say("1001", routing.Ready)
		synctest.Wait()
		p.one.wants() // left to B
		_ = p.one.d.Enqueue(p.one.ctx, "A", routing.Ticket{ID: "A", Wants: routing.AnyOf("q"), Since: now().Add(-time.Minute)})
		p.one.wants("A>1001")
		p.one.counts("weibao_floor_left_unclaimed_total", 0)
	})
}

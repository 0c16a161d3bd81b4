package cti

import (
	"fmt"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

func TestWhatComesNextForACallerOfAnotherGatewayIsKnown(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		ticket := p.two.enqueue("A")
		why := func() routing.Check {
			time.Sleep(10 * time.Millisecond) // a bubble's clock
			v := p.one.view()
			all := v.Why("A")
			return all[len(all)-1]
		}
		// Nothing else of the ticket changes.
		ticket.Next = routing.Widening{To: routing.Target{Kind: routing.ToQueue, Name: "province"}, After: 20 * time.Second, Since: now()}
		_ = p.two.d.Enqueue(p.two.ctx, "A", ticket)
		if got := why(); got.Fact != routing.FactAfter || got.Want != "20s" {
			t.Errorf("the other gateway says last %+v, want the next step", got)
		}
		ticket.Next = routing.Widening{}
		_ = p.two.d.Enqueue(p.two.ctx, "A", ticket)
		if got := why(); got.Fact == routing.FactAfter {
			t.Errorf("the other gateway says %+v, and no step is left", got)
		}
	})
}

func TestWhoIsBeingRungElsewhereStandsInLineToo(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.two.enqueue("A")
		p.one.ready("1001")
		time.Sleep(10 * time.Millisecond) // a bubble's clock
		p.two.wants("A>1001")
		p.one.enqueue("B")
		p.two.enqueue("C")
		time.Sleep(10 * time.Millisecond) // a bubble's clock
		if got := p.one.asks("B").Position; got != 2 {
			t.Errorf("B is told %d, want the 2 of the screens", got)
		}
		if got := p.two.asks("C").Position; got != 3 {
			t.Errorf("C is told %d, want 3", got)
		}
		p.lineTwo.set(true, false)  // its callers can not be seen any more
		time.Sleep(2 * time.Second) // a bubble's clock
		if got := p.one.asks("B").Position; got != 1 {
			t.Errorf("B is told %d of a line that is seen alone", got)
		}
	})
}

func TestThePaceOfAllGatewaysMakesTheEstimate(t *testing.T) {
	t.Parallel()
	onTwoGateways(t, func(p *gatewayPair) {
		p.one.ready("1001")
		for i := range 22 { // by turns
			[]*floorStage{p.one, p.two}[i%2].enqueue(call.ID(fmt.Sprintf("C%02d", i)))
		}
		for i := range 18 { // a talk of two minutes each, one seat
			s := []*floorStage{p.one, p.two}[i%2]
			time.Sleep(time.Second) // a bubble's clock
			o := s.all()[i/2]
			s.report(o, call.SeenRinging, call.SeenPicked)
			time.Sleep(2 * time.Minute) // a bubble's clock
			s.report(o, call.SeenLeft)
			time.Sleep(time.Second) // a bubble's clock
		}
		for id, s := range map[call.ID]*floorStage{"C20": p.one, "C21": p.two} {
			stands := s.asks(id)
			place := time.Duration(stands.Position)
			if e := stands.Estimate; e.Low < place*30*time.Second || e.Low > 2*place*time.Minute || e.High < 2*place*time.Minute || e.High > 6*place*time.Minute {
				t.Errorf("two minutes a talk, at %d of one seat: %v", stands.Position, e)
			}
		}
	})
}

func TestAGatewayAloneKeepsNoNewsOfItsLine(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		for i := range 5 {
			id := fmt.Sprint("C", i)
			s.enqueue(call.ID(id))
			_ = s.d.Withdraw(s.ctx, routing.TicketID(id))
		}
		kept := 0
		if err := s.d.ask(s.ctx, func(f *floor) { kept = len(f.news) }); err != nil || kept != 0 {
			t.Errorf("%d tickets are kept to be told to nobody, %v", kept, err)
		}
	})
}

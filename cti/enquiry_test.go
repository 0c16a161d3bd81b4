package cti

import (
	"fmt"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

// asks enquires after a ticket and returns the answer.
func (s *floorStage) asks(id call.ID) call.Stands {
	s.t.Helper()
	if err := s.d.Enquire(s.ctx, id, routing.TicketID(id)); err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := s.stands
	s.stands = nil
	if len(answers) != 1 || answers[0].Ticket != routing.TicketID(id) {
		s.t.Fatalf("answers %+v", answers)
	}
	return answers[0]
}

func TestACallerIsToldItsPlaceAndWhoIsBeingRungForCountsToo(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		for _, id := range []call.ID{"A", "B", "C"} {
			s.enqueue(id)
		}
		s.wants("A>1001")
		for id, want := range map[call.ID]int{"A": 1, "B": 2, "C": 3, "stranger": 0} {
			if got := s.asks(id).Position; got != want {
				t.Errorf("%s is at %d, want %d", id, got, want)
			}
		}
		if e := s.asks("B").Estimate; e.Known() {
			t.Errorf("nobody was picked up yet, and the wait is %v", e)
		}
	})
}

func TestTheEstimateComesFromThePickUpsOfLateAndIsSilentWithoutASeat(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		for i := range 12 {
			s.enqueue(call.ID(fmt.Sprintf("C%02d", i)))
		}
		for i := range 8 { // a talk of two minutes each
			o := s.all()[i]
			s.report(o, call.SeenRinging, call.SeenPicked)
			time.Sleep(2 * time.Minute) // the talk
			s.report(o, call.SeenLeft)
		}
		stands := s.asks("C10")
		if e := stands.Estimate; stands.Position != 3 || e.Low < time.Minute || e.Low > 6*time.Minute || e.High < 6*time.Minute || e.High > 20*time.Minute {
			t.Errorf("two minutes a talk, at %d of one seat: %v", stands.Position, e)
		}
		s.say("1001", routing.Away)
		if e := s.asks("C10").Estimate; e.Known() {
			t.Errorf("no seat is ready, and the wait is %v", e)
		}
		s.say("1001", routing.Ready)
		time.Sleep(time.Hour) // nobody is picked up
		if e := s.asks("C10").Estimate; e.Known() {
			t.Errorf("an hour later the wait is still %v", e)
		}
	})
}

func TestThePickUpsKeptAreTheLastOnes(t *testing.T) {
	t.Parallel()
	var p pickups
	for i := range 3*pickupsKept + 5 {
		p.add(routing.Pickup{Seats: i})
	}
	all := p.all()
	for _, one := range all {
		if one.Seats < 2*pickupsKept+5 {
			t.Errorf("pick-up %d is kept", one.Seats)
		}
	}
	if len(all) != pickupsKept {
		t.Errorf("%d are kept", len(all))
	}
}

// BenchmarkEnquiry is one caller of so many in line asking where it stands,
// beside 1,000 seats that all have been at work.
func BenchmarkEnquiry(b *testing.B) {
	for _, waiting := range []int{500, 10_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			d, err := NewDispatcher(FloorOptions{Deliver: func(call.ID, call.Event) {}, Live: func(call.ID) bool { return true }})
			if err != nil {
				b.Fatal(err)
			}
			f := newFloor(d)
			var seats []Seat
			for i := range 1000 {
				seats = append(seats, Seat{ID: routing.AgentID(fmt.Sprint(1000 + i)), Queues: []string{fmt.Sprint("city", i%10), "province"}})
			}
			f.enrol(seats, map[string]routing.Queue{})
			for _, c := range f.chairs {
				c.reachable, c.now.Presence, c.now.Work, c.now.Deadline = true, routing.Ready, routing.Talking, now().Add(time.Hour)
			}
			f.loaded = true
			for i := range waiting {
				id := fmt.Sprint("c", i)
				f.enqueue(call.ID(id), routing.Ticket{ID: routing.TicketID(id), Since: now().Add(time.Duration(i) * time.Millisecond), Wants: routing.AnyOf(fmt.Sprint("city", i%10), "province")})
			}
			f.arrange(now())
			for i := range 1000 {
				t := f.tickets[routing.TicketID(fmt.Sprint("c", i%waiting))]
				f.pickedUp(t, []string{"province", fmt.Sprint("city", i%10)}[i%2], now())
			}
			i := 0
			for b.Loop() {
				id := fmt.Sprint("c", i%waiting)
				f.enquired = append(f.enquired, enquiry{call.ID(id), routing.TicketID(id)})
				f.answerAll(now())
				i++
			}
		})
	}
}

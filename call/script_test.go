package call

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weibao/routing"
)

// script drives one call event by event; the promises are checked after each
// as in the property test.
type script struct {
	*world
	t     *testing.T
	heard []Command // the commands of the last event
}

func newScript(t *testing.T) *script {
	t.Helper()
	s := &script{world: newWorld(1), t: t}
	s.log = true
	return s
}

// feed gives an event a second after the last one.
func (s *script) feed(ev func(At) Event) []Command {
	s.t.Helper()
	return s.after(time.Second, ev)
}

func (s *script) after(d time.Duration, ev func(At) Event) []Command {
	s.t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			s.t.Fatalf("%v\n%v", fault, s.trace)
		}
	}()
	s.now = s.now.Add(d)
	event := ev(At(s.now))
	if left, ok := event.(Left); ok {
		l := s.legs[left.Leg]
		l.live, l.up, l.room = false, false, NoRoom
	}
	if picked, ok := event.(Picked); ok {
		s.legs[picked.Leg].up = true
	}
	if asked, ok := event.(Asked); ok {
		s.asked++
		event = asked
	}
	if alarmed, ok := event.(Alarmed); ok {
		if due := s.alarms[alarmed.Alarm]; due.After(s.now) {
			s.now = due
		}
		delete(s.alarms, alarmed.Alarm)
		event = Alarmed{At: At(s.now), Alarm: alarmed.Alarm}
	}
	_, s.heard = s.next(event)
	s.world.feed(event)
	return s.heard
}

func (s *script) arrives(dialled, region string) []Command {
	s.t.Helper()
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	return s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Dialled: dialled, Caller: "13800000000", Region: region}
	})
}

func (s *script) presses(key string) []Command {
	s.t.Helper()
	return s.feed(func(at At) Event { return Pressed{At: at, Leg: "caller", Key: key} })
}

// offers gives the call a seat for a ticket and returns the seat's leg.
func (s *script) offers(ticket routing.TicketID, agent routing.AgentID) LegID {
	s.t.Helper()
	s.fence++
	s.world.offers[s.fence] = true
	commands := s.feed(func(at At) Event {
		return Offered{At: at, Offer: Offer{Ticket: ticket, Agent: agent, Queue: "changchun", RingFor: 15 * time.Second, Fence: s.fence}}
	})
	return must[Dial](s, commands).Leg
}

func (s *script) picks(leg LegID) []Command {
	s.t.Helper()
	return s.feed(func(at At) Event { return Picked{At: at, Leg: leg} })
}

func (s *script) promptEnds(leg LegID) []Command {
	s.t.Helper()
	play := s.legs[leg].playing
	s.legs[leg].playing = ""
	return s.feed(func(at At) Event { return Played{At: at, Leg: leg, Play: play} })
}

func (s *script) leaves(leg LegID, why Cause) []Command {
	s.t.Helper()
	return s.feed(func(at At) Event { return Left{At: at, Leg: leg, Cause: why} })
}

func (s *script) asks(wish Wish) string {
	s.t.Helper()
	return must[Reply](s, s.feed(func(at At) Event { return Asked{At: at, Request: "r", By: "1001", Wish: wish} })).Refused
}

func (s *script) alarm(a Alarm) []Command {
	s.t.Helper()
	return s.after(0, func(at At) Event { return Alarmed{At: at, Alarm: a} })
}

// talks brings the call to a talk with seat 1001 and returns the seat's leg.
func (s *script) talks() LegID {
	s.t.Helper()
	s.arrives("12345", "220100")
	s.presses("6")
	seat := s.offers("c1", "1001")
	s.picks(seat)
	s.promptEnds(seat)
	if s.c.Phase != Talking {
		s.t.Fatalf("phase %s, want talking", s.c.Phase)
	}
	return seat
}

// reaches asks for the police of 珲春 and returns the leg of the first number.
func (s *script) reaches() LegID {
	s.t.Helper()
	if refused := s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404", Category: "虐待"}); refused != "" {
		s.t.Fatal(refused)
	}
	return must[Dial](s, s.files("JL-1", "")).Leg
}

// threeTalk brings child, seat and police together and returns the legs of the
// last two.
func (s *script) threeTalk() (seat, police LegID) {
	s.t.Helper()
	seat = s.talks()
	police = s.reaches()
	s.picks(police)
	return seat, police
}

func (s *script) files(number, fault string) []Command {
	s.t.Helper()
	s.filings, s.filed[number] = nil, true
	return s.feed(func(at At) Event { return Filed{At: at, Transfer: 1, Number: number, Err: fault} })
}

// all returns the commands of one kind.
func all[C Command](commands []Command) []C {
	var found []C
	for _, cmd := range commands {
		if c, ok := cmd.(C); ok {
			found = append(found, c)
		}
	}
	return found
}

// must returns the one command of a kind.
func must[C Command](s *script, commands []Command) C {
	s.t.Helper()
	found := all[C](commands)
	if len(found) != 1 {
		s.t.Fatalf("%d commands %T among %s\n%v", len(found), *new(C), kinds(commands), s.trace)
	}
	return found[0]
}

func kinds(commands []Command) []string {
	names := make([]string, 0, len(commands))
	for _, cmd := range commands {
		names = append(names, fmt.Sprintf("%T", cmd)[len("call."):])
	}
	return names
}

// before wants a command of kind A to come before one of kind B.
func before[A, B Command](s *script, commands []Command) {
	s.t.Helper()
	a := slices.IndexFunc(commands, func(c Command) bool { _, ok := c.(A); return ok })
	b := slices.IndexFunc(commands, func(c Command) bool { _, ok := c.(B); return ok })
	if a < 0 || b < 0 || a > b {
		s.t.Fatalf("want %T before %T in %v", *new(A), *new(B), kinds(commands))
	}
}

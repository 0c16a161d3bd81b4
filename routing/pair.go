package routing

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Floor is everything that the pairing of one instant depends on. It is a
// value: the same floor always gives the same pairings, so a recorded one can
// be run again.
type Floor struct {
	At      time.Time
	Waiting []Ticket
	Agents  []Agent
}

// Pairing gives a waiting ticket to a seat.
type Pairing struct {
	Ticket TicketID
	Agent  AgentID
	Queue  string
	Trace  []Check
}

// Pair matches waiting tickets with free seats: higher boost first, then the
// longest wait; for each the seat that has been idle longest. One seat a
// ticket, one ticket a seat.
func (f *Floor) Pair() []Pairing {
	var pairings []Pairing
	taken := make(map[AgentID]bool)
	for _, ticket := range f.line() {
		agent, queue, ok := f.seatFor(ticket, taken)
		if !ok {
			continue
		}
		taken[agent.ID] = true
		pairings = append(pairings, Pairing{
			Ticket: ticket.ID, Agent: agent.ID, Queue: queue,
			Trace: []Check{
				{Rule: string(ticket.ID), Fact: FactOrder, Want: strconv.Itoa(ticket.Boost), Got: f.At.Sub(ticket.Since).Round(time.Second).String(), Held: true},
				{Rule: "seat " + string(agent.ID), Fact: FactIdle, Want: queue, Got: f.At.Sub(agent.Idle).Round(time.Second).String(), Held: true},
			},
		})
	}
	return pairings
}

// line is the order in which tickets are served.
func (f *Floor) line() []Ticket {
	line := slices.Clone(f.Waiting)
	slices.SortFunc(line, func(a, b Ticket) int {
		return cmp.Or(cmp.Compare(b.Boost, a.Boost), a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
	return line
}

func (f *Floor) seatFor(t Ticket, taken map[AgentID]bool) (Agent, string, bool) {
	best, bestQueue, found := Agent{}, "", false
	for _, agent := range f.Agents {
		queue, serves := t.servedBy(agent)
		if can, _ := agent.CanTake(f.At); !serves || !can || taken[agent.ID] {
			continue
		}
		if !found || cmp.Or(agent.Idle.Compare(best.Idle), cmp.Compare(agent.ID, best.ID)) < 0 {
			best, bestQueue, found = agent, queue, true
		}
	}
	return best, bestQueue, found
}

// servedBy returns the first of the ticket's queues that the agent serves as
// the ticket wants it.
func (t Ticket) servedBy(a Agent) (string, bool) {
	if t.Only != "" && t.Only != a.ID {
		return "", false
	}
	for _, want := range t.Wants {
		if a.Serves(want) {
			return want.Queue, true
		}
	}
	return "", t.Only != ""
}

// Position is the place of a ticket in line, counted from 1; 0 when it does
// not wait.
func (f *Floor) Position(id TicketID) int {
	return 1 + slices.IndexFunc(f.line(), func(t Ticket) bool { return t.ID == id })
}

// Load is how crowded the seats are that could serve a ticket: those who are
// ready and have a phone that can be reached, now or after the talk or rest
// that they are in, and the tickets that wait for any of them, itself too. A
// step of the plan without a seat is not waited out.
func (f *Floor) Load(t Ticket) Load {
	var seats []Agent
	for _, a := range f.Agents {
		if _, serves := t.servedBy(a); serves && a.Presence == Ready && a.Reachable {
			seats = append(seats, a)
		}
	}
	load := Load{Seats: len(seats)}
	if t.Ratio == 0 {
		return load // only whether there is a seat was asked
	}
	for _, other := range f.Waiting {
		if other.ID == t.ID || slices.ContainsFunc(seats, func(a Agent) bool { _, serves := other.servedBy(a); return serves }) {
			load.Waiting++
		}
	}
	return load
}

// WhyWaiting says, seat by seat, which rule keeps a ticket waiting.
func (f *Floor) WhyWaiting(id TicketID) []Check {
	i := slices.IndexFunc(f.Waiting, func(t Ticket) bool { return t.ID == id })
	if i < 0 {
		return []Check{{Rule: string(id), Fact: FactPlace, Got: "0"}}
	}
	ticket := f.Waiting[i]
	why := []Check{{Rule: string(id), Fact: FactPlace, Got: strconv.Itoa(f.Position(id)), Held: true}}
	for _, agent := range f.Agents {
		if _, serves := ticket.servedBy(agent); !serves {
			continue
		}
		can, reason := agent.CanTake(f.At)
		why = append(why, Check{Rule: "seat " + string(agent.ID), Fact: FactSeat, Got: reason, Held: can})
	}
	if len(why) == 1 {
		why = append(why, Check{Rule: strings.Join(ticket.Queues(), ", "), Fact: FactLoad, Want: "0", Got: "1/0"})
	}
	return why
}

package cti

import (
	"slices"
	"time"

	"weibao/call"
	"weibao/routing"
)

// View is the floor at one instant, for screens. It shares nothing with the
// dispatcher.
type View struct {
	At       time.Time
	Degraded bool
	// Agents are the seats of the roster by id.
	Agents []AgentView
	// Waiting are the tickets in line, the next one first.
	Waiting []WaitingView

	agents []routing.Agent
	floor  *routing.Floor // made by arrange
}

// AgentView is one seat.
type AgentView struct {
	Standing
	Name      string
	Queues    []string
	Reachable bool
	// Free says that the seat can be rung now; if not, Why says why not.
	Free bool
	Why  string
}

// WaitingView is one caller in line.
type WaitingView struct {
	Ticket routing.Ticket
	Call   call.ID
	// Gateway is the one that has the call.
	Gateway string
	// Position counts from 1.
	Position int
	// Offered is the seat that has been claimed or rung for the ticket.
	Offered routing.AgentID
}

// Why says, seat by seat, which rule keeps a ticket waiting.
func (v *View) Why(id routing.TicketID) []routing.Check { return v.floor.WhyWaiting(id, v.At) }

// view copies what a View shows; it is the part that the floor does itself.
func (f *floor) view() View {
	v := View{At: f.now(), Degraded: f.d.Degraded()}
	v.agents = f.agents()
	for _, a := range v.agents {
		c := f.chairs[a.ID]
		v.Agents = append(v.Agents, AgentView{
			Standing: c.now, Name: a.Name, Queues: a.Queues, Reachable: a.Reachable,
		})
	}
	for _, t := range f.tickets {
		v.Waiting = append(v.Waiting, WaitingView{Ticket: t.Ticket, Call: t.call, Gateway: f.opts.Gateway, Offered: t.offer.agent})
	}
	for _, g := range f.neighbours {
		if !g.alive {
			continue
		}
		for _, t := range g.tickets {
			v.Waiting = append(v.Waiting, WaitingView{Ticket: t.Ticket, Call: t.call, Gateway: g.name, Offered: t.offer.agent})
		}
	}
	return v
}

// arrange works out what needs more than copying, outside the dispatcher.
func (v *View) arrange() {
	for i, a := range v.agents {
		v.Agents[i].Free, v.Agents[i].Why = a.CanTake(v.At)
	}
	v.place()
}

// place makes the line again, with those who are being offered a seat in it,
// and everybody's place there.
func (v *View) place() {
	v.floor = routing.NewFloor(nil)
	for _, a := range v.agents {
		v.floor.Seat(a, v.At)
	}
	for i := range v.Waiting {
		v.floor.Put(v.Waiting[i].Ticket)
	}
	rank := make(map[routing.TicketID]routing.Placed, len(v.Waiting))
	for _, placed := range v.floor.Line() {
		rank[placed.Ticket] = placed
	}
	for i := range v.Waiting {
		v.Waiting[i].Position = rank[v.Waiting[i].Ticket.ID].Position
	}
	slices.SortFunc(v.Waiting, func(a, b WaitingView) int {
		return rank[a.Ticket.ID].Rank - rank[b.Ticket.ID].Rank
	})
}

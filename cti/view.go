package cti

import (
	"slices"
	"strings"
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

	floor routing.Floor
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
	// Position counts from 1.
	Position int
	// Offered is the seat that has been claimed or rung for the ticket.
	Offered routing.AgentID
}

// Why says, seat by seat, which rule keeps a ticket waiting.
func (v *View) Why(id routing.TicketID) []routing.Check { return v.floor.WhyWaiting(id) }

// view copies what a View shows; it is the part that the floor does itself.
func (f *floor) view() View {
	v := View{At: now(), Degraded: f.d.Degraded()}
	v.floor = routing.Floor{At: v.At, Agents: f.agents()}
	for _, a := range v.floor.Agents {
		c := f.chairs[a.ID]
		v.Agents = append(v.Agents, AgentView{
			Standing: c.now, Name: a.Name, Queues: a.Queues, Reachable: a.Reachable,
		})
	}
	for _, t := range f.tickets {
		v.floor.Waiting = append(v.floor.Waiting, t.Ticket)
		v.Waiting = append(v.Waiting, WaitingView{Ticket: t.Ticket, Call: t.call, Offered: t.offer.agent})
	}
	return v
}

// arrange works out what needs more than copying, outside the dispatcher.
func (v *View) arrange() {
	for i, a := range v.floor.Agents {
		v.Agents[i].Free, v.Agents[i].Why = a.CanTake(v.At)
	}
	for i := range v.Waiting {
		v.Waiting[i].Position = v.floor.Position(v.Waiting[i].Ticket.ID)
	}
	slices.SortFunc(v.Waiting, func(a, b WaitingView) int {
		if a.Position != b.Position {
			return a.Position - b.Position
		}
		return strings.Compare(string(a.Ticket.ID), string(b.Ticket.ID))
	})
}

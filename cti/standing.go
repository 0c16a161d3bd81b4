package cti

import (
	"context"
	"errors"
	"fmt"
	"time"

	"weibao/call"
	"weibao/routing"
)

// ErrStale is returned by Swap when somebody else has written the standing
// since the caller read it. The error is a [*StaleError], which carries what
// is stored now.
var ErrStale = errors.New("standing is stale")

// StaleError is an ErrStale with the standing as it is stored.
type StaleError struct{ Stored Standing }

// Error says whose standing it is and how far it has moved on.
func (e *StaleError) Error() string {
	return fmt.Sprintf("standing of %s is stale: stored fence is %d", e.Stored.Agent, e.Stored.Fence)
}

// Is makes the error an ErrStale.
func (e *StaleError) Is(target error) bool { return target == ErrStale }

// Standing is what is known of one agent: what it says (Presence, Reason) and
// what is seen of it (Work and what belongs to it). Every Work but Free names
// the call that owns it and a Deadline at which somebody asks whether that is
// still so. Times have milliseconds and are UTC.
type Standing struct {
	Agent    routing.AgentID
	Presence routing.Presence
	// Reason says why the agent is away: its own word, or ReasonNoAnswer or
	// ReasonUnreachable.
	Reason string
	Work   routing.Work
	Call   call.ID
	Ticket routing.TicketID
	// Queue is the queue for which the agent was claimed.
	Queue string
	// Gateway is the one that made the claim: where Call lives.
	Gateway string
	// Claim is the fence of the latest claim: what its Offer carries and its
	// Reports must bring back. It stays when the seat is free again.
	Claim uint64
	// Since is when Presence or Work last changed.
	Since time.Time
	// Idle is when the agent became ready or its last talk ended.
	Idle time.Time
	// Rung is when the agent was last claimed for a caller, Calls how many talks
	// it has had since it came from offline.
	Rung  time.Time
	Calls int
	// Missed counts the rings in a row that came to nothing: not answered, or
	// without a sign of the phone.
	Missed int
	// Desk is what is seen of the agent's desks, DeskAt the gateway that sees it.
	Desk   Desk
	DeskAt string
	// RestUntil keeps a seat that refused a ring out of the next pairing.
	RestUntil time.Time
	Deadline  time.Time
	// Fence grows with every write of the standing, and only grows.
	Fence uint64
}

// Standings keeps the standing of every agent for all gateways.
type Standings interface {
	// All returns every standing there is.
	All(ctx context.Context) ([]Standing, error)
	// Swap writes a standing in one atomic step if nobody has written it
	// since the caller read it: if the stored fence is not above fence. (A
	// stored fence below it means that the store lost writes; the caller
	// knows better.) The new fence is the greater of fence and now.Fence plus
	// one; it is returned. Otherwise the error is ErrStale. The very same
	// Swap again, after an answer was lost, succeeds again.
	Swap(ctx context.Context, fence uint64, now Standing) (uint64, error)
	// Watch reports standings as they are written, by whomever, from the
	// moment it returns. The channel is closed when ctx is done or the watch
	// is broken: whoever watches again then has to read All.
	Watch(ctx context.Context) (<-chan Standing, error)
}

// The reasons that the floor itself gives, as the screens show them.
const (
	ReasonNoAnswer    = "振铃未接"
	ReasonUnreachable = "话机不通"
)

// swapped is the standing that a Swap writes.
func swapped(fence uint64, now Standing) Standing {
	now.Fence = max(fence, now.Fence) + 1
	return now
}

// free ends the work; place in the order of idleness and claim stay.
func (s *Standing) free(at time.Time) {
	s.Work, s.Call, s.Ticket, s.Queue, s.Gateway = routing.Free, "", "", "", ""
	s.Deadline, s.Since = time.Time{}, at
}

// said reports whether two standings say the same of the agent.
func (s Standing) said(o Standing) bool { return s.Presence == o.Presence && s.Reason == o.Reason }

// seen reports whether two standings have the same work.
func (s Standing) seen(o Standing) bool { return s.work() == o.work() }

// work is a standing reduced to what is seen of the agent.
func (s Standing) work() Standing {
	s.Presence, s.Reason, s.Fence = 0, "", 0
	s.Since, s.Idle, s.Rung, s.Calls = time.Time{}, time.Time{}, time.Time{}, 0
	s.Desk, s.DeskAt, s.Missed, s.RestUntil = DeskNone, "", 0, time.Time{}
	return s
}

// withSaid takes over what the agent says.
func (s Standing) withSaid(o Standing) Standing {
	s.Presence, s.Reason = o.Presence, o.Reason
	return s
}

// withSeen takes over what is seen of the agent.
func (s Standing) withSeen(o Standing) Standing {
	s.Work, s.Call, s.Ticket, s.Queue, s.Gateway = o.Work, o.Call, o.Ticket, o.Queue, o.Gateway
	s.Claim, s.Deadline = o.Claim, o.Deadline
	return s
}

// withRest takes over what mine has changed of the rings in vain, which whoever
// says that it is ready begins anew.
func (s Standing) withRest(mine, base Standing) Standing {
	if mine.Missed != base.Missed {
		s.Missed = mine.Missed
	}
	if !mine.RestUntil.Equal(base.RestUntil) {
		s.RestUntil = mine.RestUntil
	}
	return s
}

// withDesk takes over what mine has changed of the desk. If both have, an open
// desk counts before the word that there is none, and that before one that was
// missed.
func (s Standing) withDesk(mine, base Standing) Standing {
	switch {
	case mine.Desk == base.Desk && mine.DeskAt == base.DeskAt:
	case s.Desk == base.Desk && s.DeskAt == base.DeskAt, mine.Desk == DeskOpen, mine.Desk == DeskNone && s.Desk == DeskGone:
		s.Desk, s.DeskAt = mine.Desk, mine.DeskAt
	}
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

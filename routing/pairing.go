package routing

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pairing gives a waiting ticket to a seat.
type Pairing struct {
	Ticket TicketID
	Agent  AgentID
	Queue  string
	Trace  []Check
}

// pairing tells why it is this ticket's turn and this seat's.
func (w *waiting) pairing(a Agent, queue Queue, at time.Time) Pairing {
	why := Check{Rule: "seat " + string(a.ID), Want: queue.Name, Held: true}
	switch {
	case w.Only == a.ID:
		why.Fact = FactOnly
	case w.Prefer == a.ID:
		why.Fact = FactPrefer
	default:
		why.Fact, why.Got = queue.Strategy.reason(a, at)
	}
	return Pairing{
		Ticket: w.ID, Agent: a.ID, Queue: queue.Name,
		Trace: []Check{
			{Rule: string(w.ID), Fact: FactOrder, Want: strconv.Itoa(w.Boost), Got: at.Sub(w.Since).Round(time.Second).String(), Held: true},
			why,
		},
	}
}

// servedBy returns the first of the ticket's queues that the agent serves as
// the ticket wants it.
func (t Ticket) servedBy(a Agent) (queue string, serves bool) {
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

// ServedBy reports whether the agent could serve the ticket, if it were free.
func (t Ticket) ServedBy(a Agent) bool {
	_, serves := t.servedBy(a)
	return serves
}

// Crowd is a ticket for whose seats too many wait, or that nobody could serve.
type Crowd struct {
	Ticket TicketID
	Load   Load
}

// Crowded are the tickets without another owner of which that has become true since it was last
// asked; each is told once, until it has been otherwise.
func (f *Floor) Crowded() []Crowd {
	var crowds []Crowd
	for _, l := range f.open {
		if l.owner != "" {
			continue // its own gateway tells it
		}
		load := Load{Seats: l.seats}
		if l.ratio > 0 || l.seats == 0 && (!l.told || len(l.fresh) > 0) {
			load = l.load()
		}
		if !load.Exceeds(l.ratio) {
			l.told, l.fresh = false, l.fresh[:0]
			continue
		}
		if !l.told {
			l.told = true
			l.fresh = append(l.fresh[:0], l.line.all()...)
		}
		for _, w := range l.fresh {
			if w.at >= 0 && w.lane == l {
				crowds = append(crowds, Crowd{Ticket: w.ID, Load: load})
			}
		}
		l.fresh = l.fresh[:0]
	}
	slices.SortFunc(crowds, func(a, b Crowd) int { return strings.Compare(string(a.Ticket), string(b.Ticket)) })
	return crowds
}

// load is how crowded the seats are that could serve the tickets of the lane:
// those that are ready and have a phone that can be reached, now or after the
// talk or rest that they are in, and the tickets that wait for the same queues.
func (l *lane) load() Load {
	load := Load{Seats: l.seats, Waiting: l.line.len()}
	for _, other := range l.near {
		if !other.shut {
			load.Waiting += other.line.len()
		}
	}
	return load
}

// meets reports whether two lanes wait for the same queue.
func (l *lane) meets(other *lane) bool {
	return slices.ContainsFunc(l.pools, func(p *pool) bool {
		return slices.ContainsFunc(other.pools, func(q *pool) bool { return p.want.Queue == q.want.Queue })
	})
}

// Placed is a ticket's place in line.
type Placed struct {
	Ticket TicketID
	// Rank counts all who wait, Position those who wait for the same queues;
	// both from 1.
	Rank, Position int
}

// Line is everybody who waits, the next first.
func (f *Floor) Line() []Placed {
	all := make([]*waiting, 0, len(f.tickets))
	for _, w := range f.tickets {
		all = append(all, w)
	}
	slices.SortFunc(all, (*waiting).before)
	line := make([]Placed, len(all))
	passed := make(map[*lane]int, len(f.open))
	for i, w := range all {
		passed[w.lane]++
		position := passed[w.lane]
		for _, l := range w.lane.near {
			position += passed[l]
		}
		line[i] = Placed{Ticket: w.ID, Rank: i + 1, Position: position}
	}
	return line
}

// Position is the place of a ticket among all who wait for the same queues,
// counted from 1; 0 when it does not wait.
func (f *Floor) Position(id TicketID) int { return f.PositionUpTo(id, math.MaxInt) }

// PositionUpTo is Position as far as it matters: a place behind the most is
// told as the most, and found without counting on.
func (f *Floor) PositionUpTo(id TicketID, most int) int {
	w, known := f.tickets[id]
	if !known {
		return 0
	}
	position := 1 + w.lane.ahead(w, most-1)
	for _, l := range w.lane.near {
		if !l.shut {
			position += l.ahead(w, most-position)
		}
	}
	return position
}

// ahead counts the tickets of a lane that are served before one, up to the
// most. What stands below an element of the heap comes after it, so only those
// ahead are visited, with the first behind them.
func (l *lane) ahead(w *waiting, most int) int {
	line, n := l.line.all(), 0
	var count func(at int)
	count = func(at int) {
		if at < len(line) && n < most && line[at].before(w) < 0 {
			n++
			count(2*at + 1)
			count(2*at + 2)
		}
	}
	count(0)
	return n
}

// Seats counts the seats that are ready and could serve a ticket, at work or
// not.
func (f *Floor) Seats(t Ticket) int { return f.laneOf(t).seats }

// Ahead reports whether a ticket is served before another one that waits for
// one of the same queues, whether they stand in line or are being offered.
func (t Ticket) Ahead(other Ticket) bool {
	a, b := &waiting{Ticket: t, aged: t.aged()}, &waiting{Ticket: other, aged: other.aged()}
	return a.before(b) < 0 && slices.ContainsFunc(t.Wants, func(w Want) bool {
		return slices.ContainsFunc(other.Wants, func(v Want) bool { return v.Queue == w.Queue })
	})
}

// WhyWaiting says which rule keeps a ticket waiting, and what will change that
// when: its place, for each seat that could serve it why that can not take a
// call and when it can again, in the order of their numbers, and the next step
// of the search.
func (f *Floor) WhyWaiting(id TicketID, at time.Time) []Check {
	w, known := f.tickets[id]
	if !known {
		return []Check{{Rule: string(id), Fact: FactPlace, Got: "0"}}
	}
	why := []Check{{Rule: string(id), Fact: FactPlace, Got: strconv.Itoa(f.Position(id)), Held: true}}
	var seats []*chair
	for _, c := range f.seats {
		if _, serves := w.servedBy(c.Agent); serves {
			seats = append(seats, c)
		}
	}
	slices.SortFunc(seats, func(a, b *chair) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, c := range seats {
		check := Check{Rule: "seat " + string(c.ID), Fact: FactSeat}
		check.Held, check.Got = c.CanTake(at)
		if in := c.freeIn(at); in > 0 {
			check.Want = in.Round(time.Second).String()
		}
		why = append(why, check)
	}
	if len(seats) == 0 {
		why = append(why, Check{Rule: strings.Join(w.Queues(), ", "), Fact: FactLoad, Want: "0", Got: Load{Waiting: 1}.String()})
	}
	if next := w.Next; next.To.Kind != NoTarget {
		why = append(why, Check{
			Rule: next.To.String(), Fact: FactAfter, Want: next.After.String(), Got: at.Sub(next.Since).Round(time.Second).String(),
		})
	}
	return why
}

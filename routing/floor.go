package routing

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Floor is the line and the seats as the pairing sees them: who waits for
// whom, who is free. It is told of every change and works out what follows
// from it alone, so that a change costs the same with ten callers in line and
// with ten thousand. The same changes in the same order always give the same
// pairings. One goroutine owns it.
type Floor struct {
	queues  map[string]Queue
	tickets map[TicketID]*waiting
	seats   map[AgentID]*chair
	// lanes are the tickets that want the same, pools the free seats that can
	// serve one want. Both are made when first needed and kept: there are as
	// many as the steps of the plan can ask for.
	lanes map[string]*lane
	pools map[string]*pool
	all   []*lane // the same as lists, which are read faster
	kept  []*pool
	open  []*lane // those with tickets
	free  int     // seats
	// passed are the owners whose tickets do not count at the moment.
	passed map[string]bool
	// resting are the seats that become free by time alone.
	resting heap[*chair]
}

// waiting is a ticket in line.
type waiting struct {
	Ticket
	aged time.Time // of the ticket
	lane *lane
	at   int // in the lane
}

// before orders the line as tickets do.
func (w *waiting) before(other *waiting) int {
	return cmp.Or(cmp.Compare(other.class(), w.class()), w.aged.Compare(other.aged), cmp.Compare(w.ID, other.ID))
}

// lane is a line of tickets that the same seats can serve, the next first.
type lane struct {
	key   string
	owner string
	shut  bool // its owner is passed over
	only  AgentID
	ratio float64
	pools []*pool
	line  heap[*waiting]
	// seats counts those that are ready and could serve a ticket of the lane,
	// at work or not.
	seats int
	// near are the other lanes that wait for one of the same queues.
	near []*lane
	// told is set while the lane is crowded and its tickets know; fresh have
	// come since.
	told  bool
	fresh []*waiting
}

// pool is the free seats that can serve a want, the next first.
type pool struct {
	want Want
	free heap[*stand]
}

// stand is a seat in a pool.
type stand struct {
	chair *chair
	at    int
}

// chair is a seat of the floor.
type chair struct {
	Agent
	free   bool
	at     int // among the resting; -1 when it is not
	places map[*pool]*stand
}

// NewFloor makes a floor without seats and callers.
func NewFloor(queues map[string]Queue) *Floor {
	return &Floor{
		queues: queues, tickets: make(map[TicketID]*waiting), seats: make(map[AgentID]*chair),
		lanes: make(map[string]*lane), pools: make(map[string]*pool), passed: make(map[string]bool),
		resting: newHeap(func(a, b *chair) int {
			return cmp.Or(a.RestUntil.Compare(b.RestUntil), cmp.Compare(a.ID, b.ID))
		}, func(c *chair) *int { return &c.at }),
	}
}

// Put takes a ticket in line, or replaces the one of the same id.
func (f *Floor) Put(t Ticket) {
	if w, known := f.tickets[t.ID]; known {
		if w.lane.key == laneKey(t) {
			w.Ticket, w.aged = t, t.aged()
			w.lane.line.fix(w)
			w.lane.fresh = append(w.lane.fresh, w)
			return
		}
		f.Remove(t.ID)
	}
	w := &waiting{Ticket: t, aged: t.aged(), lane: f.laneOf(t)}
	f.tickets[t.ID] = w
	if w.lane.line.len() == 0 {
		f.open = append(f.open, w.lane)
	}
	w.lane.line.push(w)
	w.lane.fresh = append(w.lane.fresh, w)
}

// Remove takes a ticket out of the line.
func (f *Floor) Remove(id TicketID) {
	w, known := f.tickets[id]
	if !known {
		return
	}
	delete(f.tickets, id)
	w.lane.line.remove(w)
	if w.lane.line.len() == 0 {
		f.open = without(f.open, w.lane)
		w.lane.told, w.lane.fresh = false, w.lane.fresh[:0]
	}
}

// Pass passes over all tickets of an owner, or ends that: they keep their
// places, but get no seat and count for nobody.
func (f *Floor) Pass(owner string, over bool) {
	if f.passed[owner] == over {
		return
	}
	f.passed[owner] = over
	for _, l := range f.all {
		if l.owner == owner {
			l.shut = over
		}
	}
}

// Seat takes a seat in, or replaces what is known of it.
func (f *Floor) Seat(a Agent, at time.Time) {
	c, known := f.seats[a.ID]
	if known && c.serves(a) { // the usual change: it took a call, or is free again
		f.occupy(c)
		c.Agent = a
		f.settle(c, at)
		return
	}
	f.Unseat(a.ID)
	c = &chair{Agent: a, at: -1, places: make(map[*pool]*stand)}
	f.seats[a.ID] = c
	f.count(a, 1)
	f.settle(c, at)
}

// serves reports whether a seat could serve the same callers as before, now or
// after its talk.
func (c *chair) serves(a Agent) bool {
	return c.staffed() == a.staffed() && slices.Equal(c.Queues, a.Queues) &&
		slices.Equal(c.Languages, a.Languages) && slices.Equal(c.Skills, a.Skills)
}

// staffed reports a seat that can be rung, now or after its talk.
func (a Agent) staffed() bool { return a.Presence == Ready && a.Reachable && !a.Deskless }

// without takes one element out; the order of the others may change.
func without[T comparable](list []T, gone T) []T {
	i, last := slices.Index(list, gone), len(list)-1
	list[i] = list[last]
	return list[:last]
}

// count adds a seat to the lanes that it could serve, or takes it away.
func (f *Floor) count(a Agent, n int) {
	if !a.staffed() {
		return
	}
	for _, l := range f.all {
		if l.servedBy(a) {
			l.seats += n
		}
	}
}

// Unseat takes a seat away.
func (f *Floor) Unseat(id AgentID) {
	c, known := f.seats[id]
	if !known {
		return
	}
	delete(f.seats, id)
	f.count(c.Agent, -1)
	f.occupy(c)
}

// settle puts a seat among the free ones or the resting ones.
func (f *Floor) settle(c *chair, at time.Time) {
	switch can, _ := c.CanTake(at); {
	case can:
		c.free = true
		f.free++
		for _, p := range f.kept {
			f.offer(p, c)
		}
	case c.RestUntil.After(at):
		f.resting.push(c)
	}
}

// occupy takes a seat out of everything that it can be found in.
func (f *Floor) occupy(c *chair) {
	if c.free {
		c.free = false
		f.free--
	}
	for p, where := range c.places {
		p.free.remove(where)
	}
	clear(c.places)
	if c.at >= 0 {
		f.resting.remove(c)
	}
}

// offer puts a free seat into a pool if it can serve its want.
func (f *Floor) offer(p *pool, c *chair) {
	if c.Serves(p.want) {
		where := &stand{chair: c}
		c.places[p] = where
		p.free.push(where)
	}
}

// laneKey is equal for tickets that the same seats can serve.
func laneKey(t Ticket) string {
	key := []string{t.Owner, string(t.Only), strconv.FormatFloat(t.Ratio, 'g', -1, 64)}
	for _, w := range t.Wants {
		key = append(key, w.key())
	}
	return strings.Join(key, "\x00")
}

// key is equal for equal wants.
func (w Want) key() string {
	return w.Queue + "\x01" + strings.Join(w.Languages, "\x01") + "\x02" + strings.Join(w.Skills, "\x01")
}

// laneOf finds the lane of a ticket, or opens it with its pools.
func (f *Floor) laneOf(t Ticket) *lane {
	key := laneKey(t)
	if l, known := f.lanes[key]; known {
		return l
	}
	l := &lane{
		key: key, owner: t.Owner, shut: f.passed[t.Owner], only: t.Only, ratio: t.Ratio,
		line: newHeap((*waiting).before, func(w *waiting) *int { return &w.at }),
	}
	for _, want := range t.Wants {
		if p := f.poolOf(want); !slices.Contains(l.pools, p) {
			l.pools = append(l.pools, p)
		}
	}
	for _, c := range f.seats {
		if c.staffed() && l.servedBy(c.Agent) {
			l.seats++
		}
	}
	for _, other := range f.all {
		if l.meets(other) {
			l.near, other.near = append(l.near, other), append(other.near, l)
		}
	}
	f.lanes[key], f.all = l, append(f.all, l)
	return l
}

// servedBy reports whether a seat could serve the tickets of the lane.
func (l *lane) servedBy(a Agent) bool {
	if l.only != "" {
		return l.only == a.ID
	}
	return slices.ContainsFunc(l.pools, func(p *pool) bool { return a.Serves(p.want) })
}

func (f *Floor) poolOf(want Want) *pool {
	key := want.key()
	if p, known := f.pools[key]; known {
		return p
	}
	order := f.queues[want.Queue].Strategy.order()
	p := &pool{want: want, free: newHeap(func(a, b *stand) int { return order(a.chair.Agent, b.chair.Agent) }, func(p *stand) *int { return &p.at })}
	f.pools[key], f.kept = p, append(f.kept, p)
	for _, c := range f.seats {
		if c.free {
			f.offer(p, c)
		}
	}
	return p
}

// Pair matches waiting tickets with free seats until none is left that could:
// the ticket that is first in line gets the seat that is best for it. Ticket
// and seat leave the floor; whoever gives a pairing up puts them back.
func (f *Floor) Pair(at time.Time) []Pairing {
	for f.resting.len() > 0 && !f.resting.peek().RestUntil.After(at) {
		f.settle(f.resting.pop(), at)
	}
	var pairings []Pairing
	for {
		w, c, queue := f.next()
		if w == nil {
			return pairings
		}
		pairings = append(pairings, w.pairing(c.Agent, f.queueOf(queue), at))
		f.Remove(w.ID)
		f.occupy(c)
	}
}

// queueOf is a queue by its name, also one that the floor was not told of.
func (f *Floor) queueOf(name string) Queue {
	queue := f.queues[name]
	queue.Name = name
	return queue
}

// next is the first ticket in line for which there is a free seat.
func (f *Floor) next() (*waiting, *chair, string) {
	var first *waiting
	var seat *chair
	var queue string
	if f.free == 0 {
		return nil, nil, ""
	}
	for _, l := range f.open {
		if l.shut {
			continue
		}
		w := l.line.peek()
		if first != nil && first.before(w) <= 0 {
			continue
		}
		if c, q := f.seatFor(w); c != nil {
			first, seat, queue = w, c, q
		}
	}
	return first, seat, queue
}

// seatFor is the free seat that is best for a ticket: the one who last talked
// with the caller, else of the first of its wants that has one.
func (f *Floor) seatFor(w *waiting) (*chair, string) {
	for _, id := range [...]AgentID{w.Only, w.Prefer} {
		if id == "" {
			continue
		}
		if c, known := f.seats[id]; known && c.free {
			if queue, serves := w.servedBy(c.Agent); serves {
				return c, queue
			}
		}
	}
	if w.Only != "" {
		return nil, ""
	}
	for _, p := range w.lane.pools {
		if p.free.len() > 0 {
			return p.free.peek().chair, p.want.Queue
		}
	}
	return nil, ""
}

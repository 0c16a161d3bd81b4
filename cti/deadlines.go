package cti

import (
	"container/heap"
	"time"

	"weibao/routing"
)

// deadlines are the seats by when something of them runs out by itself, so
// that a step looks at those alone and not at every seat.
type deadlines []*chair

// Len implements heap.Interface.
func (d deadlines) Len() int { return len(d) }

// Less implements heap.Interface.
func (d deadlines) Less(i, j int) bool { return d[i].due.Before(d[j].due) }

// Swap implements heap.Interface.
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i+1, j+1
}

// Push implements heap.Interface.
func (d *deadlines) Push(x any) {
	c, _ := x.(*chair) // only set calls it
	*d = append(*d, c)
	c.place = len(*d)
}

// Pop implements heap.Interface.
func (d *deadlines) Pop() any {
	last := len(*d) - 1
	c := (*d)[last]
	(*d)[last] = nil
	*d, c.place = (*d)[:last], 0
	return c
}

// set notes when a seat has to be looked at; the zero time is never.
func (d *deadlines) set(c *chair, due time.Time) {
	switch {
	case due.IsZero() && c.place > 0:
		heap.Remove(d, c.place-1)
	case due.IsZero():
	case c.place > 0:
		c.due = due
		heap.Fix(d, c.place-1)
	default:
		c.due = due
		heap.Push(d, c)
	}
}

// ran are the seats whose time has come; they are looked at again when set.
func (d *deadlines) ran(at time.Time) []*chair {
	var ran []*chair
	for len(*d) > 0 && !(*d)[0].due.After(at) {
		c, _ := heap.Pop(d).(*chair)
		ran = append(ran, c)
	}
	return ran
}

// runsOut is when something of a seat runs out by itself: its work, or the
// rest that keeps it out of the pairing. Zero: nothing does.
func (f *floor) runsOut(c *chair, at time.Time) time.Time {
	switch {
	case c.now.Work != routing.Free:
		// A work without a deadline is looked at at once.
		return later(c.now.Deadline, later(c.again, time.Unix(0, 0)))
	case c.now.RestUntil.After(at):
		return c.now.RestUntil
	}
	return time.Time{}
}

// rearm notes anew when the seats that have changed run out.
func (f *floor) rearm(at time.Time) {
	for c := range drained(&f.unset) {
		f.deadlines.set(c, f.runsOut(c, at))
	}
}

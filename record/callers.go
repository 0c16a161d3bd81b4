package record

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"weibao/call"
	"weibao/routing"
)

// lostFor is how long a caller who was lost before a person answered goes
// before others: a child who tries again must not begin at the end of the line.
const lostFor = 30 * time.Minute

// callers remembers who was lost in line. It calls nothing while it is locked.
type callers struct {
	mu   sync.Mutex
	lost map[routing.Number]time.Time
}

// ended takes a call in that is over: a talk settles what came before.
func (c *callers) ended(number routing.Number, at time.Time, talked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost == nil {
		c.lost = make(map[routing.Number]time.Time)
	}
	for n, since := range c.lost {
		if at.Sub(since) > lostFor {
			delete(c.lost, n)
		}
	}
	switch last, has := c.lost[number]; {
	case !routing.Digits(string(number)): // withheld: it is anybody's
	case talked:
		delete(c.lost, number)
	case !has || at.After(last):
		c.lost[number] = at
	}
}

// Facts are what is known of a caller when a call comes, as matchers of the
// plan see it; nil for nothing.
func (r *Registry) Facts(number routing.Number, at time.Time) map[string]string {
	r.callers.mu.Lock()
	defer r.callers.mu.Unlock()
	if since, lost := r.callers.lost[number]; lost && at.Sub(since) <= lostFor {
		return map[string]string{routing.FactRepeat: routing.RepeatLost}
	}
	return nil
}

// Recall reads from the store who was lost before this gateway was started, or
// at another one.
func (r *Registry) Recall(ctx context.Context, at time.Time) error {
	var recent []Record
	for q := (Query{From: at.Add(-lostFor), Limit: mostLimit}); ; {
		page, err := r.store.Find(ctx, q)
		if err != nil {
			return fmt.Errorf("look for callers who were lost: %w", err)
		}
		recent = append(recent, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for _, rec := range slices.Backward(recent) { // the oldest first: a talk settles what came before
		r.callers.ended(rec.Caller, rec.EndedAt.Time, !rec.TalkedAt.IsZero())
	}
	return nil
}

// remember takes in a call that has ended here.
func (r *Registry) remember(c call.Call) {
	r.callers.ended(c.Number, c.EndedAt, !c.TalkedAt.IsZero())
}

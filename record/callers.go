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

const (
	// lostFor is how long a caller who was lost before a person answered goes
	// before others: a child who tries again must not begin at the end of the
	// line.
	lostFor = 30 * time.Minute
	// knownFor is how long it is remembered who talked with a caller.
	knownFor = 24 * time.Hour
)

// callers remembers who was lost in line, and who talked with whom. It calls
// nothing while it is locked.
type callers struct {
	mu    sync.Mutex
	known map[routing.Number]acquaintance
	swept time.Time
}

// sweepCallers is between looks for who may be forgotten: a look goes over
// everybody, and calls end a hundred times a second.
const sweepCallers = time.Minute

// acquaintance is what is remembered of a number.
type acquaintance struct {
	lost   time.Time // before a person answered; zero when a talk came after
	agent  routing.AgentID
	talked time.Time
}

// ended takes a call in that is over: a talk settles what came before. A
// withheld number is anybody's.
func (c *callers) ended(number routing.Number, agent routing.AgentID, at time.Time, talked bool) {
	if !routing.Digits(string(number)) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = make(map[routing.Number]acquaintance)
	}
	if at.Sub(c.swept) > sweepCallers {
		c.swept = at
		for n, a := range c.known {
			if at.Sub(a.lost) > lostFor && at.Sub(a.talked) > knownFor {
				delete(c.known, n)
			}
		}
	}
	a := c.known[number]
	switch {
	case talked:
		a.lost, a.talked = time.Time{}, at
		if agent != "" {
			a.agent = agent
		}
	case at.After(a.lost):
		a.lost = at
	}
	c.known[number] = a
}

// Facts are what is known of a caller when a call comes, as matchers of the
// plan see it, and who last talked with the caller; nil for nothing.
func (r *Registry) Facts(number routing.Number, at time.Time) map[string]string {
	r.callers.mu.Lock()
	a := r.callers.known[number]
	r.callers.mu.Unlock()
	facts := make(map[string]string)
	if at.Sub(a.lost) <= lostFor {
		facts[routing.FactRepeat] = routing.RepeatLost
	}
	if a.agent != "" && at.Sub(a.talked) <= knownFor {
		facts[call.FactAgent] = string(a.agent)
	}
	if risk := r.marked.risk(number, at); risk != "" {
		facts[routing.FactRisk] = risk
	}
	if len(facts) == 0 {
		return nil
	}
	return facts
}

// Recall reads from the store who was lost, and who talked with whom, before
// this gateway was started, or at another one.
func (r *Registry) Recall(ctx context.Context, at time.Time) error {
	var recent []Record
	for q := (Query{From: at.Add(-knownFor), Limit: mostLimit}); ; {
		page, err := r.store.Find(ctx, q)
		if err != nil {
			return fmt.Errorf("look for earlier callers: %w", err)
		}
		recent = append(recent, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	for _, rec := range slices.Backward(recent) { // the oldest first: a talk settles what came before
		r.callers.ended(rec.Caller, rec.Agent, rec.EndedAt.Time, !rec.TalkedAt.IsZero())
	}
	return nil
}

// remember takes in a call that has ended here.
func (r *Registry) remember(c call.Call) {
	r.callers.ended(c.Number, c.Agent, c.EndedAt, !c.TalkedAt.IsZero())
}

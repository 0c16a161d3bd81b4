package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/configs/rehearsal"
	"weibao/record"
	"weibao/routing"
)

// rehearser reads the calls and compares them.
type rehearser struct {
	q      *rehearsing
	store  record.Store
	folder string
	new    *configs.Snapshot
	io     streams
	report *rehearsal.Report
	olds   *oldRules
}

// rehearse puts every call of the span through both configurations.
func (r *rehearser) rehearse(ctx context.Context) error {
	kept, err := r.store.Duty(ctx)
	if err != nil {
		return err
	}
	r.olds = newOldRules(r, routing.NewOverrides(kept.Overrides, kept.Notes))
	lost := make(lostCallers)
	return r.each(ctx, func(rec record.Record) error {
		arrival := arrivalOf(rec)
		lost.learn(rec, &arrival)
		if rec.ArrivedAt.Before(r.q.begin) {
			return nil // only to know who was lost in line
		}
		comparison, err := r.olds.of(ctx, rec)
		if err != nil {
			return err
		}
		r.report.Add(comparison.Rehearse(arrival))
		return nil
	})
}

const (
	// window is how much is read at once: the store gives the newest first,
	// and the calls are wanted in the order in which they came.
	window = 6 * time.Hour
	// lostFor is how long the gateway remembers who was lost in line.
	lostFor = 30 * time.Minute
)

// each calls use with the records of the span, and of the half hour before,
// the oldest first.
func (r *rehearser) each(ctx context.Context, use func(record.Record) error) error {
	for from := r.q.begin.Add(-lostFor); from.Before(r.q.end); from = from.Add(window) {
		to := from.Add(window)
		if to.After(r.q.end) {
			to = r.q.end
		}
		var rows []record.Record
		for q := (record.Query{From: from, To: to, Limit: 500}); ; {
			page, err := r.store.Find(ctx, q)
			if err != nil {
				return err
			}
			rows = append(rows, page.Rows...)
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		for _, rec := range slices.Backward(rows) {
			if err := use(rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrivalOf is what a record says of how the call came, and who answered.
func arrivalOf(rec record.Record) rehearsal.Arrival {
	a := rehearsal.Arrival{
		ID: rec.ID, At: rec.WaitingAt.Time, Caller: rec.Caller, Region: rec.Region,
		Origin: routing.Origin{Trunk: rec.Trunk, Dialled: rec.Dialled, Header: headerOf(rec)},
		Keys:   rec.Keys, Intent: rec.Intent, Missed: rec.Missed, Facts: maps.Clone(rec.Facts),
	}
	if a.At.IsZero() {
		a.At = rec.ArrivedAt.Time // gone in the menu: as if the caller had stayed
	}
	for _, t := range rec.Transfers {
		if t.To == (routing.Target{Kind: routing.ToPolice}).String() && t.Place != "" {
			a.Places = append(a.Places, t.Place)
		}
	}
	for _, check := range rec.Trace {
		if known := []string{routing.FactRepeat, routing.FactRisk}; slices.Contains(known, check.Fact) {
			a.Facts = with(a.Facts, check.Fact, check.Got)
		}
	}
	a.Answer = answerOf(rec, a.At)
	return a
}

// headerOf is the city that the line has named. The journey says when it was
// something else that told the region of a call; without a journey, the region
// is taken for named.
func headerOf(rec record.Record) string {
	for _, entry := range rec.Journey {
		fields := strings.Fields(entry.More)
		if entry.What == "ARRIVE" && len(fields) > 0 && slices.Contains([]string{"trunk", "dialled", "home"}, fields[len(fields)-1]) {
			return ""
		}
	}
	return rec.Region
}

// answerOf is who first spoke with the caller.
func answerOf(rec record.Record, since time.Time) rehearsal.Answer {
	for _, ring := range rec.Attempts {
		if ring.Result != record.ResultAnswered || ring.JoinedAt.IsZero() {
			continue
		}
		after := max(ring.PickedAt.Sub(since), 0)
		switch ring.Role {
		case call.Seat.String():
			return rehearsal.Answer{Agent: ring.Agent, Queue: ring.Queue, After: after}
		case call.Duty.String():
			return rehearsal.Answer{Number: string(ring.Number), After: after}
		}
	}
	if rec.Agent == "" || rec.TalkedAt.IsZero() {
		return rehearsal.Answer{}
	}
	return rehearsal.Answer{Agent: rec.Agent, Queue: rec.Queue, After: max(rec.TalkedAt.Sub(since), 0)}
}

func with(facts map[string]string, fact, value string) map[string]string {
	if facts == nil {
		facts = make(map[string]string)
	}
	facts[fact] = value
	return facts
}

// lostCallers are when callers were lost in line, as the gateway remembers it.
type lostCallers map[routing.Number]time.Time

// learn adds to a call whether its caller had been lost, where the record does
// not say it, and remembers how the call ended.
func (l lostCallers) learn(rec record.Record, a *rehearsal.Arrival) {
	if _, told := a.Facts[routing.FactRepeat]; !told {
		if since, lost := l[rec.Caller]; lost && rec.ArrivedAt.Sub(since) <= lostFor && !rec.ArrivedAt.Before(since) {
			a.Facts = with(a.Facts, routing.FactRepeat, routing.RepeatLost)
		}
	}
	switch {
	case !routing.Digits(string(rec.Caller)): // withheld: it is anybody's
	case !rec.TalkedAt.IsZero():
		delete(l, rec.Caller)
	default:
		l[rec.Caller] = rec.EndedAt.Time
	}
}

package record

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"weibao/call"
	"weibao/routing"
)

// FollowUp is what the caller is still owed, as one call or one promise has
// left it.
type FollowUp struct {
	Kind     string          `json:"kind"`
	Owner    routing.AgentID `json:"owner"`
	Since    Moment          `json:"since_at,omitzero"` // see call.FollowUp
	Due      Moment          `json:"due_at"`
	Language string          `json:"language,omitempty"`
	// Dialled, Keys and Intent are how the caller came; see call.FollowUp.
	Dialled  string      `json:"dialled,omitempty"`
	Keys     string      `json:"keys,omitempty"`
	Intent   string      `json:"intent,omitempty"`
	Promised bool        `json:"promised,omitempty"`
	Safe     call.Safety `json:"safe,omitempty"`
	Hours    string      `json:"hours,omitempty"`
	// Attempts are the calls placed so far.
	Attempts  int    `json:"attempts,omitempty"`
	NotBefore Moment `json:"not_before_at,omitzero"`
	Why       string `json:"why,omitempty"`
}

func followUpOf(f call.FollowUp) FollowUp {
	return FollowUp{
		Kind: string(f.Kind), Owner: f.Owner, Since: moment(f.Since), Due: moment(f.Due), Language: f.Language,
		Dialled: f.Dialled, Keys: f.Keys, Intent: f.Intent, Promised: f.Promised, Safe: f.Safe, Hours: f.Hours, Attempts: f.Attempts, NotBefore: moment(f.NotBefore), Why: f.Why,
	}
}

// Promise is a follow-up on a line of its own: one that no record opens, or a
// new state of one that is open.
type Promise struct {
	ID         call.ID        `json:"id"`
	At         Moment         `json:"at"`
	Caller     routing.Number `json:"caller"`
	CallerE164 routing.Number `json:"caller_e164,omitempty"`
	Region     string         `json:"region"`
	FollowUp
}

// Settlement ends a follow-up.
type Settlement struct {
	ID      call.ID                `json:"id"`
	Outcome call.SettlementOutcome `json:"outcome"`
	By      routing.AgentID        `json:"by,omitempty"` // empty for the gateway itself
	At      Moment                 `json:"at"`
	Note    string                 `json:"note,omitempty"`
	// Call is the talk that settled it by itself.
	Call call.ID `json:"call,omitempty"`
}

func (Promise) change()    {}
func (Settlement) change() {}

// promised is the promise that a record carries; false for none.
func (r Record) promised() (Promise, bool) {
	if r.FollowUp == nil {
		return Promise{}, false
	}
	p := Promise{ID: r.ID, At: r.EndedAt, Caller: r.Caller, CallerE164: r.CallerE164, Region: r.Region, FollowUp: *r.FollowUp}
	if p.Since.IsZero() { // written before it was kept there
		p.Since = cmp.Or(r.WaitingAt, r.ArrivedAt)
	}
	return p, true
}

// personOf is what makes the calls of one person one: the number in its one
// form, else as it came. A withheld number is anybody's, so each call of it
// stands alone.
func personOf(id call.ID, number, e164 routing.Number) string {
	switch {
	case e164 != "":
		return string(e164)
	case routing.Digits(string(number)):
		return string(number)
	}
	return "call:" + string(id)
}

// Promise keeps what a caller is owed; again under the same ID it replaces
// what was kept before. When it returns without an error it is on the local
// disk. A follow-up in a record opens by itself and needs no Promise.
func (r *Registry) Promise(ctx context.Context, f call.FollowUp) error {
	p := Promise{ID: f.ID, At: r.later(), Caller: f.Number, CallerE164: f.E164, Region: f.Region, FollowUp: followUpOf(f)}
	if err := r.submit(ctx, &request{kind: KindFollowUp, body: p, retry: true}); err != nil {
		return fmt.Errorf("keep the follow-up %s: %w", f.ID, err)
	}
	return nil
}

// later is now, but after every moment that it has told before: of two promises
// the later one counts.
func (r *Registry) later() Moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := moment(time.Now())
	if !now.After(r.told.Time) {
		now = moment(r.told.Add(time.Millisecond))
	}
	r.told = now
	return now
}

// Settle ends a follow-up, under the ID of any of its calls; the same promise.
// One that is settled already stays as it was.
func (r *Registry) Settle(ctx context.Context, s call.Settlement) error {
	if s.At.IsZero() {
		s.At = time.Now()
	}
	row := Settlement{ID: s.ID, Outcome: s.Outcome, By: s.By, At: moment(s.At), Note: s.Note}
	if err := r.submit(ctx, &request{kind: KindSettlement, body: row, retry: true}); err != nil {
		return fmt.Errorf("settle the follow-up %s: %w", s.ID, err)
	}
	return nil
}

// OpenFollowUps are the follow-ups that nobody has settled, one for each
// person, whoever has waited longest first. It waits a moment for the database
// to have what the journal has.
func (r *Registry) OpenFollowUps(ctx context.Context) ([]call.FollowUp, error) {
	r.shown(ctx, "follow-ups")
	open, err := r.store.OpenOwed(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]call.FollowUp, 0, len(open))
	for _, o := range open {
		if call.FollowUpKind(o.Kind).Ours() {
			continue
		}
		all = append(all, call.FollowUp{
			ID: o.ID, Kind: call.FollowUpKind(o.Kind), Number: o.Caller, E164: o.CallerE164, Region: o.Region, Language: o.Language,
			Dialled: o.Dialled, Keys: o.Keys, Intent: o.Intent,
			Since: o.Since.Time, Promised: o.Promised, Safe: o.Safe, Hours: o.Hours, Attempts: o.Attempts, NotBefore: o.NotBefore.Time,
			Owner: o.Owner, Due: o.Due.Time, Why: o.Why,
		})
	}
	return all, nil
}

// shown waits a moment until the database has what the journal has.
func (r *Registry) shown(ctx context.Context, what string) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := r.Flush(ctx); err != nil {
		r.log.Warn("not in the database yet", "what", what, "err", err)
	}
}

// Refresh takes over what other gateways, or an earlier life of this one, have
// left in the database: the marks of numbers, and how much is owed.
func (r *Registry) Refresh(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	if err := r.recallMarks(ctx, now); err != nil {
		return err
	}
	open, overdue, err := r.store.OwedCounts(ctx, now)
	if err != nil {
		return fmt.Errorf("count what is owed: %w", err)
	}
	for _, kind := range call.FollowUpKinds() {
		r.metrics.open.WithLabelValues(string(kind)).Set(float64(open[kind]))
	}
	r.metrics.overdue.Set(float64(overdue))
	r.mu.Lock()
	before := r.overdue
	r.overdue = overdue
	r.mu.Unlock()
	if overdue > before {
		r.log.Warn("callers are owed something and the time for it is over", "overdue", overdue, "before", before)
	}
	return nil
}

package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"weibao/call"
	"weibao/routing"
)

// The limits of a reconciliation.
const (
	// unfiledSince is how far back calls to 110 are looked at.
	unfiledSince = 30 * 24 * time.Hour
	// settleAfter is how long after the end of a call its outcome may be on
	// its way.
	settleAfter = time.Minute
	// longestCall is when a filing is over though its call has left no record.
	longestCall = 3 * time.Hour
	// putRight is the time that an owner has.
	putRight = 30 * time.Minute
)

// Reconcile asks promise 3 of the database: no call to 110 without a filing, no
// filing without an outcome. What breaks it is owed by somebody until a person
// has closed it or it has been put right: a follow-up of its own, with an owner
// and a deadline. Supervisors own what belongs to no seat.
func (r *Registry) Reconcile(ctx context.Context, now time.Time, supervisors routing.AgentID) error {
	ctx, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	unfiled, err := r.store.Unfiled(ctx, now.Add(-unfiledSince))
	if err != nil {
		return fmt.Errorf("reconcile calls to 110: %w", err)
	}
	open, err := r.store.Unconcluded(ctx, now.Add(-settleAfter), now.Add(-longestCall))
	if err != nil {
		return fmt.Errorf("reconcile filings: %w", err)
	}
	due := now.Add(putRight)
	var broken []call.FollowUp
	for _, u := range unfiled {
		broken = append(broken, call.FollowUp{
			ID: call.ID(string(call.Unfiled) + ":" + string(u.Leg)), Kind: call.Unfiled, Region: u.Region, Since: u.DialledAt.Time,
			Owner: supervisors, Due: due, Why: "拨打了110但没有报备，通话 " + string(u.Call),
		})
	}
	for _, f := range open {
		broken = append(broken, call.FollowUp{
			ID: call.ID(string(call.Unconcluded) + ":" + f.Number), Kind: call.Unconcluded, Region: f.Region, Since: f.MadeAt.Time,
			Owner: f.owner(supervisors), Due: due, Why: "报备 " + f.Number + " 没有结果，通话 " + string(f.Call),
		})
	}
	return r.owe(ctx, now, broken)
}

// owe opens a follow-up for each breach that has none, and settles those of
// breaches that are no more.
func (r *Registry) owe(ctx context.Context, now time.Time, broken []call.FollowUp) error {
	still := make(map[call.ID]bool, len(broken))
	for _, f := range broken {
		still[f.ID] = true
		_, err := r.store.OwedOf(ctx, f.ID)
		if errors.Is(err, ErrNotFound) {
			r.metrics.alarmed(string(f.Kind))
			r.log.Error("promise 3 is broken: no 110 without a filing, no filing without an outcome", "kind", f.Kind, "what", f.Why, "owner", f.Owner)
			err = r.Promise(ctx, f)
		}
		if err != nil {
			return fmt.Errorf("reconcile %s: %w", f.ID, err)
		}
	}
	all, err := r.store.OpenOwed(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	for _, o := range all {
		if !call.FollowUpKind(o.Kind).Ours() || still[o.ID] {
			continue
		}
		done := call.Settlement{ID: o.ID, Outcome: call.Closed, At: now, Note: "已补上"}
		if err := r.Settle(ctx, done); err != nil {
			return fmt.Errorf("reconcile %s: %w", o.ID, err)
		}
	}
	return nil
}

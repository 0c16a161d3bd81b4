package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"weibao/record"
)

// Database is where the deliveries are: a *record.SQL.
type Database interface {
	Within(ctx context.Context, what string, do func(*sql.Tx) error) error
}

// Store keeps deliveries in SQLite or PostgreSQL, by one set of statements.
// Times are those of the gateways, which must agree to a few seconds.
type Store struct {
	db Database
	// node names this gateway in the steps.
	node string
}

// NewStore makes the store of a gateway.
func NewStore(db Database, node string) *Store { return &Store{db, node} }

const (
	saveReceiver = `INSERT INTO outbox_receivers (name, kind, owner, events, seen_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, owner = excluded.owner, events = excluded.events, seen_at = excluded.seen_at`

	// A receiver that is new, or whose events came in while it was being
	// entered, is told what happened since.
	backfill = `INSERT INTO outbox_deliveries (receiver, event, filing, turn, state, due_at, since_at, attempts,
	lease, lease_until, sent_at, acked_at, acked_by, detail)
SELECT r.name, e.id, e.filing, e.turn, 'waiting', e.entered_at, e.entered_at, 0, '', 0, 0, 0, '', ''
FROM outbox_events e CROSS JOIN outbox_receivers r
WHERE e.entered_at >= $1 AND r.name = $2 AND r.events LIKE '% ' || e.kind || ' %'
	AND NOT EXISTS (SELECT 1 FROM outbox_deliveries d WHERE d.receiver = r.name AND d.event = e.id)
ON CONFLICT (receiver, event) DO NOTHING`

	claimable = `d.receiver = $1 AND d.state IN ('waiting', 'sent') AND d.due_at > 0 AND NOT EXISTS (
	SELECT 1 FROM outbox_deliveries b
	WHERE b.receiver = d.receiver AND b.filing = d.filing AND b.turn < d.turn AND b.state = 'waiting')`

	// Of two gateways that claim at once the second finds the lease taken.
	claim = `UPDATE outbox_deliveries SET lease = $2, lease_until = $3, attempts = attempts + 1
WHERE receiver = $1 AND lease_until <= $4 AND state IN ('waiting', 'sent') AND event = (
	SELECT d.event FROM outbox_deliveries d
	WHERE ` + claimable + ` AND d.lease_until <= $4 AND d.due_at <= $4
	ORDER BY d.due_at, d.turn, d.event LIMIT 1)
RETURNING event, attempts, since_at`

	nextDue = `SELECT MIN(CASE WHEN d.lease_until > d.due_at THEN d.lease_until ELSE d.due_at END)
FROM outbox_deliveries d WHERE ` + claimable

	beginStep = `INSERT INTO outbox_steps (receiver, event, attempt, node, began_at, ended_at, result, detail)
VALUES ($1, $2, $3, $4, $5, 0, '', '') ON CONFLICT (receiver, event, attempt) DO NOTHING`
	endStep = `UPDATE outbox_steps SET ended_at = $1, result = $2, detail = $3
WHERE receiver = $4 AND event = $5 AND attempt = $6`

	// What comes back under a lease that has run out does not count.
	finish = `UPDATE outbox_deliveries SET state = $1, due_at = $2, detail = $3, lease = '', lease_until = 0,
	sent_at = CASE WHEN $1 = 'sent' AND sent_at = 0 THEN $4 ELSE sent_at END
WHERE receiver = $5 AND event = $6 AND lease = $7 AND state IN ('waiting', 'sent')`

	// An acknowledgement counts whoever holds the lease, and only the first.
	acknowledge = `UPDATE outbox_deliveries SET state = 'acknowledged', acked_at = $1, acked_by = $2, detail = $3,
	due_at = 0, lease = '', lease_until = 0, sent_at = CASE WHEN sent_at = 0 THEN $1 ELSE sent_at END
WHERE receiver = $4 AND event = $5 AND state IN ('waiting', 'sent', 'given_up')`

	// What a person has acknowledged is not brought to people any more, unless
	// it is a later event that they have not seen.
	settle = `UPDATE outbox_deliveries SET state = 'acknowledged', due_at = 0, lease = '', lease_until = 0,
	acked_at = (SELECT MIN(f.acked_at) FROM filings f WHERE f.number = outbox_deliveries.filing AND f.acked_at > 0),
	acked_by = (SELECT MIN(f.acked_by) FROM filings f WHERE f.number = outbox_deliveries.filing AND f.acked_at > 0)
WHERE receiver = $1 AND turn = 0 AND state IN ('waiting', 'sent', 'given_up')
	AND EXISTS (SELECT 1 FROM filings f WHERE f.number = outbox_deliveries.filing AND f.acked_at > 0)`

	forget = `UPDATE outbox_deliveries SET state = 'withdrawn', due_at = 0, detail = 'no gateway has this receiver any more'
WHERE state IN ('waiting', 'sent', 'given_up') AND receiver IN (SELECT name FROM outbox_receivers WHERE seen_at < $1)`

	again = `UPDATE outbox_deliveries SET state = 'waiting', due_at = $1, since_at = $1
WHERE receiver = $2 AND event = $3 AND state IN ('waiting', 'sent', 'given_up') AND lease_until <= $1`
)

// lookBack is how far back a receiver is given what came in before it.
const lookBack = 24 * time.Hour

// Register enters the receivers of this gateway and gives each what it lacks
// of the last day. It is repeated now and then; see backfill.
func (s *Store) Register(ctx context.Context, all []Receiver, now time.Time) error {
	return s.db.Within(ctx, "enter the receivers of filings", func(tx *sql.Tx) error {
		for _, r := range all {
			if _, err := tx.ExecContext(ctx, saveReceiver, r.Name, r.Kind, r.Owner, r.events(), now.UnixMilli()); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, backfill, now.Add(-lookBack).UnixMilli(), r.Name); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, forget, now.Add(-record.Retired).UnixMilli())
		return err
	})
}

// Claim takes the delivery that is due, until the lease ends. Without one it
// is false, and the time is when the next will be; zero for none.
func (s *Store) Claim(ctx context.Context, receiver, lease string, now, until time.Time) (d Delivery, next time.Time, found bool, err error) {
	err = s.db.Within(ctx, "claim a delivery", func(tx *sql.Tx) error {
		d, found = Delivery{Receiver: receiver, lease: lease}, false
		var since int64
		err := tx.QueryRowContext(ctx, claim, receiver, lease, until.UnixMilli(), now.UnixMilli()).Scan(&d.ID, &d.Attempt, &since)
		if errors.Is(err, sql.ErrNoRows) {
			var due sql.NullInt64
			err = tx.QueryRowContext(ctx, nextDue, receiver).Scan(&due)
			if due.Valid {
				next = time.UnixMilli(due.Int64)
			}
			return err
		}
		if err != nil {
			return err
		}
		found, d.Since = true, time.UnixMilli(since)
		if d.Event, err = scanEvent(tx.QueryRowContext(ctx, events+` WHERE id = $1`, d.ID).Scan); err != nil {
			return fmt.Errorf("read the event %s: %w", d.ID, err)
		}
		_, err = tx.ExecContext(ctx, beginStep, receiver, d.ID, d.Attempt, s.node, now.UnixMilli())
		return err
	})
	return d, next, found && err == nil, err
}

// Result is what came of an attempt.
type Result struct {
	State  State // Waiting, Sent, GivenUp or Acknowledged
	By     string
	Detail string
	// Due is when it is tried again; zero for never.
	Due time.Time
}

// Finish writes what came of an attempt.
func (s *Store) Finish(ctx context.Context, d Delivery, r Result, now time.Time) error {
	return s.db.Within(ctx, "write what came of a delivery", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, endStep, now.UnixMilli(), string(r.State), plain(r.Detail), d.Receiver, d.ID, d.Attempt); err != nil {
			return err
		}
		if r.State == Acknowledged {
			_, err := tx.ExecContext(ctx, acknowledge, now.UnixMilli(), plain(r.By), plain(r.Detail), d.Receiver, d.ID)
			return err
		}
		due := int64(0)
		if !r.Due.IsZero() {
			due = r.Due.UnixMilli()
		}
		_, err := tx.ExecContext(ctx, finish, string(r.State), due, plain(r.Detail), now.UnixMilli(), d.Receiver, d.ID, d.lease)
		return err
	})
}

// Acknowledge notes an acknowledgement that came by itself. It is false when
// there is nothing open by that name.
func (s *Store) Acknowledge(ctx context.Context, receiver string, r Returned, now time.Time) (bool, error) {
	return s.touch(ctx, "acknowledge a delivery", acknowledge, now.UnixMilli(), plain(r.By), plain(r.Detail), receiver, r.Event)
}

// Settle acknowledges what a person has read elsewhere.
func (s *Store) Settle(ctx context.Context, receiver string) error {
	_, err := s.touch(ctx, "settle deliveries", settle, receiver)
	return err
}

// Again tries a delivery anew, also one that was given up. It is false when
// there is none open by that name, or an attempt is under way.
func (s *Store) Again(ctx context.Context, receiver, event string, now time.Time) (bool, error) {
	return s.touch(ctx, "try a delivery again", again, now.UnixMilli(), receiver, event)
}

func (s *Store) touch(ctx context.Context, what, statement string, args ...any) (bool, error) {
	touched := int64(0)
	err := s.db.Within(ctx, what, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, statement, args...)
		if err == nil {
			touched, err = result.RowsAffected()
		}
		return err
	})
	return touched > 0, err
}

var _ Database = (*record.SQL)(nil)

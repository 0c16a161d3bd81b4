package outbox

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"weibao/record"
)

// Standing is how a delivery stands, for people.
type Standing struct {
	Receiver string             `json:"receiver"`
	Kind     string             `json:"kind"`  // desk, hook, drop, phone
	Owner    string             `json:"owner"` // who sees to it
	Event    string             `json:"event"`
	Filing   string             `json:"filing"`
	What     record.FilingEvent `json:"what"`
	State    State              `json:"state"`
	At       record.Moment      `json:"at"` // of the event
	Since    record.Moment      `json:"since"`
	Due      record.Moment      `json:"due"`
	SentAt   record.Moment      `json:"sent_at"`
	AckedAt  record.Moment      `json:"acked_at"`
	AckedBy  string             `json:"acked_by"`
	Attempts int                `json:"attempts"`
	Detail   string             `json:"detail"`
	Steps    []Step             `json:"steps,omitempty"`
}

// Step is one attempt.
type Step struct {
	Attempt int           `json:"attempt"`
	Node    string        `json:"node"`
	Began   record.Moment `json:"began_at"`
	Ended   record.Moment `json:"ended_at"` // null: under way, or the gateway was killed in it
	Result  State         `json:"result"`
	Detail  string        `json:"detail"`
}

const standings = `SELECT d.receiver, COALESCE(r.kind, ''), COALESCE(r.owner, ''), d.event, d.filing, e.kind, d.state,
	e.at, d.since_at, d.due_at, d.sent_at, d.acked_at, d.acked_by, d.attempts, d.detail
FROM outbox_deliveries d JOIN outbox_events e ON e.id = d.event LEFT JOIN outbox_receivers r ON r.name = d.receiver`

// Open lists what is not acknowledged and has been tried since before that
// time, the oldest first.
func (s *Store) Open(ctx context.Context, before time.Time) ([]Standing, error) {
	return s.list(ctx, ` WHERE d.state IN ('waiting', 'sent', 'given_up') AND d.since_at <= $1
ORDER BY d.since_at, d.filing, d.turn, d.receiver`, before.UnixMilli())
}

// Of lists every delivery of a filing with its steps.
func (s *Store) Of(ctx context.Context, filing string) ([]Standing, error) {
	all, err := s.list(ctx, ` WHERE d.filing = $1 ORDER BY d.turn, d.event, d.receiver`, plain(filing))
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Steps, err = s.steps(ctx, all[i].Receiver, all[i].Event); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Store) list(ctx context.Context, where string, arg any) ([]Standing, error) {
	return read(ctx, s.db, query{standings + where, []any{arg}}, func(scan func(...any) error) (Standing, error) {
		var d Standing
		var at, since, due, sent, acked int64
		err := scan(&d.Receiver, &d.Kind, &d.Owner, &d.Event, &d.Filing, &d.What, &d.State,
			&at, &since, &due, &sent, &acked, &d.AckedBy, &d.Attempts, &d.Detail)
		d.At, d.Since, d.Due, d.SentAt, d.AckedAt = moment(at), moment(since), moment(due), moment(sent), moment(acked)
		return d, err
	})
}

func (s *Store) steps(ctx context.Context, receiver, event string) ([]Step, error) {
	return read(ctx, s.db, query{`SELECT attempt, node, began_at, ended_at, result, detail
FROM outbox_steps WHERE receiver = $1 AND event = $2 ORDER BY attempt`, []any{receiver, event}}, func(scan func(...any) error) (Step, error) {
		var p Step
		var began, ended int64
		err := scan(&p.Attempt, &p.Node, &began, &ended, &p.Result, &p.Detail)
		p.Began, p.Ended = moment(began), moment(ended)
		return p, err
	})
}

const events = `SELECT id, filing, kind, at, body FROM outbox_events`

func scanEvent(scan func(...any) error) (Event, error) {
	var e Event
	var at int64
	var body string
	err := scan(&e.ID, &e.Filing, &e.Kind, &at, &body)
	e.At, e.Body = time.UnixMilli(at), []byte(body)
	return e, err
}

// Entered are the events that came from any journal since then.
func (s *Store) Entered(ctx context.Context, since time.Time) ([]Event, error) {
	return read(ctx, s.db, query{events + ` WHERE entered_at >= $1 ORDER BY entered_at, turn, id`, []any{since.UnixMilli()}}, scanEvent)
}

type query struct {
	text string
	args []any
}

func read[T any](ctx context.Context, db Database, q query, row func(func(...any) error) (T, error)) ([]T, error) {
	var all []T
	err := db.Within(ctx, "list deliveries", func(tx *sql.Tx) error {
		all = []T{}
		rows, err := tx.QueryContext(ctx, q.text, q.args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			one, err := row(rows.Scan)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return rows.Err()
	})
	return all, err
}

func moment(ms int64) record.Moment {
	if ms == 0 {
		return record.Moment{}
	}
	return record.MomentOf(time.UnixMilli(ms))
}

// plain takes out what PostgreSQL refuses in a text: a receiver may answer
// anything.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

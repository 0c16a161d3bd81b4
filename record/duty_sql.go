package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"weibao/routing"
)

const (
	saveOverride = `INSERT INTO overrides (id, post, state, rank, settled_at, from_at, to_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET post = excluded.post, state = excluded.state, rank = excluded.rank,
	settled_at = excluded.settled_at, from_at = excluded.from_at, to_at = excluded.to_at, body = excluded.body
WHERE overrides.rank < excluded.rank OR overrides.rank = excluded.rank AND overrides.settled_at <= excluded.settled_at`

	saveHandOver = `INSERT INTO hand_overs (post, made_at, signed, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (post, made_at, signed) DO NOTHING`

	lastHandOvers = `SELECT body FROM hand_overs AS h
WHERE made_at = (SELECT MAX(made_at) FROM hand_overs WHERE post = h.post) ORDER BY post, signed`
)

func insertOverride(ctx context.Context, tx *sql.Tx, o Override) error {
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	var from, to Moment
	for i, c := range o.Changes {
		if i == 0 || c.From.Before(from.Time) {
			from = moment(c.From)
		}
		if i == 0 || c.To.After(to.Time) {
			to = moment(c.To)
		}
	}
	_, err = tx.ExecContext(ctx, saveOverride, plain(o.ID), plain(o.Post), plain(string(o.State)), o.State.Rank(),
		moment(o.Settled()).millis(), from.millis(), to.millis(), string(body))
	return err
}

func insertHandOver(ctx context.Context, tx *sql.Tx, h HandOver) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, saveHandOver, plain(h.Post), moment(h.At).millis(), plain(h.By), string(body))
	return err
}

// Duty implements Store.
func (s *SQL) Duty(ctx context.Context) (Duty, error) {
	if err := s.Ready(ctx); err != nil {
		return Duty{}, err
	}
	overrides, err := bodies[routing.Override](ctx, s, `SELECT body FROM overrides ORDER BY id`)
	if err != nil {
		return Duty{}, fmt.Errorf("find overrides: %w", err)
	}
	all, err := bodies[routing.HandOver](ctx, s, lastHandOvers)
	if err != nil {
		return Duty{}, fmt.Errorf("find hand-overs: %w", err)
	}
	// Two in one millisecond: the one that counts for everybody else, too.
	notes := []routing.HandOver{}
	for _, h := range all {
		last := len(notes) - 1
		switch {
		case last < 0 || notes[last].Post != h.Post:
			notes = append(notes, h)
		case h.Supersedes(notes[last]):
			notes[last] = h
		}
	}
	return Duty{Overrides: overrides, Notes: notes}, nil
}

// bodies reads rows of one column that holds JSON.
func bodies[T any](ctx context.Context, s *SQL, statement string) ([]T, error) {
	rows, err := s.db.QueryContext(ctx, statement)
	return bodiesOf[T](rows, err, "read")
}

func bodiesOf[T any](rows *sql.Rows, err error, what string) ([]T, error) {
	return collect(rows, err, what, func(scan func(...any) error) (T, error) {
		var v T
		var body string
		if err := scan(&body); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(body), &v)
	})
}

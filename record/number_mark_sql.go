package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// saveNumberMark: the first lifting counts, and a mark that comes again after
// it stays lifted.
const saveNumberMark = `INSERT INTO number_marks (id, person, kind, made_at, until_at, lifted_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET lifted_at = excluded.lifted_at, body = excluded.body
WHERE excluded.lifted_at > 0 AND (number_marks.lifted_at = 0 OR excluded.lifted_at < number_marks.lifted_at)`

func insertNumberMark(ctx context.Context, tx *sql.Tx, m NumberMark) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, saveNumberMark, plain(m.ID), plain(m.person()), plain(m.Kind), m.At.millis(), m.Until.millis(),
		m.LiftedAt.millis(), string(body))
	return err
}

// NumberMarks implements Store.
func (s *SQL) NumberMarks(ctx context.Context, at time.Time) ([]NumberMark, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	c := &conditions{}
	if !at.IsZero() {
		c.add("lifted_at = 0 AND (until_at = 0 OR until_at > $%d)", moment(at).millis())
	}
	rows, err := s.db.QueryContext(ctx, `SELECT body FROM number_marks`+c.where()+` ORDER BY made_at DESC, id DESC`, c.args...)
	return bodiesOf[NumberMark](rows, err, "find marks of numbers")
}

package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"weibao/call"
)

const (
	// A file is sealed again when its first encrypted form was no true copy.
	saveSeal = `INSERT INTO recording_seals (call_id, name, at, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (call_id, name) DO UPDATE SET at = excluded.at, body = excluded.body WHERE excluded.at > recording_seals.at`

	saveHold = `INSERT INTO recording_holds (id, call_id, made_at, lifted_at, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET lifted_at = excluded.lifted_at, body = excluded.body
WHERE excluded.lifted_at > 0 AND (recording_holds.lifted_at = 0 OR excluded.lifted_at < recording_holds.lifted_at)`

	savePurge = `INSERT INTO recording_purges (id, call_id, rank, journal, at, body) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET rank = excluded.rank, at = excluded.at, body = excluded.body
WHERE excluded.rank > recording_purges.rank`

	// Of two decisions the one that comes first counts.
	savePlay = `INSERT INTO recording_plays (id, call_id, at, agent, outcome, rank, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, rank = excluded.rank, body = excluded.body
WHERE excluded.rank > recording_plays.rank`

	purgeable = `SELECT r.body FROM records r
WHERE r.journal = $1 AND r.ended_at > 0 AND r.ended_at < $2 AND r.body LIKE '%"recording":{"wanted":true,"file":%'
	AND NOT EXISTS (SELECT 1 FROM recording_purges p WHERE p.call_id = r.id AND p.rank <> 2)
	AND NOT EXISTS (SELECT 1 FROM recording_holds h WHERE h.call_id = r.id AND h.lifted_at = 0)
	AND (r.ended_at > $3 OR r.ended_at = $3 AND r.id > $4)
ORDER BY r.ended_at, r.id LIMIT `
)

// saveTape writes what a line says of a recording.
func saveTape(ctx context.Context, tx *sql.Tx, journal string, c Change) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	switch c := c.(type) {
	case Seal:
		_, err = tx.ExecContext(ctx, saveSeal, plain(string(c.Call)), plain(c.Name), c.At.millis(), plain(string(body)))
	case Hold:
		_, err = tx.ExecContext(ctx, saveHold, plain(c.ID), plain(string(c.Call)), c.At.millis(), c.LiftedAt.millis(), plain(string(body)))
	case Purge:
		_, err = tx.ExecContext(ctx, savePurge, plain(c.ID), plain(string(c.Call)), c.rank(), journal, c.At.millis(), plain(string(body)))
	case Play:
		_, err = tx.ExecContext(ctx, savePlay, plain(c.ID), plain(string(c.Call)), c.At.millis(), plain(c.By),
			string(c.State), c.rank(), plain(string(body)))
	}
	return err
}

// Tape implements Store.
func (s *SQL) Tape(ctx context.Context, id call.ID) (Tape, error) {
	r, err := s.Get(ctx, id)
	if err != nil {
		return Tape{}, err
	}
	t := Tape{Record: r}
	if t.Seals, err = ofCall[Seal](ctx, s, "recording_seals", "at, name", id); err != nil {
		return Tape{}, err
	}
	if t.Holds, err = ofCall[Hold](ctx, s, "recording_holds", "made_at, id", id); err != nil {
		return Tape{}, err
	}
	if t.Purges, err = ofCall[Purge](ctx, s, "recording_purges", "id", id); err != nil {
		return Tape{}, err
	}
	t.Plays, err = ofCall[Play](ctx, s, "recording_plays", "at, id", id)
	return t, err
}

// ofCall reads what a table says of one call.
func ofCall[T any](ctx context.Context, s *SQL, table, order string, id call.ID) ([]T, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT body FROM `+table+` WHERE call_id = $1 ORDER BY `+order, plain(string(id)))
	return bodiesOf[T](rows, err, "read "+table)
}

// Purgeable implements Store.
func (s *SQL) Purgeable(ctx context.Context, journal string, before time.Time, after string) (Page[Record], error) {
	if err := s.Ready(ctx); err != nil {
		return Page[Record]{}, err
	}
	last := cursor{}
	if after != "" {
		var err error
		if last, err = parseCursor(after); err != nil {
			return Page[Record]{}, err
		}
	}
	rows, err := s.db.QueryContext(ctx, purgeable+fmt.Sprint(usualLimit+1), journal, before.UnixMilli(), last.ms, last.id)
	found, err := bodiesOf[Record](rows, err, "find recordings that are due")
	if err != nil {
		return Page[Record]{}, err
	}
	return page(found, usualLimit, func(r Record) cursor { return cursor{r.EndedAt.millis(), string(r.ID)} }), nil
}

// Purging implements Store.
func (s *SQL) Purging(ctx context.Context, journal string) ([]Purge, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT body FROM recording_purges WHERE rank = 1 AND journal = $1 ORDER BY id`, journal)
	return bodiesOf[Purge](rows, err, "find purges")
}

// Plays implements Store.
func (s *SQL) Plays(ctx context.Context, q Query) (Page[Play], error) {
	if err := s.Ready(ctx); err != nil {
		return Page[Play]{}, err
	}
	q.Caller, q.Region, q.Text = "", "", ""
	c, limit, err := q.conditions("at", "id")
	if err != nil {
		return Page[Play]{}, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT body FROM recording_plays`+c.where()+
		fmt.Sprintf(` ORDER BY at DESC, id DESC LIMIT %d`, limit+1), c.args...)
	found, err := bodiesOf[Play](rows, err, "find plays")
	if err != nil {
		return Page[Play]{}, err
	}
	return page(found, limit, func(p Play) cursor { return cursor{p.At.millis(), p.ID} }), nil
}

package record

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

var _ Store = (*SQL)(nil)

const (
	saveRecord = `INSERT INTO records (id, journal, sequence, arrived_at, ended_at, caller, dialled, region, route,
	queue, agent, outcome, waited_ms, talked_ms, alone_ms, words, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (id) DO UPDATE SET journal = excluded.journal, sequence = excluded.sequence,
	arrived_at = excluded.arrived_at, ended_at = excluded.ended_at, caller = excluded.caller,
	dialled = excluded.dialled, region = excluded.region, route = excluded.route, queue = excluded.queue,
	agent = excluded.agent, outcome = excluded.outcome, waited_ms = excluded.waited_ms,
	talked_ms = excluded.talked_ms, alone_ms = excluded.alone_ms, words = excluded.words, body = excluded.body
WHERE records.ended_at <= excluded.ended_at`

	saveFiling = `INSERT INTO filings (number, journal, sequence, call_id, category, place, region, agent, caller,
	made_at, fsynced_at, attempts, outcome, concluded_at, acked_at, acked_by, replaces, words, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, 0, '', $13, $14, $15)
ON CONFLICT (number, journal) DO UPDATE SET sequence = excluded.sequence,
	fsynced_at = CASE WHEN filings.fsynced_at = 0 THEN excluded.fsynced_at ELSE filings.fsynced_at END`

	giveWay = `DELETE FROM filings WHERE number = $1 AND journal = $2 AND call_id = $3`

	conclude = `UPDATE filings SET outcome = $1, attempts = $2, concluded_at = $3,
	fsynced_at = CASE WHEN fsynced_at = 0 THEN $4 ELSE fsynced_at END
WHERE number = $5 AND journal = $6`

	acknowledge = `UPDATE filings SET acked_at = $1, acked_by = $2 WHERE number = $3 AND acked_at = 0`

	saveGuide = `INSERT INTO guides (version, content, seen_at) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING`

	addMark  = `INSERT INTO marks (journal, sequence, hash) VALUES ($1, 0, '') ON CONFLICT (journal) DO NOTHING`
	moveMark = `UPDATE marks SET sequence = $1, hash = $2 WHERE journal = $3 AND sequence = $4 AND hash = $5`
)

// Apply implements Store.
func (s *SQL) Apply(ctx context.Context, b Batch) error {
	return s.Within(ctx, "apply the journal", func(tx *sql.Tx) error {
		if b.From != b.To {
			if err := move(ctx, tx, b); err != nil {
				return err
			}
		}
		for _, c := range b.Changes {
			if err := save(ctx, tx, b.Journal, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func move(ctx context.Context, tx *sql.Tx, b Batch) error {
	if _, err := tx.ExecContext(ctx, addMark, b.Journal); err != nil {
		return fmt.Errorf("mark the journal: %w", err)
	}
	moved, err := tx.ExecContext(ctx, moveMark, b.To.Sequence, b.To.Hash, b.Journal, b.From.Sequence, b.From.Hash)
	if err != nil {
		return fmt.Errorf("mark the journal: %w", err)
	}
	if n, err := moved.RowsAffected(); err != nil || n != 1 {
		return errors.Join(ErrMoved, err)
	}
	return nil
}

// save writes one row. A fault of the row itself is a *RowFault; the rows
// beside it must not wait for it for ever.
func save(ctx context.Context, tx *sql.Tx, journal string, c Change) error {
	var err error
	switch c := c.(type) {
	case Record:
		err = errors.Join(insertRecord(ctx, tx, journal, c), followRecord(ctx, tx, c), insertPoliceLegs(ctx, tx, c))
	case Filing:
		err = insertFiling(ctx, tx, journal, c)
	case Conclusion:
		attempts, jsonErr := json.Marshal(c.Attempts)
		_, err = tx.ExecContext(ctx, conclude, plain(c.Outcome), string(attempts), c.ConcludedAt.millis(),
			c.FsyncedAt.millis(), plain(c.Number), journal)
		err = errors.Join(jsonErr, err)
	case FilingEntry:
		err = insertEntry(ctx, tx, c)
	case Ack:
		_, err = tx.ExecContext(ctx, acknowledge, c.At.millis(), plain(c.By), plain(c.Number))
	case Note:
		err = writeNote(ctx, tx, c)
	case GuideText:
		_, err = tx.ExecContext(ctx, saveGuide, plain(c.Version), plain(c.Text), c.At.millis())
	case Override:
		err = insertOverride(ctx, tx, c)
	case HandOver:
		err = insertHandOver(ctx, tx, c)
	case SeatLog:
		err = insertSeats(ctx, tx, c)
	case Promise:
		err = followPromise(ctx, tx, linePromise, c)
	case Settlement:
		err = followSettlement(ctx, tx, c)
	case NumberMark:
		err = insertNumberMark(ctx, tx, c)
	case Seal, Hold, Purge, Play:
		err = saveTape(ctx, tx, journal, c)
	}
	if about, is := c.(aboutFiling); is && err == nil {
		err = announce(ctx, tx, journal, about)
	}
	if err != nil {
		return fmt.Errorf("save a %T: %w", c, err)
	}
	return nil
}

func insertRecord(ctx context.Context, tx *sql.Tx, journal string, r Record) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	words := []string{string(r.ID), r.Reason, r.Route, r.Queue, string(r.Agent)}
	for _, field := range slices.Sorted(maps.Keys(r.Note)) {
		words = append(words, r.Note[field])
	}
	for _, t := range r.Transfers {
		words = append(words, t.Filing, t.Category, t.Place)
	}
	_, err = tx.ExecContext(ctx, saveRecord, plain(string(r.ID)), journal, r.Sequence, r.ArrivedAt.millis(), r.EndedAt.millis(),
		plain(string(r.Caller)), plain(r.Dialled), plain(r.Region), plain(r.Route), plain(r.Queue), plain(string(r.Agent)),
		plain(string(r.Outcome)), r.Waited.Duration().Milliseconds(), r.Talked.Duration().Milliseconds(),
		r.Alone.Duration().Milliseconds(), searchable(words...), string(body))
	return err
}

func insertFiling(ctx context.Context, tx *sql.Tx, journal string, f Filing) error {
	attempts, err := json.Marshal(f.Attempts)
	if err != nil {
		return err
	}
	details, err := json.Marshal(f.FilingDetails)
	if err != nil {
		return err
	}
	if f.Replaces != "" {
		if _, err := tx.ExecContext(ctx, giveWay, plain(f.Replaces), journal, plain(string(f.Call))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, withdraw, plain(f.Number), plain(f.Replaces), journal, plain(string(f.Call))); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, saveFiling, plain(f.Number), journal, f.Sequence, plain(string(f.Call)), plain(f.Category),
		plain(f.Place), plain(f.Region), plain(string(f.Agent)), plain(string(f.Caller)), f.MadeAt.millis(),
		f.FsyncedAt.millis(), string(attempts), plain(f.Replaces), searchable(f.Number, f.Category, f.Place), string(details))
	return err
}

// plain takes out what PostgreSQL refuses in a text: what comes over the
// telephone line may hold anything, and must not stop the catch-up.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// searchable is the text that a search looks through. Lower case is made here,
// because the two databases do not agree on it.
func searchable(words ...string) string {
	return plain(strings.ToLower(strings.Join(words, "\n")))
}

// Marks implements Store.
func (s *SQL) Marks(ctx context.Context) ([]Mark, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT journal, sequence, hash FROM marks ORDER BY journal`)
	return collect(rows, err, "read the marks", func(scan func(...any) error) (Mark, error) {
		var m Mark
		err := scan(&m.Journal, &m.Sequence, &m.Hash)
		return m, err
	})
}

// Guide implements Store.
func (s *SQL) Guide(ctx context.Context, version string) (GuideText, error) {
	if err := s.Ready(ctx); err != nil {
		return GuideText{}, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT version, content, seen_at FROM guides WHERE version = $1`, plain(version))
	return one(collect(rows, err, "read a guide", func(scan func(...any) error) (GuideText, error) {
		var g GuideText
		var at int64
		err := scan(&g.Version, &g.Text, &at)
		g.At = fromMillis(at)
		return g, err
	}))
}

// collect reads all rows of a query.
func collect[T any](rows *sql.Rows, err error, what string, read func(scan func(...any) error) (T, error)) ([]T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer func() { _ = rows.Close() }()
	all := []T{}
	for rows.Next() {
		row, err := read(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		all = append(all, row)
	}
	if err := cmp.Or(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return all, nil
}

// one is the first row of an answer.
func one[T any](rows []T, err error) (T, error) {
	var none T
	switch {
	case err != nil:
		return none, err
	case len(rows) == 0:
		return none, ErrNotFound
	}
	return rows[0], nil
}

package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// FilingEvent is what happened to a filing, as receivers are told it. It is
// part of what outsiders rely on.
type FilingEvent string

// The events of a filing.
const (
	FilingMade      FilingEvent = "made"
	FilingOutcome   FilingEvent = "outcome"    // what became of the call to 110
	FilingCorrected FilingEvent = "correction" // anything that a person wrote later
)

// aboutFiling is a change that the receivers of filings are told of: whoever
// adds a kind of line about a filing gives it this method, and no more.
type aboutFiling interface {
	Change
	told() (number string, event FilingEvent, at Moment)
}

func (f Filing) told() (string, FilingEvent, Moment) { return f.Number, FilingMade, f.MadeAt }

func (e FilingEntry) told() (string, FilingEvent, Moment) { return e.Number, FilingCorrected, e.At }

func (c Conclusion) told() (string, FilingEvent, Moment) {
	return c.Number, FilingOutcome, c.ConcludedAt
}

const (
	saveEvent = `INSERT INTO outbox_events (id, filing, journal, call_id, kind, at, turn, entered_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`

	fanOut = `INSERT INTO outbox_deliveries (receiver, event, filing, turn, state, due_at, since_at, attempts,
	lease, lease_until, sent_at, acked_at, acked_by, detail)
SELECT r.name, e.id, e.filing, e.turn, 'waiting', e.entered_at, e.entered_at, 0, '', 0, 0, 0, '', ''
FROM outbox_events e CROSS JOIN outbox_receivers r
WHERE e.id = $1 AND r.events LIKE $2 AND r.seen_at >= $3
ON CONFLICT (receiver, event) DO NOTHING`

	withdraw = `UPDATE outbox_deliveries SET state = 'withdrawn', detail = $1
WHERE state IN ('waiting', 'sent') AND event IN (
	SELECT id FROM outbox_events WHERE filing = $2 AND journal = $3 AND call_id = $4)`
)

// Retired is after how long a receiver that is in no gateway's configuration
// any more is told nothing.
const Retired = 7 * 24 * time.Hour

// announce writes what the receivers of filings are to be told, for each of them,
// in the transaction of the change itself. The filing goes as it stands after
// the change. A line that comes again tells nothing new.
func announce(ctx context.Context, tx *sql.Tx, journal string, c aboutFiling) error {
	number, event, at := c.told()
	f, from, err := filingOfChange(ctx, tx, journal, number)
	if errors.Is(err, ErrNotFound) {
		return nil // its own line is still to come, and this one again behind it
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	// The tail of the journal's id keeps two filings apart that were given one
	// number by two gateways of the same name.
	id := plain(number) + "." + string(event) + "." + strconv.FormatInt(at.millis(), 10) + "." + journal[max(0, len(journal)-6):]
	turn := at.millis()
	if event == FilingMade {
		turn = 0
	}
	if _, err := tx.ExecContext(ctx, saveEvent, id, plain(number), from, plain(string(f.Call)), string(event),
		at.millis(), turn, time.Now().UnixMilli(), string(body)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, fanOut, id, "% "+string(event)+" %", time.Now().Add(-Retired).UnixMilli())
	return err
}

// filingOfChange is the filing that a line of that journal speaks of, and the
// journal that it is in: a correction may be written at another gateway.
func filingOfChange(ctx context.Context, tx *sql.Tx, journal, number string) (Filing, string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+filingColumns+`, journal FROM filings WHERE number = $1
ORDER BY CASE WHEN journal = $2 THEN 0 ELSE 1 END, journal LIMIT 1`, plain(number), journal)
	from := ""
	found, err := collect(rows, err, "read a filing", func(scan func(...any) error) (Filing, error) {
		return scanFiling(func(fields ...any) error { return scan(append(fields, &from)...) })
	})
	if err == nil {
		err = entered(ctx, tx, found)
	}
	f, err := one(found, err)
	return f, from, err
}

// Within runs a transaction on the tables of the store, for packages below
// this one that have tables of their own. What the function returns undoes it.
func (s *SQL) Within(ctx context.Context, what string, do func(*sql.Tx) error) error {
	if err := s.Ready(ctx); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to %s: %w", what, err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

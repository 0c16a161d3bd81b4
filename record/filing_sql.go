package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"weibao/call"
)

const (
	saveEntry = `INSERT INTO filing_entries (number, what, entered_at, entered_by, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (number, what, entered_at, entered_by) DO NOTHING`

	savePoliceLeg = `INSERT INTO police_legs (leg, call_id, filing, region, dialled_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (leg) DO UPDATE SET filing = excluded.filing`

	// A filing under a number that has been replaced is there under the other.
	unfiledLegs = `SELECT leg, call_id, region, dialled_at FROM police_legs
WHERE dialled_at >= $1 AND NOT EXISTS (SELECT 1 FROM filings WHERE filings.number = police_legs.filing OR filings.replaces = police_legs.filing AND police_legs.filing <> '')
ORDER BY dialled_at, leg`

	// The call is over when it has a record; after so long it is over anyhow.
	unconcluded = `SELECT number, call_id, agent, region, made_at FROM filings
WHERE outcome = '' AND (made_at < $1 OR EXISTS (SELECT 1 FROM records WHERE records.id = filings.call_id AND records.ended_at < $2))
ORDER BY made_at, number`
)

func insertEntry(ctx context.Context, tx *sql.Tx, e FilingEntry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, saveEntry, plain(e.Number), plain(string(e.What)), e.At.millis(), plain(e.By), plain(string(body)))
	return err
}

// insertPoliceLegs notes every call to 110 of a record with the filing that it
// went with.
func insertPoliceLegs(ctx context.Context, tx *sql.Tx, r Record) error {
	filings := make(map[call.LegID]string)
	for _, t := range r.Transfers {
		for _, a := range t.Attempts {
			filings[a.Leg] = t.Filing
		}
	}
	for _, ring := range r.Attempts {
		if ring.Role != call.Police.String() {
			continue
		}
		_, err := tx.ExecContext(ctx, savePoliceLeg, plain(string(ring.Leg)), plain(string(r.ID)), plain(filings[ring.Leg]),
			plain(r.Region), ring.DialledAt.millis())
		if err != nil {
			return err
		}
	}
	return nil
}

// Unfiled implements Store.
func (s *SQL) Unfiled(ctx context.Context, since time.Time) ([]Unfiled, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, unfiledLegs, since.UnixMilli())
	return collect(rows, err, "find calls to 110 without a filing", func(scan func(...any) error) (Unfiled, error) {
		var u Unfiled
		var at int64
		err := scan(&u.Leg, &u.Call, &u.Region, &at)
		u.DialledAt = fromMillis(at)
		return u, err
	})
}

// Unconcluded implements Store.
func (s *SQL) Unconcluded(ctx context.Context, ended, made time.Time) ([]Filing, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, unconcluded, made.UnixMilli(), ended.UnixMilli())
	return collect(rows, err, "find filings without an outcome", func(scan func(...any) error) (Filing, error) {
		var f Filing
		var at int64
		err := scan(&f.Number, &f.Call, &f.Agent, &f.Region, &at)
		f.MadeAt = fromMillis(at)
		return f, err
	})
}

// querier is a database, or a transaction of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// entered puts the entries to filings into them.
func entered(ctx context.Context, db querier, filings []Filing) error {
	if len(filings) == 0 {
		return nil
	}
	at, places, args := make(map[string][]int), make([]string, len(filings)), make([]any, len(filings))
	for i, f := range filings {
		places[i], args[i] = fmt.Sprintf("$%d", i+1), plain(f.Number)
		at[f.Number] = append(at[f.Number], i)
	}
	rows, err := db.QueryContext(ctx, `SELECT body FROM filing_entries WHERE number IN (`+strings.Join(places, ", ")+
		`) ORDER BY entered_at, what, entered_by`, args...)
	all, err := bodiesOf[FilingEntry](rows, err, "find what was entered to filings")
	for _, e := range all {
		for _, i := range at[e.Number] {
			filings[i].take(e)
		}
	}
	return err
}

// Filings implements Store.
func (s *SQL) Filings(ctx context.Context, q Query) (Page[Filing], error) {
	c, limit, err := q.conditions("made_at", "number")
	if err != nil {
		return Page[Filing]{}, err
	}
	rows, err := s.filings(ctx, c, limit+1)
	if err != nil {
		return Page[Filing]{}, err
	}
	return page(rows, limit, func(f Filing) cursor { return cursor{f.MadeAt.millis(), f.Number} }), nil
}

// Filing implements Store.
func (s *SQL) Filing(ctx context.Context, number string) (Filing, error) {
	c := &conditions{}
	c.add("number = $%d", plain(number))
	return one(s.filings(ctx, c, 1))
}

func (s *SQL) filings(ctx context.Context, c *conditions, limit int) ([]Filing, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	statement := fmt.Sprintf(`SELECT %s
FROM filings%s ORDER BY made_at DESC, number DESC, journal LIMIT %d`, filingColumns, c.where(), limit)
	rows, err := s.db.QueryContext(ctx, statement, c.args...)
	found, err := collect(rows, err, "find filings", scanFiling)
	if err != nil {
		return nil, err
	}
	return found, entered(ctx, s.db, found)
}

// filingColumns are what scanFiling reads, in its order.
const filingColumns = `number, sequence, call_id, category, place, region, agent, caller, made_at, fsynced_at,
	attempts, outcome, concluded_at, acked_at, acked_by, replaces, details`

func scanFiling(scan func(...any) error) (Filing, error) {
	var f Filing
	var made, fsynced, concluded, acked int64
	var attempts, details string
	if err := scan(&f.Number, &f.Sequence, &f.Call, &f.Category, &f.Place, &f.Region, &f.Agent, &f.Caller,
		&made, &fsynced, &attempts, &f.Outcome, &concluded, &acked, &f.AckedBy, &f.Replaces, &details); err != nil {
		return f, err
	}
	f.MadeAt, f.FsyncedAt = fromMillis(made), fromMillis(fsynced)
	f.ConcludedAt, f.AckedAt = fromMillis(concluded), fromMillis(acked)
	return f, errors.Join(json.Unmarshal([]byte(attempts), &f.Attempts), json.Unmarshal([]byte(details), &f.FilingDetails))
}

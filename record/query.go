package record

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weibao/call"
)

// conditions builds the part of a statement behind WHERE.
type conditions struct {
	tests []string
	args  []any
}

// add appends a test whose %d places take the numbers of the arguments.
func (c *conditions) add(test string, args ...any) {
	places := make([]any, len(args))
	for i := range args {
		places[i] = len(c.args) + i + 1
	}
	c.tests = append(c.tests, fmt.Sprintf(test, places...))
	c.args = append(c.args, args...)
}

func (c *conditions) where() string {
	if len(c.tests) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.tests, " AND ")
}

// conditions of a query over a table whose rows are ordered by the columns at
// and id.
func (q Query) conditions(at, id string) (*conditions, int, error) {
	limit, err := q.limit()
	if err != nil {
		return nil, 0, err
	}
	c := &conditions{}
	equal := func(column, value string) {
		if value != "" {
			c.add(column+" = $%d", plain(value))
		}
	}
	bound := func(test string, t time.Time) {
		if !t.IsZero() {
			c.add(at+test, t.UnixMilli())
		}
	}
	bound(" >= $%d", q.From)
	bound(" < $%d", q.To)
	equal("agent", string(q.Agent))
	equal("caller", string(q.Caller))
	equal("outcome", q.Outcome)
	equal("region", q.Region)
	if q.Text != "" {
		c.add(`words LIKE $%d ESCAPE '!'`, "%"+like(q.Text)+"%")
	}
	if q.Unacked {
		c.tests = append(c.tests, "acked_at = 0")
	}
	if q.Cursor != "" {
		last, err := parseCursor(q.Cursor)
		if err != nil {
			return nil, 0, err
		}
		c.add("("+at+" < $%d OR "+at+" = $%d AND "+id+" < $%d)", last.ms, last.ms, plain(last.id))
	}
	return c, limit, nil
}

// like takes the special meaning from the characters of a search.
func like(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(searchable(text))
}

// page cuts the row off that says whether there are more.
func page[T any](rows []T, limit int, at func(T) cursor) Page[T] {
	if len(rows) <= limit {
		return Page[T]{Rows: rows}
	}
	rows = rows[:limit]
	return Page[T]{Rows: rows, Next: at(rows[limit-1]).String()}
}

// Find implements Store.
func (s *SQL) Find(ctx context.Context, q Query) (Page[Record], error) {
	q.Unacked = false
	c, limit, err := q.conditions("arrived_at", "id")
	if err != nil {
		return Page[Record]{}, err
	}
	rows, err := s.records(ctx, c, limit+1)
	if err != nil {
		return Page[Record]{}, err
	}
	return page(rows, limit, func(r Record) cursor { return cursor{r.ArrivedAt.millis(), string(r.ID)} }), nil
}

// Get implements Store.
func (s *SQL) Get(ctx context.Context, id call.ID) (Record, error) {
	c := &conditions{}
	c.add("id = $%d", plain(string(id)))
	return one(s.records(ctx, c, 1))
}

func (s *SQL) records(ctx context.Context, c *conditions, limit int) ([]Record, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	statement := fmt.Sprintf("SELECT sequence, body FROM records%s ORDER BY arrived_at DESC, id DESC LIMIT %d", c.where(), limit)
	rows, err := s.db.QueryContext(ctx, statement, c.args...)
	return collect(rows, err, "find records", func(scan func(...any) error) (Record, error) {
		var r Record
		var body string
		var sequence int64
		if err := scan(&sequence, &body); err != nil {
			return r, err
		}
		err := json.Unmarshal([]byte(body), &r)
		r.Sequence = sequence
		return r, err
	})
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
	return collect(rows, err, "find filings", scanFiling)
}

// filingColumns are what scanFiling reads, in its order.
const filingColumns = `number, sequence, call_id, category, place, region, agent, caller, made_at, fsynced_at,
	attempts, outcome, concluded_at, acked_at, acked_by, replaces`

func scanFiling(scan func(...any) error) (Filing, error) {
	var f Filing
	var made, fsynced, concluded, acked int64
	var attempts string
	if err := scan(&f.Number, &f.Sequence, &f.Call, &f.Category, &f.Place, &f.Region, &f.Agent, &f.Caller,
		&made, &fsynced, &attempts, &f.Outcome, &concluded, &acked, &f.AckedBy, &f.Replaces); err != nil {
		return f, err
	}
	f.MadeAt, f.FsyncedAt = fromMillis(made), fromMillis(fsynced)
	f.ConcludedAt, f.AckedAt = fromMillis(concluded), fromMillis(acked)
	return f, json.Unmarshal([]byte(attempts), &f.Attempts)
}

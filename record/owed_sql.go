package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

const (
	addOwedLine = `INSERT INTO owed_lines (what, id, at, person, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (what, id, at) DO NOTHING`

	lockPerson = `INSERT INTO owed_persons (person, looks) VALUES ($1, 1)
ON CONFLICT (person) DO UPDATE SET looks = owed_persons.looks + 1`

	personOfCall = `SELECT person FROM owed_lines WHERE id = $1 AND what IN ('record', 'promise') ORDER BY what DESC, at LIMIT 1`

	linesOfPerson = `SELECT what, id, at, body FROM owed_lines
WHERE person = $1 OR what = 'settled' AND id IN (SELECT id FROM owed_lines WHERE person = $1)`

	saveOwed = `INSERT INTO follow_ups (id, person, state, kind, region, owner, due_at, turn, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE SET person = excluded.person, state = excluded.state, kind = excluded.kind,
	region = excluded.region, owner = excluded.owner, due_at = excluded.due_at, turn = excluded.turn, body = excluded.body`

	dropOwed = `DELETE FROM follow_ups WHERE id = $1`
)

// behind puts what is settled after everything that is open, the last first.
const behind = int64(1) << 60

// followRecord takes from a record what its caller is owed, and that a person
// has talked with its caller.
func followRecord(ctx context.Context, tx *sql.Tx, r Record) error {
	if p, owes := r.promised(); owes {
		if err := followPromise(ctx, tx, lineRecord, p); err != nil {
			return err
		}
	}
	person := personOf(r.ID, r.Caller, r.CallerE164)
	if r.TalkedAt.IsZero() || strings.HasPrefix(person, "call:") {
		return nil
	}
	end := Settlement{ID: r.ID, Outcome: call.Reached, By: r.Agent, At: r.TalkedAt, Call: r.ID}
	return follow(ctx, tx, person, owedLine{what: lineTalked, id: r.ID, at: r.TalkedAt.Time}, end)
}

// followPromise takes a promise in: from a record, or on a line of its own.
// The two are of one person, by the record's word.
func followPromise(ctx context.Context, tx *sql.Tx, what string, p Promise) error {
	person := personOf(p.ID, p.Caller, p.CallerE164)
	if what == linePromise {
		known, err := knownPerson(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if known != "" {
			person = known
		}
	}
	return follow(ctx, tx, person, owedLine{what: what, id: p.ID, at: p.At.Time}, p)
}

// followSettlement may come before the call that it settles, from another
// journal; then it waits for it.
func followSettlement(ctx context.Context, tx *sql.Tx, s Settlement) error {
	person, err := knownPerson(ctx, tx, s.ID)
	if err != nil {
		return err
	}
	return follow(ctx, tx, person, owedLine{what: lineSettled, id: s.ID, at: s.At.Time}, s)
}

func knownPerson(ctx context.Context, tx *sql.Tx, id call.ID) (string, error) {
	person := ""
	err := tx.QueryRowContext(ctx, personOfCall, plain(string(id))).Scan(&person)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return person, err
}

// follow adds a line and works out anew what its person is owed.
func follow(ctx context.Context, tx *sql.Tx, person string, l owedLine, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	person, owner := plain(person), plain(person)
	if l.what == lineSettled {
		owner = "" // it is about a call, whoever's that is
	}
	if _, err := tx.ExecContext(ctx, lockPerson, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, addOwedLine, l.what, plain(string(l.id)), moment(l.at).millis(), owner, string(body)); err != nil {
		return err
	}
	if person == "" {
		return nil
	}
	return settle(ctx, tx, person)
}

// settle writes what follows from the lines of a person.
func settle(ctx context.Context, tx *sql.Tx, person string) error {
	rows, err := tx.QueryContext(ctx, linesOfPerson, person)
	lines, err := collect(rows, err, "read what is owed", scanOwedLine)
	if err != nil {
		return err
	}
	rows, err = tx.QueryContext(ctx, `SELECT id, body FROM follow_ups WHERE person = $1`, person)
	type row struct{ id, body string }
	held, err := collect(rows, err, "read the follow-ups", func(scan func(...any) error) (row, error) {
		var r row
		err := scan(&r.id, &r.body)
		return r, err
	})
	if err != nil {
		return err
	}
	written := make(map[string]string)
	for _, r := range held {
		written[r.id] = r.body
	}
	for _, o := range owedBy(lines) {
		body, err := json.Marshal(o)
		if err != nil {
			return err
		}
		if id := plain(string(o.ID)); written[id] != string(body) {
			if _, err := tx.ExecContext(ctx, saveOwed, id, person, string(o.State), plain(o.Kind), plain(o.Region),
				plain(string(o.Owner)), o.Due.millis(), o.turn(), string(body)); err != nil {
				return err
			}
		}
		delete(written, plain(string(o.ID)))
	}
	for id := range written { // another call was the first, as a later journal tells
		if _, err := tx.ExecContext(ctx, dropOwed, id); err != nil {
			return err
		}
	}
	return nil
}

func scanOwedLine(scan func(...any) error) (owedLine, error) {
	var l owedLine
	var at int64
	var body string
	if err := scan(&l.what, &l.id, &at, &body); err != nil {
		return l, err
	}
	l.at = fromMillis(at).Time
	if l.what == lineRecord || l.what == linePromise {
		return l, json.Unmarshal([]byte(body), &l.promise)
	}
	return l, json.Unmarshal([]byte(body), &l.end)
}

// turn is the place in the list.
func (o Owed) turn() int64 {
	if o.Settled != nil {
		return behind - o.Settled.At.millis()
	}
	return o.Due.millis()
}

// OwedQuery selects follow-ups. Zero fields do not select.
type OwedQuery struct {
	State  OwedState
	Kind   call.FollowUpKind
	Region string
	// Owners and Regions, when one of them is given, select what belongs to one
	// of these owners or one of these regions: what a seat may see.
	Owners  []routing.AgentID
	Regions []string
	Limit   int // as of Query
	Cursor  string
}

func (q OwedQuery) conditions() (*conditions, int, error) {
	limit, err := Query{Limit: q.Limit}.limit()
	if err != nil {
		return nil, 0, err
	}
	c := &conditions{}
	for column, value := range map[string]string{"state": string(q.State), "kind": string(q.Kind), "region": q.Region} {
		if value != "" {
			c.add(column+" = $%d", plain(value))
		}
	}
	var tests []string
	var args []any
	for _, owner := range q.Owners {
		tests, args = append(tests, "owner = $%d"), append(args, plain(string(owner)))
	}
	for _, region := range q.Regions {
		tests, args = append(tests, "region = $%d"), append(args, plain(region))
	}
	if len(tests) > 0 {
		c.add("("+strings.Join(tests, " OR ")+")", args...)
	}
	if q.Cursor != "" {
		last, err := parseCursor(q.Cursor)
		if err != nil {
			return nil, 0, err
		}
		c.add("(turn > $%d OR turn = $%d AND id > $%d)", last.ms, last.ms, plain(last.id))
	}
	return c, limit, nil
}

// Owed implements Store.
func (s *SQL) Owed(ctx context.Context, q OwedQuery) (Page[Owed], error) {
	c, limit, err := q.conditions()
	if err != nil {
		return Page[Owed]{}, err
	}
	rows, err := s.owed(ctx, c.where()+fmt.Sprintf(" ORDER BY turn, id LIMIT %d", limit+1), c.args...)
	if err != nil {
		return Page[Owed]{}, err
	}
	return page(rows, limit, func(o Owed) cursor { return cursor{o.turn(), string(o.ID)} }), nil
}

// OwedOf implements Store.
func (s *SQL) OwedOf(ctx context.Context, id call.ID) (Owed, error) {
	all, err := s.owed(ctx, ` WHERE id = $1 OR person IN (SELECT person FROM owed_lines WHERE id = $1 AND what IN ('record', 'promise'))
ORDER BY turn, id`, plain(string(id)))
	if err != nil {
		return Owed{}, err
	}
	for _, o := range all {
		if slices.Contains(o.Calls, id) {
			return o, nil
		}
	}
	return Owed{}, ErrNotFound
}

// OpenOwed implements Store.
func (s *SQL) OpenOwed(ctx context.Context) ([]Owed, error) {
	open, err := s.owed(ctx, ` WHERE state = $1`, string(OwedOpen))
	slices.SortStableFunc(open, func(a, b Owed) int { return a.Since.Compare(b.Since.Time) })
	return open, err
}

// OwedCounts implements Store.
func (s *SQL) OwedCounts(ctx context.Context, now time.Time) (map[call.FollowUpKind]int, int, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, 0, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT kind, COUNT(*), SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END)
FROM follow_ups WHERE state = 'open' GROUP BY kind`, now.UnixMilli())
	open, overdue := make(map[call.FollowUpKind]int), 0
	_, err = collect(rows, err, "count follow-ups", func(scan func(...any) error) (int, error) {
		var kind call.FollowUpKind
		var all, late int
		err := scan(&kind, &all, &late)
		open[kind], overdue = all, overdue+late
		return all, err
	})
	return open, overdue, err
}

func (s *SQL) owed(ctx context.Context, where string, args ...any) ([]Owed, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT body FROM follow_ups`+where, args...)
	return bodiesOf[Owed](rows, err, "find follow-ups")
}

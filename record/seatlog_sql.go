package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const (
	saveSeats     = `INSERT INTO seat_log (id, changed_at, agent, body) VALUES `
	saveSeatsOnce = ` ON CONFLICT (id) DO NOTHING`
	seatColumns   = 4
	// seatRows is how many rows go into one statement: work changes at the rate
	// of calls, and a statement for each row would cost more than the row.
	seatRows = 100
)

// insertSeats writes the changes of a line of the journal.
func insertSeats(ctx context.Context, tx *sql.Tx, l SeatLog) error {
	n := 0
	for chunk := range slices.Chunk(l.Changes, seatRows) {
		places := make([]string, 0, len(chunk))
		args := make([]any, 0, len(chunk)*seatColumns)
		for _, c := range chunk {
			c.Cause = plain(c.Cause)
			body, err := json.Marshal(c)
			if err != nil {
				return err
			}
			places = append(places, row(len(args), seatColumns))
			args = append(args, fmt.Sprintf("%s-%06d", plain(l.ID), n), c.At.millis(), plain(string(c.Agent)), string(body))
			n++
		}
		if _, err := tx.ExecContext(ctx, saveSeats+strings.Join(places, ", ")+saveSeatsOnce, args...); err != nil {
			return err
		}
	}
	return nil
}

// row are the places of a row whose first argument comes after so many.
func row(after, columns int) string {
	places := make([]string, columns)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", after+i+1)
	}
	return "(" + strings.Join(places, ", ") + ")"
}

// SeatLog implements Store.
func (s *SQL) SeatLog(ctx context.Context, q Query) (Page[SeatChange], error) {
	if err := s.Ready(ctx); err != nil {
		return Page[SeatChange]{}, err
	}
	only := Query{From: q.From, To: q.To, Agent: q.Agent, Limit: q.Limit, Cursor: q.Cursor}
	c, limit, err := only.conditions("changed_at", "id")
	if err != nil {
		return Page[SeatChange]{}, err
	}
	statement := fmt.Sprintf("SELECT id, body FROM seat_log%s ORDER BY changed_at DESC, id DESC LIMIT %d", c.where(), limit+1)
	type kept struct {
		id string
		SeatChange
	}
	rows, err := s.db.QueryContext(ctx, statement, c.args...)
	all, err := collect(rows, err, "find changes of seats", func(scan func(...any) error) (kept, error) {
		var k kept
		var body string
		if err := scan(&k.id, &body); err != nil {
			return k, err
		}
		return k, json.Unmarshal([]byte(body), &k.SeatChange)
	})
	if err != nil {
		return Page[SeatChange]{}, err
	}
	found := page(all, limit, func(k kept) cursor { return cursor{k.At.millis(), k.id} })
	changes := make([]SeatChange, len(found.Rows))
	for i, k := range found.Rows {
		changes[i] = k.SeatChange
	}
	return Page[SeatChange]{Rows: changes, Next: found.Next}, nil
}

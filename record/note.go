package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"weibao/call"
	"weibao/routing"
)

// Note is what a seat wrote into the form of a call after the call had ended.
// Its fields go over those that the record has.
type Note struct {
	Call   call.ID           `json:"call"`
	By     routing.AgentID   `json:"by"`
	At     Moment            `json:"at"`
	Fields map[string]string `json:"fields"`
}

func (Note) change() {}

// Note keeps what a seat writes of a call whose record has been kept, and waits
// a moment until the database shows it. When it returns without an error it is
// on the disk.
func (r *Registry) Note(ctx context.Context, id call.ID, by routing.AgentID, fields map[string]string) error {
	row := Note{Call: id, By: by, At: moment(time.Now()), Fields: fields}
	if err := r.submit(ctx, &request{kind: KindNote, body: row, retry: true}); err != nil {
		return fmt.Errorf("keep the form of %s: %w", id, err)
	}
	shown, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := r.Flush(shown); err != nil {
		r.log.Warn("form not in the database yet", "call", id, "err", err)
	}
	return nil
}

// writeNote brings a note into its record; ErrNotFound when there is none.
func writeNote(ctx context.Context, tx *sql.Tx, n Note) error {
	var journal, body string
	var rec Record
	err := tx.QueryRowContext(ctx, `SELECT journal, body FROM records WHERE id = $1`, plain(string(n.Call))).Scan(&journal, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("record of %s: %w", n.Call, ErrNotFound)
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &rec)
	}
	if err != nil {
		return err
	}
	if rec.Note == nil {
		rec.Note = make(map[string]string, len(n.Fields))
	}
	maps.Copy(rec.Note, n.Fields)
	return insertRecord(ctx, tx, journal, rec)
}

package record

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Format of an export.
type Format string

// The formats.
const (
	JSONL Format = "jsonl" // one JSON object a line, everything
	CSV   Format = "csv"   // for a spreadsheet, the main columns
)

// Export says what is written and how.
type Export struct {
	Query  Query // its Limit and Cursor are not used: everything is exported
	Format Format
	// Whole writes whole telephone numbers. Without it they are masked.
	Whole bool
}

// ExportRecords writes the records that the query selects, the newest first,
// and returns how many there were.
func ExportRecords(ctx context.Context, w io.Writer, s Store, e Export) (int, error) {
	return export(ctx, w, e, table[Record]{
		head: []string{
			"id", "arrived_at", "waiting_at", "talked_at", "left_at", "ended_at", "caller", "dialled", "region", "trunk",
			"keys", "route", "queue", "agent", "outcome", "reason", "waited_ms", "talked_ms", "alone_ms", "unattended_ms",
			"attempts", "transfers", "filings", "follow_up", "recording", "recording_sha256", "recording_fault", "note", "guide",
		},
		find: s.Find, mask: Record.Masked, row: recordRow,
	})
}

// ExportFilings is the same for filings.
func ExportFilings(ctx context.Context, w io.Writer, s Store, e Export) (int, error) {
	return export(ctx, w, e, table[Filing]{
		head: []string{
			"number", "made_at", "fsynced_at", "call", "category", "place", "region", "agent", "caller",
			"attempts", "outcome", "concluded_at", "acked_at", "acked_by",
		},
		find: s.Filings, mask: Filing.Masked, row: filingRow,
	})
}

// ExportOwed is the same for what callers are owed, the open ones first by
// deadline. Of the query only the region selects here.
func ExportOwed(ctx context.Context, w io.Writer, s Store, e Export) (int, error) {
	only := Query{Region: e.Query.Region, Limit: e.Query.Limit, Cursor: e.Query.Cursor}
	if e.Query != only {
		return 0, fmt.Errorf("export: %w: follow-ups are selected by region only", ErrQuery)
	}
	return export(ctx, w, e, table[Owed]{
		head: []string{
			"id", "state", "kind", "caller", "region", "owner", "since_at", "due_at", "last_at", "contacts", "calls", "promised", "safe",
			"attempts", "why", "outcome", "settled_at", "settled_by", "settled_call", "note",
		},
		find: func(ctx context.Context, q Query) (Page[Owed], error) {
			return s.Owed(ctx, OwedQuery{Region: q.Region, Limit: q.Limit, Cursor: q.Cursor})
		},
		mask: Owed.Masked, row: owedRow,
	})
}

// table is what an export must know of a type.
type table[T any] struct {
	head []string
	find func(context.Context, Query) (Page[T], error)
	mask func(T) T
	row  func(T) []string
}

func export[T any](ctx context.Context, w io.Writer, e Export, t table[T]) (int, error) {
	write, flush, err := writer(w, e.Format, t)
	if err != nil {
		return 0, err
	}
	q, count := e.Query, 0
	q.Limit, q.Cursor = mostLimit, ""
	for {
		found, err := t.find(ctx, q)
		if err != nil {
			return count, fmt.Errorf("export: %w", err)
		}
		for _, row := range found.Rows {
			if !e.Whole {
				row = t.mask(row)
			}
			if err := write(row); err != nil {
				return count, fmt.Errorf("export: %w", err)
			}
			count++
		}
		if q.Cursor = found.Next; q.Cursor == "" {
			break
		}
	}
	if err := flush(); err != nil {
		return count, fmt.Errorf("export: %w", err)
	}
	return count, nil
}

func writer[T any](w io.Writer, f Format, t table[T]) (write func(T) error, flush func() error, err error) {
	switch f {
	case JSONL:
		lines := json.NewEncoder(w)
		lines.SetEscapeHTML(false)
		return func(v T) error { return lines.Encode(v) }, func() error { return nil }, nil
	case CSV:
		// Spreadsheets take a file for UTF-8 only when it says so.
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return nil, nil, fmt.Errorf("export: %w", err)
		}
		c := csv.NewWriter(w)
		flush := func() error { c.Flush(); return c.Error() }
		return func(v T) error { return c.Write(safe(t.row(v))) }, flush, c.Write(t.head)
	}
	return nil, nil, fmt.Errorf("%w: format %q: want jsonl or csv", ErrQuery, f)
}

// safe keeps a spreadsheet from running what a caller or a form has put in: a
// value that would begin a formula gets an apostrophe in front.
func safe(row []string) []string {
	for i, value := range row {
		if strings.IndexAny(value, "=+-@\t\r\n＝＋－＠") == 0 {
			row[i] = "'" + value
		}
	}
	return row
}

func recordRow(r Record) []string {
	var filings []string
	for _, t := range r.Transfers {
		if t.Filing != "" {
			filings = append(filings, t.Filing)
		}
	}
	owed := ""
	if r.FollowUp != nil {
		owed = fmt.Sprintf("%s %s %s", r.FollowUp.Kind, r.FollowUp.Owner, r.FollowUp.Due)
	}
	return []string{
		string(r.ID), r.ArrivedAt.String(), r.WaitingAt.String(), r.TalkedAt.String(), r.LeftAt.String(), r.EndedAt.String(),
		string(r.Caller), r.Dialled, r.Region, r.Trunk,
		r.Keys, r.Route, r.Queue, string(r.Agent), string(r.Outcome), r.Reason,
		ms(r.Waited), ms(r.Talked), ms(r.Alone), ms(r.Unattended),
		compact(r.Attempts), compact(r.Transfers), strings.Join(filings, " "), owed,
		r.Recording.File, r.Recording.SHA256, r.Recording.Fault, compact(r.Note), r.Guide,
	}
}

func filingRow(f Filing) []string {
	return []string{
		f.Number, f.MadeAt.String(), f.FsyncedAt.String(), string(f.Call), f.Category, f.Place, f.Region,
		string(f.Agent), string(f.Caller), compact(f.Attempts), f.Outcome, f.ConcludedAt.String(), f.AckedAt.String(), f.AckedBy,
	}
}

func owedRow(o Owed) []string {
	var end Settlement
	if o.Settled != nil {
		end = *o.Settled
	}
	return []string{
		string(o.ID), string(o.State), o.Kind, string(o.Caller), o.Region, string(o.Owner), o.Since.String(), o.Due.String(), o.LastAt.String(),
		strconv.Itoa(o.Contacts), compact(o.Calls), strconv.FormatBool(o.Promised), string(o.Safe), strconv.Itoa(o.Attempts), o.Why,
		string(end.Outcome), end.At.String(), string(end.By), string(end.Call), end.Note,
	}
}

func ms(d Millis) string { return strconv.FormatInt(d.Duration().Milliseconds(), 10) }

// compact is a nested value in one cell.
func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" || string(b) == "[]" {
		return ""
	}
	return string(b)
}

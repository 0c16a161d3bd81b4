package record

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// Store is what searches and screens read. It is written to only by Apply.
type Store interface {
	// Ready connects and brings the tables up to date; cheap once it has
	// succeeded. Every other method calls it first.
	Ready(ctx context.Context) error
	// Apply writes the changes and moves the mark of the journal, all or
	// nothing. It returns ErrMoved, and has done nothing, when the mark is not
	// at b.From. Changes are harmless when repeated.
	Apply(ctx context.Context, b Batch) error
	// Marks says for each journal how far it has been applied.
	Marks(ctx context.Context) ([]Mark, error)

	// Find returns records, the newest first.
	Find(ctx context.Context, q Query) (Page[Record], error)
	// Get returns one record, or ErrNotFound.
	Get(ctx context.Context, id call.ID) (Record, error)
	// Filings returns filings, the newest first.
	Filings(ctx context.Context, q Query) (Page[Filing], error)
	// Filing returns one filing, or ErrNotFound.
	Filing(ctx context.Context, number string) (Filing, error)
	// Unfiled returns the calls to 110, from that instant on, whose filing is
	// not there.
	Unfiled(ctx context.Context, since time.Time) ([]Unfiled, error)
	// Unconcluded returns the filings without an outcome whose call ended before
	// one instant or that were made before the other: number, call, seat, region
	// and time.
	Unconcluded(ctx context.Context, ended, made time.Time) ([]Filing, error)
	// Guide returns the text of a version of the configuration, or ErrNotFound.
	Guide(ctx context.Context, version string) (GuideText, error)
	// Duty returns every override in the state that counts, by id, and the
	// last hand-over note of every post, by post.
	Duty(ctx context.Context) (Duty, error)
	// SeatLog returns the changes of seats, the newest first. Of the query, From,
	// To, Agent, Limit and Cursor select.
	SeatLog(ctx context.Context, q Query) (Page[SeatChange], error)
	// Owed returns follow-ups: the open ones by deadline, behind them the last
	// settled.
	Owed(ctx context.Context, q OwedQuery) (Page[Owed], error)
	// OwedOf returns the follow-up that a call belongs to, or ErrNotFound.
	OwedOf(ctx context.Context, id call.ID) (Owed, error)
	// OpenOwed returns every open follow-up, who has waited longest first.
	OpenOwed(ctx context.Context) ([]Owed, error)
	// OwedCounts counts the open follow-ups by kind, and those that should have
	// been done by then.
	OwedCounts(ctx context.Context, now time.Time) (open map[call.FollowUpKind]int, overdue int, err error)
	// NumberMarks returns the marks that are not lifted and hold at that time
	// or later; all that ever were for the zero time. The last made first.
	NumberMarks(ctx context.Context, at time.Time) ([]NumberMark, error)
	// Tape returns what is known of the recording of a call, or ErrNotFound.
	Tape(ctx context.Context, id call.ID) (Tape, error)
	// Purgeable returns the records of a journal that ended before a time and
	// whose recording is neither held nor purged, the oldest first; after is Next
	// of the page before.
	Purgeable(ctx context.Context, journal string, before time.Time, after string) (Page[Record], error)
	// Purging returns the purges of a journal that have begun and not ended.
	Purging(ctx context.Context, journal string) ([]Purge, error)
	// Plays returns who asked to hear recordings, the newest first. Of the query,
	// From, To, Agent, Outcome (a PlayState), Limit and Cursor select.
	Plays(ctx context.Context, q Query) (Page[Play], error)
	Close() error
}

// What callers of a Store branch on.
var (
	ErrNotFound = errors.New("not found")
	ErrMoved    = errors.New("the journal has been applied further by somebody else")
	// ErrQuery says that a query can not be asked.
	ErrQuery = errors.New("query")
)

// Batch is a piece of a journal on its way into the store.
type Batch struct {
	// Journal is the id of the journal that the changes come from.
	Journal string
	// From is where the mark must be, To where it will be. Both zero: the
	// mark is left alone.
	From, To Mark
	Changes  []Change
}

// Query selects records or filings. Zero fields do not select.
type Query struct {
	From, To time.Time // arrived, or made: From <= t < To
	Agent    routing.AgentID
	Caller   routing.Number // whole
	Outcome  string
	Region   string
	// Text is looked for in the reason, the note, the route and the id; for
	// filings in the number, the category and the place.
	Text string
	// Unacked selects filings that nobody has acknowledged.
	Unacked bool
	Limit   int    // 50 by default, at most 500
	Cursor  string // Next of the page before
}

const (
	usualLimit = 50
	mostLimit  = 500
)

// Page is a part of an answer. Next is empty on the last one.
type Page[T any] struct {
	Rows []T
	Next string
}

// cursor is the place between two rows: ordered by time and then by id.
type cursor struct {
	ms int64
	id string
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.ms, 10) + ":" + c.id))
}

func parseCursor(s string) (cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return cursor{}, fmt.Errorf("%w: cursor is not one of ours", ErrQuery)
	}
	ms, id, _ := strings.Cut(string(raw), ":")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return cursor{}, fmt.Errorf("%w: cursor is not one of ours", ErrQuery)
	}
	return cursor{ms: n, id: id}, nil
}

func (q Query) limit() (int, error) {
	switch {
	case q.Limit == 0:
		return usualLimit, nil
	case q.Limit < 0 || q.Limit > mostLimit:
		return 0, fmt.Errorf("%w: limit %d: want 1 to %d", ErrQuery, q.Limit, mostLimit)
	}
	return q.Limit, nil
}

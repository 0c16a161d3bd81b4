package record

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// batchLines is how many lines go into one transaction.
	batchLines = 200
	// gather is how long the clerk waits for more lines before it begins a
	// transaction: one costs the disk as much for one line as for many.
	gather = 50 * time.Millisecond
	// applyLimit bounds one transaction: a database that hangs is down.
	applyLimit = 10 * time.Second
)

// clerk is the goroutine that brings the journal into the database. It starts
// from the database's own mark, and reads that again after every fault: a
// commit whose answer was lost has moved it.
func (r *Registry) clerk(ctx context.Context) {
	defer r.workers.Done()
	shortest := max(r.retry/50, time.Millisecond)
	pause := shortest
	var at position
	known := false
	for ctx.Err() == nil {
		err := r.lend(ctx)
		if err == nil && !known {
			at, err = r.find(ctx, at)
			known = err == nil
		}
		more := false
		if err == nil {
			at, more, err = r.apply(ctx, at)
		}
		r.report(err)
		wait := time.Duration(0)
		switch {
		case err != nil:
			known = false
			wait = pause/2 + rand.N(pause)
			pause = min(2*pause, r.retry)
		case !more:
			pause = shortest
			wait = -1
		}
		if !r.rest(ctx, wait, known) || wait < 0 && !r.rest(ctx, gather, false) {
			return
		}
	}
}

// rest waits: not at all for 0, until there is work for less.
func (r *Registry) rest(ctx context.Context, wait time.Duration, wakes bool) bool {
	if wait == 0 {
		return ctx.Err() == nil
	}
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}
	wake := r.wake
	if !wakes {
		wake = nil // the pause after a fault is not cut short by new lines
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
	case <-wake:
	}
	return true
}

// find asks the database how far it is. A mark that the journal does not know
// means that one of them was replaced; then everything is applied again, which
// does no harm. Here is where the clerk stood.
func (r *Registry) find(ctx context.Context, here position) (position, error) {
	limited, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	marks, err := r.store.Marks(limited)
	if err != nil {
		return position{}, err
	}
	mark := Mark{Journal: r.journal.Head().Journal}
	for _, m := range marks {
		if m.Journal == mark.Journal {
			mark = m
		}
	}
	if mark == r.mark() {
		return here, nil
	}
	at, known, err := r.journal.seek(mark)
	if err != nil {
		return position{}, err
	}
	if !known {
		r.metrics.alarmed(alarmAhead)
		r.log.Error("the database has lines that the journal has not; all of the journal is applied again",
			"mark", mark.Sequence, "head", r.journal.Head().Sequence)
		start := Mark{Journal: mark.Journal}
		if err := r.store.Apply(limited, Batch{Journal: mark.Journal, From: mark, To: start}); err != nil {
			return position{}, err
		}
		mark, at = start, position{}
	}
	r.moved(mark)
	return at, nil
}

// apply brings the next lines over.
func (r *Registry) apply(ctx context.Context, at position) (position, bool, error) {
	got, err := r.journal.read(at, batchLines)
	if err != nil {
		return at, false, err
	}
	if got.damaged > 0 {
		r.metrics.alarms.WithLabelValues(alarmDamaged).Add(float64(got.damaged))
		r.log.Error("lines of the journal are not as they were written", "lines", got.damaged)
	}
	if len(got.lines) == 0 {
		return got.next, false, nil
	}
	last := got.lines[len(got.lines)-1]
	b := Batch{
		Journal: r.journal.Head().Journal, From: r.mark(), Changes: r.changes(got.lines),
		To: Mark{Sequence: last.Sequence, Hash: last.Hash},
	}
	b.To.Journal = b.Journal
	begun := time.Now()
	if err := r.commit(ctx, b); err != nil {
		return at, false, err
	}
	r.metrics.applying.Observe(time.Since(begun).Seconds())
	r.forget(b.Changes)
	r.moved(b.To)
	r.tellFiled(b.Changes)
	return got.next, true, nil
}

// commit applies a batch. When the database refuses a row for what it holds,
// the rows are applied one by one and the bad one is left to the journal: it
// must not hold up the others.
func (r *Registry) commit(ctx context.Context, b Batch) error {
	limited, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	err := r.store.Apply(limited, b)
	if err == nil || !refused(err) {
		return err
	}
	var good []Change
	for _, c := range b.Changes {
		err := r.store.Apply(limited, Batch{Journal: b.Journal, Changes: []Change{c}})
		switch {
		case err == nil:
			good = append(good, c)
		case refused(err):
			r.metrics.alarmed(alarmRefused)
			r.log.Error("the database refuses a row; it is in the journal only", "row", fmt.Sprintf("%T", c), "err", err)
		default:
			return err
		}
	}
	b.Changes = good
	return r.store.Apply(limited, b)
}

// changes reads the rows of lines. FsyncedAt is known only to the process that
// has written the line.
func (r *Registry) changes(lines []Line) []Change {
	var all []Change
	for _, line := range lines {
		c, err := line.change()
		if err != nil {
			r.metrics.alarmed(alarmDamaged)
			r.log.Error("line of the journal can not be read", "sequence", line.Sequence, "err", err)
			continue
		}
		if f, ok := c.(Filing); ok {
			f.FsyncedAt = r.syncedAt(f.Number)
			c = f
		}
		if c != nil {
			all = append(all, c)
		}
	}
	return all
}

// forget drops what was remembered for filings that are concluded.
func (r *Registry) forget(changes []Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range changes {
		if done, ok := c.(Conclusion); ok {
			delete(r.synced, done.Number)
		}
	}
}

// tellFiled says once that lines about filings are in the database.
func (r *Registry) tellFiled(changes []Change) {
	if slices.ContainsFunc(changes, func(c Change) bool {
		switch c.(type) {
		case aboutFiling, Ack:
			return true
		}
		return false
	}) {
		r.filed()
	}
}

// lend brings lines to the database that the journal could not take.
func (r *Registry) lend(ctx context.Context) error {
	changes := r.debts.lend()
	if len(changes) == 0 {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	err := r.store.Apply(limited, Batch{Journal: r.journal.Head().Journal, Changes: changes})
	if err != nil && !refused(err) { // a row that is refused comes again with the journal
		return err
	}
	r.debts.lent(len(changes))
	r.tellFiled(changes)
	return nil
}

func (r *Registry) mark() Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.applied
}

func (r *Registry) moved(to Mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.applied = to
	close(r.advance)
	r.advance = make(chan struct{})
}

// report tells of the database when its state changes, not at every attempt.
func (r *Registry) report(err error) {
	head := r.journal.Head().Sequence
	r.mu.Lock()
	before := r.trouble
	r.trouble = err
	backlog := head - r.applied.Sequence
	r.mu.Unlock()
	r.metrics.backlog.Set(float64(backlog))
	switch {
	case err == nil && before != nil:
		r.log.Info("database is up to date or catching up", "backlog", backlog)
	case err != nil && !errors.Is(err, context.Canceled):
		what := alarmSQL
		if noSpace(err) {
			what = alarmSQLFull
		}
		r.metrics.alarmed(what)
		if before == nil || before.Error() != err.Error() {
			r.log.Error("database can not be written; records wait in the journal", "what", what, "backlog", backlog, "err", err)
		}
	}
}

// refused reports a fault of the row itself: PostgreSQL's classes 22 (data)
// and 23 (constraint), SQLite's constraint, mismatch and too big, and a form
// without its record.
func refused(err error) bool {
	if errors.Is(err, ErrNotFound) {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code[:2] == "22" || pg.Code[:2] == "23"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
			return true
		}
	}
	return false
}

// noSpace reports a database without disk space.
func noSpace(err error) bool {
	const diskFullCode = "53100"
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == diskFullCode
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code()&0xff == sqlite3.SQLITE_FULL
}

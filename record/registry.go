package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
	"weibao/routing"
)

var _ call.Registry = (*Registry)(nil)

// Options of a Registry. Journal.Dir and Store are needed.
type Options struct {
	Journal JournalOptions
	Store   Store
	Log     *slog.Logger
	Metrics prometheus.Registerer

	// Retry is the longest pause between two attempts to reach the database;
	// 5 s by default. The first is a fiftieth of it.
	Retry time.Duration
	// Known is the one international form of a number as it came or as somebody
	// has written it; empty when it has none. Without it a number is only the
	// same when it is written the same.
	Known func(routing.Number) routing.Number
	// Filed is told when the database has a line about a filing, so that what is
	// owed to receivers outside goes at once. It must not block; nil for nobody.
	Filed func()
	// Kept is told of every record that has come to the disk, however late. It
	// must not block; nil for nobody.
	Kept func(call.ID)
}

// Registry keeps records and filings: journal first, database afterwards. Two
// goroutines belong to it: the scribe owns the journal's pen, so that a disk
// that hangs holds up only those who wait for it; the clerk brings the journal
// into the database.
type Registry struct {
	journal *Journal
	store   Store
	log     *slog.Logger
	metrics *metrics
	retry   time.Duration

	box     *mailbox
	debts   *debts
	callers callers
	recent  recent // under mu
	seats   seatLog
	marked  marked
	kept    func(call.ID)
	filed   func()

	wake    chan struct{} // the clerk has something to do
	stop    context.CancelFunc
	scribed chan struct{} // closed when the scribe has gone
	workers sync.WaitGroup

	mu      sync.Mutex
	synced  map[string]Moment // when a filing came to the disk, until it is told to the database
	guides  map[string]bool   // the versions that this process has written
	applied Mark
	advance chan struct{} // closed and replaced when applied moves
	trouble error         // of the database; nil when all is well
	told    Moment        // see later
	overdue int           // follow-ups, when they were last counted
}

// New opens the journal and begins to work. The database may be down.
func New(o Options) (*Registry, error) {
	if o.Store == nil {
		return nil, errors.New("registry: no store")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Known == nil {
		o.Known = func(routing.Number) routing.Number { return "" }
	}
	if o.Kept == nil {
		o.Kept = func(call.ID) {}
	}
	if o.Filed == nil {
		o.Filed = func() {}
	}
	if o.Retry <= 0 {
		o.Retry = 5 * time.Second
	}
	m := newMetrics(o.Metrics)
	o.Journal.Log, o.Journal.synced, o.Journal.alarmed = o.Log, m.synced, m.alarmed
	journal, err := OpenJournal(o.Journal)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Registry{
		journal: journal, store: o.Store, log: o.Log, metrics: m, retry: o.Retry,
		box: newMailbox(), debts: &debts{}, wake: make(chan struct{}, 1), stop: stop,
		scribed: make(chan struct{}), synced: make(map[string]Moment), guides: make(map[string]bool), advance: make(chan struct{}),
		trouble: errors.New("not connected yet"),
		kept:    o.Kept, filed: o.Filed, marked: marked{known: o.Known},
	}
	r.workers.Add(2)
	go r.scribe()
	go r.clerk(ctx)
	return r, nil
}

// Close writes what is waiting, brings as much of it into the database as the
// context allows, and closes the journal. The store stays open.
func (r *Registry) Close(ctx context.Context) error {
	r.writeSeats()
	r.box.close()
	select {
	case <-r.scribed:
	case <-ctx.Done():
		return fmt.Errorf("close the journal: the disk hangs: %w", ctx.Err())
	}
	err := r.Flush(ctx)
	r.stop()
	r.workers.Wait()
	if err != nil {
		r.log.Warn("the database will be brought up to date at the next start", "err", err)
	}
	return r.journal.Close()
}

// Keep implements call.Registry. The recording is hashed before the journal's
// line is made. When the journal can not take the record, the registry goes on
// trying and needs no second Keep.
func (r *Registry) Keep(ctx context.Context, c call.Call) error {
	r.remember(c)
	rec := FromCall(c)
	rec.Recording = Inspect(ctx, rec.Recording, rec.Talked.Duration())
	if rec.Recording.Fault != "" {
		r.metrics.alarmed(alarmRecording)
		r.log.Error("recording is not whole", "call", c.ID, "fault", rec.Recording.Fault)
	}
	if err := r.submit(ctx, &request{kind: KindRecord, body: rec, retry: true}); err != nil {
		return fmt.Errorf("keep the record of %s: %w", c.ID, err)
	}
	return nil
}

// File implements call.Registry. With an error the number is one with random
// letters behind it, and the filing under that number is written as soon as
// the disk takes it.
func (r *Registry) File(ctx context.Context, f call.Filing) (string, error) {
	row := filingOf(f)
	if row.MadeAt.IsZero() {
		row.MadeAt = moment(time.Now())
	}
	if row.Number == "" {
		row.Number = r.journal.numbers.next(row.MadeAt.Time)
	}
	first := &request{kind: KindFiling, body: row, filing: row.Number}
	err := r.submit(ctx, first)
	r.metrics.filed(err == nil)
	if err == nil {
		r.keepFiling(row)
		return row.Number, nil
	}
	r.box.withdraw(first)
	row.Replaces, row.Number = row.Number, unsaved(row.Number)
	r.keepFiling(row)
	second := &request{kind: KindFiling, body: row, filing: row.Number, retry: true, done: make(chan error, 1)}
	if !r.box.put(second) {
		return row.Number, fmt.Errorf("file %s: %w", row.Number, errors.Join(err, ErrClosed))
	}
	return row.Number, fmt.Errorf("file %s: %w", row.Number, err)
}

// Conclude implements call.Registry.
func (r *Registry) Conclude(ctx context.Context, c call.CloseNotice) error {
	row := Conclusion{
		Number: c.Number, Outcome: c.Outcome, Attempts: attemptsOf(c.Attempts),
		ConcludedAt: moment(time.Now()), FsyncedAt: r.syncedAt(c.Number),
	}
	r.remembered(row.Number, func(f *Filing) {
		f.Outcome, f.Attempts, f.ConcludedAt = row.Outcome, row.Attempts, row.ConcludedAt
	})
	if err := r.submit(ctx, &request{kind: KindConclusion, body: row, retry: true}); err != nil {
		return fmt.Errorf("conclude %s: %w", c.Number, err)
	}
	return nil
}

// Ack notes that a person has read a filing, and waits a moment until the
// database shows it. The first acknowledgement counts.
func (r *Registry) Ack(ctx context.Context, number, by string) error {
	row := Ack{Number: number, By: by, At: moment(time.Now())}
	if err := r.submit(ctx, &request{kind: KindAck, body: row, retry: true}); err != nil {
		return fmt.Errorf("acknowledge %s: %w", number, err)
	}
	r.shown(ctx, "acknowledgement of "+number)
	return nil
}

// Alarm writes into the journal that a person had to look at something.
func (r *Registry) Alarm(ctx context.Context, what, detail string) error {
	return r.submit(ctx, &request{kind: KindAlarm, body: AlarmText{What: what, Detail: detail}, retry: true})
}

// Flush waits until the database has everything that is in the journal now.
func (r *Registry) Flush(ctx context.Context) error {
	goal := r.journal.Head()
	for {
		r.mu.Lock()
		done, moved, trouble := r.applied.Sequence >= goal.Sequence, r.advance, r.trouble
		r.mu.Unlock()
		if done {
			return nil
		}
		r.nudge()
		select {
		case <-moved:
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("wait for the database: %w", ctx.Err()), trouble)
		}
	}
}

// Status is how the registry does, for /readyz and the wallboard.
type Status struct {
	Room    int64 // bytes that the journal can take on a full disk
	Backlog int64 // lines that the database does not have yet
	Owed    int   // lines that the journal could not take; they are in memory only
	SQL     error // what is wrong with the database
}

// Status tells how the registry does.
func (r *Registry) Status() Status {
	head, room := r.journal.Head(), r.journal.Room()
	r.mu.Lock()
	defer r.mu.Unlock()
	return Status{Room: room, Backlog: head.Sequence - r.applied.Sequence, Owed: r.debts.count(), SQL: r.trouble}
}

// Head is the end of the journal.
func (r *Registry) Head() Mark { return r.journal.Head() }

// submit gives a line to the scribe and waits until it is on the disk, or the
// context is over; then the line is still written later.
func (r *Registry) submit(ctx context.Context, q *request) error {
	q.done = make(chan error, 1)
	if !r.box.put(q) {
		return ErrClosed
	}
	select {
	case err := <-q.done:
		return err
	case <-ctx.Done():
		r.metrics.alarmed(alarmWrite)
		return fmt.Errorf("not on the disk yet: %w", ctx.Err())
	}
}

func (r *Registry) syncedAt(number string) Moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.synced[number]
}

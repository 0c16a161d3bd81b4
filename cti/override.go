package cti

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
	"weibao/routing"
)

// DutyJournal is where every step in the life of an override and every note is
// kept before anybody is told that it was taken; record.Registry is it.
type DutyJournal interface {
	Override(ctx context.Context, o routing.Override) error
	HandOver(ctx context.Context, h routing.HandOver) error
}

// DutyOptions are what a duty book needs. Journal is required; every other
// zero value means its default.
type DutyOptions struct {
	Journal DutyJournal
	// Store shares the book with other gateways. Default: there are none.
	Store DutyStore
	// Overrides and Notes are what the local journal has of an earlier life.
	Overrides []routing.Override
	Notes     []routing.HandOver
	// Recall reads what the database has, which may be more than the local
	// journal and may be down: it is asked until it answers. Default: nothing.
	Recall func(ctx context.Context) ([]routing.Override, []routing.HandOver, error)
	// OnChange is told of every page that has changed. It must not wait.
	OnChange func(DutyEntry)
	Log      *slog.Logger
	Metrics  prometheus.Registerer

	// Patience is the longest wait for the store. Default 300 ms.
	Patience time.Duration
	// Probe is between attempts to reach a store that is away. Default 500 ms.
	Probe time.Duration
	// Refresh is between full readings of the store. Default 15 s.
	Refresh time.Duration
}

func (o *DutyOptions) validate() error {
	if o.Journal == nil {
		return errors.New("duty book: a journal is required")
	}
	if o.OnChange == nil {
		o.OnChange = func(DutyEntry) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orElse(map[*time.Duration]time.Duration{
		&o.Patience: 300 * time.Millisecond, &o.Probe: 500 * time.Millisecond, &o.Refresh: 15 * time.Second,
	})
	return nil
}

// DutyBook holds the duty overrides (替班、换班) and hand-over notes (交班记录)
// of all gateways. One goroutine, in Run, owns it; everything else sends it
// commands, and reads what is in force without waiting ([DutyBook.Now]).
//
// The store is the common truth: a step is taken there first, so that of two
// people at two gateways one comes second and is told. While the store is away
// the book goes on with what it has; afterwards the state that is further in
// its life counts ([routing.Override.Supersedes]). Each gateway keeps all of
// the book in its own journal, also what it learns from the others.
type DutyBook struct {
	opts    DutyOptions
	metrics *dutyMetrics
	mail    *call.Mailbox[func(*dutyOwner)]
	learned *call.Mailbox[DutyEntry] // of others, on the way into the journal
	follow  *follower[DutyEntry]     // nil without a store
	now     atomic.Pointer[routing.Overrides]
	away    atomic.Bool
	done    chan struct{}

	mu     sync.Mutex
	unkept map[string]bool // pages whose last step the journal could not take
}

// NewDutyBook makes a book that has what the journal had. Commands may be given
// at once; they are carried out when Run runs.
func NewDutyBook(o DutyOptions) (*DutyBook, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	b := &DutyBook{
		opts: o, metrics: newDutyMetrics(o.Metrics), mail: call.NewMailbox[func(*dutyOwner)](),
		learned: call.NewMailbox[DutyEntry](), done: make(chan struct{}), unkept: make(map[string]bool),
	}
	if o.Store != nil {
		b.follow = &follower[DutyEntry]{
			store: o.Store, broken: make(chan struct{}, 1), patience: o.Patience, probe: o.Probe, refresh: o.Refresh,
			heard: func(page DutyEntry) { b.mail.Put(func(o *dutyOwner) { o.heard(page) }) },
			found: func(all []DutyEntry) { b.mail.Put(func(o *dutyOwner) { o.found(all) }) },
			lost:  func(err error) { b.mail.Put(func(o *dutyOwner) { o.lost(err) }) },
		}
	}
	b.now.Store(new(routing.NewOverrides(o.Overrides, o.Notes)))
	return b, nil
}

// Now are the overrides and notes of this moment. It is never nil, and the same
// pointer as long as nothing has changed. It fits call.Options.Duty.
func (b *DutyBook) Now() *routing.Overrides { return b.now.Load() }

// Run owns the book until ctx is done. It is called once.
func (b *DutyBook) Run(ctx context.Context) error {
	defer close(b.done)
	owner := newDutyOwner(b)
	var aids sync.WaitGroup
	aiding, stop := context.WithCancel(ctx)
	aids.Go(func() { b.keepLearned(aiding) })
	aids.Go(func() { b.recall(aiding) })
	if b.follow != nil {
		aids.Go(func() { b.follow.run(aiding) })
	}
	owner.loop(ctx)
	stop()
	aids.Wait()
	b.keepRest(context.WithoutCancel(ctx))
	return nil
}

// keepLimit bounds one write to the journal: a disk that hangs is at fault.
const keepLimit = 3 * time.Second

// keepLearned writes into the journal what other gateways have done, so that
// this one's journal alone says who was on duty.
func (b *DutyBook) keepLearned(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.learned.Ready():
		}
		for ctx.Err() == nil {
			page, ok := b.learned.Take()
			if !ok {
				break
			}
			b.keepOne(context.WithoutCancel(ctx), page)
		}
	}
}

// keepRest writes what is left at the end.
func (b *DutyBook) keepRest(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, keepLimit)
	defer stop()
	for _, page := range b.learned.Close() {
		b.keepOne(ctx, page)
	}
}

func (b *DutyBook) keepOne(ctx context.Context, page DutyEntry) {
	if err := b.keep(ctx, page); err != nil {
		b.opts.Log.Error("duty page of another gateway not on the disk", "page", page.key(), "err", err)
	}
}

// keep writes a page into the journal, and returns when it is on the disk. The
// journal goes on trying by itself when it can not.
func (b *DutyBook) keep(ctx context.Context, page DutyEntry) error {
	ctx, stop := context.WithTimeout(ctx, keepLimit)
	defer stop()
	var err error
	if page.Override != nil {
		err = b.opts.Journal.Override(ctx, *page.Override)
	} else {
		err = b.opts.Journal.HandOver(ctx, *page.Note)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if delete(b.unkept, page.key()); err != nil {
		b.unkept[page.key()] = true
	}
	return err
}

func (b *DutyBook) isKept(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.unkept[key]
}

// recall asks the database until it answers.
func (b *DutyBook) recall(ctx context.Context) {
	if b.opts.Recall == nil {
		return
	}
	const longest = 30 * time.Second
	for wait := b.opts.Probe; ctx.Err() == nil; wait = min(2*wait, longest) {
		overrides, notes, err := b.opts.Recall(ctx)
		if err == nil {
			b.mail.Put(func(o *dutyOwner) { o.recalled(overrides, notes) })
			return
		}
		b.opts.Log.Warn("overrides not read from the database yet", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

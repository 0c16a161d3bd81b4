package cti

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
)

// SnapshotStore keeps frozen calls of one gateway. [RedisSnapshots] and
// [MemorySnapshots] are it.
type SnapshotStore interface {
	// Write replaces the snapshots in keep and removes those in drop, in one
	// exchange with the store. Written again it changes nothing.
	Write(ctx context.Context, keep map[call.ID][]byte, drop []call.ID) error
	// All returns every snapshot there is.
	All(ctx context.Context) (map[call.ID][]byte, error)
}

// SnapshotOptions are what Snapshots need. Store is required; every other zero
// value means its default.
type SnapshotOptions struct {
	Store   SnapshotStore
	Log     *slog.Logger
	Metrics prometheus.Registerer
	// Every is how long the changes of one call are gathered into one write; a
	// call that has ended by then is never written. Default 250 ms.
	Every time.Duration
	// Patience is the longest wait for the store. Default 300 ms.
	Patience time.Duration
	// Probe is between attempts to reach a store that is away. Default 500 ms.
	Probe time.Duration
	// Leftover is how long what an earlier life has kept stays when nobody has
	// taken the call up. Default 10 min.
	Leftover time.Duration
}

// Snapshots writes the live calls behind: one goroutine, the newest state of
// each call, many calls in one exchange. Nobody ever waits for it, and a store
// that is away disturbs nobody: when it is back, every live call is written
// again. It is safe for use by several goroutines.
type Snapshots struct {
	opts    SnapshotOptions
	writes  *prometheus.CounterVec
	wake    chan struct{}
	stop    context.CancelFunc
	stopped chan struct{}

	mu    sync.Mutex
	calls map[call.ID]*keeping
	// left are those of an earlier life; they go when nobody has taken them up.
	left    map[call.ID]bool
	leftEnd time.Time

	away bool // the store can not be reached; only the goroutine has it
}

// keeping is one call and what of it the store has.
type keeping struct {
	call   call.Call
	due    time.Time // of the next write; zero when the store has it all
	stored bool      // the store may have something of it
	over   bool      // the call has ended
}

var _ call.Snapshots = (*Snapshots)(nil)

// NewSnapshots begins to keep calls; Close ends it.
func NewSnapshots(o SnapshotOptions) (*Snapshots, error) {
	if o.Store == nil {
		return nil, errors.New("snapshots: Store is required")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orElse(map[*time.Duration]time.Duration{
		&o.Every: 250 * time.Millisecond, &o.Patience: 300 * time.Millisecond,
		&o.Probe: 500 * time.Millisecond, &o.Leftover: 10 * time.Minute,
	})
	ctx, stop := context.WithCancel(context.Background())
	s := &Snapshots{
		opts: o, wake: make(chan struct{}, 1), stop: stop, stopped: make(chan struct{}),
		calls: make(map[call.ID]*keeping), left: make(map[call.ID]bool),
		writes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_snapshots_total", Help: "Snapshots of live calls: written, removed, and those that the store did not take.",
		}, []string{"result"}),
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(s.writes)
	}
	go s.run(ctx)
	return s, nil
}

// Close writes what is still to be written, within the patience for one write.
func (s *Snapshots) Close(ctx context.Context) error {
	s.stop()
	<-s.stopped
	return s.write(ctx, time.Now().Add(s.opts.Every))
}

// Keep takes a call as it is now.
func (s *Snapshots) Keep(c call.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.calls[c.ID]
	if k == nil {
		k = &keeping{}
		s.calls[c.ID] = k
		delete(s.left, c.ID)
	}
	k.call = c
	s.plan(k)
}

// Drop forgets a call that has ended.
func (s *Snapshots) Drop(id call.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.calls[id]
	switch {
	case k == nil:
	case !k.stored:
		delete(s.calls, id)
	default:
		k.over, k.call = true, call.Call{}
		s.plan(k)
	}
}

// plan has a call written after a while, with the other changes until then. The
// mutex is held.
func (s *Snapshots) plan(k *keeping) {
	if k.due.IsZero() {
		k.due = time.Now().Add(s.opts.Every)
		s.nudge()
	}
}

// Load returns what an earlier life has kept.
func (s *Snapshots) Load(ctx context.Context) (map[call.ID][]byte, error) {
	all, err := s.opts.Store.All(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range all {
		if k := s.calls[id]; k != nil {
			k.stored = true
		} else {
			s.left[id] = true
		}
	}
	s.leftEnd = time.Now().Add(s.opts.Leftover)
	s.nudge()
	return all, nil
}

func (s *Snapshots) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run writes what is due, until the context ends.
func (s *Snapshots) run(ctx context.Context) {
	defer close(s.stopped)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
			// What is due soon goes along.
			if err := s.write(ctx, time.Now().Add(s.opts.Every/5)); err != nil {
				timer.Reset(s.opts.Probe)
				continue
			}
		}
		if !s.away {
			timer.Reset(time.Until(s.next()))
		}
	}
}

// next is when the next write is due.
func (s *Snapshots) next() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := time.Now().Add(time.Hour)
	if len(s.left) > 0 {
		next = s.leftEnd
	}
	for _, k := range s.calls {
		if !k.due.IsZero() && k.due.Before(next) {
			next = k.due
		}
	}
	return next
}

// batch bounds one exchange with the store.
const batch = 200

// write writes everything that is due at an instant.
func (s *Snapshots) write(ctx context.Context, at time.Time) error {
	for {
		calls, drop := s.due(at)
		if len(calls)+len(drop) == 0 {
			return nil
		}
		keep := s.freeze(calls)
		limited, stop := context.WithTimeout(context.WithoutCancel(ctx), s.opts.Patience)
		err := s.opts.Store.Write(limited, keep, drop)
		stop()
		s.wrote(keep, drop, err)
		if err != nil {
			return fmt.Errorf("write snapshots: %w", err)
		}
	}
}

// freeze works outside the mutex: the calls' own goroutines wait for that.
func (s *Snapshots) freeze(calls []call.Call) map[call.ID][]byte {
	frozen := make(map[call.ID][]byte, len(calls))
	for i := range calls {
		text, err := call.Freeze(calls[i])
		if err != nil {
			s.opts.Log.Error("call without a snapshot", "call", string(calls[i].ID), "err", err)
			continue
		}
		frozen[calls[i].ID] = text
	}
	return frozen
}

// due takes a batch of what is due, and marks it as written.
func (s *Snapshots) due(at time.Time) (keep []call.Call, drop []call.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, k := range s.calls {
		switch {
		case k.due.IsZero() || k.due.After(at):
			continue
		case k.over:
			drop = append(drop, id)
			delete(s.calls, id)
		default:
			k.due, k.stored = time.Time{}, true
			keep = append(keep, k.call)
		}
		if len(keep)+len(drop) == batch {
			return keep, drop
		}
	}
	if len(s.left) > 0 && !s.leftEnd.After(at) {
		for id := range s.left {
			drop = append(drop, id)
		}
		clear(s.left)
	}
	return keep, drop
}

// wrote takes in what came of a write. What the store did not take, and, as it
// may have lost everything, all that it had, is written when it is back.
func (s *Snapshots) wrote(keep map[call.ID][]byte, drop []call.ID, err error) {
	if err == nil {
		s.writes.WithLabelValues("written").Add(float64(len(keep)))
		s.writes.WithLabelValues("removed").Add(float64(len(drop)))
		if s.away {
			s.away = false
			s.opts.Log.Warn("snapshots are written again")
		}
		return
	}
	s.writes.WithLabelValues("failed").Add(float64(len(keep) + len(drop)))
	if !s.away {
		s.away = true
		s.opts.Log.Warn("snapshots are not written; a restart now would go by what Asterisk shows", "err", err)
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range drop {
		if k := s.calls[id]; k != nil { // taken up meanwhile
			k.stored = true
		} else {
			s.calls[id] = &keeping{over: true, stored: true}
		}
	}
	for _, k := range s.calls {
		k.due = now
	}
}

// MemorySnapshots keeps snapshots in the process: for tests, where one life of
// a gateway follows another in it.
type MemorySnapshots struct {
	mu   sync.Mutex
	held map[call.ID][]byte
}

// Write implements SnapshotStore.
func (m *MemorySnapshots) Write(ctx context.Context, keep map[call.ID][]byte, drop []call.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held == nil {
		m.held = make(map[call.ID][]byte)
	}
	maps.Copy(m.held, keep)
	for _, id := range drop {
		delete(m.held, id)
	}
	return ctx.Err()
}

// All implements SnapshotStore.
func (m *MemorySnapshots) All(ctx context.Context) (map[call.ID][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.held), ctx.Err()
}

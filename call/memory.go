package call

import (
	"context"
	"log/slog"
	"time"
)

const (
	// recallLimit bounds the reading of what an earlier life has kept: callers
	// wait for it.
	recallLimit = 300 * time.Millisecond
	// recallAgain is how long one reading serves. After a start every caller asks
	// at once, and one answer, or one failure, is enough for all.
	recallAgain = 5 * time.Second
)

// memory is what the sessions have of the snapshots: each change goes there,
// and a call that is taken up after a restart comes from there. It is safe for
// use by several goroutines.
type memory struct {
	snapshots Snapshots // nil for none
	log       *slog.Logger

	turn chan struct{} // full while the store is read: all who ask wait for one answer
	read time.Time
	held map[ID][]byte
	kept int // so many there were
}

func newMemory(s Snapshots, log *slog.Logger) *memory {
	return &memory{snapshots: s, log: log, turn: make(chan struct{}, 1)}
}

// keep keeps a call as it is now, until it has ended.
func (m *memory) keep(c Call) {
	switch {
	case m.snapshots == nil:
	case c.Phase == Ended:
		m.snapshots.Drop(c.ID)
	default:
		m.snapshots.Keep(c)
	}
}

// recall adds what was kept of a resumed call to its arrival. Every other event
// stays as it is.
func (m *memory) recall(ctx context.Context, ev Event) Event {
	arrived, ok := ev.(Arrived)
	if !ok || !arrived.Resumed || m.snapshots == nil {
		return ev
	}
	text, others := m.take(ctx, arrived.Call)
	if text == nil {
		m.log.Info("caller resumed without a snapshot", "call", arrived.Call, "others", others)
		arrived.Recent = others > 0
		return arrived
	}
	c, err := Thaw(text)
	if err != nil {
		m.log.Warn("snapshot not used", "call", arrived.Call, "err", err)
		return ev
	}
	arrived.Kept = &c
	return arrived
}

// take returns what was kept of a call, nil for nothing, and of how many calls
// something was.
func (m *memory) take(ctx context.Context, id ID) ([]byte, int) {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	if time.Since(m.read) > recallAgain {
		m.load(ctx)
	}
	text := m.held[id]
	delete(m.held, id)
	return text, m.kept
}

// load reads the store. Whose turn it is calls it.
func (m *memory) load(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, recallLimit)
	defer stop()
	began := time.Now()
	held, err := m.snapshots.Load(ctx)
	m.read, m.held, m.kept = time.Now(), held, len(held)
	if err != nil {
		m.log.Warn("snapshots not read; calls are taken up by what Asterisk shows", "err", err)
		return
	}
	m.log.Info("snapshots read", "calls", len(held), "took", time.Since(began))
}

package cti

import (
	"context"
	"maps"
	"slices"
	"sync"

	"weibao/call"
	"weibao/routing"
)

// Memory keeps standings in the process: for one gateway without Redis, and
// for tests. It behaves as Redis does; standingstest keeps both honest.
type Memory struct {
	mu       sync.Mutex
	held     map[routing.AgentID]Standing
	watchers map[*call.Mailbox[Standing]]struct{}
}

var _ Standings = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		held:     make(map[routing.AgentID]Standing),
		watchers: make(map[*call.Mailbox[Standing]]struct{}),
	}
}

// All returns every standing there is.
func (m *Memory) All(ctx context.Context) ([]Standing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.held)), ctx.Err()
}

// Swap writes a standing; see [Standings].
func (m *Memory) Swap(ctx context.Context, fence uint64, now Standing) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next, stored := swapped(fence, now), m.held[now.Agent]
	if stored.Fence > fence {
		if stored == next {
			return next.Fence, nil
		}
		return stored.Fence, &StaleError{Stored: stored}
	}
	m.held[now.Agent] = next
	for w := range m.watchers {
		w.Put(next)
	}
	return next.Fence, nil
}

// Watch reports standings as they are written.
func (m *Memory) Watch(ctx context.Context) (<-chan Standing, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	box, out := call.NewMailbox[Standing](), make(chan Standing)
	m.mu.Lock()
	m.watchers[box] = struct{}{}
	m.mu.Unlock()
	go func() {
		defer close(out)
		defer m.unwatch(box)
		for {
			select {
			case <-ctx.Done():
				return
			case <-box.Ready():
			}
			for _, s := range box.TakeAll() {
				select {
				case out <- s:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

func (m *Memory) unwatch(box *call.Mailbox[Standing]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.watchers, box)
}

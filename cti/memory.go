package cti

import (
	"context"
	"maps"
	"slices"
	"sync"

	"weibao/routing"
)

// Memory keeps standings in the process: for one gateway without Redis, and
// for tests. It behaves as Redis does; standingstest keeps both honest.
type Memory struct {
	mu       sync.Mutex
	held     map[routing.AgentID]Standing
	audience audience[Standing]
}

var _ Standings = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{held: make(map[routing.AgentID]Standing)}
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
	m.audience.tell(next)
	return next.Fence, nil
}

// Watch reports standings as they are written.
func (m *Memory) Watch(ctx context.Context) (<-chan Standing, error) { return m.audience.watch(ctx) }

package cti

import (
	"context"
	"sync"
	"time"
)

// flaky is a store that can be made to fail, before or after the act, and to
// be slow.
type flaky struct {
	Standings
	mu     sync.Mutex
	before error         // nothing is done
	after  error         // it is done, but nobody learns of it
	slow   time.Duration // every Swap, before the act
	late   time.Duration // and after it
	swaps  int
}

func (f *flaky) set(before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

func (f *flaky) faults() (before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.before, f.after
}

func (f *flaky) Swap(ctx context.Context, fence uint64, now Standing) (uint64, error) {
	f.mu.Lock()
	slow, late := f.slow, f.late
	f.swaps++
	f.mu.Unlock()
	if !passes(ctx, slow) {
		return 0, ctx.Err()
	}
	before, after := f.faults()
	if before != nil {
		return 0, before
	}
	got, err := f.Standings.Swap(ctx, fence, now)
	time.Sleep(late) // how slow the store is, in a bubble of synctest
	if after != nil {
		return 0, after
	}
	return got, err
}

func (f *flaky) All(ctx context.Context) ([]Standing, error) {
	if before, _ := f.faults(); before != nil {
		return nil, before
	}
	return f.Standings.All(ctx)
}

func (f *flaky) Watch(ctx context.Context) (<-chan Standing, error) {
	if before, _ := f.faults(); before != nil {
		return nil, before
	}
	return f.Standings.Watch(ctx)
}

// passes waits for a store that is slow; false when ctx was over before. It
// reads no timer's channel: under the race detector a select on one that has
// expired crashes the runtime in a bubble now and then (Go 1.26).
func passes(ctx context.Context, slow time.Duration) bool {
	if slow <= 0 {
		return ctx.Err() == nil
	}
	over := make(chan struct{})
	timer := time.AfterFunc(slow, func() { close(over) })
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-over:
		return true
	}
}

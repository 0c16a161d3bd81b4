package cti

import (
	"context"
	"time"
)

// follower keeps up with a store that several gateways write: it watches, reads
// everything, and begins anew when the watch breaks. What it learns goes to
// heard, found and lost, which must not wait; they are called on its goroutine.
type follower[T any] struct {
	store interface {
		All(ctx context.Context) ([]T, error)
		Watch(ctx context.Context) (<-chan T, error)
	}
	heard func(T)     // somebody has written this
	found func([]T)   // everything there is, after joining and from time to time
	lost  func(error) // the store can not be reached
	// broken is told when a write has failed: join again.
	broken                   chan struct{}
	patience, probe, refresh time.Duration
}

// run watches the store until ctx is done; when it is lost, it is looked for
// until it is back.
func (f *follower[T]) run(ctx context.Context) {
	wait := f.probe
	for ctx.Err() == nil {
		joined := time.Now()
		err := f.join(ctx)
		if err != nil {
			f.lost(err)
			wait = f.probe
		} else if time.Since(joined) > 10*f.probe {
			wait = f.probe
			continue
		} else {
			// It was reached and lost at once: it refuses writes. Let it be.
			wait = min(2*wait, 20*f.probe)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// join watches, reads everything and follows until the watch is broken or a
// write fails. The error is of the joining alone.
func (f *follower[T]) join(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	watch, err := f.store.Watch(ctx)
	if err != nil {
		return err
	}
	defer func() {
		stop()
		for range watch { // until the watch has gone
		}
	}()
	select {
	case <-f.broken:
	default:
	}
	if err := f.read(ctx); err != nil {
		return err
	}
	refresh := time.NewTicker(f.refresh)
	defer refresh.Stop()
	for {
		select {
		case v, ok := <-watch:
			if !ok {
				return nil
			}
			f.heard(v)
		case <-refresh.C:
			if f.read(ctx) != nil {
				return nil
			}
		case <-f.broken:
			return nil
		}
	}
}

func (f *follower[T]) read(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, f.patience)
	defer stop()
	all, err := f.store.All(ctx)
	if err == nil {
		f.found(all)
	}
	return err
}

// rejoin says that a write has failed. It never waits.
func (f *follower[T]) rejoin() {
	select {
	case f.broken <- struct{}{}:
	default:
	}
}

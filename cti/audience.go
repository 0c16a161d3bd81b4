package cti

import (
	"context"
	"sync"

	"weibao/call"
)

// audience are those who watch a store that is kept in the process. The zero
// value has nobody.
type audience[T any] struct {
	mu    sync.Mutex
	boxes map[*call.Mailbox[T]]struct{}
}

// tell brings v to everybody; it never waits for them.
func (a *audience[T]) tell(v T) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for box := range a.boxes {
		box.Put(v)
	}
}

// watch returns what is told from now on until ctx is done.
func (a *audience[T]) watch(ctx context.Context) (<-chan T, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	box, out := call.NewMailbox[T](), make(chan T)
	a.mu.Lock()
	if a.boxes == nil {
		a.boxes = make(map[*call.Mailbox[T]]struct{})
	}
	a.boxes[box] = struct{}{}
	a.mu.Unlock()
	go func() {
		defer close(out)
		defer a.leave(box)
		for {
			select {
			case <-ctx.Done():
				return
			case <-box.Ready():
			}
			for _, v := range box.TakeAll() {
				select {
				case out <- v:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

func (a *audience[T]) leave(box *call.Mailbox[T]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.boxes, box)
}

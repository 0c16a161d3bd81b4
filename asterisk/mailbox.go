package asterisk

import "sync"

// mailbox is a queue that never drops and never blocks who puts; one goroutine
// takes. Asterisk cuts a reader that stops for longer than its write timeout
// (ari.conf websocket_write_timeout), so the socket's reader does nothing else.
type mailbox[T any] struct {
	mu    sync.Mutex
	items []T
	wake  chan struct{}
}

func newMailbox[T any]() *mailbox[T] { return &mailbox[T]{wake: make(chan struct{}, 1)} }

func (m *mailbox[T]) put(item T) {
	m.mu.Lock()
	m.items = append(m.items, item)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default: // already awake, and takes everything
	}
}

func (m *mailbox[T]) take() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = nil
	return items
}

func (m *mailbox[T]) depth() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.items)
}

package cti

import "sync"

// mailbox is a queue without bounds: putting never waits and never drops.
// Any number may put; takers wait on ready and then take.
type mailbox[T any] struct {
	mu     sync.Mutex
	held   []T
	filled chan struct{}
}

func newMailbox[T any]() *mailbox[T] {
	return &mailbox[T]{filled: make(chan struct{}, 1)}
}

// put adds a value at the end.
func (m *mailbox[T]) put(v T) {
	m.mu.Lock()
	m.held = append(m.held, v)
	m.mu.Unlock()
	m.wake()
}

// ready is readable when there may be something to take.
func (m *mailbox[T]) ready() <-chan struct{} { return m.filled }

// takeAll takes everything, oldest first.
func (m *mailbox[T]) takeAll() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.held
	m.held = nil
	return all
}

// take takes the oldest and wakes the next taker if there is more.
func (m *mailbox[T]) take() (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var v T
	if len(m.held) == 0 {
		return v, false
	}
	v, m.held[0] = m.held[0], v
	m.held = m.held[1:]
	if len(m.held) > 0 {
		m.wake()
	}
	return v, true
}

// depth is the number of values that nobody has taken.
func (m *mailbox[T]) depth() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.held)
}

func (m *mailbox[T]) wake() {
	select {
	case m.filled <- struct{}{}:
	default:
	}
}

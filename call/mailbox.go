package call

import "sync"

// Mailbox is a queue that never drops and never blocks who puts: the way into
// every goroutine that owns a state, here and in the packages around. Any
// number may put; who takes waits on Ready and then takes.
type Mailbox[T any] struct {
	mu     sync.Mutex
	held   []T
	closed bool
	ready  chan struct{}
}

// NewMailbox makes an empty, open mailbox.
func NewMailbox[T any]() *Mailbox[T] { return &Mailbox[T]{ready: make(chan struct{}, 1)} }

// Put adds a value at the end; false when the box is closed and nobody will
// ever take it.
func (m *Mailbox[T]) Put(v T) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.held = append(m.held, v)
	m.wake()
	return true
}

// Ready is readable when there may be something to take.
func (m *Mailbox[T]) Ready() <-chan struct{} { return m.ready }

// TakeAll takes everything, oldest first.
func (m *Mailbox[T]) TakeAll() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.held
	m.held = nil
	return all
}

// Take takes the oldest and wakes the next taker if there is more.
func (m *Mailbox[T]) Take() (T, bool) {
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

// Close returns what is still in the box and lets nothing more in.
func (m *Mailbox[T]) Close() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	all := m.held
	m.held = nil
	return all
}

// Depth is the number of values that nobody has taken.
func (m *Mailbox[T]) Depth() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.held)
}

func (m *Mailbox[T]) wake() {
	select {
	case m.ready <- struct{}{}:
	default: // woken already
	}
}

package call

import "sync"

// mailbox is a queue that never drops and never blocks the sender. One
// goroutine takes from it.
type mailbox struct {
	mu     sync.Mutex
	events []Event
	closed bool
	wake   chan struct{}
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// put adds an event at the end; false when the box is closed and nobody will
// ever take it.
func (m *mailbox) put(ev Event) bool {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return false
	}
	m.events = append(m.events, ev)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default: // the taker has been woken already and takes everything
	}
	return true
}

// take removes and returns everything that is in the box.
func (m *mailbox) take() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.events
	m.events = nil
	return events
}

// close returns what is still in the box and lets nothing more in.
func (m *mailbox) close() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	events := m.events
	m.events = nil
	return events
}

package record

import (
	"sync"
)

// request is a line that somebody wants in the journal.
type request struct {
	kind   Kind
	body   Change // or AlarmText
	done   chan error
	retry  bool // a line that fails is owed and tried again
	filing string
	taken  bool // under the mailbox' mutex: the scribe has begun it
	gone   bool // under the mailbox' mutex: withdrawn
}

// mailbox holds the requests that the scribe has not begun. It never drops
// one. Those of an emergency come first.
type mailbox struct {
	mu       sync.Mutex
	urgent   []*request
	ordinary []*request
	closed   bool
	bell     chan struct{}
}

func newMailbox() *mailbox { return &mailbox{bell: make(chan struct{}, 1)} }

// put is false when the mailbox has been closed.
func (m *mailbox) put(r *request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	if r.kind.urgent() {
		m.urgent = append(m.urgent, r)
	} else {
		m.ordinary = append(m.ordinary, r)
	}
	m.ring()
	return true
}

func (m *mailbox) ring() {
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

// take returns the next request; nil when there is none. The second result is
// false when none will come any more.
func (m *mailbox) take() (*request, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, line := range []*[]*request{&m.urgent, &m.ordinary} {
		for len(*line) > 0 {
			r := (*line)[0]
			*line = (*line)[1:]
			if !r.gone {
				r.taken = true
				return r, true
			}
		}
	}
	return nil, !m.closed
}

// withdraw takes a request back that has not been begun.
func (m *mailbox) withdraw(r *request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r.gone = !r.taken
}

// close lets nothing more in.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.ring()
}

// debts are the lines that the journal could not take, oldest first. They are
// tried again until it can, and brought to the database directly meanwhile.
type debts struct {
	mu       sync.Mutex
	urgent   []*request
	ordinary []*request
	fresh    []*request // not yet brought to the database
}

func (d *debts) add(r *request) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.kind.urgent() {
		d.urgent = append(d.urgent, r)
	} else {
		d.ordinary = append(d.ordinary, r)
	}
	d.fresh = append(d.fresh, r)
	return len(d.urgent) + len(d.ordinary)
}

// first is the debt of that class to be paid next; nil when there is none.
func (d *debts) first(urgent bool) *request {
	d.mu.Lock()
	defer d.mu.Unlock()
	line := d.ordinary
	if urgent {
		line = d.urgent
	}
	if len(line) == 0 {
		return nil
	}
	return line[0]
}

// paid takes the first debt of the class away.
func (d *debts) paid(urgent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if urgent {
		d.urgent = d.urgent[1:]
	} else {
		d.ordinary = d.ordinary[1:]
	}
}

func (d *debts) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.urgent) + len(d.ordinary)
}

// lend returns what the database has not seen yet.
func (d *debts) lend() []Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	var changes []Change
	for _, r := range d.fresh {
		changes = append(changes, r.body)
	}
	return changes
}

// lent notes that the database has seen the first n.
func (d *debts) lent(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = d.fresh[n:]
}

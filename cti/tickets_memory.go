package cti

import (
	"context"
	"slices"
	"sync"

	"weibao/routing"
)

// MemoryTickets keeps lines in the process, for tests with several gateways.
// It behaves as Redis does; standingstest keeps both honest.
type MemoryTickets struct {
	mu       sync.Mutex
	lines    map[string]*postedLine
	audience audience[Bulletin]
}

// postedLine is what one gateway has posted.
type postedLine struct {
	life, seq uint64
	posts     map[routing.TicketID]Posted
}

var _ Tickets = (*MemoryTickets)(nil)

// NewMemoryTickets returns an empty store.
func NewMemoryTickets() *MemoryTickets {
	return &MemoryTickets{lines: make(map[string]*postedLine)}
}

// All returns the whole line of every gateway.
func (m *MemoryTickets) All(ctx context.Context) ([]Bulletin, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Bulletin
	for gateway, l := range m.lines {
		n := Bulletin{Gateway: gateway, Life: l.life, Seq: l.seq}
		for _, p := range l.posts {
			n.Posts = append(n.Posts, p)
		}
		all = append(all, n)
	}
	return all, ctx.Err()
}

// Post writes a notice; see [Tickets].
func (m *MemoryTickets) Post(ctx context.Context, n Bulletin) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.lines[n.Gateway]
	switch {
	case l != nil && l.life == n.Life && l.seq == n.Seq:
		return nil
	case l != nil && !n.after(l.life, l.seq):
		return ErrSuperseded
	case l == nil || l.life != n.Life:
		l = &postedLine{posts: make(map[routing.TicketID]Posted)}
		m.lines[n.Gateway] = l
	}
	l.life, l.seq = n.Life, n.Seq
	for _, p := range n.Posts {
		l.posts[p.Ticket.ID] = p
	}
	for _, id := range n.Drops {
		delete(l.posts, id)
	}
	n.Posts, n.Drops = slices.Clone(n.Posts), slices.Clone(n.Drops)
	m.audience.tell(n)
	return nil
}

// Forget removes a line; see [Tickets].
func (m *MemoryTickets) Forget(ctx context.Context, n Bulletin) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.lines[n.Gateway]; l != nil && l.life == n.Life && l.seq == n.Seq {
		delete(m.lines, n.Gateway)
	}
	return nil
}

// Watch reports notices as they are posted.
func (m *MemoryTickets) Watch(ctx context.Context) (<-chan Bulletin, error) {
	return m.audience.watch(ctx)
}

package cti

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"weibao/call"
	"weibao/routing"
)

// postMost is how many tickets one notice brings at most.
const postMost = 256

// poster tells the other gateways of the line, behind the floor: what has
// changed since the last notice goes with the next, of one ticket the newest
// state. It follows what the others tell. All of it returns as commands in the
// floor's mailbox.
type poster struct {
	opts   *FloorOptions
	mail   *call.Mailbox[func(*floor)]
	follow *follower[Bulletin]
	ready  chan struct{}

	mu      sync.Mutex
	open    bool // there is a store that answers, and a life to write under
	life    uint64
	seq     uint64
	pending map[routing.TicketID]Posted // without a ticket: it has left the line
	gone    []Bulletin                  // lines to be forgotten
}

func newPoster(o *FloorOptions, mail *call.Mailbox[func(*floor)]) *poster {
	if o.Tickets == nil {
		return nil
	}
	return &poster{
		opts: o, mail: mail, ready: make(chan struct{}, 1), pending: make(map[routing.TicketID]Posted),
		follow: &follower[Bulletin]{
			store: o.Tickets, broken: make(chan struct{}, 1), patience: o.Patience, probe: o.Probe, refresh: o.Refresh,
			heard: func(n Bulletin) { mail.Put(func(f *floor) { f.noticed(n) }) },
			found: func(all []Bulletin) {
				lines := make([]knownLine, len(all))
				for i, n := range all {
					lines[i] = newKnownLine(n)
				}
				mail.Put(func(f *floor) { f.lines(lines) })
			},
			lost: func(err error) { mail.Put(func(f *floor) { f.unposted(err) }) },
		},
	}
}

// knownLine is the whole line of a gateway, sorted outside the floor.
type knownLine struct {
	Bulletin
	by map[routing.TicketID]Posted
}

func newKnownLine(n Bulletin) knownLine {
	k := knownLine{Bulletin: n, by: make(map[routing.TicketID]Posted, len(n.Posts))}
	for _, p := range n.Posts {
		k.by[p.Ticket.ID] = p
	}
	return k
}

// begin opens a life of the line; what was pending belongs to the one before.
func (p *poster) begin(life uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open, p.life, p.seq = true, life, 0
	clear(p.pending)
	p.wake()
}

// put takes changes of the line; it never waits.
func (p *poster) put(changes map[routing.TicketID]Posted) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open { // else the next life begins with the whole line
		maps.Copy(p.pending, changes)
		p.wake()
	}
}

// forget asks for the removal of lines of gateways that have gone for good.
func (p *poster) forget(gone []Bulletin) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = gone
	p.wake()
}

func (p *poster) wake() {
	select {
	case p.ready <- struct{}{}:
	default:
	}
}

// run posts until ctx is done; when there is nothing to say for a beat, that.
func (p *poster) run(ctx context.Context) {
	beat := time.NewTicker(p.opts.Beat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.ready:
		case <-beat.C:
		}
		n, gone, ok := p.next()
		if !ok {
			continue
		}
		if err := p.send(ctx, n, gone); err != nil {
			p.mu.Lock()
			p.open = false
			p.mu.Unlock()
			p.mail.Put(func(f *floor) { f.unposted(err) })
			p.follow.rejoin()
		}
	}
}

// next is the notice that is due now.
func (p *poster) next() (n Bulletin, gone []Bulletin, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		return Bulletin{}, nil, false
	}
	p.seq++
	n = Bulletin{Gateway: p.opts.Gateway, Life: p.life, Seq: p.seq}
	for id, posted := range p.pending {
		if len(n.Posts)+len(n.Drops) == postMost {
			p.wake()
			break
		}
		if posted.Ticket.ID == "" {
			n.Drops = append(n.Drops, id)
		} else {
			n.Posts = append(n.Posts, posted)
		}
		delete(p.pending, id)
	}
	gone, p.gone = p.gone, nil
	return n, gone, true
}

func (p *poster) send(ctx context.Context, n Bulletin, gone []Bulletin) error {
	// What has been begun is brought to its end, also when the floor closes.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), p.opts.Patience)
	defer stop()
	err := p.opts.Tickets.Post(ctx, n)
	for _, line := range gone {
		err = errors.Join(err, p.opts.Tickets.Forget(ctx, line))
	}
	return err
}

// post sends what the others should know of the line.
func (f *floor) post() {
	if f.d.poster == nil || len(f.news) == 0 {
		return
	}
	changes := make(map[routing.TicketID]Posted, len(f.news))
	for id := range drained(&f.news) {
		switch t := f.tickets[id]; {
		case t == nil:
			changes[id] = Posted{}
		case !sameTicket(t.told, t.Ticket):
			t.told = t.Ticket
			changes[id] = Posted{Ticket: t.Ticket, Call: t.call}
		}
	}
	if len(changes) > 0 {
		f.d.poster.put(changes)
	}
}

// lines takes in all lines of all gateways, after joining the store and from
// time to time.
func (f *floor) lines(all []knownLine) {
	own := knownLine{}
	seen := make(map[string]bool, len(all))
	var gone []Bulletin
	for _, line := range all {
		if line.Gateway == f.opts.Gateway {
			own = line
			continue
		}
		seen[line.Gateway] = true
		if g := f.neighbour(line.Gateway); time.Since(later(g.found, g.heard)) > f.opts.ForgetAfter {
			line.Posts = nil
			gone = append(gone, line.Bulletin)
		} else {
			f.replace(g, line)
		}
	}
	for _, g := range slices.Collect(maps.Values(f.neighbours)) {
		if !seen[g.name] && !g.alive {
			f.forget(g)
		}
	}
	if len(gone) > 0 {
		f.d.poster.forget(gone)
	}
	f.repost(own)
}

// repost brings what is stored of the own line in order: all of it under a new
// life when the store was away, or is a new one; else what it has lost or kept
// by mistake.
func (f *floor) repost(own knownLine) {
	p := f.d.poster
	p.mu.Lock()
	open := p.open && p.life == own.Life
	p.mu.Unlock()
	if !open {
		p.begin(max(own.Life, p.life) + 1)
		f.log.Info("line told to the other gateways", "tickets", len(f.tickets))
	}
	for id, t := range f.tickets {
		if _, stored := own.by[id]; !open || !stored {
			t.told = routing.Ticket{}
			f.news[id] = struct{}{}
		}
	}
	for id := range own.by {
		if f.tickets[id] == nil && open {
			f.news[id] = struct{}{}
		}
	}
}

// unposted goes on without telling the others.
func (f *floor) unposted(err error) {
	p := f.d.poster
	p.mu.Lock()
	p.open = false
	p.mu.Unlock()
	if errors.Is(err, ErrSuperseded) {
		f.log.Error("another gateway tells its line under this one's name", "gateway", f.opts.Gateway)
		return
	}
	f.log.Warn("the line can not be told to the other gateways", "err", err)
}

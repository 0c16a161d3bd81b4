package cti

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"weibao/routing"
)

// Limits of guessing. The pair of id and source is locked early, so that a
// guesser locks out itself and not the seat; a source that tries many ids is
// locked as a whole.
const (
	sourceTries = 100
	guardSize   = 16384
)

// guard counts wrong tries. It is a leaf: it calls nothing of ours while it
// holds its lock.
type guard struct {
	tries   int
	lockFor time.Duration

	mu    sync.Mutex
	wrong map[suspect]*misses
}

// suspect is an id from a source, or with an empty id the whole source. Ids
// that nobody has are counted like the others.
type suspect struct {
	id     routing.AgentID
	source string
}

type misses struct {
	count int
	until time.Time // forgotten then; locked until then once count is full
}

func newGuard(tries int, lockFor time.Duration) *guard {
	return &guard{tries: tries, lockFor: lockFor, wrong: make(map[suspect]*misses)}
}

// locked reports for how long the pair, or its source, must wait.
func (g *guard) locked(id routing.AgentID, source string, at time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := time.Duration(0)
	if m := g.wrong[suspect{id, source}]; m != nil && m.count >= g.tries {
		wait = m.until.Sub(at)
	}
	if m := g.wrong[suspect{source: source}]; m != nil && m.count >= sourceTries {
		wait = max(wait, m.until.Sub(at))
	}
	return max(wait, 0)
}

// missed counts a wrong try and reports whether it was the one that locks.
func (g *guard) missed(id routing.AgentID, source string, at time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(at)
	all := g.count(suspect{source: source}, at)
	return g.count(suspect{id, source}, at) == g.tries || all == sourceTries
}

func (g *guard) count(s suspect, at time.Time) int {
	m := g.wrong[s]
	if m == nil || !m.until.After(at) {
		m = &misses{}
		g.wrong[s] = m
	}
	m.count++
	m.until = at.Add(g.lockFor)
	return m.count
}

// cleared forgets the wrong tries of a pair after a right one.
func (g *guard) cleared(id routing.AgentID, source string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.wrong, suspect{id, source})
}

// forget keeps the table bounded: when it is full it drops what is over, and
// then anything down to three quarters, so that a flood pays for it once in a
// while and not at each try.
func (g *guard) forget(at time.Time) {
	if len(g.wrong) < guardSize {
		return
	}
	for s, m := range g.wrong {
		if !m.until.After(at) {
			delete(g.wrong, s)
		}
	}
	for s := range g.wrong {
		if len(g.wrong) <= guardSize*3/4 {
			return
		}
		delete(g.wrong, s)
	}
}

// sourceOf is the network that a request came from: the address, or for IPv6
// the /64, since a customer has at least that much.
func sourceOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}

package phone

import (
	"net"
	"sync"
	"sync/atomic"
)

// gate is a phone's SIP socket. It tells when the stack has begun to read, and
// can be cut like a wire.
type gate struct {
	net.PacketConn
	ready chan struct{}
	once  sync.Once
	isCut atomic.Bool
}

func newGate(conn net.PacketConn) *gate {
	return &gate{PacketConn: conn, ready: make(chan struct{})}
}

// cut lets nothing through any more, in or out.
func (g *gate) cut() { g.isCut.Store(true) }

// ReadFrom reads the next packet.
func (g *gate) ReadFrom(b []byte) (int, net.Addr, error) {
	g.once.Do(func() { close(g.ready) })
	for {
		n, from, err := g.PacketConn.ReadFrom(b)
		if err != nil || !g.isCut.Load() {
			return n, from, err
		}
	}
}

// WriteTo sends a packet.
func (g *gate) WriteTo(b []byte, to net.Addr) (int, error) {
	if g.isCut.Load() {
		return len(b), nil
	}
	return g.PacketConn.WriteTo(b, to)
}

package phone

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
)

const (
	frameTime   = 20 * time.Millisecond
	alawType    = 8
	digitType   = 101 // our offer; an answer takes the number of the offer
	silentFor   = 200 * time.Millisecond
	catchUp     = 10 // packets that a late clock sends at once; older ones are skipped
	rtpAttempts = 64
)

// media is the talk of one call: a socket, a mouth that the clock paces, and a
// reader that feeds the ears. All that the mouth owns is owned by its goroutine.
type media struct {
	rtp, rtcp *net.UDPConn // rtcp only keeps strangers off the neighbouring port
	port      int
	ears      *ears
	digits    *digits

	remote    atomic.Pointer[far]
	voice     atomic.Pointer[tone]
	speaking  atomic.Bool // answered; before that the mouth is silent
	muted     atomic.Bool
	in, out   atomic.Int64
	lastIn    atomic.Int64 // unix nanoseconds
	presses   chan *press
	quit      chan struct{}
	closeOnce sync.Once
}

// far is the other end as the last SDP says.
type far struct {
	addr      netip.AddrPort
	digitType uint8
	deaf      bool // it put us on hold: nothing is sent
}

// newMedia opens a pair of ports. Its owner runs read and keepTime until shut.
func newMedia(host string, e *ears, d *digits, voice *tone) (*media, error) {
	m := &media{ears: e, digits: d, presses: make(chan *press), quit: make(chan struct{})}
	m.voice.Store(voice)
	if err := m.listen(host); err != nil {
		return nil, err
	}
	return m, nil
}

// listen takes an even port and the odd one above it, so that the RTCP of our
// peer can not reach the RTP socket of another call.
func (m *media) listen(host string) error {
	ip := net.ParseIP(host)
	for range rtpAttempts {
		first, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip})
		if err != nil {
			return fmt.Errorf("listen for RTP on %s: %w", host, err)
		}
		port := first.LocalAddr().(*net.UDPAddr).Port
		other := port + 1
		if port%2 == 1 {
			other = port - 1
		}
		second, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: other})
		if err != nil {
			_ = first.Close()
			continue
		}
		if port%2 == 1 {
			first, second, port = second, first, other
		}
		m.rtp, m.rtcp, m.port = first, second, port
		return nil
	}
	return fmt.Errorf("listen for RTP on %s: no pair of ports is free", host)
}

// aim sets where the mouth speaks to and whom the ears believe.
func (m *media) aim(s session) {
	m.remote.Store(&far{addr: s.addr, digitType: s.digitType, deaf: !s.direction.receives()})
}

// shut ends the talk; read and keepTime return soon after.
func (m *media) shut() {
	m.closeOnce.Do(func() {
		close(m.quit)
		_ = m.rtp.Close()
		_ = m.rtcp.Close()
	})
}

// read feeds the ears and collects digits until the socket is closed.
func (m *media) read() {
	defer m.ears.stop()
	var (
		buf    [2048]byte
		line   stream
		pkt    rtp.Packet
		hushed = true
	)
	for {
		// The deadline ends a sound whose packets have stopped.
		_ = m.rtp.SetReadDeadline(time.Now().Add(silentFor))
		n, from, err := m.rtp.ReadFromUDPAddrPort(buf[:])
		switch {
		case errors.Is(err, net.ErrClosed):
			if !hushed {
				m.ears.hush(line.ended)
			}
			return
		case err != nil:
			if !hushed && time.Since(line.ended) > silentFor {
				m.ears.hush(line.ended)
				hushed = true
			}
			continue
		}
		far := m.remote.Load()
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if far == nil || from != far.addr || pkt.Unmarshal(buf[:n]) != nil {
			continue
		}
		if m.take(&pkt, far, &line) {
			hushed = false
		}
	}
}

// take sorts one packet, audio to the ears and digits to the list, and says
// whether the ears got something.
func (m *media) take(pkt *rtp.Packet, far *far, line *stream) bool {
	arrived := time.Now()
	switch pkt.PayloadType {
	case alawType:
		m.in.Add(1)
		m.lastIn.Store(arrived.UnixNano())
		ended, silent, ok := line.place(&pkt.Header, arrived)
		if !ok {
			return false
		}
		for i := silent; i > 0; i-- {
			m.ears.hear(nil, ended.Add(-time.Duration(i)*frameTime))
		}
		m.ears.hear(pkt.Payload, ended)
		return true
	case far.digitType:
		m.in.Add(1)
		m.lastIn.Store(arrived.UnixNano())
		m.digits.event(&pkt.Header, pkt.Payload)
	}
	return false
}

// keepTime sends one packet each 20 ms until the media is closed.
func (m *media) keepTime() {
	ticker := time.NewTicker(frameTime)
	defer ticker.Stop()
	var (
		start = time.Now()
		voice = &mouth{media: m, ssrc: rand.Uint32(), seq: uint16(rand.Uint32()), stamp: rand.Uint32()}
		sent  int
	)
	for {
		select {
		case <-m.quit:
			return
		case now := <-ticker.C:
			due := int(now.Sub(start) / frameTime)
			if missed := due - sent - catchUp; missed > 0 {
				voice.stamp += uint32(missed * frameLength)
				sent += missed
			}
			for ; sent < due; sent++ {
				voice.frame()
			}
		}
	}
}

// press sends digits by RFC 4733 and returns when the last has been sent.
func (m *media) press(ctx context.Context, keys string) error {
	for _, key := range keys {
		event, ok := eventOf(key)
		if !ok {
			return fmt.Errorf("press %q: no such key", key)
		}
		p := &press{event: event, done: make(chan struct{})}
		select {
		case m.presses <- p:
		case <-m.quit:
			return fmt.Errorf("press %q: %w", key, ErrEnded)
		case <-ctx.Done():
			return fmt.Errorf("press %q: %w", key, context.Cause(ctx))
		}
		select {
		case <-p.done:
		case <-m.quit:
			return fmt.Errorf("press %q: %w", key, ErrEnded)
		case <-ctx.Done():
			return fmt.Errorf("press %q: %w", key, context.Cause(ctx))
		}
	}
	return nil
}

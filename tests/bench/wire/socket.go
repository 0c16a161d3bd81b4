package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// receiveBuffer holds some thousand messages: a burst must not be lost because
// the reader has not been given the processor.
const receiveBuffer = 8 << 20

// socket is a UDP socket on loopback whose reader knows when the kernel took
// each packet.
type socket struct {
	conn *net.UDPConn
	to   netip.AddrPort
	port int
}

func openSocket(to netip.AddrPort) (*socket, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	s := &socket{conn: conn, to: to, port: conn.LocalAddr().(*net.UDPAddr).Port} //nolint:errcheck,forcetypeassert // it is a UDP socket
	if err := errors.Join(s.stamp(), conn.SetReadBuffer(receiveBuffer)); err != nil {
		return nil, errors.Join(fmt.Errorf("open a socket: %w", err), conn.Close())
	}
	return s, nil
}

// stamp asks the kernel for the time of each packet.
func (s *socket) stamp() error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	var fault error
	err = raw.Control(func(fd uintptr) {
		fault = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	return errors.Join(err, fault)
}

// read hands every packet to take, until the socket is closed.
func (s *socket) read(take func(data []byte, at time.Time)) {
	data, control := make([]byte, 64<<10), make([]byte, 64)
	for {
		n, c, _, _, err := s.conn.ReadMsgUDPAddrPort(data, control)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // such as ECONNREFUSED of an earlier packet
		}
		take(data[:n], stampOf(control[:c]))
	}
}

// stampOf is the kernel's time of a packet, or now when it gave none.
func stampOf(control []byte) time.Time {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return time.Now()
	}
	for _, m := range messages {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SO_TIMESTAMPNS && len(m.Data) >= 16 {
			seconds, nanos := binary.NativeEndian.Uint64(m.Data), binary.NativeEndian.Uint64(m.Data[8:])
			return time.Unix(int64(seconds), int64(nanos)) //nolint:gosec // the kernel's clock
		}
	}
	return time.Now()
}

// send gives a message to the kernel and returns the time just before. A
// packet that the kernel does not take is one that is lost: it is sent again.
func (s *socket) send(message []byte) time.Time {
	at := time.Now()
	_, _ = s.conn.WriteToUDPAddrPort(message, s.to)
	return at
}

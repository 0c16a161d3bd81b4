// Package freeport finds ports for the servers of tests, which run side by
// side and have none of their own.
package freeport

import (
	"net"
	"testing"
)

// TCP is a port on loopback that nobody has at this moment.
func TCP(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// UDP is the same of the other protocol.
func UDP(tb testing.TB) int {
	tb.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

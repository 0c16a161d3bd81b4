package stage

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"
)

// rtpBlock is how many RTP ports a stage has: four a call and more.
const rtpBlock = 200

// blocks counts the RTP ranges that this process has given out.
var blocks atomic.Int64 //nolint:gochecknoglobals // ports belong to the machine

// ports are those of one stage. None is fixed: stages run side by side.
type ports struct{ sip, ari, http, rtp int }

func freePorts(t testing.TB) ports {
	t.Helper()
	return ports{
		sip: freeUDP(t), ari: freeTCP(t), http: freeTCP(t),
		// Asterisk looks for another port when one of its range is taken.
		rtp: 20000 + (os.Getpid()%40+int(blocks.Add(1)))%180*rtpBlock,
	}
}

func freeUDP(t testing.TB) int {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

func freeTCP(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (p ports) address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

package stage

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"weibao/tests/freeport"
)

// rtpBlock is how many RTP ports a stage has: four a call and more.
const rtpBlock = 200

// blocks counts the RTP ranges that this process has given out.
var blocks atomic.Int64 //nolint:gochecknoglobals // ports belong to the machine

// ports are those of one stage. None is fixed: stages run side by side.
type ports struct{ sip, ari, http, rtp, rtpBlock int }

func freePorts(t testing.TB) ports {
	t.Helper()
	return ports{
		sip: freeport.UDP(t), ari: freeport.TCP(t), http: freeport.TCP(t),
		// Asterisk looks for another port when one of its range is taken.
		rtp: 20000 + (os.Getpid()%40+int(blocks.Add(1)))%180*rtpBlock, rtpBlock: rtpBlock,
	}
}

func (p ports) address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

package stage

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"weibao/tests/freeport"
)

// rtpBlock is how many RTP ports a stage has, unless it is for a crowd: four a
// call and more.
const rtpBlock = 200

// blocks counts the RTP blocks that this process has given out.
var blocks atomic.Int64 //nolint:gochecknoglobals // ports belong to the machine

// ports are those of one stage. None is fixed: stages run side by side.
type ports struct{ sip, ari, http, rtp, rtpEnd int }

func freePorts(t testing.TB, callers int) ports {
	t.Helper()
	many := 1 + 5*callers/rtpBlock
	// Asterisk looks for another port when one of its range is taken.
	rtp := 20000 + (os.Getpid()%40+int(blocks.Add(int64(many)))-many+1)%180*rtpBlock
	return ports{
		sip: freeport.UDP(t), ari: freeport.TCP(t), http: freeport.TCP(t), rtp: rtp, rtpEnd: rtp + many*rtpBlock - 1,
	}
}

func (p ports) address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

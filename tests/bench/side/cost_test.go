package side

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// cost is processor time in milliseconds.
type cost struct{ asterisk, gateway, redis float64 }

func (c cost) total() float64 { return c.asterisk + c.gateway + c.redis }

func (c cost) less(d cost) cost {
	return cost{c.asterisk - d.asterisk, c.gateway - d.gateway, c.redis - d.redis}
}

func (c cost) each(n int) cost {
	return cost{c.asterisk / float64(n), c.gateway / float64(n), c.redis / float64(n)}
}

// spent is the processor time that a system has used: app_queue needs Asterisk
// alone.
func (h *hall) spent(s system) cost {
	p := h.Processes()
	c := cost{asterisk: processor(h.b, p.Asterisk)}
	if s == ours {
		c.gateway, c.redis = processor(h.b, p.Gateway), processor(h.b, p.Redis)
	}
	return c
}

// tick is USER_HZ, which Linux fixes at 100: 10 ms.
const tick = 10

// processor is what a process has used, in milliseconds.
func processor(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name in parentheses may hold anything; utime and stime are the
	// fields 14 and 15, the name is the second.
	after := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	sum := 0.0
	for _, field := range after[11:13] {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += n * tick
	}
	return sum
}

// memory is what a process has in memory, in bytes.
func memory(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if after, is := strings.CutPrefix(line, "VmRSS:"); is {
			kib, err := strconv.Atoi(strings.Fields(after)[0])
			if err != nil {
				b.Fatal(err)
			}
			return kib << 10
		}
	}
	b.Fatalf("process %d has no VmRSS", pid)
	return 0
}

package phone

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"

	"github.com/pion/rtp"
)

// keys are the RFC 4733 events in their order; the last is the hook flash.
const keys = "0123456789*#ABCD!"

// Flash is the key for a hook flash in [Call.Press].
const Flash = "!"

const (
	pressFrames = 5 // a key is held for 100 ms
	pauseFrames = 3 // and 60 ms pass before the next
)

// press is one key on its way out.
type press struct {
	event byte
	step  int
	stamp uint32
	done  chan struct{}
}

// payload is the event with the time that the key has been held by now.
func (p *press) payload(last bool) []byte {
	volume := byte(10)
	if last {
		volume |= 0x80
	}
	return binary.BigEndian.AppendUint16([]byte{p.event, volume}, uint16((p.step+1)*frameLength))
}

func eventOf(key rune) (byte, bool) {
	i := strings.IndexRune(keys, key)
	return byte(i), i >= 0
}

// digits are the keys that came in, by RFC 4733 or INFO.
type digits struct {
	stamp   uint32 // of the event that is going on; owned by the reader
	started bool

	mu      sync.Mutex
	all     string
	taken   int
	arrived chan struct{}
}

func newDigits() *digits { return &digits{arrived: make(chan struct{})} }

// event takes one RFC 4733 packet; all packets of a key have one time stamp.
func (d *digits) event(h *rtp.Header, payload []byte) {
	if len(payload) < 4 || int(payload[0]) >= len(keys) || d.started && d.stamp == h.Timestamp {
		return
	}
	d.started, d.stamp = true, h.Timestamp
	d.add(keys[payload[0] : payload[0]+1])
}

// info takes the body of an INFO with application/dtmf-relay.
func (d *digits) info(body []byte) {
	lines := bufio.NewScanner(bytes.NewReader(body))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		value = strings.TrimSpace(value)
		if strings.EqualFold(strings.TrimSpace(name), "signal") && len(value) == 1 && strings.Contains(keys, value) {
			d.add(value)
		}
	}
}

func (d *digits) add(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all += key
	close(d.arrived)
	d.arrived = make(chan struct{})
}

func (d *digits) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all
}

// next waits for a key that nobody has taken yet.
func (d *digits) next(ctx context.Context, over <-chan struct{}) (string, error) {
	for {
		d.mu.Lock()
		arrived := d.arrived
		if d.taken < len(d.all) {
			d.taken++
			key := d.all[d.taken-1 : d.taken]
			d.mu.Unlock()
			return key, nil
		}
		d.mu.Unlock()
		select {
		case <-arrived:
		case <-over:
			return "", fmt.Errorf("wait for a key: %w", ErrEnded)
		case <-ctx.Done():
			return "", fmt.Errorf("wait for a key: %w", context.Cause(ctx))
		}
	}
}

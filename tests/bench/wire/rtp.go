package wire

import (
	"encoding/binary"
	"net/netip"
	"time"
)

const (
	payloadALaw = 8
	payloadKey  = 101
	alawSilence = 0xD5
	// keyHeld is how long a key is pressed; Asterisk lengthens what is below
	// 80 ms.
	keyHeld = 100 * time.Millisecond
	// frame is the samples of one packet, 20 ms.
	frame = 160
)

// stream is what one leg sends by RTP.
type stream struct {
	socket   *socket
	to       netip.AddrPort
	source   uint32
	sequence uint16
	clock    uint32
}

func (s *stream) packet(kind byte, clock uint32, content []byte) {
	b := make([]byte, 12, 12+len(content))
	b[0], b[1] = 0x80, kind
	s.sequence++
	binary.BigEndian.PutUint16(b[2:], s.sequence)
	binary.BigEndian.PutUint32(b[4:], clock)
	binary.BigEndian.PutUint32(b[8:], s.source)
	_, _ = s.socket.conn.WriteToUDPAddrPort(append(b, content...), s.to) // lost packets are part of RTP
}

// press begins a key.
func (s *stream) press(digit byte) {
	s.clock += frame
	s.packet(0x80|payloadKey, s.clock, []byte{digit, 10, 0, frame})
}

// release ends the key and returns the time of the first of the three packets
// that say so.
func (s *stream) release(digit byte) time.Time {
	held := uint16(keyHeld / (time.Second / 8000)) //nolint:gosec // 800 samples
	content := binary.BigEndian.AppendUint16([]byte{digit, 0x80 | 10}, held)
	at := time.Now()
	for range 3 {
		s.packet(payloadKey, s.clock, content)
	}
	s.clock += uint32(held)
	return at
}

// breathe sends one packet of silence, so that the phone is not taken for dead.
func (s *stream) breathe() {
	content := make([]byte, frame)
	for i := range content {
		content[i] = alawSilence
	}
	s.clock += frame
	s.packet(payloadALaw, s.clock, content)
}

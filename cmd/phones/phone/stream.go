package phone

import (
	"time"

	"github.com/pion/rtp"
)

// stream places the packets of one RTP sender in time: by the sender's time
// stamps, anchored to the earliest arrivals. A reader that is late, which is
// usual on a busy test machine, so does not make gaps that nobody heard.
type stream struct {
	started bool
	ssrc    uint32
	seq     uint16
	stamp   uint32
	ended   time.Time // when the last packet's audio ended
}

const (
	// lateness is how late a packet may be and still continue what came before.
	lateness = time.Second
	// pull is the part of a lateness by which the anchor follows a sender that stays late.
	pull = 0.02
	// longestGap bounds how much silence is put in for packets that never came.
	longestGap = 25
)

// place says when the audio of a packet ended, and how many packets of silence
// came before it. It is false for a packet that came twice or too late.
func (s *stream) place(h *rtp.Header, arrived time.Time) (ended time.Time, silent int, ok bool) {
	if !s.started || s.ssrc != h.SSRC {
		silent = s.pause(arrived)
		return s.anchor(h, arrived), silent, true
	}
	packets, samples := int(int16(h.SequenceNumber-s.seq)), int(int32(h.Timestamp-s.stamp))
	if packets <= 0 && packets > -100 {
		return time.Time{}, 0, false
	}
	expected := s.ended.Add(time.Duration(samples) * time.Second / sampleRate)
	late := arrived.Sub(expected)
	if packets <= 0 || samples <= 0 || late > lateness || late < -lateness {
		silent = s.pause(arrived)
		return s.anchor(h, arrived), silent, true
	}
	if late < 0 {
		expected = arrived
	} else {
		expected = expected.Add(time.Duration(float64(late) * pull))
	}
	s.seq, s.stamp, s.ended = h.SequenceNumber, h.Timestamp, expected
	return expected, min(samples/frameLength-1, longestGap), true
}

// anchor begins anew with a packet at its arrival.
func (s *stream) anchor(h *rtp.Header, arrived time.Time) time.Time {
	*s = stream{started: true, ssrc: h.SSRC, seq: h.SequenceNumber, stamp: h.Timestamp, ended: arrived}
	return arrived
}

// pause is how many packets are missing between the last and one that arrived out of line.
func (s *stream) pause(arrived time.Time) int {
	if !s.started {
		return 0
	}
	return min(max(0, int(arrived.Sub(s.ended)/frameTime)-1), longestGap)
}

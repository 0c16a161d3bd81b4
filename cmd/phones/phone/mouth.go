package phone

import "github.com/pion/rtp"

// mouth makes the packets that a call sends. It belongs to the goroutine that
// keeps the time of the media.
type mouth struct {
	media  *media
	ssrc   uint32
	seq    uint16
	stamp  uint32
	frames uint64
	spoke  bool // the packet before was sent: no marker is due
	key    *press
	buf    [12 + frameLength]byte
}

// frame sends what is due in these 20 ms: a part of a digit, a frame of the
// tone, silence, or nothing while there is nobody to send to.
func (v *mouth) frame() {
	m := v.media
	defer func() { v.stamp += frameLength; v.frames++ }()
	far := m.remote.Load()
	if far == nil || far.deaf {
		v.spoke = false
		return
	}
	if v.key == nil {
		select {
		case v.key = <-m.presses:
		default:
		}
	}
	if v.key != nil && v.digit(far) {
		return
	}
	payload := silence[:]
	if m.speaking.Load() && !m.muted.Load() {
		payload = m.voice.Load().frame(v.frames)
	}
	v.send(far, rtp.Header{PayloadType: alawType, Marker: !v.spoke, Timestamp: v.stamp}, payload)
	v.spoke = true
}

// digit sends one step of the key that is pressed. It is false in the pause
// after the key, when audio goes on.
func (v *mouth) digit(far *far) bool {
	p := v.key
	defer v.skip()
	if p.step == 0 {
		p.stamp = v.stamp
	}
	if p.step >= pressFrames {
		return false
	}
	h := rtp.Header{PayloadType: far.digitType, Marker: p.step == 0, Timestamp: p.stamp}
	repeats, last := 1, p.step == pressFrames-1
	if last {
		repeats = 3
	}
	for range repeats {
		v.send(far, h, p.payload(last))
	}
	v.spoke = false
	return true
}

// skip moves the pressed key one step on, and lets it go after its pause.
func (v *mouth) skip() {
	if v.key == nil {
		return
	}
	if v.key.step++; v.key.step >= pressFrames+pauseFrames {
		close(v.key.done)
		v.key = nil
	}
}

func (v *mouth) send(far *far, h rtp.Header, payload []byte) {
	h.Version, h.SSRC, h.SequenceNumber = 2, v.ssrc, v.seq
	v.seq++
	packet := rtp.Packet{Header: h, Payload: payload}
	n, err := packet.MarshalTo(v.buf[:])
	if err != nil {
		return // cannot be: the buffer fits every packet that we make
	}
	if _, err := v.media.rtp.WriteToUDPAddrPort(v.buf[:n], far.addr); err == nil {
		v.media.out.Add(1)
	}
}

// silence is a frame of nothing.
var silence = func() (frame [frameLength]byte) {
	for i := range frame {
		frame[i] = alawSilence
	}
	return frame
}()

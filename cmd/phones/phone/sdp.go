package phone

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// direction is the SDP attribute that says which way the audio goes.
type direction string

const (
	sendRecv direction = "sendrecv"
	sendOnly direction = "sendonly"
	recvOnly direction = "recvonly"
	inactive direction = "inactive"
)

// receives says whether the side that wrote it wants to hear anything.
func (d direction) receives() bool { return d == sendRecv || d == recvOnly }

// answer is the direction that answers one, seen from the other side.
func (d direction) answer() direction {
	switch d {
	case sendOnly:
		return recvOnly
	case recvOnly:
		return sendOnly
	case inactive:
		return inactive
	default:
		return sendRecv
	}
}

// session is what this phone understands of an SDP body.
type session struct {
	addr      netip.AddrPort
	digitType uint8
	direction direction
	alaw      bool     // PCMA is among the codecs
	media     []string // the m= lines, so that an answer has as many
}

// readSession reads an SDP body. It knows the first audio line and what belongs to it.
func readSession(body []byte) (session, error) {
	s := session{direction: sendRecv}
	var host string
	port, section := 0, 0 // section 0: the session, 1: our audio, 2: other media
	for line := range strings.Lines(string(body)) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok {
			continue
		}
		switch {
		case name == "m":
			s.media = append(s.media, value)
			section = 2
			if fields := strings.Fields(value); len(fields) > 3 && fields[0] == "audio" && port == 0 {
				section = 1
				port, _ = strconv.Atoi(fields[1])
				s.alaw = slices.Contains(fields[3:], strconv.Itoa(alawType))
			}
		case section == 2:
		case name == "c":
			if fields := strings.Fields(value); len(fields) == 3 {
				host = fields[2]
			}
		case name == "a":
			s.attribute(value)
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return session{}, fmt.Errorf("read SDP: address %q: %w", host, err)
	}
	if port <= 0 || port > 65535 {
		return session{}, fmt.Errorf("read SDP: no audio port in %q", s.media)
	}
	if ip.IsUnspecified() {
		s.direction = inactive // the old way to hold (RFC 2543)
	}
	s.addr = netip.AddrPortFrom(ip.Unmap(), uint16(port))
	return s, nil
}

// attribute takes what matters of one a= line.
func (s *session) attribute(value string) {
	switch d := direction(value); d {
	case sendRecv, sendOnly, recvOnly, inactive:
		s.direction = d
		return
	}
	codec, ok := strings.CutPrefix(value, "rtpmap:")
	if !ok {
		return
	}
	number, name, _ := strings.Cut(codec, " ")
	if n, err := strconv.ParseUint(number, 10, 7); err == nil && strings.HasPrefix(strings.ToLower(name), "telephone-event/8000") {
		s.digitType = uint8(n)
	}
}

// description is an SDP body that we write.
type description struct {
	host      string
	port      int
	id        uint64
	version   int
	digitType uint8
	direction direction
	offered   []string // the m= lines that it answers; empty for an offer
}

func (d description) bytes() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN IP4 %s\r\ns=phone\r\nc=IN IP4 %s\r\nt=0 0\r\n", d.id, d.version, d.host, d.host)
	written := false
	for _, m := range d.offered {
		if strings.HasPrefix(m, "audio ") && !written {
			d.audio(&b)
			written = true
			continue
		}
		// Refused: the same line with port 0.
		if f := strings.Fields(m); len(f) > 3 {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", f[0], f[2], f[3])
		}
	}
	if !written {
		d.audio(&b)
	}
	return []byte(b.String())
}

func (d description) audio(b *strings.Builder) {
	fmt.Fprintf(b, "m=audio %d RTP/AVP %d", d.port, alawType)
	if d.digitType > 0 {
		fmt.Fprintf(b, " %d", d.digitType)
	}
	fmt.Fprintf(b, "\r\na=rtpmap:%d PCMA/8000\r\n", alawType)
	if d.digitType > 0 {
		fmt.Fprintf(b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-16\r\n", d.digitType, d.digitType)
	}
	fmt.Fprintf(b, "a=ptime:20\r\na=%s\r\n", d.direction)
}

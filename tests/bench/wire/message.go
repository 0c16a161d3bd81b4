package wire

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// message is what is read of a SIP message. Asterisk writes header names in
// full, one value a line.
type message struct {
	method string // of a request, "" for a response
	status int
	target string // the request's address
	via    []string
	from   string
	to     string
	callID string
	cseq   string // "1 INVITE"
	where  string // the address in Contact
	auth   string // WWW-Authenticate
	body   string
}

func parse(data []byte) (m message, ok bool) {
	head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	m.body = string(body)
	lines := strings.Split(string(head), "\r\n")
	first := strings.SplitN(lines[0], " ", 3)
	if len(first) < 3 {
		return m, false
	}
	if first[0] == "SIP/2.0" {
		m.status, _ = strconv.Atoi(first[1])
	} else {
		m.method, m.target = first[0], first[1]
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch name {
		case "Via":
			m.via = append(m.via, value)
		case "From":
			m.from = value
		case "To":
			m.to = value
		case "Call-ID":
			m.callID = value
		case "CSeq":
			m.cseq = value
		case "Contact":
			m.where = addressIn(value)
		case "WWW-Authenticate":
			m.auth = value
		}
	}
	return m, m.callID != ""
}

// addressIn is what stands between the angle brackets.
func addressIn(header string) string {
	_, after, found := strings.Cut(header, "<")
	if !found {
		return header
	}
	address, _, _ := strings.Cut(after, ">")
	return address
}

// user is the user part of the address in a header.
func user(header string) string {
	_, after, _ := strings.Cut(addressIn(header), ":")
	name, _, _ := strings.Cut(after, "@")
	return name
}

// method is what a response answers.
func (m message) asked() string {
	_, method, _ := strings.Cut(m.cseq, " ")
	return method
}

// media is where the other side wants its RTP.
func (m message) media() netip.AddrPort {
	var host netip.Addr
	port := uint64(0)
	for line := range strings.Lines(m.body) {
		line = strings.TrimSpace(line)
		if after, is := strings.CutPrefix(line, "c=IN IP4 "); is {
			host, _ = netip.ParseAddr(after)
		}
		if after, is := strings.CutPrefix(line, "m=audio "); is {
			number, _, _ := strings.Cut(after, " ")
			port, _ = strconv.ParseUint(number, 10, 16)
		}
	}
	return netip.AddrPortFrom(host, uint16(port)) //nolint:gosec // parsed as 16 bits
}

// reply is the response to a request; to is its To header with our tag.
func (m message) reply(status, to, contact, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", status)
	for _, via := range m.via {
		fmt.Fprintf(&b, "Via: %s\r\n", via)
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n", m.from, to, m.callID, m.cseq)
	finish(&b, contact, body)
	return b.Bytes()
}

// finish writes the end of a message.
func finish(b *bytes.Buffer, contact, body string) {
	if contact != "" {
		fmt.Fprintf(b, "Contact: <%s>\r\n", contact)
	}
	if body != "" {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(b, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

// request is a request within or outside a dialog.
type request struct {
	method, target, from, to, callID string
	sequence, branch, port           int
	contact, extra, body             string
}

func (r request) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK-%d;rport\r\nMax-Forwards: 70\r\n", r.method, r.target, r.port, r.branch)
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%s", r.from, r.to, r.callID, r.sequence, r.method, r.extra)
	finish(&b, r.contact, r.body)
	return b.Bytes()
}

// offer is an SDP of A-law and keys, to be sent to a port of ours.
func offer(port int) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8 101\r\n"+
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n", port)
}

package node

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// phone is a bare UDP socket that speaks just enough SIP to ask the dialplan a question.
type phone struct {
	t    *testing.T
	conn *net.UDPConn
	seq  int
}

func newPhone(t *testing.T, n *Node) *phone {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: n.Options().SIPPort})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &phone{t: t, conn: conn}
}

// send writes a request from a user to a URI, with more headers and a body.
func (p *phone) send(method, uri, from, headers, body string) {
	p.t.Helper()
	p.seq++
	local := p.conn.LocalAddr().String()
	msg := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s%d\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@127.0.0.1>;tag=1\r\nTo: <sip:%s@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:%s@%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		method, uri, local, strings.ReplaceAll(local, ":", ""), p.seq, from, from, local, p.seq, method, from, local, headers, len(body), body)
	if _, err := p.conn.Write([]byte(msg)); err != nil {
		p.t.Fatal(err)
	}
}

// read is the next message that begins with the prefix.
func (p *phone) read(prefix string) string {
	p.t.Helper()
	return readUDP(p.t, p.conn, prefix)
}

// readUDP also answers Asterisk's OPTIONS: a phone that does not is taken for gone.
func readUDP(t *testing.T, c *net.UDPConn, prefix string) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(8 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1<<16)
	var seen []string
	for {
		n, err := c.Read(b)
		if err != nil {
			t.Fatalf("no message %q: %v; seen %q", prefix, err, seen)
		}
		line, _, _ := strings.Cut(string(b[:n]), "\r\n")
		if strings.HasPrefix(line, "OPTIONS") {
			if _, err := c.Write(reply(b[:n], "200 OK")); err != nil {
				t.Fatal(err)
			}
		}
		if strings.HasPrefix(line, prefix) {
			return string(b[:n])
		}
		seen = append(seen, line)
	}
}

// reply is the answer to a request.
func reply(request []byte, status string) []byte {
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + "\r\n")
	for line := range strings.SplitSeq(string(request), "\r\n") {
		switch name, _, _ := strings.Cut(line, ":"); name {
		case "Via", "From", "Call-ID", "CSeq":
			b.WriteString(line + "\r\n")
		case "To":
			b.WriteString(line + ";tag=2\r\n")
		}
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return []byte(b.String())
}

// sdp offers one audio stream to a port where nobody listens.
const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 39998 RTP/AVP 8\r\n"

const sdpType = "Content-Type: application/sdp\r\n"

func (p *phone) invite(uri, from, headers string) {
	p.t.Helper()
	p.send("INVITE", uri, from, headers+sdpType, sdp)
}

// register answers the digest challenge and the first OPTIONS.
func (p *phone) register(n *Node, id, password string) {
	p.t.Helper()
	uri := fmt.Sprintf("sip:127.0.0.1:%d", n.Options().SIPPort)
	p.send("REGISTER", uri, id, "Expires: 120\r\n", "")
	challenge := p.read("SIP/2.0 401")
	field := func(name string) string {
		m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(challenge)
		if m == nil {
			p.t.Fatalf("no %s in %s", name, challenge)
		}
		return m[1]
	}
	sum := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	realm, nonce := field("realm"), field("nonce")
	ha1, ha2 := sum(id+":"+realm+":"+password), sum("REGISTER:"+uri)
	auth := fmt.Sprintf("Authorization: Digest username=%q, realm=%q, nonce=%q, uri=%q, qop=auth, nc=00000001, cnonce=\"c\", algorithm=MD5, opaque=%q, response=%q\r\n",
		id, realm, nonce, uri, field("opaque"), sum(ha1+":"+nonce+":00000001:c:auth:"+ha2))
	p.send("REGISTER", uri, id, "Expires: 120\r\n"+auth, "")
	// The 200 and the first OPTIONS come in either order, and only a phone that answered both is rung.
	for registered, asked := false, false; !registered || !asked; {
		message := p.read("")
		registered = registered || strings.HasPrefix(message, "SIP/2.0 200")
		asked = asked || strings.HasPrefix(message, "OPTIONS")
	}
}

func getARI(t *testing.T, o Options, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/ari/%s", o.HTTPPort, path), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(o.ARIUser, o.ARIPassword)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAStrangerIsNeverRefusedWithoutAGateway(t *testing.T) {
	t.Parallel()
	n, _ := start(t, options(t, t.TempDir()))
	for _, user := range []string{"12345@", "043112345@", "01012345@", "+86433-12345@", "s@", "h@", "help@", "*1%23@", "%E4%BD%A0%E5%A5%BD@", "%ED%95%9C@", ""} {
		p := newPhone(t, n)
		p.invite(fmt.Sprintf("sip:%s127.0.0.1:%d", user, n.Options().SIPPort), "13800000000", "")
		p.read("SIP/2.0 200")
	}
}

func TestDialledAndRegionAreDigitsOnly(t *testing.T) {
	t.Parallel()
	o := options(t, t.TempDir())
	o.DutyNumber = ""
	n, log := start(t, o)
	p := newPhone(t, n)
	p.invite(fmt.Sprintf("sip:0433-12345;x@127.0.0.1:%d", n.Options().SIPPort), "13800000000",
		"X-Region: 22),System(touch ${EXTEN})2400${SHELL(id)}]\"\r\n")
	p.read("SIP/2.0 200")
	var channels []struct{ ID string }
	if err := json.Unmarshal([]byte(getARI(t, n.Options(), "channels")), &channels); err != nil || len(channels) == 0 {
		t.Fatalf("channels %v: %v", channels, err)
	}
	for name, want := range map[string]string{"HL_DIALLED": "043312345", "HL_REGION": "222400", "CHANNEL(endpoint)": "anonymous"} {
		got := getARI(t, n.Options(), "channels/"+channels[0].ID+"/variable?variable="+url.QueryEscape(name))
		if want := fmt.Sprintf(`{"value":%q}`, want); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if strings.Contains(log.String(), "ERROR") {
		t.Errorf("log:\n%s", log)
	}
}

func TestFallbackRingsARegisteredSeat(t *testing.T) {
	t.Parallel()
	o := options(t, t.TempDir())
	n, _ := start(t, o)
	seat := newPhone(t, n)
	seat.register(n, o.Seats[0].ID, o.Seats[0].Password)
	for tick := time.NewTicker(10 * time.Millisecond); !strings.Contains(getARI(t, o, "endpoints/PJSIP/1001"), `"online"`); {
		<-tick.C
	}
	p := newPhone(t, n)
	p.invite(fmt.Sprintf("sip:12345@127.0.0.1:%d", o.SIPPort), "13800000000", "")
	p.read("SIP/2.0 200")
	if got := seat.read("INVITE sip:1001@"); !strings.Contains(got, "<sip:13800000000@") {
		t.Errorf("the seat does not see the caller's number:\n%s", got)
	}
}

func TestFallbackRingsTheDutyOfficerAgainAndAgain(t *testing.T) {
	t.Parallel()
	carrier, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer carrier.Close()
	o := options(t, t.TempDir())
	o.Carrier = carrier.LocalAddr().String()
	n, _ := start(t, o)
	p := newPhone(t, n)
	p.invite(fmt.Sprintf("sip:12345@127.0.0.1:%d", o.SIPPort), "13800000000", "")
	for range 2 {
		refuse(t, carrier)
	}
}

// refuse waits for one call to the duty officer and answers busy, and takes the ACK.
func refuse(t *testing.T, carrier *net.UDPConn) {
	t.Helper()
	if err := carrier.SetReadDeadline(time.Now().Add(8 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1<<16)
	for {
		size, from, err := carrier.ReadFromUDP(b)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(b[:size], []byte("ACK ")) {
			return
		}
		if !bytes.HasPrefix(b[:size], []byte("INVITE sip:13900000000@"+carrier.LocalAddr().String())) {
			t.Fatalf("the carrier got %s", b[:size])
		}
		if _, err := carrier.WriteToUDP(reply(b[:size], "486 Busy Here"), from); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSeatDialsNothingAndNeedsItsPassword(t *testing.T) {
	t.Parallel()
	o := options(t, t.TempDir())
	n, _ := start(t, o)
	p := newPhone(t, n)
	p.invite(fmt.Sprintf("sip:110@127.0.0.1:%d", o.SIPPort), "1001", "")
	p.read("SIP/2.0 401")
	uri := fmt.Sprintf("sip:127.0.0.1:%d", o.SIPPort)
	p = newPhone(t, n)
	p.send("REGISTER", uri, "1002", "", "")
	p.read("SIP/2.0 401")
}

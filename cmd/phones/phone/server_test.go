package phone

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// server is a small registrar that asks for digest, and a raw SIP side that
// sends a phone what another phone would not.
type server struct {
	ua       *sipgo.UserAgent
	client   *sipgo.Client
	addr     string
	password string
	seen     chan *sip.Request // the requests that carried the right digest

	mu       sync.Mutex
	refuse   int // how many more registrations are refused
	granting int // seconds
}

func startServer(t *testing.T, password string) *server {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("registrar"))
	must(t, err)
	srv, err := sipgo.NewServer(ua)
	must(t, err)
	s := &server{ua: ua, addr: conn.LocalAddr().String(), password: password, seen: make(chan *sip.Request, 16), granting: 60}
	s.client, err = sipgo.NewClient(ua, sipgo.WithClientAddr(s.addr), sipgo.WithClientConnectionAddr(s.addr))
	must(t, err)
	for _, method := range []sip.RequestMethod{sip.REGISTER, sip.INVITE} {
		srv.OnRequest(method, s.challenged)
	}
	srv.OnAck(func(*sip.Request, sip.ServerTransaction) {})
	srv.OnBye(func(req *sip.Request, tx sip.ServerTransaction) { reply(req, tx, 200) })
	g := newGate(conn)
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.ServeUDP(g) })
	<-g.ready
	t.Cleanup(func() {
		g.cut()
		ua.TransactionLayer().Close()
		conn.Close()
		ua.Close()
		wg.Wait()
	})
	return s
}

// challenged lets a REGISTER with the right digest in, and tells an INVITE with
// it that the line is busy; a proxy's 407 for INVITE, 401 for REGISTER.
func (s *server) challenged(req *sip.Request, tx sip.ServerTransaction) {
	code, ask, reply := 401, "WWW-Authenticate", "Authorization"
	if req.IsInvite() {
		code, ask, reply = 407, "Proxy-Authenticate", "Proxy-Authorization"
	}
	challenge := digest.Challenge{Realm: "asterisk", Nonce: "n1", Algorithm: "MD5", QOP: []string{"auth"}}
	if h := req.GetHeader(reply); h != nil {
		got, err := digest.ParseCredentials(h.Value())
		if err == nil && s.right(got, &challenge, req) {
			s.accept(req, tx)
			return
		}
	}
	res := sip.NewResponseFromRequest(req, code, "Who are you", nil)
	strange := digest.Challenge{Realm: "asterisk", Nonce: "n2", Algorithm: "SHA3-999"}
	res.AppendHeader(sip.NewHeader(ask, strange.String()))
	res.AppendHeader(sip.NewHeader(ask, challenge.String()))
	tx.Respond(res)
	if req.IsInvite() {
		acked(tx)
	}
}

func acked(tx sip.ServerTransaction) {
	select {
	case <-tx.Acks():
	case <-tx.Done():
	}
}

func (s *server) right(got *digest.Credentials, challenge *digest.Challenge, req *sip.Request) bool {
	want, err := digest.Digest(challenge, digest.Options{
		Method: string(req.Method), URI: got.URI, Username: "1001", Password: s.password,
		Cnonce: got.Cnonce, Count: got.Nc,
	})
	return err == nil && want.Response == got.Response
}

func (s *server) accept(req *sip.Request, tx sip.ServerTransaction) {
	s.seen <- req
	if req.IsInvite() {
		tx.Respond(sip.NewResponseFromRequest(req, 486, "Busy Here", nil))
		acked(tx)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		tx.Respond(sip.NewResponseFromRequest(req, 503, "Not Now", nil))
		return
	}
	res := sip.NewResponseFromRequest(req, 200, "OK", nil)
	contact := sip.HeaderClone(req.Contact()).(*sip.ContactHeader)
	contact.Params.Add("expires", fmt.Sprint(s.granting))
	res.AppendHeader(contact)
	tx.Respond(res)
}

// be says how many registrations are refused, and how long one is kept after.
func (s *server) be(refuse, granting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse, s.granting = refuse, granting
}

func (s *server) next(ctx context.Context, t *testing.T) *sip.Request {
	t.Helper()
	select {
	case req := <-s.seen:
		return req
	case <-ctx.Done():
		t.Fatal("the server saw nothing")
		return nil
	}
}

func TestPhoneRegistersByDigestAndStaysRegistered(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s := startServer(t, "secret")
	s.be(0, 1)
	seat := open(t, Options{Name: "seat", User: "1001", Password: "secret", Server: s.addr})
	must(t, seat.Register(ctx))
	first := s.next(ctx, t)
	if got := first.Contact().Address; got.Port != seat.laddr.Port || got.User != "1001" {
		t.Errorf("contact: got %s", got.String())
	}
	second := s.next(ctx, t) // refreshed by itself
	if first.CallID().Value() != second.CallID().Value() || second.CSeq().SeqNo <= first.CSeq().SeqNo {
		t.Error("the refresh is not of the same registration")
	}
	must(t, seat.Unregister(ctx))
	for {
		if req := s.next(ctx, t); req.GetHeader("Expires").Value() == "0" {
			break
		}
	}
	must(t, seat.Unregister(ctx))
}

func TestRegistrationWithAWrongPasswordFails(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s := startServer(t, "secret")
	for _, password := range []string{"wrong", ""} {
		err := open(t, Options{Name: "1001", Password: password, Server: s.addr}).Register(ctx)
		if err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("got %v", err)
		}
	}
	s.be(1, 60)
	if err := open(t, Options{Name: "1001", Password: "secret", Server: s.addr}).Register(ctx); err == nil {
		t.Error("503 was taken for a registration")
	}
	if err := open(t, Options{Name: "1001"}).Register(ctx); err == nil {
		t.Error("registered without a server")
	}
}

func TestInviteAnswersTheChallenge(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s := startServer(t, "secret")
	out, err := open(t, Options{Name: "1001", Password: "secret", Server: s.addr}).Dial(ctx, "12345")
	must(t, err)
	e, err := out.WaitEnded(ctx)
	must(t, err)
	if e.Code != 486 {
		t.Errorf("got %s", e)
	}
	if req := s.next(ctx, t); req.Recipient.User != "12345" || len(req.GetHeaders("Via")) != 1 {
		t.Errorf("got %s", req)
	}
}

// ask sends a phone a request within or without a call and returns the status.
func (s *server) ask(ctx context.Context, t *testing.T, req *sip.Request) *sip.Response {
	t.Helper()
	res, err := s.client.Do(ctx, req)
	must(t, err)
	return res
}

// to makes a request for a phone.
func (s *server) to(p *Phone, method sip.RequestMethod, body string) *sip.Request {
	var uri sip.Uri
	if err := sip.ParseUri("sip:x@"+p.Addr(), &uri); err != nil {
		panic(err)
	}
	req := sip.NewRequest(method, uri)
	if body != "" {
		req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		req.SetBody([]byte(body))
	}
	host, port, _ := sip.ParseAddr(s.addr)
	req.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "raw", Host: host, Port: port}})
	return req
}

func TestRequestsOutsideACallGetTheirAnswer(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s, p := startServer(t, ""), open(t, Options{Name: "seat"})
	for method, want := range map[sip.RequestMethod]int{
		sip.OPTIONS: 200, sip.NOTIFY: 200, sip.MESSAGE: 200,
		sip.BYE: 481, sip.INFO: 481, sip.UPDATE: 481, sip.CANCEL: 481, sip.SUBSCRIBE: 405,
	} {
		if res := s.ask(ctx, t, s.to(p, method, "")); res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", method, res.StatusCode, want)
		}
	}
	video := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 99\r\n"
	ulaw := strings.Replace(video, "video 4000 RTP/AVP 99", "audio 4000 RTP/AVP 0", 1)
	for _, body := range []string{video, ulaw, "nonsense"} {
		if res := s.ask(ctx, t, s.to(p, sip.INVITE, body)); res.StatusCode != 488 {
			t.Errorf("%q: got %d", body, res.StatusCode)
		}
	}
}

func TestRequestsWithinACallGetTheirAnswer(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s, p := startServer(t, ""), open(t, Options{Name: "seat"})
	offer := description{host: "127.0.0.1", port: 4000, id: 1, version: 1, digitType: 96, direction: sendRecv}
	invite := s.to(p, sip.INVITE, string(offer.bytes()))
	invite.AppendHeader(sip.NewHeader("Record-Route", "<sip:"+s.addr+";lr>"))
	tx, err := s.client.TransactionRequest(ctx, invite)
	must(t, err)
	in, err := p.Next(ctx)
	must(t, err)
	answered := make(chan error, 1)
	go func() { answered <- in.Answer(ctx) }()
	res, err := p.final(ctx, tx)
	must(t, err)
	if got, err := readSession(res.Body()); err != nil || got.digitType != 96 {
		t.Errorf("answer: got %+v, %v", got, err)
	}

	seq := invite.CSeq().SeqNo
	within := func(method sip.RequestMethod, body string) *sip.Request {
		req := s.to(p, method, body)
		req.AppendHeader(sip.HeaderClone(invite.From()))
		req.AppendHeader(sip.HeaderClone(res.To()))
		req.AppendHeader(sip.HeaderClone(invite.CallID()))
		if method != sip.ACK {
			seq++
		}
		req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
		return req
	}
	must(t, s.client.WriteRequest(within(sip.ACK, "")))
	must(t, <-answered)

	if got := s.ask(ctx, t, within(sip.INFO, "Signal=5\r\nDuration=160\r\n")); got.StatusCode != 200 {
		t.Errorf("INFO: got %d", got.StatusCode)
	}
	key, err := in.NextDigit(ctx)
	must(t, err)
	if key != "5" {
		t.Errorf("INFO: got key %q", key)
	}
	if got := s.ask(ctx, t, within(sip.UPDATE, "")); got.StatusCode != 200 || len(got.Body()) != 0 {
		t.Errorf("UPDATE: got %d %q", got.StatusCode, got.Body())
	}
	for theirs, want := range map[direction]direction{sendOnly: recvOnly, inactive: inactive, recvOnly: sendOnly, sendRecv: sendRecv} {
		offer.direction, offer.version = theirs, offer.version+1
		for _, method := range []sip.RequestMethod{sip.UPDATE, sip.INVITE} {
			got := s.ask(ctx, t, within(method, string(offer.bytes())))
			if method == sip.INVITE {
				must(t, s.client.WriteRequest(within(sip.ACK, "")))
			}
			if a, err := readSession(got.Body()); err != nil || a.direction != want {
				t.Errorf("%s %s: got %d %s, %v", method, theirs, got.StatusCode, a.direction, err)
			}
		}
	}
	if got := s.ask(ctx, t, within(sip.UPDATE, "nonsense")); got.StatusCode != 488 {
		t.Errorf("bad offer: got %d", got.StatusCode)
	}
	if got := s.ask(ctx, t, within(sip.BYE, "")); got.StatusCode != 200 {
		t.Errorf("BYE: got %d", got.StatusCode)
	}
	<-in.Ended()
}

func TestCallWithoutAnOfferTakesItFromTheAck(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s, p := startServer(t, ""), open(t, Options{Name: "seat", Tone: seatTone})
	invite := s.to(p, sip.INVITE, "")
	tx, err := s.client.TransactionRequest(ctx, invite)
	must(t, err)
	in, err := p.Next(ctx)
	must(t, err)
	answered := make(chan error, 1)
	go func() { answered <- in.Answer(ctx) }()
	res, err := p.final(ctx, tx)
	must(t, err)

	ears, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { ears.Close() })
	answer := description{host: "127.0.0.1", port: ears.LocalAddr().(*net.UDPAddr).Port, direction: sendRecv}
	ack := s.to(p, sip.ACK, string(answer.bytes()))
	ack.AppendHeader(sip.HeaderClone(invite.From()))
	ack.AppendHeader(sip.HeaderClone(res.To()))
	ack.AppendHeader(sip.HeaderClone(invite.CallID()))
	ack.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.ACK})
	must(t, s.client.WriteRequest(ack))
	must(t, <-answered)
	must(t, ears.SetReadDeadline(time.Now().Add(patience)))
	if _, _, err := ears.ReadFrom(make([]byte, 2048)); err != nil {
		t.Errorf("no RTP after the ACK: %v", err)
	}
}

func TestSDPIsReadAsWritten(t *testing.T) {
	t.Parallel()
	offered := []string{"audio 9 RTP/AVP 8", "video 5 RTP/AVP 99", "audio 11 RTP/AVP 8"}
	body := description{host: "127.0.0.2", port: 4002, digitType: 97, direction: sendOnly, offered: offered}.bytes()
	got, err := readSession(body)
	must(t, err)
	if got.addr.String() != "127.0.0.2:4002" || got.digitType != 97 || got.direction != sendOnly || !got.alaw || len(got.media) != 3 {
		t.Errorf("got %+v", got)
	}
	if !strings.Contains(string(body), "m=video 0 RTP/AVP 99") {
		t.Errorf("the video is not refused: %s", body)
	}
	for _, bad := range []string{"", "v=0", "c=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 8", "c=IN IP4 nowhere\r\nm=audio 4000 RTP/AVP 8"} {
		if _, err := readSession([]byte(bad)); err == nil {
			t.Errorf("%q was understood", bad)
		}
	}
	held, err := readSession([]byte("c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 8"))
	if err != nil || held.direction.receives() {
		t.Errorf("held: got %+v, %v", held, err)
	}
}

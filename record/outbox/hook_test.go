package outbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"weibao/record"
	"weibao/record/outbox"
	"weibao/record/storetest"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func hook(t *testing.T, url string, change func(*outbox.HookOptions)) *outbox.Hook {
	t.Helper()
	o := outbox.HookOptions{URL: url, Secret: secret, Algorithm: "hmac-sha256"}
	if change != nil {
		change(&o)
	}
	h, err := outbox.NewHook(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// letter is what a server got.
type letter struct {
	header http.Header
	body   []byte
}

// office is a server that takes letters and answers as it is told.
func office(t *testing.T, answer http.HandlerFunc) (*httptest.Server, <-chan letter) {
	t.Helper()
	letters := make(chan letter, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		letters <- letter{r.Header, text}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s, letters
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func delivery(t *testing.T) outbox.Delivery {
	t.Helper()
	f := filing(number, time.Now())
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Delivery{
		Event:    outbox.Event{ID: number + ".made.1.ABCDEF", Filing: number, Kind: record.FilingMade, At: f.MadeAt.Time, Body: text},
		Receiver: "a", Attempt: 1, Since: time.Now(),
	}
}

func TestAWebHookIsSignedAsStandardWebhooksWantsIt(t *testing.T) {
	t.Parallel()
	s, letters := office(t, ok)
	d := delivery(t)
	receipt, err := hook(t, s.URL, nil).Send(t.Context(), d)
	if err != nil || receipt.AcknowledgedAt.IsZero() {
		t.Fatalf("%+v, %v", receipt, err)
	}
	got := <-letters
	judge, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := judge.Verify(got.body, got.header); err != nil {
		t.Errorf("the library of standard-webhooks: %v", err)
	}
	if err := judge.Verify(append(got.body, ' '), got.header); err == nil {
		t.Error("the signature holds for another body")
	}
	var m struct {
		ID, Type string
		Data     record.Filing
	}
	if err := json.Unmarshal(got.body, &m); err != nil || m.ID != d.ID || got.header.Get("webhook-id") != d.ID || m.Type != "filing.made" || m.Data.Number != number {
		t.Errorf("told %s, %v", got.body, err)
	}
	if bytes.Contains(got.body, []byte("13812345678")) {
		t.Error("the caller's number went out whole")
	}
}

func TestAWebHookCanBeSignedWithSM3AndTellWholeNumbers(t *testing.T) {
	t.Parallel()
	s, letters := office(t, ok)
	key := "a key of sixteen bytes or more"
	_, err := hook(t, s.URL, func(o *outbox.HookOptions) {
		o.Algorithm, o.Secret, o.WholeNumbers = "hmac-sm3", key, true
	}).Send(t.Context(), delivery(t))
	if err != nil {
		t.Fatal(err)
	}
	got := <-letters
	mac := hmac.New(sm3.New, []byte(key))
	mac.Write([]byte(got.header.Get("webhook-id") + "." + got.header.Get("webhook-timestamp") + "."))
	mac.Write(got.body)
	if want := "v1sm3," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.header.Get("webhook-signature") != want {
		t.Errorf("signed %s, want %s", got.header.Get("webhook-signature"), want)
	}
	if !bytes.Contains(got.body, []byte("13812345678")) {
		t.Error("the number is masked, whole ones were agreed")
	}
}

func TestAWebHookThatCanNotBeSignedIsRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]outbox.HookOptions{
		"short secret":    {URL: "https://a.example", Secret: "short", Algorithm: "hmac-sha256"},
		"broken base64":   {URL: "https://a.example", Secret: "whsec_$$$", Algorithm: "hmac-sha256"},
		"no such way":     {URL: "https://a.example", Secret: secret, Algorithm: "md5"},
		"no certificate":  {URL: "https://a.example", Secret: secret, Algorithm: "hmac-sha256", CAFile: "hook_test.go"},
		"no such CA file": {URL: "https://a.example", Secret: secret, Algorithm: "hmac-sha256", CAFile: "no/such/file"},
	} {
		if _, err := outbox.NewHook(o); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "$$$") {
			t.Errorf("%s: the error holds the secret: %v", name, err)
		}
	}
}

func TestAWebHookBehindACertificateOfItsOwnIsTrustedByItsFile(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(ok))
	t.Cleanup(s.Close)
	s.Config.ErrorLog = nil
	if _, err := hook(t, s.URL, nil).Send(t.Context(), delivery(t)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody has signed: %v", err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := hook(t, s.URL, func(o *outbox.HookOptions) { o.CAFile = file }).Send(t.Context(), delivery(t)); err != nil {
		t.Error(err)
	}
}

// bad are servers as nobody wants them; each answers well once it is mended.
func bad(t *testing.T, mended <-chan struct{}) map[string]string {
	t.Helper()
	elsewhere, strays := office(t, ok)
	t.Cleanup(func() {
		if len(strays) > 0 {
			t.Error("a redirect was followed: a filing went where no configuration sends it")
		}
	})
	at := make(map[string]string)
	for name, answer := range map[string]http.HandlerFunc{
		"hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"500":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"drips": func(w http.ResponseWriter, r *http.Request) { // the headers never end
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			for _, err = conn.Write([]byte("HTTP/1.1 200 OK\r\n")); err == nil; {
				_, err = conn.Write([]byte("X-More: " + strings.Repeat("x", 1000) + "\r\n"))
			}
		},
		"closes early": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.Close()
		},
	} {
		s, _ := office(t, func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-mended:
				ok(w, r)
			default:
				answer(w, r)
			}
		})
		at[name] = s.URL
	}
	return at
}

// gigabyte acknowledges, and then does not stop to speak.
func gigabyte(t *testing.T) (string, *atomic.Int64) {
	t.Helper()
	sent := new(atomic.Int64)
	s, _ := office(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		piece := bytes.Repeat([]byte("x"), 1<<20)
		for range 1 << 10 {
			n, err := w.Write(piece)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	return s.URL, sent
}

func TestReceiversOfEveryBadKindOnRealSocketsWithSQLite(t *testing.T) {
	t.Parallel()
	realSockets(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
}

func TestReceiversOfEveryBadKindOnRealSocketsWithPostgreSQL(t *testing.T) {
	t.Parallel()
	realSockets(t, storetest.StartPostgres(t).New())
}

// realSockets has two gateways tell bad receivers and a good one of a filing
// and its outcome; then the gateways start anew and the bad ones are mended.
func realSockets(t *testing.T, dsn string) {
	g := newGround(t, dsn)
	mended := make(chan struct{})
	good, letters := office(t, ok)
	loud, sent := gigabyte(t)
	at := bad(t, mended)
	at["good"], at["gigabyte"], at["nobody listens"] = good.URL, loud, "http://"+silentPort(t)
	var all []outbox.Receiver
	for name, url := range at {
		all = append(all, outbox.Receiver{Name: name, Kind: "hook", Owner: "省平台", Limit: 2 * time.Second, Sender: hook(t, url, nil)})
	}
	g.register(all...)
	tell := func() (stop func()) {
		var stops []func()
		for _, s := range []*outbox.Store{g.one, g.two} {
			stops = append(stops, start(t, newBox(t, s, outbox.Options{First: 50 * time.Millisecond, Most: 200 * time.Millisecond, Poll: 50 * time.Millisecond}), all).stop)
		}
		return func() {
			for _, stop := range stops {
				stop()
			}
		}
	}
	stop := tell()
	g.apply(filing(number, g.now), conclusion(number, g.now.Add(time.Second)))
	first, second := <-letters, <-letters
	if a, b := first.header.Get("webhook-id"), second.header.Get("webhook-id"); !strings.Contains(a, ".made.") || !strings.Contains(b, ".outcome.") {
		t.Errorf("the good receiver was told %s and then %s", a, b)
	}
	g.until(func(d outbox.Standing) bool {
		return d.State == outbox.Acknowledged || d.Attempts > 1 || d.What == record.FilingOutcome
	})
	stop()
	for _, d := range g.all() {
		fine := d.Receiver == "good" || d.Receiver == "gigabyte"
		if fine != (d.State == outbox.Acknowledged) || d.What == record.FilingOutcome && !fine && d.Attempts > 0 {
			t.Errorf("%s %s is %s after %d attempts: %s", d.Receiver, d.What, d.State, d.Attempts, d.Detail)
		}
	}
	close(mended)
	stop = tell()
	g.until(func(d outbox.Standing) bool { return d.State == outbox.Acknowledged || d.Receiver == "nobody listens" })
	stop()
	if sent.Load() > 100<<20 {
		t.Errorf("%d bytes of the answer were read", sent.Load())
	}
	if len(letters) > 0 {
		t.Errorf("the good receiver was told %d times more than twice", len(letters))
	}
}

// silentPort is an address where nobody listens.
func silentPort(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (g *ground) all() []outbox.Standing {
	g.t.Helper()
	all, err := g.one.Of(g.t.Context(), number)
	if err != nil {
		g.t.Fatal(err)
	}
	return all
}

// until waits until every delivery of the filing is as wanted.
func (g *ground) until(fine func(outbox.Standing) bool) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), time.Minute)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		waits := ""
		for _, d := range g.all() {
			if !fine(d) {
				waits += d.Receiver + " " + string(d.What) + " " + string(d.State) + " " + d.Detail + "\n"
			}
		}
		if waits == "" {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			g.t.Fatalf("still\n%s", waits)
		}
	}
}

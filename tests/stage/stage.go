// Package stage puts the whole product on for a test: a real Asterisk, a real
// Redis and the gateway's own binary, on ports and in folders of their own,
// and people with telephones who hear each other. A test reads as a play:
//
//	s := stage.New(t)
//	li := s.Seat("1001")
//	child := s.Citizen("13800000001")
//	child.Dials("12345")
//	child.Presses("6")
//	li.Answers()
//	child.Hears(li)
//
// When the test ends the stage looks at what is always true: the ledger is 0,
// no child was alone, Asterisk has no channel left, the journal's chain is
// whole, the gateway leaves without a fault.
package stage

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weibao/asterisk/node"
	"weibao/cmd/phones/phone"
	"weibao/configs"
	"weibao/cti"
	"weibao/tests/redistest"
)

// patience is how long a person on the stage waits for what should happen at
// once, or after Asterisk has missed a dead phone's voice for 15 s; a busy
// machine is slow, and a test that waits in vain has failed.
const patience = 25 * time.Second

// Stage is one put-on system.
type Stage struct {
	t        testing.TB
	ctx      context.Context //nolint:containedctx // the life of the test
	dir      string
	ports    ports
	redis    *redistest.Server
	node     *node.Node
	gateway  *gateway
	gap      *gap  // nil: the gateway reaches Asterisk directly
	desk     *desk // a supervisor's, for looking on
	Carrier  *Peer
	Police   *Peer
	people   int
	crowd    int
	callers  int               // that the stage has room for, beyond a few
	staff    []string          // further seats with a login
	seats    map[string]string // id → SIP password
	deskPW   map[string]string // id → password of the desk
	edits    []edit
	build    func() (string, error) // makes the gateway's binary
	env      []string               // further variables of the gateway
	redisIs  []string               // further settings of Redis
	spoken   map[string]Sound       // prompts that are played as a pitch
	rtpPorts int                    // when not as many as the callers need
	before   func(*Stage)           // what happens before the gateway starts
}

// Option changes the stage before it opens.
type Option func(*Stage)

type edit struct{ file, old, new string }

// With replaces text in one of the configuration's files; the text must be
// there.
func With(file, old, changed string) Option {
	return func(s *Stage) { s.edits = append(s.edits, edit{file, old, changed}) }
}

// New opens a stage; it closes with the test.
func New(t testing.TB, options ...Option) *Stage {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	s := &Stage{
		t: t, ctx: ctx, dir: folder(t),
		seats: make(map[string]string), deskPW: make(map[string]string), build: Build, before: func(*Stage) {},
	}
	for _, option := range options {
		option(s)
	}
	s.ports = freePorts(t, s.callers)
	if s.rtpPorts > 0 {
		s.ports.rtp, s.ports.rtpEnd = 20000, 20000+s.rtpPorts-1
	}
	s.configure()
	s.Carrier, s.Police = s.peer("carrier", 1350), s.peer("police", 1150)
	s.redis = redistest.Start(t, s.redisIs...)
	s.logins()
	s.asterisk()
	s.before(s)
	if s.gap != nil {
		s.gap.stand(s)
	}
	s.gateway = startGateway(s)
	s.desk = s.login("1019")
	t.Cleanup(s.close)
	return s
}

// folder is short, because the path of Asterisk's control socket must be.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wb") //nolint:usetesting // t.TempDir is too long, and closed to Asterisk's user
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the stage's folder is kept: %s", dir)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the stage's folder: %v", err)
		}
	})
	return dir
}

func (s *Stage) path(names ...string) string {
	return filepath.Join(append([]string{s.dir}, names...)...)
}

// configure lays the shipped configuration out and makes the test's edits.
func (s *Stage) configure() {
	s.t.Helper()
	if err := os.CopyFS(s.path("configs"), configs.Shipped()); err != nil {
		s.t.Fatal(err)
	}
	for _, e := range s.edits {
		name := s.path("configs", e.file)
		text, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		if !bytes.Contains(text, []byte(e.old)) {
			s.t.Fatalf("%s does not contain %q", e.file, e.old)
		}
		if err := os.WriteFile(name, bytes.ReplaceAll(text, []byte(e.old), []byte(e.new)), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// logins makes the passwords of everybody in agents.yaml.
func (s *Stage) logins() {
	s.t.Helper()
	snapshot, faults := configs.Read(os.DirFS(s.path("configs")), time.Now())
	if len(faults) > 0 {
		s.t.Fatalf("the configuration is refused:\n%s", faults)
	}
	logins, err := cti.OpenLogins(cti.LoginOptions{Path: s.path("logins.json"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	var news []cti.NewSecret
	for _, a := range snapshot.Agents {
		id := string(a.ID)
		s.seats[id], s.deskPW[id] = "sip-secret-"+id+"-of-the-stage", "desk-"+id+"-of-the-stage"
		if id == "1001" || id == "1002" || id == "1003" || id == "1009" || id == "1015" || id == "1019" || id == "1020" || id == "admin" || slices.Contains(s.staff, id) {
			news = append(news, cti.NewSecret{ID: a.ID, Password: s.deskPW[id], SIPPassword: s.seats[id]})
		}
	}
	if err := logins.Set(news...); err != nil {
		s.t.Fatal(err)
	}
}

// asterisk starts a node of the stage's own.
func (s *Stage) asterisk() {
	s.t.Helper()
	root, err := node.PrivateRoot()
	if err != nil {
		s.t.Fatal(err)
	}
	o := node.Options{
		Root: root, Dir: s.path("asterisk"), Name: "stage",
		SIPPort: s.ports.sip, HTTPPort: s.ports.ari, RTPStart: s.ports.rtp, RTPEnd: s.ports.rtpEnd,
		App: "weibao", ARIUser: "weibao", ARIPassword: "ari-secret-of-the-stage",
		Carrier: s.Carrier.phone.Addr(), Police: s.Police.phone.Addr(),
		DutyNumber: "13900000000", Sounds: s.sounds(),
	}
	for id, password := range s.seats {
		o.Seats = append(o.Seats, node.Seat{ID: id, Name: id, Password: password})
	}
	s.node, err = node.Start(s.ctx, o)
	if err != nil {
		s.t.Fatal(err)
	}
}

// close ends the play and looks at what is always true.
func (s *Stage) close() {
	s.t.Helper()
	s.settled()
	s.agrees()
	s.gateway.leave()
	s.audit()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), patience)
	defer cancel()
	if err := s.node.Stop(ctx); err != nil {
		s.t.Errorf("stop Asterisk: %v", err)
	}
	if s.t.Failed() {
		s.t.Logf("the gateway said:\n%s", tail(s.path("gateway.log"), 120))
	}
}

// wait is a context for something that should happen at once.
func (s *Stage) wait() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, patience)
}

// Until asks again and again, with little pauses, until it is so.
func (s *Stage) Until(what string, holds func() bool) {
	s.t.Helper()
	ctx, cancel := s.wait()
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("in vain: %s", what)
		}
	}
}

// Passes lets people speak for a while.
func (s *Stage) Passes(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// tail is the end of a log.
func tail(file string, lines int) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// Peer is a SIP peer that takes outside numbers: the carrier or the police.
type Peer struct {
	s     *Stage
	phone *phone.Phone
	tone  float64
}

func (s *Stage) peer(name string, tone float64) *Peer {
	s.t.Helper()
	p, err := phone.New(s.ctx, phone.Options{Name: name, Tone: tone, Listen: tones(), Log: s.log(name)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	return &Peer{s: s, phone: p, tone: tone}
}

// log of a phone goes to a file of the stage, to be read after a failure.
func (s *Stage) log(name string) *slog.Logger {
	f, err := os.Create(s.path(fmt.Sprintf("phone-%s.log", name)))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = f.Close() })
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

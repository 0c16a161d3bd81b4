package asterisk

import (
	"bytes"
	"context"
	"encoding/binary"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weibao/asterisk/node"
	"weibao/call"
	"weibao/cmd/phones/phone"
	"weibao/tests/freeport"
)

// world is an Asterisk with people around it, real or not. The numbers of the
// carrier behave by their digits: 486, 603, 480, 404, 503 and 600 refuse with
// that status, 183 sends early media and answers, 999 rings for ever, 998 is
// silent, all others ring and answer. So do seats, when they are registered.
type world interface {
	options() Options
	arrive(t *testing.T, number, dialled, region string) caller
	// register has a seat's phone register; it behaves as the number does.
	register(t *testing.T, seat, like string)
	unregister(t *testing.T, seat string)
	// hangup has the dialled party hang up.
	hangup(t *testing.T, number string, leg call.LegID)
	// invites counts the calls that a number got.
	invites(number string) int
}

type caller interface {
	press(t *testing.T, key string)
	hangup(t *testing.T)
}

// seatIDs are the seats of both worlds.
func seatIDs() []string { return []string{"1001", "1002", "1003", "1004", "1005", "1006"} }

// soundFolder has prompts that are tones: short 0.6 s, long 8 s, music.
func soundFolder(t *testing.T) string {
	t.Helper()
	dir := tempDir(t)
	for name, hz := range map[string]float64{"zh/short": promptTone, "zh/long": promptTone, "ko/only-ko": promptTone, "music/hold": musicTone} {
		length := 600 * time.Millisecond
		if strings.HasSuffix(name, "long") || strings.HasSuffix(name, "hold") {
			length = 8 * time.Second
		}
		path := filepath.Join(dir, name+".wav")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, wave(hz, length), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "zh", "corrupt.wav"), []byte("this is no sound"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tempDir is short, for Asterisk's control socket, and open to an ordinary user.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ari") //nolint:usetesting // t.TempDir is too long for the control socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// wave is a WAV file of one tone, 8 kHz, 16 bit.
func wave(hz float64, length time.Duration) []byte {
	n := int(length.Seconds() * 8000)
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, part := range []any{
		uint32(36 + 2*n), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(8000), uint32(16000),
		uint16(2), uint16(16), []byte("data"), uint32(2 * n),
	} {
		_ = binary.Write(&b, binary.LittleEndian, part)
	}
	for i := range n {
		_ = binary.Write(&b, binary.LittleEndian, int16(8000*math.Sin(2*math.Pi*hz*float64(i)/8000)))
	}
	return b.Bytes()
}

const (
	promptTone = 1000.0
	musicTone  = 1400.0
	callerTone = 500.0
	seatTone   = 700.0
	otherTone  = 1900.0
)

func listen() []float64 { return []float64{promptTone, musicTone, callerTone, seatTone, otherTone} }

// real is the real Asterisk, with phones.
type realWorld struct {
	node    *node.Node
	sounds  string
	carrier *phone.Phone
	police  *phone.Phone

	mu    sync.Mutex
	seats map[string]*phone.Phone
	calls map[string][]*phone.Call
	log   bytes.Buffer
}

func newRealWorld(t *testing.T) *realWorld {
	t.Helper()
	root, err := node.PrivateRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := node.Version(t.Context(), root); err != nil {
		if _, err2 := node.Version(t.Context(), ""); err2 != nil {
			t.Fatalf("%v\nrun: go run ./cmd/stack setup", err)
		}
		root = ""
	}
	w := &realWorld{sounds: soundFolder(t), seats: map[string]*phone.Phone{}, calls: map[string][]*phone.Call{}}
	w.carrier = w.phone(t, phone.Options{Name: "carrier", Tone: otherTone})
	w.police = w.phone(t, phone.Options{Name: "police", Tone: otherTone})
	o := node.Options{
		Root: root, Dir: tempDir(t), Name: "line-test", SIPPort: freeport.UDP(t), HTTPPort: freeport.TCP(t),
		RTPStart: 31000, RTPEnd: 31400, App: "hotline", ARIUser: "gateway", ARIPassword: "a-password-of-tests",
		Carrier: w.carrier.Addr(), Police: w.police.Addr(), DutyNumber: "13900000000", Sounds: w.sounds, Log: &w.log,
	}
	for _, id := range seatIDs() {
		o.Seats = append(o.Seats, node.Seat{ID: id, Name: id, Password: "password-" + id})
	}
	if w.node, err = node.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.node.Kill()
		if t.Failed() {
			t.Logf("asterisk said:\n%s", w.log.String())
		}
	})
	return w
}

func (w *realWorld) phone(t *testing.T, o phone.Options) *phone.Phone {
	t.Helper()
	o.Listen = listen()
	if o.Policy == nil {
		o.Policy = func(ctx context.Context, c *phone.Call) { w.behave(ctx, c, c.To()) }
	}
	p, err := phone.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// behave does what the digits say.
func (w *realWorld) behave(ctx context.Context, c *phone.Call, number string) {
	w.mu.Lock()
	w.calls[c.To()] = append(w.calls[c.To()], c)
	w.mu.Unlock()
	codes := map[string]int{"486": 486, "603": 603, "480": 480, "404": 404, "503": 503, "600": 600}
	switch {
	case codes[number] != 0:
		phone.RejectWith(codes[number])(ctx, c)
	case number == "999":
		phone.RingForever()(ctx, c)
	case number == "998":
		phone.StaySilent()(ctx, c)
	default:
		phone.AnswerAfter(50*time.Millisecond)(ctx, c)
	}
}

func (w *realWorld) options() Options {
	o := w.node.Options()
	return Options{
		URL:  "http://" + net.JoinHostPort(o.Host, strconv.Itoa(o.HTTPPort)) + "/ari",
		User: o.ARIUser, Password: o.ARIPassword, App: o.App, Sounds: w.sounds,
		RecordingDir: filepath.Join(o.Dir, "spool", "recording"),
	}
}

func (w *realWorld) sip() string {
	o := w.node.Options()
	return net.JoinHostPort(o.Host, strconv.Itoa(o.SIPPort))
}

type realCaller struct{ *phone.Call }

func (w *realWorld) arrive(t *testing.T, number, dialled, region string) caller {
	t.Helper()
	p := w.phone(t, phone.Options{Name: "citizen", User: number, Server: w.sip(), Tone: callerTone})
	var options []phone.DialOption
	if region != "" {
		options = append(options, phone.Header("X-Region", region))
	}
	c, err := p.Dial(t.Context(), dialled, options...)
	if err != nil {
		t.Fatal(err)
	}
	return realCaller{c}
}

func (c realCaller) press(t *testing.T, key string) {
	t.Helper()
	within(t, c.WaitAnswered)
	within(t, func(ctx context.Context) error { return c.Press(ctx, key) })
}

func (c realCaller) hangup(t *testing.T) {
	t.Helper()
	within(t, c.Hangup)
}

// within bounds what a phone does.
func within(t *testing.T, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := do(ctx); err != nil {
		t.Fatal(err)
	}
}

func (w *realWorld) register(t *testing.T, seat, like string) {
	t.Helper()
	p := w.phone(t, phone.Options{
		Name: seat, User: seat, Password: "password-" + seat, Server: w.sip(), Tone: seatTone,
		Policy: func(ctx context.Context, c *phone.Call) { w.behave(ctx, c, like) },
	})
	within(t, p.Register)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seats[seat] = p
}

func (w *realWorld) unregister(t *testing.T, seat string) {
	t.Helper()
	w.mu.Lock()
	p := w.seats[seat]
	w.mu.Unlock()
	within(t, p.Unregister)
}

func (w *realWorld) hangup(t *testing.T, number string, _ call.LegID) {
	t.Helper()
	c := w.last(t, number)
	within(t, c.WaitAnswered)
	within(t, c.Hangup)
}

// last is the last call that a number or seat got.
func (w *realWorld) last(t *testing.T, number string) *phone.Call {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls[number]) == 0 {
		t.Fatalf("%s got no call", number)
	}
	return w.calls[number][len(w.calls[number])-1]
}

func (w *realWorld) invites(number string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.calls[number])
}

// run starts a Line on a world and waits until it is up.
func run(t *testing.T, w world, wit *witness, change ...func(*Options)) *Line {
	t.Helper()
	l, stop := start(t, w, wit, change...)
	t.Cleanup(stop)
	return l
}

// start is run for tests that end the Line themselves.
func start(t *testing.T, w world, wit *witness, change ...func(*Options)) (*Line, func()) {
	t.Helper()
	o := w.options()
	o.CallID, o.Reachable = wit.callID, wit.reachable
	o.Log = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	for _, f := range change {
		f(&o)
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = l.Run(ctx, wit) })
	stop := func() {
		cancel()
		running.Wait()
	}
	select {
	case <-l.Ready():
	case <-time.After(patience):
		stop()
		t.Fatal("the line did not come up")
	}
	return l, stop
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

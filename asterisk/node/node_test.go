package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weibao/tests/freeport"
)

// root is the private root that the tests run; make setup makes it.
func root(t *testing.T) string {
	t.Helper()
	dir, err := PrivateRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Version(t.Context(), dir); err != nil {
		if _, perr := Version(t.Context(), ""); perr == nil {
			return ""
		}
		t.Fatalf("%v\nrun: go run ./cmd/stack setup", err)
	}
	return dir
}

func options(t *testing.T, dir string) Options {
	t.Helper()
	return Options{
		Sounds: sounds(t), Root: root(t), Dir: dir, Name: "node-test",
		SIPPort: freeport.UDP(t), HTTPPort: freeport.TCP(t), RTPStart: 30000, RTPEnd: 30200,
		App: "hotline", ARIUser: "gateway", ARIPassword: "a-password-of-tests",
		Carrier: "127.0.0.1:5090", Police: "127.0.0.1:5091",
		Seats: []Seat{
			{ID: "1001", Name: `李 "娜"; x`, Password: "seat-password-1001"},
			{ID: "1002", Name: "王芳", Password: "seat-password-1002"},
		},
		DutyNumber: "13900000000",
	}
}

// sounds is a prompts folder with nothing but a second of silence for the waiting.
func sounds(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	head := "RIFF\xa4\x3e\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x80\x3e\x00\x00"
	if err := os.Mkdir(filepath.Join(dir, "music"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "music", "soft.wav"), append([]byte(head), make([]byte, 16000)...), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, o Options) (*Node, *tail) {
	t.Helper()
	began := time.Now()
	n, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ARI answered after %s", time.Since(began).Round(time.Millisecond))
	t.Cleanup(n.Kill)
	return n, n.tail
}

func status(t *testing.T, pid int, field string) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no field %s in the status of %d", field, pid)
	return ""
}

func TestNodeAnswersAndEndsWithoutATrace(t *testing.T) {
	t.Parallel()
	o := options(t, t.TempDir())
	n, log := start(t, o)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		fmt.Sprintf("http://127.0.0.1:%d/ari/endpoints/PJSIP/1001", o.HTTPPort), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(o.ARIUser, o.ARIPassword)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("seat 1001 by ARI: %s %s %v", res.Status, body, err)
	}
	out, err := n.CLI(t.Context(), "pjsip show endpoints")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1001/1001", "1002/1002", "anonymous", "carrier", "police"} {
		if !strings.Contains(out, want) {
			t.Errorf("endpoint %s is missing in\n%s", want, out)
		}
	}
	if err := n.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(n.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d after the stop: %v", n.PID(), err)
	}
	for _, p := range n.Options().ports() {
		if err := p.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "WARNING") || strings.Contains(line, "ERROR") {
			t.Errorf("a clean start says nothing, but: %s", line)
		}
	}
}

func TestNodeIsAnOrdinaryUserWithOneCapabilityAtMost(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		n, _ := start(t, options(t, t.TempDir()))
		if got, want := strings.Fields(status(t, n.PID(), "Uid"))[0], strconv.Itoa(os.Getuid()); got != want {
			t.Errorf("uid %s, want the caller's %s", got, want)
		}
		return
	}
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	n, _ := start(t, options(t, filepath.Join(home, "var", "asterisk")))
	who, err := sudoer()
	if err != nil {
		t.Fatal(err)
	}
	id := func(n int) string { return strings.Repeat(strconv.Itoa(n)+"\t", 3) + strconv.Itoa(n) }
	for field, want := range map[string]string{
		"Uid": id(who.UID), "Gid": id(who.GID), "Groups": "", "NoNewPrivs": "1",
		"CapPrm": "0000000000000004", "CapEff": "0000000000000004", "CapAmb": "0000000000000004", "CapInh": "0000000000000004",
	} {
		if got := status(t, n.PID(), field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

func TestNodeInAnOpenFolderHasNoCapability(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("an ordinary caller has none to give")
		return
	}
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	who, err := Ordinary(filepath.Join(dir, "x"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := who.Command(t.Context(), "/bin/cat", "/proc/self/status").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "CapAmb:\t0000000000000000"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("want %s in\n%s", want, out)
		}
	}
}

func TestRecordingFolderIsReadableByTheStarter(t *testing.T) {
	t.Parallel()
	o := options(t, t.TempDir())
	n, _ := start(t, o)
	file := filepath.Join(o.Dir, "spool", "recording", "x.wav")
	who, err := o.account()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := who.Command(t.Context(), "/usr/bin/touch", file).CombinedOutput(); err != nil {
		t.Fatalf("the node's user can not write a recording: %v %s", err, out)
	}
	if _, err := os.ReadFile(file); err != nil {
		t.Error(err)
	}
	if err := n.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBusyPortNamesTheVariableAndTheHolder(t *testing.T) {
	t.Parallel()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	o := options(t, t.TempDir())
	o.SIPPort = c.LocalAddr().(*net.UDPAddr).Port
	_, err = Start(t.Context(), o)
	if _, ok := errors.AsType[*BusyPortError](err); !ok {
		t.Fatalf("got %v, want a BusyPortError", err)
	}
	for _, want := range []string{"WEIBAO_SIP_PORT", strconv.Itoa(o.SIPPort), fmt.Sprintf("pid %d", os.Getpid())} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestMissingAsteriskSaysWhatToDo(t *testing.T) {
	t.Parallel()
	o := options(t, t.TempDir())
	o.Root = t.TempDir()
	_, err := Start(t.Context(), o)
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("got %v", err)
	}
}

func TestBadOptionsAreAllNamed(t *testing.T) {
	t.Parallel()
	o := options(t, "relative")
	o.Carrier, o.App = "host:5060\n[evil]", "a,b"
	o.Seats = append(o.Seats, Seat{ID: "x](seat)", Password: "short;"}, Seat{ID: "carrier", Password: "long-enough-it-is"})
	_, err := Start(t.Context(), o)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"relative", "carrier", "ARI application", "x](seat)", "name that is taken"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in\n%v", want, err)
		}
	}
}

func TestStartGivesUpWithTheLog(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, options(t, t.TempDir())); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}

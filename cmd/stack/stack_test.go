package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weibao/asterisk/node"
	"weibao/tests/freeport"
)

// The parts inherit the checkout as their folder, as they do from main.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// local is a stack of its own: this checkout, folder of the test, free ports.
func local(t *testing.T) (*stack, *bytes.Buffer) {
	t.Helper()
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &stack{
		settings: settings{
			home: home, dir: filepath.Join(t.TempDir(), "var"),
			sip: freeport.UDP(t), rtpStart: 31000, rtpEnd: 31200, http: freeport.TCP(t), ari: freeport.TCP(t), redis: freeport.TCP(t),
			carrier: "127.0.0.1:5090", police: "127.0.0.1:5091", duty: "13900002200",
		},
		report: report{out: &out},
	}, &out
}

func TestUpTwiceAndDownTwice(t *testing.T) {
	t.Parallel()
	s, out := local(t)
	// Setup on this machine first: a test installs nothing.
	for _, n := range tools() {
		if !n.have() {
			t.Fatalf("package %s is missing; run: go run ./cmd/stack setup", n.pkg)
		}
	}
	if root, err := node.PrivateRoot(); err != nil {
		t.Fatal(err)
	} else if _, err := rootVersion(t.Context(), root); err != nil {
		t.Fatalf("%v; run: go run ./cmd/stack setup", err)
	}
	t.Cleanup(func() {
		if err := s.down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err := s.up(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pids := []int{s.asteriskProcess().pid(), s.redisProcess().pid()}
	for _, pid := range pids {
		st, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(st), "\nUid:\t0\t") {
			t.Errorf("process %d runs as root", pid)
		}
	}
	began := time.Now()
	if err := s.up(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("second up took %s", time.Since(began).Round(time.Millisecond))
	if again := []int{s.asteriskProcess().pid(), s.redisProcess().pid()}; again[0] != pids[0] || again[1] != pids[1] {
		t.Errorf("the second up started anew: %v, before %v", again, pids)
	}
	for range 2 {
		if err := s.down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, pid := range pids {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && len(b) > 0 {
			t.Errorf("process %d lives after down", pid)
		}
	}
	if left, err := filepath.Glob(s.in("run", "*.pid")); err != nil || len(left) > 0 {
		t.Errorf("pid files left: %v %v", left, err)
	}
	if !errors.Is(s.status(t.Context()), errNotUp) {
		t.Error("status says that a stopped system runs")
	}
}

func TestDownLeavesAnotherProgramWithTheSameNumberAlone(t *testing.T) {
	t.Parallel()
	s, _ := local(t)
	p := process{name: "sleep", word: "sleep", dir: s.dir}
	who, err := node.Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := who.Command(t.Context(), "sleep", "60")
	ended, err := p.launch(cmd, who)
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(p.pidFile())
	if err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	becomes(t, pid, "sleep")
	for _, wrong := range []string{fmt.Sprintf("%d 1\n", pid), fmt.Sprintf("%d\n", pid), "x y\n", "1 1\n", ""} {
		if err := os.WriteFile(p.pidFile(), []byte(wrong), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := p.stop(t.Context()); got != 0 || err != nil {
			t.Errorf("pid file %q: stopped %d, %v", wrong, got, err)
		}
		if err := syscall.Kill(pid, 0); err != nil {
			t.Fatalf("pid file %q: the other program is gone: %v", wrong, err)
		}
	}
	if err := os.WriteFile(p.pidFile(), good, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := p.stop(t.Context()); got != pid || err != nil {
		t.Errorf("stopped %d, %v; want %d", got, err, pid)
	}
	<-ended
}

// becomes waits until a process that is started through another is the program itself.
func becomes(t *testing.T, pid int, name string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < 10*time.Second; <-tick.C {
		if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.TrimSpace(string(comm)) == name {
			return
		}
	}
	t.Fatalf("process %d does not become %s", pid, name)
}

func TestAProcessThatEndsAtOnceIsToldWithItsLog(t *testing.T) {
	t.Parallel()
	s, _ := local(t)
	p := process{name: "broken", word: "sh", dir: s.dir}
	who, err := node.Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	ended, err := p.launch(who.Command(t.Context(), "sh", "-c", "echo no such thing; exit 7"), who)
	if err != nil {
		t.Fatal(err)
	}
	err = p.ready(t.Context(), ended, func(context.Context) error { return errors.New("silent") })
	if err == nil || !strings.Contains(err.Error(), "no such thing") || !strings.Contains(err.Error(), "exit status 7") {
		t.Errorf("got %v", err)
	}
	var out bytes.Buffer
	explain(&out, err)
	if !strings.Contains(out.String(), "怎么办") || !strings.Contains(out.String(), p.logFile()) {
		t.Errorf("what to do is not told:\n%s", &out)
	}
}

func TestPasswordsAreMadeOnce(t *testing.T) {
	t.Parallel()
	s, _ := local(t)
	c, err := s.configuration()
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.makeSecrets(c.agents[:19])
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.makeSecrets(c.agents)
	if err != nil {
		t.Fatal(err)
	}
	if first.ari != second.ari || first.logins.Admin != second.logins.Admin || first.logins.Agents[0].SIPPassword != second.logins.Agents[0].SIPPassword {
		t.Error("a password changed")
	}
	if n := len(second.logins.Agents); n != 20 {
		t.Errorf("%d agents", n)
	}
	for _, a := range second.logins.Agents {
		if len(a.SIPPassword) < 24 || len(a.Password) < 24 || a.SIPPassword == a.Password {
			t.Errorf("weak passwords: %+v", a)
		}
	}
	for _, f := range []string{"demo-logins.json", "secrets/ari-password"} {
		info, err := os.Stat(s.in(f))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, info, err)
		}
	}
	var shape map[string]any
	b, err := os.ReadFile(s.in("demo-logins.json"))
	if err == nil {
		err = json.Unmarshal(b, &shape)
	}
	agent, ok := shape["agents"].([]any)[0].(map[string]any)
	if err != nil || !ok {
		t.Fatal(err, shape)
	}
	for _, key := range []string{"id", "password", "sip_user", "sip_password", "region", "skills"} {
		if agent[key] == nil {
			t.Errorf("no %s in %v", key, agent)
		}
	}
}

func TestBrokenLoginsAreNotOverwritten(t *testing.T) {
	t.Parallel()
	s, _ := local(t)
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.in("demo-logins.json"), []byte(`{"agents":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.makeSecrets(nil); err == nil || !strings.Contains(err.Error(), "demo-logins.json") {
		t.Errorf("got %v", err)
	}
}

func TestBusyPortIsToldWithItsVariable(t *testing.T) {
	t.Parallel()
	s, _ := local(t)
	l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(s.redis)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = s.startRedis(t.Context(), "/usr/bin/true")
	var out bytes.Buffer
	explain(&out, err)
	for _, want := range []string{"WEIBAO_REDIS_PORT=", fmt.Sprintf("(pid %d)", os.Getpid()), fmt.Sprint(s.redis)} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not told in\n%s", want, &out)
		}
	}
}

func TestSettingsAreCheckedAllAtOnce(t *testing.T) {
	t.Parallel()
	env := map[string]string{"WEIBAO_SIP_PORT": "sip", "WEIBAO_ARI_PORT": "70000"}
	_, err := readSettings(func(k string) string { return env[k] })
	if err == nil || !strings.Contains(err.Error(), "WEIBAO_SIP_PORT") || !strings.Contains(err.Error(), "WEIBAO_ARI_PORT") {
		t.Errorf("got %v", err)
	}
	s, err := readSettings(func(string) string { return "" })
	if err != nil || s.sip != 5060 || s.redis != 16379 || !strings.HasSuffix(s.dir, "/var") || strings.Contains(s.dir, "cmd/stack") {
		t.Errorf("defaults %+v, %v", s, err)
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"nonsense"}, {"up", "down"}} {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "usage") {
			t.Errorf("%v: exit %d, %s", args, code, &errs)
		}
	}
}

func TestVersionsAreComparedByNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{"22.10.1": true, "22.9.9": false, "23.0.0": true, "20.99.0": false, "22.10": true, "": false, "x.y": false} {
		if got := newEnough(v); got != want {
			t.Errorf("%q: %v", v, got)
		}
	}
}

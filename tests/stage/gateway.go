package stage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weibao/asterisk/node"
)

// Build makes the gateway's binary, with the race detector, once for all
// stages of a test program; call it from TestMain.
var Build = sync.OnceValues(func() (string, error) { return build("-race") }) //nolint:gochecknoglobals // one binary a program

func build(flags ...string) (string, error) {
	dir, err := os.MkdirTemp("", "weibao-bin")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "weibao")
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", binary, "./cmd/weibao")...) //nolint:noctx // bounded by the test's own limit
	cmd.Dir = root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the gateway: %w\n%s", err, out)
	}
	return binary, nil
}

// root is the top of the project.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// soundsDir holds the prompts that the set-up made.
func soundsDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(root(), "var", "sounds")
	if _, err := os.Stat(filepath.Join(dir, "zh")); err != nil {
		t.Fatalf("no prompts in %s: run `make setup` first (%v)", dir, err)
	}
	return dir
}

// gateway is the product's process.
type gateway struct {
	s    *Stage
	cmd  *exec.Cmd
	done chan error
}

func startGateway(s *Stage) *gateway {
	s.t.Helper()
	binary, err := s.build()
	if err != nil {
		s.t.Fatal(err)
	}
	log, err := os.OpenFile(s.path("gateway.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	g := &gateway{s: s, done: make(chan error, 1)}
	g.cmd = exec.Command(binary, "serve", "--config", s.path("configs", "gateway.yaml"), "--configs", s.path("configs")) //nolint:noctx // ended by leave
	g.cmd.Stdout, g.cmd.Stderr, g.cmd.Dir = log, log, s.dir
	g.cmd.Env = append(os.Environ(), s.environment()...)
	if err := g.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { g.done <- g.cmd.Wait() }()
	s.Until("the gateway is ready\n"+tail(s.path("gateway.log"), 40), g.ready)
	return g
}

func (s *Stage) environment() []string {
	return append([]string{
		"WEIBAO_VAR=" + s.path("var"),
		"WEIBAO_HTTP_LISTEN=" + s.ports.address(s.ports.http),
		"WEIBAO_ASTERISK_URL=" + s.asteriskURL() + "/ari",
		"WEIBAO_ASTERISK_PASSWORD=ari-secret-of-the-stage",
		"WEIBAO_ASTERISK_PASSWORD_FILE=",
		"WEIBAO_ASTERISK_RECORDINGS=" + s.path("asterisk", "spool", "recording"),
		"WEIBAO_ASTERISK_SOUNDS=" + s.sounds(),
		"WEIBAO_REDIS_ADDRESS=" + s.redis.Addr(),
		"WEIBAO_LOGINS=" + s.path("logins.json"),
		"WEIBAO_LOG_LEVEL=debug",
		"GORACE=exitcode=66",
	}, s.env...)
}

func (g *gateway) ready() bool {
	select {
	case err := <-g.done:
		g.done <- err
		g.s.t.Fatalf("the gateway has ended: %v\n%s", err, tail(g.s.path("gateway.log"), 40))
	default:
	}
	ctx, cancel := context.WithTimeout(g.s.ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.s.url("/readyz"), nil)
	if err != nil {
		return false
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer reply.Body.Close()
	return reply.StatusCode == http.StatusOK
}

func (s *Stage) url(path string) string { return "http://" + s.ports.address(s.ports.http) + path }

// leave ends the gateway as a service manager would; it must go without a
// fault and without having seen a race.
func (g *gateway) leave() {
	g.s.t.Helper()
	if err := g.end(syscall.SIGTERM); err != nil {
		g.s.t.Errorf("the gateway left with %v", err)
	}
	log := tail(g.s.path("gateway.log"), 100_000)
	for _, sign := range []string{"DATA RACE", "panic:", "event refused by a fault"} {
		if strings.Contains(log, sign) {
			g.s.t.Errorf("the gateway's log has %q", sign)
		}
	}
}

func (g *gateway) end(how syscall.Signal) error {
	if err := g.cmd.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-g.done:
		return err
	case <-time.After(2 * patience):
		_ = g.cmd.Process.Kill()
		return fmt.Errorf("did not end within %s", 2*patience)
	}
}

// KillGateway ends the gateway as a power cut would.
func (s *Stage) KillGateway() {
	s.t.Helper()
	_ = s.gateway.end(syscall.SIGKILL) // its exit status says only that it was killed
}

// StartGateway starts it again.
func (s *Stage) StartGateway() {
	s.t.Helper()
	s.gateway = startGateway(s)
}

// KillRedis ends Redis as a power cut would.
func (s *Stage) KillRedis() { s.redis.Kill() }

// RestartRedis starts it again, on the same port.
func (s *Stage) RestartRedis() { s.redis.Restart() }

// FloorRecovers waits until the floor shares its standings again.
func (s *Stage) FloorRecovers() {
	s.t.Helper()
	s.Until("the floor is not degraded any more", func() bool { return s.Metric("weibao_floor_degraded") == 0 })
}

// KillAsterisk ends Asterisk as a power cut would.
func (s *Stage) KillAsterisk() {
	s.node.Kill()
	<-s.node.Done()
}

// StartAsterisk starts it again, and waits until the gateway serves.
func (s *Stage) StartAsterisk() {
	s.t.Helper()
	var err error
	if s.node, err = node.Start(s.ctx, s.node.Options()); err != nil {
		s.t.Fatal(err)
	}
	s.Until("the gateway has found Asterisk again", s.gateway.ready)
}

// Package redistest starts a real, private Redis for a test, and does to it
// what happens to a Redis in life: stop, kill, freeze, start again.
package redistest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weibao/tests/freeport"
)

// startLimit is how long Redis may take to be ready.
const startLimit = 10 * time.Second

// Server is a Redis of its own with its append-only file on. It belongs to
// one test and is gone when that has ended.
type Server struct {
	tb     testing.TB
	binary string
	dir    string
	addr   string
	run    *exec.Cmd
	exited chan struct{}
	more   []string
}

// Start starts a Redis on a free port and returns when it takes connections.
// Further settings, as on its command line, go before its own. The test fails,
// and says what to install, when there is none.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s := &Server{tb: tb, dir: tb.TempDir(), more: settings}
	s.binary = s.find()
	tb.Cleanup(s.Kill)
	for range 5 {
		s.addr = fmt.Sprintf("127.0.0.1:%d", freeport.TCP(tb))
		if s.launch() {
			return s
		}
	}
	tb.Fatal("redis-server did not start on any of five free ports")
	return nil
}

// Addr is the host:port of the server; it stays the same after a restart.
func (s *Server) Addr() string { return s.addr }

// PID is the process id of the server that runs.
func (s *Server) PID() int { return s.run.Process.Pid }

// Stop ends the server as a service manager does.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server as a power failure does. A server that is not running
// stays so.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Pause freezes the server: it keeps its connections and answers nothing.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume thaws a paused server: what was sent meanwhile is carried out.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

// Restart starts a stopped or killed server again with what its append-only
// file holds.
func (s *Server) Restart() {
	s.tb.Helper()
	if !s.launch() {
		s.tb.Fatalf("redis-server did not start again at %s", s.addr)
	}
}

// find looks for redis-server. Debian's redis-tools ships the same program as
// redis-check-rdb: what it does depends on the name it is called by.
func (s *Server) find() string {
	s.tb.Helper()
	if path, err := exec.LookPath("redis-server"); err == nil {
		return path
	}
	twin, err := exec.LookPath("redis-check-rdb")
	if err != nil {
		s.tb.Fatal("this test needs a Redis server: apt-get install redis-server (or redis-tools)")
	}
	path := filepath.Join(s.dir, "redis-server")
	if err := os.Symlink(twin, path); err != nil {
		s.tb.Fatal(err)
	}
	return path
}

// launch reports false when the server ended at once, as it does when the
// port is taken.
func (s *Server) launch() bool {
	s.tb.Helper()
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		s.tb.Fatal(err)
	}
	run := exec.Command(s.binary, append([]string{ //nolint:noctx // ended by end
		"--bind", host, "--port", port, "--dir", s.dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "",
	}, s.more...)...)
	// A test that crashes runs no cleanups; its Redis must not outlive it.
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := run.StdoutPipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	if err := run.Start(); err != nil {
		s.tb.Fatalf("start %s: %v", s.binary, err)
	}
	s.run, s.exited = run, make(chan struct{})
	ready, exited := make(chan struct{}, 1), s.exited
	go func() {
		defer close(exited)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "Ready to accept connections") {
				ready <- struct{}{}
			}
		}
		_ = run.Wait()
	}()
	select {
	case <-ready:
		return true
	case <-exited:
		return false
	case <-time.After(startLimit):
		s.Kill()
		return false
	}
}

func (s *Server) end(how syscall.Signal) {
	if s.run == nil {
		return
	}
	_ = s.run.Process.Signal(how)
	_ = s.run.Process.Signal(syscall.SIGCONT)
	<-s.exited
	s.run = nil
}

func (s *Server) signal(what syscall.Signal) {
	s.tb.Helper()
	if err := s.run.Process.Signal(what); err != nil {
		s.tb.Fatal(err)
	}
}

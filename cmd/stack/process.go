package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"weibao/asterisk/node"
)

const (
	// readyLimit is how long a part may take until it serves.
	readyLimit = 20 * time.Second
	// stopLimit is how long a part may take to end by itself.
	stopLimit = 10 * time.Second
)

// startMark begins the line that is written to a log at each start.
const startMark = "---- start "

// process is one part of the system that lives on after this command.
type process struct {
	name string // of its files in run/ and log/
	word string // stands in its command line, always
	dir  string // the run's folder
}

func (p process) pidFile() string { return filepath.Join(p.dir, "run", p.name+".pid") }

func (p process) logFile() string { return filepath.Join(p.dir, "log", p.name+".log") }

// pid is the running process's id, or 0. The file also holds when the process was started, so that
// another program, which got the same number later, is never taken for ours.
func (p process) pid() int {
	b, err := os.ReadFile(p.pidFile())
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b))
	if len(f) != 2 {
		return 0
	}
	pid, err := strconv.Atoi(f[0])
	if err != nil || started(pid) != f[1] {
		return 0
	}
	// A process that ended but was not yet waited for has an empty command line.
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !strings.Contains(string(line), p.word) {
		return 0
	}
	return pid
}

// started is when a process was started, in the kernel's ticks: field 22 of its stat. "" when it is gone.
func started(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name in parentheses may hold spaces and parentheses.
	_, rest, ok := strings.Cut(string(b[max(0, strings.LastIndexByte(string(b), ')')):]), " ")
	f := strings.Fields(rest)
	if !ok || len(f) < 20 {
		return ""
	}
	return f[19]
}

// launch starts the command in a session of its own, its output in the log. The channel tells its end.
func (p process) launch(cmd *exec.Cmd, who node.Account) (<-chan error, error) {
	for _, f := range []string{p.pidFile(), p.logFile()} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			return nil, err
		}
	}
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	if err := who.Own(p.logFile()); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(log, "%s%s\n", startMark, time.Now().Format(time.DateTime)); err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	line := fmt.Sprintf("%d %s\n", cmd.Process.Pid, started(cmd.Process.Pid))
	return ended, os.WriteFile(p.pidFile(), []byte(line), 0o644)
}

// ready waits until ask is content, the process ends, or readyLimit is over.
func (p process) ready(ctx context.Context, ended <-chan error, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		last := ask(ctx)
		if last == nil {
			return nil
		}
		select {
		case err := <-ended:
			if err == nil {
				err = errors.New("exit status 0")
			}
			return stuck("看日志 read "+p.logFile(), fmt.Errorf("%s ended at once (%w); its last lines:\n%s", p.name, err, p.lastLines()))
		case <-ctx.Done():
			return stuck("看日志 read "+p.logFile(), fmt.Errorf("%s is not ready after %s: %w; its last lines:\n%s", p.name, readyLimit, last, p.lastLines()))
		case <-tick.C:
		}
	}
}

func (p process) lastLines() string {
	b, err := os.ReadFile(p.logFile())
	if err != nil {
		return err.Error()
	}
	// Of this start only: the log goes on from one to the next.
	said := string(b[max(0, bytes.LastIndex(b, []byte(startMark))):])
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return "    " + strings.Join(lines[max(0, len(lines)-12):], "\n    ")
}

// stop ends the process, by force after a limit, and waits until it is gone. It tells the id, or 0 when
// nothing ran.
func (p process) stop(ctx context.Context) (int, error) {
	pid := p.pid()
	if pid == 0 {
		return 0, p.forget()
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(pid, sig); errors.Is(err, syscall.EPERM) {
			return pid, stuck("用启动它的用户再试 try again as the user who started it (sudo make down)", fmt.Errorf("process %d (%s) is another user's", pid, p.name))
		}
		if p.gone(ctx) {
			return pid, p.forget()
		}
		if ctx.Err() != nil {
			return pid, ctx.Err()
		}
	}
	return pid, fmt.Errorf("process %d (%s) does not end", pid, p.name)
}

// gone waits for the end of the process, stopLimit at most.
func (p process) gone(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for p.pid() != 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (p process) forget() error {
	if err := os.Remove(p.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

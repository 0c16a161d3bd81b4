package node

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	// startLimit is how long ARI may take to answer; it takes a quarter of a second.
	startLimit = 15 * time.Second
	// stopLimit is how long a stop may be graceful before the process is killed.
	stopLimit = 5 * time.Second
)

// Node is a running Asterisk. One goroutine waits for the process and closes done.
type Node struct {
	o    Options
	cmd  *exec.Cmd
	tail *tail
	done chan struct{}
	err  error // set before done is closed
}

// Start renders the configuration, starts Asterisk and returns when its ARI answers. The context bounds
// the start only; the node runs until Stop or Kill, and dies with this process.
func Start(ctx context.Context, o Options) (*Node, error) {
	o = o.withDefaults()
	cmd, err := Command(context.WithoutCancel(ctx), o)
	if err != nil {
		return nil, err
	}
	n := &Node{o: o, cmd: cmd, tail: &tail{to: o.Log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = n.tail, n.tail
	cmd.WaitDelay = time.Second
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	// Ctrl-C at a terminal is for the caller to handle, in its own order.
	cmd.SysProcAttr.Setpgid = true
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start asterisk: %w", err)
	}
	go func() {
		n.err = cmd.Wait()
		close(n.done)
	}()
	if err := n.ready(ctx); err != nil {
		n.Kill()
		return nil, fmt.Errorf("%w; its last lines:\n%s", err, n.tail)
	}
	return n, nil
}

// ready waits for ARI, and gives up at once when the process ends.
func (n *Node) ready(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-n.done:
			cancel(fmt.Errorf("asterisk ended at its start: %w", errors.Join(n.err, errEnded)))
		case <-ctx.Done():
		}
	}()
	err := Ready(ctx, n.o)
	if err != nil && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

var errEnded = errors.New("process is gone")

// Command renders the configuration, checks that the ports are free and returns the process to start: in
// the foreground, as an ordinary user, its log on stdout. Kill by context is the caller's choice.
func Command(ctx context.Context, o Options) (*exec.Cmd, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	for _, p := range o.ports() {
		if err := p.Check(ctx); err != nil {
			return nil, err
		}
	}
	if err := Render(o); err != nil {
		return nil, err
	}
	return o.command(ctx, "-f", "-n")
}

// CLI runs one command on the node's console, such as "core show channels", and returns what it prints.
func CLI(ctx context.Context, o Options, line string) (string, error) {
	cmd, err := o.withDefaults().command(ctx, "-rx", line)
	if err != nil {
		return "", err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asterisk console %q: %w: %s", line, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

func (o Options) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	p, err := find(o.Root)
	if err != nil {
		return nil, err
	}
	who, err := o.account()
	if err != nil {
		return nil, err
	}
	argv := append(slices.Clip(p.argv), "-C", o.config())
	cmd := who.Command(ctx, append(argv, args...)...)
	cmd.Dir = "/"
	return cmd, nil
}

// CLI runs one command on the node's console and returns what it prints.
func (n *Node) CLI(ctx context.Context, line string) (string, error) { return CLI(ctx, n.o, line) }

// PID is the process id of Asterisk itself.
func (n *Node) PID() int { return n.cmd.Process.Pid }

// Options are what the node was started with, defaults filled in.
func (n *Node) Options() Options { return n.o }

// Done is closed when the process has ended.
func (n *Node) Done() <-chan struct{} { return n.done }

// Wait returns when the process has ended, with how it ended.
func (n *Node) Wait() error {
	<-n.done
	return n.err
}

// Stop ends the process gracefully, and kills it when that takes longer than five seconds or the context.
// It returns when the process is gone.
func (n *Node) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.Kill()
		return nil
	}
	select {
	case <-n.done:
		return nil
	case <-ctx.Done():
		n.Kill()
		return fmt.Errorf("stop asterisk: it did not end by itself and was killed: %w", ctx.Err())
	}
}

// Kill ends the process as a power cut would, and returns when it is gone.
func (n *Node) Kill() {
	// The only error is a process that has ended already.
	_ = n.cmd.Process.Kill()
	<-n.done
}

// Command stack sets up and runs the whole local system on loopback: Asterisk,
// Redis, the prompts and the gateway. The Makefile calls it.
//
//	go run ./cmd/stack setup|up|down|status|demo|test-tools
//
// Nothing of the system's own services or configuration is touched: every part
// is a private process with its folder below var/. Ports and folders are moved by
// the WEIBAO_ variables of [settings]. Exit: 0 good, 1 not all is up (status),
// 2 wrong use, 3 it could not be done; then the last line says what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `用法 usage: go run ./cmd/stack <verb>

  setup   准备工具、Asterisk、语音       tools, Asterisk and prompts
  up      准备、编译、启动、检查就绪     setup, build, start, wait until ready
  down    全部停止                       stop everything
  status  各部分是否在运行               what runs, and where
  demo    启动并演三通电话               up, then three calls are acted out

  test-tools  测试还需要的               what only the tests need
`

// Exit codes.
const (
	exitNotUp = 1
	exitUsage = 2
	exitStuck = 3
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if len(args) != 1 {
		_, _ = io.WriteString(stderr, usage)
		return exitUsage
	}
	set, err := readSettings(os.Getenv)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitUsage
	}
	s := &stack{settings: set, report: report{out: stdout}}
	verbs := map[string]func(context.Context) error{
		"setup": func(ctx context.Context) error { _, err := s.setup(ctx); return err },
		"up":    s.up, "down": s.down, "status": s.status, "demo": s.demo,
		"test-tools": s.testTools,
	}
	verb, ok := verbs[args[0]]
	if !ok {
		_, _ = io.WriteString(stderr, usage)
		return exitUsage
	}
	// Every part inherits the checkout as its folder: a closed one can not be entered by name.
	if err := os.Chdir(set.home); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitStuck
	}
	switch err := verb(ctx); {
	case err == nil:
		return 0
	case errors.Is(err, errNotUp):
		return exitNotUp
	default:
		explain(stderr, err)
		return exitStuck
	}
}

// stack is the local system: its settings, and where its steps are told.
type stack struct {
	settings
	report report
}

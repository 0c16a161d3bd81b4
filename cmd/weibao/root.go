package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// streams are where a command reads and writes: answers go to out, everything
// else to err.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// The exit codes of every command.
const (
	exitGood    = 0
	exitNo      = 1 // the answer is no: faults, another target than wanted, a broken chain
	exitWrong   = 2 // wrong use, or a configuration that is refused
	exitNotDone = 3 // could not be done: a port is taken, a server is away
)

// exitError ends a command with a code; without a cause nothing more is said.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return ""
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

func no() error                 { return &exitError{code: exitNo} }
func wrong(cause error) error   { return &exitError{code: exitWrong, cause: cause} }
func notDone(cause error) error { return &exitError{code: exitNotDone, cause: cause} }
func exitCode(err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &exit):
		return exit.code
	}
	return exitWrong // cobra's own errors are wrong use
}

func run(args []string, io streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer stop()
	root := newRoot(io)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && err.Error() != "" {
		fmt.Fprintln(io.err, "weibao:", err)
	}
	return exitCode(err)
}

// where are the flags that say where the configuration is.
type where struct {
	config  string // gateway.yaml
	configs string // the folder of the rest
}

func newRoot(io streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "weibao",
		Short: "未成年人保护热线话务网关 / the gateway of a child-protection hotline",
		Long: "未成年人保护热线话务网关。\n\n" +
			"退出码 / exit: 0 成功 good · 1 结论为否 the answer is no · 2 用法或配置有误 wrong use · 3 无法完成 could not be done",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	at := &where{}
	root.PersistentFlags().StringVar(&at.config, "config", "configs/gateway.yaml", "设置文件 settings file")
	root.PersistentFlags().StringVar(&at.configs, "configs", "configs", "配置目录 folder of plan, menus, queues, agents …")
	root.AddCommand(newServe(io, at), newCheck(io, at), newExplain(io, at), newGraph(io, at), newRecord(io, at), newDeliveries(io, at), newRehearse(io, at), newRota(io, at), newWaiting(io, at), newAgent(io, at), newVersion(io))
	return root
}

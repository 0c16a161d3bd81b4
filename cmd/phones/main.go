// Command phones plays the people of the demo: citizens, seats, the police and
// duty officers, each with a SIP telephone that speaks a tone and listens. It
// acts three calls out against a running system and prints each one's journey.
//
//	phones demo
//
// The system is found by the same WEIBAO_ variables that move it. Exit: 0 all
// went as it should, 1 it did not, 2 wrong use.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) != 1 || args[0] != "demo" {
		fmt.Fprintln(os.Stderr, "用法 usage: phones demo")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := demo(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "演示没有成功 the demo failed:", err)
		return 1
	}
	return 0
}

package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"weibao/asterisk/node"
)

// report tells each step in one line: Chinese first, English beside it, and how long it took.
type report struct{ out io.Writer }

// step does one step and tells it. What do returns is put behind the step's name.
func (r report) step(zh, en string, do func() (string, error)) error {
	began := time.Now()
	note, err := do()
	mark, took := "✓", time.Since(began).Seconds()
	if err != nil {
		mark = "✗"
	}
	if note != "" {
		note = ": " + note
	}
	r.say("%s %s %s%s … %.1fs", mark, zh, en, note, took)
	if err != nil {
		return fmt.Errorf("%s %s: %w", zh, en, err)
	}
	return nil
}

// say tells something that is no step.
func (r report) say(format string, args ...any) {
	// A terminal that went away must not stop a start half-way.
	_, _ = fmt.Fprintf(r.out, format+"\n", args...)
}

// stuckError is an error together with what the user can do about it.
type stuckError struct {
	err  error
	todo string
}

func (e *stuckError) Error() string { return e.err.Error() }

func (e *stuckError) Unwrap() error { return e.err }

func stuck(todo string, err error) error { return &stuckError{err: err, todo: todo} }

// explain prints an error and what to do.
func explain(w io.Writer, err error) {
	r := report{out: w}
	r.say("  错误 error: %v", err)
	todo := ""
	if e, ok := errors.AsType[*stuckError](err); ok {
		todo = e.todo
	}
	if e, ok := errors.AsType[*node.BusyPortError](err); ok {
		todo = fmt.Sprintf("停掉占用端口的程序，或换端口 stop what holds the port, or move ours: %s=%d make up", e.Variable, e.Number+10000)
	}
	if errors.Is(err, node.ErrMissing) {
		todo = "make setup"
	}
	if todo != "" {
		r.say("  怎么办 what to do: %s", todo)
	}
}

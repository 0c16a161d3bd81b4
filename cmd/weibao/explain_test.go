package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/configs"
	"weibao/routing"
)

func shippedSnapshot(t *testing.T) *configs.Snapshot {
	t.Helper()
	s, faults := configs.Read(configs.Shipped(), time.Now())
	if s == nil {
		t.Fatal(faults)
	}
	return s
}

// lived is a call that comes, presses keys and waits, as the gateway has it.
func lived(s *configs.Snapshot, arrived call.Arrived, keys string) call.Call {
	c, _ := call.Next(call.Call{}, arrived, s.Guide)
	at := arrived.When()
	for _, key := range keys {
		c, _ = call.Next(c, call.Pressed{At: call.At(at), Leg: arrived.Leg, Key: string(key)}, s.Guide)
	}
	for _, alarm := range []call.Alarm{"prompt", "key"} {
		if due, set := c.Alarms[alarm]; set && c.Phase == call.InMenu {
			c, _ = call.Next(c, call.Alarmed{At: call.At(due), Alarm: alarm}, s.Guide)
		}
	}
	return c
}

func TestExplainSaysWhatTheCallItselfDoes(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	at := time.Date(2026, time.October, 1, 2, 0, 0, 0, routing.Beijing())
	for _, region := range s.Guide.Regions.All() {
		for _, keys := range []string{"", "6", "9", "66"} {
			for _, facts := range []map[string]string{nil, {routing.FactRepeat: routing.RepeatLost}} {
				c := lived(s, call.Arrived{
					At: call.At(at), Call: "C1", Leg: "L1", Dialled: "12345", Region: region.Code, Caller: "013800000001", Facts: facts,
				}, keys)
				d := c.Search.Decision
				e, err := explain(s, question{
					dialled: "12345", region: region.Code, caller: "013800000001", keys: keys, facts: facts, at: d.At.Format(time.RFC3339Nano),
				})
				if err != nil {
					t.Fatal(err)
				}
				steps := make([]string, len(d.Steps))
				for i, step := range d.Steps {
					steps[i] = step.Target.String()
				}
				var trace []routing.Check
				for _, check := range e.Trace {
					trace = append(trace, check.Check)
				}
				got := []any{e.Region, e.Keys, e.Intent, e.Missed, e.Route, e.Priority, targets(e), trace}
				want := []any{c.Region, c.Walk.Keys, c.Walk.Intent, c.Walk.Missed, d.Route, d.Priority, steps, d.Trace}
				if diff := cmp.Diff(want, got); diff != "" || d.Route == "" {
					t.Errorf("%s, keys %q: the call and explain differ:\n%s", region.Code, keys, diff)
				}
			}
		}
	}
}

func targets(e explanation) []string {
	to := make([]string, len(e.Steps))
	for i, step := range e.Steps {
		to[i] = step.To
	}
	return to
}

func TestAnExplanationWithoutTimeIsOfNow(t *testing.T) {
	t.Parallel()
	before := time.Now()
	e, err := explain(shippedSnapshot(t), question{dialled: "12345"})
	if err != nil || e.At.Before(before.Truncate(time.Second)) || len(e.Steps) == 0 {
		t.Errorf("%v at %s", err, e.At)
	}
	if _, err := explain(shippedSnapshot(t), question{at: "soon"}); err == nil {
		t.Error("a time that is none was taken")
	}
}

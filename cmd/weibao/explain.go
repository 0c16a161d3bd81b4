package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/call"
	"weibao/configs"
	"weibao/ivr"
	"weibao/routing"
)

// explanation is where a call would go, and why.
type explanation struct {
	Region string          `json:"region"`
	Caller string          `json:"caller"` // how the caller's number is understood
	Menu   string          `json:"menu"`
	Intent string          `json:"intent"`
	Missed string          `json:"missed,omitempty"`
	Route  string          `json:"route"`
	Steps  []explainedStep `json:"steps"`
	Trace  []routing.Check `json:"trace"`
	Guide  string          `json:"guide"`
}

type explainedStep struct {
	To      string   `json:"to"`
	After   string   `json:"after"`
	Numbers []string `json:"numbers,omitempty"`
}

// question is what explain is asked.
type question struct {
	dialled, caller, region, keys, at, want string
	json                                    bool
}

func newExplain(io streams, at *where) *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use: "explain", Short: "这个电话会转到哪里，为什么 where would this call go, and why", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			snapshot, err := load(io, at)
			if err != nil {
				return err
			}
			e, err := explain(snapshot, q)
			if err != nil {
				return wrong(err)
			}
			if err := e.print(io, q.json); err != nil {
				return notDone(err)
			}
			if q.want != "" && !slices.ContainsFunc(e.Steps, func(s explainedStep) bool { return s.To == q.want }) {
				fmt.Fprintf(io.err, "不会转到 %s (never goes there)\n", q.want)
				return no()
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.dialled, "dialled", "12345", "所拨号码 number dialled")
	f.StringVar(&q.caller, "caller", "", "来电号码 caller's number")
	f.StringVar(&q.region, "region", "", "来电地区代码 X-Region, a six-digit code")
	f.StringVar(&q.keys, "keys", "", "按键 keys pressed; empty: none")
	f.StringVar(&q.at, "at", "", "时间 RFC 3339, e.g. 2026-10-01T02:00+08:00; empty: now")
	f.StringVar(&q.want, "want", "", "应到达的目标 a target that must be among the steps, e.g. queue:changchun")
	f.BoolVar(&q.json, "json", false, "以 JSON 输出 as JSON")
	return cmd
}

// explain asks the same functions that decide for a real call.
func explain(s *configs.Snapshot, q question) (explanation, error) {
	at, err := instant(q.at)
	if err != nil {
		return explanation{}, err
	}
	g := s.Guide
	region := call.RegionOf(g, q.region, q.dialled)
	walk, _ := g.Menus.Start(region)
	known := routing.Normalise(q.caller, g.Regions, region)
	e := explanation{Caller: strings.TrimSpace(known.Kind.String() + " " + known.E164.Masked()), Region: region, Menu: walk.Menu, Guide: s.Version}
	for _, key := range append(keys(q.keys), "") {
		walk, _ = g.Menus.Next(walk, ivr.Input{Key: key})
	}
	d := g.Plan.Decide(call.Request(call.Call{
		Dialled: q.dialled, Region: region, Number: routing.Number(q.caller), Walk: walk,
	}, at))
	e.Intent, e.Missed, e.Route, e.Trace = walk.Intent, walk.Missed, d.Route, d.Trace
	for _, step := range d.Steps {
		shown := explainedStep{To: step.Target.String(), After: step.After.String()}
		if step.Target.Kind == routing.ToDuty {
			if duty, on := g.Rotas.On(g.Regions, step.Target.Name, at); on {
				shown.Numbers = duty.Numbers
			}
		}
		e.Steps = append(e.Steps, shown)
	}
	return e, nil
}

func keys(s string) []string {
	pressed := make([]string, 0, len(s))
	for _, key := range s {
		pressed = append(pressed, string(key))
	}
	return pressed
}

// instant reads a time, to the second or to the minute.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q: 写成 2026-10-01T02:00+08:00 (want RFC 3339)", s)
}

func (e explanation) print(io streams, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(io.out)
		out.SetIndent("", "  ")
		return out.Encode(e)
	}
	fmt.Fprintf(io.out, "地区 region %s，语音菜单 menu %s，意图 intent %s%s\n", e.Region, e.Menu, e.Intent, missedWords(e.Missed))
	fmt.Fprintf(io.out, "来电号码 caller %s\n", e.Caller)
	for _, check := range e.Trace {
		mark := "✗"
		if check.Held {
			mark = "✓"
		}
		fmt.Fprintf(io.out, "  %s %s: %s → %s\n", mark, check.Rule, check.Test, check.Got)
	}
	fmt.Fprintf(io.out, "路由 route %s\n", e.Route)
	for i, step := range e.Steps {
		fmt.Fprintf(io.out, "  %d. %s（等待 %s 后，无人可接则立即 after, or at once when nobody can serve）", i+1, step.To, step.After)
		for _, number := range step.Numbers {
			fmt.Fprintf(io.out, " %s", routing.Number(number).Masked())
		}
		fmt.Fprintln(io.out)
	}
	return nil
}

func missedWords(missed string) string {
	switch missed {
	case ivr.MissedSilence:
		return "（未按键 no key）"
	case ivr.MissedWrong:
		return "（按键不在菜单中 a key that the menu has not）"
	}
	return ""
}

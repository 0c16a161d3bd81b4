package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/routing"
)

// question is what explain is asked, and how it is to answer.
type question struct {
	dialled, caller, region, trunk, keys string
	// at is as configs.Instant reads it; empty: now.
	at    string
	facts map[string]string
	load  configs.Loads
	// places are where the matter is, for the jurisdiction.
	places []string
	json   bool
	lang   string // "zh" or "en"
}

// asked are the flags of explain as they are written.
type asked struct {
	question
	facts, load, want []string
	record            string
}

func newExplain(io streams, at *where) *cobra.Command {
	var a asked
	cmd := &cobra.Command{
		Use: "explain", Short: "这个电话会转到哪里，为什么 where would this call go, and why", Long: explainHelp, Example: explainExamples,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.record != "" {
				return explainRecord(cmd.Context(), io, at, a.record, a.question)
			}
			snapshot, err := load(io, at)
			if err != nil {
				return err
			}
			c, err := a.read(snapshot)
			if err != nil {
				return wrong(err)
			}
			e, err := explain(snapshot, a.question)
			if err != nil {
				return wrong(err)
			}
			e.Want = e.expect(c.Want)
			if err := e.print(io, a.json); err != nil {
				return notDone(err)
			}
			return e.verdict(io)
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.dialled, "dialled", "12345", "所拨号码 number dialled")
	f.StringVar(&a.caller, "caller", "", "来电号码；不写就是没有显示 caller's number; empty: withheld")
	f.StringVar(&a.region, "region", "", "线路带来的地区代码 X-Region, a six-digit code")
	f.StringVar(&a.trunk, "trunk", "", "从哪条中继线进来 line group")
	f.StringVar(&a.keys, "keys", "", "按键；不写就是没有按 keys pressed; empty: none")
	f.StringVar(&a.at, "at", "", "时间，如 2026-10-01T02:00+08:00；不写就是现在 RFC 3339; empty: now")
	f.StringArrayVar(&a.facts, "fact", nil, "关于来电人：repeat=lost、risk=flagged、risk=limited（可多次）known of the caller")
	f.StringArrayVar(&a.load, "load", nil, "队列=在等的人/在岗的坐席，如 yanbian=5/1；none 是哪里都没有坐席（可多次）WAITING/SEATS; none: no seat anywhere")
	f.StringSliceVar(&a.places, "places", nil, "事情涉及的地方的代码，逗号分开，看由哪一级处理 where the matter is: whose is it?")
	f.StringArrayVar(&a.want, "want", nil, "应到达的去处，如 queue:changchun、duty:222400（可多次）a target that must be among the steps")
	f.StringVar(&a.record, "record", "", "一通已结束的来电：用它当时的配置再解释一次 a call that is over, by the configuration it had")
	f.BoolVar(&a.json, "json", false, "以 JSON 输出 as JSON")
	f.StringVar(&a.lang, "lang", "zh", "zh | en")
	return cmd
}

// read checks the flags and brings them into the question.
func (a *asked) read(s *configs.Snapshot) (configs.Case, error) {
	c := configs.Case{
		Dialled: a.dialled, Caller: a.caller, Region: a.region, Trunk: a.trunk, Keys: a.keys, At: a.at,
		Facts: make(map[string]string), Load: a.load, Places: a.places, Want: configs.Want{Reaches: a.want},
	}
	if a.lang != "zh" && a.lang != "en" {
		return c, fmt.Errorf("--lang %q: 写 zh 或 en (want zh or en)", a.lang)
	}
	for _, fact := range a.facts {
		name, value, found := strings.Cut(fact, "=")
		if !found {
			return c, fmt.Errorf("--fact %q: 写成 repeat=lost (want NAME=VALUE)", fact)
		}
		c.Facts[name] = value
	}
	flags := map[string]string{"facts": "fact", "want": "want"}
	var errs []error
	for _, fault := range c.Check(s) {
		part := fault.Path[:strings.IndexAny(fault.Path+".", ".[")]
		fault.File = "--" + part
		if flag, other := flags[part]; other {
			fault.File = "--" + flag
		}
		errs = append(errs, errors.New(fault.String()))
	}
	a.question.facts, a.question.load = c.Facts, c.Loads()
	return c, errors.Join(errs...)
}

// instant reads a time, to the second or to the minute; empty is now.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	at, ok := configs.Instant(s)
	if !ok {
		return at, fmt.Errorf("时间 %q: 写成 2026-10-01T02:00+08:00 (want RFC 3339)", s)
	}
	return at, nil
}

// expectation is one thing that was wanted of an answer, and whether it is so.
type expectation struct {
	// What is route, region, steps, reaches, on_duty, priority or handles.
	What string `json:"what"`
	Want string `json:"want"`
	Got  string `json:"got"`
	Held bool   `json:"held"`
}

// expect compares an answer with what is wanted of it.
func (e *explanation) expect(w configs.Want) []expectation {
	var met []expectation
	same := func(what, want, got string) {
		if want != "" {
			met = append(met, expectation{What: what, Want: want, Got: got, Held: want == got})
		}
	}
	among := func(what string, wants, got []string) {
		for _, want := range wants {
			met = append(met, expectation{What: what, Want: want, Got: strings.Join(got, ", "), Held: slices.Contains(got, want)})
		}
	}
	targets := make([]string, len(e.Steps))
	for i, step := range e.Steps {
		targets[i] = step.To
	}
	same("region", w.Region, e.Region)
	same("route", w.Route, e.Route)
	same("steps", strings.Join(maskedTargets(w.Steps), ", "), strings.Join(targets, ", "))
	among("reaches", maskedTargets(w.Reaches), targets)
	among("on_duty", w.OnDuty, e.onDuty())
	if w.Priority != nil {
		same("priority", fmt.Sprint(*w.Priority), fmt.Sprint(e.Priority))
	}
	handles := ""
	if e.Places != nil {
		handles = e.Places.Unit
	}
	same("handles", w.Handles, handles)
	return met
}

// onDuty are the names and masked numbers of all who are rung by telephone, in
// their order.
func (e *explanation) onDuty() []string {
	var people []string
	for _, step := range e.Steps {
		if step.Duty == nil {
			continue
		}
		for _, officer := range step.Duty.Officers {
			for _, known := range append([]string{officer.Name}, officer.Numbers...) {
				if !slices.Contains(people, known) {
					people = append(people, known)
				}
			}
		}
	}
	return people
}

// maskedTargets are targets as an answer shows them.
func maskedTargets(targets []string) []string {
	shown := make([]string, len(targets))
	for i, target := range targets {
		shown[i] = maskNumbers(target)
	}
	return shown
}

// verdict says what is not as it was wanted, and ends with no then.
func (e *explanation) verdict(io streams) error {
	bad := 0
	for _, x := range e.Want {
		if x.Held {
			continue
		}
		bad++
		target, _ := routing.ParseTarget(x.Want) // checked before
		fmt.Fprintf(io.err, e.words("不会转到 %s（%s）\n", "it never goes to %s (%s)\n"), x.Want, e.speech.Target(target))
	}
	if bad > 0 {
		return no()
	}
	return nil
}

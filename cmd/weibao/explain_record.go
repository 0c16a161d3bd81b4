package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/record"
)

// explainedRecord is a call that is over, explained again by the configuration
// that it arrived with, beside what its record says.
type explainedRecord struct {
	Call  call.ID     `json:"call"`
	Guide string      `json:"guide"`
	At    time.Time   `json:"at"` // of the decision
	Did   deed        `json:"did"`
	Now   explanation `json:"now"`
	// Differs names what the record says otherwise; empty: both agree.
	Differs []string `json:"differs"`
}

// deed is what a record says that was done.
type deed struct {
	Region  string       `json:"region"`
	Intent  string       `json:"intent"`
	Missed  string       `json:"missed,omitempty"`
	Route   string       `json:"route"`
	Steps   []string     `json:"steps"` // that were begun
	Agent   string       `json:"agent,omitempty"`
	Outcome call.Outcome `json:"outcome"`
}

// explainRecord explains a call that is over: the version that it kept comes
// from the database, so that it can be a year old. It ends with no when the
// same decision, taken again, is another than the record says.
func explainRecord(ctx context.Context, io streams, at *where, id string, q question) error {
	r, kept, err := recorded(ctx, at, call.ID(id))
	if err != nil {
		return err
	}
	e, err := explainAgain(r, kept, q.lang)
	if err != nil {
		return err
	}
	if q.json {
		out := json.NewEncoder(io.out)
		out.SetIndent("", "  ")
		if err := out.Encode(e); err != nil {
			return notDone(err)
		}
	} else {
		e.print(io)
	}
	if len(e.Differs) > 0 {
		return no()
	}
	return nil
}

// recorded finds the record of a call and the configuration that it kept.
func recorded(ctx context.Context, at *where, id call.ID) (r record.Record, kept record.GuideText, err error) {
	err = withStore(ctx, at, func(store record.Store) error {
		var err error
		if r, err = store.Get(ctx, id); err != nil {
			return notDone(fmt.Errorf("记录 %s 找不到 (record): %w", id, err))
		}
		if kept, err = store.Guide(ctx, r.Guide); err != nil {
			return notDone(fmt.Errorf("这通电话当时的配置 %s 找不到 (its configuration): %w", r.Guide, err))
		}
		return nil
	})
	return r, kept, err
}

// explainAgain takes the decision of a record again, at the same instant.
func explainAgain(r record.Record, kept record.GuideText, lang string) (explainedRecord, error) {
	e := explainedRecord{Call: r.ID, Guide: r.Guide, At: r.ArrivedAt.Time, Did: deed{
		Region: r.Region, Intent: r.Intent, Missed: r.Missed, Route: r.Route, Steps: []string{}, Agent: string(r.Agent), Outcome: r.Outcome,
	}, Differs: []string{}}
	for _, entry := range r.Journey {
		switch entry.What {
		case "ROUTE": // a caller who is served again is decided about again; the record has the last
			e.At, e.Did.Steps = entry.At.Time, []string{}
		case "STEP":
			e.Did.Steps = append(e.Did.Steps, maskNumbers(entry.More))
		}
	}
	s, faults, err := configs.ReadText(kept.Text, e.At)
	if err != nil {
		return e, notDone(fmt.Errorf("配置 %s: %w", r.Guide, err))
	}
	if s == nil {
		return e, notDone(fmt.Errorf("配置 %s 用现在的程序读不通 (does not read any more):\n%w", r.Guide, faults.Err()))
	}
	e.Now, err = explain(s, question{
		dialled: r.Dialled, caller: string(r.Caller), region: r.Region, trunk: r.Trunk, keys: r.Keys, facts: r.Facts,
		at: e.At.Format(time.RFC3339Nano), lang: lang,
	})
	if err != nil {
		return e, notDone(err)
	}
	e.compare(s.Version)
	return e, nil
}

// compare fills Differs. A call that ended before anything was decided has no
// route to differ in, and of the steps only those that were begun are known.
func (e *explainedRecord) compare(version string) {
	steps := make([]string, len(e.Now.Steps))
	for i, step := range e.Now.Steps {
		steps[i] = step.To
	}
	for _, check := range []struct {
		zh, en   string
		was, now any
		agrees   bool
	}{
		{"配置版本", "version", e.Guide, version, e.Guide == version},
		{"地区", "region", e.Did.Region, e.Now.Region, e.Did.Region == e.Now.Region},
		{"来意", "intent", e.Did.Intent, e.Now.Intent, e.Did.Intent == e.Now.Intent || e.Did.Route == ""},
		{"没有选择", "missed", e.Did.Missed, e.Now.Missed, e.Did.Missed == e.Now.Missed || e.Did.Route == ""},
		{"路由", "route", e.Did.Route, e.Now.Route, e.Did.Route == e.Now.Route || e.Did.Route == ""},
		{"步骤", "steps", e.Did.Steps, steps, len(e.Did.Steps) <= len(steps) && slices.Equal(e.Did.Steps, steps[:len(e.Did.Steps)])},
	} {
		if !check.agrees {
			e.Differs = append(e.Differs, fmt.Sprintf(e.Now.words("%[1]s：当时 %[3]v，现在 %[4]v", "%[2]s: %[3]v then, %[4]v now"), check.zh, check.en, check.was, check.now))
		}
	}
}

// print tells it in the language of the explanation.
func (e explainedRecord) print(io streams) {
	line := func(zh, en string, args ...any) { fmt.Fprintf(io.out, e.Now.words(zh, en)+"\n", args...) }
	line("来电 %s，%s，用它当时的配置 %s：", "Call %s, %s, by its own configuration %s:", e.Call, e.At.Format("2006-01-02 15:04:05 -07:00"), e.Guide)
	e.Now.tell(io.out)
	line("\n记录：路由“%s”，结果 %s，坐席 %s", "\nThe record: route “%s”, outcome %s, agent %s", e.Did.Route, e.Did.Outcome, e.Did.Agent)
	for i, step := range e.Did.Steps {
		line("  %[1]d. %[2]s", "  %[1]d. %[2]s", i+1, step)
	}
	if e.Did.Route == "" {
		line("还没有找人就结束了，以上是本来会去的地方", "It ended before anybody was looked for; this is where it would have gone.")
	}
	for _, differs := range e.Differs {
		line("✗ %[1]s", "✗ %[1]s", differs)
	}
	if len(e.Differs) == 0 {
		line("✓ 与记录一致", "✓ agrees with the record")
	}
}

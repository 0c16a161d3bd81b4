package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"weibao/configs"
)

// casesReport is what check --cases --json answers.
type casesReport struct {
	Faults configs.Faults `json:"faults"`
	Cases  []judgedCase   `json:"cases"`
}

// judgedCase is one case and what came.
type judgedCase struct {
	Name        string        `json:"name"`
	Held        bool          `json:"held"`
	Want        []expectation `json:"want"`
	Explanation explanation   `json:"explanation"`
}

// judge explains every case of a file and compares it with what is wanted.
func judge(s *configs.Snapshot, file, lang string) (casesReport, error) {
	if _, err := os.Stat(file); err != nil {
		return casesReport{}, wrong(fmt.Errorf("--cases: %w", err))
	}
	cases, faults := configs.ReadCases(os.DirFS(filepath.Dir(file)), filepath.Base(file), s)
	report := casesReport{Faults: append(configs.Faults{}, faults...), Cases: []judgedCase{}}
	if len(faults) > 0 {
		return report, nil
	}
	for _, c := range cases {
		e, err := explain(s, question{
			dialled: c.Number(), caller: c.Caller, region: c.Region, trunk: c.Trunk, keys: c.Keys, at: c.At,
			facts: c.Facts, load: c.Loads(), places: c.Places, lang: lang,
		})
		if err != nil {
			return report, wrong(err)
		}
		e.Want = e.expect(c.Want)
		judged := judgedCase{Name: c.Name, Held: true, Want: e.Want, Explanation: e}
		for _, x := range e.Want {
			judged.Held = judged.Held && x.Held
		}
		report.Cases = append(report.Cases, judged)
	}
	return report, nil
}

// answer prints a report, and ends with no when something is not as wanted.
func (r casesReport) answer(io streams, asJSON bool) error {
	good := 0
	for _, c := range r.Cases {
		if c.Held {
			good++
		}
	}
	switch {
	case asJSON:
		out := json.NewEncoder(io.out)
		out.SetIndent("", "  ")
		if err := out.Encode(r); err != nil {
			return notDone(err)
		}
	case len(r.Faults) > 0:
		fmt.Fprintln(io.out, r.Faults)
	default:
		for _, c := range r.Cases {
			c.print(io)
		}
		fmt.Fprintf(io.out, "%d 条来电，%d 条符合 (%d cases, %d as wanted)\n", len(r.Cases), good, len(r.Cases), good)
	}
	if len(r.Faults) > 0 || good < len(r.Cases) {
		return no()
	}
	return nil
}

// print says whether a case is as wanted; if not, what came and why.
func (c *judgedCase) print(io streams) {
	fmt.Fprintf(io.out, "%s %s\n", mark(c.Held), c.Name)
	if c.Held {
		return
	}
	e := &c.Explanation
	for _, x := range c.Want {
		if !x.Held {
			fmt.Fprintf(io.out, e.words("    %s：应为 %s，结果是 %s\n", "    %s: want %s, got %s\n"), e.expected(x.What), x.Want, x.Got)
		}
	}
	var told bytes.Buffer
	e.tell(&told)
	for line := range strings.Lines(told.String()) {
		fmt.Fprint(io.out, strings.TrimRight("    | "+line, " \n"), "\n")
	}
}

// expected names what was compared.
func (e *explanation) expected(what string) string {
	words := map[string][2]string{
		"region": {"地区", "region"}, "route": {"路由", "route"}, "steps": {"步骤", "steps"}, "reaches": {"会转到", "reaches"},
		"on_duty": {"值班", "on duty"}, "priority": {"优先级", "priority"}, "handles": {"由谁处理", "handled by"},
	}
	return e.words(words[what][0], words[what][1])
}

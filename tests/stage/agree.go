package stage

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/record"
	"weibao/routing"
)

// explained is what the audit reads of the answer of "weibao explain".
type explained struct {
	Guide string          `json:"guide"`
	Route string          `json:"route"`
	Trace []routing.Check `json:"trace"`
}

// mostExplained bounds how many calls of a play are explained again.
const mostExplained = 8

// agrees asks "weibao explain" about the calls of the play: with the same
// questions it must come to the decision that the gateway came to, check by
// check.
func (s *Stage) agrees() {
	s.t.Helper()
	if s.t.Failed() {
		return // the cause has been told
	}
	var rows []record.Record
	s.desk.list("/records", &rows)
	asked := 0
	for _, row := range rows {
		var r record.Record
		s.desk.must("GET", "/records/"+string(row.ID), nil, &r)
		forgotten := slices.ContainsFunc(r.Journey, func(e record.Entry) bool {
			return e.What == "RESUME" && !strings.Contains(e.More, call.FromSnapshot)
		})
		if r.Route == "" || forgotten || asked == mostExplained {
			continue // it never looked for a person, or did so without its menu after a restart
		}
		asked++
		s.agree(r)
	}
}

func (s *Stage) agree(r record.Record) {
	s.t.Helper()
	question := []string{
		"explain", "--json", "--configs", s.path("configs"), "--dialled", r.Dialled, "--region", r.Region,
		"--trunk", r.Trunk, "--keys", r.Keys, "--at", r.ArrivedAt.Format(time.RFC3339),
	}
	for _, e := range r.Journey {
		if e.What == "URGENT" && !strings.HasSuffix(r.Keys, e.More) { // pressed in line, after the keys of the menu
			question = append(question, "--keys", r.Keys+e.More)
		}
	}
	for _, c := range r.Trace {
		if (c.Fact == routing.FactRepeat || c.Fact == routing.FactRisk) && c.Got != "" {
			question = append(question, "--fact", c.Fact+"="+c.Got)
		}
	}
	binary, err := s.build()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.ctx, binary, question...)
	out, err := cmd.Output()
	if err != nil {
		s.t.Errorf("weibao %v: %v", question, err)
		return
	}
	var e explained
	if err := json.Unmarshal(out, &e); err != nil {
		s.t.Errorf("weibao %v: %v", question, err)
		return
	}
	if e.Guide != r.Guide {
		return // the files have changed since the call came
	}
	same := slices.EqualFunc(e.Trace, r.Trace, func(a, b routing.Check) bool {
		return a.Rule == b.Rule && a.Fact == b.Fact && a.Held == b.Held
	})
	if e.Route != r.Route || !same {
		s.t.Errorf("the gateway took %s by %v\nexplain takes %s by %v", r.Route, r.Trace, e.Route, e.Trace)
	}
}

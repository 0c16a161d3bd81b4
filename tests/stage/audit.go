package stage

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"

	"weibao/record"
)

// CallOf is the live call of a citizen: the only one, or the newest.
func (s *Stage) CallOf(*Person) LiveCall {
	s.t.Helper()
	calls := s.Calls()
	if len(calls) == 0 {
		s.t.Fatal("there is no live call")
	}
	return calls[len(calls)-1]
}

// InPhase waits until the citizen's call is in a phase.
func (s *Stage) InPhase(p *Person, phase string) LiveCall {
	s.t.Helper()
	var c LiveCall
	s.Until("the call is "+phase, func() bool {
		for _, c = range s.Calls() {
			if c.Phase == phase {
				return true
			}
		}
		return false
	})
	return c
}

// InTransfer waits until a transfer is in a phase; "none" for back with the
// seat.
func (s *Stage) InTransfer(id, phase string) LiveCall {
	s.t.Helper()
	var found LiveCall
	s.Until("the transfer is "+phase, func() bool {
		for _, found = range s.Calls() {
			if found.ID != id {
				continue
			}
			over := found.Transfer == nil || found.Transfer.Outcome != ""
			return over && phase == "none" || !over && found.Transfer.Phase == phase
		}
		return false
	})
	return found
}

// Records are the records of a citizen's calls, as the list shows them.
func (s *Stage) Records(p *Person) []record.Record {
	s.t.Helper()
	var rows []record.Record
	s.desk.list("/records?caller="+p.Name, &rows)
	return rows
}

// Record waits for the record of a citizen's call: there is exactly one.
func (s *Stage) Record(p *Person) record.Record {
	s.t.Helper()
	var rows []record.Record
	s.Until("there is a record of "+p.Name, func() bool {
		rows = s.Records(p)
		return len(rows) > 0
	})
	if len(rows) != 1 {
		s.t.Fatalf("%d records of %s", len(rows), p.Name)
	}
	var whole record.Record
	s.desk.must(http.MethodGet, "/records/"+string(rows[0].ID), nil, &whole)
	if whole.Alone != 0 {
		s.t.Errorf("%s was alone for %d ms", p.Name, whole.Alone)
	}
	return whole
}

// settled waits until every call is over and the ledger is closed.
func (s *Stage) settled() {
	s.t.Helper()
	if s.t.Failed() {
		return // the cause has been told; a call may hang about for good reason
	}
	s.Until("every call is over", func() bool { return len(s.Calls()) == 0 })
	s.Until("the ledger is 0 (a difference is named in the log)", func() bool { return s.Metric("weibao_ledger") == 0 })
	for _, promise := range []string{
		"weibao_alone_seconds", "weibao_hung_up_by_system_total", "weibao_police_unfiled_total",
		"weibao_filings_unconcluded_total", "weibao_floor_clashes_total", "weibao_records_unkept_total", "weibao_call_faults_total",
		"weibao_ledger_alarms_total",
	} {
		if n := s.Metric(promise); n != 0 {
			s.t.Errorf("%s is %v, must be 0", promise, n)
		}
	}
	s.Until("Asterisk has no channel left", func() bool {
		ctx, cancel := s.wait()
		defer cancel()
		out, err := s.node.CLI(ctx, "core show channels count")
		return err == nil && strings.HasPrefix(out, "0 active channels")
	})
}

// Metric reads one gauge or counter: the sum over its labels, or where the name
// has labels that one series.
func (s *Stage) Metric(name string) float64 {
	s.t.Helper()
	sum, found := s.metric(name)
	if !found {
		s.t.Fatalf("there is no metric %s", name)
	}
	return sum
}

// Count reads a counter with labels, which is not there before it counts.
func (s *Stage) Count(name string) float64 {
	s.t.Helper()
	sum, _ := s.metric(name)
	return sum
}

func (s *Stage) metric(name string) (sum float64, found bool) {
	s.t.Helper()
	ctx, cancel := s.wait()
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("/metrics"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		series, value, ok := strings.Cut(strings.TrimSpace(string(line)), " ")
		if family, _, _ := strings.Cut(series, "{"); !ok || family != name && series != name {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			s.t.Fatalf("metric %s: %v", line, err)
		}
		sum, found = sum+n, true
	}
	return sum, found
}

// Weibao runs the product's command line against the stage.
func (s *Stage) Weibao(args ...string) (string, error) {
	s.t.Helper()
	binary, err := s.build()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = s.dir
	cmd.Env = append(cmd.Environ(), s.environment()...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// audit looks at what a stage leaves behind.
func (s *Stage) audit() {
	s.t.Helper()
	if out, err := s.Weibao("record", "verify", "--config", s.path("configs", "gateway.yaml")); err != nil {
		s.t.Errorf("the journal's chain: %v\n%s", err, out)
	}
}

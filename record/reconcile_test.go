package record

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/routing"
)

// withPolice is a call of seat 1001 from which 110 was dialled, with that filing.
func withPolice(id, filing string) call.Call {
	c := hungUp(id, "13812345678", 0)
	c.FollowUp, c.Ending, c.Agent = call.FollowUp{}, call.Ending{Outcome: call.HandedOver}, "1001"
	c.Legs = []call.Leg{{ID: call.LegID(id)}, {ID: call.LegID(id + "-2"), Role: call.Police, Number: "0433110", DialledAt: at(1)}}
	c.Transfers = []call.Transfer{{
		To: routing.Target{Kind: routing.ToPolice}, Files: true, Filing: filing,
		Attempts: []call.Attempt{{Number: "0433110", Leg: call.LegID(id + "-2"), DialledAt: at(1)}},
	}}
	return c
}

// breaches lists what promise 3 leaves owed: id, kind, owner.
func breaches(t *testing.T, r *Registry, now time.Time) string {
	t.Helper()
	if err := r.Reconcile(t.Context(), now, "supervisors"); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	open, err := r.store.OpenOwed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := ""
	for _, o := range open {
		list += fmt.Sprintf("%s %s %s %t\n", o.ID, o.Kind, o.Owner, o.Due.Equal(now.Add(putRight).Truncate(time.Millisecond)))
	}
	return list
}

func TestACallTo110WithoutAFilingAndAFilingWithoutOutcomeHaveAnOwnerUntilTheyArePutRight(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	r := registry(t, Options{Store: emptyStore(t), Metrics: reg})
	good, err := r.File(t.Context(), call.Filing{Call: "01A", Agent: "1001", MadeAt: at(1)})
	if err != nil {
		t.Fatal(err)
	}
	bad, err := r.File(t.Context(), call.Filing{Call: "01B", Agent: "1001", MadeAt: at(1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []call.Call{withPolice("01A", good), withPolice("01B", bad), withPolice("01C", "")} {
		if err := r.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Conclude(t.Context(), call.CloseNotice{Number: good, Outcome: "handed_over"}); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	now := at(600)
	want := "unfiled:01C-2 unfiled supervisors true\nunconcluded:" + bad + " unconcluded 1001 true\n"
	if got := breaches(t, r, now); got != want && got != "unconcluded:"+bad+" unconcluded 1001 true\nunfiled:01C-2 unfiled supervisors true\n" {
		t.Errorf("owed\n%swant\n%s", got, want)
	}
	if again, err := r.OpenFollowUps(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("nobody is to be rung for these: %+v, %v", again, err)
	}
	if err := r.Refresh(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]float64{"unfiled": 1, "unconcluded": 1, "contact": 0} {
		if got := testutil.ToFloat64(r.metrics.open.WithLabelValues(kind)); got != want {
			t.Errorf("gauge of %s is %v, want %v", kind, got, want)
		}
	}
	if got := testutil.ToFloat64(r.metrics.alarms.WithLabelValues(alarmUnfiled)); got != 1 {
		t.Errorf("alarms %v, want one for each breach however often it is looked for", got)
	}
	if err := r.Conclude(t.Context(), call.CloseNotice{Number: bad, Outcome: "not_reached"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Settle(t.Context(), call.Settlement{ID: "unfiled:01C-2", Outcome: call.Closed, By: "1019", Note: "已电话补报备"}); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	for range 2 { // what a person has closed is not opened again
		if got := breaches(t, r, now.Add(time.Minute)); got != "" {
			t.Errorf("still owed\n%s", got)
		}
	}
}

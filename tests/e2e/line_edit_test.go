package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/tests/stage"
)

func TestTheFilesAreEditedWhileFiftyWaitAndNobodyIsLostOrLosesItsPlace(t *testing.T) {
	t.Parallel()
	s := stage.New(t, noRest(), stage.With(planFile, "after: 10s", "after: 4m"), stage.With(planFile, "after: 20s", "after: 5m"),
		stage.With(planFile, "after: 40s", "after: 6m"), stage.With(planFile, "after: 2m", "after: 7m"))
	li := s.Seat("1001")
	first := s.Citizen("13800000099")
	first.ComesBy("220100")
	li.Answers()
	first.Hears(li)
	began := time.Now()
	line := s.Crowd(50)
	for i, child := range line {
		child.ComesBy("220100")
		s.Until("one more waits", func() bool { return len(s.Waiting()) == i+1 })
	}
	t.Logf("fifty wait after %s", time.Since(began).Round(time.Millisecond))
	before := s.Waiting()
	s.Write("queues.yaml", strings.ReplaceAll(s.Text("queues.yaml"), "ring_for: 15s", "ring_for: 20s"))
	const lina = `name: 李娜, region: "220100", queues: [changchun`
	s.Write("agents.yaml", strings.ReplaceAll(s.Text("agents.yaml"), lina, lina+", province"))
	s.Replace(planFile, marked(s.Text(planFile)))
	s.InUse(s.Version())
	if after := s.Waiting(); !slices.Equal(before, after) {
		t.Errorf("the line was\n%v\nand is\n%v", before, after)
	}
	first.HangsUp()
	for _, child := range line[:3] {
		li.IsLeft()
		li.Answers()
		child.Hears(li)
		child.HangsUp()
	}
	li.Is("away")
	for _, child := range line[3:] {
		child.HangsUp()
	}
	for i, child := range line {
		want := call.Abandoned
		if i < 3 {
			want = call.Answered
		}
		if r := s.Record(child); r.Outcome != want {
			t.Errorf("caller %d: %s (%s)", i, r.Outcome, r.Reason)
		}
	}
}

package e2e

import (
	"strings"
	"testing"
	"time"

	"weibao/routing"
	"weibao/tests/stage"
)

func TestAnOverrideIsRungAtOnceAndEveryAnswerIsTheSame(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	now := time.Now()
	s.Administrator().Sends("/rota/220100/override", map[string]any{
		"from": now.Add(-time.Minute).Format(time.RFC3339), "to": now.Add(time.Hour).Format(time.RFC3339),
		"in": map[string]any{"name": "替班的人", "numbers": []string{"13912345678"}}, "why": "生病",
	})
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	officer := s.Carrier.Takes()
	officer.Answers()
	child.Hears(officer)
	child.HangsUp()
	officer.IsLeft()
	r := s.Record(child)
	if got, want := r.Attempts[0].Number.Masked(), routing.Number("13912345678").Masked(); r.Attempts[0].Role != "duty" || got != want {
		t.Errorf("rung was %s %s, want %s", r.Attempts[0].Role, got, want)
	}
	out, err := s.Weibao("rota", "on", "220100", "--config", s.Config(), "--configs", s.Folder())
	if err != nil || !strings.Contains(out, "替班的人") {
		t.Errorf("rota on: %v\n%s", err, out)
	}
}

func TestAGatewayThatRestartsOverBrokenFilesStillAnswersChildren(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	good, plan := s.Version(), s.Text(planFile)
	s.Write(planFile, plan[:len(plan)/3])
	s.Until("the fault is told", func() bool { return !s.Configuration().Good })
	s.KillGateway()
	s.StartGateway()
	if c := s.Configuration(); c.Version != good || c.Good || len(c.Faults) == 0 {
		t.Errorf("after the restart: %+v", c)
	}
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	child.HangsUp()
	s.Write(planFile, plan)
	s.InUse(good)
	s.Until("the files are good again", func() bool { return s.Configuration().Good })
}

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/cmd/phones/phone"
	"weibao/tests/stage"
)

const planFile = "plan.yaml"

// marked is the plan with another name of its first route, as long as the old
// one: another version, by which every call goes the same way.
func marked(plan string) string { return strings.ReplaceAll(plan, "未成年人选项", mark) }

const mark = "未成年人选择"

// unhurried keeps callers where they are for as long as fifty reloads take: a
// seat rings a minute, the police too, and the search widens after minutes.
func unhurried(t *testing.T) *stage.Stage {
	t.Helper()
	s := stage.New(t,
		stage.Staff("1004", "1005", "1006", "1007", "1008", "1010", "1012", "1013"),
		stage.With("queues.yaml", "ring_for: 15s, wrap_up: 10s", "ring_for: 60s, wrap_up: 0s"),
		stage.With(planFile, "after: 10s", "after: 4m"), stage.With(planFile, "after: 20s", "after: 5m"),
		stage.With(planFile, "after: 40s", "after: 6m"), stage.With(planFile, "after: 2m", "after: 7m"),
		stage.With(planFile, "police: 20s", "police: 60s"),
	)
	s.Carrier.Behaves(phone.RingForever())
	return s
}

// twenty are callers in every phase that a call has.
type twenty struct {
	all                                                  []*stage.Person
	talking, transfer, ringing, line, menu, whisper      []*stage.Person
	talkSeats, transferSeats, ringingSeats, whisperSeats []*stage.Seat
	police                                               []*stage.Person
}

// gather brings twenty callers into their phases, the short ones last.
func gather(s *stage.Stage) *twenty {
	all := s.Crowd(20)
	g := &twenty{
		all: all, talking: all[:4], transfer: all[4:7], ringing: all[7:10], line: all[10:14], menu: all[14:18], whisper: all[18:],
	}
	changchun := s.Team("1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008")
	yanbian, others := s.Team("1009", "1010"), s.Team("1012", "1013")
	g.talkSeats, g.transferSeats, g.whisperSeats = changchun[:4], changchun[4:7], others
	g.ringingSeats = append(changchun[7:], yanbian...)
	for _, child := range all[:7] {
		child.ComesBy("220100")
	}
	for _, seat := range changchun[:7] {
		seat.Answers()
	}
	for i, child := range g.ringing {
		child.ComesBy([]string{"220100", "222400", "222400"}[i])
		g.ringingSeats[i].Rings()
	}
	for _, child := range g.line {
		child.ComesBy("220100")
	}
	for i, seat := range g.transferSeats {
		seat.Asks110(s.CallWith(seat).ID, "220102")
		police := s.Police.Takes()
		if g.police = append(g.police, police); i > 0 { // the first one rings all the time
			police.Answers()
			g.transfer[i].Hears(seat, police)
		}
	}
	for _, child := range g.menu {
		child.Dials("12345", "X-Region", "220200")
	}
	for i, child := range g.whisper {
		child.ComesBy([]string{"220300", "220500"}[i])
		g.whisperSeats[i].Answers()
	}
	return g
}

func TestFiftyReloadsUnderTwentyCallsInAllPhasesChangeOnlyNewCalls(t *testing.T) {
	t.Parallel()
	s := unhurried(t)
	admin, first, plan := s.Administrator(), s.Version(), s.Text(planFile)
	began := time.Now()
	g := gather(s)
	t.Logf("twenty calls in all phases after %s", time.Since(began).Round(time.Millisecond))
	s.Write(planFile, marked(plan))
	second := s.Version()
	s.Write(planFile, plan)
	ask := func() { admin.Does("/-/reload") }
	ways := []func(){func() {}, s.HangUpSignal, ask, s.HangUpSignal, ask}
	came := make(map[*stage.Person]string) // by which version
	for _, child := range g.all {
		came[child] = first
	}
	if in := phases(s); in["in_menu"] != 4 || in["waiting"] < 4 || in["offering"] < 3 || in["talking"] < 7 || in["reaching"] != 1 || in["introduced"] != 2 {
		t.Errorf("the callers are in %v", in)
	}
	began = time.Now()
	for i := range 50 {
		text, version := marked(plan), second
		if i%2 == 1 {
			text, version = plan, first
		}
		if i%4 < 2 {
			s.Write(planFile, text)
		} else {
			s.Replace(planFile, text)
		}
		ways[i%5]() // by the file's change, by signal, by the API
		s.InUse(version)
		if i%9 == 4 {
			child := s.Crowd(1)[0]
			child.ComesBy("220700")
			came[child] = version
		}
	}
	t.Logf("fifty reloads took %s", time.Since(began).Round(time.Millisecond))
	guides := make(map[string]int)
	for _, c := range s.Calls() {
		guides[c.Guide]++
	}
	if guides[first] != 23 || guides[second] != 3 {
		t.Errorf("guides of the live calls: %v, want 20 and 3 by the first and 3 by the second", guides)
	}
	began = time.Now()
	g.goOn()
	t.Logf("all went on after %s", time.Since(began).Round(time.Millisecond))
	for child := range came {
		child.HangsUp()
	}
	for i, seat := range g.transferSeats {
		seat.HangsUp()
		g.police[i].HangsUp()
	}
	for child, version := range came {
		r := s.Record(child)
		if renamed := strings.Contains(r.Route, mark); r.Guide != version || renamed != (version == second) {
			t.Errorf("%s came by %s, has guide %s and route %s", child.Name, version, r.Guide, r.Route)
		}
	}
	if n := s.Metric("weibao_calls_arrived_total"); n != 26 {
		t.Errorf("%v calls arrived, 26 dialled", n)
	}
}

// phases counts the live calls by phase, and the transfers by theirs.
func phases(s *stage.Stage) map[string]int {
	counted := make(map[string]int)
	for _, c := range s.Calls() {
		counted[c.Phase]++
		if c.Transfer != nil {
			counted[c.Transfer.Phase]++
		}
	}
	return counted
}

// goOn goes on with every conversation: nobody has been lost, those who ring
// are answered, those in line are served.
func (g *twenty) goOn() {
	for i, seat := range g.talkSeats {
		g.talking[i].Hears(seat)
		seat.Hears(g.talking[i])
	}
	for i, seat := range g.whisperSeats {
		g.whisper[i].Hears(seat)
	}
	g.transfer[0].Hears(g.transferSeats[0])
	for i := 1; i < 3; i++ {
		g.transfer[i].Hears(g.transferSeats[i], g.police[i])
	}
	for _, seat := range g.ringingSeats {
		seat.PicksUp()
	}
	for _, child := range g.talking {
		child.HangsUp()
	}
	for i, seat := range g.ringingSeats {
		g.ringing[i].Hears(seat)
	}
	for _, seat := range g.talkSeats {
		seat.IsLeft()
		seat.Answers()
	}
	for i, seat := range g.talkSeats {
		g.line[i].Hears(seat)
	}
}

func TestABadFileOfAnyKindKeepsTheOldConfigurationUntilItIsMended(t *testing.T) {
	t.Parallel()
	s, li, child, _ := scene(t)
	first, second := s.Version(), s.Seat("1002")
	agents, plan := s.Text("agents.yaml"), s.Text(planFile)
	rota := filepath.Join(s.Folder(), "rota")
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	mend := func() { s.Replace(planFile, plan) }
	for _, row := range []struct {
		name       string
		harm, mend func()
	}{
		{"broken", func() { s.Write(planFile, "\t{{{") }, mend},
		{"empty", func() { s.Write(planFile, "") }, mend},
		{"half written", func() { s.Write(planFile, plan[:len(plan)/2]) }, mend},
		{"an unknown key", func() { s.Replace(planFile, plan+"hangup: true\n") }, mend},
		{"removed", func() { s.Remove(planFile) }, func() { s.Write(planFile, plan) }},
		{"a folder removed", func() { move(rota, rota+".away") }, func() { move(rota+".away", rota) }},
		{"cut in the middle of a line", func() { s.Write("agents.yaml", agents[:strings.LastIndex(agents, ", region")]) }, func() { s.Write("agents.yaml", agents) }},
	} {
		row.harm()
		s.Until(row.name+": the faults can be read", func() bool { return !s.Configuration().Good })
		s.HangUpSignal() // a person who asks for it makes it no better
		if c := s.Configuration(); c.Version != first || c.Files != "" || len(c.Faults) == 0 {
			t.Errorf("%s: %+v", row.name, c)
		}
		if n := s.Metric("weibao_config_last_reload_successful"); n != 0 {
			t.Errorf("%s: the gauge says that it was good", row.name)
		}
		row.mend()
		s.Until(row.name+": mended", func() bool { c := s.Configuration(); return c.Good && c.Version == first })
	}
	// The beginning of a file may be without fault: a slow copy.
	s.Write("agents.yaml", agents[:strings.LastIndex(agents, "  - {id: province")])
	s.Passes(time.Second) // of the copy
	s.Write("agents.yaml", agents)
	next := s.Citizen("13800000002")
	next.ComesBy("220100")
	second.Answers()
	next.Hears(second)
	child.Hears(li)
	next.HangsUp()
	child.HangsUp()
	for _, p := range []*stage.Person{child, next} {
		if r := s.Record(p); r.Guide != first || r.Outcome != call.Answered {
			t.Errorf("guide %s, outcome %s", r.Guide, r.Outcome)
		}
	}
	if log := s.Log(); strings.Contains(log, "configuration in use") {
		t.Error("another version was in use for a moment")
	}
}

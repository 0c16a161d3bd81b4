package e2e

import (
	"slices"
	"testing"
	"time"

	"weibao/call"
	"weibao/cmd/phones/phone"
	"weibao/tests/stage"
)

// queueOnly is a stage with one line for the whole province, in which two
// cities' callers go first. The duty officer's phone rings, and is not answered.
func queueOnly(t *testing.T, callers int) *stage.Stage {
	t.Helper()
	s := stage.New(t, stage.Room(callers),
		stage.With("queues.yaml", "ring_for: 15s, wrap_up: 10s", "ring_for: 60s, wrap_up: 0s"),
		stage.With(planFile, "    - name: 未成年人选项\n", `    - name: 先接
      match: {region: "220200"}
      priority: 20
    - name: 早接
      match: {region: "222400"}
      priority: 10
    - name: 未成年人选项
`),
		stage.With(planFile, `    - {to: queue:region}
    - {to: queue:neighbours, after: 10s, ratio: 2}
    - {to: queue:province, after: 20s, ratio: 3}
    - {to: duty:region, after: 40s}
    - {to: duty:220000, after: 2m}
`, `    - {to: queue:province}
    - {to: queue:region, after: 9m}
    - {to: duty:220000, after: 10m}
`),
	)
	s.Carrier.Behaves(phone.RingForever())
	return s
}

// serves lets a seat be rung for everybody in line, and wants the order of the
// line. The first few are answered; the others hang up while it rings.
func serves(s *stage.Stage, t *testing.T, li *stage.Seat, people []*stage.Person, line []stage.Place) {
	t.Helper()
	byNumber := make(map[string]*stage.Person)
	for _, p := range people {
		byNumber[p.Name] = p
	}
	for i, place := range line {
		li.Rings()
		child := byNumber[li.Call.From()]
		if li.CallID() != place.Call {
			t.Fatalf("%d of the line is %s, and the seat is rung for %s", i+1, place.Call, li.CallID())
		}
		if i < 3 {
			li.PicksUp()
			child.Hears(li)
		}
		child.HangsUp()
		li.IsLeft()
	}
}

func TestAHundredCallersInLineKeepTheirOrderAndTheirAgeWhenTheGatewayIsKilled(t *testing.T) {
	t.Parallel()
	s := queueOnly(t, 100)
	people := s.Crowd(100)
	s.AllCome(people, "220100", "222400", "220200", "220300", "220500")
	before := s.Line()
	if !slices.ContainsFunc(before, func(p stage.Place) bool { return p.Boost == 20 }) {
		t.Fatalf("nobody has a priority: %v", before[:3])
	}
	s.Passes(500 * time.Millisecond) // until the last change is kept
	s.KillGateway()
	began := time.Now()
	s.StartGateway()
	s.Until("everybody stands in line again", func() bool { return len(s.Line()) == len(people) })
	t.Logf("a hundred in line %s after the start", time.Since(began).Round(time.Millisecond))
	if after := s.Line(); !slices.EqualFunc(before, after, func(a, b stage.Place) bool {
		return a == b || a.Call == b.Call && a.Boost == b.Boost && a.Since.Equal(b.Since)
	}) {
		t.Fatalf("before:\n%v\nafter:\n%v", before, after)
	}
	li := s.Team("1015")[0]
	serves(s, t, li, people, before)
	if r := s.Record(people[0]); r.Keys != "6" || r.Intent != "minors" {
		t.Errorf("keys %q, intent %q", r.Keys, r.Intent)
	}
}

func TestWithoutSnapshotsTheLineKeepsTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	s := queueOnly(t, 10)
	people := s.Crowd(10)
	for _, p := range people { // one after the other
		p.ComesBy("220100")
	}
	s.Until("ten are in line", func() bool { return len(s.Line()) == len(people) })
	before := s.Line()
	s.KillGateway()
	s.ForgetRedis()
	s.StartGateway()
	s.Until("everybody stands in line again", func() bool { return len(s.Line()) == len(people) })
	after := s.Line()
	if !slices.EqualFunc(before, after, func(a, b stage.Place) bool { return a.Call == b.Call }) {
		t.Fatalf("before:\n%v\nafter:\n%v", before, after)
	}
	serves(s, t, s.Team("1015")[0], people, after)
}

func TestTheFormAndAnEarlierTransferSurviveARestartInTheTalk(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Writes(id, map[string]string{"what": "被父亲打"})
	s.Police.Behaves(phone.RejectWith(486))
	li.Asks110(id, hunchun)
	first := s.InTransfer(id, "none")
	s.Passes(500 * time.Millisecond) // until the change is kept
	s.KillGateway()
	child.Hears(li)
	s.StartGateway()
	s.InPhase(child, "talking")
	child.Hears(li)
	child.HangsUp()
	li.IsLeft()
	r := s.Record(child)
	if r.Outcome != call.Answered || r.Note["what"] != "被父亲打" || r.Keys != "6" || r.Agent != "1001" {
		t.Errorf("outcome %s, note %v, keys %q, agent %s", r.Outcome, r.Note, r.Keys, r.Agent)
	}
	if len(r.Transfers) != 1 || r.Transfers[0].Filing == "" || r.Transfers[0].Outcome != "not_reached" {
		t.Errorf("transfers %+v, before the restart %+v", r.Transfers, first.Transfer)
	}
}

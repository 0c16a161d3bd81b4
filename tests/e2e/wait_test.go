package e2e

import (
	"slices"
	"testing"
	"time"

	"weibao/call"
	"weibao/record"
	"weibao/tests/stage"
)

// inLine is a stage with one seat that is in a talk, and no telephone rung for
// a while: who comes now waits.
func inLine(t *testing.T, prompts map[string]stage.Sound) (s *stage.Stage, li *stage.Seat, first *stage.Person) {
	t.Helper()
	s = stage.New(t, stage.Spoken(prompts),
		stage.With("queues.yaml", "wrap_up: 10s", "wrap_up: 0s"),
		stage.With("plan.yaml", "{to: duty:region, after: 40s}", "{to: duty:region, after: 110s}"),
		stage.With("plan.yaml", "first_word: 10s", "first_word: 4s"))
	li, first = s.Seat("1001"), s.Citizen("13800000001")
	first.ComesBy("220100")
	li.Answers()
	first.Hears(li)
	return s, li, first
}

func TestCallersInLineHearTheirPlaceAndKeyZeroGoesBeforeAnOlderCaller(t *testing.T) {
	t.Parallel()
	s, li, first := inLine(t, map[string]stage.Sound{"place.next": stage.Low, "place.1": stage.Middle, "person.now": stage.High})
	older, pressed := s.Citizen("13800000002"), s.Citizen("13800000003")
	older.ComesBy("220100")
	older.Hears(stage.Low)
	pressed.ComesBy("220100")
	pressed.Hears(stage.Middle)
	pressed.Presses("0")
	pressed.Hears(stage.High)
	var urgent []bool
	for _, c := range s.Calls() {
		urgent = append(urgent, c.Urgent)
	}
	if urgent = slices.DeleteFunc(urgent, func(is bool) bool { return !is }); len(urgent) != 1 {
		t.Errorf("the screen shows %v, want one of three who has pressed 0", urgent)
	}
	first.HangsUp()
	li.IsLeft()
	li.Answers()
	pressed.Hears(li)
	li.Hears(pressed)
	pressed.HangsUp()
	li.IsLeft()
	li.Answers()
	older.Hears(li)
	older.HangsUp()
	r := s.Record(pressed)
	if !slices.ContainsFunc(r.Journey, func(e record.Entry) bool { return e.What == "URGENT" }) || r.Keys != "6" || r.Outcome != call.Answered {
		t.Errorf("keys %q, outcome %s, journey %+v", r.Keys, r.Outcome, r.Journey)
	}
	s.Record(first)
	s.Record(older)
}

func TestACallBackLeftWithThreeKeysKeepsItsPlaceAndIsRungWhenItsTurnComes(t *testing.T) {
	t.Parallel()
	s, li, first := inLine(t, map[string]stage.Sound{"callback.safe": stage.Low, "callback.hours": stage.Middle, "callback.promised": stage.High})
	child := s.Citizen("13800000002")
	child.ComesBy("220100")
	s.InPhase(child, "waiting")
	child.Presses("1")
	child.Hears(stage.Low)
	child.Presses("1")
	child.Hears(stage.Middle)
	child.Presses("1")
	child.Hears(stage.High)
	child.HangsUp()
	if r := s.Record(child); r.Outcome != call.CallBack || r.FollowUp == nil || r.FollowUp.Kind != string(call.RingBack) {
		t.Errorf("outcome %s (%s), owed %+v", r.Outcome, r.Reason, r.FollowUp)
	}
	younger := s.Citizen("13800000003")
	younger.ComesBy("220100")
	s.InPhase(younger, "waiting")
	first.HangsUp()
	li.IsLeft()
	li.Rings() // for the child, who came before
	s.Carrier.IsNotCalled(500 * time.Millisecond)
	li.PicksUp()
	back := s.Carrier.Takes()
	if back.Name != child.Name || back.Call.From() != "12345" {
		t.Errorf("rung is %s, and sees %s", back.Name, back.Call.From())
	}
	back.Answers()
	back.HearsVoice()
	back.Presses("1")
	back.Hears(li)
	li.Hears(back)
	back.HangsUp()
	li.IsLeft()
	li.Answers()
	younger.Hears(li)
	younger.HangsUp()
	s.Record(first)
	s.Record(younger)
}

func TestASeatThatIsFreeWhileTheCallerIsAskedSomethingIsJoinedAtOnce(t *testing.T) {
	t.Parallel()
	s, li, first := inLine(t, map[string]stage.Sound{"callback.safe": stage.Low})
	child := s.Citizen("13800000002")
	child.ComesBy("220100")
	s.InPhase(child, "waiting")
	child.Presses("1")
	child.Hears(stage.Low)
	first.HangsUp()
	li.IsLeft()
	li.Answers()
	child.Hears(li)
	li.Hears(child)
	child.HangsUp()
	if r := s.Record(child); r.Outcome != call.Answered || r.FollowUp != nil {
		t.Errorf("outcome %s, owed %+v", r.Outcome, r.FollowUp)
	}
	s.Record(first)
}

package e2e

import (
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/record"
	"weibao/tests/stage"
)

func TestWhoeverHangsUpBeforeAPersonAnswersIsOwedAContactUntilATalk(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	began := time.Now()
	for i, until := range []func(){
		child.HearsVoice, // in the greeting
		func() { // in line
			li.Is("away")
			child.Presses("6")
			s.Carrier.Takes() // nobody is ready: the duty officer is rung at once
		},
		func() { // in the ringing
			li.Is("ready")
			child.Presses("6")
			li.Rings()
		},
	} {
		child.Dials("12345", "X-Region", "220100")
		until()
		child.HangsUp()
		if r := s.LastRecord(child, i+1); r.Outcome != call.Abandoned || r.FollowUp == nil {
			t.Fatalf("outcome %s (%s), follow-up %+v", r.Outcome, r.Reason, r.FollowUp)
		}
	}
	owed := s.Owes(3)
	if owed.State != record.OwedOpen || owed.Kind != string(call.Contact) || owed.Owner != "changchun" || owed.Region != "220100" {
		t.Errorf("follow-up %+v", owed)
	}
	if due := owed.Due.Sub(began); due < 30*time.Minute || due > 31*time.Minute {
		t.Errorf("due %s after the first call, want 30 min", due)
	}
	if string(owed.Caller) != "138****0001" || owed.Calls[0] != owed.ID {
		t.Errorf("caller %q, calls %v, id %s", string(owed.Caller), owed.Calls, owed.ID)
	}
	out, err := s.Weibao("record", "owed", "--config", s.Config())
	if err != nil || !strings.Contains(out, string(owed.ID)) || !strings.Contains(out, "待联系") || strings.Contains(out, "13800000001") {
		t.Errorf("record owed: %v\n%s", err, out)
	}

	li.IsLeft()
	child.Dials("12345", "X-Region", "220100")
	child.Presses("6")
	li.Answers()
	child.Hears(li)
	child.HangsUp()
	talk := s.LastRecord(child, 4)
	s.Until("the talk settles what was owed", func() bool { return s.FollowUps()[0].State == record.OwedSettled })
	after := s.Owes(3)
	if end := after.Settled; end.Outcome != call.Reached || end.Call != talk.ID || end.By != "1001" {
		t.Errorf("settled by %+v, want the talk %s", end, talk.ID)
	}
}

func TestALimitedNumberTakesItsOwnRouteToAPersonUntilTheLimitIsLifted(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	seats, child := []*stage.Seat{s.Seat("1001"), s.Seat("1002")}, s.Citizen("13800000001")
	mark := s.Limits(child)
	for i, route := range []string{"班长限制过的号码", "未成年人选项"} {
		child.ComesBy("220100")
		seats[i].Answers()
		child.Hears(seats[i])
		child.HangsUp()
		if r := s.LastRecord(child, i+1); r.Route != route || r.Outcome != call.Answered {
			t.Errorf("route %s, outcome %s, want %s", r.Route, r.Outcome, route)
		}
		if i == 0 {
			seats[1].IsNotRung()
			s.Lifts(mark)
		}
	}
}

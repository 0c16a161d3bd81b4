package e2e

import (
	"testing"
	"time"

	"weibao/call"
	"weibao/tests/stage"
)

func TestWhenTheGatewayIsKilledTheTalkGoesOnAndIsRecorded(t *testing.T) {
	t.Parallel()
	s, li, child, _ := scene(t)
	since := time.Now()
	s.KillGateway()
	child.Hears(li)
	s.StartGateway()
	child.Hears(li)
	li.Hears(child)
	if gap := child.LongestAlone(since, time.Now(), li); gap > 300*time.Millisecond {
		t.Errorf("the child heard nobody for %s", gap)
	}
	child.HangsUp()
	li.IsLeft()
	if r := s.Record(child); r.Outcome != call.Answered {
		t.Errorf("outcome %s (%s)", r.Outcome, r.Reason)
	}
}

func TestWhile110RingsAndTheGatewayIsDeadThePoliceStillMeetTheChild(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	s.KillGateway()
	police.Answers()
	child.Hears(li, police)
	s.StartGateway()
	child.Hears(li, police)
	child.HangsUp()
	li.Hears(police) // who must still be told
	li.HangsUp()
	police.IsLeft()
	s.Record(child)
}

func TestACallerInLineWhenTheGatewayIsKilledIsServedAfterwards(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, child := s.SeatWithoutPhone("1001"), s.Citizen("13800000001")
	child.Dials("12345", "X-Region", "220100")
	child.Presses("6")
	s.Carrier.Takes()
	s.KillGateway()
	s.StartGateway()
	li.Relogin()
	li.Registers()
	li.Answers()
	child.Hears(li)
	child.HangsUp()
	s.Record(child)
}

func TestWithoutAnyGatewayAsteriskItselfBringsTheCallerToASeat(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	s.KillGateway()
	child.Dials("12345", "X-Region", "220100")
	li.Answers()
	child.Hears(li)
	child.HangsUp()
	li.IsLeft()
	s.StartGateway()
}

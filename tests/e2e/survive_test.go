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
	child.ComesBy("220100")
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

func TestWithoutRedisTheTalkGoesOn110IsReachedAndTheNextCallerIsServed(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	next, second := s.Citizen("13800000002"), s.Seat("1002")
	s.KillRedis()
	child.Hears(li)
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	police.Answers()
	child.Hears(li, police)
	next.ComesBy("220100")
	second.Answers()
	next.Hears(second)
	s.RestartRedis()
	li.Asks(id, "transfer/handover", nil)
	child.Hears(police)
	next.HangsUp()
	child.HangsUp()
	if r := s.Record(child); r.Outcome != call.HandedOver {
		t.Errorf("outcome %s (%s)", r.Outcome, r.Reason)
	}
	if r := s.Record(next); r.Agent != "1002" || r.Outcome != call.Answered {
		t.Errorf("agent %s, outcome %s (%s)", r.Agent, r.Outcome, r.Reason)
	}
	s.FloorRecovers()
}

func TestAGatewayThatStartsWithoutRedisServesItsOwnSeatsAndFindsItLater(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li := s.Seat("1001")
	s.KillGateway()
	s.KillRedis()
	s.StartGateway()
	li.Is("ready") // what it had said before was in Redis
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	s.RestartRedis()
	s.FloorRecovers()
	child.Hears(li)
	child.HangsUp()
	if r := s.Record(child); r.Outcome != call.Answered || r.Agent != "1001" {
		t.Errorf("outcome %s (%s) with %s", r.Outcome, r.Reason, r.Agent)
	}
}

func TestWhenAsteriskIsKilledItsCallsAreRecordedAsLost(t *testing.T) {
	t.Parallel()
	s, _, child, _ := scene(t)
	s.KillAsterisk()
	s.StartAsterisk()
	r := s.Record(child)
	if r.Outcome != call.Fault || r.FollowUp == nil {
		t.Errorf("outcome %s (%s), follow-up %+v: the child is owed a call back", r.Outcome, r.Reason, r.FollowUp)
	}
}

func TestAFilingWhoseCallEndedWhileNoGatewayRanGetsAnOutcomeAndOthersKeepTheirs(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Asks110(id, hunchun)
	s.Police.Takes().Answers()
	s.InTransfer(id, "introduced")
	li.Asks(id, "transfer/handover", nil)
	child.HangsUp()
	s.Record(child)
	li.Is("ready")
	second := s.Citizen("13800000002")
	second.ComesBy("220100")
	li.Answers()
	second.Hears(li)
	li.Asks110(s.InPhase(second, "talking").ID, hunchun)
	s.Police.Takes()
	s.KillGateway()
	second.HangsUp()
	li.HangsUp()
	s.StartGateway()
	outcomes := func() map[string]int {
		found := make(map[string]int)
		for _, f := range s.Filings() {
			found[f.Outcome]++
		}
		return found
	}
	s.Until("every filing has an outcome", func() bool { return outcomes()[""] == 0 })
	if got := outcomes(); got["handed_over"] != 1 || len(got) != 2 {
		t.Errorf("outcomes %v, want the first filing's kept", got)
	}
}

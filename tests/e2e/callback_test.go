package e2e

import (
	"testing"
	"time"

	"weibao/call"
	"weibao/tests/stage"
)

// quickConfirm gives the party three seconds for the key.
func quickConfirm() stage.Option {
	return stage.With("plan.yaml", "  police: 20s", "  police: 20s\n  confirm: 3s")
}

const child1 = "13800000001"

// gaveUp is a child who hung up while the seat's phone rang, and is owed a call.
func gaveUp(t *testing.T, options ...stage.Option) (s *stage.Stage, li *stage.Seat, followUp string) {
	t.Helper()
	s = stage.New(t, options...)
	li = s.Seat("1001")
	child := s.Citizen(child1)
	child.ComesBy("220100")
	li.Rings()
	followUp = s.InPhase(child, "offering").ID
	child.HangsUp()
	li.IsLeft()
	if r := s.RecordOf(followUp); r.Outcome != call.Abandoned || r.FollowUp == nil {
		t.Fatalf("outcome %s, follow-up %+v", r.Outcome, r.FollowUp)
	}
	return s, li, followUp
}

func TestACallBackRingsTheSeatFirstAndJoinsTheChildAfterTheKey(t *testing.T) {
	t.Parallel()
	s, li, followUp := gaveUp(t)
	id := li.RingsBack(followUp, "")
	li.Rings()
	s.Carrier.IsNotCalled(time.Second) // not before a seat is there for the child
	li.PicksUp()
	child := s.Carrier.Takes()
	if child.Name != child1 || child.Call.From() != "12345" {
		t.Errorf("rung is %s, and sees %s", child.Name, child.Call.From())
	}
	child.Answers()
	child.HearsVoice()
	child.Presses("1")
	child.Hears(li)
	li.Hears(child)
	child.HangsUp()
	li.IsLeft()
	r := s.RecordOf(id)
	if r.Outcome != call.Answered || r.Direction != "owed" || string(r.FollowUpOf) != followUp || r.PlacedBy != "1001" || r.Agent != "1001" {
		t.Errorf("outcome %s (%s), direction %s of %s by %s", r.Outcome, r.Reason, r.Direction, r.FollowUpOf, r.PlacedBy)
	}
}

func TestWhoPicksUpInTheChildsPlaceLearnsNothingAndIsLetGoKindly(t *testing.T) {
	t.Parallel()
	s, li, followUp := gaveUp(t, quickConfirm())
	id := li.RingsBack(followUp, "")
	li.Answers()
	somebody := s.Carrier.Takes()
	somebody.Answers()
	answered := time.Now()
	somebody.HearsVoice()
	somebody.IsLeft()
	if gap := somebody.LongestAlone(answered, time.Now(), li); gap < time.Since(answered)-100*time.Millisecond {
		t.Errorf("the seat was heard within %s", gap)
	}
	li.IsLeft()
	if r := s.RecordOf(id); r.Outcome != call.CallBack || !r.TalkedAt.IsZero() || r.Recording.Wanted {
		t.Errorf("outcome %s (%s), talked at %s, recording %+v", r.Outcome, r.Reason, r.TalkedAt, r.Recording)
	}
	s.Until("the seat is free again, or rests", func() bool { w := li.State().Work; return w == "free" || w == "wrapping" })
}

func TestASeatThatHangsUpWhileTheChildsPhoneRingsStopsIt(t *testing.T) {
	t.Parallel()
	s, li, followUp := gaveUp(t)
	id := li.RingsBack(followUp, "")
	li.Answers()
	child := s.Carrier.Takes()
	if err := child.Call.Ring(); err != nil {
		t.Fatal(err)
	}
	li.HangsUp()
	child.IsLeft()
	if r := s.RecordOf(id); r.Outcome != call.CallBack {
		t.Errorf("outcome %s (%s)", r.Outcome, r.Reason)
	}
}

func TestAPromiseOfAGatewayThatWasKilledIsKeptByTheNext(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li := s.Seat("1001")
	s.KillGateway()
	s.Promises(stage.Promised(child1))
	s.StartGateway()
	li.Relogin()
	li.Answers()
	child := s.Carrier.Takes()
	child.Answers()
	child.HearsVoice()
	child.Presses("1")
	child.Hears(li)
	id := s.Calls()[0].ID
	child.HangsUp()
	li.IsLeft()
	r := s.RecordOf(id)
	if r.Outcome != call.Answered || r.Direction != "owed" || r.PlacedBy != "" || r.Queue != "changchun" || r.Route == "" {
		t.Errorf("outcome %s (%s), direction %s by %q, queue %s, route %s", r.Outcome, r.Reason, r.Direction, r.PlacedBy, r.Queue, r.Route)
	}
	li.Is("ready")
	s.KillGateway()
	s.StartGateway()
	li.Relogin()
	s.Carrier.IsNotCalled(2 * time.Second) // what is settled is not rung again
}

func TestATalkOfACallBackGoesOnWhenTheGatewayIsKilled(t *testing.T) {
	t.Parallel()
	s, li, followUp := gaveUp(t)
	id := li.RingsBack(followUp, "")
	li.Answers()
	child := s.Carrier.Takes()
	child.Answers()
	child.HearsVoice()
	child.Presses("1")
	child.Hears(li)
	since := time.Now()
	s.KillGateway()
	child.Hears(li)
	s.StartGateway()
	s.Until("the call is taken up", func() bool { calls := s.Calls(); return len(calls) == 1 && calls[0].ID == id })
	child.Hears(li)
	if gap := child.LongestAlone(since, time.Now(), li); gap > 300*time.Millisecond {
		t.Errorf("the child heard nobody for %s", gap)
	}
	child.HangsUp()
	li.IsLeft()
	if r := s.RecordOf(id); r.Outcome != call.Answered || r.Direction != "owed" || string(r.FollowUpOf) != followUp {
		t.Errorf("outcome %s (%s), direction %s of %s", r.Outcome, r.Reason, r.Direction, r.FollowUpOf)
	}
}

func TestAGatewayKilledWhileTheChildsPhoneRingsLeavesNobodyInSilence(t *testing.T) {
	t.Parallel()
	s, li, followUp := gaveUp(t)
	li.RingsBack(followUp, "")
	li.Answers()
	child := s.Carrier.Takes()
	if err := child.Call.Ring(); err != nil {
		t.Fatal(err)
	}
	s.KillGateway()
	s.StartGateway()
	child.IsLeft()
	li.IsLeft()
}

func TestASeatsOwnCallIsSeenLikeAnyWorkAndEndsWithTheSeat(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li := s.Seat("1001")
	id := li.RingsOut("12356")
	li.Answers()
	office := s.Carrier.Takes()
	office.Answers()
	office.Hears(li)
	li.Hears(office)
	if state := li.State(); state.Work != "talking" {
		t.Errorf("the seat is %s", state.Work)
	}
	li.HangsUp()
	office.IsLeft()
	if r := s.RecordOf(id); r.Outcome != call.Answered || r.Direction != "own" || r.PlacedBy != "1001" || r.FollowUp != nil {
		t.Errorf("outcome %s (%s), direction %s by %s, owed %+v", r.Outcome, r.Reason, r.Direction, r.PlacedBy, r.FollowUp)
	}
}

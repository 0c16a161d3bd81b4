package e2e

import (
	"strconv"
	"testing"
	"time"

	"weibao/call"
	"weibao/cmd/phones/phone"
	"weibao/tests/stage"
)

// scene is a child in talk with seat 1001.
func scene(t *testing.T, options ...stage.Option) (*stage.Stage, *stage.Seat, *stage.Person, string) {
	t.Helper()
	s := stage.New(t, options...)
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	return s, li, child, s.InPhase(child, "talking").ID
}

// quickPolice lets each number of the police ring for five seconds.
func quickPolice() stage.Option { return stage.With("plan.yaml", "police: 20s", "police: 5s") }

func TestThePoliceOfTheChildsPlaceAnswerAndTakeTheChildOver(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	talking := time.Now()
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	if police.Name != "0433110" {
		t.Errorf("dialled %s, want the police of the child's place", police.Name)
	}
	child.Hears(li) // while it rings
	police.Answers()
	child.Hears(li, police)
	police.Hears(li, child)
	s.InTransfer(id, "introduced")
	li.IsRefused(id, "hangup", nil)
	li.Asks(id, "transfer/handover", nil)
	li.IsLeft()
	child.Hears(police)
	handed := time.Now()
	if gap := child.LongestAlone(talking, handed, li, police); gap > 300*time.Millisecond {
		t.Errorf("the child heard nobody for %s", gap)
	}
	child.HangsUp()
	police.IsLeft()
	r := s.Record(child)
	if r.Outcome != call.HandedOver || len(r.Transfers) != 1 || r.Transfers[0].Outcome != "handed_over" {
		t.Errorf("outcome %s, transfers %+v", r.Outcome, r.Transfers)
	}
	f := s.Filings()
	if len(f) != 1 || f[0].Outcome != "handed_over" || f[0].Place != hunchun || f[0].Category != "虐待" {
		t.Fatalf("filings %+v", f)
	}
	if dialled := r.Transfers[0].Attempts[0].DialledAt; f[0].FsyncedAt.After(dialled.Time) {
		t.Errorf("the filing was on the disk at %s, 110 was dialled at %s", f[0].FsyncedAt, dialled)
	}
}

func TestWhen110IsBusyTheSecondNumberIsDialled(t *testing.T) {
	t.Parallel()
	for _, code := range []int{486, 503, 480, 404} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			s, li, child, id := scene(t)
			li.Asks110(id, hunchun)
			s.Police.Takes().Refuses(code)
			second := s.Police.Takes()
			second.Answers()
			child.Hears(li, second)
			li.Asks(id, "transfer/handover", nil)
			child.Hears(second)
			child.HangsUp()
			r := s.Record(child)
			if attempts := r.Transfers[0].Attempts; len(attempts) != 2 || attempts[0].Result == "" || attempts[1].PickedAt.IsZero() {
				t.Errorf("attempts %+v", attempts)
			}
		})
	}
}

func TestWhen110AnswersNowhereTheChildIsStillWithTheSeat(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t, quickPolice())
	s.Police.Behaves(phone.InTurn(phone.RingForever(), phone.RejectWith(486), phone.RejectWith(503)))
	since := time.Now()
	li.Asks110(id, hunchun)
	s.InTransfer(id, "reaching")
	if back := s.InTransfer(id, "none"); back.Transfer == nil || back.Transfer.Reason == "" {
		t.Errorf("the seat's screen does not say why: %+v", back.Transfer)
	}
	child.Hears(li)
	li.Hears(child)
	if gap := child.LongestAlone(since, time.Now(), li); gap > 300*time.Millisecond {
		t.Errorf("the child heard nobody for %s", gap)
	}
	child.HangsUp()
	r := s.Record(child)
	tr := r.Transfers[0]
	if r.Outcome != call.Answered || tr.Outcome != "not_reached" || tr.Reason == "" || len(tr.Attempts) < 2 {
		t.Errorf("outcome %s, transfer %+v", r.Outcome, tr)
	}
	if f := s.Filings(); len(f) != 1 || f[0].Outcome != "not_reached" {
		t.Errorf("filings %+v", f)
	}
}

func TestTheSeatDropsWhile110RingsAndThePoliceMeetTheChild(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	supervisor := s.Seat("1019")
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	li.HangsUp()
	supervisor.Rings()
	police.Answers()
	child.Hears(police)
	supervisor.PicksUp()
	child.Hears(police, supervisor)
	supervisor.Asks(id, "transfer/handover", nil)
	child.Hears(police)
	child.HangsUp()
	if r := s.Record(child); r.Outcome != call.HandedOver {
		t.Errorf("outcome %s (%s)", r.Outcome, r.Reason)
	}
}

func TestTheSeatDropsAfter110HasAnsweredAndASupervisorIsRung(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		drop func(*stage.Seat)
	}{
		{"hangs up", func(li *stage.Seat) { li.HangsUp() }},
		{"vanishes", func(li *stage.Seat) { li.Vanishes() }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s, li, child, id := scene(t)
			supervisor := s.Seat("1019")
			li.Asks110(id, hunchun)
			police := s.Police.Takes()
			police.Answers()
			child.Hears(li, police)
			row.drop(li)
			child.Hears(police)
			supervisor.Answers()
			child.Hears(police, supervisor)
			supervisor.HangsUp()
			child.Hears(police)
			child.HangsUp()
			s.Record(child)
		})
	}
}

func TestTheCallerDropsWhile110RingsAndSeatAndPoliceGoOn(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	child.HangsUp()
	police.Answers()
	li.Hears(police)
	police.Hears(li)
	li.HangsUp()
	police.IsLeft()
	r := s.Record(child)
	if r.Outcome != call.CallBack || r.FollowUp == nil || r.FollowUp.Owner != "1001" {
		t.Errorf("outcome %s, follow-up %+v", r.Outcome, r.FollowUp)
	}
	if f := s.Filings(); len(f) != 1 || f[0].Outcome == "" {
		t.Errorf("filings %+v", f)
	}
}

func TestABriefingIsPrivateWhileACompanionIsWithTheChild(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	companion := s.Seat("1019")
	since := time.Now()
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	police.Answers()
	child.Hears(li, police)
	li.Asks(id, "transfer/brief", nil)
	companion.Answers()
	li.Hears(police)
	police.Hears(li)
	child.Hears(companion)
	li.Asks(id, "transfer/introduce", nil)
	child.Hears(li, police, companion)
	li.Asks(id, "transfer/handover", nil)
	child.Hears(police)
	if gap := child.LongestAlone(since, time.Now(), li, police, companion); gap > 300*time.Millisecond {
		t.Errorf("the child heard nobody for %s", gap)
	}
	child.HangsUp()
	s.Record(child)
}

func TestASecondPressPlacesNoSecondCall(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	li.Asks110(id, hunchun)
	police.Answers()
	child.Hears(li, police)
	child.HangsUp()
	li.HangsUp()
	if r := s.Record(child); len(r.Transfers[0].Attempts) != 1 || len(s.Filings()) != 1 {
		t.Errorf("attempts %+v, filings %+v", r.Transfers[0].Attempts, s.Filings())
	}
}

package e2e

import (
	"strings"
	"testing"

	"weibao/call"
	"weibao/tests/stage"
)

// quickRing lets seats ring for five seconds and rest for one, so that a test
// need not wait for the fifteen and ten of real life.
func quickRing() stage.Option {
	return stage.With("queues.yaml", "ring_for: 15s", "ring_for: 5s, no_answer_delay: 1s")
}

func TestACallerWhoHangsUpLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		until func(*stage.Stage, *stage.Person, *stage.Seat)
	}{
		{"in the greeting", func(_ *stage.Stage, child *stage.Person, _ *stage.Seat) { child.HearsVoice() }},
		{"in line", func(s *stage.Stage, child *stage.Person, li *stage.Seat) {
			li.Is("away")
			child.Presses("6")
			s.InPhase(child, "offering") // nobody is ready: the duty officer is rung at once
			s.Carrier.Takes()
		}},
		{"in the ringing", func(_ *stage.Stage, child *stage.Person, li *stage.Seat) {
			child.Presses("6")
			li.Rings()
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			li, child := s.Seat("1001"), s.Citizen("13800000001")
			child.Dials("12345", "X-Region", "220100")
			row.until(s, child, li)
			child.HangsUp()
			if r := s.Record(child); r.Outcome != call.Abandoned || r.Talked != 0 {
				t.Errorf("outcome %s (%s), talked %d", r.Outcome, r.Reason, r.Talked)
			}
			if li.Call != nil {
				li.IsLeft()
			}
			if work := li.State().Work; work != "free" {
				t.Errorf("the seat is %s", work)
			}
		})
	}
}

func TestASeatThatMissesTwoRingsBecomesAwayAndTheNextIsRung(t *testing.T) {
	t.Parallel()
	s := stage.New(t, quickRing())
	first, second := s.Seat("1001"), s.Seat("1002")
	child, other := s.Citizen("13800000001"), s.Citizen("13800000002")
	child.ComesBy("220100")
	first.Rings()
	second.Answers()
	first.IsLeft()
	child.Hears(second)
	if state := first.State(); state.Presence != "ready" {
		t.Errorf("after one ring the first seat is %+v, want ready", state)
	}
	other.ComesBy("220100")
	first.Rings()
	first.IsLeft()
	s.Until("the first seat is away", func() bool { return first.State().Presence == "away" })
	if state := first.State(); state.Reason != "振铃未接" || state.Why != "away" {
		t.Errorf("the first seat is %+v, want away with a reason", state)
	}
	if got := s.Notices(); len(got) != 1 || got[0].Kind != "no_answer" || got[0].Agent != "1001" {
		t.Errorf("the supervisors are told %+v", got)
	}
	other.HangsUp()
	child.HangsUp()
	r := s.Record(child)
	if len(r.Attempts) != 2 || r.Attempts[0].Result != "no_answer" || r.Attempts[1].Result != "answered" {
		t.Errorf("attempts %+v", r.Attempts)
	}
	s.Until("the log says why", func() bool {
		log, err := s.Weibao("agent", "log", "1001")
		return err == nil && strings.Contains(log, "就绪 → 暂离  振铃未接") && strings.Count(log, "→ 空闲") == 2
	})
}

func TestASeatThatRejectsIsSpared(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, result string
		code         int
	}{{"busy", "busy", 486}, {"declines", "rejected", 603}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			first, second := s.Seat("1001"), s.Seat("1002")
			child := s.Citizen("13800000001")
			child.ComesBy("220100")
			first.Refuses(row.code)
			second.Answers()
			child.Hears(second)
			if presence := first.State().Presence; presence != "ready" {
				t.Errorf("the first seat is %s", presence)
			}
			child.HangsUp()
			if r := s.Record(child); r.Attempts[0].Result != row.result {
				t.Errorf("attempts %+v", r.Attempts)
			}
		})
	}
}

func TestASeatWhosePhoneIsNotRegisteredIsNotReadyWhateverItSays(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	deaf, hears := s.SeatWithoutPhone("1001"), s.Seat("1002")
	if state := deaf.State(); state.Free || state.Why == "" {
		t.Errorf("the seat is %+v, want not free and why", state)
	}
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	hears.Answers()
	child.Hears(hears)
	child.HangsUp()
	if r := s.Record(child); len(r.Attempts) != 1 {
		t.Errorf("attempts %+v", r.Attempts)
	}
}

func TestASeatWhosePhoneHasVanishedIsPassedOver(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	dead, alive := s.Seat("1001"), s.Seat("1002")
	dead.Vanishes() // registered, and gone without a word
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	alive.Answers()
	child.Hears(alive)
	child.HangsUp()
	r := s.Record(child)
	if len(r.Attempts) != 2 || r.Attempts[0].Result != "unreachable" {
		t.Errorf("attempts %+v", r.Attempts)
	}
	if state := dead.State(); state.Presence != "away" && state.Why == "" {
		t.Errorf("the dead seat is %+v", state)
	}
}

func TestTwoCallersAndOneSeatAreServedInTheirOrder(t *testing.T) {
	t.Parallel()
	s := stage.New(t, stage.With("queues.yaml", "wrap_up: 10s", "wrap_up: 0s"))
	li := s.Seat("1001")
	first, second := s.Citizen("13800000001"), s.Citizen("13800000002")
	first.ComesBy("220100")
	li.Answers()
	first.Hears(li)
	second.ComesBy("220100")
	s.InPhase(second, "waiting")
	out, err := s.Weibao("waiting", "--config", s.Config(), "--user", "1019", "--password-file", s.PasswordFile("1019"))
	if err != nil || !strings.Contains(out, "排队 waiting 1 ") || !strings.Contains(out, "坐席 1001 正在通话") || !strings.Contains(out, s.CallOf(second).ID) {
		t.Errorf("weibao waiting: %v\n%s", err, out)
	}
	li.Hears(first) // and not the second
	first.HangsUp()
	li.IsLeft()
	li.Answers()
	second.Hears(li)
	li.Hears(second)
	second.HangsUp()
	if r := s.Record(second); r.Waited <= 0 || r.Outcome != call.Answered {
		t.Errorf("waited %d, outcome %s", r.Waited, r.Outcome)
	}
	if n := s.Metric("weibao_wait_seconds_count"); n != 2 {
		t.Errorf("%v waits are counted, want 2", n)
	}
	s.Record(first)
}

func TestOneCallerAndTwoSeatsRingsOnlyTheOneThatHasBeenIdleLongest(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	longest, shortest := s.Seat("1001"), s.Seat("1002")
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	longest.Answers()
	child.Hears(longest)
	shortest.IsNotRung()
	child.HangsUp()
	s.Record(child)
}

func TestAChildWhoCallsAgainReachesTheSeatThatItTalkedWith(t *testing.T) {
	t.Parallel()
	s := stage.New(t, stage.With("queues.yaml", "wrap_up: 10s", "wrap_up: 0s"))
	li, other := s.Seat("1001"), s.Seat("1002")
	child, stranger := s.Citizen("13800000001"), s.Citizen("13800000002")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	child.HangsUp()
	li.IsLeft()
	s.Record(child)
	again := s.Citizen("13800000001")
	again.ComesBy("220100") // the other seat has been idle longer
	li.Answers()
	again.Hears(li)
	other.IsNotRung()
	again.HangsUp()
	stranger.ComesBy("220100")
	other.Answers()
	stranger.Hears(other)
	stranger.HangsUp()
	s.Record(stranger)
}

func TestWhenTheSeatsPhoneDiesInATalkSomebodyElseComesToTheChild(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, supervisor, child := s.Seat("1001"), s.Seat("1019"), s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	li.Vanishes()
	supervisor.Answers()
	child.Hears(supervisor)
	supervisor.Hears(child)
	child.HangsUp()
	if r := s.Record(child); r.Agent != "1019" || r.Outcome != call.Answered {
		t.Errorf("agent %s, outcome %s (%s)", r.Agent, r.Outcome, r.Reason)
	}
}

func TestAtNightTheDutyOfficerIsRungAtOnce(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	officer := s.Carrier.Takes()
	officer.Answers()
	child.Hears(officer)
	officer.Hears(child)
	child.HangsUp()
	officer.IsLeft()
	if r := s.Record(child); r.Outcome != call.Answered || r.Attempts[0].Role != "duty" {
		t.Errorf("outcome %s, attempts %+v", r.Outcome, r.Attempts)
	}
}

func TestWhenTheSeatHangsUpTheCallerWhoStaysIsServedAgain(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	first, second := s.Seat("1001"), s.Seat("1002")
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	first.Answers()
	child.Hears(first)
	first.HangsUp()
	child.HearsVoice()
	second.Answers()
	child.Hears(second)
	child.HangsUp()
	s.Record(child)
}

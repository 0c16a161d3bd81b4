package e2e

import (
	"testing"
	"time"

	"weibao/call"
	"weibao/record"
	"weibao/tests/stage"
)

// The rows Q1 to Q16 are those of Asterisk's own tests of its queues; ROWS.md
// says which test shows which.

// noRest lets a seat be rung again at once after a talk.
func noRest() stage.Option {
	return stage.With("queues.yaml", "wrap_up: 10s", "wrap_up: 0s, grave_wrap_up: 0s")
}

// between is how long after one moment another was.
func between(from, to record.Moment) time.Duration { return to.Sub(from.Time) }

func TestTheRecordHasEveryMomentFromTheLineToTheJoinAndTheSeatHearsWhoComesFirst(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Rings()
	li.PicksUp()
	li.HearsVoice() // the whisper, before the child
	child.Hears(li)
	li.Hears(child)
	child.HangsUp()
	r := s.Record(child)
	if len(r.Attempts) != 1 {
		t.Fatalf("attempts %+v", r.Attempts)
	}
	a := r.Attempts[0]
	moments := []record.Moment{r.ArrivedAt, r.WaitingAt, a.DialledAt, a.RangAt, a.PickedAt, a.JoinedAt, r.LeftAt, r.EndedAt}
	for i, at := range moments[1:] {
		if at.IsZero() || at.Before(moments[i].Time) {
			t.Errorf("moment %d is %s, after one of %s", i+1, at, moments[i])
		}
	}
	if d := between(r.WaitingAt, a.RangAt); d > 500*time.Millisecond {
		t.Errorf("the seat rang after %s", d)
	}
	if d := between(a.PickedAt, a.JoinedAt); d < 200*time.Millisecond || !r.TalkedAt.Equal(a.JoinedAt.Time) {
		t.Errorf("joined %s after the answer, talked at %s: the whisper is missing", d, r.TalkedAt)
	}
	if r.Outcome != call.Answered || r.Agent != "1001" || r.Queue != "changchun" || a.Result != record.ResultAnswered {
		t.Errorf("outcome %s, agent %s, queue %s, attempt %+v", r.Outcome, r.Agent, r.Queue, a)
	}
}

// ranked has three lines of priority before one seat: who comes by Jilin's line
// goes before who comes by Siping's, and both before Changchun's.
func ranked() stage.Option {
	const first = "    - name: 未成年人选项\n"
	const steps = ", steps: [{to: queue:changchun}, {to: duty:region, after: 10m}]}\n"
	return stage.With(planFile, first,
		"    - {name: 最先, match: {region: \"220200\"}, priority: 20"+steps+
			"    - {name: 其次, match: {region: \"220300\"}, priority: 10"+steps+
			"    - {name: 最后, match: {region: \"220100\"}"+steps+first)
}

func TestTenCallersOfThreePrioritiesAreServedInTheirOrderAndNobodyIsToldBusy(t *testing.T) {
	t.Parallel()
	s := stage.New(t, ranked(), noRest())
	li := s.Team("1001")[0]
	all := s.Crowd(10)
	all[0].ComesBy("220100")
	li.Answers()
	all[0].Hears(li)
	lines := []string{"220100", "220300", "220100", "220200", "220300", "220200", "220100", "220200", "220300"}
	for i, line := range lines {
		all[i+1].ComesBy(line) // a busy line would fail it
		s.Until("one more waits", func() bool { return len(s.Waiting()) == i+1 })
	}
	order := []*stage.Person{all[0]}
	for _, line := range []string{"220200", "220300", "220100"} {
		for i, of := range lines {
			if of == line {
				order = append(order, all[i+1])
			}
		}
	}
	for i, child := range order[:9] {
		child.HangsUp()
		li.IsLeft()
		li.Answers()
		order[i+1].Hears(li)
	}
	order[9].HangsUp()
	var last record.Moment
	for i, child := range order {
		r := s.Record(child)
		if r.Outcome != call.Answered || len(r.Attempts) != 1 || r.TalkedAt.Before(last.Time) {
			t.Errorf("caller %d: %s, %d attempts, talked at %s after %s", i, r.Outcome, len(r.Attempts), r.TalkedAt, last)
		}
		last = r.TalkedAt
	}
}

func TestWhenNobodyAnswersEveryAttemptUpToTheDutyPhoneIsInTheRecord(t *testing.T) {
	t.Parallel()
	s := stage.New(t, quickRing(), stage.With(planFile, "after: 20s", "after: 10s"), stage.With(planFile, "after: 40s", "after: 11s"))
	first, second := s.Seat("1001"), s.Seat("1002")
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	first.Rings()
	second.Rings()
	first.IsLeft()
	officer := s.Carrier.Takes()
	officer.Answers()
	child.Hears(officer)
	child.HangsUp()
	r := s.Record(child)
	if len(r.Attempts) < 3 || r.Attempts[0].Agent != "1001" || r.Attempts[0].Result != "no_answer" ||
		r.Attempts[1].Agent != "1002" || r.Attempts[1].Result != "no_answer" {
		t.Fatalf("attempts %+v", r.Attempts)
	}
	if d := between(r.Attempts[0].LeftAt, r.Attempts[1].DialledAt); d > time.Second {
		t.Errorf("the second seat was rung %s after the first", d)
	}
	duty := r.Attempts[len(r.Attempts)-1]
	if duty.Role != "duty" || duty.Result != record.ResultAnswered || r.Outcome != call.Answered {
		t.Errorf("outcome %s by %+v", r.Outcome, duty)
	}
}

func TestASeatThatIsAwayIsNotRungAndWhenAllAreTheDutyPhoneRingsAtOnce(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	away, there := s.Seat("1001"), s.Seat("1002")
	away.IsAway("吃饭")
	if state := away.State(); state.Presence != "away" || state.Reason != "吃饭" || state.Free {
		t.Errorf("the seat is %+v", state)
	}
	child, next := s.Citizen("13800000001"), s.Citizen("13800000002")
	child.ComesBy("220100")
	there.Answers()
	child.Hears(there)
	away.IsNotRung()
	child.HangsUp()
	there.IsLeft()
	there.IsAway("培训")
	next.ComesBy("220100")
	officer := s.Carrier.Takes()
	officer.Answers()
	next.Hears(officer)
	next.HangsUp()
	r := s.Record(next)
	if d := between(r.WaitingAt, r.Attempts[0].DialledAt); d > time.Second || len(r.Attempts) != 1 {
		t.Errorf("the duty phone was rung after %s; attempts %+v", d, r.Attempts)
	}
	away.IsNotRung()
	there.IsNotRung()
	if r := s.Record(child); len(r.Attempts) != 1 {
		t.Errorf("attempts %+v", r.Attempts)
	}
}

func TestASeatWithoutTheSkillIsNotRungBeforeTheSearchWidens(t *testing.T) {
	t.Parallel()
	const widens = 4 * time.Second
	s := stage.New(t, stage.With(planFile,
		"    - {to: queue:region}\n    - {to: queue:neighbours, after: 10s, ratio: 2}\n",
		"    - {to: queue:region, skills: [psychology]}\n    - {to: queue:region, after: 4s}\n"))
	able, other := s.Seat("1001"), s.Seat("1002")
	first, second := s.Citizen("13800000001"), s.Citizen("13800000002")
	first.ComesBy("220100")
	able.Answers()
	first.Hears(able)
	other.IsNotRung()
	second.ComesBy("220100") // waits for the seat that talks
	other.Answers()
	second.Hears(other)
	second.HangsUp()
	first.HangsUp()
	r := s.Record(second)
	if d := between(r.WaitingAt, r.Attempts[0].DialledAt); d < widens || d > widens+time.Second || r.Agent != "1002" {
		t.Errorf("seat %s was rung after %s", r.Agent, d)
	}
}

func TestASeatsPhoneCanNotSendTheCallOutOfTheHouse(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	first, second := s.Seat("1001"), s.Seat("1002")
	abroad := "sip:0085212345678@" + s.SIP()
	child := s.Citizen("13800000001")
	child.ComesBy("220100")
	first.Redirects(abroad) // call forwarding
	second.Answers()
	child.Hears(second)
	// The transfer keys, blind and attended.
	for _, to := range []string{abroad, "sip:1001@" + s.SIP() + "?Replaces=nothing%3Bto-tag%3D1%3Bfrom-tag%3D2"} {
		if status := second.Refers(to); status < 300 {
			t.Errorf("REFER to %s is accepted: %d", to, status)
		}
	}
	child.Hears(second)
	second.Hears(child)
	s.Carrier.IsNotRung()
	child.HangsUp()
	r := s.Record(child)
	if len(r.Attempts) != 2 || r.Attempts[0].Result == record.ResultAnswered || r.Agent != "1002" || r.Outcome != call.Answered {
		t.Errorf("outcome %s by %s, attempts %+v", r.Outcome, r.Agent, r.Attempts)
	}
	s.Carrier.IsNotRung()
}

func TestTheNextCallComesWhenTheRestAfterATalkEndsAndNotBefore(t *testing.T) {
	t.Parallel()
	const rest = 3 * time.Second
	s := stage.New(t, stage.With("queues.yaml", "wrap_up: 10s", "wrap_up: 3s"))
	li := s.Seat("1001")
	first, second := s.Citizen("13800000001"), s.Citizen("13800000002")
	first.ComesBy("220100")
	li.Answers()
	first.Hears(li)
	second.ComesBy("220100")
	s.InPhase(second, "waiting")
	first.HangsUp()
	li.IsLeft()
	s.Until("the seat rests", func() bool { return li.State().Work == "wrapping" })
	li.Answers()
	second.Hears(li)
	second.HangsUp()
	before, after := s.Record(first), s.Record(second)
	d := between(before.Attempts[0].LeftAt, after.Attempts[0].DialledAt)
	if d < rest || d > rest+time.Second {
		t.Errorf("rung again after %s, want %s", d, rest)
	}
}

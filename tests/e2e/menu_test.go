package e2e

import (
	"testing"

	"weibao/call"
	"weibao/tests/stage"
)

func TestAQuestionIsAnsweredByASeat(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.Dials("12345", "X-Region", "220100")
	child.HearsVoice()
	child.Presses("6")
	li.Answers()
	child.Hears(li)
	li.Hears(child)
	child.HangsUp()
	li.IsLeft()
	r := s.Record(child)
	if r.Outcome != call.Answered || r.Region != "220100" || r.Keys != "6" || r.Intent != "minors" || r.Agent != "1001" || r.Talked <= 0 {
		t.Errorf("record %+v", r)
	}
	if len(r.Attempts) != 1 || r.Attempts[0].Result != "answered" {
		t.Errorf("attempts %+v", r.Attempts)
	}
}

func TestKeySixInterruptsTheGreeting(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.Dials("12345")
	child.Presses("6") // the greeting has only begun
	li.Rings()
	r := s.InPhase(child, "offering")
	if r.Region != "220100" {
		t.Errorf("region %s, want home", r.Region)
	}
	child.HangsUp()
	li.IsLeft()
	if r := s.Record(child); r.Keys != "6" || r.Outcome != call.Abandoned {
		t.Errorf("keys %q, outcome %s", r.Keys, r.Outcome)
	}
}

func TestNoKeyAWrongKeyAndAHookFlashReachTheSameSeat(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, keys, missed string }{
		{"no key", "", "silence"},
		{"a wrong key", "3", "wrong"},
		{"a hook flash", "!", "silence"}, // Asterisk tells no digit of it: the menu goes on
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			li, child := s.Seat("1001"), s.Citizen("13800000001")
			child.Dials("12345", "X-Region", "220100")
			if row.keys != "" {
				child.HearsVoice()
				child.Presses(row.keys)
			}
			li.Answers()
			child.Hears(li)
			child.HangsUp()
			li.IsLeft()
			if r := s.Record(child); r.Missed != row.missed || r.Outcome != call.Answered {
				t.Errorf("missed %q outcome %s, want %q answered", r.Missed, r.Outcome, row.missed)
			}
		})
	}
}

func TestACallThroughYanbiansLineReachesYanbiansSeat(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, dialled string
		headers       []string
	}{
		{"by header", "12345", []string{"X-Region", "222400"}},
		{"by the number dialled", "043312345", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := stage.New(t)
			changchun, yanbian := s.Seat("1001"), s.Seat("1009")
			child := s.Citizen("13800000001")
			child.Dials(row.dialled, row.headers...)
			child.Presses("6")
			yanbian.Answers()
			child.Hears(yanbian)
			changchun.IsNotRung()
			child.HangsUp()
			if r := s.Record(child); r.Region != "222400" {
				t.Errorf("region %s", r.Region)
			}
		})
	}
}

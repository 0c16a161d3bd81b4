package e2e

import (
	"testing"
	"time"

	"weibao/call"
	"weibao/tests/stage"
)

func TestAGhostCallerStopsThePhoneWithinASecondAtEveryPointOfTheOffer(t *testing.T) {
	t.Parallel()
	s := stage.New(t, noRest())
	li := s.Seat("1001")
	child := s.Citizen("13800000001")
	officer := func() *stage.Person {
		li.Is("away")
		child.ComesBy("220100")
		return s.Carrier.Takes()
	}
	for _, row := range []struct {
		name  string
		until func() *stage.Person
	}{
		{"the seat's phone has the INVITE", func() *stage.Person {
			li.Is("ready")
			child.ComesBy("220100")
			li.IsInvited()
			return li.Person
		}},
		{"the seat's phone rings", func() *stage.Person {
			child.ComesBy("220100")
			li.Rings()
			return li.Person
		}},
		{"the seat hears who comes", func() *stage.Person {
			child.ComesBy("220100")
			li.Answers()
			return li.Person
		}},
		{"the duty phone has the INVITE", officer},
		{"the duty phone rings", func() *stage.Person {
			o := officer()
			o.Rings()
			return o
		}},
		{"the officer hears who comes", func() *stage.Person {
			o := officer()
			o.Answers()
			return o
		}},
	} {
		rung := row.until()
		child.HangsUp()
		left := time.Now()
		if d := rung.IsLeft().At.Sub(left); d > time.Second {
			t.Errorf("%s: it stopped %s after the caller had left", row.name, d)
		}
		s.Until("the call is over", func() bool { return len(s.Calls()) == 0 })
	}
	for _, r := range s.Records(child) {
		if r.Talked != 0 && r.Outcome != call.Answered || r.Alone != 0 {
			t.Errorf("outcome %s (%s), talked %d", r.Outcome, r.Reason, r.Talked)
		}
	}
}

func TestTheFormIsWrittenWhileTheSeatRestsAfterTheCallerHasHungUp(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Asks(id, "note", map[string]any{"fields": map[string]string{"姓名": "小明", "诉求": "不清楚"}})
	child.HangsUp()
	li.IsLeft()
	s.Until("the seat rests", func() bool { return li.State().Work == "wrapping" })
	s.Record(child)
	li.Asks(id, "note", map[string]any{"fields": map[string]string{"诉求": "被同学打"}})
	r := s.Record(child)
	if r.Note["姓名"] != "小明" || r.Note["诉求"] != "被同学打" {
		t.Errorf("the form in the record: %v", r.Note)
	}
}

func TestASupervisorPullsAWaitingCallerBeforeTheLine(t *testing.T) {
	t.Parallel()
	s := stage.New(t, noRest())
	li, supervisor := s.Seat("1001"), s.Seat("1019")
	supervisor.Is("away")
	talking, first, pulled := s.Citizen("13800000001"), s.Citizen("13800000002"), s.Citizen("13800000003")
	talking.ComesBy("220100")
	li.Answers()
	talking.Hears(li)
	first.ComesBy("220100")
	s.Until("one waits", func() bool { return len(s.Waiting()) == 1 })
	pulled.ComesBy("220100")
	s.Until("two wait", func() bool { return len(s.Waiting()) == 2 })
	id := s.Waiting()[1]
	supervisor.Asks(id, "pull", map[string]any{"agent": "1001"})
	s.Until("the pulled caller is the next", func() bool { return s.Waiting()[0] == id })
	talking.HangsUp()
	li.IsLeft()
	li.Answers()
	pulled.Hears(li)
	supervisor.Is("ready")
	supervisor.IsNotRung()
	supervisor.Asks(s.Waiting()[0], "pull", map[string]any{}) // to oneself
	supervisor.Answers()
	first.Hears(supervisor)
	pulled.HangsUp()
	first.HangsUp()
	if r := s.Record(first); r.Agent != "1019" || r.Outcome != call.Answered {
		t.Errorf("outcome %s by %s", r.Outcome, r.Agent)
	}
}

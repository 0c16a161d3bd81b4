package call

import (
	"testing"

	"weibao/routing"
)

func TestACallBelongsToTheCityOfHeaderThenNumberThenHome(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ dialled, header, want string }{
		{"12345", "222400", "222400"},
		{"12345", "222404", "222400"}, // a county's line is its city's
		{"043312345", "", "222400"},
		{"043112345", "222400", "222400"},
		{"12345", "", "220100"},
		{"12345", "999999", "220100"},
		{"099912345", "", "220100"},
	} {
		s := newScript(t)
		s.arrives(row.dialled, row.header)
		if s.c.Region != row.want {
			t.Errorf("dialled %s with header %q: region %s, want %s", row.dialled, row.header, s.c.Region, row.want)
		}
	}
}

func TestTheLineIsAnsweredAndGreetsAtOnce(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	commands := s.arrives("12345", "")
	before[Answer, Play](s, commands)
	if got := must[Play](s, commands).Prompts[0].Name; got != "greeting" {
		t.Errorf("plays %s, want the greeting", got)
	}
}

func TestAnyKeyInterruptsTheGreetingAndEveryWayLeadsToASeat(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, key, intent, missed string }{
		{"the minors option", "6", "minors", ""},
		{"a wrong key", "1", "general", "wrong"},
		{"a star", "*", "general", "wrong"},
		{"no key", "", "general", "silence"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.arrives("12345", "220100")
			var commands []Command
			if row.key == "" {
				s.promptEnds("caller")
				commands = s.alarm(alarmKey)
			} else {
				commands = s.presses(row.key)
				before[Quiet, Enqueue](s, commands)
			}
			if got := must[Enqueue](s, commands).Ticket.Queues(); len(got) != 1 || got[0] != "changchun" {
				t.Errorf("enqueued in %v, want changchun", got)
			}
			if s.c.Walk.Intent != row.intent || s.c.Walk.Missed != row.missed {
				t.Errorf("intent %q missed %q, want %q %q", s.c.Walk.Intent, s.c.Walk.Missed, row.intent, row.missed)
			}
		})
	}
}

func TestTheSeatHearsWhoIsComingBeforeTheCallerIsJoined(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	seat := s.offers("c1", "1001")
	commands := s.picks(seat)
	if play := must[Play](s, commands); play.Leg != seat {
		t.Errorf("the whisper is played to %s", play.Leg)
	}
	if len(all[Join](commands)) != 0 {
		t.Error("joined before the whisper")
	}
	commands = s.promptEnds(seat)
	before[Quiet, Join](s, commands)
	if join := must[Join](s, commands); len(join.Legs) != 2 {
		t.Errorf("joined %v, want caller and seat in one act", join.Legs)
	}
	must[Record](s, commands)
}

func TestAWhisperThatNeverEndsDoesNotKeepTheCallerWaiting(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	seat := s.offers("c1", "1001")
	s.picks(seat)
	must[Join](s, s.alarm(whisperAlarm(seat)))
}

func TestARingThatFailsKeepsPlaceAndAge(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		end  func(*script, LegID) []Command
		want Seen
	}{
		{"no answer", func(s *script, l LegID) []Command { return s.alarm(ringAlarm(l)) }, SeenNoAnswer},
		{"no sign of the phone", func(s *script, l LegID) []Command { return s.alarm(reachAlarm(l)) }, SeenUnreachable},
		{"busy", func(s *script, l LegID) []Command { return s.leaves(l, Busy) }, SeenBusy},
		{"rejected", func(s *script, l LegID) []Command { return s.leaves(l, Rejected) }, SeenRejected},
		{"unreachable", func(s *script, l LegID) []Command { return s.leaves(l, Unreachable) }, SeenUnreachable},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.arrives("12345", "220100")
			s.presses("6")
			since := s.c.Search.Since
			seat := s.offers("c1", "1001")
			if got := must[Report](s, row.end(s, seat)).What; got != row.want {
				t.Errorf("the floor is told %s, want %s", got, row.want)
			}
			if s.c.Phase != Waiting || !s.c.Search.Queued || s.c.Search.Since != since {
				t.Errorf("phase %s queued %v since %s, want waiting in the same place", s.c.Phase, s.c.Search.Queued, s.c.Search.Since)
			}
			s.offers("c1", "1002")
		})
	}
}

func TestAStepThatNobodyServesIsNotWaitedOut(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	unstaffed := func(at At) Event { return Crowded{At: at, Ticket: "c1"} }
	if got := must[Enqueue](s, s.after(0, unstaffed)).Ticket.Queues(); len(got) != 2 {
		t.Errorf("queues %v, want own and province", got)
	}
	if got := must[Dial](s, s.after(0, unstaffed)).To.Name; got != "13900000001" {
		t.Errorf("rings %s, want the duty officer", got)
	}
}

func TestTheDutyNumbersAreRungRoundAndRoundUntilAPersonAnswers(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	unstaffed := func(at At) Event { return Crowded{At: at, Ticket: "c1"} }
	s.after(0, unstaffed)
	first := must[Dial](s, s.after(0, unstaffed))
	second := must[Dial](s, s.leaves(first.Leg, Busy))
	if second.To.Name != "13900000002" {
		t.Fatalf("second number %s", second.To.Name)
	}
	s.leaves(second.Leg, NoAnswer)
	third := must[Dial](s, s.alarm(alarmDuty))
	s.picks(third.Leg)
	s.promptEnds(third.Leg)
	if s.c.Phase != Talking || s.c.Search.Queued {
		t.Errorf("phase %s queued %v, want talking with the duty officer", s.c.Phase, s.c.Search.Queued)
	}
}

func TestOfTwoWhoAreRungTheFirstToBeJoinedHasTheCall(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	unstaffed := func(at At) Event { return Crowded{At: at, Ticket: "c1"} }
	s.after(0, unstaffed)
	duty := must[Dial](s, s.after(0, unstaffed)).Leg
	seat := s.offers("c1", "1015")
	s.picks(seat)
	commands := s.promptEnds(seat)
	if release := must[Release](s, commands); release.Leg != duty {
		t.Errorf("released %s, want the duty officer's phone", release.Leg)
	}
}

func TestACallerWhoHangsUpIsRecordedOnceWithThePhase(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, reason string
		until        func(*script)
	}{
		{"greeting", "来电人在问候语中挂断", func(s *script) {}},
		{"line", "来电人在排队中挂断", func(s *script) { s.presses("6") }},
		{"ringing", "来电人在振铃中挂断", func(s *script) { s.presses("6"); s.offers("c1", "1001") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.arrives("12345", "220100")
			row.until(s)
			record := must[KeepRecord](s, s.leaves("caller", HungUp)).Call
			if record.Ending != (Ending{Outcome: Abandoned, Reason: row.reason}) {
				t.Errorf("ending %+v, want abandoned, %s", record.Ending, row.reason)
			}
			owed := record.FollowUp
			if owed.Kind != Contact || owed.ID != "c1" || owed.Owner != "changchun" || owed.Promised || owed.Why != row.reason {
				t.Errorf("follow-up %+v, want a contact that the city's queue owns", owed)
			}
			if left := record.Caller().LeftAt; !owed.Due.Equal(left.Add(DefaultTimes().FollowUp)) || owed.Since.IsZero() || owed.Since.After(left) {
				t.Errorf("left %s, since %s, due %s", left, owed.Since, owed.Due)
			}
		})
	}
}

func TestATalkEndsWithTheCallerAndTheRecordWaitsForTheRecording(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	commands := s.leaves("caller", HungUp)
	if report := must[Report](s, commands); report.What != SeenLeft || report.Agent != "1001" {
		t.Errorf("the floor is told %+v", report)
	}
	if release := must[Release](s, commands); release.Leg != seat {
		t.Errorf("released %s", release.Leg)
	}
	if len(all[KeepRecord](commands)) != 0 {
		t.Error("the record did not wait for the recording")
	}
	record := must[KeepRecord](s, s.feed(func(at At) Event { return Recorded{At: at, File: "c1.wav"} })).Call
	if record.Ending.Outcome != Answered || record.Recording.File != "c1.wav" {
		t.Errorf("ending %+v, recording %+v", record.Ending, record.Recording)
	}
}

func TestARecordingThatIsNeverClosedDoesNotKeepTheRecord(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.leaves("caller", HungUp)
	record := must[KeepRecord](s, s.alarm(alarmClosing)).Call
	if record.Recording.Fault == "" {
		t.Error("the record does not say that the recording is missing")
	}
}

func TestWhenTheSeatHangsUpTheCallerIsToldAndStayingGoesFirstInLine(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	commands := s.leaves(seat, HungUp)
	if s.c.Phase != Parting || must[Play](s, commands).Prompts[0].Name != "closing" {
		t.Fatalf("phase %s, commands %v", s.c.Phase, kinds(commands))
	}
	s.promptEnds("caller")
	ticket := must[Enqueue](s, s.alarm(alarmParting)).Ticket
	if ticket.Boost != routing.BoostReturn {
		t.Errorf("boost %d, want first in line", ticket.Boost)
	}
}

func TestWhenTheSeatsPhoneDiesTheCallerIsRescuedAtOnce(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	commands := s.leaves(seat, Lost)
	if len(all[Enqueue](commands)) != 2 {
		t.Fatalf("commands %v, want the seats and the supervisors asked", kinds(commands))
	}
	supervisor := s.offers("c1/help", "1019")
	s.picks(supervisor)
	s.promptEnds(supervisor)
	if s.c.Phase != Talking || s.c.Agent != "1019" || s.c.Search.Queued || s.c.Help.Queued {
		t.Errorf("phase %s agent %s, still searching %v %v", s.c.Phase, s.c.Agent, s.c.Search.Queued, s.c.Help.Queued)
	}
	if s.c.Attended.Waited == 0 || s.c.Alone() != 0 {
		t.Errorf("waited %s alone %s", s.c.Attended.Waited, s.c.Alone())
	}
}

func TestATalkGoesOnUnderItsOldIdAfterARestart(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{live: true, up: true, room: Talk}
	s.legs["c1-1"] = &worldLeg{live: true, up: true, room: Talk}
	s.order = []LegID{"caller", "c1-1"}
	commands := s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Resumed: true, With: []Party{{Leg: "c1-1", Agent: "1001", Up: true, Room: Talk}}}
	})
	if s.c.Phase != Talking || s.c.Agent != "1001" || len(all[Play](commands))+len(all[Join](commands)) != 0 {
		t.Errorf("phase %s, commands %v: the talk must not notice", s.c.Phase, kinds(commands))
	}
	s.leaves("caller", HungUp)
	must[KeepRecord](s, s.feed(func(at At) Event { return Recorded{At: at, File: "c1.wav"} }))
}

func TestASeatThatAnswersAndGoesBeforeTheCallerIsJoinedPutsTheCallerBackInLine(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	seat := s.offers("c1", "1001")
	s.picks(seat)
	commands := s.leaves(seat, HungUp)
	if ticket := must[Enqueue](s, commands).Ticket; !ticket.Since.Equal(s.c.Search.Since) {
		t.Errorf("ticket %+v, want the old age", ticket)
	}
	if s.c.Phase != Waiting {
		t.Errorf("phase %s", s.c.Phase)
	}
}

func TestACallerWhoseLineIsLostIsOwedACallBack(t *testing.T) {
	t.Parallel()
	for _, talking := range []bool{false, true} {
		s := newScript(t)
		if talking {
			s.talks()
		} else {
			s.arrives("12345", "220100")
		}
		s.leaves("caller", Lost)
		if s.c.Ending.Outcome != Fault || s.c.FollowUp.Kind != "callback" {
			t.Errorf("talking %v: ending %+v, follow-up %+v", talking, s.c.Ending, s.c.FollowUp)
		}
	}
}

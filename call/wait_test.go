package call

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// waits brings a caller into line.
func (s *script) waits() {
	s.t.Helper()
	s.arrives("12345", "220100")
	s.presses("6")
	s.promptEnds("caller")
}

// hears are the names of the prompts that were just begun for the caller.
func (s *script) hears(commands []Command) string {
	var names []string
	for _, play := range all[Play](commands) {
		for _, p := range play.Prompts {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

// told lets the next time for words come and the floor answer; what is heard
// then has come to its end.
func (s *script) told(position int, e routing.Estimate) string {
	s.t.Helper()
	words := s.alarm(alarmComfort)
	if asked := all[Enquire](words); len(asked) > 0 {
		s.enquiries = nil
		words = s.after(time.Millisecond, func(at At) Event { return Stands{At: at, Ticket: asked[0].Ticket, Position: position, Estimate: e} })
	}
	heard := s.hears(words)
	if s.legs["caller"].playing != "" {
		s.promptEnds("caller")
	}
	return heard
}

func upTo(low, high time.Duration) routing.Estimate { return routing.Estimate{Low: low, High: high} }

func TestTheCallerInLineHearsThePlaceAndTheWaitAndNeverThatTheyGotWorse(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.waits()
	if due := s.alarms[alarmComfort].Sub(s.now); due > s.guide.Times.FirstWord || due <= 0 {
		t.Errorf("the first words come after %s", due)
	}
	for i, row := range []struct {
		position int
		estimate routing.Estimate
		heard    string
	}{
		{3, upTo(150*time.Second, 280*time.Second), "two, 2 to 5, keys"}, // at 10 s
		{3, upTo(150*time.Second, 280*time.Second), "comfort"},           // the same place is not said again at once
		{3, upTo(150*time.Second, 280*time.Second), "two"},               // five minutes from now would be later than was said
		{5, routing.Estimate{}, "comfort, keys"},                         // somebody more pressing came: that is not said
		{2, upTo(10*time.Second, 100*time.Second), "one, to 2"},          // the line has moved
		{1, routing.Estimate{}, "next"},                                  // not known any more
		{1, upTo(0, time.Minute), "next, keys"},                          // two minutes from now would be later than was said
		{1, upTo(0, time.Minute), "comfort"},
	} {
		if heard := s.told(row.position, row.estimate); heard != row.heard {
			t.Errorf("words %d: %q, want %q", i+1, heard, row.heard)
		}
	}
}

func TestWhoIsFarBehindHearsTheSentenceForThatManyAndMore(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.waits()
	if heard := s.told(80, routing.Estimate{}); heard != "three or more, keys" {
		t.Errorf("heard %q", heard)
	}
}

func TestAnEarlyWordIsNotSaidWhileSomebodyIsRungAndLaterAKindOneIs(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.waits()
	s.offers("c1", "1001")
	if heard := s.hears(s.alarm(alarmComfort)); heard != "" {
		t.Errorf("at the first words: %q", heard)
	}
	s.leaves("c1-1", NoAnswer)
	s.offers("c1", "1002")
	s.now = s.now.Add(time.Second)
	if commands := s.alarm(alarmComfort); s.hears(commands) != "comfort, keys" || len(all[Enquire](commands)) > 0 {
		t.Errorf("then: %v", commands)
	}
}

func TestAFloorThatDoesNotAnswerLeavesNobodyWithoutAWord(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.waits()
	must[Enquire](s, s.alarm(alarmComfort))
	s.enquiries = nil
	if heard := s.hears(s.alarm(alarmComfort)); heard != "comfort, keys" {
		t.Errorf("without an answer: %q", heard)
	}
	s.promptEnds("caller")
	ask := must[Enquire](s, s.alarm(alarmComfort))
	s.enquiries = nil
	if heard := s.hears(s.after(0, func(at At) Event { return Failed{At: at, Command: ask, Err: "closed"} })); heard != "comfort" {
		t.Errorf("after a fault: %q", heard)
	}
}

func TestASeatThatAnswersDuringAnythingInLineIsJoinedAtOnce(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		until func(*script)
	}{
		{"the place", func(s *script) {
			s.alarm(alarmComfort)
			s.enquiries = nil
			s.after(0, func(at At) Event { return Stands{At: at, Ticket: "c1", Position: 2} })
		}},
		{"a menu's question", func(s *script) { s.presses("1") }},
		{"the wait for a key", func(s *script) { s.presses("1"); s.promptEnds("caller") }},
		{"the confirmation", func(s *script) { s.presses("1"); s.presses("1"); s.presses("1") }},
	} {
		s := newScript(t)
		s.waits()
		row.until(s)
		seat := s.offers("c1", "1001")
		s.picks(seat)
		commands := s.promptEnds(seat) // the whisper to the seat
		before[Quiet, Join](s, commands)
		if s.c.Phase != Talking || s.c.Wait.Walk.Menu != "" || s.c.FollowUp.Promised {
			t.Errorf("%s: %s, menu %q, follow-up %+v", row.name, s.c.Phase, s.c.Wait.Walk.Menu, s.c.FollowUp)
		}
		if len(all[Play](s.presses("1"))) > 0 {
			t.Errorf("%s: a key in the talk is taken for one in line", row.name)
		}
	}
}

func TestKeyZeroBringsTheCallerBeforeOthersToAllSeatsAtOnce(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.waits()
	since := s.c.Search.Since
	commands := s.presses("0")
	ticket := must[Enqueue](s, commands).Ticket
	if ticket.Boost != routing.BoostUrgent || !ticket.Since.Equal(since) || !slices.Equal(ticket.Queues(), []string{"changchun", "province"}) {
		t.Errorf("ticket %+v", ticket)
	}
	if s.hears(commands) != "person" || s.c.Walk.Keys != "6" || !slices.ContainsFunc(s.c.Journey, func(e Entry) bool { return e.What == "URGENT" && e.More == "0" }) {
		t.Errorf("heard %q, keys %q, journey %v", s.hears(commands), s.c.Walk.Keys, s.c.Journey)
	}
	if due := s.alarms[alarmStep].Sub(s.c.Search.Decision.At); due != 40*time.Second {
		t.Errorf("the duty officer is rung after %s", due)
	}
	none := func(at At) Event { return Crowded{At: at, Ticket: "c1", Load: routing.Load{Waiting: 1}} }
	if d := must[Dial](s, s.after(0, none)); d.To.Name != "13900000001" {
		t.Errorf("without a seat %v is rung", d.To)
	}
	if again := s.presses("0"); len(all[Enqueue](again)) > 0 || len(all[Dial](again)) > 0 {
		t.Errorf("pressed again: %v", kinds(again))
	}
}

func TestKeyZeroInTheGreetingIsUrgentFromTheStartAndIsNotHeldUpByALimit(t *testing.T) {
	t.Parallel()
	limited := func() *script {
		s := newScript(t)
		draft := s.guide.Plan.Draft
		draft.Root = &routing.Route{Name: "root", Steps: draft.Root.Steps, Children: []*routing.Route{
			{Name: "slow", Match: []routing.Matcher{{Fact: routing.FactRisk, Values: []string{routing.RiskLimited}}}, Steps: draft.Root.Steps[2:]},
		}}
		s.guide.Plan = routing.NewPlan(draft)
		s.legs["caller"] = &worldLeg{live: true, up: true}
		s.order = []LegID{"caller"}
		s.feed(func(at At) Event {
			return Arrived{
				At: at, Call: "c1", Leg: "caller", Dialled: "12345", Caller: "13800000000",
				Facts: map[string]string{routing.FactRisk: routing.RiskLimited},
			}
		})
		return s
	}
	s := limited()
	if ticket := must[Enqueue](s, s.presses("0")).Ticket; ticket.Boost != routing.BoostUrgent || len(ticket.Queues()) != 2 || s.c.Search.Decision.Route != "root" {
		t.Errorf("%+v by %s", ticket, s.c.Search.Decision.Route)
	}
	s = limited()
	if commands := s.presses("6"); len(all[Enqueue](commands)) > 0 || s.c.Search.Decision.Route != "slow" {
		t.Fatalf("%v by %s", kinds(commands), s.c.Search.Decision.Route)
	}
	if ticket := must[Enqueue](s, s.presses("0")).Ticket; ticket.Boost != routing.BoostUrgent || s.c.Search.Decision.Route != "root" {
		t.Errorf("in line: %+v by %s", ticket, s.c.Search.Decision.Route)
	}
	if s.c.Facts[routing.FactRisk] != routing.RiskLimited {
		t.Error("what is known of the caller is forgotten")
	}
}

func TestACallBackIsLeftByKeysAndThePlaceIsKeptUntilTheCallerLeaves(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		keys, heard, hours string
	}{
		{"111", "safe?, hours?, promised", ""},
		{"112", "safe?, hours?, promised", "day"},
	} {
		s := newScript(t)
		s.waits()
		ticket := s.c.Search.Ticket
		var heard []string
		for _, key := range row.keys {
			heard = append(heard, s.hears(s.presses(string(key))))
		}
		heard[2] = s.hears(s.feed(func(at At) Event { return Promised{At: at} }))
		if got := strings.Join(heard, ", "); got != row.heard {
			t.Errorf("%s: heard %q", row.keys, got)
		}
		must[Music](s, s.promptEnds("caller"))
		if f := s.c.FollowUp; !f.Promised || f.Safe != Safe || f.Hours != row.hours || f.Kind != RingBack || !f.Since.Equal(ticket.Since) {
			t.Errorf("%s: %+v", row.keys, f)
		}
		if !s.c.Search.Queued || s.c.Search.Ticket.Boost != ticket.Boost || !s.tickets["c1"] {
			t.Errorf("%s: the place is lost", row.keys)
		}
		if heard := s.told(2, routing.Estimate{}); heard != "one, key 0" {
			t.Errorf("%s: who has a promise is asked again: %q", row.keys, heard)
		}
		s.leaves("caller", HungUp)
		if s.c.Ending.Outcome != CallBack || s.c.FollowUp.Hours != row.hours || !s.c.FollowUp.Promised {
			t.Errorf("%s: ended %+v with %+v", row.keys, s.c.Ending, s.c.FollowUp)
		}
	}
}

func TestAPhoneThatIsNotSafeIsNeverToBeRung(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.waits()
	s.presses("1")
	s.presses("1")
	s.presses("1") // promised, and then thought better of
	s.presses("1")
	if commands := s.presses("2"); s.hears(commands) != "not rung" || s.c.FollowUp.Promised || s.c.Safe != Unsafe {
		t.Errorf("heard %q, %+v", s.hears(commands), s.c.FollowUp)
	}
	s.leaves("caller", HungUp)
	if s.c.Ending.Outcome != Abandoned || s.c.FollowUp.Promised {
		t.Errorf("ended %+v with %+v", s.c.Ending, s.c.FollowUp)
	}
}

func TestSilenceAndWrongKeysInLineLeadBackToItAndLoseNothing(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*script) []Command{
		"silence": func(s *script) []Command {
			s.presses("1")
			s.promptEnds("caller")
			return s.alarm(alarmKey)
		},
		"a wrong key": func(s *script) []Command { s.presses("1"); return s.presses("9") },
	} {
		s := newScript(t)
		s.waits()
		ticket := s.c.Search.Ticket
		must[Music](s, act(s))
		if s.c.Wait.Walk.Menu != "" || !s.tickets["c1"] || !s.c.Search.Ticket.Since.Equal(ticket.Since) || s.c.FollowUp.Kind != "" {
			t.Errorf("%s: %+v", name, s.c.Wait)
		}
	}
	s := newScript(t)
	s.waits()
	if commands := s.presses("7"); len(commands) != 0 {
		t.Errorf("a key that the line has not: %v", kinds(commands))
	}
}

func TestACallerWithoutANumberIsNotOfferedACallBack(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	s.feed(func(at At) Event {
		return Arrived{At: at, Call: "c1", Leg: "caller", Dialled: "12345", Caller: "anonymous", Region: "220100"}
	})
	s.presses("6")
	s.promptEnds("caller")
	if heard := s.told(3, routing.Estimate{}); heard != "two, key 0" {
		t.Errorf("offered %q", heard)
	}
	if heard := s.hears(s.presses("1")); heard != "no number" || s.c.FollowUp.Promised || !s.tickets["c1"] {
		t.Errorf("heard %q, %+v", heard, s.c.FollowUp)
	}
}

func TestEachLanguageSaysEverythingBeforeTheNextDoes(t *testing.T) {
	t.Parallel()
	in := func(names ...string) (prompts []ivr.Prompt) {
		for _, n := range names {
			name, lang, _ := strings.Cut(n, "/")
			prompts = append(prompts, ivr.Prompt{Name: name, Lang: lang})
		}
		return prompts
	}
	if got := byLanguage(in("place/zh", "place/ko", "wait/zh", "wait/ko", "keys/zh")); !slices.Equal(got, in("place/zh", "wait/zh", "keys/zh", "place/ko", "wait/ko")) {
		t.Errorf("%v", got)
	}
}

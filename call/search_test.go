package call

import (
	"slices"
	"testing"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// planned is a script whose guide has these steps.
func planned(t *testing.T, steps ...routing.PlanStep) *script {
	t.Helper()
	s := newScript(t)
	draft := s.guide.Plan.Draft
	draft.Root = &routing.Route{Name: "root", Steps: steps}
	s.guide.Plan = routing.NewPlan(draft)
	return s
}

func TestACrowdedStepWidensBeforeItsTimeAlsoOnEntry(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	if ticket := must[Enqueue](s, s.presses("6")).Ticket; ticket.Ratio != 2 {
		t.Errorf("the floor is asked to tell above %v a seat, want 2", ticket.Ratio)
	}
	two := func(at At) Event { return Crowded{At: at, Ticket: "c1", Load: routing.Load{Waiting: 4, Seats: 2}} }
	if got := s.after(0, two); len(got) != 0 {
		t.Errorf("two callers a seat are not too many: %v", got)
	}
	five := func(at At) Event { return Crowded{At: at, Ticket: "c1", Load: routing.Load{Waiting: 5, Seats: 2}} }
	wider := must[Enqueue](s, s.after(0, five)).Ticket
	if got := wider.Queues(); !slices.Equal(got, []string{"changchun", "province"}) || wider.Since != s.c.Search.Since || wider.Ratio != 0 {
		t.Errorf("%+v, want both queues, the place kept", wider)
	}
	if got := s.after(0, five); len(got) != 0 {
		t.Errorf("duty officers have no seats that could be crowded: %v", got)
	}
}

func TestTheNextPostInTheChainIsRungAfterTheFirstAndBothGoRound(t *testing.T) {
	t.Parallel()
	s := planned(t,
		routing.PlanStep{Target: routing.Target{Kind: routing.ToDuty, Name: routing.RegionName}},
		routing.PlanStep{Target: routing.Target{Kind: routing.ToDuty, Name: "220000"}, After: time.Minute},
		routing.PlanStep{Target: routing.Target{Kind: routing.ToNumber, Name: "043112356"}, After: 2 * time.Minute},
	)
	s.guide.Rotas = routing.NewRotas(routing.AllDay("220100", "", "13900000001"), routing.AllDay("220000", "", "13900002200"))
	s.arrives("12345", "220100")
	city := must[Dial](s, s.presses("6"))
	s.leaves(city.Leg, Busy)
	province := must[Dial](s, s.alarm(alarmStep))
	if city.To.Name != "13900000001" || province.To.Name != "13900002200" {
		t.Fatalf("rung %s, then %s", city.To.Name, province.To.Name)
	}
	s.alarm(alarmStep) // the number's turn comes while the province is rung
	if number := must[Dial](s, s.leaves(province.Leg, NoAnswer)); number.To.Name != "043112356" {
		t.Fatalf("then %s", number.To.Name)
	} else {
		s.leaves(number.Leg, NoAnswer)
	}
	var round []string
	for d := must[Dial](s, s.alarm(alarmDuty)); ; d = must[Dial](s, s.heard) {
		round = append(round, d.To.Name)
		s.leaves(d.Leg, NoAnswer)
		if len(round) == 3 {
			break
		}
	}
	if !slices.Equal(round, []string{"13900000001", "13900002200", "043112356"}) {
		t.Errorf("the second round is %v", round)
	}
}

func TestWhoChoosesALanguageHearsItAndIsGivenASeatThatSpeaksIt(t *testing.T) {
	t.Parallel()
	s := planned(t,
		routing.PlanStep{Target: routing.Target{Kind: routing.ToQueue, Name: routing.RegionName}, Languages: []string{"ko"}},
		routing.PlanStep{Target: routing.Target{Kind: routing.ToDuty, Name: routing.RegionName}, After: time.Minute},
	)
	menu := s.guide.Menus.Menus["main"]
	menu.Keys = map[string]ivr.Choice{"8": {Intent: "minors", Language: "ko"}}
	s.guide.Menus.Menus = map[string]ivr.Menu{"main": menu}
	s.guide.Prompts.Connecting = []ivr.Prompt{{Name: "connecting", Lang: "zh"}, {Name: "connecting", Lang: "ko"}}
	s.arrives("12345", "220100")
	commands := s.presses("8")
	if play := must[Play](s, commands); len(play.Prompts) != 1 || play.Prompts[0].Lang != "ko" {
		t.Errorf("the caller hears %v", play.Prompts)
	}
	if want := must[Enqueue](s, commands).Ticket.Wants[0]; !slices.Equal(want.Languages, []string{"ko"}) {
		t.Errorf("the ticket wants %v", want)
	}
}

func TestARouteGivesAPriorityAndARescueGoesBeforeIt(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	priority := 20
	draft := s.guide.Plan.Draft
	draft.Root = &routing.Route{Name: "root", Steps: draft.Root.Steps, Children: []*routing.Route{
		{Name: "again", Match: []routing.Matcher{{Fact: routing.FactRepeat, Values: []string{routing.RepeatLost}}}, Priority: &priority},
	}}
	s.guide.Plan = routing.NewPlan(draft)
	s.legs["caller"] = &worldLeg{live: true, up: true}
	s.order = []LegID{"caller"}
	s.feed(func(at At) Event {
		return Arrived{
			At: at, Call: "c1", Leg: "caller", Dialled: "12345", Caller: "13800000000",
			Facts: map[string]string{routing.FactRepeat: routing.RepeatLost, FactAgent: "1007"},
		}
	})
	if ticket := must[Enqueue](s, s.presses("6")).Ticket; ticket.Prefer != "1007" {
		t.Errorf("who talked with the caller before is %q", ticket.Prefer)
	} else if ticket.Boost != priority || s.c.Search.Decision.Route != "again" {
		t.Errorf("boost %d by %s", ticket.Boost, s.c.Search.Decision.Route)
	}
}

func TestTheWaitEndsOnceWithTheFirstPersonOrWithTheCallersLeaving(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		by   Role
		end  func(*script)
	}{
		{"a seat", Seat, func(s *script) { s.picks(s.offers("c1", "1001")) }},
		{"the caller", Citizen, func(s *script) { s.leaves("caller", HungUp) }},
	} {
		s := newScript(t)
		s.arrives("12345", "220100")
		s.presses("6")
		before := s.c.Clone()
		row.end(s)
		if row.by == Seat && s.c.TalkedAt.IsZero() {
			s.promptEnds(s.c.Legs[len(s.c.Legs)-1].ID)
		}
		if by, over := outOfLine(&before, &s.c); !over || by != row.by {
			t.Errorf("%s: %v %s", row.name, over, by)
		}
		if _, over := outOfLine(&s.c, &s.c); over {
			t.Errorf("%s: the wait ends twice", row.name)
		}
	}
}

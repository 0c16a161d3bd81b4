package call

import (
	"slices"
	"testing"

	"weibao/routing"
)

func TestAPulledCallerGoesBeforeTheLineToTheNamedSeatAndKeepsItsAge(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	before := must[Enqueue](s, s.presses("6")).Ticket
	if refused := s.asks(WishPull{Agent: "1019", Queues: []string{"supervisors", "changchun"}}); refused != "" {
		t.Fatal(refused)
	}
	now := must[Enqueue](s, s.heard).Ticket
	if now.ID != before.ID || now.Since != before.Since || now.Prefer != "1019" || now.Boost != routing.BoostReturn {
		t.Errorf("%+v, want the place of %+v", now, before)
	}
	if got := now.Queues(); !slices.Equal(got, []string{"changchun", "supervisors"}) {
		t.Errorf("it may be served by %v", got)
	}
	if !slices.ContainsFunc(s.c.Journey, func(e Entry) bool { return e.What == "PULL" }) {
		t.Error("the journey does not say who pulled it")
	}
}

func TestACallThatIsBeingJoinedOrTalksIsNotPulled(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	if refused := s.asks(WishPull{Agent: "1019"}); refused == "" {
		t.Error("a caller in the menu was pulled")
	}
	s.presses("6")
	leg := s.offers("c1", "1001")
	if refused := s.asks(WishPull{Agent: "1019"}); refused != "" {
		t.Errorf("while a seat rings: %s", refused)
	}
	s.picks(leg)
	if refused := s.asks(WishPull{Agent: "1019"}); refused == "" {
		t.Error("a caller whom a seat has answered was pulled")
	}
}

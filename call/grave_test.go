package call

import (
	"testing"

	"weibao/routing"
)

func TestOnlyTheSeatThatIsRungCanReject(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.arrives("12345", "220100")
	s.presses("6")
	if s.asks(WishReject{}) == "" {
		t.Error("a seat that is not rung rejected")
	}
	other := s.offers("c1", "1002")
	if s.asks(WishReject{}) == "" || !s.c.Leg(other).Live() {
		t.Error("the ring of another seat was rejected")
	}
	s.leaves(other, Busy)
	own := s.offers("c1", "1001")
	if refused := s.asks(WishReject{}); refused != "" {
		t.Fatal(refused)
	}
	if got := must[Release](s, s.heard); got.Leg != own || got.Why != Rejected {
		t.Errorf("%+v, want the leg of the seat released as rejected", got)
	}
	own = s.offers("c1", "1001")
	s.picks(own)
	if s.asks(WishReject{}) == "" || !s.c.Leg(own).Live() {
		t.Error("a seat that has answered rejected")
	}
}

func TestAGraveCallIsToldWhenTheSeatLeaves(t *testing.T) {
	t.Parallel()
	note := func(severity string) func(*script) {
		return func(s *script) { s.asks(WishNote{Fields: map[string]string{NoteSeverity: severity}}) }
	}
	for _, row := range []struct {
		name     string
		happened func(*script)
		grave    bool
	}{
		{"nothing special", func(*script) {}, false},
		{"110 was asked for", func(s *script) { s.reaches() }, true},
		{"110 was asked for and given up", func(s *script) { s.reaches(); s.asks(WishCancel{}) }, true},
		{"another number was asked for", func(s *script) {
			s.asks(WishTransfer{To: routing.Target{Kind: routing.ToNumber, Name: "043112356"}})
		}, false},
		{"the form says 紧急", note("紧急"), true},
		{"the form says 特急", note("特急"), true},
		{"the form says grave", note("grave"), true},
		{"the form says 一般", note("一般"), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			seat := s.talks()
			row.happened(s)
			for _, r := range all[Report](s.leaves(seat, HungUp)) {
				if r.What == SeenLeft && r.Grave == row.grave {
					return
				}
			}
			t.Errorf("told %v, want %s with grave %v", all[Report](s.heard), SeenLeft, row.grave)
		})
	}
}

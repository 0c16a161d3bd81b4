package call

import (
	"slices"
	"time"

	"weibao/routing"
)

// beginOurs lets a call of ours begin: a call back, now and then one that a
// seat wants to make, or a seat's own call.
func (w *world) beginOurs() {
	w.legs["caller"] = &worldLeg{unplaced: true}
	owed := Owed{At: At(w.now), Call: "c1", Leg: "caller", FollowUp: FollowUp{
		ID: "c0", Kind: RingBack, Number: "13800000000", Region: "220100", Dialled: "12345", Promised: true, Safe: Safe,
		Since: w.now.Add(-time.Hour), Attempts: w.rng.IntN(maxAttempts),
	}}
	switch w.rng.IntN(4) {
	case 0:
		owed.By = "1001"
	case 1:
		owed.By, owed.FollowUp = "1001", FollowUp{Number: "043112356", Region: "220100"}
	}
	w.feed(owed)
}

// owedEvent is something that happens to call backs only.
func (w *world) owedEvent(at At) Event {
	if w.c.Placed.On() && w.rng.IntN(2) == 0 {
		return Recalled{At: at, Why: "…"}
	}
	if w.rng.IntN(3) == 0 {
		return wanted{at, (*turn).refuseRingBack}
	}
	return wanted{at, func(t *turn) { t.promise("") }}
}

// checkRingBack: a party is rung when a seat has answered for it, and only then.
func (w *world) checkRingBack() {
	if !slices.ContainsFunc(w.order, func(id LegID) bool { l := w.legs[id]; return l.agent && l.live && l.up }) {
		w.failf("a party is rung without a seat")
	}
	if w.c.Search.Queued || len(w.tickets) > 0 {
		w.failf("a party is rung while another seat is looked for")
	}
}

// checkPlay: before the key a party hears nothing of what the hotline is.
func (w *world) checkPlay(p Play) {
	if p.Leg != "caller" || !w.c.Unconfirmed() {
		return
	}
	for _, prompt := range p.Prompts {
		if prompt.Name != "neutral" && prompt.Name != "goodbye" {
			w.failf("%s is played to somebody who has not said who it is", prompt.Name)
		}
	}
}

// checkOurs looks at a call of ours as it is now, and at what it leaves behind.
func (w *world) checkOurs() {
	c := &w.c
	if !c.Placed.On() {
		if c.Phase == Ended && c.Ending.Outcome == CallBack && c.TalkedAt.IsZero() && !c.FollowUp.Promised {
			w.failf("a call back was left without a promise")
		}
		return
	}
	party := w.legs["caller"]
	switch {
	case c.Phase == Calling && !party.live:
		w.failf("calling nobody")
	case c.Phase == Calling && party.live && !party.up && c.searchingSeat() == nil:
		w.failf("a phone is rung and no seat waits for it")
	case party.unplaced && c.Phase != Waiting && c.Phase != Offering && c.Phase < Closing:
		w.failf("phase %s before anybody was rung", c.Phase)
	case c.Phase == Ended && c.Direction() == "owed" && c.TalkedAt.IsZero() && c.Ending.Outcome != CallBack:
		w.failf("outcome %s of a call back that reached nobody", c.Ending.Outcome)
	}
	if f := c.Placed.FollowUp; c.Phase == Ended && c.TalkedAt.IsZero() && f.ID == "c0" && f.Safe != Unsafe && f.Promised == (f.Attempts >= maxAttempts) {
		w.failf("after %d attempts promised is %v", f.Attempts, f.Promised)
	}
}

// searchingSeat is the seat that has answered and is not joined yet.
func (c *Call) searchingSeat() *Leg {
	return (&turn{c: *c}).searchLeg(Seat)
}

// resumedTalk reports a call of ours that an earlier life had joined already.
func (c *Call) resumedTalk() bool { return c.Placed.FollowUp.Kind == "" && c.Direction() == "owed" }

// owes begins a call back for 13800000000, who has waited for an hour.
func (s *script) owes(by routing.AgentID, hours string) []Command {
	s.t.Helper()
	s.legs["caller"] = &worldLeg{unplaced: true}
	s.order = []LegID{"caller"}
	return s.feed(func(at At) Event {
		return Owed{At: at, Call: "c1", Leg: "caller", By: by, FollowUp: FollowUp{
			ID: "c0", Kind: RingBack, Number: "13800000000", Region: "220100", Dialled: "12345", Keys: "6", Intent: "minors",
			Promised: true, Safe: Safe, Since: at.When().Add(-time.Hour), Hours: hours,
		}}
	})
}

// ringsParty brings a call back to where the party's phone is rung, and returns
// the seat's leg.
func (s *script) ringsParty() LegID {
	s.t.Helper()
	s.owes("", "")
	seat := s.offers("c1", "1001")
	s.picks(seat)
	if dial := must[Dial](s, s.promptEnds(seat)); dial.Leg != "caller" || dial.To.Name != "13800000000" || dial.Trunk != TrunkCarrier || dial.Shown != "12345" {
		s.t.Fatalf("dialled %+v", dial)
	}
	return seat
}

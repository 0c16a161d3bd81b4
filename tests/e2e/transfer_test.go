package e2e

import (
	"testing"

	"weibao/call"
	"weibao/tests/stage"
)

// handing is a transfer to 110 in a play: child, seat and police.
type handing struct {
	*stage.Stage
	li, child, police *stage.Person
	seat              *stage.Seat
	id                string
}

// The four ways a transfer stands in when somebody hangs up.
func (h *handing) rings() { h.police = h.Police.Takes() }

func (h *handing) together() {
	h.rings()
	h.police.Answers()
	h.child.Hears(h.li, h.police)
	h.InTransfer(h.id, "introduced")
}

func (h *handing) handedOver() {
	h.together()
	h.seat.Asks(h.id, "transfer/handover", nil)
	h.child.Hears(h.police)
}

func (h *handing) givenBack() {
	h.together()
	h.seat.Asks(h.id, "transfer/cancel", nil)
	h.police.IsLeft()
	h.child.Hears(h.li)
}

func TestWhoeverHangsUpFirstInATransferTheOthersAndTheRecordAreRight(t *testing.T) {
	t.Parallel()
	s := stage.New(t, noRest())
	li := s.Seat("1001")
	rows := []struct {
		name    string
		stands  func(*handing)
		leaves  func(*handing)
		outcome call.Outcome
	}{
		{"110 rings, the police refuse", (*handing).rings, func(h *handing) {
			h.police.Refuses(486)
			h.rings() // the second number
			h.seat.Asks(h.id, "transfer/cancel", nil)
			h.child.Hears(h.li)
			h.child.HangsUp()
		}, call.Answered},
		{"together, the child leaves", (*handing).together, func(h *handing) {
			h.child.HangsUp()
			h.li.Hears(h.police)
			h.li.HangsUp()
		}, call.CallBack},
		{"together, the police leave", (*handing).together, func(h *handing) {
			h.police.HangsUp()
			h.child.Hears(h.li)
			h.child.HangsUp()
		}, call.Answered},
		{"handed over, the child leaves", (*handing).handedOver, func(h *handing) {
			h.child.HangsUp()
			h.police.IsLeft()
		}, call.HandedOver},
		{"handed over, the police leave", (*handing).handedOver, func(h *handing) {
			h.police.HangsUp()
			h.child.HangsUp()
		}, call.HandedOver},
		{"given back, the child leaves", (*handing).givenBack, func(h *handing) { h.child.HangsUp() }, call.Answered},
		{"given back, the seat leaves and comes again", (*handing).givenBack, func(h *handing) {
			h.li.HangsUp()
			h.seat.Answers()
			h.child.Hears(h.li)
			h.child.HangsUp()
		}, call.Answered},
	}
	for i, child := range s.Crowd(len(rows)) {
		row := rows[i]
		child.ComesBy("220100")
		li.Answers()
		child.Hears(li)
		h := &handing{Stage: s, li: li.Person, seat: li, child: child, id: s.InPhase(child, "talking").ID}
		li.Asks110(h.id, hunchun)
		row.stands(h)
		row.leaves(h)
		r := s.Record(child)
		if r.Outcome != row.outcome || len(r.Transfers) != 1 || r.Transfers[0].Outcome == "" {
			t.Errorf("%s: outcome %s (%s), transfers %+v", row.name, r.Outcome, r.Reason, r.Transfers)
		}
		s.Until("the seat is free", func() bool { return li.State().Work == "free" })
	}
	filings := s.Filings()
	if len(filings) != len(rows) {
		t.Errorf("%d filings of %d transfers", len(filings), len(rows))
	}
	for _, f := range filings {
		if f.Outcome == "" {
			t.Errorf("filing %s has no outcome", f.Number)
		}
	}
}

package asterisk

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"weibao/call"
)

func TestLegOfAnEarlierLifeIsNotDialledAgain(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "twice")
	f.ari.Place(string(f.id)+"-5030", "Ringing", string(f.id)+"-talk", string(f.id), "", call.TrunkCarrier, "5030")
	leg := f.number("5030", call.Talk)
	for _, r := range f.ari.Requests() {
		if r == "POST /channels/"+string(leg)+"/dial" {
			t.Error(r)
		}
	}
	if !slices.Contains(f.ari.Channels(), string(leg)) {
		t.Error("the leg is gone")
	}
}

func TestEarlierLifeIsTakenUp(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	w.ari.SetApp("hotline")
	waiting := w.ari.Arrive("13800000001", "12345", "222400")
	talking := w.ari.Arrive("13800000002", "12345", "")
	w.ari.Move(talking, "old-2-talk") // by the room
	w.ari.Place("old-2-1", "Up", "old-2-talk", "old-2", "1001", "", "")
	w.ari.Place("old-2-2", "Up", "old-2-side", "old-2", "1002", "", "")
	w.ari.Place("old-3-1", "Up", "old-3-talk", "old-3", "1003", "", "")
	unknown := w.ari.Arrive("13800000003", "12345", "")
	wit := newWitness("new")
	wit.names[call.LegID(waiting)], wit.names[call.LegID(unknown)] = "old-1", "new1"
	run(t, w, wit)
	want := map[call.LegID]call.Arrived{
		call.LegID(waiting): {Call: "old-1"},
		call.LegID(talking): {Call: "old-2", With: []call.Party{
			{Leg: "old-2-1", Agent: "1001", Up: true, Room: call.Talk}, {Leg: "old-2-2", Agent: "1002", Up: true, Room: call.Side},
		}},
		call.LegID(unknown): {Call: "new1"},
	}
	for leg, want := range want {
		ev := await(t, wit, func(ev call.Arrived) bool { return ev.Leg == leg })
		slices.SortFunc(ev.With, func(a, b call.Party) int { return int(a.Leg[len(a.Leg)-1]) - int(b.Leg[len(b.Leg)-1]) })
		if !ev.Resumed || ev.Call != want.Call || !slices.Equal(ev.With, want.With) {
			t.Errorf("%s was taken up as %+v", leg, ev)
		}
	}
	if there := w.ari.Channels(); slices.Contains(there, "old-3-1") || len(there) != 5 {
		t.Errorf("channels: %v", there)
	}
	// Oldest first, so that the line keeps its order.
	wit.mu.Lock()
	defer wit.mu.Unlock()
	var order []call.LegID
	for _, ev := range wit.events {
		if a, ok := ev.(call.Arrived); ok {
			order = append(order, a.Leg)
		}
	}
	if !slices.Equal(order, []call.LegID{call.LegID(waiting), call.LegID(talking), call.LegID(unknown)}) {
		t.Errorf("in the order %v", order)
	}
}

func TestSeatThatWasNeverRungIsNoParty(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	w.ari.SetApp("hotline")
	waiting := w.ari.Arrive("13800000001", "12345", "222400")
	w.ari.Place("old-1-1", "Down", "", "old-1", "1001", "", "")
	w.ari.Place("old-1-2", "Down", "", "old-1", "", call.TrunkCarrier, "13900000001") // the far network is slow
	wit := newWitness("new")
	wit.names[call.LegID(waiting)] = "old-1"
	run(t, w, wit)
	ev := await(t, wit, func(ev call.Arrived) bool { return ev.Resumed })
	if len(ev.With) != 1 || ev.With[0].Leg != "old-1-2" {
		t.Errorf("with %+v", ev.With)
	}
	if there := w.ari.Channels(); slices.Contains(there, "old-1-1") {
		t.Errorf("channels: %v", there)
	}
}

func TestThePartyOfATalkOfOursIsTakenUpAndOneThatNobodyKnowsYetIsLetGo(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	w.ari.SetApp("hotline")
	memo := "placed:f-1:1001:12345:220100"
	w.ari.Place("o-1-0", "Up", "o-1-talk", "o-1", "", call.TrunkCarrier, "13800000001", memo)
	w.ari.Place("o-1-1", "Up", "o-1-talk", "o-1", "1001", "", "")
	w.ari.Place("o-2-0", "Ringing", "", "o-2", "", call.TrunkCarrier, "13800000002", memo)
	w.ari.Place("o-2-1", "Up", "", "o-2", "1002", "", "")
	wit := newWitness("new")
	run(t, w, wit)
	ev := await(t, wit, func(ev call.Arrived) bool { return ev.Leg == "o-1-0" })
	if !ev.Resumed || ev.Call != "o-1" || ev.Caller != "13800000001" || ev.Dialled != "12345" || ev.Region != "220100" ||
		ev.Placed.FollowUp.ID != "f-1" || ev.Placed.By != "1001" || len(ev.With) != 1 || ev.With[0].Agent != "1001" {
		t.Errorf("taken up as %+v", ev)
	}
	if n := count(wit, func(call.Arrived) bool { return true }); n != 1 {
		t.Errorf("%d were taken up", n)
	}
	if there := w.ari.Channels(); len(there) != 2 {
		t.Errorf("channels: %v", there)
	}
}

func TestFiveHundredCallsAreTakenUp(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	w.ari.SetApp("hotline")
	const many = 500
	wit := newWitness("many")
	for i := range many {
		id := fmt.Sprintf("many-%03d", i)
		channel := w.ari.Arrive("13800000000", "12345", "")
		wit.names[call.LegID(channel)] = call.ID(id)
		if i%2 == 0 { // the others wait
			w.ari.Move(channel, id+"-talk")
		}
		w.ari.Place(id+"-1", "Up", id+"-talk", id, "1001", "", "")
	}
	began := time.Now()
	l := run(t, w, wit)
	took := time.Since(began)
	if n := count(wit, func(e call.Arrived) bool { return e.Resumed && len(e.With) == 1 }); n != many {
		t.Errorf("%d of %d were taken up", n, many)
	}
	// The next look finds nothing to do.
	began = time.Now()
	f := scene{T: t, line: l}
	f.ok(l.sweep(t.Context(), true))
	t.Logf("taken up within %s, looked at again within %s", took, time.Since(began))
	if n := len(w.ari.Channels()); n != 2*many || took > 15*time.Second { // on a busy machine, with the race detector
		t.Errorf("%d channels, after %s", n, took)
	}
}

package asterisk

import (
	"context"
	"errors"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

// scene is one check that holds on the real Asterisk and on the fake.
type scene struct {
	*testing.T
	world world
	line  *Line
	wit   *witness
	id    call.ID
}

func TestLineKeepsItsContractOnTheRealAsterisk(t *testing.T) {
	t.Parallel()
	w := newRealWorld(t)
	contract(t, w)
}

func TestLineKeepsItsContractOnTheFake(t *testing.T) {
	t.Parallel()
	contract(t, newFakeWorld(t))
}

func contract(t *testing.T, w world) {
	wit := newWitness("c")
	line := run(t, w, wit)
	t.Run("scenes", func(t *testing.T) {
		for name, f := range map[string]func(scene){
			"CallerArrivesPressesAndLeavesOnce":        callerArrives,
			"CallerWhoGivesUpBeforeTheAnswerHasHungUp": callerGivesUp,
			"DialledNumberRingsAndIsPickedOnce":        numberAnswers,
			"EarlyMediaCountsAsRinging":                earlyMedia,
			"RefusalsHaveTheirCauses":                  refusals,
			"SeatThatRefusesWith480HasRejected":        seatRefuses,
			"ReleaseOfARingingLegKeepsItsReason":       releaseWhileRinging,
			"RepeatedDialRingsOnce":                    dialTwice,
			"UnregisteredSeatIsUnreachable":            unregistered,
			"DialStringsAreOfDigitsAndSeatsOnly":       dialStrings,
			"JoinDoesNotWaitForAPrompt":                joinDuringPrompt,
			"QuietStopsAPromptAtOnce":                  quiet,
			"RepeatedPlayIsPlayedOnce":                 playTwice,
			"MissingPromptIsATone":                     missingPrompt,
			"CorruptPromptIsATone":                     corruptPrompt,
			"PromptOfAnotherLanguageIsBetterThanATone": otherLanguage,
			"MusicEndsWithQuiet":                       music,
			"RecordingIsToldWhenTheRoomCloses":         closedRecording,
			"RecordingIsToldWhenEverybodyHasLeft":      recordingLeft,
			"RecordingThatCannotBeginIsAFault":         recordingFault,
			"WhatIsGoneIsErrGone":                      gone,
			"SurrenderedCallerIsWithTheDialplan":       surrender,
			"SeatsAreReachableWhileRegistered":         reachability,
			"LegsExistUntilTheyLeave":                  existence,
			"LegMovesFromRoomToRoom":                   moves,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f(scene{T: t, world: w, line: line, wit: wit, id: wit.newID()})
			})
		}
	})
}

// ok fails the scene on an error.
func (s scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// caller has somebody arrive and be answered.
func (s scene) caller() (caller, call.LegID) {
	s.Helper()
	number := "138" + string(s.id)
	c := s.world.arrive(s.T, number, "12345", "222400")
	ev := await(s.T, s.wit, func(ev call.Arrived) bool { return string(ev.Caller) == number })
	s.ok(s.line.Answer(s.Context(), ev.Leg))
	return c, ev.Leg
}

func (s scene) to(to routing.Target, trunk string, room call.Room) call.LegID {
	s.Helper()
	leg := call.LegID(string(s.id) + "-" + to.Name)
	s.wit.own(s.id, leg)
	s.ok(s.line.Dial(s.Context(), s.id, call.Dial{Leg: leg, To: to, Trunk: trunk, Room: room, Shown: "13800000001"}))
	return leg
}

func (s scene) number(digits string, room call.Room) call.LegID {
	s.Helper()
	return s.to(routing.Target{Kind: routing.ToNumber, Name: digits}, call.TrunkCarrier, room)
}

func callerArrives(s scene) {
	number := "138" + string(s.id)
	c := s.world.arrive(s.T, number, "043112345", "222400")
	ev := await(s.T, s.wit, func(ev call.Arrived) bool { return string(ev.Caller) == number })
	if ev.Dialled != "043112345" || ev.Region != "222400" || ev.Trunk != "anonymous" || ev.Call == "" || ev.Resumed {
		s.Errorf("arrived as %+v", ev)
	}
	s.ok(s.line.Answer(s.Context(), ev.Leg))
	s.ok(s.line.Answer(s.Context(), ev.Leg)) // repeated
	c.press(s.T, "6")
	await(s.T, s.wit, func(p call.Pressed) bool { return p.Leg == ev.Leg && p.Key == "6" })
	c.hangup(s.T)
	if left := s.wit.left(s.T, ev.Leg); left.Cause != call.HungUp {
		s.Errorf("left as %+v", left)
	}
	time.Sleep(200 * time.Millisecond) // for what must not come
	once(s.T, s.wit, "the arrival", func(e call.Arrived) bool { return e.Leg == ev.Leg })
	once(s.T, s.wit, "the key", func(e call.Pressed) bool { return e.Leg == ev.Leg })
	once(s.T, s.wit, "the end", func(e call.Left) bool { return e.Leg == ev.Leg })
}

func callerGivesUp(s scene) {
	number := "138" + string(s.id)
	c := s.world.arrive(s.T, number, "12345", "")
	ev := await(s.T, s.wit, func(ev call.Arrived) bool { return string(ev.Caller) == number })
	c.hangup(s.T)
	if left := s.wit.left(s.T, ev.Leg); left.Cause != call.HungUp {
		s.Errorf("left as %+v", left)
	}
	// ErrGone, or for a moment 500 "Failed to answer channel".
	if err := s.line.Answer(s.Context(), ev.Leg); err == nil {
		s.Error("a caller who left was answered")
	}
}

func numberAnswers(s scene) {
	leg := s.number("20010", call.Talk)
	s.wit.rang(s.T, leg)
	s.wit.picked(s.T, leg)
	s.world.hangup(s.T, "20010", leg)
	if left := s.wit.left(s.T, leg); left.Cause != call.HungUp {
		s.Errorf("left as %+v", left)
	}
	s.ok(s.line.Close(s.Context(), s.id))
	once(s.T, s.wit, "the ring", func(e call.Rang) bool { return e.Leg == leg })
	once(s.T, s.wit, "the answer", func(e call.Picked) bool { return e.Leg == leg })
	once(s.T, s.wit, "the end", func(e call.Left) bool { return e.Leg == leg })
}

func earlyMedia(s scene) {
	leg := s.number("183", call.NoRoom)
	s.wit.rang(s.T, leg)
	s.wit.picked(s.T, leg)
	s.ok(s.line.Release(s.Context(), leg, call.Released))
	if left := s.wit.left(s.T, leg); left.Cause != call.Released {
		s.Errorf("left as %+v", left)
	}
}

func refusals(s scene) {
	for number, want := range map[string][]call.Cause{
		"486": {call.Busy}, "600": {call.Busy}, "603": {call.Rejected}, "404": {call.Unreachable}, "503": {call.Unreachable},
		// A trunk's 480: a phone that is off, or one that rang in vain.
		"480": {call.Unreachable, call.NoAnswer},
	} {
		for _, room := range []call.Room{call.NoRoom, call.Talk} {
			id := s.wit.newID()
			leg := scene{s.T, s.world, s.line, s.wit, id}.number(number, room)
			left := s.wit.left(s.T, leg)
			if left.Cause != want[0] && left.Cause != want[len(want)-1] {
				s.Errorf("%s in room %q: left as %+v", number, room, left)
			}
			s.ok(s.line.Close(s.Context(), id))
		}
	}
}

func seatRefuses(s scene) {
	s.world.register(s.T, "1003", "480")
	s.seat("1003", true)
	leg := s.to(routing.Target{Kind: routing.ToAgent, Name: "1003"}, "", call.NoRoom)
	if left := s.wit.left(s.T, leg); left.Cause != call.Rejected {
		s.Errorf("left as %+v", left)
	}
}

// seat waits until a seat has the state.
func (s scene) seat(id routing.AgentID, ok bool) {
	s.Helper()
	s.wit.until(s.T, "the state of seat "+string(id), func() bool {
		states := s.wit.seats[id]
		return len(states) > 0 && states[len(states)-1] == ok
	})
}

func releaseWhileRinging(s scene) {
	leg := s.number("999", call.Talk)
	s.wit.rang(s.T, leg)
	s.ok(s.line.Release(s.Context(), leg, call.NoAnswer))
	s.ok(s.line.Release(s.Context(), leg, call.NoAnswer))
	if left := s.wit.left(s.T, leg); left.Cause != call.NoAnswer {
		s.Errorf("left as %+v", left)
	}
	silent := s.number("998", call.NoRoom)
	s.ok(s.line.Release(s.Context(), silent, call.Unreachable))
	if left := s.wit.left(s.T, silent); left.Cause != call.Unreachable {
		s.Errorf("left as %+v", left)
	}
	s.ok(s.line.Close(s.Context(), s.id))
}

func dialTwice(s scene) {
	leg := s.number("20020", call.Talk)
	again := s.number("20020", call.Talk)
	s.wit.picked(s.T, leg)
	s.number("20020", call.Talk)
	if again != leg || s.world.invites("20020") != 1 {
		s.Errorf("leg %s and %s, %d calls", leg, again, s.world.invites("20020"))
	}
	if there, err := s.line.Exists(s.Context(), []call.LegID{leg}); err != nil || !there[leg] {
		s.Errorf("after the repeats: %v %v", there, err)
	}
	s.ok(s.line.Release(s.Context(), leg, call.Released))
	s.wit.left(s.T, leg)
}

func unregistered(s scene) {
	for _, seat := range []string{"1006", "nobody"} {
		leg := s.to(routing.Target{Kind: routing.ToAgent, Name: seat}, "", call.Talk)
		if left := s.wit.left(s.T, leg); left.Cause != call.Unreachable {
			s.Errorf("left as %+v", left)
		}
	}
}

func dialStrings(s scene) {
	for _, d := range []call.Dial{
		{To: routing.Target{Kind: routing.ToNumber, Name: "110&PJSIP/1001"}, Trunk: call.TrunkPolice},
		{To: routing.Target{Kind: routing.ToNumber, Name: "110@elsewhere"}, Trunk: call.TrunkPolice},
		{To: routing.Target{Kind: routing.ToNumber, Name: ""}, Trunk: call.TrunkPolice},
		{To: routing.Target{Kind: routing.ToNumber, Name: "110"}, Trunk: "police/x"},
		{To: routing.Target{Kind: routing.ToNumber, Name: "110"}},
		{To: routing.Target{Kind: routing.ToAgent, Name: "1001/sip:x@y"}},
		{To: routing.Target{Kind: routing.ToAgent, Name: "carrier"}},
		{To: routing.Target{Kind: routing.ToAgent, Name: ""}},
		{To: routing.Target{Kind: routing.ToQueue, Name: "q"}},
	} {
		d.Leg = call.LegID(s.id) + "-x"
		if err := s.line.Dial(s.Context(), s.id, d); err == nil {
			s.Errorf("%+v was dialled", d)
		}
	}
}

func gone(s scene) {
	const nobody = "nobody-1"
	ctx := s.Context()
	for what, err := range map[string]error{
		"answer": s.line.Answer(ctx, nobody), "play": s.line.Play(ctx, nobody, "p", prompt("short")),
		"quiet": s.line.Quiet(ctx, nobody), "music": s.line.Music(ctx, nobody),
		"join": s.line.Join(ctx, s.id, call.Talk, []call.LegID{nobody}),
	} {
		if !errors.Is(err, call.ErrGone) {
			s.Errorf("%s: %v", what, err)
		}
	}
	s.ok(s.line.Release(ctx, nobody, call.Released))
	s.ok(s.line.Close(ctx, s.id))
	s.ok(s.line.Close(ctx, "never-was"))
}

func reachability(s scene) {
	s.seat("1001", false)
	s.world.register(s.T, "1001", "2")
	s.seat("1001", true)
	leg := s.to(routing.Target{Kind: routing.ToAgent, Name: "1001"}, "", call.NoRoom)
	s.wit.picked(s.T, leg)
	s.ok(s.line.Release(s.Context(), leg, call.Released))
	s.wit.left(s.T, leg)
	s.world.unregister(s.T, "1001")
	s.seat("1001", false)
	s.wit.until(s.T, "three changes", func() bool { return len(s.wit.seats["1001"]) == 3 })
	for _, id := range []routing.AgentID{"carrier", "police", "anonymous"} {
		s.wit.until(s.T, "no seat "+string(id), func() bool { return len(s.wit.seats[id]) == 0 })
	}
}

func surrender(s scene) {
	c, leg := s.caller()
	s.ok(s.line.Play(s.Context(), leg, string(s.id)+"-p", prompt("long")))
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg}))
	began := time.Now()
	s.ok(s.line.Surrender(s.Context(), leg))
	if left := s.wit.left(s.T, leg); left.Cause != call.Released || time.Since(began) > atOnce {
		s.Errorf("left as %+v after %s", left, time.Since(began))
	}
	// Asterisk tells the end a moment before it has forgotten the leg.
	s.until("rid of the leg", func() bool { return errors.Is(s.line.Surrender(s.Context(), leg), call.ErrGone) }, patience)
	s.ok(s.line.Close(s.Context(), s.id))
	time.Sleep(200 * time.Millisecond) // for what must not come
	p, err := s.line.look(s.Context())
	s.ok(err)
	if ch, there := p.channels[leg]; !there || ch.app != "" {
		s.Errorf("the channel afterwards: there %v, in application %q", there, ch.app)
	}
	c.hangup(s.T)
}

func existence(s scene) {
	c, leg := s.caller()
	there, err := s.line.Exists(s.Context(), []call.LegID{leg, "nobody-2"})
	s.ok(err)
	if !there[leg] || there["nobody-2"] {
		s.Errorf("exists: %v", there)
	}
	c.hangup(s.T)
	s.wit.left(s.T, leg)
}

func moves(s scene) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	a, b := s.number("20060", call.Talk), s.number("20070", call.NoRoom)
	s.wit.picked(s.T, a)
	s.wit.picked(s.T, b)
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg, a}))
	s.ok(s.line.Join(s.Context(), s.id, call.Side, []call.LegID{a, b}))
	p, err := s.line.look(s.Context())
	s.ok(err)
	for id, want := range map[call.LegID]call.Room{leg: call.Talk, a: call.Side, b: call.Side} {
		if of, room := p.room(id); of != s.id || room != want {
			s.Errorf("%s is in room %q of call %q, want %q", id, room, of, want)
		}
	}
	for _, id := range []call.LegID{a, b} {
		s.ok(s.line.Release(context.WithoutCancel(s.Context()), id, call.Released))
		s.wit.left(s.T, id)
	}
	s.ok(s.line.Close(s.Context(), s.id))
}

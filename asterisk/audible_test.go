package asterisk

import (
	"context"
	"slices"
	"testing"
	"time"

	"weibao/call"
	"weibao/cmd/phones/phone"
	"weibao/routing"
)

// stage is a scene on the real Asterisk, where one can listen.
type stage struct {
	scene
	real *realWorld
}

func TestPeopleHearWhatTheyShould(t *testing.T) {
	t.Parallel()
	w := newRealWorld(t)
	wit := newWitness("a")
	line := run(t, w, wit)
	t.Run("scenes", func(t *testing.T) {
		for name, f := range map[string]func(stage){
			"JoinedPartiesHearEachOtherAtOnce":         joinedHear,
			"WhisperIsHeardByOnePartyOnly":             whisper,
			"MusicIsHeardUntilTheJoin":                 musicHeard,
			"PromptOverMusicEndsItUntilItIsAskedAgain": promptOverMusic,
			"PartyDialledIntoTheRoomMeetsTheCaller":    meets,
			"ThirdPartyIsHeardByBothAndMayLeave":       third,
			"PhonesSeeTheShownNumberAndTheHeaders":     shown,
			"RingingPhoneIsNotToldOfAMissedCall":       noMissedCall,
			"SeatDialledIntoTheRoomIsHeardByTheCaller": seatMeets,
			"TwentyDialsAtOnceArePlacedEveryOne":       manyDials,
			"PromptIsHeardOnceByACallerInARoom":        promptInRoom,
			"CallWithoutRegionHasNone":                 noRegion,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f(stage{scene{T: t, world: w, line: line, wit: wit, id: wit.newID()}, w})
			})
		}
	})
}

// citizen has somebody arrive and be answered, and waits until the phone knows.
func (s stage) citizen() (realCaller, call.LegID) {
	s.Helper()
	c, leg := s.caller()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	s.ok(c.(realCaller).WaitAnswered(ctx))
	return c.(realCaller), leg
}

// party has a number picked up in a room.
func (s stage) party(number string, room call.Room) (*phone.Call, call.LegID) {
	s.Helper()
	leg := s.number(number, room)
	s.wit.picked(s.T, leg)
	p := s.real.last(s.T, number)
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	s.ok(p.WaitAnswered(ctx))
	return p, leg
}

func (s stage) hears(c *phone.Call, hz float64) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 3*time.Second)
	defer cancel()
	s.ok(c.Hears(ctx, hz))
}

func (s stage) end(c realCaller, legs ...call.LegID) {
	s.Helper()
	c.hangup(s.T)
	for _, leg := range legs {
		s.ok(s.line.Release(s.Context(), leg, call.Released))
		s.wit.left(s.T, leg)
	}
	s.ok(s.line.Close(s.Context(), s.id))
}

func joinedHear(s stage) {
	c, leg := s.citizen()
	s.ok(s.line.Play(s.Context(), leg, string(s.id)+"-p", prompt("long")))
	s.hears(c.Call, promptTone)
	p, party := s.party("30010", call.NoRoom)
	began := time.Now()
	s.ok(s.line.Quiet(s.Context(), leg))
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg, party}))
	s.hears(c.Call, otherTone)
	s.hears(p, callerTone)
	took := time.Since(began)
	s.Logf("from quiet to both hearing each other: %s", took)
	if took > atOnce {
		s.Errorf("they heard each other after %s", took)
	}
	if slices.Contains(c.Hearing(), promptTone) {
		s.Error("the prompt goes on")
	}
	s.end(c, party)
}

func whisper(s stage) {
	c, leg := s.citizen()
	p, party := s.party("30020", call.Talk)
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg}))
	s.hears(c.Call, otherTone)
	play := string(s.id) + "-w"
	from := time.Now()
	s.ok(s.line.Play(s.Context(), party, play, prompt("short")))
	s.hears(p, promptTone)
	s.wit.played(s.T, play)
	to := time.Now()
	if heard := c.Heard().Total(promptTone); heard != 0 {
		s.Errorf("the caller heard the whisper for %s", heard)
	}
	s.Logf("while the party heard the whisper, the caller heard the party not for %s", c.Heard().LongestGap(from, to, otherTone))
	s.hears(p, callerTone)
	s.hears(c.Call, otherTone)
	s.end(c, party)
}

func musicHeard(s stage) {
	c, leg := s.citizen()
	s.ok(s.line.Music(s.Context(), leg))
	s.hears(c.Call, musicTone)
	p, party := s.party("30030", call.NoRoom)
	s.ok(s.line.Quiet(s.Context(), leg))
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg, party}))
	ctx, cancel := context.WithTimeout(s.Context(), 3*time.Second)
	defer cancel()
	s.ok(c.HearsOnly(ctx, otherTone))
	s.ok(p.HearsOnly(ctx, callerTone))
	s.end(c, party)
}

func promptOverMusic(s stage) {
	c, leg := s.citizen()
	s.ok(s.line.Music(s.Context(), leg))
	s.hears(c.Call, musicTone)
	play := string(s.id) + "-comfort"
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short")))
	s.hears(c.Call, promptTone)
	s.wit.played(s.T, play)
	time.Sleep(300 * time.Millisecond) // for what must not come
	if slices.Contains(c.Hearing(), musicTone) {
		s.Log("music comes back by itself; Music after Played is not needed any more")
	}
	s.ok(s.line.Music(s.Context(), leg))
	s.hears(c.Call, musicTone)
	s.end(c)
}

// meets is what makes an answer while the gateway is dead a talk: nothing is
// asked of Asterisk after the dial.
func meets(s stage) {
	c, leg := s.citizen()
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg}))
	p, party := s.party("30040", call.Talk)
	s.hears(c.Call, otherTone)
	s.hears(p, callerTone)
	s.end(c, party)
}

func seatMeets(s stage) {
	s.world.register(s.T, "1004", "2")
	s.seat("1004", true)
	c, leg := s.citizen()
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg}))
	party := s.to(routing.Target{Kind: routing.ToAgent, Name: "1004"}, "", call.Talk)
	s.hears(c.Call, seatTone)
	s.end(c, party)
}

func third(s stage) {
	c, leg := s.citizen()
	a, first := s.party("30050", call.Talk)
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg}))
	s.hears(c.Call, otherTone)
	b, second := s.party("30060", call.Talk)
	b.Speak(seatTone)
	s.hears(c.Call, seatTone)
	s.hears(a, seatTone)
	s.hears(b, callerTone)
	s.ok(s.line.Release(s.Context(), first, call.Released))
	s.wit.left(s.T, first)
	ctx, cancel := context.WithTimeout(s.Context(), 3*time.Second)
	defer cancel()
	s.ok(c.HearsOnly(ctx, seatTone))
	s.end(c, second)
}

func shown(s stage) {
	leg := call.LegID(string(s.id) + "-shown")
	s.wit.own(s.id, leg)
	s.ok(s.line.Dial(s.Context(), s.id, call.Dial{
		Leg: leg, To: routing.Target{Kind: routing.ToNumber, Name: "0433110"}, Trunk: call.TrunkPolice, Room: call.Talk,
		Shown:   "13812345678",
		Headers: map[string]string{"X-Call": string(s.id), "X-Filing": "吉-2026, (1)", "X-Bad\r\nName": "x", "X-Two": "a\r\nb"},
	}))
	s.wit.picked(s.T, leg)
	p := s.real.last(s.T, "0433110")
	for what, got := range map[string][2]string{
		"From":     {p.From(), "13812345678"},
		"X-Call":   {p.Header("X-Call"), string(s.id)},
		"X-Filing": {p.Header("X-Filing"), "吉-2026, (1)"},
		"X-Two":    {p.Header("X-Two"), "ab"},
	} {
		if got[0] != got[1] {
			s.Errorf("%s is %q, want %q", what, got[0], got[1])
		}
	}
	s.ok(s.line.Release(s.Context(), leg, call.Released))
	s.wit.left(s.T, leg)
	s.ok(s.line.Close(s.Context(), s.id))
}

func noMissedCall(s stage) {
	leg := s.number("999", call.Talk)
	s.wit.rang(s.T, leg)
	p := s.real.last(s.T, "999")
	s.ok(s.line.Release(s.Context(), leg, call.Released))
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	ending, err := p.WaitEnded(ctx)
	s.ok(err)
	if ending.By != phone.Theirs || ending.Why != `SIP;cause=200;text="Call completed elsewhere"` {
		s.Errorf("the phone saw: %s", ending)
	}
	s.wit.left(s.T, leg)
}

// manyDials is for the moment in which a channel is created and not in Stasis yet.
func manyDials(s stage) {
	for i := range 20 {
		number := "40" + string(rune('0'+i/10)) + string(rune('0'+i%10))
		leg := s.number(number, []call.Room{call.Talk, call.NoRoom}[i%2])
		s.wit.picked(s.T, leg)
		s.ok(s.line.Release(s.Context(), leg, call.Released))
		s.wit.left(s.T, leg)
	}
	s.ok(s.line.Close(s.Context(), s.id))
}

func promptInRoom(s stage) {
	c, leg := s.citizen()
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg}))
	play := string(s.id) + "-stay"
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short")))
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short"))) // repeated
	s.hears(c.Call, promptTone)
	s.wit.played(s.T, play)
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short"))) // and again
	time.Sleep(300 * time.Millisecond)                         // for what must not come
	if total := c.Heard().Total(promptTone); total > 900*time.Millisecond {
		s.Errorf("a prompt of 0.6 s was heard for %s", total)
	}
	s.end(c)
}

func noRegion(s stage) {
	number := "138" + string(s.id)
	c := s.world.arrive(s.T, number, "043312345", "'; rm -rf /")
	ev := await(s.T, s.wit, func(ev call.Arrived) bool { return string(ev.Caller) == number })
	if ev.Region != "" || ev.Dialled != "043312345" {
		s.Errorf("arrived as %+v", ev)
	}
	c.hangup(s.T)
	s.wit.left(s.T, ev.Leg)
}

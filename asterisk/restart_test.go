package asterisk

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"weibao/asterisk/node"
	"weibao/call"
	"weibao/routing"
)

// newStage is a stage of its own, for tests that break the node or the line.
func newStage(t *testing.T, prefix string) (s stage, stop func()) {
	t.Helper()
	w := newRealWorld(t)
	wit := newWitness(prefix)
	line, stop := start(t, w, wit)
	t.Cleanup(stop)
	return stage{scene{T: t, world: w, line: line, wit: wit, id: wit.newID()}, w}, stop
}

// again is the same Asterisk with a gateway that knows nothing.
func (s stage) again(prefix string) stage {
	s.Helper()
	s.wit = newWitness(prefix)
	s.line = run(s.T, s.world, s.wit)
	return s
}

func (s stage) callOf(leg call.LegID) (of call.ID) {
	s.line.book.with(leg, func(c *channel) { of = c.call })
	return of
}

func TestTalkGoesOnUnderItsIDAfterARestart(t *testing.T) {
	t.Parallel()
	s, stop := newStage(t, "r")
	s.world.register(t, "1001", "2")
	s.seat("1001", true)
	c, leg := s.citizen()
	id := s.callOf(leg)
	s.id = id
	s.ok(s.line.Join(t.Context(), id, call.Talk, []call.LegID{leg}))
	seat := s.to(routing.Target{Kind: routing.ToAgent, Name: "1001"}, "", call.Talk)
	s.wit.picked(t, seat)
	police := call.LegID(id + "-police")
	s.wit.own(id, police)
	s.ok(s.line.Dial(t.Context(), id, call.Dial{
		Leg: police, To: routing.Target{Kind: routing.ToNumber, Name: "999"}, Trunk: call.TrunkPolice, Room: call.Talk,
	}))
	s.wit.rang(t, police)
	s.ok(s.line.Record(t.Context(), id, call.Talk, string(id)))
	s.hears(c.Call, seatTone)
	stop()
	from := time.Now()

	s = s.again("s")
	ev := await(t, s.wit, func(ev call.Arrived) bool { return ev.Resumed })
	if ev.Call != id || ev.Leg != leg || ev.Dialled != "12345" || ev.Region != "222400" || string(ev.Caller) != "138r1" {
		t.Errorf("resumed as %+v", ev)
	}
	want := []call.Party{
		{Leg: police, Number: "999", Trunk: call.TrunkPolice, Room: call.Talk},
		{Leg: seat, Agent: "1001", Up: true, Room: call.Talk},
	}
	slices.SortFunc(ev.With, func(a, b call.Party) int { return len(b.Leg) - len(a.Leg) })
	slices.SortFunc(want, func(a, b call.Party) int { return len(b.Leg) - len(a.Leg) })
	if !slices.Equal(ev.With, want) {
		t.Errorf("with %+v, want %+v", ev.With, want)
	}
	if gap := c.Heard().LongestGap(from, time.Now(), seatTone); gap > 400*time.Millisecond {
		t.Errorf("a gap of %s in the talk", gap)
	}
	// What happens now is told as ever.
	s.ok(s.line.Release(t.Context(), police, call.Released))
	if left := s.wit.left(t, police); left.Cause != call.Released {
		t.Errorf("left as %+v", left)
	}
	s.world.hangup(t, "1001", seat)
	if left := s.wit.left(t, seat); left.Cause != call.HungUp {
		t.Errorf("left as %+v", left)
	}
	s.ok(s.line.Close(t.Context(), id))
	c.hangup(t)
	s.wit.left(t, leg)
	if n := count(s.wit, func(e call.Picked) bool { return true }); n != 0 {
		t.Errorf("%d answers were told again", n)
	}
}

func TestWaitingCallerKeepsMusicAndIDThroughARestart(t *testing.T) {
	t.Parallel()
	s, stop := newStage(t, "w")
	c, leg := s.citizen()
	id := s.callOf(leg)
	s.ok(s.line.Music(t.Context(), leg))
	s.hears(c.Call, musicTone)
	// A leg whose call has no caller, and a room without anybody.
	orphan := s.number("999", call.Side)
	s.wit.rang(t, orphan)
	s.ok(s.line.addToRoom(t.Context(), s.line.do, "dead-talk", []call.LegID{orphan}))
	from := time.Now()
	stop()

	s = s.again("x")
	ev := await(t, s.wit, func(ev call.Arrived) bool { return ev.Resumed })
	if ev.Call != id || len(ev.With) != 0 {
		t.Errorf("resumed as %+v", ev)
	}
	if gap := c.Heard().LongestGap(from, time.Now(), musicTone); gap > 400*time.Millisecond {
		t.Errorf("a gap of %s in the music", gap)
	}
	s.ok(s.line.Quiet(t.Context(), leg)) // ends the music of the earlier life
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	s.ok(c.HearsOnly(ctx))
	if there, err := s.line.Exists(t.Context(), []call.LegID{orphan}); err != nil || there[orphan] {
		t.Errorf("the leg of no call: %v %v", there, err)
	}
	// A bridge may list the orphan for a moment after it has gone.
	s.until("rid of the room of nobody", func() bool {
		s.ok(s.line.sweep(t.Context(), false))
		seen, err := s.line.look(t.Context())
		s.ok(err)
		return len(seen.bridges) == 0
	}, patience)
}

func TestSecondGatewayReplacesTheFirst(t *testing.T) {
	t.Parallel()
	s, stop := newStage(t, "f")
	c, leg := s.citizen()
	second := s.again("g")
	s.until("down", func() bool { return !s.line.Up() }, 10*time.Second)
	stop() // it has ended by itself
	if err := s.line.Music(t.Context(), leg); !errors.Is(err, ErrReplaced) {
		t.Errorf("music by the first: %v", err)
	}
	ev := await(t, second.wit, func(ev call.Arrived) bool { return ev.Resumed })
	if ev.Leg != leg {
		t.Errorf("resumed as %+v", ev)
	}
	second.id = second.wit.newID()
	next, again := second.citizen()
	next.hangup(t)
	second.wit.left(t, again)
	c.hangup(t)
	second.wit.left(t, leg)
}

func TestEverybodyIsLostWhenAsteriskIsKilled(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t, "k")
	_, leg := s.citizen()
	_, party := s.party("30090", call.Talk)
	options := s.real.node.Options()
	s.real.node.Kill()
	s.until("down", func() bool { return !s.line.Up() }, 10*time.Second)
	n, err := node.Start(t.Context(), options)
	s.ok(err)
	s.real.node = n
	began := time.Now()
	for _, id := range []call.LegID{leg, party} {
		if left := s.wit.left(t, id); left.Cause != call.Lost {
			t.Errorf("left as %+v", left)
		}
	}
	t.Logf("told %s after the start", time.Since(began))
	s.until("up", s.line.Up, 20*time.Second)
	// It works again, seats included.
	s.id = s.wit.newID()
	s.world.register(t, "1001", "2")
	s.seat("1001", true)
	c, again := s.citizen()
	s.end(c)
	s.wit.left(t, again)
}

func (s scene) until(what string, ok func() bool, limit time.Duration) {
	s.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !ok(); <-tick.C {
		if time.Since(began) > limit {
			s.Fatalf("not %s after %s", what, limit)
		}
	}
}

func TestHungAsteriskIsDownWithinSixSecondsAndComesBack(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t, "h")
	c, leg := s.citizen()
	pid := s.real.node.PID()
	s.ok(syscall.Kill(pid, syscall.SIGSTOP))
	s.until("stopped", func() bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err == nil && bytes.Contains(stat, []byte(") T "))
	}, time.Second)
	began := time.Now()
	if err := s.line.Music(t.Context(), leg); err == nil || time.Since(began) > requestLimit+time.Second {
		t.Errorf("a request to a hung Asterisk: %v after %s", err, time.Since(began))
	}
	s.until("down", func() bool { return !s.line.Up() }, deadAfter+atOnce)
	t.Logf("down after %s", time.Since(began))
	s.ok(syscall.Kill(pid, syscall.SIGCONT))
	s.until("up", s.line.Up, 20*time.Second)
	if count(s.wit, func(call.Left) bool { return true }) != 0 {
		t.Error("the caller was given up")
	}
	s.end(c)
	s.wit.left(t, leg)
}

func TestSeatThatVanishesIsLostAndUnreachable(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t, "v")
	s.world.register(t, "1005", "2")
	s.seat("1005", true)
	c, leg := s.citizen()
	s.ok(s.line.Join(t.Context(), s.id, call.Talk, []call.LegID{leg}))
	seat := s.to(routing.Target{Kind: routing.ToAgent, Name: "1005"}, "", call.Talk)
	s.hears(c.Call, seatTone)
	s.real.seats["1005"].Vanish()
	began := time.Now()
	s.until("unreachable", func() bool {
		s.wit.mu.Lock()
		defer s.wit.mu.Unlock()
		states := s.wit.seats["1005"]
		return !states[len(states)-1]
	}, 20*time.Second)
	t.Logf("unreachable after %s", time.Since(began))
	s.until("lost", func() bool { return count(s.wit, func(e call.Left) bool { return e.Leg == seat }) == 1 }, 30*time.Second)
	t.Logf("lost after %s", time.Since(began))
	if left := s.wit.left(t, seat); left.Cause != call.Lost {
		t.Errorf("left as %+v", left)
	}
	s.end(c)
}

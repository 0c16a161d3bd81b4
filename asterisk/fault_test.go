package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/routing"
	"weibao/tests/fakeari"
)

// faulty is a scene on the fake, where anything can break.
type faulty struct {
	scene
	ari *fakeari.Asterisk
}

func newFaulty(t *testing.T, prefix string, change ...func(*Options)) faulty {
	t.Helper()
	w := newFakeWorld(t)
	wit := newWitness(prefix)
	line := run(t, w, wit, change...)
	return faulty{scene{T: t, world: w, line: line, wit: wit, id: wit.newID()}, w.ari}
}

func TestWhatHappensWhileTheSocketIsCutIsToldAfterwards(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "cut")
	_, leg := f.caller()
	f.ari.Behave("5001", fakeari.Behaviour{After: 300 * time.Millisecond})
	gone, answers := f.number("5000", call.Talk), f.number("5001", call.Talk)
	f.wit.picked(t, gone)
	f.wit.rang(t, answers)
	play := string(f.id) + "-p"
	f.ok(f.line.Play(t.Context(), leg, play, prompt("short")))
	f.ok(f.line.Record(t.Context(), f.id, call.Talk, "cut"))
	// Asterisk refuses the event socket for a while.
	f.ari.Deafen(true)
	f.ari.Cut()
	f.until("down", func() bool { return !f.line.Up() }, time.Second)
	f.ari.Lose(string(gone))
	time.Sleep(500 * time.Millisecond) // the length of the outage
	f.ari.Deafen(false)
	f.ari.Cut() // whatever came up deaf
	f.wit.picked(t, answers)
	if left := f.wit.left(t, gone); left.Cause != call.Lost {
		t.Errorf("left as %+v", left)
	}
	f.wit.played(t, play)
	once(t, f.wit, "the answer", func(e call.Picked) bool { return e.Leg == answers })
	if n := count(f.wit, func(e call.Left) bool { return e.Leg == leg }); n != 0 {
		t.Error("the caller was given up")
	}
}

func TestWhatIsAskedOnceGoesThroughAfterAsteriskHasDroppedEveryConnection(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "drop")
	f.until("up", f.line.Up, 3*time.Second)
	ask := func() {
		var asked sync.WaitGroup
		for range maxConnections {
			asked.Go(func() {
				f.ok(f.line.do(t.Context(), request{op: "endpoints", method: http.MethodGet, path: []string{"endpoints", "PJSIP"}, once: true}))
			})
		}
		asked.Wait()
	}
	ask()
	connects := testutil.ToFloat64(f.line.m.connects.WithLabelValues("ok"))
	f.ari.Drop()
	f.until("up again", func() bool {
		return testutil.ToFloat64(f.line.m.connects.WithLabelValues("ok")) > connects && f.line.Up()
	}, 5*time.Second)
	ask()
}

func TestTwentyCutsLoseNobody(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "flap")
	_, leg := f.caller()
	for range 20 {
		f.until("up", f.line.Up, 3*time.Second)
		f.ari.Cut()
		f.until("down", func() bool { return !f.line.Up() || f.ari.Sockets() > 0 }, 3*time.Second)
	}
	f.until("up", f.line.Up, 3*time.Second)
	if n := count(f.wit, func(e call.Left) bool { return e.Leg == leg }); n != 0 {
		t.Error("the caller was given up")
	}
	once(t, f.wit, "the arrival", func(e call.Arrived) bool { return e.Leg == leg })
}

func TestNonsenseOnTheSocketIsCountedAndSkipped(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "odd")
	_, leg := f.caller()
	for range 3 {
		f.ari.Send(`{"type":"ChannelTransfer","application":"hotline"}`)
		f.ari.Send(`{"type":"ChannelVarset","application":"hotline"}`)
		f.ari.Send(`{"type":`)
		f.ari.Send(`{"type":"ChannelDestroyed","channel":null}`)
		f.ari.Send(``)
	}
	f.ari.Press(string(leg), "6")
	await(t, f.wit, func(p call.Pressed) bool { return p.Leg == leg })
	for why, want := range map[string]float64{"unknown": 3, "unwanted": 3, "broken": 9} {
		if got := testutil.ToFloat64(f.line.m.skipped.WithLabelValues(why)); got != want {
			t.Errorf("%v events were %s, want %v", got, why, want)
		}
	}
}

const eventAt = `"timestamp":"2026-11-23T12:00:00.000+0000","application":"hotline"`

// channelIn is a channel in an event.
func channelIn(id, state, args string) string {
	return fmt.Sprintf(`"channel":{"id":%q,"name":"PJSIP/x-1","state":%q,"dialplan":{"app_name":"Stasis","app_data":%q},`+
		`"creationtime":"2026-11-23T12:00:00.000+0000"}`, id, state, args)
}

func TestCallerWhoseChannelHasTheNameOfAnEarlierOneIsTaken(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "name")
	f.until("up", f.line.Up, 3*time.Second)
	const leg call.LegID = "line-1795435200.0"
	start := fmt.Sprintf(`{"type":"StasisStart",%s,"args":["in","12345","","anonymous"],%s}`, eventAt, channelIn(string(leg), "Up", "hotline,in"))
	f.ari.Send(start)
	await(t, f.wit, func(ev call.Arrived) bool { return ev.Leg == leg })
	f.ari.Send(fmt.Sprintf(`{"type":"StasisEnd",%s,%s}`, eventAt, channelIn(string(leg), "Up", "hotline,in")))
	f.wit.left(t, leg)
	// Asterisk was started anew in the same second and counts from 0 again.
	f.ari.Send(strings.Replace(start, `"creationtime":"2026-11-23T12:00:00.000`, `"creationtime":"2026-11-23T12:00:00.900`, 1))
	f.until("taken", func() bool {
		return count(f.wit, func(ev call.Arrived) bool { return ev.Leg == leg }) == 2
	}, 5*time.Second)
}

func TestRepeatedAndReorderedEventsAreToldOnce(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "dup")
	const leg call.LegID = "line-1795435200.0"
	channel, at := channelIn, eventAt
	start := fmt.Sprintf(`{"type":"StasisStart",%s,"args":["in","12345","","anonymous"],%s}`, at, channel(string(leg), "Up", "hotline,in"))
	f.ari.Send(start)
	key := fmt.Sprintf(`{"type":"ChannelDtmfReceived",%s,"digit":"6",%s}`, at, channel(string(leg), "Up", "hotline,in"))
	f.ari.Send(key)
	f.ari.Send(key)
	end := fmt.Sprintf(`{"type":"StasisEnd",%s,%s}`, at, channel(string(leg), "Up", "hotline,in"))
	for _, ev := range []string{start, start, end, end, start, end, start} {
		f.ari.Send(ev)
	}
	party := f.number("5010", call.NoRoom)
	f.wit.picked(t, party)
	f.ari.Hangup(string(party))
	f.wit.left(t, party)
	for _, kind := range []string{"Ringing", "Up"} {
		f.ari.Send(fmt.Sprintf(`{"type":"ChannelStateChange",%s,%s}`, at, channel(string(party), kind, "hotline,leg")))
	}
	f.ari.Send(fmt.Sprintf(`{"type":"ChannelDestroyed",%s,"cause":16,%s}`, at, channel(string(party), "Up", "")))
	f.ari.Send(fmt.Sprintf(`{"type":"ChannelDestroyed",%s,"cause":16,%s}`, at, channel("a stranger", "Up", "")))
	f.ari.Register("1001", true)
	f.seat("1001", true)
	once(t, f.wit, "the key", func(e call.Pressed) bool { return e.Leg == leg })
	once(t, f.wit, "the arrival", func(e call.Arrived) bool { return e.Leg == leg })
	once(t, f.wit, "the end", func(e call.Left) bool { return e.Leg == leg })
	once(t, f.wit, "the answer", func(e call.Picked) bool { return e.Leg == party })
	once(t, f.wit, "the party's end", func(e call.Left) bool { return e.Leg == party })
	if n := count(f.wit, func(e call.Left) bool { return e.Leg == "a stranger" }); n != 0 {
		t.Error("a stranger's end was told")
	}
}

func TestSlowAsteriskHoldsNobodyLongerThanTheLimit(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "slow")
	_, leg := f.caller()
	f.ari.Break(fakeari.Fault{Path: "/moh", Slow: 5 * time.Second, Times: 1})
	began := time.Now()
	err := f.line.Music(t.Context(), leg)
	if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > requestLimit+atOnce {
		t.Errorf("%v after %s", err, took)
	}
	f.ok(f.line.Music(t.Context(), leg))
	if n := testutil.CollectAndCount(f.line.m.requests); n == 0 {
		t.Error("no request was measured")
	}
}

func TestQuietInsistsWhenAStopFails(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "stop")
	_, leg := f.caller()
	f.ok(f.line.Play(t.Context(), leg, "p", prompt("long")))
	f.ari.Break(fakeari.Fault{Method: http.MethodDelete, Path: "/playbacks/", Status: 500, Times: 3})
	began := time.Now()
	f.ok(f.line.Quiet(t.Context(), leg))
	f.wit.played(t, "p")
	if took := time.Since(began); took > atOnce {
		t.Errorf("it took %s", took)
	}
	// A stop whose end is never told is asked for.
	f.ok(f.line.Play(t.Context(), leg, "q", prompt("long")))
	f.ari.Deafen(true)
	f.ok(f.line.Quiet(t.Context(), leg))
	f.wit.played(t, "q")
	f.ari.Deafen(false)
	// A stop that fails for ever is an error.
	f.ok(f.line.Play(t.Context(), leg, "r", prompt("long")))
	f.ari.Break(fakeari.Fault{Method: http.MethodDelete, Path: "/playbacks/", Status: 500})
	if err := f.line.Quiet(t.Context(), leg); err == nil {
		t.Error("a prompt that goes on is quiet")
	}
}

func TestPromptWithoutAnAnswerIsStoppedAllTheSame(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "lost")
	_, leg := f.caller()
	f.ari.Break(fakeari.Fault{Path: "/play/", Slow: requestLimit + time.Second, Times: 1})
	if err := f.line.Play(t.Context(), leg, "p", prompt("long")); err == nil {
		t.Error("a request without an answer is no error")
	}
	time.Sleep(100 * time.Millisecond) // for what must not come
	began := time.Now()
	f.ok(f.line.Quiet(t.Context(), leg))
	f.wit.played(t, "p")
	f.ok(f.line.Music(t.Context(), leg))
	if took := time.Since(began); took > atOnce {
		t.Errorf("it took %s", took)
	}
	// A prompt that was refused is no prompt.
	f.ari.Break(fakeari.Fault{Path: "/play/", Status: 500, Times: 1})
	if err := f.line.Play(t.Context(), leg, "q", prompt("long")); err == nil || len(f.line.book.heard(leg)) != 0 {
		t.Errorf("%v, heard %v", err, f.line.book.heard(leg))
	}
}

func TestDialThatFailsHalfWayLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "half")
	for i, fault := range []fakeari.Fault{
		{Path: "/dial", Status: 500, Times: 1},
		{Path: "/addChannel", Status: 500, Times: 1},
		{Path: "/dial", Slow: 3 * time.Second, Times: 1},
		{Path: "/dial", Status: 409}, // never in Stasis
	} {
		f.ari.Break(fault)
		leg := call.LegID(fmt.Sprintf("%s-%d", f.id, i))
		f.wit.own(f.id, leg)
		d := call.Dial{Leg: leg, To: routing.Target{Kind: routing.ToNumber, Name: "5020"}, Trunk: call.TrunkCarrier, Room: call.Talk}
		if err := f.line.Dial(t.Context(), f.id, d); err == nil {
			t.Errorf("%+v was no error", fault)
		}
		if slices.Contains(f.ari.Channels(), string(leg)) {
			t.Errorf("%+v left the channel behind", fault)
		}
		if n := count(f.wit, func(e call.Left) bool { return e.Leg == leg }); n != 0 {
			t.Errorf("%+v was told as an end, too", fault)
		}
	}
}

func TestDeafSocketIsGivenUpWithinSixSeconds(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "deaf")
	f.ari.Deafen(true)
	began := time.Now()
	f.until("down", func() bool { return !f.line.Up() }, deadAfter+atOnce)
	t.Logf("down after %s", time.Since(began))
	f.ari.Deafen(false)
	f.until("up", f.line.Up, 5*time.Second)
}

func TestReplacedLineStopsActing(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	wit := newWitness("rep")
	var times atomic.Int32
	o := w.options()
	o.CallID, o.Replaced = wit.callID, func() { times.Add(1) }
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Run(t.Context(), wit) }()
	<-l.Ready()
	w.ari.Send(`{"type":"ApplicationReplaced","application":"hotline","timestamp":"2026-11-23T12:00:00.000+0000"}`)
	select {
	case err := <-ended:
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	before := len(w.ari.Requests())
	if err := l.Release(t.Context(), "x", call.Released); !errors.Is(err, ErrReplaced) {
		t.Errorf("release: %v", err)
	}
	if len(w.ari.Requests()) != before || times.Load() != 1 || l.Up() {
		t.Errorf("%d requests more, told %d times, up %v", len(w.ari.Requests())-before, times.Load(), l.Up())
	}
}

func TestFilterThatCannotBeSetIsNoConnection(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	w.ari.Break(fakeari.Fault{Path: "/eventFilter", Status: 500, Times: 3})
	w.ari.Break(fakeari.Fault{Path: "/bridges", Status: 503, Times: 2})
	l := run(t, w, newWitness("filter"))
	if got := testutil.ToFloat64(l.m.connects.WithLabelValues("ok")); got < 4 {
		t.Errorf("%v connections, want 4", got)
	}
}

func TestDialWaitsForNobodysPrompt(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "urgent")
	var stuck sync.WaitGroup
	for range 2 * maxConnections {
		f.id = f.wit.newID()
		_, leg := f.caller()
		f.ok(f.line.Play(t.Context(), leg, "p", prompt("long")))
		stuck.Go(func() { _ = f.line.Music(t.Context(), leg) }) // waits for the prompt
	}
	time.Sleep(100 * time.Millisecond) // for what must not come
	began := time.Now()
	f.number("110", call.Talk)
	if took := time.Since(began); took > atOnce {
		t.Errorf("the dial took %s", took)
	}
	stuck.Wait()
}

func TestBurstOfEventsIsTakenWhole(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "burst")
	_, leg := f.caller()
	const many = 5000
	for range many {
		f.ari.Press(string(leg), "1")
	}
	f.ari.Press(string(leg), "#")
	await(t, f.wit, func(p call.Pressed) bool { return p.Key == "#" })
	f.wit.mu.Lock()
	defer f.wit.mu.Unlock()
	// Two of the same millisecond are one letter by letter; the fake's clock is
	// the same as Asterisk's.
	if got := len(f.wit.events) + int(testutil.ToFloat64(f.line.m.skipped.WithLabelValues("repeated"))); got != many+2 {
		t.Errorf("%d of %d came", got, many+2)
	}
}

func TestAsteriskThatIsNotThereIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	o := w.options()
	o.URL, o.CallID = "http://127.0.0.1:1/ari", newWitness("x").callID
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := l.Run(ctx, newWitness("x")); err != nil || l.Up() {
		t.Errorf("ended with %v, up %v", err, l.Up())
	}
	if got := testutil.ToFloat64(l.m.connects.WithLabelValues("failed")); got < 2 || got > 12 {
		t.Errorf("%v tries in a second", got)
	}
	if err := l.Answer(t.Context(), "x"); err == nil || errors.Is(err, call.ErrGone) {
		t.Errorf("answer: %v", err)
	}
}

func TestRequestsUseAFewConnectionsAgainAndAgain(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, `{"message":"Channel not found"}`, http.StatusNotFound)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	m, err := newMetrics(prometheus.NewRegistry(), func() float64 { return 0 }, func() float64 { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(Options{URL: server.URL}, m)
	defer c.close()
	var running sync.WaitGroup
	for range 200 {
		running.Go(func() {
			err := c.do(t.Context(), request{op: "exists", method: http.MethodGet, path: []string{"channels", "x"}})
			if !errors.Is(err, call.ErrGone) || err.Error() != "ari exists: 404 Channel not found" {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if n := opened.Load(); n > maxConnections {
		t.Errorf("%d connections", n)
	}
}

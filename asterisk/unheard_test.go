package asterisk

import (
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/tests/fakeari"
)

// connects is how often the Line has connected.
func (f faulty) connects() float64 {
	return testutil.ToFloat64(f.line.m.connects.WithLabelValues("ok"))
}

func TestAsteriskThatHasSwitchedTheApplicationOffIsConnectedAnew(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "off")
	_, leg := f.caller()
	f.ari.SwitchOff()
	f.ari.Hangup(string(leg)) // unheard
	f.until("connected anew", func() bool { return f.connects() == 2 && f.line.Up() }, pingEvery+deadAfter+atOnce)
	if left := f.wit.left(t, leg); left.Cause != call.Lost {
		t.Errorf("left as %+v", left)
	}
	f.id = f.wit.newID()
	f.caller()
}

func TestAnEchoThatCannotBeAskedForSaysNothingOfTheSocket(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "mute")
	f.ari.Break(fakeari.Fault{Method: http.MethodPost, Path: "/events/user/", Status: http.StatusServiceUnavailable, Times: 2})
	asked := func() float64 { return float64(testutil.CollectAndCount(f.line.m.requests)) }
	before := asked()
	f.until("refused", func() bool { return asked() > before }, 2*pingEvery+atOnce)
	f.caller()
	if f.connects() != 1 {
		t.Errorf("%v connections", f.connects())
	}
}

func TestTheNextGatewayIsHeardThoughAsteriskIsSlowToEndTheSocketOfTheFirst(t *testing.T) {
	t.Parallel()
	w := newFakeWorld(t)
	w.ari.Linger(leaveLimit / 2)
	_, stop := start(t, w, newWitness("one"))
	stop()
	wit := newWitness("two")
	f := faulty{scene{T: t, world: w, line: run(t, w, wit), wit: wit, id: wit.newID()}, w.ari}
	f.until("rid of the first socket", func() bool { return w.ari.Sockets() == 1 }, 2*leaveLimit)
	f.caller()
	if f.connects() != 1 {
		t.Errorf("%v connections", f.connects())
	}
}

func TestTheSameGatewayIsHeardAfterItHasEndedItsSocketItself(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, "self")
	f.ari.Linger(leaveLimit / 2)
	f.ari.SwitchOff()
	f.until("connected anew", func() bool { return f.connects() == 2 && f.line.Up() }, pingEvery+deadAfter+atOnce)
	f.until("rid of its first socket", func() bool { return f.ari.Sockets() == 1 }, 2*leaveLimit)
	f.caller()
	if f.connects() != 2 {
		t.Errorf("%v connections", f.connects())
	}
}

func TestALineWhoseEventFilterWasChangedSetsItAgain(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t, "filter")
	s.ok(s.line.do(t.Context(), request{
		op: "filter", method: http.MethodPut, path: []string{"applications", s.line.o.App, "eventFilter"},
		body: map[string]any{"allowed": []map[string]string{{"type": "Dial"}}},
	}))
	s.until("down", func() bool { return !s.line.Up() }, pingEvery+deadAfter+atOnce)
	s.until("up", s.line.Up, patience)
	began := time.Now()
	c, leg := s.citizen()
	s.end(c)
	s.wit.left(t, leg)
	t.Logf("a call took %s", time.Since(began))
}

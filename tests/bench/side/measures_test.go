package side

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"weibao/tests/stage"
)

// inLine: 60 callers stand in line for 10 seats; how long is a seat without a
// caller after its BYE?
func inLine(b *testing.B, t *table) {
	both(b, 10, func(h *hall, s system) {
		behaviour := usual()
		behaviour.SeatHangsUp = true
		// app_queue looks once a second; the talks must not keep step with it.
		behaviour.Talk = func() time.Duration { return 600*time.Millisecond + rand.N(time.Second) }
		h.phones.Begin(behaviour)
		h.calls(s, 60, 40)
		h.over(60 * time.Second)
		chose := make(map[string]time.Time)
		for _, c := range h.phones.Traces() {
			chose[c.Number] = c.Chose
			if c.Up.IsZero() {
				h.b.Errorf("%s: caller %s reached nobody: %d", s, c.Number, c.Status)
			}
		}
		var gaps []time.Duration
		for _, turn := range h.phones.Turns() {
			if turn.BySeat && chose[turn.NextCaller].Before(turn.Freed) {
				gaps = append(gaps, turn.Rung.Sub(turn.Freed))
			}
		}
		t.times("freed", s, gaps)
	})
}

// underLoad: calls at a steady rate with seats free all the time.
func underLoad(b *testing.B, e extent, t *table) {
	measure := func(h *hall, s system, rate int, name string) {
		l := h.load(s, rate, e.load)
		if l.lost > 0 {
			h.b.Errorf("%s at %d calls/s: %d of %d calls lost", s, rate, l.lost, l.calls)
		}
		if name == "40" {
			t.times("joined", s, l.joined)
		}
		t.add("cpu "+name, s, l.cost.total())
		t.parts("cpu "+name, s, l.cost)
	}
	h := both(b, 200, func(h *hall, s system) {
		measure(h, s, 40, "40")
		measure(h, s, 120, "120")
	})
	h.ReplaceGateway("WEIBAO_RECORDING=on")
	h.AreReady(h.seats...)
	measure(h, ours, 40, "40 recorded")
}

// mostSetUp is how long a caller who has chosen may take to ring a seat before
// the rate is too high.
const mostSetUp = 100 * time.Millisecond

// climb looks for the highest rate without a lost call.
func climb(b *testing.B, e extent, t *table) {
	both(b, 200, func(h *hall, s system) {
		best := 0
		for _, rate := range e.rates {
			l := h.load(s, rate, e.load)
			p95 := quantile(l.joined, 0.95)
			t.step(s, rate, l, p95)
			if l.lost > 0 || p95 > mostSetUp {
				break
			}
			best = rate
		}
		t.add("capacity", s, float64(best))
	})
}

// load is what a steady rate of calls came to.
type load struct {
	calls, lost int
	resent      int64
	joined      []time.Duration // the caller chose → a seat is rung
	cost        cost            // of one call
	busy        float64         // processors in use
}

// patience is how long a caller who has chosen may wait for a seat that is
// free; who waits longer is lost.
const patience = 2 * time.Second

func (h *hall) load(s system, rate int, during time.Duration) load {
	h.phones.Begin(usual())
	n := int(float64(rate) * during.Seconds())
	before, began := h.spent(s), time.Now()
	h.calls(s, n, float64(rate))
	h.over(10 * time.Second)
	took := time.Since(began)
	used := h.spent(s).less(before)
	l := load{calls: n, resent: h.phones.Resent(), cost: used.each(n), busy: used.total() / float64(took.Milliseconds())}
	for _, c := range h.phones.Traces() {
		if c.Up.IsZero() || c.Up.Sub(c.Chose) > patience {
			l.lost++
			continue
		}
		l.joined = append(l.joined, c.Rung.Sub(c.Chose))
	}
	return l
}

// waiting: many callers wait while all seats talk.
func waiting(b *testing.B, e extent, t *table) {
	h := open(b, 10, func(*hall) {})
	idle := memory(b, h.Processes().Gateway)
	behaviour := usual()
	behaviour.Talk = func() time.Duration { return e.wait + 30*time.Second }
	h.phones.Begin(behaviour)
	stray, skipped := h.Metric("weibao_stray_events_total"), h.Metric("weibao_ari_events_skipped_total")
	h.calls(ours, e.waiting+10, 40)
	h.Until("everybody waits", func() bool { return h.phones.Waits() == e.waiting })
	h.Passes(e.wait)
	t.add("memory", ours, float64(memory(b, h.Processes().Gateway)-idle)/(1<<20))
	if n := len(h.Calls()); n != e.waiting+10 {
		b.Errorf("%d calls are known, %d are on the line", n, e.waiting+10)
	}
	h.phones.HangUp()
	h.over(30 * time.Second)
	h.Settle()
	t.add("lost events", ours, h.Metric("weibao_stray_events_total")-stray+h.Metric("weibao_ari_events_skipped_total")-skipped)
}

var _ = os.Getpid
var _ stage.Option

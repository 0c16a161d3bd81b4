package side

import (
	"math/rand/v2"
	"testing"
	"time"
)

// inLine: 60 callers stand in line for 10 seats; how long is a seat without a
// caller after its BYE?
func inLine(b *testing.B, t *table) {
	both(b, t, 10, func(h *hall, s system) {
		behaviour := usual()
		behaviour.SeatHangsUp = true
		// app_queue looks once a second; the talks must not keep step with it.
		behaviour.Talk = func() time.Duration { return 600*time.Millisecond + rand.N(time.Second) }
		h.phones.Begin(behaviour)
		h.calls(s, 60, 40)
		h.over(s, 60*time.Second)
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
		if len(gaps) < 30 {
			h.b.Errorf("%s: only %d seats were freed while somebody waited", s, len(gaps))
		}
		t.times("freed", s, gaps)
	})
}

// underLoad: calls at a steady rate with seats free all the time.
func underLoad(b *testing.B, e extent, t *table) {
	measure := func(h *hall, s system, rate int, name string) {
		l := h.load(s, rate, e.load)
		t.add("lost "+name, s, float64(l.lost))
		if len(l.joined) == 0 {
			h.b.Errorf("%s at %d calls/s: nobody reached a seat", s, rate)
		}
		if name == "40" {
			t.times("joined", s, l.joined)
		}
		t.spent("cpu "+name, s, l.cost)
	}
	h := both(b, t, 200, func(h *hall, s system) {
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
	both(b, t, 200, func(h *hall, s system) {
		best := 0
		for _, rate := range e.rates {
			l := h.load(s, rate, e.load)
			t.step(s, rate, l)
			if l.lost > 0 || quantile(l.joined, 0.95) > mostSetUp {
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
	h.over(s, 10*time.Second)
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

// playsAsked counts the prompts that Asterisk has taken from this gateway.
const playsAsked = `weibao_ari_request_seconds_count{op="play",result="ok"}`

// comfortEvery is plan.yaml's times.comfort.
const comfortEvery = 20 * time.Second

// listen waits, and returns how many comfort prompts were missing at worst,
// one second after they were due.
func (h *hall) listen(e extent) float64 {
	worst := 0.0
	for end := time.Now().Add(e.wait); time.Now().Before(end); h.Passes(500 * time.Millisecond) {
		at := time.Now().Add(-time.Second)
		due := 0
		for _, c := range h.phones.Traces() {
			due += 2 // the greeting, and that the caller is being connected
			if c.Up.IsZero() {
				due += int(at.Sub(c.Chose) / comfortEvery)
			}
		}
		worst = max(worst, float64(due)-h.Count(playsAsked))
	}
	return worst
}

// waiting: many callers wait while all seats talk.
func waiting(b *testing.B, e extent, t *table) {
	h := open(b, t, 10, func(*hall) {})
	h.ReplaceGateway() // one that has not just hashed passwords
	h.Until("the seats are free again", func() bool { return h.Free() >= len(h.seats) })
	idle := memory(b, h.Processes().Gateway)
	behaviour := usual()
	behaviour.Talk = func() time.Duration { return e.wait + 30*time.Second }
	h.phones.Begin(behaviour)
	h.calls(ours, e.waiting+10, 40)
	h.Until("everybody waits", func() bool { return h.phones.Waits() == e.waiting })
	t.add("comfort", ours, h.listen(e))
	held := memory(b, h.Processes().Gateway)
	t.add("memory", ours, float64(held-idle)/(1<<20))
	t.add("memory in all", ours, float64(held)/(1<<20))
	unknown := e.waiting + 10 - len(h.Calls())
	h.phones.HangUp()
	h.over(ours, 30*time.Second)
	h.Settle()
	// A sweep finds what no event has told: every loss is counted there.
	t.add("lost events", ours, float64(unknown)+h.Count("weibao_ari_swept_total"))
}

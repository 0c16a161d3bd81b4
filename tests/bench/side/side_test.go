// Package side measures the gateway beside app_queue: in one run, in the same
// Asterisk, with the same telephones, which are those of tests/bench/wire.
package side

import (
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"weibao/tests/bench/wire"
	"weibao/tests/stage"
)

// system is one of the two that are compared.
type system string

const (
	ours  system = "weibao"
	peers system = "app_queue"
)

// dialled is the number that leads a caller to a system.
func (s system) dialled() string {
	if s == ours {
		return "12345"
	}
	return "queue"
}

// peer is app_queue with the same menu before it as ours: the caller is
// answered at once, hears the same greeting and presses the same key. The
// queue is the product's own fallback, with its members: timeout 15, retry 1,
// no wrapuptime, ringinuse no, leastrecent, autofill, no announcement.
const peer = `
[from-citizen](+)
exten => queue,1,Answer(,i)
 same => n,Goto(measured-menu,s,1)
[measured-menu]
exten => s,1,BackGround(greeting.220100&choose.minors)
 same => n,WaitExten(5)
exten => 6,1,Queue(seats,c)
 same => n,Hangup()
`

// extent is how much is measured.
type extent struct {
	rounds  int           // of each comparison, each in an Asterisk of its own
	load    time.Duration // of one load
	rates   []int         // calls/s to climb
	waiting int           // callers who wait
	wait    time.Duration
}

// ofRun is the full extent, or with WEIBAO_BENCH=short a look at it.
func ofRun() extent {
	if os.Getenv("WEIBAO_BENCH") == "short" {
		return extent{rounds: 1, load: 4 * time.Second, rates: []int{160, 240}, waiting: 200, wait: 25 * time.Second}
	}
	return extent{
		rounds: 3, load: 8 * time.Second, rates: []int{120, 140, 160, 200, 240, 280, 320},
		waiting: 500, wait: 60 * time.Second,
	}
}

// BenchmarkAgainstAppQueue prints its figures as a table when all is measured.
func BenchmarkAgainstAppQueue(b *testing.B) {
	e, t := ofRun(), newTable()
	for round := range e.rounds {
		b.Run(fmt.Sprintf("line/%d", round+1), func(b *testing.B) { inLine(b, t) })
		b.Run(fmt.Sprintf("load/%d", round+1), func(b *testing.B) { underLoad(b, e, t) })
	}
	b.Run("climb", func(b *testing.B) { climb(b, e, t) })
	b.Run("waiting", func(b *testing.B) { waiting(b, e, t) })
	if len(t.figures) > 0 {
		t.publish(b, e)
	}
}

// hall is a stage with telephones.
type hall struct {
	*stage.Stage
	b       *testing.B
	table   *table
	phones  *wire.Phones
	seats   []string
	callers int
}

// open puts on a system with so many seats of one queue, without after-call
// work. While there is no gateway yet, first is measured.
func open(b *testing.B, t *table, seats int, first func(*hall)) *hall {
	b.Helper()
	b.ReportMetric(0, "ns/op") // what is measured stands in the table
	h := &hall{b: b, table: t}
	lines := "agents:\n"
	for i := range seats {
		id := fmt.Sprint(2001 + i)
		h.seats = append(h.seats, id)
		lines += fmt.Sprintf("  - {id: %q, name: 坐席%s, region: \"220100\", queues: [changchun], skills: [minors]}\n", id, id)
	}
	options := []stage.Option{
		stage.Measured(8000, func(s *stage.Stage) { h.Stage = s; h.install(); first(h) }),
		stage.Environment("WEIBAO_RECORDING=off"),
		stage.Staff(h.seats...),
		stage.With("agents.yaml", "agents:\n", lines),
		stage.With("queues.yaml", `region: "220100", ring_for: 15s, wrap_up: 10s`, `region: "220100", ring_for: 15s, wrap_up: 0s`),
		// Nobody else comes to help, and the seat hears no whisper: app_queue has none.
		stage.With("plan.yaml", "    - {to: queue:neighbours, after: 10s, ratio: 2}\n    - {to: queue:province, after: 20s, ratio: 3}\n    - {to: duty:region, after: 40s}\n    - {to: duty:220000, after: 2m}\n", "    - {to: queue:neighbours, after: 8m}\n    - {to: queue:province, after: 9m}\n    - {to: duty:region, after: 10m}\n"),
		stage.With("prompts.yaml", "  region: region.<region> # 坐席听到的地方，<region> 是市（州）的代码\n  keys: {\"6\": key.6, \"0\": key.0} # 坐席听到的按键\n  silence: key.none\n  wrong: key.wrong\n", ""),
	}
	h.Stage = stage.New(b, options...)
	h.AreReady(h.seats...)
	return h
}

// install brings the telephones and app_queue's menu.
func (h *hall) install() {
	h.Dialplan(peer)
	server, err := netip.ParseAddrPort(h.SIP())
	if err != nil {
		h.b.Fatal(err)
	}
	if h.phones, err = wire.Open(server); err != nil {
		h.b.Fatal(err)
	}
	h.b.Cleanup(func() { _ = h.phones.Close() })
	for _, id := range h.seats {
		if err := h.phones.Register(h.b.Context(), id, h.SIPPassword(id)); err != nil {
			h.b.Fatal(err)
		}
	}
}

// both measures app_queue while there is no gateway that costs it anything,
// and then ours, in one Asterisk.
func both(b *testing.B, t *table, seats int, measure func(*hall, system)) *hall {
	b.Helper()
	h := open(b, t, seats, func(h *hall) { measure(h, peers) })
	measure(h, ours)
	return h
}

// usual are telephones that press 6, ring shortly and talk shortly.
func usual() wire.Behaviour {
	return wire.Behaviour{
		Key: '6', Think: 50 * time.Millisecond, Ring: 20 * time.Millisecond,
		Talk: func() time.Duration { return 250 * time.Millisecond },
	}
}

// calls lets n callers call, so many a second, and waits until all is over.
func (h *hall) calls(s system, n int, rate float64) {
	began := time.Now()
	for i := range n {
		h.PassesUntil(began.Add(time.Duration(float64(i) / rate * float64(time.Second))))
		h.callers++
		h.phones.Dial(h.callers, s.dialled())
	}
}

// settled is how long a system may take to let everybody go that it has been
// flooded with.
const settled = time.Minute

// over waits until every caller has gone, not for ever: one who reached nobody
// is let go then. The telephones are quiet afterwards.
func (h *hall) over(s system, longest time.Duration) {
	h.b.Helper()
	for end := time.Now().Add(longest); h.phones.Live() > 0; {
		h.Passes(20 * time.Millisecond)
		if time.Now().After(end) {
			h.phones.HangUp()
			break
		}
	}
	for end := time.Now().Add(settled); h.phones.Live() > 0 || h.phones.Busy() > 0; h.Passes(20 * time.Millisecond) {
		if !time.Now().After(end) {
			continue
		}
		if h.phones.Live() > 0 || h.channels() > 0 {
			h.b.Fatalf("%s: %d callers and %d seats are still in a call %s after the last one should have left", s, h.phones.Live(), h.phones.Busy(), settled)
		}
		h.b.Logf("%s: %d telephones have not heard that their call is over; Asterisk has none", s, h.phones.Busy())
		h.phones.Forget()
	}
	h.Until("Asterisk has no channel left", func() bool { return h.channels() == 0 })
	h.table.add("clashes", s, float64(h.phones.Clashes()))
}

func (h *hall) channels() int {
	var n int
	_, _ = fmt.Sscanf(h.Console("core show channels count"), "%d active", &n)
	return n
}

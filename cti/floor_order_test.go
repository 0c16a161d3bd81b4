package cti

import (
	"slices"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"weibao/call"
	"weibao/routing"
)

// TestLineIsServedInOrder checks, whenever a floor has come to rest, that
// nobody who was in line before was passed over by a later caller for a seat
// that could have served both.
func TestLineIsServedInOrder(t *testing.T) {
	t.Parallel()
	script := rapid.SliceOfN(rapid.IntRange(0, 1_000_000), 20, 150)
	rapid.Check(t, func(rt *rapid.T) {
		steps := script.Draw(rt, "script")
		var faults []string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 1, 5, 1, true)
			for _, step := range steps {
				waiting := w.waiting()
				before := len(w.gateways[0].all())
				if kind := step % 20; kind < 12 || kind > 16 {
					w.act(kind, step/20)
				}
				for _, o := range w.gateways[0].all()[before:] {
					w.inOrder(o, waiting)
				}
				w.release()
			}
			faults = w.play(nil)
		})
		if len(faults) > 0 {
			rt.Fatalf("the first: %s", faults[0])
		}
	})
}

// waiting are the tickets in line without an offer.
func (w *world) waiting() []routing.Ticket {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	var line []routing.Ticket
	for _, c := range w.calls {
		if c.queued && c.offer == nil {
			line = append(line, c.ticket)
		}
	}
	return line
}

// inOrder checks that those before the one who got the seat, who could have
// had it too, have a seat as well by now or have left.
func (w *world) inOrder(o call.Offer, before []routing.Ticket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.calls[o.Ticket].ticket
	queues := [][]string{{"a"}, {"b"}, {"a", "b"}}[slices.Index(w.agents, o.Agent)%3]
	for _, t := range before {
		c := w.calls[t.ID]
		first := t.Boost > got.Boost || t.Boost == got.Boost && t.Since.Before(got.Since)
		serves := slices.ContainsFunc(queues, func(q string) bool { return slices.Contains(t.Queues(), q) })
		if first && serves && c.queued && c.offer == nil {
			w.fault("%s was passed over by %s for seat %s", t.ID, got.ID, o.Agent)
		}
	}
}

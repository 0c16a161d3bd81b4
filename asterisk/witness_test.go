package asterisk

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weibao/call"
	"weibao/routing"
)

func TestMain(m *testing.M) {
	// fasthttp looks after its idle connections until there has been none for
	// idleLimit.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"))
}

const (
	// patience is how long a test waits for what must come.
	patience = 15 * time.Second
	// atOnce is what does not wait for a prompt, on a busy machine. It is a
	// millisecond on an idle one.
	atOnce = 1500 * time.Millisecond
)

// witness takes the events in place of an exchange and remembers them.
type witness struct {
	mu     sync.Mutex
	events []call.Event
	owned  map[call.LegID]bool
	live   []call.Call
	seats  map[routing.AgentID][]bool
	ids    int
	names  map[call.LegID]call.ID // of callers
	prefix string
	news   chan struct{} // closed and made new at each event
}

func newWitness(prefix string) *witness {
	return &witness{
		owned: map[call.LegID]bool{}, names: map[call.LegID]call.ID{}, seats: map[routing.AgentID][]bool{}, prefix: prefix, news: make(chan struct{}),
	}
}

func (w *witness) note(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.news)
	w.news = make(chan struct{})
}

// Deliver takes an event of a leg.
func (w *witness) Deliver(leg call.LegID, ev call.Event) {
	w.note(func() {
		w.events = append(w.events, ev)
		switch ev := ev.(type) {
		case call.Arrived:
			w.owned[leg] = true
			w.live = append(w.live, call.Call{ID: ev.Call})
			for _, p := range ev.With {
				w.owned[p.Leg] = true
			}
		case call.Left:
			delete(w.owned, leg)
		}
	})
}

// DeliverTo takes an event of a call.
func (w *witness) DeliverTo(id call.ID, ev call.Event) {
	w.note(func() { w.events = append(w.events, told{id, ev}) })
}

// told is an event that came by the id of its call.
type told struct {
	id call.ID
	call.Event
}

// Knows reports the legs that a test has placed or seen arriving, and not leaving.
func (w *witness) Knows(leg call.LegID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.owned[leg]
}

// Live returns the calls that a test has, or has seen arriving.
func (w *witness) Live() []call.Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.live)
}

func (w *witness) newID() (id call.ID) {
	w.note(func() {
		w.ids++
		id = call.ID(fmt.Sprintf("%s%d", w.prefix, w.ids))
	})
	return id
}

// callID is the same in every life, unless a test has named the call.
func (w *witness) callID(caller call.LegID, came time.Time) call.ID {
	if id, named := w.names[caller]; named {
		return id
	}
	return call.ID(fmt.Sprintf("%s-%d", caller, came.UnixMilli()))
}

func (w *witness) reachable(agent routing.AgentID, ok bool) {
	w.note(func() { w.seats[agent] = append(w.seats[agent], ok) })
}

// own makes a call live with a leg that is about to be placed.
func (w *witness) own(id call.ID, legs ...call.LegID) {
	w.note(func() {
		if !slices.ContainsFunc(w.live, func(c call.Call) bool { return c.ID == id }) {
			w.live = append(w.live, call.Call{ID: id})
		}
		for _, leg := range legs {
			w.owned[leg] = true
		}
	})
}

// until waits for a condition on what has been seen.
func (w *witness) until(t *testing.T, what string, seen func() bool) {
	t.Helper()
	limit := time.After(patience)
	for {
		w.mu.Lock()
		ok, news := seen(), w.news
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-news:
		case <-limit:
			w.mu.Lock()
			defer w.mu.Unlock()
			t.Fatalf("%s did not come; seats: %v; seen:\n%s", what, w.seats, listing(w.events))
		}
	}
}

// await waits for the first event of a type that matches.
func await[E call.Event](t *testing.T, w *witness, match func(E) bool) (found E) {
	t.Helper()
	w.until(t, fmt.Sprintf("%T", found), func() bool {
		for _, ev := range w.events {
			if e, ok := ev.(E); ok && match(e) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// count counts the events of a type that match, so far.
func count[E call.Event](w *witness, match func(E) bool) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ev := range w.events {
		if e, ok := ev.(E); ok && match(e) {
			n++
		}
	}
	return n
}

func (w *witness) left(t *testing.T, leg call.LegID) call.Left {
	t.Helper()
	return await(t, w, func(ev call.Left) bool { return ev.Leg == leg })
}

func (w *witness) picked(t *testing.T, leg call.LegID) {
	t.Helper()
	await(t, w, func(ev call.Picked) bool { return ev.Leg == leg })
}

func (w *witness) rang(t *testing.T, leg call.LegID) {
	t.Helper()
	await(t, w, func(ev call.Rang) bool { return ev.Leg == leg })
}

func (w *witness) played(t *testing.T, play string) call.Played {
	t.Helper()
	return await(t, w, func(ev call.Played) bool { return ev.Play == play })
}

func (w *witness) recorded(t *testing.T, id call.ID) call.Recorded {
	t.Helper()
	ev := await(t, w, func(ev told) bool {
		_, ok := ev.Event.(call.Recorded)
		return ok && ev.id == id
	})
	return ev.Event.(call.Recorded)
}

// once checks that an event of a leg has been told exactly once.
func once[E call.Event](t *testing.T, w *witness, what string, match func(E) bool) {
	t.Helper()
	if n := count(w, match); n != 1 {
		t.Errorf("%s was told %d times", what, n)
	}
}

// listing is the last events, for people.
func listing(events []call.Event) string {
	var b strings.Builder
	for _, ev := range events[max(0, len(events)-40):] {
		fmt.Fprintf(&b, "%s %T%+v\n", ev.When().Format("05.000"), ev, ev)
	}
	return b.String()
}

package call

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/routing"
)

func thawed(t *testing.T, c Call) Call {
	t.Helper()
	text, err := Freeze(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Thaw(text)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// fill sets every field below v to something.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(1_790_000_000+*n), int64(*n)).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d \"未\"", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) / 2)
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(uint64(*n % 200))
	default:
		v.SetInt(int64(*n))
	}
}

func TestEveryFieldOfACallSurvivesItsSnapshot(t *testing.T) {
	t.Parallel()
	var c Call
	n := 0
	fill(reflect.ValueOf(&c).Elem(), &n)
	c.Attended.state, c.Attended.since = summoned, c.ArrivedAt
	got := thawed(t, c)
	for _, s := range []*Search{&c.Search, &c.Help} {
		s.Decision.Steps, s.Decision.Trace = nil, nil // the plan gives them again
	}
	if diff := cmp.Diff(c, got, cmp.AllowUnexported(Attendance{})); diff != "" {
		t.Error(diff)
	}
}

func TestASnapshotOfAnotherShapeOrOfNothingIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"v":99,"call":{"ID":7}}`:       "shape 99",
		`{"call":{}}`:                    "shape 0",
		`{"v":1,"call":{"ID":"c1"}}`:     "no caller",
		`{"v":1,"call":{"Legs":"three"}`: "thaw",
		``:                               "thaw",
	} {
		if _, err := Thaw([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Whatever a call has gone through, its snapshot behaves as the call does: the
// same lives, with every event taken by a call that has just been thawed.
func TestAThawedCallDoesWhatTheCallWouldHaveDone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		plain, frozen := newWorld(seed), newWorld(seed)
		plain.log, frozen.log = true, true
		frozen.between = func() {
			steps := frozen.c.Search.Decision.Steps
			trace := frozen.c.Search.Decision.Trace
			frozen.c = thawed(t, frozen.c)
			frozen.c.Search.Decision.Steps, frozen.c.Search.Decision.Trace = steps, trace
		}
		if a, b := plain.live(), frozen.live(); a != "" || b != "" {
			t.Fatalf("seed %d: %s\nthawed: %s", seed, a, b)
		}
		if a, b := told(plain.trace), told(frozen.trace); !slices.Equal(a, b) {
			t.Fatalf("seed %d: %s", seed, cmp.Diff(a, b))
		}
	}
}

// told is a trace without what differs in the telling only.
func told(trace []string) []string {
	var lines []string
	for _, line := range trace {
		if !strings.Contains(line, "KeepRecord") && !strings.Contains(line, "ClearAlarm") { // in no order, at the end
			lines = append(lines, line)
		}
	}
	return lines
}

// A gateway that is killed at any moment, and whose snapshot is as old as it
// may be: in the next life every promise holds as if nothing had been.
func TestWhereverAGatewayIsKilledTheNextLifeKeepsThePromises(t *testing.T) {
	t.Parallel()
	n, workers := orders(t)/4, runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for seed := worker; seed < n && !t.Failed(); seed += workers {
				killed := func() *world {
					w := newWorld(uint64(seed))
					w.between = w.restart
					return w
				}
				if killed().live() == "" {
					continue
				}
				again := killed()
				again.log = true
				t.Errorf("seed %d: %s", seed, again.live())
			}
		})
	}
	wg.Wait()
}

// restart kills the gateway now and then, lets a few things happen that nobody
// sees, and begins its next life with what was kept of the call.
func (w *world) restart() {
	w.past = append(w.past, w.c.Clone())
	if len(w.c.Legs) == 0 || w.rng.IntN(12) > 0 || !w.legs["caller"].live || w.c.Phase >= Closing {
		return
	}
	kept := w.past[len(w.past)-1-min(w.rng.IntN(4), len(w.past)-1)]
	if w.rng.IntN(2) == 0 {
		kept = w.c
	}
	w.stale = w.stale || len(kept.Journey) != len(w.c.Journey)
	w.now = w.now.Add(time.Second)
	w.unseen()
	arrived := Arrived{At: At(w.now), Call: "c1", Leg: "caller", Dialled: "12345", Caller: "13800000000", Resumed: true, With: w.found()}
	if w.rng.IntN(8) > 0 {
		text, err := Freeze(kept)
		if err != nil {
			w.failf("%s", err)
		}
		if c, err := Thaw(text); err == nil {
			arrived.Kept = &c
		}
	}
	if arrived.Kept == nil {
		w.stale = true
	}
	w.alarms, w.tickets, w.filings, w.last = make(map[Alarm]time.Time), make(map[routing.TicketID]bool), nil, nil
	w.c, w.past = Call{}, nil
	w.feed(arrived)
	w.forgetClaims()
}

// unseen is what happens while no gateway runs.
func (w *world) unseen() {
	w.legs["caller"].playing = ""
	for _, id := range w.outside() {
		l := w.legs[id]
		l.playing = ""
		switch w.rng.IntN(6) {
		case 0:
			l.live, l.up, l.room = false, false, NoRoom
		case 1:
			l.up = true
		}
	}
}

// found are the parties as the next life finds them in Asterisk.
func (w *world) found() []Party {
	var with []Party
	for _, id := range w.outside() {
		l, d := w.legs[id], w.dials[id]
		p := Party{Leg: id, Up: l.up, Room: l.room, Memo: d.Memo, Trunk: d.Trunk}
		switch leg := w.c.Leg(id); {
		case d.To.Kind == routing.ToAgent:
			p.Agent = routing.AgentID(d.To.Name)
		case d.To.Name != "":
			p.Number = routing.Number(d.To.Name)
		case leg != nil: // of the life before the first
			p.Agent, p.Number = leg.Agent, leg.Number
			if leg.Role == Police {
				p.Trunk = TrunkPolice
			}
		}
		with = append(with, p)
	}
	return with
}

// forgetClaims is the floor of the next life: claims of the earlier one for
// which the call has no leg are nobody's, and end.
func (w *world) forgetClaims() {
	for fence := range w.offers {
		if !slices.ContainsFunc(w.c.Legs, func(l Leg) bool { return l.Live() && l.Fence == fence }) {
			delete(w.offers, fence)
		}
	}
}

func BenchmarkFreeze(b *testing.B) {
	s := newScript(&testing.T{})
	_, _ = s.threeTalk()
	text, err := Freeze(s.c)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Freeze(s.c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(text)), "bytes")
}

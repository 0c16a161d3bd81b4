package call

import (
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

// override puts a person before everybody on duty at Changchun.
func override(t *testing.T, state routing.OverrideState) *routing.Overrides {
	t.Helper()
	o, err := routing.Override{ID: "a", Post: "220100", Changes: []routing.DutyChange{{
		From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour),
		In: routing.Officer{Name: "朴明花", Numbers: []string{"13900000077"}},
	}}}.Move(state, "1019", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return new(routing.NewOverrides([]routing.Override{o}, nil))
}

func TestCallRingsWhoeverIsOnDutyByTheOverrideOfTheMoment(t *testing.T) {
	t.Parallel()
	for state, want := range map[routing.OverrideState]string{
		routing.Approved: "dial 13900000077, dial 13900000001",
		routing.Asked:    "dial 13900000001, dial 13900000002",
	} {
		synctest.Test(t, func(t *testing.T) {
			var duty atomic.Pointer[routing.Overrides]
			p, guide := &parts{}, testGuide()
			guide.Times.DutyRing = 5 * time.Second
			x := NewExchange(Options{
				Line: p, Floor: p, Registry: p, Guide: func() *Guide { return guide }, Duty: duty.Load, Log: slog.New(slog.DiscardHandler),
			})
			defer x.Stop()
			x.Deliver("caller", Arrived{At: At(time.Now()), Call: "c1", Leg: "caller", Dialled: "12345", Region: "220100"})
			x.Deliver("caller", Pressed{At: At(time.Now()), Leg: "caller", Key: "6"})
			time.Sleep(30 * time.Second) // a bubble's clock: the caller waits
			duty.Store(override(t, state))
			time.Sleep(20 * time.Second) // a bubble's clock: two numbers have been rung
			synctest.Wait()
			p.mu.Lock()
			defer p.mu.Unlock()
			dialled := slices.DeleteFunc(slices.Clone(p.done), func(s string) bool { return !strings.HasPrefix(s, "dial ") })
			if got := strings.Join(dialled[:min(2, len(dialled))], ", "); got != want {
				t.Errorf("%s: %s, want %s", state, got, want)
			}
			if _, on := guide.Rotas.Overrides().Note("220100"); on || len(guide.Rotas.Overrides().Posts()) > 0 {
				t.Error("the guide that others use was changed")
			}
		})
	}
}

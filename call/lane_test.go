package call

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// slowPrompts are ports whose prompts take half a second to stop, of a bubble's
// clock.
type slowPrompts struct{ *parts }

func (p slowPrompts) Quiet(ctx context.Context, leg LegID) error {
	time.Sleep(500 * time.Millisecond)
	return p.parts.Quiet(ctx, leg)
}

func TestASeatIsRungWhileThePromptOfTheCallerIsStillBeingStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		x.line = slowPrompts{p}
		now := func() At { return At(time.Now()) }
		x.Deliver("caller", Arrived{At: now(), Call: "c1", Leg: "caller", Dialled: "12345", Region: "220100"})
		x.Deliver("caller", Pressed{At: now(), Leg: "caller", Key: "6"})
		x.DeliverTo("c1", Offered{At: now(), Offer: Offer{Ticket: "c1", Agent: "1001", RingFor: time.Minute, Fence: 1}})
		synctest.Wait()
		if !slices.Contains(p.done, "dial 1001") {
			t.Errorf("done before the prompt has been stopped: %v", p.done)
		}
		x.Deliver("c1-1", Picked{At: now(), Leg: "c1-1"})
		time.Sleep(4 * time.Second) // the whisper's limit
		synctest.Wait()
		if last := slices.Index(p.done, "join"); last < 0 || slices.Contains(p.done[last:], "quiet") {
			t.Errorf("a join waits for the prompts of its legs: %v", p.done)
		}
		x.Deliver("caller", Left{At: now(), Leg: "caller", Cause: HungUp})
		time.Sleep(10 * time.Second) // until the recording would be given up
		synctest.Wait()
	})
}

func TestNothingIsRecordedWhereRecordingIsOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		x.silent = true
		talk(x)
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		synctest.Wait()
		if slices.Contains(p.done, "record") {
			t.Errorf("a recording was asked for: %v", p.done)
		}
		if len(p.kept) != 1 || p.kept[0].Recording.Fault != "" {
			t.Errorf("the record is kept at once and without a fault: %+v", p.kept)
		}
	})
}

package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// parts are ports that do what they are told and remember it.
type parts struct {
	mu      sync.Mutex
	done    []string
	reports []Report
	kept    []Call
	keepErr error
	fileFor time.Duration // how long the disk takes
	dialErr error
}

func (p *parts) did(what string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = append(p.done, what)
	return nil
}

func (p *parts) Answer(context.Context, LegID) error                     { return p.did("answer") }
func (p *parts) Play(context.Context, LegID, string, []ivr.Prompt) error { return p.did("play") }
func (p *parts) Quiet(context.Context, LegID) error                      { return p.did("quiet") }
func (p *parts) Music(context.Context, LegID) error                      { return p.did("music") }
func (p *parts) Join(context.Context, ID, Room, []LegID) error           { return p.did("join") }
func (p *parts) Release(context.Context, LegID, Cause) error             { return p.did("release") }
func (p *parts) Record(context.Context, ID, Room, string) error          { return p.did("record") }
func (p *parts) Close(context.Context, ID) error                         { return p.did("close") }
func (p *parts) Withdraw(context.Context, routing.TicketID) error        { return p.did("withdraw") }

func (p *parts) Enquire(context.Context, ID, routing.TicketID) error { return p.did("enquire") }

func (p *parts) Conclude(context.Context, CloseNotice) error {
	time.Sleep(p.fileFor)
	return p.did("conclude")
}
func (p *parts) Enqueue(context.Context, ID, routing.Ticket) error       { return p.did("enqueue") }
func (p *parts) Exists(context.Context, []LegID) (map[LegID]bool, error) { return nil, nil }
func (p *parts) Mute(_ context.Context, _ string, on bool) error {
	return p.did(fmt.Sprintf("mute %v", on))
}

func (p *parts) Surrender(context.Context, LegID) error { return p.did("surrender") }

func (p *parts) Dial(_ context.Context, _ ID, d Dial) error {
	_ = p.did("dial " + d.To.Name)
	return p.dialErr
}

func (p *parts) Report(_ context.Context, _ ID, r Report) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reports = append(p.reports, r)
	return nil
}

func (p *parts) Keep(_ context.Context, c Call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = append(p.kept, c)
	return p.keepErr
}

func (p *parts) Amend(_ context.Context, a AmendNotice) error { return p.did("amend " + a.Number) }

func (p *parts) File(context.Context, Filing) (string, error) {
	time.Sleep(p.fileFor) // a bubble's clock
	return "JL-1", nil
}

func newExchange(t *testing.T, p *parts, guide *Guide) *Exchange {
	t.Helper()
	x := NewExchange(Options{
		Line: p, Floor: p, Registry: p, Guide: func() *Guide { return guide }, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(x.Stop)
	return x
}

// talk brings a call to a talk with 1001.
func talk(x *Exchange) {
	now := func() At { return At(time.Now()) }
	x.Deliver("caller", Arrived{At: now(), Call: "c1", Leg: "caller", Dialled: "12345", Region: "220100"})
	x.Deliver("caller", Pressed{At: now(), Leg: "caller", Key: "6"})
	x.DeliverTo("c1", Offered{At: now(), Offer: Offer{Ticket: "c1", Agent: "1001", RingFor: time.Minute, Fence: 1}})
	synctest.Wait()
	x.Deliver("c1-1", Picked{At: now(), Leg: "c1-1"})
	time.Sleep(4 * time.Second) // the whisper's limit
	synctest.Wait()
}

func TestACallLivesInItsSessionFromArrivalToLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		talk(x)
		if c, ok := x.Find("c1"); !ok || c.Phase != Talking {
			t.Fatalf("found %v, phase %s", ok, c.Phase)
		}
		if stats := x.Stats(); stats.Live != 1 || stats.Ledger() != 0 || stats.Phases[Talking] != 1 {
			t.Errorf("stats %+v", stats)
		}
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		x.DeliverTo("c1", Recorded{At: At(time.Now()), File: "c1.wav"})
		synctest.Wait()
		if stats := x.Stats(); stats.Live != 0 || stats.Ended[Answered] != 1 || stats.Ledger() != 0 || len(p.kept) != 1 {
			t.Errorf("stats %+v, %d records", stats, len(p.kept))
		}
	})
}

func TestARecordThatCannotBeKeptShowsInTheLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{keepErr: errors.New("disk gone")}
		x := newExchange(t, p, testGuide())
		x.Deliver("caller", Arrived{At: At(time.Now()), Call: "c1", Leg: "caller", Dialled: "12345"})
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		synctest.Wait()
		if stats := x.Stats(); stats.Ledger() != 1 || stats.Unkept != 1 {
			t.Errorf("ledger %d, stats %+v", stats.Ledger(), stats)
		}
	})
}

func TestASeatOfferedToACallThatIsGoneIsGivenBackAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		x.DeliverTo("gone", Offered{At: At(time.Now()), Offer: Offer{Ticket: "gone", Agent: "1001", Fence: 7}})
		if len(p.reports) != 1 || p.reports[0].What != SeenCancelled || p.reports[0].Fence != 7 {
			t.Errorf("reports %+v", p.reports)
		}
	})
}

func TestAWishIsAnsweredWhetherTheCallLivesOrNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		talk(x)
		var refused RefusedError
		if err := x.Ask(t.Context(), "c1", "1001", WishHandover{}); !errors.As(err, &refused) {
			t.Errorf("handover without a transfer: %v", err)
		}
		if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
			t.Errorf("transfer: %v", err)
		}
		if err := x.Ask(t.Context(), "c9", "1001", WishHandover{}); !errors.Is(err, ErrNoCall) {
			t.Errorf("a call that never was: %v", err)
		}
	})
}

func Test110IsDialledWhileTheDiskHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{fileFor: 5 * time.Second}
		x := newExchange(t, p, testGuide())
		talk(x)
		if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		synctest.Wait()
		p.mu.Lock()
		if last := p.done[len(p.done)-1]; last != "dial 0433110" {
			t.Errorf("last command %q 300 ms after the press", last)
		}
		p.mu.Unlock()
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		x.Deliver("c1-1", Left{At: At(time.Now()), Leg: "c1-1", Cause: HungUp})
		x.DeliverTo("c1", Recorded{At: At(time.Now()), File: "c1.wav"})
		time.Sleep(10 * time.Second)
	})
}

func TestAFaultInTheRulesCostsNobodyTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		guide := testGuide()
		guide.Plan = nil // Next will fall over it
		p := &parts{}
		x := newExchange(t, p, guide)
		x.Deliver("caller", Arrived{At: At(time.Now()), Call: "c1", Leg: "caller", Dialled: "12345"})
		x.Deliver("caller", Pressed{At: At(time.Now()), Leg: "caller", Key: "6"})
		synctest.Wait()
		if c, ok := x.Find("c1"); !ok || c.Phase != InMenu {
			t.Errorf("phase %s, want the call where it was", c.Phase)
		}
		if x.Stats().Panics != 1 {
			t.Errorf("%d faults counted", x.Stats().Panics)
		}
		p.mu.Lock()
		if last := p.done[len(p.done)-1]; last != "surrender" {
			t.Errorf("last command %q, want the caller given to Asterisk's own fallback", last)
		}
		p.mu.Unlock()
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		synctest.Wait()
	})
}

func TestAChildWhoLosesTheListenerToAFaultInTheRulesIsGivenToAPersonToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		guide := testGuide()
		p := &parts{}
		x := newExchange(t, p, guide)
		talk(x)
		guide.Plan = nil // the rescue will fall over it
		x.Deliver("c1-1", Left{At: At(time.Now()), Leg: "c1-1", Cause: Lost})
		synctest.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		if last := p.done[len(p.done)-1]; last != "surrender" {
			t.Errorf("last command %q", last)
		}
	})
}

func TestADiskThatHangsAtTheOutcomeOfAFilingKeepsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{fileFor: 8 * time.Second}
		x := newExchange(t, p, testGuide())
		talk(x)
		if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		x.Deliver("c1-1", Left{At: At(time.Now()), Leg: "c1-1", Cause: Lost})
		x.Deliver("c1-2", Picked{At: At(time.Now()), Leg: "c1-2"})
		x.Deliver("c1-2", Left{At: At(time.Now()), Leg: "c1-2", Cause: Lost})
		synctest.Wait()
		if c, _ := x.Find("c1"); c.Phase != Waiting || !c.Search.Queued {
			t.Errorf("phase %s: the search for a listener waits for the disk", c.Phase)
		}
		time.Sleep(20 * time.Second)
	})
}

func TestAskingAGatewayThatLeavesIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		talk(x)
		x.Stop()
		began := time.Now()
		if err := x.Ask(t.Context(), "c1", "1001", WishHandover{}); err == nil || time.Since(began) > time.Second {
			t.Errorf("answered %v after %s", err, time.Since(began))
		}
	})
}

func TestTheCountersOfThePromisesStayZeroOverAHandoverAndAnAgentsHangup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		talk(x)
		if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		x.Deliver("c1-2", Picked{At: At(time.Now()), Leg: "c1-2"})
		x.Deliver("c1-2", Left{At: At(time.Now()), Leg: "c1-2", Cause: HungUp})
		if err := x.Ask(t.Context(), "c1", "1001", WishHangup{}); err != nil {
			t.Fatal(err)
		}
		x.DeliverTo("c1", Recorded{At: At(time.Now()), File: "c1.wav"})
		synctest.Wait()
		if s := x.Stats(); s.HungUp != 0 || s.Unfiled != 0 || s.Unconcluded != 0 || s.Ended[Answered] != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestACallTo110WithoutItsFilingOnTheDiskIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{fileFor: time.Second}
		x := newExchange(t, p, testGuide())
		talk(x)
		if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if x.Stats().Unfiled != 1 {
			t.Errorf("stats %+v", x.Stats())
		}
	})
}

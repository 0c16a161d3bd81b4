package phone

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The tones of the tests.
const (
	childTone  = 420
	seatTone   = 540
	policeTone = 660
)

var tones = []float64{420, 540, 660, 800, 950, 1150, 1350, 1600}

// patience bounds every wait of a test.
const patience = 20 * time.Second

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	t.Cleanup(cancel)
	return ctx
}

func open(t *testing.T, o Options) *Phone {
	t.Helper()
	if o.Listen == nil {
		o.Listen = tones
	}
	p, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func at(p *Phone, user string) string { return user + "@" + p.Addr() }

// talk connects two phones and returns both ends of the call.
func talk(t *testing.T, a, b *Phone) (*Call, *Call) {
	t.Helper()
	ctx := soon(t)
	out, err := a.Dial(ctx, at(b, "110"))
	must(t, err)
	in, err := b.Next(ctx)
	must(t, err)
	must(t, in.Ring())
	must(t, out.WaitRinging(ctx))
	must(t, in.Answer(ctx))
	must(t, out.WaitAnswered(ctx))
	return out, in
}

func near(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if d := got.Sub(want); d < -70*time.Millisecond || d > 70*time.Millisecond {
		t.Errorf("%s: %s off", what, d)
	}
}

func TestTwoPhonesHearEachOtherFromAnswerToHangup(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	child := open(t, Options{Name: "child", Tone: childTone})
	seat := open(t, Options{Name: "seat", Tone: seatTone})
	out, in := talk(t, child, seat)
	began := time.Now()
	must(t, out.Hears(ctx, seatTone))
	must(t, in.HearsOnly(ctx, childTone))

	in.Mute()
	muted := time.Now()
	must(t, out.HearsNot(ctx, seatTone))
	in.Unmute()
	unmuted := time.Now()
	must(t, out.Hears(ctx, seatTone))

	ended := time.Now()
	must(t, out.Hangup(ctx))
	got, err := in.WaitEnded(ctx)
	must(t, err)
	if got.By != Theirs || got.Code != 200 {
		t.Errorf("seat: got %s", got)
	}
	if e := out.Ending(); e.By != Ours {
		t.Errorf("child: got %s", e)
	}
	heard := in.Heard().Of(childTone)
	if len(heard) != 1 {
		t.Fatalf("seat heard %s", in.Heard())
	}
	near(t, "child begins", heard[0].From, began)
	near(t, "child ends", heard[0].To, ended)
	heard = out.Heard()
	if len(heard) != 2 || heard[0].Hz != seatTone || heard[1].Hz != seatTone {
		t.Fatalf("child heard %s", heard)
	}
	near(t, "seat muted", heard[0].To, muted)
	near(t, "seat speaks again", heard[1].From, unmuted)
	if gap := heard.LongestGap(began, ended, seatTone); gap < unmuted.Sub(muted)-70*time.Millisecond {
		t.Errorf("gap: got %s in %s", gap, heard)
	}
}

func TestCallCarriesNumbersAndHeaders(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	child, desk := open(t, Options{Name: "child"}), open(t, Options{Name: "desk"})
	out, err := child.Dial(ctx, at(desk, "0433110"), From("13800000000"), FromName("Li"), Header("X-Region", "222400"))
	must(t, err)
	in, err := desk.Next(ctx)
	must(t, err)
	got := []string{in.From(), in.To(), in.Header("x-region"), in.CallerName(), in.Header("X-None")}
	want := []string{"13800000000", "0433110", "222400", "Li", ""}
	if fmt.Sprint(got) != fmt.Sprint(want) || in.ID() != out.ID() {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDigitsArrive(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	child, seat := open(t, Options{Name: "child", Tone: childTone}), open(t, Options{Name: "seat"})
	out, in := talk(t, child, seat)
	must(t, out.Press(ctx, "66*#0"+Flash))
	for _, want := range []string{"6", "6", "*", "#", "0", "!"} {
		got, err := in.NextDigit(ctx)
		must(t, err)
		if got != want {
			t.Errorf("got %q, want %q (all: %q)", got, want, in.Digits())
		}
	}
	if err := out.Press(ctx, "x"); err == nil {
		t.Error("there is no key x")
	}
}

func TestRefusalsReachTheCaller(t *testing.T) {
	t.Parallel()
	for _, code := range []int{404, 480, 486, 503, 603} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			ctx := soon(t)
			police := open(t, Options{Name: "police", Policy: RejectAfter(10*time.Millisecond, code)})
			out, err := open(t, Options{Name: "seat"}).Dial(ctx, at(police, "110"))
			must(t, err)
			if err := out.WaitAnswered(ctx); !errors.Is(err, ErrEnded) {
				t.Errorf("got %v", err)
			}
			if e := out.Ending(); e.By != Theirs || e.Code != code {
				t.Errorf("got %s", e)
			}
		})
	}
}

func TestCancelStopsTheRinging(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	duty := open(t, Options{Name: "duty", Policy: RingForever()})
	var calls []*Call
	out, err := open(t, Options{Name: "seat"}).Dial(ctx, at(duty, "1"))
	must(t, err)
	must(t, out.WaitRinging(ctx))
	calls = duty.Calls()
	must(t, out.Cancel(ctx))
	if e := out.Ending(); e.By != Ours || e.Code != 487 {
		t.Errorf("caller: got %s", e)
	}
	e, err := calls[0].WaitEnded(ctx)
	must(t, err)
	if e.By != Theirs || e.Code != 487 {
		t.Errorf("called: got %s", e)
	}
}

func TestCancelAtOnceWaitsForTheFirstResponse(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	duty := open(t, Options{Name: "duty", Policy: AnswerAfter(time.Minute)})
	out, err := open(t, Options{Name: "seat"}).Dial(ctx, at(duty, "1"))
	must(t, err)
	must(t, out.Hangup(ctx))
	if e := out.Ending(); e.By != Ours || e.Code != 487 {
		t.Errorf("got %s", e)
	}
}

func TestSilentPhoneAnswersNothing(t *testing.T) {
	t.Parallel()
	duty := open(t, Options{Name: "duty", Policy: StaySilent()})
	out, err := open(t, Options{Name: "seat"}).Dial(soon(t), at(duty, "1"))
	must(t, err)
	// Long enough for two repetitions of the INVITE, and for a 100 by itself.
	ctx, cancel := context.WithTimeout(t.Context(), 1700*time.Millisecond)
	defer cancel()
	if err := out.Cancel(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if e := out.Ending(); e.Code != 0 || e.By != Ours {
		t.Errorf("got %s", e)
	}
	if n := len(duty.Calls()); n != 1 {
		t.Errorf("%d calls for one INVITE", n)
	}
}

func TestAnswerThenHangUpIsSeenAsBoth(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	police := open(t, Options{Name: "police", Policy: AnswerThenHangUp()})
	out, err := open(t, Options{Name: "seat"}).Dial(ctx, at(police, "110"))
	must(t, err)
	must(t, out.WaitAnswered(ctx))
	e, err := out.WaitEnded(ctx)
	must(t, err)
	if e.By != Theirs || e.Code != 200 {
		t.Errorf("got %s", e)
	}
}

func TestVanishedPhoneLeavesTheOtherAlone(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	child, seat := open(t, Options{Name: "child", Tone: childTone}), open(t, Options{Name: "seat", Tone: seatTone})
	out, in := talk(t, child, seat)
	must(t, out.Hears(ctx, seatTone))
	gone := time.Now()
	seat.Vanish()
	must(t, out.HearsNot(ctx, seatTone))
	near(t, "last heard", out.Heard().Of(seatTone)[0].To, gone)
	select {
	case <-out.Ended():
		t.Errorf("nobody said good-bye, but %s", out.Ending())
	default:
	}
	if e := in.Ending(); !errors.Is(e.Err, ErrClosed) {
		t.Errorf("seat: got %s", e)
	}
	brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := out.Hangup(brief); err == nil {
		t.Error("a BYE to nobody was answered")
	}
}

func TestCarrierTakesManyCallsByNumber(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	carrier := open(t, Options{Name: "carrier", Tone: policeTone, Policy: ByNumber(map[string]Behaviour{
		"110": AnswerAfter(0), "120": RejectWith(486), "119": InTurn(RejectWith(503), AnswerAfter(0)),
	}, nil)})
	seat := open(t, Options{Name: "seat"})
	type row struct {
		number string
		code   int
	}
	for _, r := range []row{{"120", 486}, {"119", 503}, {"999", 404}} {
		c, err := seat.Dial(ctx, at(carrier, r.number))
		must(t, err)
		e, err := c.WaitEnded(ctx)
		must(t, err)
		if e.Code != r.code {
			t.Errorf("%s: got %s", r.number, e)
		}
	}
	var calls []*Call
	for _, number := range []string{"110", "110", "119", "110"} {
		c, err := seat.Dial(ctx, at(carrier, number))
		must(t, err)
		calls = append(calls, c)
	}
	for _, c := range calls {
		must(t, c.Hears(ctx, policeTone))
	}
	if n := len(carrier.Calls()); n != len(calls) {
		t.Errorf("%d calls, want %d", n, len(calls))
	}
}

func TestSecondCallToOneLineIsBusy(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	seat := open(t, Options{Name: "seat", Lines: 1})
	child := open(t, Options{Name: "child"})
	talk(t, child, seat)
	second, err := child.Dial(ctx, at(seat, "1001"))
	must(t, err)
	if e, err := second.WaitEnded(ctx); err != nil || e.Code != 486 {
		t.Errorf("got %s, %v", e, err)
	}
}

func TestHoldSilencesBothWaysUntilResume(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	child, seat := open(t, Options{Name: "child", Tone: childTone}), open(t, Options{Name: "seat", Tone: seatTone})
	out, in := talk(t, child, seat)
	must(t, out.Hears(ctx, seatTone))
	must(t, in.Hears(ctx, childTone))
	for range 2 {
		must(t, in.Hold(ctx))
		must(t, out.HearsOnly(ctx))
		must(t, in.HearsOnly(ctx))
		must(t, in.Resume(ctx))
		must(t, out.HearsOnly(ctx, seatTone))
		must(t, in.HearsOnly(ctx, childTone))
	}
}

func TestDutyPhonePressesAfterThePrompt(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	duty := open(t, Options{Name: "duty", Policy: AnswerAndPress(0, 100*time.Millisecond, "1")})
	gateway := open(t, Options{Name: "gateway", Tone: 300}) // no tone that the duty phone knows
	out, err := gateway.Dial(ctx, at(duty, "13900000000"))
	must(t, err)
	got, err := out.NextDigit(ctx)
	must(t, err)
	if got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestBothHangUpAtOnce(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	out, in := talk(t, open(t, Options{Name: "child"}), open(t, Options{Name: "seat"}))
	failed := make(chan error, 2)
	go func() { failed <- out.Hangup(ctx) }()
	go func() { failed <- in.Hangup(ctx) }()
	must(t, <-failed)
	must(t, <-failed)
}

func TestClosedPhoneRefusesToDial(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Name: "seat"})
	p.Close()
	if _, err := p.Dial(soon(t), "1@127.0.0.1:9"); err == nil {
		t.Error("a closed phone dialled")
	}
	if _, err := p.Next(soon(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	p.Close()
}

package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/record"
	"weibao/record/outbox"
	"weibao/routing"
)

// province are the people of the province: what happens at each number that is
// rung, and the desk.
type province struct {
	*ground
	mu   sync.Mutex
	rung []outbox.Announcement
	at   []time.Duration // since the filing
	does map[routing.Number]func() (outbox.Receipt, error)
}

// Announce implements outbox.Phone.
func (p *province) Announce(_ context.Context, a outbox.Announcement) (outbox.Receipt, error) {
	p.mu.Lock()
	p.rung, p.at = append(p.rung, a), append(p.at, time.Since(p.now).Round(time.Second))
	does := p.does[a.Number]
	p.mu.Unlock()
	time.Sleep(30 * time.Second) // the call
	return does()
}

// Ack writes what a person has acknowledged, as the registry does.
func (p *province) Ack(_ context.Context, number, by string) error {
	p.apply(record.Ack{Number: number, By: by, At: record.MomentOf(time.Now())})
	return nil
}

func nobody() (outbox.Receipt, error) { return outbox.Receipt{}, nil }
func busy() (outbox.Receipt, error)   { return outbox.Receipt{}, errors.New("no line is free") }
func noKey() (outbox.Receipt, error)  { return outbox.Receipt{AnsweredAt: time.Now()}, nil }
func presses() (outbox.Receipt, error) {
	return outbox.Receipt{AnsweredAt: time.Now(), AcknowledgedAt: time.Now()}, nil
}

// plays runs a filing through desk and telephone in virtual time.
func plays(t *testing.T, does map[routing.Number]func() (outbox.Receipt, error), play func(*province)) {
	synctest.Test(t, func(t *testing.T) {
		p := &province{ground: newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db")), does: does}
		duty := &outbox.Duty{
			Phone: p, Acks: p, Next: 3 * time.Minute, Key: "1", Fresh: 24 * time.Hour, Log: slog.New(slog.DiscardHandler),
			On: func(time.Time) []outbox.Officer {
				return []outbox.Officer{{Name: "高翔", Number: "13900002200"}, {Name: "宋雅琴", Number: "13900202200"}, {Name: "魏东", Number: "13900302200"}}
			},
		}
		all := []outbox.Receiver{
			{Name: "desk", Kind: "desk", Owner: "省平台", People: true, Limit: time.Second, Sender: outbox.Desk{}},
			{Name: "duty", Kind: "phone", Owner: "省办", People: true, Limit: 90 * time.Second, Events: []record.FilingEvent{record.FilingMade}, Sender: duty},
		}
		p.register(all...)
		p.apply(filing(number, p.now))
		run := start(t, newBox(t, p.one, outbox.Options{}), all)
		play(p)
		run.stop()
	})
}

func (p *province) numbers() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, a := range p.rung {
		all = append(all, string(a.Number))
	}
	return all
}

func TestNotAcknowledgedTheNextOnTheRotaIsRungUntilSomebodyHas(t *testing.T) {
	t.Parallel()
	plays(t, map[routing.Number]func() (outbox.Receipt, error){
		"13900002200": nobody, "13900202200": noKey, "13900302200": presses,
	}, func(p *province) {
		time.Sleep(time.Hour)
		if got := p.numbers(); !slices.Equal(got, []string{"13900002200", "13900202200", "13900302200"}) {
			t.Errorf("rung %v", got)
		}
		if want := []time.Duration{0, 3 * time.Minute, 6 * time.Minute}; !slices.Equal(p.at, want) {
			t.Errorf("rung after %v, want %v", p.at, want)
		}
		p.wants(number, "desk made acknowledged, duty made acknowledged")
		for _, d := range p.all() {
			if !strings.HasPrefix(d.AckedBy, "魏东 139****2200") {
				t.Errorf("%s acknowledged by %q", d.Receiver, d.AckedBy)
			}
			if d.Receiver == "duty" && (len(d.Steps) != 3 || !strings.Contains(d.Steps[1].Detail, "宋雅琴 139****2200, answered, no key")) {
				t.Errorf("steps %+v", d.Steps)
			}
		}
		said := p.rung[0]
		if said.Key != "1" || said.Filing != number || !slices.Contains(said.Say, outbox.Part{What: outbox.SayNumber, Text: number}) ||
			!slices.Contains(said.Say, outbox.Part{What: outbox.SayKind, Text: "虐待"}) || !slices.Contains(said.Say, outbox.Part{What: outbox.SayPlace, Text: "222404"}) {
			t.Errorf("said %+v", said)
		}
	})
}

func TestTheRotaIsRungRoundAgain(t *testing.T) {
	t.Parallel()
	plays(t, map[routing.Number]func() (outbox.Receipt, error){
		"13900002200": nobody, "13900202200": busy, "13900302200": nobody,
	}, func(p *province) {
		time.Sleep(20 * time.Minute)
		if got := p.numbers(); len(got) < 6 || !slices.Equal(got[:3], got[3:6]) {
			t.Errorf("rung %v", got)
		}
	})
}

func TestTheDeskAcknowledgesAndNobodyElseIsRung(t *testing.T) {
	t.Parallel()
	plays(t, map[routing.Number]func() (outbox.Receipt, error){
		"13900002200": noKey, "13900202200": noKey, "13900302200": noKey,
	}, func(p *province) {
		time.Sleep(4 * time.Minute) // two have been rung
		p.apply(record.Ack{Number: number, By: "province", At: record.MomentOf(time.Now())})
		time.Sleep(time.Hour)
		if got := p.numbers(); len(got) != 2 {
			t.Errorf("rung %v", got)
		}
		p.wants(number, "desk made acknowledged, duty made acknowledged")
	})
}

func TestNobodyIsRungAboutAnOldFilingButItIsListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
		alarms := make(chan string, 10)
		all := []outbox.Receiver{{
			Name: "duty", Kind: "phone", Owner: "省办", People: true, Limit: time.Minute,
			Sender: &outbox.Duty{Fresh: 24 * time.Hour, Next: time.Minute},
		}}
		g.register(all...)
		g.apply(filing(number, g.now.Add(-25*time.Hour)))
		run := start(t, newBox(t, g.one, outbox.Options{Poll: time.Minute, Alarm: func(_ context.Context, what, detail string) error {
			alarms <- what + " " + detail
			return nil
		}}), all)
		time.Sleep(time.Minute)
		g.wants(number, "duty made given_up")
		if got := <-alarms; !strings.HasPrefix(got, "filing_given_up "+number) {
			t.Errorf("alarm %q", got)
		}
		time.Sleep(24 * time.Hour)
		run.stop()
		if got := <-alarms; !strings.HasPrefix(got, "filings_not_acknowledged "+number) || !strings.Contains(got, "省办") {
			t.Errorf("the daily list: %q", got)
		}
	})
}

func TestAReceiverThatFailsForADayIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
		all := []outbox.Receiver{{Name: "a", Kind: "hook", Owner: "省平台", Limit: time.Second, Sender: outbox.Broken{Fault: errors.New("no secret")}}}
		g.register(all...)
		g.apply(filing(number, g.now))
		run := start(t, newBox(t, g.one, outbox.Options{Poll: time.Minute}), all)
		time.Sleep(23 * time.Hour)
		g.wants(number, "a made waiting")
		time.Sleep(2 * time.Hour)
		run.stop()
		g.wants(number, "a made given_up")
		if n := g.all()[0].Attempts; n < 24*60/23 || n > 300 {
			t.Errorf("%d attempts in a day", n)
		}
	})
}

func TestEveryGatewayShowsAFilingOnItsOwnScreensOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
		shown := make([]int, 2)
		var runs []*running
		for i, s := range []*outbox.Store{g.one, g.two} {
			runs = append(runs, start(t, newBox(t, s, outbox.Options{Show: func(e outbox.Event, f record.Filing) {
				if e.Filing != number || f.Caller == "13812345678" {
					t.Errorf("shown %+v %+v", e, f)
				}
				shown[i]++
			}}), nil))
		}
		time.Sleep(time.Minute)
		g.apply(filing(number, time.Now()))
		time.Sleep(10 * time.Minute)
		for _, run := range runs {
			run.stop()
		}
		if shown[0] != 1 || shown[1] != 1 {
			t.Errorf("shown %v times", shown)
		}
	})
}

package call

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

// types lets a party press keys, each so long after the one before.
func (s *script) types(leg LegID, gap time.Duration, keys string) (heard []Command) {
	s.t.Helper()
	for _, key := range keys {
		heard = append(heard, s.after(gap, func(at At) Event { return Pressed{At: at, Leg: leg, Key: string(key)} })...)
	}
	return heard
}

func TestTheSeatTypesStar110InTheTalkAndThePoliceAreCalledOnce(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	seat := s.talks()
	s.asks(WishNote{Fields: map[string]string{NotePlace: "222404", NoteCategory: "性侵", "what": "在门外"}})
	filing := must[FileNotice](s, s.types(seat, 300*time.Millisecond, "*110")).Filing
	if filing.Place != "222404" || filing.Category != "性侵" || !slices.Equal(filing.Items, []int{1, 2, 3}) || filing.Form["what"] != "在门外" || filing.Notice != "" {
		t.Errorf("filing %+v, want what the form says", filing)
	}
	if dial := must[Dial](s, s.files("JL-1", "")); dial.To.Name != "0433110" || !dial.Urgent {
		t.Errorf("dial %+v", dial)
	}
	if again := s.types(seat, 300*time.Millisecond, "*110"); len(all[FileNotice](again))+len(all[Dial](again)) != 0 {
		t.Errorf("pressed twice: %v", kinds(again))
	}
	for place, granted := range map[string]bool{"": true, "222404": true, "999999": true, "220100": false} {
		refused := s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: place})
		if (refused == "") != granted || len(all[Dial](s.heard))+len(all[FileNotice](s.heard)) != 0 {
			t.Errorf("a press at the desk for %q after that of the phone: %q, %v", place, refused, kinds(s.heard))
		}
	}
}

func TestOnlyTheWholeCodeWithinItsTimePresses(t *testing.T) {
	t.Parallel()
	for keys, row := range map[string]struct {
		gap     time.Duration
		presses bool
	}{
		"*110":     {3 * time.Second, true},
		"*11":      {time.Second, false},
		"110":      {time.Second, false},
		"*1*110":   {time.Second, true},
		"99*110":   {time.Second, true},
		"*10110":   {time.Second, false},
		"*110 ":    {time.Second, true},
		"*1 1 0":   {time.Second, false},
		"*1 *110":  {2900 * time.Millisecond, true},
		"*1*1*110": {time.Second, true},
	} {
		t.Run(keys, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			seat := s.talks()
			if got := len(all[FileNotice](s.types(seat, row.gap, keys))); (got == 1) != row.presses {
				t.Errorf("%d filings", got)
			}
		})
	}
	t.Run("too slow", func(t *testing.T) {
		t.Parallel()
		s := newScript(t)
		seat := s.talks()
		if got := all[FileNotice](s.types(seat, 3100*time.Millisecond, "*110")); len(got) != 0 {
			t.Errorf("%d filings", len(got))
		}
	})
}

func TestTheCallersKeysDoNotCall110(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	if got := all[FileNotice](s.types("caller", time.Second, "*110")); len(got) != 0 {
		t.Errorf("%d filings", len(got))
	}
}

func TestACategoryOrPlaceThatDoesNotExistNeverStops110(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ category, place, want, says string }{
		{"", "222404", "其他", "类别还没有选"},
		{"性侵", "222404", "性侵", ""},
		{"侵害", "222404", "其他", "最接近的是“暴力侵害”"},
		{"xyz", "222404", "其他", "请更正为：遗弃、性侵、虐待、暴力侵害、其他"},
		{"虐待", "999999", "虐待", "没有“999999”这个地区代码"},
		{"性骚扰", "999999", "其他", "没有“性骚扰”这个类别"},
	} {
		t.Run(row.category+row.place, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.talks()
			wish := WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: row.place, Category: row.category}
			if refused := s.asks(wish); refused != "" {
				t.Fatal(refused)
			}
			filing := must[FileNotice](s, s.heard).Filing
			if filing.Category != row.want || !strings.Contains(filing.Notice, row.says) || (filing.Notice == "") != (row.says == "") {
				t.Errorf("filed as %q, notice %q", filing.Category, filing.Notice)
			}
			must[Dial](s, s.files("JL-1", ""))
		})
	}
}

// filesSecond: the filing of the call's second transfer is on the disk, and 110
// is dialled.
func (s *script) filesSecond() {
	s.t.Helper()
	s.filings, s.filed["JL-2"] = nil, true
	dial := must[Dial](s, s.feed(func(at At) Event { return Filed{At: at, Transfer: 2, Number: "JL-2"} }))
	if dial.Trunk != TrunkPolice {
		s.t.Errorf("dialled %+v", dial)
	}
}

func TestAnotherTransferGivesWayTo110AndWhoIsInTheTalkStays(t *testing.T) {
	t.Parallel()
	police := WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}
	duty := WishTransfer{To: routing.Target{Kind: routing.ToDuty, Name: "220100"}}
	t.Run("being rung", func(t *testing.T) {
		t.Parallel()
		s := newScript(t)
		s.talks()
		s.asks(duty)
		officer := must[Dial](s, s.heard).Leg
		if refused := s.asks(police); refused != "" {
			t.Fatal(refused)
		}
		if got := must[Release](s, s.heard); got.Leg != officer {
			t.Errorf("let go %s, want the officer's phone that still rings", got.Leg)
		}
		s.filesSecond()
	})
	t.Run("in the talk", func(t *testing.T) {
		t.Parallel()
		s := newScript(t)
		s.talks()
		s.asks(duty)
		officer := must[Dial](s, s.heard).Leg
		s.picks(officer)
		if refused := s.asks(police); refused != "" {
			t.Fatal(refused)
		}
		if got := all[Release](s.heard); len(got) != 0 || s.c.Leg(officer).Room != Talk {
			t.Errorf("let go %v; the officer is in %q", got, s.c.Leg(officer).Room)
		}
		s.filesSecond()
	})
	t.Run("handed to the officer, who types the code", func(t *testing.T) {
		t.Parallel()
		s := newScript(t)
		s.talks()
		s.asks(duty)
		officer := must[Dial](s, s.heard).Leg
		s.picks(officer)
		s.asks(WishHandover{})
		must[FileNotice](s, s.types(officer, time.Second, "*110"))
		if s.c.Transfers[0].Outcome != "handed_over" || s.c.Leg(officer).Room != Talk {
			t.Errorf("%+v, the officer is in %q", s.c.Transfers[0], s.c.Leg(officer).Room)
		}
		s.filesSecond()
	})
}

func TestWhatTheSeatWritesAfterThePressComesIntoTheFiling(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.asks(WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404", Category: "虐待"})
	s.asks(WishNote{Fields: map[string]string{"what": "门反锁了"}}) // before it has its number
	if early := must[AmendNotice](s, s.files("JL-1", "")); early.Number != "JL-1" || early.Form["what"] != "门反锁了" {
		t.Errorf("amended %+v", early)
	}
	s.asks(WishNote{Fields: map[string]string{"injury": "手臂"}})
	if late := must[AmendNotice](s, s.heard); late.Number != "JL-1" || late.By != "1001" || late.Form["injury"] != "手臂" {
		t.Errorf("amended %+v", late)
	}
}

// brokenParts are ports at which one step between press and INVITE fails.
type brokenParts struct {
	*parts
	fileErr error
	refuse  int // so many diallings are refused
}

func (p *brokenParts) File(ctx context.Context, f Filing) (string, error) {
	number, _ := p.parts.File(ctx, f)
	return number, p.fileErr
}

func (p *brokenParts) Dial(_ context.Context, _ ID, d Dial) error {
	_ = p.did("dial " + d.To.Name)
	if d.Urgent && p.refuse > 0 {
		p.refuse--
		return errors.New("ari create: 503")
	}
	return nil
}

func (p *brokenParts) Conclude(_ context.Context, c CloseNotice) error {
	return p.did("conclude " + c.Number + " " + c.Outcome)
}

func TestAFaultAtAnyStepBetweenPressAndINVITELeaves110CalledAndFiledWithAnOutcome(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for name, row := range map[string]struct {
		slow    time.Duration // the journal
		fault   error
		refuse  int
		last    string        // number dialled last
		within  time.Duration // from the press to the first dialling
		outcome string
	}{
		"nothing is wrong":                      {0, nil, 0, "0433110", 0, "target_left"},
		"the journal refuses":                   {0, full, 0, "0433110", 0, "target_left"},
		"the journal is slow":                   {5 * time.Second, nil, 0, "0433110", 200 * time.Millisecond, "target_left"},
		"the journal hangs, then refuses":       {9 * time.Second, full, 0, "0433110", 200 * time.Millisecond, "target_left"},
		"Asterisk refuses once":                 {0, nil, 1, "04335550110", 0, "target_left"},
		"Asterisk refuses and the journal, too": {5 * time.Second, full, 2, "04310000000", 200 * time.Millisecond, "target_left"},
		"Asterisk refuses everything":           {0, nil, 9, "04310000000", 0, "not_reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &brokenParts{parts: &parts{fileFor: row.slow}, fileErr: row.fault, refuse: row.refuse}
				x := newExchange(t, p.parts, testGuide())
				x.line, x.registry = p, p
				talk(x)
				if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(row.within)
				synctest.Wait()
				var dials []string
				for _, what := range p.done {
					if number, is := strings.CutPrefix(what, "dial "); is && number != "1001" {
						dials = append(dials, number)
					}
				}
				if len(dials) == 0 || dials[len(dials)-1] != row.last || dials[0] != "0433110" {
					t.Errorf("dialled %v, want %s last", dials, row.last)
				}
				if row.refuse < 9 {
					c, _ := x.Find("c1")
					x.Deliver(c.Transfer.Leg, Picked{At: At(time.Now()), Leg: c.Transfer.Leg})
					x.Deliver(c.Transfer.Leg, Left{At: At(time.Now()), Leg: c.Transfer.Leg, Cause: HungUp})
				}
				x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
				time.Sleep(30 * time.Second)
				synctest.Wait()
				if !slices.Contains(p.done, "conclude JL-1 "+row.outcome) {
					t.Errorf("no outcome %s: %v", row.outcome, p.done)
				}
				if len(p.kept) != 1 || len(p.kept[0].Transfers) != 1 || p.kept[0].Transfers[0].Filing != "JL-1" {
					t.Errorf("kept %+v", p.kept)
				}
				if stats := x.Stats(); stats.Unconcluded != 0 {
					t.Errorf("%d filings without an outcome", stats.Unconcluded)
				}
			})
		})
	}
}

// slowChecks are ports that take their time to say which legs exist.
type slowChecks struct{ *parts }

func (p slowChecks) Exists(context.Context, []LegID) (map[LegID]bool, error) {
	time.Sleep(2 * time.Second)
	return nil, errors.New("asterisk does not answer")
}

func TestAPressIsNotHeldUpByALookAtTheLegs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		x := newExchange(t, p, testGuide())
		x.line = slowChecks{p}
		talk(x)
		time.Sleep(testGuide().Times.Watch) // the look has begun
		synctest.Wait()
		pressed := time.Now()
		if err := x.Ask(t.Context(), "c1", "1001", WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !slices.Contains(p.done, "dial 0433110") || time.Since(pressed) > 100*time.Millisecond {
			t.Errorf("after %s done %v", time.Since(pressed), p.done)
		}
		x.Deliver("caller", Left{At: At(time.Now()), Leg: "caller", Cause: HungUp})
		time.Sleep(time.Minute)
		synctest.Wait()
	})
}

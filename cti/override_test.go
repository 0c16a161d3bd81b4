package cti

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/routing"
)

func TestOverrideIsInTheJournalAndInForceBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	s := newDutyStage(t, DutyOptions{})
	before := s.Now()
	if kept := s.asks("a", routing.Asked); !kept.Shared {
		t.Error("the only gateway waits for others")
	}
	if s.Now() == before {
		t.Error("the book is the same pointer after a change")
	}
	for _, to := range []routing.OverrideState{routing.Accepted, routing.Approved} {
		s.moves("a", to)
		if got := s.stands("a"); got != string(to) {
			t.Errorf("it is %s after the answer, want %s", got, to)
		}
	}
	if got := s.ledger.lines("a"); got != "asked accepted approved" {
		t.Errorf("journal: %s", got)
	}
	unchanged := s.Now()
	s.moves("a", routing.Approved)
	if got := s.ledger.lines("a"); got != "asked accepted approved" || s.Now() != unchanged {
		t.Errorf("a repeated step was taken again: %s", got)
	}
	o, _ := s.Find("a")
	for i, want := range []string{"1009 金美善", "1019 赵敏", "1019 赵敏"} {
		if o.Steps[i].By != want || o.Steps[i].At.IsZero() {
			t.Errorf("step %d: %+v", i, o.Steps[i])
		}
	}
}

func TestOverrideThatIsSettledIsNotOpenedAgain(t *testing.T) {
	t.Parallel()
	s := newDutyStage(t, DutyOptions{})
	s.asks("a", routing.Asked)
	s.moves("a", routing.Refused)
	_, _, err := s.Move(t.Context(), "a", routing.Approved, "1019")
	if settled := (*SettledError)(nil); !errors.As(err, &settled) || settled.Override.State != routing.Refused {
		t.Errorf("approved after it was refused: %v", err)
	}
	if _, _, err := s.Move(t.Context(), "b", routing.Approved, "1019"); !errors.Is(err, ErrNoOverride) {
		t.Errorf("an override that nobody asked for: %v", err)
	}
}

func TestSameWishOfTheSamePersonIsTakenOnce(t *testing.T) {
	t.Parallel()
	s := newDutyStage(t, DutyOptions{})
	s.asks("a", routing.Asked)
	ask := func(id, by string) string {
		o := wish("a")
		o.ID = id
		got, kept, err := s.Ask(t.Context(), o, routing.Asked, by)
		if err != nil || kept.Err != nil {
			t.Fatal(err)
		}
		return got.ID
	}
	if id := ask("b", "1009 金美善"); id != "a" {
		t.Errorf("the same wish again became %s", id)
	}
	if id := ask("c", "1010"); id != "c" {
		t.Errorf("another person's wish became %s", id)
	}
	s.moves("a", routing.Withdrawn)
	if id := ask("d", "1009 金美善"); id != "d" {
		t.Errorf("the wish after it was withdrawn became %s", id)
	}
}

func TestOverrideIsInForceWhenTheDiskRefusesAndKeptWhenAskedAgain(t *testing.T) {
	t.Parallel()
	s := newDutyStage(t, DutyOptions{})
	full := errors.New("no space left on device")
	s.ledger.refuses(full)
	_, kept, err := s.Ask(t.Context(), wish("a"), routing.Approved, "1019")
	if err != nil || !errors.Is(kept.Err, full) || s.stands("a") != "approved" {
		t.Errorf("%+v, %v, it is %s", kept, err, s.stands("a"))
	}
	if _, kept, _ = s.Move(t.Context(), "a", routing.Approved, "1019"); !errors.Is(kept.Err, full) {
		t.Errorf("the same again, on the same disk: %+v", kept)
	}
	s.ledger.refuses(nil)
	if _, kept, _ = s.Move(t.Context(), "a", routing.Approved, "1019"); kept.Err != nil {
		t.Errorf("the same again, with room: %+v", kept)
	}
	if got := s.ledger.lines("a"); got != "approved approved approved" {
		t.Errorf("journal: %s", got)
	}
}

func TestBookThatIsClosedSaysSo(t *testing.T) {
	t.Parallel()
	s := newDutyStage(t, DutyOptions{})
	s.finish()
	if _, _, err := s.Ask(t.Context(), wish("a"), routing.Asked, "1009"); !errors.Is(err, ErrStopped) {
		t.Errorf("got %v", err)
	}
	if _, err := NewDutyBook(DutyOptions{}); err == nil {
		t.Error("a book without a journal")
	}
}

func TestGatewaySaysThatOthersWillSeeItLaterAndTellsThemAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, reg := newDutyMemory(), prometheus.NewRegistry()
		s := newDutyStage(t, DutyOptions{Store: store, Metrics: reg})
		other := newDutyStage(t, DutyOptions{Store: store})
		defer s.finish()
		defer other.finish()
		synctest.Wait()
		if kept := s.asks("a", routing.Asked); !kept.Shared {
			t.Error("not shared although the store is there")
		}
		synctest.Wait()
		if got := other.stands("a") + ", " + other.ledger.lines("a"); got != "asked, asked" {
			t.Errorf("the other gateway has %s", got)
		}
		store.set(true)
		if kept := s.asks("b", routing.Approved); kept.Shared {
			t.Error("shared although the store is away")
		}
		if kept := s.moves("a", routing.Approved); kept.Shared || !s.away.Load() {
			t.Errorf("%+v, away %v", kept, s.away.Load())
		}
		if n := testutil.ToFloat64(s.metrics.owed); n != 2 {
			t.Errorf("%v pages are owed, want 2", n)
		}
		store.set(false)
		time.Sleep(2 * time.Second) // a bubble's clock
		synctest.Wait()
		for _, id := range []string{"a", "b"} {
			if got := other.stands(id); got != "approved" {
				t.Errorf("the other gateway has %s: %s", id, got)
			}
		}
		if got := other.ledger.lines("a") + ", " + s.ledger.lines("a"); got != "asked approved, asked approved" {
			t.Errorf("journals: %s", got)
		}
		if testutil.ToFloat64(s.metrics.owed) != 0 || s.away.Load() || testutil.ToFloat64(s.metrics.degraded) != 0 {
			t.Error("something is still owed")
		}
	})
}

func TestOfTwoGatewaysAtOnceTheSecondIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newDutyMemory()
		one, two := newDutyStage(t, DutyOptions{Store: store}), newDutyStage(t, DutyOptions{Store: store})
		defer one.finish()
		defer two.finish()
		one.asks("a", routing.Asked)
		synctest.Wait()
		// Before two has heard of it.
		_, err := store.Swap(t.Context(), func() DutyEntry {
			page := store.pages[overrideKey("a")]
			refused, _ := page.Override.Move(routing.Refused, "1020", now())
			next := overridePage(refused)
			next.Version = page.Version
			return next
		}())
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = two.Move(t.Context(), "a", routing.Approved, "1019")
		if settled := (*SettledError)(nil); !errors.As(err, &settled) || settled.Override.Steps[1].By != "1020" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnswerThatWasLostIsNotAStepTakenTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newDutyMemory()
		s := newDutyStage(t, DutyOptions{Store: store})
		defer s.finish()
		synctest.Wait()
		store.loses(true)
		if kept := s.asks("a", routing.Approved); kept.Shared {
			t.Error("shared although nobody said so")
		}
		store.loses(false)
		time.Sleep(2 * time.Second) // a bubble's clock
		synctest.Wait()
		if got := store.stand("a"); got != "approved 1" || s.ledger.lines("a") != "approved" {
			t.Errorf("stored %s; journal %s", got, s.ledger.lines("a"))
		}
	})
}

func TestJournalAndDatabaseFillAnEmptyStoreAndTheStoreGoesBeforeThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newDutyMemory()
		first := newDutyStage(t, DutyOptions{Store: store})
		for _, id := range []string{"a", "b"} {
			first.asks(id, routing.Asked)
		}
		if _, kept, err := first.HandOver(t.Context(), routing.HandOver{Post: "222400", By: "1009", Text: "等回电"}); err != nil || kept.Err != nil {
			t.Fatal(err)
		}
		first.finish()
		overrides, notes := first.ledger.read()

		// The store has lost everything; another gateway has gone on since.
		empty := newDutyMemory()
		far := newDutyStage(t, DutyOptions{Store: empty, Overrides: overrides})
		synctest.Wait()
		far.moves("b", routing.Approved)
		far.finish()
		var up atomic.Bool
		again := newDutyStage(t, DutyOptions{
			Store: empty, Journal: first.ledger, Overrides: overrides, Notes: notes,
			Recall: func(context.Context) ([]routing.Override, []routing.HandOver, error) {
				if !up.Load() {
					return nil, nil, errors.New("database is down")
				}
				old, _ := wish("c").Move(routing.Approved, "1019", now())
				return append([]routing.Override{old}, overrides...), nil, nil
			},
		})
		defer again.finish()
		if got := again.stands("a"); got != "asked" {
			t.Errorf("before anything has been reached a is %s", got)
		}
		synctest.Wait()
		up.Store(true)
		time.Sleep(2 * time.Second) // a bubble's clock
		synctest.Wait()
		got := fmt.Sprintln(empty.stand("a"), empty.stand("b"), empty.stand("c"), again.stands("b"), len(empty.pages))
		if got != "asked 1 approved 2 approved 1 approved 4\n" {
			t.Errorf("stored and known: %s", got)
		}
		if note, _ := again.Now().Note("222400"); note.Text != "等回电" {
			t.Errorf("note %+v", note)
		}
		if got := again.ledger.lines("b") + ", " + again.ledger.lines("a") + ", " + again.ledger.lines("c"); got != "asked approved, asked, approved" {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestGatewayThatStayedHearsOfOneThatStartedAgainAfterTheStoreLostAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newDutyMemory()
		stayed := newDutyStage(t, DutyOptions{Store: store, Refresh: time.Hour})
		defer stayed.finish()
		synctest.Wait()
		stayed.asks("a", routing.Asked)
		stayed.moves("a", routing.Accepted)
		store.mu.Lock()
		clear(store.pages) // and its versions begin anew
		store.mu.Unlock()
		overrides, _ := stayed.ledger.read()
		again := newDutyStage(t, DutyOptions{Store: store, Overrides: overrides})
		defer again.finish()
		synctest.Wait()
		again.moves("a", routing.Approved)
		synctest.Wait()
		if got := stayed.stands("a") + ", " + store.stand("a"); got != "approved, approved 2" {
			t.Errorf("known and stored: %s", got)
		}
	})
}

func TestLaterNoteOfAPostCountsAlsoWithAClockThatRunsBehind(t *testing.T) {
	t.Parallel()
	ahead := routing.HandOver{Post: "222400", At: time.Now().Add(time.Hour), By: "1009", Text: "from a clock that runs ahead"}
	s := newDutyStage(t, DutyOptions{Notes: []routing.HandOver{ahead}})
	if _, kept, err := s.HandOver(t.Context(), routing.HandOver{Post: "222400", By: "1010", Text: "无事"}); err != nil || kept.Err != nil {
		t.Fatal(err)
	}
	if note, _ := s.Now().Note("222400"); note.Text != "无事" || !note.At.After(ahead.At) {
		t.Errorf("got %+v", note)
	}
}

// Whatever two gateways do while the store comes and goes, and loses answers
// or everything: in the end both, the store and both journals say the same.
func TestGatewaysAgreeWhateverHappenedToTheStore(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			rng, store := rand.New(rand.NewPCG(seed, 7)), newDutyMemory()
			gateways := []*dutyStage{newDutyStage(t, DutyOptions{Store: store}), newDutyStage(t, DutyOptions{Store: store})}
			asked := 1
			for range 60 {
				s, id := gateways[rng.IntN(2)], fmt.Sprint("o", rng.IntN(asked))
				switch rng.IntN(12) {
				case 0:
					store.set(rng.IntN(2) == 0)
				case 1:
					store.loses(rng.IntN(3) == 0)
				case 2:
					if rng.IntN(4) == 0 {
						store.mu.Lock()
						clear(store.pages)
						store.mu.Unlock()
					}
				case 3, 4:
					_, _, _ = s.Ask(t.Context(), wish(fmt.Sprint("o", asked)), []routing.OverrideState{routing.Asked, routing.Approved}[rng.IntN(2)], "1009")
					asked++
				case 5:
					_, _, _ = s.HandOver(t.Context(), routing.HandOver{Post: fmt.Sprint("p", rng.IntN(2)), By: "1009", Text: fmt.Sprint(rng.IntN(1e9))})
				case 6, 7, 8, 9:
					to := []routing.OverrideState{routing.Accepted, routing.Approved, routing.Refused, routing.Withdrawn}[rng.IntN(4)]
					_, _, _ = s.Move(t.Context(), id, to, fmt.Sprint(1000+rng.IntN(9)))
				default:
					time.Sleep(time.Duration(rng.IntN(3000)) * time.Millisecond) // a bubble's clock
				}
			}
			store.set(false)
			store.loses(false)
			time.Sleep(time.Minute) // a bubble's clock
			synctest.Wait()
			for _, s := range gateways {
				s.agrees(seed, gateways[0], store)
				s.finish()
			}
		})
		if t.Failed() {
			return
		}
	}
}

// agrees holds everything that a gateway knows and has kept against another's.
func (s *dutyStage) agrees(seed uint64, other *dutyStage, store *dutyMemory) {
	s.t.Helper()
	kept, _ := s.ledger.read()
	inJournal := routing.NewOverrides(kept, nil)
	for _, o := range other.Now().Of("222400") {
		mine, _ := s.Find(o.ID)
		stored := store.pages[overrideKey(o.ID)]
		want := DutyEntry{Override: &o}
		if !want.says(DutyEntry{Override: &mine}) || !want.says(stored) {
			s.t.Errorf("seed %d: %s is %+v, %+v, stored %+v", seed, o.ID, o, mine, stored.Override)
		}
		for _, line := range inJournal.Of("222400") {
			if line.ID == o.ID && !want.says(DutyEntry{Override: &line}) {
				s.t.Errorf("seed %d: the journal says of %s %+v, want %+v", seed, o.ID, line, o)
			}
		}
	}
	for _, post := range []string{"p0", "p1"} {
		mine, _ := s.Now().Note(post)
		others, _ := other.Now().Note(post)
		if mine != others {
			s.t.Errorf("seed %d: notes of %s: %+v and %+v", seed, post, mine, others)
		}
	}
	if len(s.Now().Of("222400")) != len(other.Now().Of("222400")) || testutil.ToFloat64(s.metrics.owed) != 0 {
		s.t.Errorf("seed %d: %d overrides and %d, %v owed", seed, len(s.Now().Of("222400")), len(other.Now().Of("222400")), testutil.ToFloat64(s.metrics.owed))
	}
}

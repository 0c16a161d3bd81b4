package call

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestANumberThatIsNotSafeIsRungByAPersonWithAReasonOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		unsafe := owedTo("c0", "13800000001", time.Hour)
		unsafe.Safe = Unsafe
		r := newRinging(t, unsafe)
		if live := r.live(); len(live) != 0 {
			t.Fatalf("live %v", live)
		}
		var refused RefusedError
		if _, err := r.CallBack(t.Context(), "c0", "1001", ""); !errors.As(err, &refused) {
			t.Errorf("without a reason: %v", err)
		}
		id, err := r.CallBack(t.Context(), "c0", "1001", "学校老师确认安全")
		synctest.Wait()
		if c, _ := r.Find(id); err != nil || c.Placed.Override != "学校老师确认安全" || c.Search.Ticket.Only != "1001" {
			t.Errorf("%v: %+v", err, c.Placed)
		}
	})
}

func TestASeatThatRingsBackTakesTheCallBackOutOfTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t, owedTo("c0", "13800000001", time.Hour))
		id, err := r.CallBack(t.Context(), "c0", "1001", "")
		synctest.Wait()
		if live := r.live(); err != nil || !slices.Equal(live, []ID{id}) {
			t.Fatalf("%v, live %v, want %s only", err, live, id)
		}
		r.serves(id)
		var refused RefusedError
		if _, err := r.CallBack(t.Context(), "c0", "1002", ""); !errors.As(err, &refused) {
			t.Errorf("a second seat rings the same person: %v", err)
		}
		if _, err := r.CallBack(t.Context(), "c9", "1002", ""); !errors.As(err, &refused) {
			t.Errorf("a follow-up that never was: %v", err)
		}
	})
}

func TestASeatRingsOutToNumbersOfTheListAndToItsDutyPostOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRinging(t)
		var refused RefusedError
		if _, err := r.CallOut(t.Context(), "1001", "220100", "13812345678"); !errors.As(err, &refused) {
			t.Errorf("a stranger's number: %v", err)
		}
		for i, number := range []string{"043112356", "13900000001"} {
			id, err := r.CallOut(t.Context(), "1001", "220100", number)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if _, err := r.CallOut(t.Context(), "1001", "220100", number); !errors.As(err, &refused) {
				t.Errorf("two at once: %v", err)
			}
			r.serves(id)
			r.tells(LegID(id)+"-0", Picked{At: r.at(), Leg: LegID(id) + "-0"})
			if c, _ := r.Find(id); c.Phase != Talking || c.Direction() != "own" {
				t.Errorf("phase %s, direction %s", c.Phase, c.Direction())
			}
			r.ends(id, LegID(id)+"-0")
			if s := r.Stats(); s.Ended[Answered] != i+1 || s.Ledger() != 0 {
				t.Errorf("stats %+v", s)
			}
		}
	})
}

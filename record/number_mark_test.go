package record

import (
	"errors"
	"testing"
	"time"

	"weibao/routing"
)

// e164 is how the tests' gateway understands numbers.
func e164(number routing.Number) routing.Number {
	return routing.Normalise(string(number), routing.NewRegions(nil), "").E164
}

func limit(number routing.Number, until time.Time) NumberMark {
	return NumberMark{Number: number, Kind: routing.RiskLimited, Reason: "一周内 40 次辱骂坐席", By: "1019", Until: moment(until)}
}

func TestAMarkedNumberIsAFactOfItsNextCallUntilItIsLifted(t *testing.T) {
	t.Parallel()
	dir, store := t.TempDir(), emptyStore(t)
	open := func() *Registry {
		r := registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: store, Known: e164})
		if err := r.Refresh(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := open()
	m, err := r.MarkNumber(t.Context(), limit("+86 138-1234-5678", time.Now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	risk := func(number routing.Number, at time.Time) string { return r.Facts(number, at)[routing.FactRisk] }
	now := func() time.Time { return time.Now().Add(time.Second) }
	if got := risk("13812345678", now()); got != routing.RiskLimited {
		t.Errorf("limited: %q", got)
	}
	if got := risk("13812345678", now().Add(time.Hour)); got != "" {
		t.Errorf("after its end: %q", got)
	}
	if got := risk("13812345679", now()) + risk("anonymous", now()); got != "" {
		t.Errorf("somebody else: %q", got)
	}
	flag, err := r.MarkNumber(t.Context(), NumberMark{Number: "13812345678", Kind: routing.RiskFlagged, Reason: "家暴，孩子独自在家", By: "1019"})
	if err != nil {
		t.Fatal(err)
	}
	crash(r)
	r = open()
	if got := risk("13812345678", now()); got != routing.RiskFlagged {
		t.Errorf("a known risk counts more than a limit, also after a restart: %q", got)
	}
	if _, err := r.LiftMark(t.Context(), flag, "1020", "孩子已安置"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.LiftMark(t.Context(), m, "1020", "误标"); err != nil {
		t.Fatal(err)
	}
	if got := risk("13812345678", now()); got != "" {
		t.Errorf("lifted: %q", got)
	}
	if report := mustVerify(t, dir); !report.OK() || report.Kinds[KindNumberMark] != 4 {
		t.Errorf("%s %v", report, report.Kinds)
	}
}

func TestAMarkOfAnotherGatewayIsFoundInTheDatabase(t *testing.T) {
	t.Parallel()
	store := emptyStore(t)
	here, there := registry(t, Options{Store: store, Known: e164}), registry(t, Options{Store: store, Known: e164})
	m, err := there.MarkNumber(t.Context(), limit("13812345678", time.Now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{routing.RiskLimited, ""} {
		if err := here.Refresh(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := here.Facts("13812345678", time.Now().Add(time.Second))[routing.FactRisk]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if m, err = there.LiftMark(t.Context(), m, "1019", "误标"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMarkThatMustNotBeIsRefused(t *testing.T) {
	t.Parallel()
	r := registry(t, Options{Store: emptyStore(t), Known: e164})
	soon := time.Now().Add(time.Hour)
	for name, m := range map[string]NumberMark{
		"withheld":           limit("anonymous", soon),
		"not a number":       limit("abc", soon),
		"no number":          limit("", soon),
		"another kind":       {Number: "13812345678", Kind: "nuisance", Reason: "x", By: "1019", Until: moment(soon)},
		"no reason":          {Number: "13812345678", Kind: routing.RiskLimited, Reason: " ", By: "1019", Until: moment(soon)},
		"nobody's":           {Number: "13812345678", Kind: routing.RiskFlagged, Reason: "x"},
		"a limit for ever":   {Number: "13812345678", Kind: routing.RiskLimited, Reason: "x", By: "1019"},
		"a limit too long":   limit("13812345678", time.Now().Add(LongestLimit+time.Minute)),
		"a limit in history": limit("13812345678", time.Now().Add(-time.Minute)),
	} {
		if m, err := r.MarkNumber(t.Context(), m); !errors.Is(err, ErrMark) {
			t.Errorf("%s: kept %+v, %v", name, m, err)
		}
	}
	if _, err := r.LiftMark(t.Context(), limit("13812345678", soon), "1019", ""); !errors.Is(err, ErrMark) {
		t.Errorf("lifted without a reason: %v", err)
	}
}

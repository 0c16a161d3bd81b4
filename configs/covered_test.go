package configs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/routing"
)

// coveredTo is the base province with a post that has somebody on duty for so
// many days from now, and then nobody for a day.
func coveredTo(t *testing.T, days int) fstest.MapFS {
	t.Helper()
	files := base(t)
	today := routing.DateOf(time.Now().In(routing.Beijing()))
	files["rota/posts.yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, `fallback: "13900002200"
posts:
  "220000": {name: 省, numbers: ["13900002200"]}
  "222400":
    name: 延边州
    officers: {jin: {name: 金, numbers: ["13900000433"]}}
    shifts:
      - {name: 先, dates: %s..%s, on: jin}
      - {name: 后, dates: %s..2099-12-31, on: jin}
`, today.AddDays(-2), today.AddDays(days-1), today.AddDays(days+1))}
	return files
}

// day is that many days from now, at midnight in China.
func day(days int) time.Time {
	zone := routing.Beijing()
	y, m, d := time.Now().In(zone).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, zone)
}

func TestTheRotaIsCoveredUntilTheFirstGapOfAnyPost(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]time.Time{45: day(45), 120: {}} {
		h, err := NewHolder(t.Context(), Options{Files: coveredTo(t, days)})
		if err != nil {
			t.Fatal(err)
		}
		got := h.Covered()
		if want.IsZero() {
			want = time.Now().AddDate(0, 0, coveredDays)
		}
		if off := got.Sub(want); off < -time.Minute || off > time.Minute {
			t.Errorf("covered until %s, want %s", got, want)
		}
		if again := h.Covered(); !again.Equal(got) {
			t.Errorf("asked again %s, then %s", got, again)
		}
	}
}

// known is a history that knows one version.
type known struct {
	noHistory
	version string
}

// Known implements History.
func (k known) Known(_ context.Context, version string) bool { return k.version == version }

func TestARestartUsesAKnownVersionThatHasComeToAGapAndTellsIt(t *testing.T) {
	t.Parallel()
	files := coveredTo(t, 10)
	s, faults := Read(files, time.Now())
	if s == nil || !faults.Aged() {
		t.Fatalf("snapshot %v, faults %s", s, faults)
	}
	var refused *FaultsError
	if h, err := NewHolder(t.Context(), Options{Files: files, History: known{version: "another"}}); h != nil || !errors.As(err, &refused) {
		t.Errorf("a version that was never in use: holder %v, %v", h, err)
	}
	reg := prometheus.NewRegistry()
	h, err := NewHolder(t.Context(), Options{Files: files, Metrics: reg, History: known{version: s.Version}})
	if err != nil {
		t.Fatal(err)
	}
	if h.Now().Version != s.Version || !h.Last().Faults.Aged() || h.Last().Files != s.Version || gauge(t, reg, "weibao_config_last_reload_successful") != 0 {
		t.Errorf("after the restart: %+v", h.Last())
	}
	if left := gauge(t, reg, "weibao_rota_covered_seconds"); left < 9*24*3600-60 || left > 10*24*3600 {
		t.Errorf("covered for %v s", left)
	}
	if err := h.Reload(t.Context(), "admin"); !errors.As(err, &refused) || h.Now().Version != s.Version {
		t.Errorf("a reload of the same: %v", err)
	}
	files[queuesName] = &fstest.MapFile{Data: append([]byte("# 改\n"), files[queuesName].Data...)}
	if err := h.Reload(t.Context(), "admin"); !errors.As(err, &refused) || h.Now().Version != s.Version {
		t.Errorf("another version with the gap: %v", err)
	}
	delete(files, planName) // and a fault of another sort does not start
	if h, err := NewHolder(t.Context(), Options{Files: files, History: known{version: s.Version}}); h != nil || err == nil {
		t.Error("it starts with files that can not be read")
	}
}

func TestARollbackMayGoToAVersionThatHasComeToAGap(t *testing.T) {
	t.Parallel()
	l := begin(t)
	y := l.Now().Version
	old, _ := Read(coveredTo(t, 10), time.Now())
	l.past.note(old, Use{Version: old.Version, How: Started})
	l.past.uses = []Use{{Version: y, How: FromFiles}, {Version: old.Version, How: Started}}
	l.must(l.Rollback(t.Context(), "admin"))
	l.is(old.Version, RolledBack, "admin")
	if faults := l.Last().Faults; !faults.Aged() {
		t.Errorf("faults: %s", faults)
	}
	l.restart()
	l.is(old.Version, RolledBack, "admin")
	if faults := l.Last().Faults; !faults.Aged() {
		t.Errorf("faults after a restart: %s", faults)
	}
}

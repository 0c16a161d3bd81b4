package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"weibao/call"
)

// ledger is a database in memory that counts how often each line was applied,
// and dies in the two ways a real one can: before a commit, or after it and
// before the answer.
type ledger struct {
	Store
	mu      sync.Mutex
	mark    Mark
	applied map[string]int
	fate    func() int
}

func (l *ledger) Marks(context.Context) ([]Mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mark.Journal == "" {
		return nil, nil
	}
	return []Mark{l.mark}, nil
}

func (l *ledger) Apply(_ context.Context, b Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	fate := l.fate()
	if fate == 1 {
		return errors.New("died before the commit")
	}
	have := l.mark
	have.Journal = b.Journal
	if have != b.From {
		return ErrMoved
	}
	for _, c := range b.Changes {
		l.applied[string(c.(Record).ID)]++
	}
	l.mark = b.To
	if fate == 2 {
		return errors.New("died after the commit")
	}
	return nil
}

func TestEveryLineIsAppliedExactlyOnceOverCrashes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, remove := folder(t)
		defer remove()
		fates := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 20).Draw(t, "fates")
		turn := 0
		l := &ledger{applied: make(map[string]int), fate: func() int {
			turn++
			if turn > 60 {
				return 0
			}
			return fates[turn%len(fates)]
		}}
		o := Options{
			Journal: JournalOptions{Dir: dir, Reserve: 2 << 10, SegmentBytes: 1500, open: unsynced},
			Store:   l, Retry: time.Millisecond,
		}
		kept := 0
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			r, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(0, 8).Draw(t, "calls") {
				if err := r.Keep(context.Background(), call.Call{ID: call.ID(fmt.Sprint(kept))}); err != nil {
					t.Fatal(err)
				}
				kept++
			}
			crash(r)
			tear(t, dir)
		}
		r, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		defer crash(r)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := r.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		for i := range kept {
			if n := l.applied[fmt.Sprint(i)]; n != 1 {
				t.Errorf("record %d was applied %d times", i, n)
			}
		}
		if len(l.applied) != kept {
			t.Errorf("%d records, %d were kept", len(l.applied), kept)
		}
	})
}

// tear leaves half a line behind the last one, as a crash in a write does.
func tear(t *rapid.T, dir string) {
	existing, err := segments(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, segmentName(existing[len(existing)-1]))
	got, err := look(path, func([]byte, Line, bool) {})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	torn := `{"seq":99,"at":"2026-11-23T20:00:00.000+08:00","kind":"record"`
	if _, err := f.WriteAt([]byte(torn[:rapid.IntRange(0, len(torn)).Draw(t, "torn")]), got.end); err != nil {
		t.Fatal(err)
	}
}

func TestDiskThatRefusesGivesANumberAndAnError(t *testing.T) {
	t.Parallel()
	dir, store, bad := t.TempDir(), emptyStore(t), &faults{}
	reg := prometheus.NewRegistry()
	r := registry(t, Options{Journal: JournalOptions{Dir: dir, open: bad.open}, Store: store, Metrics: reg})
	flush(t, r)
	fail := make(chan bool, 1)
	fail <- true
	bad.sync = func() error {
		failing := <-fail
		fail <- failing
		if failing {
			return syscall.EIO
		}
		return nil
	}
	number, err := r.File(t.Context(), call.Filing{Call: "01JD", MadeAt: at(0), Caller: "13812345678"})
	if !errors.Is(err, syscall.EIO) || !strings.HasPrefix(number, "JL-20261123-0001-") {
		t.Fatalf("number %q, %v", number, err)
	}
	if err := r.Conclude(t.Context(), call.CloseNotice{Number: number, Outcome: "handed_over"}); err == nil {
		t.Error("concluded on a disk that refuses")
	}
	if err := r.Keep(t.Context(), call.Call{ID: "01JD"}); err == nil {
		t.Error("kept on a disk that refuses")
	}
	// The database has them all the same.
	eventually(t, func() bool {
		f, err := store.Filing(t.Context(), number)
		_, kept := store.Get(t.Context(), "01JD")
		return err == nil && f.Outcome == "handed_over" && kept == nil
	})
	if owed := r.Status().Owed; owed != 3 {
		t.Errorf("%d lines are owed", owed)
	}
	if n := testutil.ToFloat64(r.metrics.alarms.WithLabelValues(alarmWrite)); n == 0 {
		t.Error("no alarm")
	}
	<-fail
	fail <- false
	eventually(t, func() bool { return r.Status().Owed == 0 })
	if got := kinds(t, dir); got != "filing filing_outcome record" {
		t.Errorf("journal holds %s", got)
	}
	flush(t, r)
	found, err := store.Filings(t.Context(), Query{})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Sequence == 0 {
		t.Errorf("filings %+v, %v", found.Rows, err)
	}
	if report := mustVerify(t, dir); !report.OK() {
		t.Error(report)
	}
}

func TestDiskThatHangsDoesNotHoldAFilingBackLongerThanItsCallerWaits(t *testing.T) {
	t.Parallel()
	dir, store, bad := t.TempDir(), emptyStore(t), &faults{}
	r := registry(t, Options{Journal: JournalOptions{Dir: dir, open: bad.open}, Store: store})
	flush(t, r)
	entered, release := make(chan struct{}, 100), make(chan struct{})
	bad.sync = func() error {
		entered <- struct{}{}
		<-release
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	number, err := r.File(ctx, call.Filing{Call: "01JD", MadeAt: at(0)})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(number, "JL-20261123-0001-") {
		t.Fatalf("number %q, %v", number, err)
	}
	close(release)
	eventually(t, func() bool { return kinds(t, dir) == "filing filing" })
	flush(t, r)
	found, err := store.Filings(t.Context(), Query{})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != number {
		t.Errorf("one act is one filing: %+v, %v", found.Rows, err)
	}
}

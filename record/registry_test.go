package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/routing"
)

// emptyStore opens an empty database of the test's own.
func emptyStore(t *testing.T) *SQL {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func registry(t *testing.T, o Options) *Registry {
	t.Helper()
	if o.Journal.Dir == "" {
		o.Journal.Dir = t.TempDir()
	}
	if o.Retry == 0 {
		o.Retry = 50 * time.Millisecond
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = r.Close(ctx)
	})
	return r
}

func flush(t *testing.T, r *Registry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// kinds lists the kinds of the lines in a journal, without the heads.
func kinds(t *testing.T, dir string) string {
	t.Helper()
	j := Journal{dir: dir, last: Line{Sequence: 1 << 60}}
	got, err := j.read(position{}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, line := range got.lines {
		if line.Kind != KindSegment {
			words = append(words, string(line.Kind))
		}
	}
	return strings.Join(words, " ")
}

func TestCallAndFilingAreOnTheDiskAndThenInTheDatabase(t *testing.T) {
	t.Parallel()
	dir, store, ctx := t.TempDir(), emptyStore(t), t.Context()
	reg := prometheus.NewRegistry()
	r := registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: store, Metrics: reg})
	begun := time.Now()
	number, err := r.File(ctx, call.Filing{
		Call: "01JD", Category: "虐待", Place: "222404", Region: "222400", Agent: "1009", Caller: "13812345678",
		MadeAt: at(0),
	})
	if err != nil || number != "JL-20261123-0001" {
		t.Fatalf("number %q, %v", number, err)
	}
	attempts := []call.Attempt{{Number: "0433110", Leg: "p1", DialledAt: at(1), PickedAt: at(9), Result: "answered"}}
	if err := r.Conclude(ctx, call.CloseNotice{Number: number, Outcome: "handed_over", Attempts: attempts}); err != nil {
		t.Fatal(err)
	}
	c := emergencyCall()
	c.Recording = call.Recording{}
	if err := errors.Join(r.Keep(ctx, c), r.Guide(ctx, "v7", "plan: …"), r.Guide(ctx, "v7", "plan: …"), r.Ack(ctx, number, "province")); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, dir); got != "filing filing_outcome record guide filing_ack" {
		t.Errorf("journal holds %s", got)
	}
	flush(t, r)
	rec, err := store.Get(ctx, c.ID)
	want := FromCall(c)
	want.Sequence = 4
	if diff := cmp.Diff(want, rec); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	f, err := store.Filing(ctx, number)
	if err != nil || f.Outcome != "handed_over" || f.AckedBy != "province" || len(f.Attempts) != 1 || f.Caller != "13812345678" {
		t.Errorf("filing %+v, %v", f, err)
	}
	if f.FsyncedAt.Before(begun.Truncate(time.Millisecond)) || f.FsyncedAt.After(f.ConcludedAt.Time) {
		t.Errorf("fsynced at %s, concluded at %s", f.FsyncedAt, f.ConcludedAt)
	}
	if s := r.Status(); s.Backlog != 0 || s.SQL != nil || s.Owed != 0 || s.Room <= 0 {
		t.Errorf("status %+v", s)
	}
	expected := `# HELP weibao_records_kept_total Records of calls that are on the disk.
# TYPE weibao_records_kept_total counter
weibao_records_kept_total{outcome="handed_over"} 1
# HELP weibao_filings_total Filings made, by whether they were on the disk in time.
# TYPE weibao_filings_total counter
weibao_filings_total{saved="yes"} 1
# HELP weibao_journal_backlog_entries Lines of the journal that the database does not have yet.
# TYPE weibao_journal_backlog_entries gauge
weibao_journal_backlog_entries 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(expected), "weibao_records_kept_total", "weibao_filings_total", "weibao_journal_backlog_entries"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v %v", problems, err)
	}
}

// gate is a store whose Apply does what the test says.
type gate struct {
	Store
	mu    sync.Mutex
	apply func(ctx context.Context, b Batch) error
}

func (g *gate) set(apply func(context.Context, Batch) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.apply = apply
}

func (g *gate) Apply(ctx context.Context, b Batch) error {
	g.mu.Lock()
	apply := g.apply
	g.mu.Unlock()
	if apply != nil {
		if err := apply(ctx, b); err != nil {
			return err
		}
	}
	return g.Store.Apply(ctx, b)
}

func TestDatabaseThatHangsDelaysNoCall(t *testing.T) {
	t.Parallel()
	g := &gate{Store: emptyStore(t)}
	entered := make(chan struct{}, 100)
	g.set(func(ctx context.Context, _ Batch) error {
		entered <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	reg := prometheus.NewRegistry()
	r := registry(t, Options{Store: g, Metrics: reg})
	if _, err := r.File(t.Context(), call.Filing{Call: "01"}); err != nil {
		t.Fatal(err)
	}
	<-entered // the clerk is stuck from here on
	for i := range 20 {
		c := call.Call{ID: call.ID(fmt.Sprint(i))}
		if err := r.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		number, err := r.File(t.Context(), call.Filing{Call: c.ID})
		if err := errors.Join(err, r.Conclude(t.Context(), call.CloseNotice{Number: number})); err != nil {
			t.Fatal(err)
		}
	}
	if backlog := r.Status().Backlog; backlog < 60 {
		t.Errorf("backlog %d", backlog)
	}
}

func TestDatabaseThatWasGoneGetsEverythingOnce(t *testing.T) {
	t.Parallel()
	g := &gate{Store: emptyStore(t)}
	g.set(func(context.Context, Batch) error { return errors.New("connection refused") })
	r := registry(t, Options{Store: g})
	for i := range 30 {
		if err := r.Keep(t.Context(), call.Call{ID: call.ID(fmt.Sprintf("%02d", i)), ArrivedAt: at(0)}); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := r.Flush(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("flush without a database: %v", err)
	}
	g.set(nil)
	flush(t, r)
	found, err := g.Find(t.Context(), Query{Limit: 500})
	if err != nil || len(found.Rows) != 30 {
		t.Errorf("%d records, %v", len(found.Rows), err)
	}
}

// eventually waits for something that other goroutines bring about.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatal("it never came to be")
		}
	}
}

func TestRowThatTheDatabaseRefusesHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	g := &gate{Store: emptyStore(t)}
	_, constraint := g.Store.(*SQL).db.ExecContext(t.Context(), "INSERT INTO marks (journal) VALUES (NULL)")
	if !refused(constraint) {
		t.Fatalf("not known as refused: %v", constraint)
	}
	g.set(func(_ context.Context, b Batch) error {
		for _, c := range b.Changes {
			if rec, ok := c.(Record); ok && rec.ID == "bad" {
				return fmt.Errorf("save: %w", constraint)
			}
		}
		return nil
	})
	r := registry(t, Options{Store: g})
	for _, id := range []call.ID{"a", "bad", "b"} {
		if err := r.Keep(t.Context(), call.Call{ID: id, ArrivedAt: at(0)}); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, r)
	found, err := g.Find(t.Context(), Query{})
	if err != nil || len(found.Rows) != 2 {
		t.Errorf("%d records, %v", len(found.Rows), err)
	}
	if n := testutil.ToFloat64(r.metrics.alarms.WithLabelValues(alarmRefused)); n != 1 {
		t.Errorf("%v alarms", n)
	}
}

func TestJournalThatWasReplacedIsAppliedFromItsStart(t *testing.T) {
	t.Parallel()
	store, dir := emptyStore(t), t.TempDir()
	for life := range 2 {
		r := registry(t, Options{Journal: JournalOptions{Dir: filepath.Join(dir, fmt.Sprint(life))}, Store: store})
		if err := r.Keep(t.Context(), call.Call{ID: call.ID(fmt.Sprint("journal ", life))}); err != nil {
			t.Fatal(err)
		}
		flush(t, r)
		_ = r.Close(t.Context())
	}
	marks, err := store.Marks(t.Context())
	if err != nil || len(marks) != 2 {
		t.Errorf("marks %+v, %v", marks, err)
	}
	// An older copy of the second journal comes back: its lines are known, and
	// what follows must not be taken for known.
	second := filepath.Join(dir, "1", segmentName(1))
	b, _ := os.ReadFile(second)
	first, _, _ := strings.Cut(string(b), "\n")
	if err := os.WriteFile(second, []byte(first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := registry(t, Options{Journal: JournalOptions{Dir: filepath.Join(dir, "1")}, Store: store})
	if err := r.Keep(t.Context(), call.Call{ID: "after the copy"}); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	if _, err := store.Get(t.Context(), "after the copy"); err != nil {
		t.Error(err)
	}
	if n := testutil.ToFloat64(r.metrics.alarms.WithLabelValues(alarmAhead)); n != 1 {
		t.Errorf("%v alarms", n)
	}
}

func TestClosedRegistryStillGivesANumber(t *testing.T) {
	t.Parallel()
	r := registry(t, Options{Store: emptyStore(t)})
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	number, err := r.File(t.Context(), call.Filing{MadeAt: at(0)})
	if !errors.Is(err, ErrClosed) || !strings.HasPrefix(number, "JL-20261123-0001-") {
		t.Errorf("number %q, %v", number, err)
	}
	if err := r.Keep(t.Context(), call.Call{}); !errors.Is(err, ErrClosed) {
		t.Errorf("keep: %v", err)
	}
}

func TestLinesOfTheJournalHoldWholeNumbers(t *testing.T) {
	t.Parallel()
	rec := FromCall(call.Call{Number: "13812345678"})
	if b, _ := json.Marshal(rec); !strings.Contains(string(b), "13812345678") {
		t.Errorf("got %s", b)
	}
	if got := routing.Number("13812345678").Masked(); got != "138****5678" {
		t.Errorf("masked %s", got)
	}
}

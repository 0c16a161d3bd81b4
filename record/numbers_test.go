package record

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weibao/call"
)

func TestNumbersCountEveryDayByItself(t *testing.T) {
	t.Parallel()
	n, err := newNumbers("JL", "")
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, zone())
	for _, row := range []struct {
		at   time.Time
		want string
	}{
		{midnight.Add(-time.Second), "JL-20261123-0001"},
		{midnight.Add(-time.Millisecond), "JL-20261123-0002"},
		{midnight, "JL-20261124-0001"},
		{midnight.Add(-time.Minute), "JL-20261123-0003"}, // the clock went back
		{midnight.AddDate(70, 0, 0), "JL-20961124-0001"}, // and ran ahead
		{midnight.UTC(), "JL-20261124-0002"},
	} {
		if got := n.next(row.at); got != row.want {
			t.Errorf("at %s: got %s, want %s", row.at, got, row.want)
		}
	}
	n.raise("20261124", 9999)
	if got := n.next(midnight); got != "JL-20261124-10000" {
		t.Errorf("after 9999 comes %s", got)
	}
}

func TestNumbersNameTheNode(t *testing.T) {
	t.Parallel()
	n, err := newNumbers("JL", "gw2")
	if err != nil {
		t.Fatal(err)
	}
	n.see([]byte(`{"number":"JL-20261123-gw2-0041"} {"number":"JL-20261123-gw1-0077"} JL-20261123-0099`))
	if got := n.next(at(0)); got != "JL-20261123-gw2-0042" {
		t.Errorf("got %s", got)
	}
	for _, bad := range [][2]string{{"jl", ""}, {"", ""}, {"JL", "a/b"}, {"JL", "a b"}, {"JL", "ü"}, {"JL", strings.Repeat("a", 41)}} {
		if _, err := newNumbers(bad[0], bad[1]); err == nil {
			t.Errorf("prefix %q, node %q: want a fault", bad[0], bad[1])
		}
	}
}

// TestNumbersNeverRepeat drives gateways through disks that fail, kills,
// callers without patience and clocks that jump.
func TestNumbersNeverRepeat(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^JL-\d{8}-\d{4}(-[A-Z2-7]{8})?$`)
	rapid.Check(t, func(t *rapid.T) {
		dir, remove := folder(t)
		defer remove()
		given := make(map[string]bool)
		for range rapid.IntRange(1, 3).Draw(t, "lives") {
			bad := &faults{}
			journal := JournalOptions{Dir: dir, Reserve: 2 << 10, SegmentBytes: 2000, open: bad.open}
			r, err := New(Options{Journal: journal, Store: downStore{}, Retry: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			failing := rapid.SliceOfN(rapid.Bool(), 8, 8).Draw(t, "flush fails")
			turn := 0
			bad.sync = func() error {
				turn++
				if failing[turn%len(failing)] {
					return errors.New("flush refused")
				}
				return nil
			}
			for range rapid.IntRange(1, 6).Draw(t, "filings") {
				ctx, cancel := context.WithCancel(context.Background())
				if rapid.IntRange(0, 4).Draw(t, "impatient") == 0 {
					cancel()
				}
				made := at(0).AddDate(0, 0, rapid.IntRange(-1, 1).Draw(t, "day"))
				number, err := r.File(ctx, call.Filing{Call: "01JD", MadeAt: made})
				cancel()
				if given[number] {
					t.Fatalf("number %s was given twice", number)
				}
				given[number] = true
				if match := shape.FindStringSubmatch(number); match == nil || (match[1] == "") != (err == nil) {
					t.Fatalf("number %q with error %v", number, err)
				}
			}
			crash(r)
		}
	})
}

// crash ends a registry as kill -9 does.
func crash(r *Registry) {
	r.stop()
	kill(r.journal)
	r.box.close()
	r.workers.Wait()
}

// downStore is a database that is not there.
type downStore struct{ Store }

func (downStore) Marks(context.Context) ([]Mark, error) { return nil, errors.New("no database") }
func (downStore) Apply(context.Context, Batch) error    { return errors.New("no database") }

package storetest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/record"
)

func filing(number string, second int) record.Filing {
	return record.Filing{
		Number: number, Call: "01A", Category: "虐待", Place: "222404", Region: "222400", Agent: "1009",
		Caller: "13812345678", MadeAt: evening(second), FsyncedAt: evening(second + 1), Attempts: []record.Attempt{},
		Sequence: int64(second) + 2,
	}
}

func conclusion(number string) record.Conclusion {
	return record.Conclusion{
		Number: number, Outcome: "handed_over", ConcludedAt: evening(30), FsyncedAt: evening(2),
		Attempts: []record.Attempt{{Number: "0433110", Leg: "p1", DialledAt: evening(3), PickedAt: evening(9), Result: "answered"}},
	}
}

func one(t *testing.T, s record.Store, number string) record.Filing {
	t.Helper()
	f, err := s.Filing(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func filingLives(t *testing.T, s record.Store) {
	want := filing("JL-20261123-0001", 1)
	apply(t, s, want, filing("JL-20261123-0002", 2))
	if diff := cmp.Diff(want, one(t, s, want.Number)); diff != "" {
		t.Errorf("made (-want +got)\n%s", diff)
	}
	done := conclusion(want.Number)
	apply(t, s, done, record.Ack{Number: want.Number, By: "province", At: evening(40)})
	want.Outcome, want.Attempts, want.ConcludedAt = done.Outcome, done.Attempts, done.ConcludedAt
	want.AckedAt, want.AckedBy = evening(40), "province"
	if diff := cmp.Diff(want, one(t, s, want.Number)); diff != "" {
		t.Errorf("acknowledged (-want +got)\n%s", diff)
	}
	for _, q := range []struct {
		query record.Query
		want  string
	}{
		{record.Query{}, "JL-20261123-0002 JL-20261123-0001"},
		{record.Query{Unacked: true}, "JL-20261123-0002"},
		{record.Query{Outcome: "handed_over"}, "JL-20261123-0001"},
		{record.Query{Text: "0001"}, "JL-20261123-0001"},
		{record.Query{From: evening(2).Time}, "JL-20261123-0002"},
		{record.Query{Agent: "1009", Region: "222400", Caller: "13812345678", Limit: 1}, "JL-20261123-0002"},
	} {
		found, err := s.Filings(t.Context(), q.query)
		if err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for _, f := range found.Rows {
			numbers = append(numbers, f.Number)
		}
		if got := strings.Join(numbers, " "); got != q.want {
			t.Errorf("%+v: found %q, want %q", q.query, got, q.want)
		}
	}
}

func replayIsHarmless(t *testing.T, s record.Store) {
	made, done := filing("JL-20261123-0001", 1), conclusion("JL-20261123-0001")
	made.FsyncedAt = record.Moment{} // not known to this process
	ack := record.Ack{Number: made.Number, By: "province", At: evening(40)}
	apply(t, s, made, done, ack)
	want := one(t, s, made.Number)
	if want.FsyncedAt != done.FsyncedAt {
		t.Errorf("fsynced at %s, want it from the outcome: %s", want.FsyncedAt, done.FsyncedAt)
	}
	apply(t, s, made)
	apply(t, s, made, done, ack)
	if diff := cmp.Diff(want, one(t, s, made.Number)); diff != "" {
		t.Errorf("the same journal again (-want +got)\n%s", diff)
	}
}

func firstAckCounts(t *testing.T, s record.Store) {
	apply(t, s, filing("JL-20261123-0001", 1),
		record.Ack{Number: "JL-20261123-0001", By: "first", At: evening(40)},
		record.Ack{Number: "JL-20261123-0001", By: "second", At: evening(41)},
		record.Ack{Number: "none", By: "first", At: evening(41)})
	if f := one(t, s, "JL-20261123-0001"); f.AckedBy != "first" || f.AckedAt != evening(40) {
		t.Errorf("acknowledged by %s at %s", f.AckedBy, f.AckedAt)
	}
}

func filingGivesWay(t *testing.T, s record.Store) {
	late := filing("JL-20261123-0001-ABCD2345", 1)
	late.Replaces = "JL-20261123-0001"
	apply(t, s, filing("JL-20261123-0001", 1), late)
	found, err := s.Filings(t.Context(), record.Query{})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != late.Number || found.Rows[0].Replaces != late.Replaces {
		t.Errorf("got %+v, %v", found.Rows, err)
	}
	other := filing("JL-20261123-0001", 1)
	other.Call = "01B" // a later filing under the number that was never on the disk
	apply(t, s, other, late)
	if found, err = s.Filings(t.Context(), record.Query{}); err != nil || len(found.Rows) != 2 {
		t.Errorf("another call's filing was taken away: %+v, %v", found.Rows, err)
	}
}

func sameNumberTwice(t *testing.T, s record.Store) {
	a, b := filing("JL-20261123-0001", 1), filing("JL-20261123-0001", 2)
	b.Call = "01B"
	apply(t, s, a)
	if err := s.Apply(t.Context(), record.Batch{Journal: "another", Changes: []record.Change{b, conclusion(b.Number)}}); err != nil {
		t.Fatal(err)
	}
	found, err := s.Filings(t.Context(), record.Query{})
	if err != nil || len(found.Rows) != 2 {
		t.Fatalf("got %+v, %v", found.Rows, err)
	}
	if found.Rows[0].Outcome == "" || found.Rows[1].Outcome != "" {
		t.Errorf("the outcome belongs to one journal's filing: %+v", found.Rows)
	}
}

package storetest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/record"
)

func tapeComesBack(t *testing.T, s record.Store) {
	want := record.Tape{
		Record: row("01A", 1),
		Seals: []record.Seal{
			{Call: "01A", Name: "01A.wav", Plain: "aa", File: "/sealed/01A.wav.age", SHA256: "bb", Size: 9, Cipher: "age", Key: "age1x", At: evening(20)},
			{Call: "01A", Name: "01A.2.wav", Plain: "cc", File: "/sealed/01A.2.wav.age", SHA256: "dd", Size: 9, Cipher: "age", Key: "age1x", At: evening(21)},
		},
		Holds:  []record.Hold{{ID: "h1", Call: "01A", By: "1019", Reason: "检察院\x00调取", At: evening(30)}},
		Purges: []record.Purge{{ID: "p1", Call: "01A", State: record.PurgeWithdrawn, At: evening(40), By: "node1", Files: []record.Gone{{Name: "01A.wav", SHA256: "aa"}}, Key: "k", Signature: "s"}},
		Plays:  []record.Play{{ID: "y1", Call: "01A", By: "1019", At: evening(50), Purpose: "复核", What: "play", State: record.PlayGranted, Until: evening(59)}},
	}
	due := want.Purges[0]
	due.State, due.At = record.PurgeDue, evening(39)
	asked := want.Plays[0]
	asked.State = record.PlayAsked
	other := want.Holds[0]
	other.ID, other.Call = "h2", "01B"
	for range 2 { // a journal that is applied again changes nothing
		apply(t, s, want.Record, want.Seals[0], want.Seals[1], want.Holds[0], other, due, want.Purges[0], asked, want.Plays[0])
		got, err := s.Tape(t.Context(), "01A")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	}
	if _, err := s.Tape(t.Context(), "01Z"); err == nil {
		t.Error("a recording without a record was found")
	}
}

// due are the ids of the recordings that may be purged.
func due(t *testing.T, s record.Store, of string, second int) string {
	t.Helper()
	var ids []string
	for after := ""; ; {
		page, err := s.Purgeable(t.Context(), of, evening(second).Time, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			ids = append(ids, string(r.ID))
		}
		if after = page.Next; after == "" {
			return strings.Join(ids, " ")
		}
	}
}

func onlyTheDueArePurged(t *testing.T, s record.Store) {
	silent := row("01S", 3)
	silent.Recording = record.Recording{}
	apply(t, s, row("01A", 1), row("01B", 2), silent, row("01C", 4), row("01D", 30))
	steps := []struct {
		what   string
		change record.Change
		want   string
	}{
		{"all that are old and recorded", nil, "01A 01B 01C"},
		{"one is held", record.Hold{ID: "h1", Call: "01B", At: evening(5)}, "01A 01C"},
		{"held twice", record.Hold{ID: "h2", Call: "01B", At: evening(6)}, "01A 01C"},
		{"one hold is lifted", record.Hold{ID: "h1", Call: "01B", At: evening(5), LiftedAt: evening(7)}, "01A 01C"},
		{"the lifting comes before the hold", record.Hold{ID: "h1", Call: "01B", At: evening(5)}, "01A 01C"},
		{"both are lifted", record.Hold{ID: "h2", Call: "01B", At: evening(6), LiftedAt: evening(8)}, "01A 01B 01C"},
		{"a purge has begun", record.Purge{ID: "p1", Call: "01C", State: record.PurgeDue, At: evening(9)}, "01A 01B"},
		{"it is withdrawn", record.Purge{ID: "p1", Call: "01C", State: record.PurgeWithdrawn, At: evening(10)}, "01A 01B 01C"},
		{"its beginning is told again", record.Purge{ID: "p1", Call: "01C", State: record.PurgeDue, At: evening(9)}, "01A 01B 01C"},
		{"another is done", record.Purge{ID: "p2", Call: "01A", State: record.PurgeDone, At: evening(9)}, "01B 01C"},
	}
	for _, step := range steps {
		if step.change != nil {
			apply(t, s, step.change)
		}
		if got := due(t, s, journal, 20); got != step.want {
			t.Errorf("%s: due %q, want %q", step.what, got, step.want)
		}
	}
	if got := due(t, s, "another", 20); got != "" {
		t.Errorf("due by another journal: %q", got)
	}
	many := make([]record.Change, 0, 120)
	for i := range 120 {
		many = append(many, row("02"+string(rune('a'+i/26))+string(rune('a'+i%26)), 1))
	}
	apply(t, s, many...)
	if got := strings.Fields(due(t, s, journal, 20)); len(got) != 122 {
		t.Errorf("%d due over all pages, want 122", len(got))
	}
}

func purgesThatBegan(t *testing.T, s record.Store) {
	begun := record.Purge{ID: "p1", Call: "01A", State: record.PurgeDue, At: evening(1), Files: []record.Gone{}}
	apply(t, s, begun, record.Purge{ID: "p2", Call: "01B", State: record.PurgeDue}, record.Purge{ID: "p2", Call: "01B", State: record.PurgeDone})
	got, err := s.Purging(t.Context(), journal)
	if diff := cmp.Diff([]record.Purge{begun}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if got, err := s.Purging(t.Context(), "another"); len(got) > 0 || err != nil {
		t.Errorf("of another journal: %v, %v", got, err)
	}
}

func playsAreListed(t *testing.T, s record.Store) {
	asked := record.Play{ID: "y1", Call: "01A", By: "1019", At: evening(1), State: record.PlayAsked}
	refused, granted := asked, asked
	refused.State, refused.Decider = record.PlayRefused, "1020"
	granted.State, granted.Decider = record.PlayGranted, "1021"
	apply(t, s, asked, record.Play{ID: "y2", Call: "01B", By: "1020", At: evening(2), State: record.PlayGranted})
	apply(t, s, refused, granted, asked)
	for _, row := range []struct {
		q    record.Query
		want string
	}{
		{record.Query{}, "y2 y1"},
		{record.Query{Limit: 1}, "y2"},
		{record.Query{Agent: "1019"}, "y1"},
		{record.Query{Outcome: "asked"}, ""},
		{record.Query{Outcome: "refused"}, "y1"}, // the first decision counts
		{record.Query{From: evening(2).Time}, "y2"},
		{record.Query{To: evening(2).Time}, "y1"},
	} {
		page, err := s.Plays(t.Context(), row.q)
		var ids []string
		for _, p := range page.Rows {
			ids = append(ids, p.ID)
		}
		if got := strings.Join(ids, " "); got != row.want || err != nil {
			t.Errorf("%+v: %q, want %q, %v", row.q, got, row.want, err)
		}
	}
}

package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/record"
	"weibao/routing"
)

// Exercise tries every promise of record.Store on stores that open makes; each
// must be empty and of its own.
func Exercise(t *testing.T, open func(t *testing.T) record.Store) {
	t.Helper()
	for name, try := range map[string]func(*testing.T, record.Store){
		"a record comes back as it was":                     recordComesBack,
		"a record saved again stays one":                    recordStaysOne,
		"an older state never replaces a newer one":         newerStateStays,
		"records are found by every filter":                 filters,
		"pages hold every record once":                      pages,
		"text is found literally and in any case":           textIsLiteral,
		"wild bytes from the telephone line are stored":     wildBytes,
		"what is not there is not found":                    notFound,
		"a filing goes from made to acknowledged":           filingLives,
		"a filing comes before its own outcome only":        replayIsHarmless,
		"the first acknowledgement counts":                  firstAckCounts,
		"a filing gives way to the one that replaces it":    filingGivesWay,
		"what is entered to a filing changes it":            filingIsEntered,
		"a call to 110 without its filing is found":         unfiledIsFound,
		"a filing without an outcome is found":              unconcludedIsFound,
		"two journals with one number lose nothing":         sameNumberTwice,
		"the mark moves with the rows or not at all":        markMoves,
		"a query that can not be asked is refused as such":  badQueries,
		"a configuration is kept once":                      guideIsKept,
		"an override comes back in the state that counts":   overrideComesBack,
		"an override applied again goes not back":           overrideKeepsItsState,
		"of the hand-over notes of a post the last counts":  lastNoteCounts,
		"a store without duty has empty lists":              noDuty,
		"the presence log comes back once, newest first":    seatLogComesBack,
		"pages hold every change of a seat once":            seatLogPages,
		"the calls of one person are one follow-up":         personIsOne,
		"a talk settles what was before it":                 talkSettles,
		"a person settles a follow-up by any of its calls":  personSettles,
		"of promises the last counts, the stronger wins":    promisesJoin,
		"who must not be rung back is not rung back":        unsafeStays,
		"withheld numbers are each their own":               withheldAreApart,
		"a talk that broke off is owed a call all the same": ownFaultStays,
		"follow-ups are listed by deadline and found":       owedIsListed,
		"what nobody is owed is not found":                  nothingOwed,
		"of very many calls all are counted":                manyCalls,
		"two gateways at once miss nothing of a person":     twoGateways,
		"a mark of a number ends by its time or by hand":    numberMarksLive,
		"a form written later goes into its record":         noteIsWritten,
		"a recording comes back with all that is known":     tapeComesBack,
		"only what is old and not held may be purged":       onlyTheDueArePurged,
		"a purge that has begun is found again":             purgesThatBegan,
		"of who hears recordings everything is found":       playsAreListed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			try(t, open(t))
		})
	}
}

const journal = "01JOURNAL"

// evening is the time of all rows here, plus so many seconds.
func evening(seconds int) record.Moment {
	return record.Moment{Time: time.Date(2026, 11, 23, 20, 0, seconds, 123e6, time.FixedZone("", 8*60*60))}
}

func apply(t *testing.T, s record.Store, changes ...record.Change) {
	t.Helper()
	if err := s.Apply(t.Context(), record.Batch{Journal: journal, Changes: changes}); err != nil {
		t.Fatal(err)
	}
}

// row is a record with something in every field.
func row(id string, second int) record.Record {
	r := record.FromCall(call.Call{
		ID: call.ID(id), Guide: "v1", Dialled: "12345", Number: "13812345678", Trunk: "carrier", Region: "220100", Agent: "1001",
		Search:   call.Search{Since: evening(second).Time, Decision: routing.Decision{Route: "minors", Trace: []routing.Check{{Rule: "r", Fact: "key", Want: "t", Got: "g", Held: true}}}},
		Legs:     []call.Leg{{ID: "c"}, {ID: "s", Role: call.Seat, Agent: "1001", Queue: "changchun", PickedAt: evening(second).Time}},
		Note:     map[string]string{"事由": "孩子 Alone 在家 100%_!"},
		FollowUp: call.FollowUp{Kind: "callback", Owner: "1001", Due: evening(second + 60).Time},
		Ending:   call.Ending{Outcome: call.Answered, Reason: "通话结束"},
		Journey:  []call.Entry{{At: evening(second).Time, What: "ARRIVE"}},

		ArrivedAt: evening(second).Time, TalkedAt: evening(second + 5).Time, EndedAt: evening(second + 9).Time,
	})
	r.Recording = record.Recording{Wanted: true, File: "/r.wav", SHA256: "ab", Size: 16044, Length: record.Millis(time.Second), Fault: "incomplete"}
	r.Sequence = int64(second) + 2
	return r
}

func recordComesBack(t *testing.T, s record.Store) {
	want := row("01A", 1)
	apply(t, s, want)
	got, err := s.Get(t.Context(), "01A")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func recordStaysOne(t *testing.T, s record.Store) {
	apply(t, s, row("01A", 1), row("01A", 1))
	apply(t, s, row("01A", 1))
	if ids := find(t, s, record.Query{}); ids != "01A" {
		t.Errorf("found %q", ids)
	}
}

func newerStateStays(t *testing.T, s record.Store) {
	older, newer := row("01A", 1), row("01A", 1)
	newer.EndedAt, newer.Reason = evening(99), "resumed, then ended"
	apply(t, s, older, newer)
	apply(t, s, older)
	if got, err := s.Get(t.Context(), "01A"); err != nil || got.Reason != newer.Reason {
		t.Errorf("got %q, %v", got.Reason, err)
	}
}

// find returns the ids of an answer in one string.
func find(t *testing.T, s record.Store, q record.Query) string {
	t.Helper()
	found, err := s.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range found.Rows {
		ids = append(ids, string(r.ID))
	}
	return strings.Join(ids, " ")
}

func filters(t *testing.T, s record.Store) {
	a, b, c := row("01A", 1), row("01B", 2), row("01C", 3)
	b.Agent, b.Caller, b.Outcome, b.Region, b.Reason = "1002", "0431555", call.Abandoned, "222400", "来电人挂断"
	c.Transfers = []record.Transfer{{Filing: "JL-20261123-0007", Place: "222404", Category: "虐待"}}
	apply(t, s, a, b, c)
	for _, q := range []struct {
		query record.Query
		want  string
	}{
		{record.Query{}, "01C 01B 01A"},
		{record.Query{From: evening(2).Time}, "01C 01B"},
		{record.Query{To: evening(2).Time}, "01A"},
		{record.Query{From: evening(2).Time, To: evening(3).Time}, "01B"},
		{record.Query{Agent: "1002"}, "01B"},
		{record.Query{Caller: "0431555"}, "01B"},
		{record.Query{Caller: "043155"}, ""},
		{record.Query{Outcome: "abandoned"}, "01B"},
		{record.Query{Region: "220100"}, "01C 01A"},
		{record.Query{Text: "挂断"}, "01B"},
		{record.Query{Text: "jl-20261123-0007"}, "01C"},
		{record.Query{Text: "虐待", Agent: "1001"}, "01C"},
		{record.Query{Text: "虐待", Agent: "1002"}, ""},
	} {
		if got := find(t, s, q.query); got != q.want {
			t.Errorf("%+v: found %q, want %q", q.query, got, q.want)
		}
	}
}

func pages(t *testing.T, s record.Store) {
	var want, got []string
	for i := range 7 {
		id := fmt.Sprintf("01%d", i)
		apply(t, s, row(id, i/3)) // several in one instant
		want = append([]string{id}, want...)
	}
	q := record.Query{Limit: 2}
	for {
		found, err := s.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found.Rows {
			got = append(got, string(r.ID))
		}
		if q.Cursor = found.Next; q.Cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func textIsLiteral(t *testing.T, s record.Store) {
	apply(t, s, row("01A", 1))
	for text, want := range map[string]string{
		"alone": "01A", "ALONE": "01A", "100%_!": "01A", "100%": "01A",
		"1%0": "", "a_one": "", "100!": "", "'; DROP TABLE records; --": "",
	} {
		if got := find(t, s, record.Query{Text: text}); got != want {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
}

func wildBytes(t *testing.T, s record.Store) {
	r := row("01A", 1)
	r.Caller, r.Dialled, r.Reason = "138\x00\xff", "12345\x00", "\x00\xfe"
	f := filing("JL-20261123-0001", 1)
	f.Category, f.Caller = "\x00\xff", "\x00"
	apply(t, s, r, f, record.Conclusion{Number: f.Number, Outcome: "\x00"}, record.Ack{Number: f.Number, By: "\x00x", At: evening(1)})
	if got := find(t, s, record.Query{Text: "\x00", Agent: "10\x0001"}); got != "01A" {
		t.Errorf("found %q", got)
	}
	if _, err := s.Get(t.Context(), "\x00\xff"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("wild id: %v", err)
	}
}

func notFound(t *testing.T, s record.Store) {
	if _, err := s.Get(t.Context(), "none"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("record: %v", err)
	}
	if _, err := s.Filing(t.Context(), "none"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("filing: %v", err)
	}
	if _, err := s.Guide(t.Context(), "none"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("guide: %v", err)
	}
	found, err := s.Find(t.Context(), record.Query{Agent: "none"})
	if err != nil || found.Rows == nil || len(found.Rows) != 0 || found.Next != "" {
		t.Errorf("an answer without rows is an empty list: %+v, %v", found, err)
	}
}

func badQueries(t *testing.T, s record.Store) {
	for _, q := range []record.Query{{Limit: -1}, {Limit: 501}, {Cursor: "?"}, {Cursor: "eA"}} {
		if _, err := s.Find(t.Context(), q); !errors.Is(err, record.ErrQuery) {
			t.Errorf("find %+v: %v", q, err)
		}
		if _, err := s.Filings(t.Context(), q); !errors.Is(err, record.ErrQuery) {
			t.Errorf("filings %+v: %v", q, err)
		}
	}
}

func guideIsKept(t *testing.T, s record.Store) {
	want := record.GuideText{Version: "v1", Text: "menus: 请按 6", At: evening(1)}
	apply(t, s, want, record.GuideText{Version: "v1", Text: "another"})
	got, err := s.Guide(t.Context(), "v1")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func markMoves(t *testing.T, s record.Store) {
	mark := func(n int64) record.Mark {
		if n == 0 {
			return record.Mark{Journal: journal}
		}
		return record.Mark{Journal: journal, Sequence: n, Hash: fmt.Sprint("hash", n)}
	}
	step := func(from, to record.Mark, id string) error {
		return s.Apply(t.Context(), record.Batch{Journal: journal, From: from, To: to, Changes: []record.Change{row(id, 1)}})
	}
	if err := step(mark(0), mark(5), "01A"); err != nil {
		t.Fatal(err)
	}
	for _, from := range []record.Mark{mark(0), mark(4), {Journal: journal, Sequence: 5, Hash: "other"}} {
		if err := step(from, mark(9), "01B"); !errors.Is(err, record.ErrMoved) {
			t.Errorf("from %+v: %v", from, err)
		}
	}
	if got := find(t, s, record.Query{}); got != "01A" {
		t.Errorf("rows of refused batches stay: %q", got)
	}
	if err := step(mark(5), mark(7), "01C"); err != nil {
		t.Fatal(err)
	}
	got, err := s.Marks(t.Context())
	if diff := cmp.Diff([]record.Mark{mark(7)}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

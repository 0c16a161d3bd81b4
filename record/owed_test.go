package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"weibao/call"
	"weibao/routing"
)

// hungUp is a call whose caller left so many seconds into the evening.
func hungUp(id string, number routing.Number, second float64) call.Call {
	return call.Call{
		ID: call.ID(id), Number: number, Known: routing.Caller{E164: "+86" + number}, Region: "220100",
		ArrivedAt: at(second), EndedAt: at(second + 1), Ending: call.Ending{Outcome: call.Abandoned},
		FollowUp: call.FollowUp{
			ID: call.ID(id), Kind: call.Contact, Number: number, E164: "+86" + number, Region: "220100", Since: at(second),
			Owner: "changchun", Due: at(second + 1800), Why: "来电人在排队中挂断",
		},
	}
}

func TestACallThatLeavesSomethingOwedOpensItByItsRecordAlone(t *testing.T) {
	t.Parallel()
	dir, store := t.TempDir(), emptyStore(t)
	r := registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: store})
	for i, id := range []string{"01A", "01B", "01C"} {
		if err := r.Keep(t.Context(), hungUp(id, "13812345678", float64(10*i))); err != nil {
			t.Fatal(err)
		}
	}
	open, err := r.OpenFollowUps(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("open %+v, %v", open, err)
	}
	want := hungUp("01A", "13812345678", 0).FollowUp
	if f := open[0]; f.ID != want.ID || f.Kind != want.Kind || f.Number != want.Number || f.E164 != want.E164 || f.Owner != want.Owner ||
		!f.Since.Equal(want.Since) || !f.Due.Equal(want.Due) || f.Region != want.Region {
		t.Errorf("got %+v, want %+v", f, want)
	}
	if got := kinds(t, dir); got != "record record record" {
		t.Errorf("the journal holds %s", got)
	}
}

func TestAPromiseIsKeptReplacedAndSettled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: emptyStore(t)})
	f := call.FollowUp{
		ID: "01A", Kind: call.RingBack, Number: "13812345678", E164: "+8613812345678", Region: "220100", Language: "ko", Since: at(0).UTC(),
		Promised: true, Safe: call.Safe, Hours: "day", Owner: "changchun", Due: at(60).UTC(), Why: "来电人登记回拨",
	}
	for attempt := range 3 { // faster than a clock of milliseconds can tell
		f.Attempts, f.NotBefore = attempt, at(float64(attempt)).UTC()
		if err := r.Promise(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	open, err := r.OpenFollowUps(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("open %+v, %v", open, err)
	}
	got := open[0]
	for _, moment := range []*time.Time{&got.Since, &got.Due, &got.NotBefore} {
		*moment = moment.UTC()
	}
	if got != f {
		t.Errorf("got  %+v\nwant %+v", got, f)
	}
	if err := r.Settle(t.Context(), call.Settlement{ID: "01A", Outcome: call.Reached}); err != nil {
		t.Fatal(err)
	}
	if err := r.Promise(t.Context(), f); err != nil { // an attempt that was under way
		t.Fatal(err)
	}
	if open, err = r.OpenFollowUps(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("settled, and open %+v, %v", open, err)
	}
	if report := mustVerify(t, dir); !report.OK() || report.Kinds[KindFollowUp] != 4 || report.Kinds[KindSettlement] != 1 {
		t.Errorf("%s %v", report, report.Kinds)
	}
}

func TestWhatIsOwedStandsInADatabaseThatIsMadeAnewFromTheJournal(t *testing.T) {
	t.Parallel()
	dir, before := t.TempDir(), emptyStore(t)
	r := registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: before})
	talk := hungUp("01C", "13800000002", 50)
	talk.FollowUp, talk.TalkedAt, talk.Agent = call.FollowUp{}, at(50.5), "1001"
	for _, c := range []call.Call{hungUp("01A", "13812345678", 0), hungUp("01B", "13800000002", 10), talk, hungUp("01D", "13800000003", 60)} {
		if err := r.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Settle(t.Context(), call.Settlement{ID: "01D", Outcome: call.Closed, By: "1019", Note: "误拨"}); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	crash(r)
	after := emptyStore(t)
	flush(t, registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: after}))
	var lists [2]string
	for i, s := range []*SQL{before, after} {
		found, err := s.Owed(t.Context(), OwedQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found.Rows {
			lists[i] += fmt.Sprintln(o.ID, o.State, o.Settled)
		}
	}
	if lists[0] != lists[1] || strings.Count(lists[0], "settled") != 2 || !strings.Contains(lists[0], "reached 1001") {
		t.Errorf("before\n%safter\n%s", lists[0], lists[1])
	}
}

func TestAnAdminIsAlarmedOfWhatIsOwedTooLong(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	r := registry(t, Options{Store: emptyStore(t), Metrics: reg})
	for i, number := range []routing.Number{"13812345678", "13800000002"} {
		if err := r.Keep(t.Context(), hungUp(fmt.Sprint(i), number, float64(100*i))); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		at   time.Time
		late string
	}{{at(0), "0"}, {at(1801), "1"}, {at(9999), "2"}} {
		if err := r.Refresh(t.Context(), row.at); err != nil {
			t.Fatal(err)
		}
		want := `
# HELP weibao_follow_ups_open Callers who are owed something, one for each person; of kind unfiled and unconcluded, what must be 0.
# TYPE weibao_follow_ups_open gauge
weibao_follow_ups_open{kind="callback"} 0
weibao_follow_ups_open{kind="contact"} 2
weibao_follow_ups_open{kind="unconcluded"} 0
weibao_follow_ups_open{kind="unfiled"} 0
# HELP weibao_follow_ups_overdue Open follow-ups past their deadline; alarm when it stays above 0.
# TYPE weibao_follow_ups_overdue gauge
weibao_follow_ups_overdue ` + row.late + "\n"
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "weibao_follow_ups_open", "weibao_follow_ups_overdue"); err != nil {
			t.Error(err)
		}
	}
}

func TestTheExchangeIsToldOfARecordThatComesToTheDiskLate(t *testing.T) {
	t.Parallel()
	bad, kept := &faults{}, make(chan call.ID, 10)
	r := registry(t, Options{
		Journal: JournalOptions{Dir: t.TempDir(), open: bad.open}, Store: emptyStore(t), Kept: func(id call.ID) { kept <- id },
	})
	flush(t, r)
	failing := make(chan bool, 1)
	failing <- true
	bad.sync = func() error {
		fails := <-failing
		failing <- fails
		if fails {
			return context.DeadlineExceeded
		}
		return nil
	}
	if err := r.Keep(t.Context(), call.Call{ID: "01A"}); err == nil {
		t.Fatal("kept on a disk that refuses")
	}
	select {
	case id := <-kept:
		t.Fatalf("%s is told to be on a disk that refuses", id)
	default:
	}
	<-failing
	failing <- false
	if id := <-kept; id != "01A" {
		t.Errorf("told of %s", id)
	}
}

// Whatever is said of one person, in whatever order it comes: one open
// follow-up at most, every call counted once, and none open that was closed.
func TestWhatAPersonIsOwedDoesNotHangOnTheOrderOfTheLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lines []owedLine
		for range rapid.IntRange(0, 14).Draw(t, "lines") {
			l := owedLine{
				what: rapid.SampledFrom([]string{lineRecord, linePromise, lineSettled, lineTalked}).Draw(t, "what"),
				id:   call.ID(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "id")), at: at(float64(rapid.IntRange(0, 9).Draw(t, "at"))),
			}
			l.promise = Promise{ID: l.id, At: moment(l.at), FollowUp: FollowUp{
				Kind: rapid.SampledFrom([]string{"contact", "callback"}).Draw(t, "kind"), Due: moment(l.at),
				Owner: routing.AgentID(l.what + string(l.id)), // as its source has it
			}}
			l.end = Settlement{ID: l.id, At: moment(l.at)}
			if twice := func(o owedLine) bool { return o.what == l.what && o.id == l.id && o.at.Equal(l.at) }; !slices.ContainsFunc(lines, twice) {
				lines = append(lines, l) // as the table has each line once
			}
		}
		want := owedBy(lines)
		if got := owedBy(rapid.Permutation(lines).Draw(t, "order")); compact(got) != compact(want) {
			t.Fatalf("%s\n%s", compact(got), compact(want))
		}
		seen, open := make(map[call.ID]bool), 0
		for i, o := range want {
			if o.State == OwedOpen {
				open++
			}
			if o.Contacts != len(o.Calls) || o.ID != o.Calls[0] || o.State == OwedOpen && i != len(want)-1 {
				t.Fatalf("%+v", want)
			}
			for _, id := range o.Calls {
				if seen[id] {
					t.Fatalf("%s is there twice: %+v", id, want)
				}
				seen[id] = true
			}
		}
		for _, l := range lines {
			if (l.what == lineRecord || l.what == linePromise) && !seen[l.id] || open > 1 {
				t.Fatalf("%s is lost, or %d are open: %+v", l.id, open, want)
			}
		}
	})
}

func TestNoNumberOfAFollowUpOrAMarkIsShownWhole(t *testing.T) {
	t.Parallel()
	o := Owed{Caller: "13812345678", CallerE164: "+8613812345678", FollowUp: FollowUp{Why: "来自 13812345678"}, Settled: &Settlement{Note: "回拨 13812345678"}}
	m := NumberMark{Number: "13812345678", NumberE164: "+8613812345678", Reason: "13812345678 屡次辱骂", LiftReason: "13812345678"}
	for _, text := range []string{fmt.Sprintf("%+v %+v", o.Masked(), *o.Masked().Settled), fmt.Sprintf("%+v", m.Masked())} {
		if strings.Contains(text, "12345678") {
			t.Error(text)
		}
	}
	if o.Settled.Note != "回拨 13812345678" {
		t.Error("what is kept has been masked")
	}
}

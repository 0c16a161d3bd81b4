package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/record"
	"weibao/routing"
)

// lost is a call whose caller left in the second in which it arrived.
func lost(id string, second int) record.Record {
	r := row(id, second)
	r.TalkedAt, r.EndedAt, r.Outcome, r.CallerE164 = record.Moment{}, evening(second), call.Abandoned, "+8613812345678"
	r.FollowUp = &record.FollowUp{Kind: string(call.Contact), Owner: "changchun", Since: evening(second), Due: evening(second + 1800), Why: "来电人在排队中挂断"}
	return r
}

// spoken is a call in which a person has talked with the caller.
func spoken(id string, second int) record.Record {
	r := row(id, second)
	r.TalkedAt, r.EndedAt, r.CallerE164, r.FollowUp = evening(second), evening(second+9), "+8613812345678", nil
	return r
}

func promise(id string, second int, change func(*record.Promise)) record.Promise {
	p := record.Promise{
		ID: call.ID(id), At: evening(second), Caller: "13812345678", CallerE164: "+8613812345678", Region: "220100",
		FollowUp: record.FollowUp{Kind: string(call.RingBack), Owner: "1001", Since: evening(second), Due: evening(second + 600)},
	}
	if change != nil {
		change(&p)
	}
	return p
}

func settlement(id string, second int) record.Settlement {
	return record.Settlement{ID: call.ID(id), Outcome: call.Closed, By: "1019", At: evening(second), Note: "已联系家长"}
}

// owed is every follow-up in a line of its own, as the list has them.
func owed(t *testing.T, s record.Store, q record.OwedQuery) string {
	t.Helper()
	found, err := s.Owed(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, o := range found.Rows {
		ids := make([]string, len(o.Calls))
		for i, id := range o.Calls {
			ids[i] = string(id)
		}
		line := fmt.Sprintf("%s %s %s %v", o.ID, o.State, o.Kind, ids)
		if o.Settled != nil {
			line += " " + string(o.Settled.Outcome) + " " + string(o.Settled.Call)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// sameInEveryOrder applies the changes in many orders, each of them twice, and
// wants the same answer.
func sameInEveryOrder(t *testing.T, s record.Store, want string, changes ...record.Change) {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 5))
	for turn := range 12 {
		name := string(rune('a' + turn))
		want := strings.ReplaceAll(want, "#", name)
		look := func(what any) {
			t.Helper()
			if got := owed(t, s, record.OwedQuery{Region: "region-" + name}); got != want {
				t.Fatalf("applied %+v:\n%s\nwant\n%s", what, got, want)
			}
		}
		for _, c := range changes {
			apply(t, s, renamed(c, name))
		}
		look(changes)
		apply(t, s, renamed(changes[0], name))
		look(changes[0])
		rng.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	}
}

// renamed makes the change one of another person and another city, so that one
// store serves many turns.
func renamed(c record.Change, name string) record.Change {
	id := func(id call.ID) call.ID { return call.ID(strings.ReplaceAll(string(id), "#", name)) }
	switch c := c.(type) {
	case record.Record:
		c.ID, c.CallerE164, c.Region = id(c.ID), c.CallerE164+routing.Number(name), "region-"+name
		return c
	case record.Promise:
		c.ID, c.CallerE164, c.Region = id(c.ID), c.CallerE164+routing.Number(name), "region-"+name
		return c
	case record.Settlement:
		c.ID = id(c.ID)
		return c
	}
	return c
}

func personIsOne(t *testing.T, s record.Store) {
	sameInEveryOrder(t, s, "1# open contact [1# 2# 3#]", lost("1#", 1), lost("2#", 20), lost("3#", 300))
}

func talkSettles(t *testing.T, s record.Store) {
	sameInEveryOrder(t, s, "5# open contact [5#]\n1# settled contact [1# 2#] reached 3#",
		lost("1#", 1), lost("2#", 20), spoken("3#", 30), spoken("4#", 40), lost("5#", 50))
}

func personSettles(t *testing.T, s record.Store) {
	sameInEveryOrder(t, s, "4# open contact [4#]\n1# settled contact [1# 2#] closed",
		lost("1#", 1), lost("2#", 20), settlement("2#", 30), settlement("1#", 35), lost("4#", 50), spoken("5#", 0))
}

func promisesJoin(t *testing.T, s record.Store) {
	unsafe := promise("2#", 10, func(p *record.Promise) { p.Safe, p.Promised, p.Hours = call.Unsafe, true, "day" })
	tried := promise("2#", 90, func(p *record.Promise) { p.Safe, p.Promised, p.Attempts = call.Safe, true, 2 })
	safe := promise("3#", 40, func(p *record.Promise) { p.Safe = call.Safe })
	sameInEveryOrder(t, s, "1# open callback [1# 2# 3#]", lost("1#", 1), unsafe, safe, tried)
	o, err := s.OwedOf(t.Context(), "3a")
	if err != nil {
		t.Fatal(err)
	}
	want := record.Owed{
		ID: "1a", State: record.OwedOpen, Caller: "13812345678", CallerE164: "+8613812345678a", Region: "region-a", Contacts: 3,
		Calls: []call.ID{"1a", "2a", "3a"}, LastAt: evening(40),
		FollowUp: record.FollowUp{
			Kind: string(call.RingBack), Owner: "1001", Since: evening(1), Due: evening(640), // of the third: the first has been promised anew
			Promised: true, Safe: call.Safe, Attempts: 2,
		},
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func unsafeStays(t *testing.T, s record.Store) {
	safe := promise("2", 30, func(p *record.Promise) { p.Safe = call.Safe })
	apply(t, s, promise("1", 1, func(p *record.Promise) { p.Safe = call.Unsafe }), safe, lost("3", 60))
	if o, err := s.OwedOf(t.Context(), "2"); err != nil || o.Safe != call.Unsafe || o.Kind != string(call.RingBack) || o.Contacts != 3 {
		t.Errorf("got %+v, %v", o, err)
	}
}

func withheldAreApart(t *testing.T, s record.Store) {
	for i, id := range []string{"1", "2"} {
		r := lost(id, i)
		r.Caller, r.CallerE164 = "anonymous", ""
		apply(t, s, r)
	}
	talk := spoken("3", 9)
	talk.Caller, talk.CallerE164 = "anonymous", ""
	apply(t, s, talk)
	if got := owed(t, s, record.OwedQuery{}); got != "1 open contact [1]\n2 open contact [2]" {
		t.Errorf("got\n%s", got)
	}
}

// ownFaultStays: a line that breaks after the talk is owed a call, and the talk
// of the same call does not settle it.
func ownFaultStays(t *testing.T, s record.Store) {
	broken := lost("1", 20)
	broken.TalkedAt, broken.FollowUp.Kind = evening(10), string(call.RingBack)
	apply(t, s, broken, broken)
	if got := owed(t, s, record.OwedQuery{}); got != "1 open callback [1]" {
		t.Errorf("got %s", got)
	}
}

func owedIsListed(t *testing.T, s record.Store) {
	person := func(id, number, region, owner string, second int) record.Record {
		r := lost(id, second)
		r.CallerE164, r.Region, r.FollowUp.Owner = routing.Number(number), region, routing.AgentID(owner)
		return r
	}
	apply(t, s, person("a", "+861", "220100", "changchun", 3), person("b", "+862", "222400", "yanbian", 1), person("c", "+863", "220200", "supervisors", 2),
		person("d", "+864", "220100", "changchun", 4), person("e", "+865", "220100", "changchun", 5), settlement("d", 10), settlement("e", 20),
		promise("p", 0, func(p *record.Promise) { p.CallerE164, p.Region = "+866", "229900" }))
	for _, row := range []struct {
		query record.OwedQuery
		want  string
	}{
		{record.OwedQuery{}, "p b c a e d"},
		{record.OwedQuery{State: record.OwedOpen}, "p b c a"},
		{record.OwedQuery{State: record.OwedSettled}, "e d"},
		{record.OwedQuery{Kind: call.RingBack}, "p"},
		{record.OwedQuery{Region: "220100"}, "a e d"},
		{record.OwedQuery{State: record.OwedOpen, Owners: []routing.AgentID{"1009", "yanbian"}, Regions: []string{"220200"}}, "b c"},
		{record.OwedQuery{Owners: []routing.AgentID{"none"}}, ""},
	} {
		var got []string
		for q := row.query; ; {
			q.Limit = 2
			found, err := s.Owed(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range found.Rows {
				got = append(got, string(o.ID))
			}
			if q.Cursor = found.Next; q.Cursor == "" {
				break
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%+v: %v, want %s", row.query, got, row.want)
		}
	}
	open, err := s.OpenOwed(t.Context())
	if err != nil || len(open) != 4 || open[0].ID != "p" || open[3].ID != "a" {
		t.Errorf("open %+v, %v", open, err)
	}
	counts, late, err := s.OwedCounts(t.Context(), evening(1802).Time)
	if err != nil || counts[call.Contact] != 3 || counts[call.RingBack] != 1 || late != 2 {
		t.Errorf("counts %v, %d late, %v", counts, late, err)
	}
}

func nothingOwed(t *testing.T, s record.Store) {
	apply(t, s, settlement("nobody's", 1), spoken("1", 2))
	if got := owed(t, s, record.OwedQuery{}); got != "" {
		t.Errorf("got %s", got)
	}
	if _, err := s.OwedOf(t.Context(), "1"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("a call without a follow-up: %v", err)
	}
	if _, err := s.Owed(t.Context(), record.OwedQuery{Limit: 501}); !errors.Is(err, record.ErrQuery) {
		t.Errorf("limit: %v", err)
	}
	if _, err := s.Owed(t.Context(), record.OwedQuery{Cursor: "?"}); !errors.Is(err, record.ErrQuery) {
		t.Errorf("cursor: %v", err)
	}
}

func manyCalls(t *testing.T, s record.Store) {
	var changes []record.Change
	for i := range 70 {
		changes = append(changes, lost("n"+string(rune('0'+i/10))+string(rune('0'+i%10)), i))
	}
	apply(t, s, changes...)
	o, err := s.OwedOf(t.Context(), "n69")
	if err != nil || o.Contacts != 70 || len(o.Calls) != 50 || o.Calls[0] != "n00" || o.Calls[49] != "n69" {
		t.Errorf("%d contacts, calls %v, %v", o.Contacts, o.Calls, err)
	}
	apply(t, s, settlement("n05", 100)) // of one that the list does not show
	if got, err := s.OwedOf(t.Context(), "n00"); err != nil || got.State != record.OwedSettled {
		t.Errorf("%s, %v", got.State, err)
	}
}

func twoGateways(t *testing.T, s record.Store) {
	const each = 15
	failed := make(chan error, 2)
	for gateway := range 2 {
		go func() {
			var err error
			for i := range each {
				name := string(rune('a'+gateway)) + string(rune('a'+i))
				err = errors.Join(err, s.Apply(context.Background(), record.Batch{Journal: name[:1], Changes: []record.Change{lost(name, i)}}))
			}
			failed <- err
		}()
	}
	if err := errors.Join(<-failed, <-failed); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Owed(t.Context(), record.OwedQuery{}); err != nil || len(found.Rows) != 1 || found.Rows[0].Contacts != 2*each {
		t.Errorf("%+v, %v", found, err)
	}
}

func numberMarksLive(t *testing.T, s record.Store) {
	mark := record.NumberMark{ID: "m1", Number: "13812345678", Kind: routing.RiskLimited, Reason: "屡次辱骂 \x00", By: "1019", At: evening(1), Until: evening(100)}
	flag := record.NumberMark{ID: "m2", Number: "13800000002", Kind: routing.RiskFlagged, Reason: "家暴", By: "1019", At: evening(2)}
	lifted := mark
	lifted.LiftedAt, lifted.LiftedBy, lifted.LiftReason = evening(50), "1020", "误标"
	again := lifted
	again.LiftedAt, again.LiftedBy = evening(60), "1019"
	at := func(second int) []record.NumberMark {
		t.Helper()
		var when time.Time
		if second >= 0 {
			when = evening(second).Time
		}
		marks, err := s.NumberMarks(t.Context(), when)
		if err != nil {
			t.Fatal(err)
		}
		return marks
	}
	apply(t, s, mark, flag)
	if diff := cmp.Diff([]record.NumberMark{flag, mark}, at(3)); diff != "" {
		t.Errorf("both hold (-want +got)\n%s", diff)
	}
	if got := at(100); len(got) != 1 || got[0].ID != "m2" {
		t.Errorf("a limit ends by itself: %+v", got)
	}
	for _, order := range [][]record.Change{{lifted, mark, again}, {again, lifted, mark}, {mark, again, lifted}} {
		apply(t, s, order...)
	}
	if diff := cmp.Diff([]record.NumberMark{flag, lifted}, at(-1)); diff != "" {
		t.Errorf("the first lifting counts (-want +got)\n%s", diff)
	}
	if got := at(3); len(got) != 1 {
		t.Errorf("a lifted mark holds: %+v", got)
	}
}

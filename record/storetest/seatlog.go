package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/record"
	"weibao/routing"
)

// seatLog is a line of the journal with so many changes of a seat, one a
// second.
func seatLog(id string, agent routing.AgentID, second, n int) record.SeatLog {
	l := record.SeatLog{ID: id}
	for i := range n {
		l.Changes = append(l.Changes, record.SeatChange{
			At: evening(second + i), Agent: agent, What: routing.FactWork, From: "talking", To: "wrapping",
			Cause: "用餐 \x00", By: agent, Call: "01CALL", Queue: "changchun", Since: evening(second + i - 60),
		})
	}
	return l
}

func seatChanges(t *testing.T, s record.Store, q record.Query) record.Page[record.SeatChange] {
	t.Helper()
	page, err := s.SeatLog(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func seatLogComesBack(t *testing.T, s record.Store) {
	first, second := seatLog("01B", "1001", 10, 3), seatLog("01A", "1002", 11, 1)
	second.Changes[0].Since = record.Moment{}
	for range 2 { // a line applied twice is stored once
		apply(t, s, first, second)
	}
	want := slices.Clone(first.Changes)
	slices.Reverse(want)
	for i := range want {
		want[i].Cause = "用餐 " // what PostgreSQL refuses is taken out
	}
	if diff := cmp.Diff(want, seatChanges(t, s, record.Query{Agent: "1001"}).Rows); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got := seatChanges(t, s, record.Query{From: evening(11).Time, To: evening(12).Time}).Rows
	if len(got) != 2 || !got[0].At.Equal(evening(11).Time) || got[0].Agent == got[1].Agent {
		t.Errorf("between two instants: %+v", got)
	}
	if none := seatChanges(t, s, record.Query{Agent: "1003"}).Rows; none == nil || len(none) != 0 {
		t.Errorf("of a seat without changes: %+v, want an empty list", none)
	}
}

func seatLogPages(t *testing.T, s record.Store) {
	line := seatLog("01A", "1001", 0, 250) // more than one statement takes
	for i := range line.Changes {
		line.Changes[i].At = record.Moment{Time: evening(0).Add(time.Duration(i/5) * time.Second)} // several in an instant
	}
	apply(t, s, line)
	seen := 0
	for q := (record.Query{Agent: "1001", Limit: 40}); ; {
		page := seatChanges(t, s, q)
		seen += len(page.Rows)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if seen != 250 {
		t.Errorf("the pages hold %d changes, want 250", seen)
	}
	if _, err := s.SeatLog(t.Context(), record.Query{Cursor: "?"}); err == nil {
		t.Error("a cursor that is none of ours was taken")
	}
}

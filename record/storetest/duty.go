package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/record"
	"weibao/routing"
)

// asked is an override as an agent asks for it, a swap with two changes.
func asked(id string, second int) routing.Override {
	at := func(days int) time.Time { return evening(second).UTC().AddDate(0, 0, days) }
	o := routing.Override{ID: id, Post: "222400", Why: "孩子发烧 \x00", Changes: []routing.DutyChange{
		{From: at(1), To: at(2), Out: "jin.yongzhe", In: routing.Officer{ID: "piao.minghua", Name: "朴明花", Numbers: []string{"13900000434", "0433251"}}},
		{From: at(3), To: at(4), Out: "piao.minghua", In: routing.Officer{ID: "jin.yongzhe"}},
	}}
	return step(o, routing.Asked, "1009 金美善", second)
}

func step(o routing.Override, to routing.OverrideState, by string, second int) routing.Override {
	o, err := o.Move(to, by, evening(second).UTC())
	if err != nil {
		panic(err) // a test that asks for what can not be
	}
	return o
}

func saveSteps(t *testing.T, s record.Store, steps ...routing.Override) {
	t.Helper()
	for _, o := range steps {
		apply(t, s, record.Override{Override: o})
	}
}

func duty(t *testing.T, s record.Store) record.Duty {
	t.Helper()
	d, err := s.Duty(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func overrideComesBack(t *testing.T, s record.Store) {
	first, second := asked("20261123-aaaaaa", 1), asked("20261123-bbbbbb", 2)
	saveSteps(t, s, second, first)
	approved := step(step(first, routing.Accepted, "1010", 3), routing.Approved, "1019", 4)
	saveSteps(t, s, approved)
	if diff := cmp.Diff([]routing.Override{approved, second}, duty(t, s).Overrides); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// overrideKeepsItsState applies two journals, each of which has seen a part,
// in every order, and again.
func overrideKeepsItsState(t *testing.T, s record.Store) {
	for i, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		base := asked(fmt.Sprintf("20261123-%06d", i), 1)
		states := []routing.Override{
			step(base, routing.Approved, "1019", 5),
			step(step(base, routing.Approved, "1019", 5), routing.Withdrawn, "1009", 9),
			step(base, routing.Refused, "1020", 7),
		}
		for range 2 {
			for _, n := range order {
				saveSteps(t, s, base, states[n])
			}
		}
		if diff := cmp.Diff(states[1], duty(t, s).Overrides[i]); diff != "" {
			t.Errorf("order %v: the last of the final states counts (-want +got)\n%s", order, diff)
		}
	}
}

func lastNoteCounts(t *testing.T, s record.Store) {
	note := func(post string, second int, text string) routing.HandOver {
		return routing.HandOver{Post: post, At: evening(second).UTC(), By: "1009 金美善", Text: text}
	}
	last := note("222400", 9, "延吉一名走失儿童，\n等派出所回电 \x00")
	for _, h := range []routing.HandOver{last, note("222400", 3, "无事"), note("220100", 4, "无事"), last} {
		apply(t, s, record.HandOver{HandOver: h})
	}
	if diff := cmp.Diff([]routing.HandOver{note("220100", 4, "无事"), last}, duty(t, s).Notes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	at := last
	at.By, at.Text = "1010", "another in the same instant"
	apply(t, s, record.HandOver{HandOver: at})
	if notes := duty(t, s).Notes; len(notes) != 2 || notes[1] != at {
		t.Errorf("got %+v", notes)
	}
}

func noDuty(t *testing.T, s record.Store) {
	if d := duty(t, s); len(d.Overrides)+len(d.Notes) != 0 || d.Overrides == nil || d.Notes == nil {
		t.Errorf("an empty store has empty lists: %+v", d)
	}
}

package standingstest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"weibao/cti"
	"weibao/routing"
)

// ExerciseTickets runs the suite for stores of tickets; open makes an empty
// one for each test of it.
func ExerciseTickets(t *testing.T, open func(t *testing.T) cti.Tickets) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, cti.Tickets){
		"an empty store has no lines":                           noLines,
		"what was posted is read again, every field of it":      posted,
		"a later notice adds, changes and drops":                followed,
		"a notice that is not later changes nothing":            superseded,
		"the same notice again is no error and changes nothing": postedTwice,
		"a new life takes the place of the one before":          reborn,
		"each gateway has a line of its own":                    apart,
		"a forgotten line is gone, unless it was written since": forgotten,
		"a watcher hears every notice in order":                 overheard,
		"nothing is done for a context that is over":            tooLate,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// FullTicket is a posted ticket in which every field is set.
func FullTicket(id routing.TicketID) cti.Posted {
	return cti.Posted{Call: "01J", Ticket: routing.Ticket{
		ID: id, Since: time.Date(2026, 10, 1, 2, 3, 4, 567_891_234, time.UTC), Boost: 50, Ratio: 1.5, Prefer: "1001", Only: "1002",
		Wants: []routing.Want{{Queue: "长春", Languages: []string{"ko", "zh"}, Skills: []string{"女"}}, {Queue: "province"}},
		Next:  routing.Widening{To: routing.Target{Kind: routing.ToQueue, Name: "province"}, After: 20 * time.Second, Since: time.Date(2026, 10, 1, 2, 3, 4, 5, time.UTC)},
	}}
}

func notice(gateway string, life, seq uint64, ids ...routing.TicketID) cti.Bulletin {
	n := cti.Bulletin{Gateway: gateway, Life: life, Seq: seq}
	for _, id := range ids {
		n.Posts = append(n.Posts, FullTicket(id))
	}
	return n
}

func post(t *testing.T, s cti.Tickets, n cti.Bulletin) {
	t.Helper()
	if err := s.Post(t.Context(), n); err != nil {
		t.Fatalf("Post(%+v): %v", n, err)
	}
}

func lines(t *testing.T, s cti.Tickets, want ...cti.Bulletin) {
	t.Helper()
	got, err := s.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b cti.Bulletin) int { return strings.Compare(a.Gateway, b.Gateway) })
	for _, n := range got {
		slices.SortFunc(n.Posts, func(a, b cti.Posted) int { return strings.Compare(string(a.Ticket.ID), string(b.Ticket.ID)) })
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("All (-want +got):\n%s", diff)
	}
}

func noLines(t *testing.T, s cti.Tickets) { lines(t, s) }

func posted(t *testing.T, s cti.Tickets) {
	post(t, s, notice("gw-1", 7, 1, "A", "B"))
	lines(t, s, notice("gw-1", 7, 1, "A", "B"))
}

func followed(t *testing.T, s cti.Tickets) {
	post(t, s, notice("gw-1", 7, 1, "A", "B"))
	next := notice("gw-1", 7, 3, "B", "C")
	next.Posts[0].Ticket.Boost = 1
	next.Drops = []routing.TicketID{"A", "never there"}
	post(t, s, next)
	next.Drops = nil
	lines(t, s, next)
}

func superseded(t *testing.T, s cti.Tickets) {
	post(t, s, notice("gw-1", 7, 5, "A"))
	for _, old := range []cti.Bulletin{notice("gw-1", 7, 4, "B"), notice("gw-1", 6, 9, "C")} {
		if err := s.Post(t.Context(), old); !errors.Is(err, cti.ErrSuperseded) {
			t.Errorf("Post of life %d, number %d: %v, want ErrSuperseded", old.Life, old.Seq, err)
		}
	}
	lines(t, s, notice("gw-1", 7, 5, "A"))
}

func postedTwice(t *testing.T, s cti.Tickets) {
	post(t, s, notice("gw-1", 7, 5, "A"))
	post(t, s, notice("gw-1", 7, 5, "A"))
	lines(t, s, notice("gw-1", 7, 5, "A"))
}

func reborn(t *testing.T, s cti.Tickets) {
	post(t, s, notice("gw-1", 7, 5, "A", "B"))
	post(t, s, notice("gw-1", 8, 1, "C"))
	lines(t, s, notice("gw-1", 8, 1, "C"))
}

func apart(t *testing.T, s cti.Tickets) {
	post(t, s, notice("gw-1", 7, 5, "A"))
	post(t, s, notice("gw-2", 1, 1, "B"))
	lines(t, s, notice("gw-1", 7, 5, "A"), notice("gw-2", 1, 1, "B"))
}

func forgotten(t *testing.T, s cti.Tickets) {
	old, now := notice("gw-1", 7, 5, "A"), notice("gw-1", 7, 6, "B")
	post(t, s, old)
	post(t, s, now)
	post(t, s, notice("gw-2", 1, 1))
	for _, n := range []cti.Bulletin{old, notice("gw-2", 1, 1), notice("gw-3", 1, 1)} {
		if err := s.Forget(t.Context(), n); err != nil {
			t.Errorf("Forget(%s): %v", n.Gateway, err)
		}
	}
	both := notice("gw-1", 7, 6, "A", "B")
	lines(t, s, both)
}

func overheard(t *testing.T, s cti.Tickets) {
	ctx, stop := context.WithCancel(t.Context())
	watch, err := s.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(20) {
		n := notice("gw-1", 7, i+1, "A", "B")
		if i%2 == 1 {
			n.Posts, n.Drops = nil, []routing.TicketID{"A"}
		}
		post(t, s, n)
		if diff := gocmp.Diff(n, <-watch); diff != "" {
			t.Fatalf("heard (-want +got):\n%s", diff)
		}
	}
	stop()
	for range watch { // ends the test by its time-out if it never closes
	}
}

func tooLate(t *testing.T, s cti.Tickets) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, all := s.All(ctx)
	_, watch := s.Watch(ctx)
	for what, err := range map[string]error{
		"Post": s.Post(ctx, notice("gw-1", 1, 1)), "Forget": s.Forget(ctx, notice("gw-1", 1, 1)), "All": all, "Watch": watch,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", what, err)
		}
	}
	lines(t, s)
}

package routing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestAnUrgentCallerHasAllSeatsAtOnceAndGoesBeforeEveryOrdinaryTurn(t *testing.T) {
	t.Parallel()
	duty := Target{Kind: ToDuty, Name: RegionName}
	draft := testPlan().Draft
	draft.Root = &Route{Name: "root", Steps: []PlanStep{
		{Target: Target{Kind: ToQueue, Name: RegionName}},
		{Target: duty, After: 10 * time.Second},
		{Target: Target{Kind: ToQueue, Name: "province"}, After: 20 * time.Second, Ratio: 2},
	}}
	plan := NewPlan(draft)
	calm := plan.Decide(Request{Region: "220100"})
	urgent := plan.Decide(Request{Region: "220100", Urgent: true})
	var begins []string
	for _, b := range urgent.Timeline(func([]Want) Load { return Load{Waiting: 9, Seats: 3} }) {
		begins = append(begins, fmt.Sprint(b.Step.Target, " ", b.After))
	}
	if want := []string{"queue:changchun 0s", "queue:province 0s", "duty:220100 10s"}; !slices.Equal(begins, want) {
		t.Errorf("begins %v, want %v", begins, want)
	}
	if none := urgent.Timeline(func([]Want) Load { return Load{Waiting: 1} }); none[2].After != 0 {
		t.Errorf("nobody is ready, and the telephone comes after %s", none[2].After)
	}
	if urgent.Priority != BoostUrgent || urgent.Route != calm.Route || len(urgent.Trace) != len(calm.Trace)+1 {
		t.Errorf("%+v", urgent)
	}
	if calm.Steps[1].Target.Kind != ToDuty || calm.Steps[2].After != 20*time.Second {
		t.Errorf("the plan itself was changed: %v", calm.Steps)
	}
}

func TestAPostThatIsAskedFirstIsStillAskedAtOnceWhenItIsUrgent(t *testing.T) {
	t.Parallel()
	draft := testPlan().Draft
	draft.Root = &Route{Name: "night", Steps: []PlanStep{
		{Target: Target{Kind: ToDuty, Name: RegionName}},
		{Target: Target{Kind: ToQueue, Name: "province"}, After: 20 * time.Second},
	}}
	d := NewPlan(draft).Decide(Request{Region: "220100", Urgent: true})
	for _, b := range d.Timeline(func([]Want) Load { return Load{Waiting: 1, Seats: 1} }) {
		if b.After != 0 {
			t.Errorf("%s begins after %s", b.Step, b.After)
		}
	}
}

func TestThePlaceInLineIsThatOfTheWholeLineAndCountsThoseBeingOffered(t *testing.T) {
	t.Parallel()
	for seed := range 200 {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		f := NewFloor(nil)
		var tickets []Ticket
		for i := range 1 + rng.IntN(40) {
			queues := []string{"a", "b", "c"}
			rng.Shuffle(3, func(i, j int) { queues[i], queues[j] = queues[j], queues[i] })
			one := ticket(fmt.Sprint("t", i), time.Duration(rng.IntN(20))*time.Minute, queues[:1+rng.IntN(3)]...)
			one.Boost = []int{0, 0, 20, BoostReturn, BoostUrgent, BoostRescue}[rng.IntN(6)]
			f.Put(one)
			tickets = append(tickets, one)
		}
		for _, placed := range f.Line() {
			if got := f.Position(placed.Ticket); got != placed.Position {
				t.Fatalf("seed %d: %s is at %d, in the line at %d", seed, placed.Ticket, got, placed.Position)
			}
			if got := f.PositionUpTo(placed.Ticket, 5); got != min(placed.Position, 5) {
				t.Fatalf("seed %d: %s is at %d of at most 5, in the line at %d", seed, placed.Ticket, got, placed.Position)
			}
		}
		for _, one := range tickets {
			ahead := 1
			for _, other := range tickets {
				if other.Ahead(one) {
					ahead++
				}
			}
			if got := f.Position(one.ID); got != ahead {
				t.Fatalf("seed %d: %s is at %d with %d ahead", seed, one.ID, got, ahead-1)
			}
		}
	}
}

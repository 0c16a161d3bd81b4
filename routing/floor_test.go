package routing

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but name

func ticket(id string, waited time.Duration, queues ...string) Ticket {
	return Ticket{ID: TicketID(id), Wants: AnyOf(queues...), Since: noon.Add(-waited)}
}

func seat(id string, idle time.Duration, queues ...string) Agent {
	return Agent{ID: AgentID(id), Queues: queues, Presence: Ready, Reachable: true, Idle: noon.Add(-idle)}
}

// stands makes a floor of what is there.
func stands(tickets []Ticket, agents ...Agent) *Floor {
	f := NewFloor(map[string]Queue{})
	for _, a := range agents {
		f.Seat(a, noon)
	}
	for _, t := range tickets {
		f.Put(t)
	}
	return f
}

// pairs are the pairings in short.
func pairs(pairings []Pairing) []string {
	var all []string
	for _, p := range pairings {
		all = append(all, fmt.Sprintf("%s>%s@%s", p.Ticket, p.Agent, p.Queue))
	}
	return all
}

func wantPairs(t *testing.T, f *Floor, want ...string) {
	t.Helper()
	if got := pairs(f.Pair(noon)); !slices.Equal(got, want) {
		t.Errorf("pairings %v, want %v", got, want)
	}
}

func TestTheLongestWaitGetsTheLongestIdle(t *testing.T) {
	t.Parallel()
	f := stands([]Ticket{ticket("young", time.Minute, "a"), ticket("old", time.Hour, "a"), ticket("third", 0, "a")},
		seat("1001", time.Minute, "a"), seat("1002", time.Hour, "a"))
	wantPairs(t, f, "old>1002@a", "young>1001@a")
	wantPairs(t, f)
	f.Seat(seat("1001", 0, "a"), noon)
	wantPairs(t, f, "third>1001@a")
}

func TestABoostIsAgeAndARescueGoesBeforeAll(t *testing.T) {
	t.Parallel()
	boosted, rescue := ticket("boosted", 0, "a"), ticket("rescue", 0, "a")
	boosted.Boost, rescue.Boost = 20, BoostRescue
	f := stands([]Ticket{ticket("19 minutes", 19*time.Minute, "a"), boosted, ticket("21 minutes", 21*time.Minute, "a"), rescue})
	var order []string
	for range 4 {
		f.Seat(seat("1001", 0, "a"), noon)
		order = append(order, pairs(f.Pair(noon))...)
	}
	if want := []string{"rescue>1001@a", "21 minutes>1001@a", "boosted>1001@a", "19 minutes>1001@a"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestOwnSeatsGoBeforeOthersAndWhoHasTalkedWithTheCallerBeforeAll(t *testing.T) {
	t.Parallel()
	agents := []Agent{seat("1001", time.Hour, "far"), seat("1002", time.Minute, "own"), seat("1003", 0, "far")}
	wantPairs(t, stands([]Ticket{ticket("t", 0, "own", "far")}, agents...), "t>1002@own")
	again := ticket("t", 0, "own", "far")
	again.Prefer = "1003"
	wantPairs(t, stands([]Ticket{again}, agents...), "t>1003@far")
	again.Prefer = "9999"
	wantPairs(t, stands([]Ticket{again}, agents...), "t>1002@own")
}

func TestATicketWaitsForTheSeatsThatItWants(t *testing.T) {
	t.Parallel()
	wantPairs(t, stands([]Ticket{ticket("t", 0, "a")}, seat("1001", 0, "b")))
	only := ticket("t", 0)
	only.Only = "1002"
	wantPairs(t, stands([]Ticket{only}, seat("1001", time.Hour, "a"), seat("1002", 0, "a")), "t>1002@")
	korean := Ticket{ID: "t", Since: noon, Wants: []Want{{Queue: "a", Languages: []string{"ko"}}}}
	speaks := seat("1002", 0, "a")
	speaks.Languages = []string{"zh", "ko"}
	wantPairs(t, stands([]Ticket{korean}, seat("1001", time.Hour, "a"), speaks), "t>1002@a")
}

func TestASeatThatRestsIsFreeWhenItsTimeHasCome(t *testing.T) {
	t.Parallel()
	rests := seat("1001", 0, "a")
	rests.RestUntil = noon.Add(10 * time.Second)
	f := stands([]Ticket{ticket("t", 0, "a")}, rests)
	wantPairs(t, f)
	if got := pairs(f.Pair(noon.Add(10 * time.Second))); !slices.Equal(got, []string{"t>1001@a"}) {
		t.Errorf("after its rest: %v", got)
	}
}

func TestEachStrategyHasItsOrder(t *testing.T) {
	t.Parallel()
	one, two, three := seat("1001", time.Minute, "a"), seat("1002", time.Hour, "a"), seat("1003", time.Second, "a")
	one.Calls, two.Calls, three.Calls = 3, 2, 1
	one.Rung, two.Rung, three.Rung = noon.Add(-time.Minute), noon, noon.Add(-time.Second)
	for strategy, want := range map[Strategy]string{LeastRecent: "1002", "": "1002", FewestCalls: "1003", Linear: "1001", RRMemory: "1001"} {
		f := NewFloor(map[string]Queue{"a": {Strategy: strategy}})
		for _, a := range []Agent{three, two, one} {
			f.Seat(a, noon)
		}
		f.Put(ticket("t", 0, "a"))
		if got := f.Pair(noon); string(got[0].Agent) != want {
			t.Errorf("%s rings %s, want %s", strategy, got[0].Agent, want)
		}
	}
	if len(Strategies()) != 4 || Strategies()[0] != LeastRecent {
		t.Errorf("strategies %v", Strategies())
	}
}

func TestACrowdIsToldOnceUntilItHasBeenOtherwise(t *testing.T) {
	t.Parallel()
	crowded := func(f *Floor) []string {
		var all []string
		for _, c := range f.Crowded() {
			all = append(all, string(c.Ticket)+" "+c.Load.String())
		}
		return all
	}
	first, second, third := ticket("1", 0, "a"), ticket("2", 0, "a"), ticket("3", 0, "a")
	first.Ratio, second.Ratio, third.Ratio = 2, 2, 2
	f := stands([]Ticket{first, second})
	step := func(name string, want ...string) {
		t.Helper()
		if got := crowded(f); !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", name, got, want)
		}
	}
	step("no seat", "1 2/0", "2 2/0")
	step("told already")
	f.Put(third)
	step("one more", "3 3/0")
	busy := seat("1001", 0, "a")
	busy.Work = Talking
	f.Seat(busy, noon)
	step("three for one seat")
	f.Remove("3")
	step("two for one seat")
	f.Put(third)
	step("three again", "1 3/1", "2 3/1", "3 3/1")
	f.Unseat("1001")
	f.Seat(busy, noon)
	step("nothing new")
	away := busy
	away.Presence = Away
	f.Seat(away, noon)
	f.Put(first)
	step("asked again", "1 3/0")
}

func TestWhyWaitingNamesEverySeatAndItsReason(t *testing.T) {
	t.Parallel()
	away := seat("1001", 0, "a")
	away.Presence = Away
	f := stands([]Ticket{ticket("t", 0, "a"), ticket("older", time.Minute, "a", "b"), ticket("elsewhere", time.Hour, "c")}, away, seat("1002", 0, "b"))
	why := f.WhyWaiting("t", noon)
	if len(why) != 2 || why[0].Got != "2" || why[1].Rule != "seat 1001" || why[1].Got != "away" {
		t.Errorf("why %+v", why)
	}
	if why := f.WhyWaiting("stranger", noon); len(why) != 1 || why[0].Held || f.Position("stranger") != 0 {
		t.Errorf("a stranger: %+v", why)
	}
	if why := f.WhyWaiting("elsewhere", noon); len(why) != 2 || why[1].Fact != FactLoad || why[1].Held {
		t.Errorf("nobody serves: %+v", why)
	}
}

func TestWhyWaitingSaysWhatWillChangeThatAndWhen(t *testing.T) {
	t.Parallel()
	wrapping, resting, talking := seat("1001", 0, "a"), seat("1002", 0, "a"), seat("1003", 0, "a")
	wrapping.Work, wrapping.WrapUntil = Wrapping, noon.Add(8*time.Second)
	resting.RestUntil = noon.Add(3 * time.Second)
	talking.Work = Talking
	caller := ticket("t", 0, "a")
	caller.Next = Widening{To: Target{Kind: ToDuty, Name: RegionName}, After: 40 * time.Second, Since: noon.Add(-12 * time.Second)}
	why := stands([]Ticket{caller}, wrapping, resting, talking).WhyWaiting("t", noon)
	want := []Check{
		{"t", FactPlace, "", "1", true},
		{"seat 1001", FactSeat, "8s", "wrapping", false},
		{"seat 1002", FactSeat, "3s", SeatResting, false},
		{"seat 1003", FactSeat, "", "talking", false},
		{"duty:region", FactAfter, "40s", "12s", false},
	}
	if !slices.Equal(why, want) {
		t.Errorf("why %+v, want %+v", why, want)
	}
}

// naive is the rule of the floor written again without anything kept: the
// first in line for whom a seat is free gets the best one.
func naive(waiting []Ticket, agents []Agent, queues map[string]Queue) []string {
	slices.SortFunc(waiting, func(a, b Ticket) int {
		return cmp.Or(cmp.Compare(b.class(), a.class()), a.aged().Compare(b.aged()), cmp.Compare(a.ID, b.ID))
	})
	var all []string
	for again := true; again; {
		again = false
		for i, t := range waiting {
			best, queue := -1, ""
			for j, a := range agents {
				if can, _ := a.CanTake(noon); !can {
					continue
				}
				q, serves := t.servedBy(a)
				if !serves {
					continue
				}
				rank := func(k int) int {
					return slices.IndexFunc(t.Wants, agents[k].Serves)
				}
				better := best < 0
				if !better && agents[best].ID != t.Prefer {
					better = a.ID == t.Prefer || cmp.Or(cmp.Compare(rank(j), rank(best)), queues[q].Strategy.order()(a, agents[best])) < 0
				}
				if better {
					best, queue = j, q
				}
			}
			if best >= 0 {
				all = append(all, fmt.Sprintf("%s>%s@%s", t.ID, agents[best].ID, queue))
				agents = slices.Delete(agents, best, best+1)
				waiting = slices.Delete(waiting, i, i+1)
				again = true
				break
			}
		}
	}
	return all
}

func TestTheFloorPairsAsTheRuleSaysWhateverHasChangedBefore(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c"}
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 9))
		queues := map[string]Queue{}
		for _, n := range names {
			queues[n] = Queue{Name: n, Strategy: Strategies()[rng.IntN(4)]}
		}
		f := NewFloor(queues)
		tickets, agents := map[TicketID]Ticket{}, map[AgentID]Agent{}
		owners, passed := []string{"", "gw-2", "gw-3"}, map[string]bool{}
		for range 60 {
			switch rng.IntN(6) {
			case 5:
				owner := owners[1+rng.IntN(2)]
				passed[owner] = !passed[owner]
				f.Pass(owner, passed[owner])
			case 0, 1:
				tk := ticket(fmt.Sprint("t", rng.IntN(20)), time.Duration(rng.IntN(100))*time.Minute, names[:1+rng.IntN(3)]...)
				rng.Shuffle(len(tk.Wants), func(i, j int) { tk.Wants[i], tk.Wants[j] = tk.Wants[j], tk.Wants[i] })
				tk.Boost, tk.Prefer = rng.IntN(60), AgentID(fmt.Sprint(1000+rng.IntN(20)))
				if rng.IntN(4) == 0 {
					tk.Wants[0].Languages = []string{"ko"}
				}
				tk.Owner = owners[rng.IntN(3)]
				tickets[tk.ID] = tk
				f.Put(tk)
			case 2:
				id := TicketID(fmt.Sprint("t", rng.IntN(20)))
				delete(tickets, id)
				f.Remove(id)
			case 3:
				a := seat(fmt.Sprint(1000+rng.IntN(10)), time.Duration(rng.IntN(100))*time.Minute, names[rng.IntN(3):]...)
				a.Presence, a.Calls, a.Rung = Presence(rng.IntN(3)), rng.IntN(3), noon.Add(time.Duration(rng.IntN(100))*time.Second)
				if rng.IntN(2) == 0 {
					a.Languages = []string{"ko"}
				}
				agents[a.ID] = a
				f.Seat(a, noon)
			case 4:
				if rng.IntN(3) > 0 {
					continue
				}
				counting := slices.DeleteFunc(valuesOf(tickets), func(tk Ticket) bool { return passed[tk.Owner] })
				want := naive(counting, valuesOf(agents), queues)
				pairings := f.Pair(noon)
				if got := pairs(pairings); !slices.Equal(got, want) {
					t.Fatalf("seed %d: pairings %v, want %v", seed, got, want)
				}
				for _, p := range pairings {
					delete(tickets, p.Ticket)
					a := agents[p.Agent]
					a.Work = Claimed
					agents[p.Agent] = a
					f.Seat(a, noon)
				}
			}
		}
	}
}

func valuesOf[K comparable, V any](m map[K]V) []V {
	var all []V
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

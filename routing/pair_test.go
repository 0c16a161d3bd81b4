package routing

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but name

func seat(id string, idle time.Duration, queues ...string) Agent {
	return Agent{ID: AgentID(id), Queues: queues, Presence: Ready, Reachable: true, Idle: noon.Add(-idle)}
}

func ticket(id string, waited time.Duration, queues ...string) Ticket {
	return Ticket{ID: TicketID(id), Wants: AnyOf(queues...), Since: noon.Add(-waited)}
}

func TestTheLongestWaitGetsTheLongestIdleSeat(t *testing.T) {
	t.Parallel()
	f := Floor{
		At:      noon,
		Waiting: []Ticket{ticket("young", time.Second, "a"), ticket("old", time.Minute, "a")},
		Agents:  []Agent{seat("1001", time.Minute, "a"), seat("1002", time.Hour, "a")},
	}
	got := f.Pair()
	if len(got) != 2 || got[0].Ticket != "old" || got[0].Agent != "1002" || got[1].Agent != "1001" {
		t.Errorf("pairings %+v", got)
	}
}

func TestABoostGoesBeforeAge(t *testing.T) {
	t.Parallel()
	child := ticket("child", time.Second, "a")
	child.Boost = BoostRescue
	f := Floor{At: noon, Waiting: []Ticket{ticket("old", time.Hour, "a"), child}, Agents: []Agent{seat("1001", 0, "a")}}
	if got := f.Pair(); len(got) != 1 || got[0].Ticket != "child" {
		t.Errorf("pairings %+v", got)
	}
	if f.Position("child") != 1 || f.Position("old") != 2 || f.Position("nobody") != 0 {
		t.Errorf("positions %d %d %d", f.Position("child"), f.Position("old"), f.Position("nobody"))
	}
}

func TestASeatIsFreeOnlyWhenItSaysSoIsReachableAndDoesNothing(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*Agent)
		free   bool
	}{
		{"ready", func(*Agent) {}, true},
		{"away", func(a *Agent) { a.Presence = Away }, false},
		{"offline", func(a *Agent) { a.Presence = Offline }, false},
		{"phone not registered", func(a *Agent) { a.Reachable = false }, false},
		{"claimed", func(a *Agent) { a.Work = Claimed }, false},
		{"talking", func(a *Agent) { a.Work = Talking }, false},
		{"wrapping", func(a *Agent) { a.Work = Wrapping }, false},
		{"resting", func(a *Agent) { a.RestUntil = noon.Add(time.Second) }, false},
		{"rested", func(a *Agent) { a.RestUntil = noon }, true},
	} {
		a := seat("1001", 0, "a")
		row.change(&a)
		free, why := a.CanTake(noon)
		if free != row.free || (why == "") != row.free {
			t.Errorf("%s: free %v because %q", row.name, free, why)
		}
		f := Floor{At: noon, Waiting: []Ticket{ticket("t", 0, "a")}, Agents: []Agent{a}}
		if got := len(f.Pair()) == 1; got != row.free {
			t.Errorf("%s: paired %v", row.name, got)
		}
	}
}

func TestATicketIsServedOnlyByItsQueuesOrItsOwnAgent(t *testing.T) {
	t.Parallel()
	f := Floor{At: noon, Waiting: []Ticket{ticket("t", 0, "a")}, Agents: []Agent{seat("1001", 0, "b")}}
	if got := f.Pair(); len(got) != 0 {
		t.Errorf("pairings %+v", got)
	}
	only := ticket("t", 0)
	only.Only = "1002"
	f = Floor{At: noon, Waiting: []Ticket{only}, Agents: []Agent{seat("1001", time.Hour, "a"), seat("1002", 0, "b")}}
	if got := f.Pair(); len(got) != 1 || got[0].Agent != "1002" {
		t.Errorf("pairings %+v", got)
	}
}

func TestAStepIsStaffedByWhoeverIsReadyEvenInATalk(t *testing.T) {
	t.Parallel()
	busy := seat("1001", 0, "a")
	busy.Work = Talking
	f := Floor{At: noon, Agents: []Agent{busy}}
	if f.Load(ticket("t", 0, "a")).Seats != 1 {
		t.Error("a seat in a talk will be free again")
	}
	f.Agents[0].Presence = Away
	if !f.Load(ticket("t", 0, "a")).Exceeds(0) {
		t.Error("a seat that is away will not")
	}
}

func TestWhyWaitingNamesEverySeatAndItsReason(t *testing.T) {
	t.Parallel()
	away := seat("1001", 0, "a")
	away.Presence = Away
	f := Floor{At: noon, Waiting: []Ticket{ticket("t", 0, "a")}, Agents: []Agent{away, seat("1002", 0, "b")}}
	why := f.WhyWaiting("t")
	if len(why) != 2 || why[1].Rule != "seat 1001" || why[1].Got != "away" {
		t.Errorf("why %+v", why)
	}
	if why := f.WhyWaiting("stranger"); len(why) != 1 || why[0].Held {
		t.Errorf("a stranger: %+v", why)
	}
	f.Agents = nil
	if why := f.WhyWaiting("t"); len(why) != 2 || why[1].Held {
		t.Errorf("no seats: %+v", why)
	}
}

func TestWhateverTheFloorOneSeatHasOneCallerAndNobodyWaitsBesideAFreeSeat(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		f := randomFloor(rand.New(rand.NewPCG(seed, 7)))
		seats, tickets := make(map[AgentID]bool), make(map[TicketID]bool)
		for _, p := range f.Pair() {
			if seats[p.Agent] || tickets[p.Ticket] {
				t.Fatalf("seed %d: %+v is paired twice", seed, p)
			}
			seats[p.Agent], tickets[p.Ticket] = true, true
		}
		for _, waiting := range f.Waiting {
			for _, a := range f.Agents {
				_, serves := waiting.servedBy(a)
				if free, _ := a.CanTake(f.At); free && serves && !seats[a.ID] && !tickets[waiting.ID] {
					t.Fatalf("seed %d: %s waits while %s is free", seed, waiting.ID, a.ID)
				}
			}
		}
	}
}

func randomFloor(rng *rand.Rand) Floor {
	f := Floor{At: noon}
	queues := []string{"a", "b", "c"}
	for i := range rng.IntN(8) {
		w := ticket(fmt.Sprint("t", i), time.Duration(rng.IntN(100))*time.Second, queues[rng.IntN(3)], queues[rng.IntN(3)])
		w.Boost = []int{0, 0, BoostReturn, BoostRescue}[rng.IntN(4)]
		f.Waiting = append(f.Waiting, w)
	}
	for i := range rng.IntN(8) {
		a := seat(fmt.Sprint(1001+i), time.Duration(rng.IntN(100))*time.Second, queues[rng.IntN(3)], queues[rng.IntN(3)])
		a.Presence, a.Work, a.Reachable = Presence(rng.IntN(3)), Work(rng.IntN(5)*rng.IntN(2)), rng.IntN(4) > 0
		f.Agents = append(f.Agents, a)
	}
	return f
}

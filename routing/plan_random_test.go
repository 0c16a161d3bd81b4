package routing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// randomPlan grows a tree with up to n children a route and a depth.
func randomPlan(rng *rand.Rand, n, depth int) *Plan {
	names := 0
	var grow func(depth int) []*Route
	grow = func(depth int) []*Route {
		if depth == 0 {
			return nil
		}
		var routes []*Route
		for range rng.IntN(n + 1) {
			names++
			r := &Route{Name: fmt.Sprint("r", names), Children: grow(depth - 1)}
			for _, fact := range indexed() {
				if rng.IntN(3) == 0 {
					r.Match = append(r.Match, Matcher{Fact: fact, Values: values(rng)})
				}
			}
			if rng.IntN(4) == 0 {
				r.Match = append(r.Match, Matcher{Fact: FactHours, Values: []string{"夜间"}})
			}
			if rng.IntN(3) == 0 {
				r.Steps = []PlanStep{{Target: Target{Kind: ToNumber, Name: fmt.Sprint(names)}}}
			}
			if rng.IntN(3) == 0 {
				p := rng.IntN(MaxPriority)
				r.Priority = &p
			}
			routes = append(routes, r)
		}
		return routes
	}
	return NewPlan(Draft{
		Version: "v", Regions: jilin(), Hours: map[string]Hours{"夜间": night()},
		Root: &Route{Name: "root", Steps: []PlanStep{{Target: Target{Kind: ToDuty, Name: RegionName}}}, Children: grow(depth)},
	})
}

func night() Hours {
	return NewHours([]Shift{{Name: "夜间", From: 22 * 60, To: 6 * 60}}, Calendar{}, jilin())
}

// values are one or two small numbers.
func values(rng *rand.Rand) []string {
	all := []string{fmt.Sprint(rng.IntN(4))}
	if other := fmt.Sprint(rng.IntN(4)); rng.IntN(3) == 0 && other != all[0] {
		all = append(all, other)
	}
	return all
}

func randomRequest(rng *rand.Rand) Request {
	r := Request{Facts: make(map[string]string), At: noon.Add(time.Duration(rng.IntN(24)) * time.Hour)}
	for _, fact := range indexed() {
		r.set(fact, fmt.Sprint(rng.IntN(5)))
	}
	return r
}

// walk is the rule of the tree, written again without an index: the first
// child whose matchers all hold, and what a route does not say is its
// parent's.
func walk(p *Plan, r Request) (route *Route, steps []PlanStep, priority int) {
	route, steps = p.Root, p.Root.Steps
	for {
		i := slices.IndexFunc(route.Children, func(c *Route) bool {
			return !slices.ContainsFunc(c.Match, func(m Matcher) bool {
				if m.Fact == FactHours {
					hour := r.At.In(Beijing()).Hour()
					return hour < 22 && hour >= 6
				}
				return !slices.Contains(m.Values, r.Fact(m.Fact))
			})
		})
		if i < 0 {
			return route, steps, priority
		}
		route = route.Children[i]
		if len(route.Steps) > 0 {
			steps = route.Steps
		}
		if route.Priority != nil {
			priority = *route.Priority
		}
	}
}

func TestTheIndexNeverChangesWhichRouteTakesACall(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		p := randomPlan(rng, []int{3, 12, 120}[n%3], []int{4, 2, 1}[n%3])
		for range 100 {
			r := randomRequest(rng)
			want, steps, priority := walk(p, r)
			got := p.Decide(r)
			r.Untraced = true
			quiet := p.Decide(r)
			if got.Route != want.Name || quiet.Route != want.Name || got.Priority != priority || len(quiet.Trace) > 0 {
				t.Fatalf("plan %d: %+v goes to %s (%s untraced) at %d, want %s at %d", n, r, got.Route, quiet.Route, got.Priority, want.Name, priority)
			}
			if len(got.Steps) != len(steps) || got.Steps[0].Target.Kind != steps[0].Target.Kind {
				t.Fatalf("plan %d: %+v takes the steps %v, want %v", n, r, got.Steps, steps)
			}
		}
	}
}

func TestEveryDecisionOfAnyPlanHasAStep(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		p := randomPlan(rng, 6, 3)
		for range 50 {
			if d := p.Decide(randomRequest(rng)); len(d.Steps) == 0 {
				t.Fatalf("%s leads nowhere", d.Route)
			}
		}
	}
}

func TestAHiddenRouteIsOneThatNoRequestReaches(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	hiddenOnes, reached := 0, 0
	for n := range 300 {
		p := randomPlan(rng, []int{4, 40}[n%2], 1)
		hidden := p.Root.Hidden()
		hiddenOnes += len(hidden)
		for range 2000 {
			d := p.Decide(randomRequest(rng))
			i := slices.IndexFunc(p.Root.Children, func(c *Route) bool { return c.Name == d.Route })
			if by, is := hidden[i]; is {
				t.Fatalf("%s was reached and is said to be hidden by %v", d.Route, by)
			}
			if i >= 0 {
				reached++
			}
		}
	}
	if hiddenOnes == 0 || reached == 0 {
		t.Errorf("%d hidden, %d reached: the test has shown nothing", hiddenOnes, reached)
	}
}

func TestARouteIsHiddenByOthersTogether(t *testing.T) {
	t.Parallel()
	match := func(fact string, values ...string) Matcher { return Matcher{Fact: fact, Values: values} }
	root := &Route{Children: []*Route{
		{Name: "six", Match: []Matcher{match(FactKey, "6")}},
		{Name: "seven", Match: []Matcher{match(FactKey, "7")}},
		{Name: "both", Match: []Matcher{match(FactKey, "6", "7"), match(FactRegion, "222400")}},
		{Name: "more", Match: []Matcher{match(FactKey, "6", "7", "8")}},
	}}
	hidden := root.Hidden()
	if by := hidden[2]; !slices.Equal(by, []string{"six", "seven"}) || len(hidden) != 1 {
		t.Errorf("hidden are %v", hidden)
	}
}

func TestManyRoutesAreNotAskedOneByOne(t *testing.T) {
	t.Parallel()
	root := &Route{Name: "root", Steps: []PlanStep{{Target: Target{Kind: ToDuty, Name: RegionName}}}}
	for i := range 10_000 {
		root.Children = append(root.Children, &Route{Name: fmt.Sprint(i), Match: []Matcher{
			{Fact: FactRegion, Values: []string{fmt.Sprint(i % 10)}}, {Fact: FactDialled, Values: []string{fmt.Sprint(i)}},
		}})
	}
	p := NewPlan(Draft{Root: root, Regions: jilin()})
	d := p.Decide(Request{Dialled: "9999", Region: "9"})
	if d.Route != "9999" || len(d.Trace) > 8 {
		t.Errorf("route %s after %d checks", d.Route, len(d.Trace))
	}
	if d.Trace[0].Fact != FactOthers || d.Trace[0].Got != "9999" || d.Trace[0].Want != "10000" {
		t.Errorf("the first check is %+v", d.Trace[0])
	}
}

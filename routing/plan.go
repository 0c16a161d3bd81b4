package routing

import (
	"maps"
	"slices"
	"strconv"
)

// Draft is a plan as it is written. The reader of the configuration refuses a
// draft with unknown names, hidden routes or a search that ends with nobody.
type Draft struct {
	// Version is the hash of the configuration that the plan came from.
	Version string
	Root    *Route
	Queues  map[string]Queue
	// Pools are names for several queues, in the order in which they help.
	Pools map[string][]string
	// Hours are names for times.
	Hours   map[string]Hours
	Regions Regions
}

// Plan is a compiled draft: the route tree with everything resolved that does
// not depend on the call. It is not changed once made and may be asked by many
// at once.
type Plan struct {
	Draft
	nodes map[*Route]*node
	own   map[string]string // region → the queue of its own
}

// node is what is worked out for a route before any call comes.
type node struct {
	index *index
	// byRegion are the steps as they are for each city, with their part of
	// the trace; inherited ones are the parent's.
	byRegion map[string]resolved
	steps    []PlanStep
	priority int
	wants    []string // of Match
}

type resolved struct {
	steps []PlanStep
	trace []Check
}

// NewPlan compiles a draft.
func NewPlan(d Draft) *Plan {
	p := &Plan{Draft: d, nodes: make(map[*Route]*node), own: make(map[string]string)}
	for _, name := range slices.Sorted(maps.Keys(d.Queues)) {
		if region := d.Queues[name].Region; region != "" && p.own[region] == "" {
			p.own[region] = name
		}
	}
	p.compile(d.Root, &node{})
	return p
}

// compile works a route out with what it inherits.
func (p *Plan) compile(route *Route, parent *node) {
	n := &node{byRegion: parent.byRegion, steps: parent.steps, priority: parent.priority}
	if route.Priority != nil {
		n.priority = *route.Priority
	}
	if len(route.Steps) > 0 {
		n.steps, n.byRegion = route.Steps, make(map[string]resolved)
		for _, city := range p.Regions.Cities() {
			n.byRegion[city.Code] = p.resolve(n.steps, city.Code)
		}
	}
	at := make([]int, len(route.Children))
	for i, child := range route.Children {
		at[i] = i
		p.compile(child, n)
	}
	for _, m := range route.Match {
		n.wants = append(n.wants, m.Want())
	}
	n.index = newIndex(route.Children, at, indexed())
	p.nodes[route] = n
}

// Decide finds the route of a request and resolves its steps to queues and
// posts that exist. It is total: a plan that was loaded always returns at
// least one step.
func (p *Plan) Decide(r Request) Decision {
	d := Decision{Plan: p.Version, At: r.At}
	if !r.Untraced {
		d.Trace = make([]Check, 0, 16)
	}
	route := p.Root
	for next := route; next != nil; next = p.child(next, &r, &d) {
		route = next
	}
	n := p.nodes[route]
	found, known := n.byRegion[r.Region]
	if !known {
		found = p.resolve(n.steps, r.Region)
	}
	d.Route, d.Steps, d.Priority = route.Name, found.steps, n.priority
	if !r.Untraced {
		d.Trace = append(d.Trace, found.trace...)
	}
	if r.Urgent {
		d.hurry(r.Untraced)
	}
	return d
}

// child is the first child of a route that takes the request, nil when none
// does.
func (p *Plan) child(route *Route, r *Request, d *Decision) *Route {
	left := p.nodes[route].index.find(r)
	if skipped := len(route.Children) - len(left); skipped > 0 && !r.Untraced {
		d.Trace = append(d.Trace, Check{
			Rule: route.Name, Fact: FactOthers, Want: strconv.Itoa(len(route.Children)), Got: strconv.Itoa(skipped), Held: true,
		})
	}
	for _, i := range left {
		if child := route.Children[i]; p.holds(child, r, d) {
			return child
		}
	}
	return nil
}

// holds asks every matcher of a route until one does not hold.
func (p *Plan) holds(route *Route, r *Request, d *Decision) bool {
	for i, m := range route.Match {
		got, held := "", false
		if m.Fact == FactHours {
			got, held = p.inHours(m.Values, r)
		} else {
			got = r.Fact(m.Fact)
			held = slices.Contains(m.Values, got)
		}
		if !r.Untraced {
			d.Trace = append(d.Trace, Check{Rule: route.Name, Fact: m.Fact, Want: p.nodes[route].wants[i], Got: got, Held: held})
		}
		if !held {
			return false
		}
	}
	return true
}

// resolve turns "region" and "neighbours" into the names that stand for them
// in a region, pools into their queues, and leaves out what does not exist
// there, with a line in the trace.
func (p *Plan) resolve(steps []PlanStep, region string) resolved {
	var r resolved
	for _, step := range steps {
		target, queues := p.target(step.Target, region)
		c := Check{Rule: region, Fact: FactStep, Want: step.String(), Held: target.Kind != NoTarget}
		if c.Held {
			step.Target, step.Wants = target, nil
			for _, queue := range queues {
				step.Wants = append(step.Wants, Want{Queue: queue, Languages: step.Languages, Skills: step.Skills})
			}
			c.Got = step.String()
			r.steps = append(r.steps, step)
		}
		r.trace = append(r.trace, c)
	}
	return r
}

// target is what a target stands for in a region, and the queues that it
// reaches there; NoTarget when there is nothing of the kind.
func (p *Plan) target(t Target, region string) (Target, []string) {
	switch {
	case t.Kind == ToQueue && t.Name == RegionName:
		if own := p.own[region]; own != "" {
			return Target{Kind: ToQueue, Name: own}, []string{own}
		}
		return Target{}, nil
	case t.Kind == ToQueue && t.Name == NeighbourName:
		var near []string
		city, _ := p.Regions.Find(region)
		for _, code := range city.Neighbours {
			if own := p.own[code]; own != "" {
				near = append(near, own)
			}
		}
		if len(near) > 0 {
			return t, near
		}
		return Target{}, nil
	case t.Kind == ToQueue:
		if _, ok := p.Queues[t.Name]; ok {
			return t, []string{t.Name}
		}
		return Target{}, nil
	case t.Kind == ToPool:
		if queues := p.Pools[t.Name]; len(queues) > 0 {
			return t, queues
		}
		return Target{}, nil
	case t.Kind == ToDuty && t.Name == RegionName:
		return Target{Kind: ToDuty, Name: region}, nil
	}
	return t, nil
}

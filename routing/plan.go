package routing

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Plan is the compiled route tree.
type Plan struct {
	// Version is the hash of the configuration that the plan came from.
	Version string
	Root    *Route
	Queues  map[string]Queue
	Regions Regions
}

// Route is a node of the tree. The first child whose matchers all hold takes
// the call; a node without steps inherits its parent's.
type Route struct {
	Name     string
	Match    []Matcher
	Steps    []PlanStep
	Children []*Route
}

// Matcher holds when the named fact of a request has one of the values.
type Matcher struct {
	// Fact is "key", "region", "dialled", or a name in Request.Facts.
	Fact   string
	Values []string
}

// PlanStep is one widening of the search for a person. Steps add up: a caller
// keeps the place in earlier queues.
type PlanStep struct {
	Target Target
	// After is how long after the start of the search the step begins. A step
	// that can serve nobody is not waited out: the next begins at once.
	After time.Duration
}

// Request is what is known of a call when it looks for a person.
type Request struct {
	Dialled string
	// Region is the code of the city through whose line the call came.
	Region string
	// Key is what the caller pressed; "" when nothing was pressed.
	Key   string
	Facts map[string]string
	At    time.Time
}

// Fact returns a named fact of the request as matchers see it.
func (r Request) Fact(name string) string {
	switch name {
	case "key":
		return r.Key
	case "region":
		return r.Region
	case "dialled":
		return r.Dialled
	}
	return r.Facts[name]
}

// Decision is the answer of a plan with the trace that led to it.
type Decision struct {
	Route string
	Plan  string
	Steps []PlanStep
	At    time.Time
	Trace []Check
}

// Check is one line of a trace: what was asked, what was found, whether it
// held.
type Check struct {
	Rule string `json:"rule"`
	Test string `json:"test"`
	Got  string `json:"got"`
	Held bool   `json:"held"`
}

// Decide finds the route of a request and resolves its steps to queues and
// posts that exist. It is total: a plan that was loaded always returns at
// least one step.
func (p *Plan) Decide(r Request) Decision {
	d := Decision{Plan: p.Version, At: r.At}
	route, steps := p.Root, p.Root.Steps
	d.Route = route.Name
	for descended := true; descended; {
		descended = false
		for _, child := range route.Children {
			if !child.holds(r, &d) {
				continue
			}
			route, descended = child, true
			d.Route = child.Name
			if len(child.Steps) > 0 {
				steps = child.Steps
			}
			break
		}
	}
	d.Steps = p.resolve(steps, r, &d)
	return d
}

func (n *Route) holds(r Request, d *Decision) bool {
	for _, m := range n.Match {
		got := r.Fact(m.Fact)
		held := slices.Contains(m.Values, got)
		d.Trace = append(d.Trace, Check{Rule: n.Name, Test: m.String(), Got: got, Held: held})
		if !held {
			return false
		}
	}
	return true
}

// String is the matcher as it is written: key = 6 | 7.
func (m Matcher) String() string {
	var s strings.Builder
	s.WriteString(m.Fact + " =")
	for i, v := range m.Values {
		if i > 0 {
			s.WriteString(" |")
		}
		s.WriteString(" " + v)
	}
	return s.String()
}

// resolve turns "region" into the names that stand for the call's region, and
// drops what does not exist there, with a line in the trace.
func (p *Plan) resolve(steps []PlanStep, r Request, d *Decision) []PlanStep {
	var resolved []PlanStep
	for _, step := range steps {
		target, ok := p.target(step.Target, r.Region)
		d.Trace = append(d.Trace, Check{
			Rule: d.Route, Test: "to " + step.Target.String() + " after " + step.After.String(),
			Got: target.String(), Held: ok,
		})
		if ok {
			resolved = append(resolved, PlanStep{Target: target, After: step.After})
		}
	}
	return resolved
}

func (p *Plan) target(t Target, region string) (Target, bool) {
	switch {
	case t.Kind == ToQueue && t.Name == RegionName:
		for _, name := range slices.Sorted(maps.Keys(p.Queues)) {
			if p.Queues[name].Region == region {
				return Target{Kind: ToQueue, Name: name}, true
			}
		}
		return Target{}, false
	case t.Kind == ToQueue:
		_, ok := p.Queues[t.Name]
		return t, ok
	case t.Kind == ToDuty && t.Name == RegionName:
		return Target{Kind: ToDuty, Name: region}, true
	}
	return t, true
}

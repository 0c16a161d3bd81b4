package routing

import "slices"

// index finds the children of a route that can take a request without asking
// all of them: it splits them by one fact after the other. It only leaves out
// children whose matcher for a fact does not have the request's value, so the
// first that holds among what is left is the first that holds of all.
type index struct {
	fact string
	by   map[string]*index
	// rest is for values that no child names: children without a matcher for
	// the fact.
	rest *index
	// children of a leaf, as positions in their order.
	children []int
}

const (
	// fewChildren are asked one by one, so that the trace names each.
	fewChildren = 24
	// mostCopies bounds how often a child may stand in the index.
	mostCopies = 4
)

// newIndex splits the children with these positions by the facts.
func newIndex(children []*Route, at []int, facts []string) *index {
	if len(at) <= fewChildren {
		return &index{children: at}
	}
	best, bestSplit, most := "", map[string][]int(nil), len(at)*3/4
	for _, fact := range facts {
		split, largest, copies := splitBy(children, at, fact)
		if largest < most && copies <= mostCopies*len(at) {
			best, bestSplit, most = fact, split, largest
		}
	}
	if best == "" {
		return &index{children: at}
	}
	others := slices.DeleteFunc(slices.Clone(facts), func(f string) bool { return f == best })
	node := &index{fact: best, by: make(map[string]*index, len(bestSplit))}
	for value, positions := range bestSplit {
		if value == unnamed {
			continue
		}
		node.by[value] = newIndex(children, positions, others)
	}
	node.rest = newIndex(children, bestSplit[unnamed], others)
	return node
}

// unnamed stands for every value that no child names.
const unnamed = "\x00"

// splitBy puts the children under the values of a fact that they can take. It
// returns the size of the largest part and of all parts together.
func splitBy(children []*Route, at []int, fact string) (split map[string][]int, largest, copies int) {
	split = map[string][]int{unnamed: nil}
	for _, i := range at {
		for _, v := range children[i].valuesOf(fact) {
			split[v] = nil
		}
	}
	if len(split) == 1 {
		return split, len(at), len(at)
	}
	for _, i := range at {
		values := children[i].valuesOf(fact)
		if values == nil { // takes any value
			for v := range split {
				split[v] = append(split[v], i)
				copies++
			}
			if copies > mostCopies*len(at) {
				return split, len(at), copies
			}
			continue
		}
		for _, v := range values {
			if n := len(split[v]); n == 0 || split[v][n-1] != i {
				split[v] = append(split[v], i)
				copies++
			}
		}
	}
	for _, part := range split {
		largest = max(largest, len(part))
	}
	return split, largest, copies
}

// valuesOf are the values of a fact that a route takes, nil for any.
func (n *Route) valuesOf(fact string) []string {
	for _, m := range n.Match {
		if m.Fact == fact {
			return m.Values
		}
	}
	return nil
}

// indexed are the facts that an index can split by: those with one value for
// each request.
func indexed() []string {
	return []string{FactDialled, FactKey, FactRegion, FactIntent, FactTrunk, FactLanguage, FactMissed, FactRepeat, FactRisk}
}

// find returns the positions of the children that are left for a request.
func (x *index) find(r *Request) []int {
	for x.fact != "" {
		next, ok := x.by[r.Fact(x.fact)]
		if !ok {
			next = x.rest
		}
		x = next
	}
	return x.children
}

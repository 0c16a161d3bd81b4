package routing

import (
	"slices"
	"strings"
)

// Route is a node of the tree. The first child whose matchers all hold takes
// the call; what a node does not say it inherits from its parent.
type Route struct {
	Name  string
	Match []Matcher
	// Steps are the widening search for a person; none: the parent's.
	Steps []PlanStep
	// Priority goes before age in line; nil: the parent's.
	Priority *int
	Children []*Route
}

// Matcher holds when the named fact of a request has one of the values.
type Matcher struct {
	// Fact is one of the facts of a request. The values of FactHours are
	// names of hours.
	Fact   string
	Values []string
}

// Want is the values as people read them: "6 | 7".
func (m Matcher) Want() string { return strings.Join(m.Values, " | ") }

// covers reports whether every request that the other matcher takes is taken
// by this one too.
func (m Matcher) covers(other Matcher) bool {
	return m.Fact == other.Fact && !slices.ContainsFunc(other.Values, func(v string) bool { return !slices.Contains(m.Values, v) })
}

// covers reports whether every request that the other route takes is taken by
// this one too, so that a later other is never reached.
func (n *Route) covers(other []Matcher) bool {
	return !slices.ContainsFunc(n.Match, func(mine Matcher) bool {
		return !slices.ContainsFunc(other, mine.covers)
	})
}

// manyCases bounds how finely a route with several values is taken apart when
// it is looked for what hides it.
const manyCases = 256

// cases takes matchers with several values apart in matchers with one each;
// as they are when that would be too many.
func cases(match []Matcher) [][]Matcher {
	all := [][]Matcher{nil}
	for _, m := range match {
		if len(all)*len(m.Values) > manyCases {
			return [][]Matcher{match}
		}
		var more [][]Matcher
		for _, one := range all {
			for _, v := range m.Values {
				more = append(more, append(slices.Clip(one), Matcher{Fact: m.Fact, Values: []string{v}}))
			}
		}
		all = more
	}
	return all
}

// Hidden names for each child that no request can reach the earlier siblings
// that take every call of it.
func (n *Route) Hidden() map[int][]string {
	at := make([]int, len(n.Children))
	for i := range at {
		at[i] = i
	}
	children := newIndex(n.Children, at, indexed())
	hidden := make(map[int][]string)
	for i := range n.Children {
		if by := n.hiddenBy(i, children); len(by) > 0 {
			hidden[i] = by
		}
	}
	return hidden
}

// hiddenBy asks only those siblings that the index leaves: who takes all calls
// of a child takes the one with its values too.
func (n *Route) hiddenBy(child int, siblings *index) []string {
	var by []string
	for _, one := range cases(n.Children[child].Match) {
		probe := Request{Facts: make(map[string]string)}
		for _, m := range one {
			probe.set(m.Fact, m.Values[0])
		}
		earlier := siblings.find(&probe)
		at := slices.IndexFunc(earlier, func(i int) bool { return i < child && n.Children[i].covers(one) })
		if at < 0 {
			return nil
		}
		if name := n.Children[earlier[at]].Name; !slices.Contains(by, name) {
			by = append(by, name)
		}
	}
	return by
}

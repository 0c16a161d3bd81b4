package graph

import (
	"maps"
	"slices"
	"strings"

	"weibao/ivr"
	"weibao/routing"
)

// calls are those that leave the menus in one way.
type calls struct {
	// path is what was pressed in menus before the last choice.
	path string
	walk ivr.Walk
	// cities are those whose callers can do so.
	cities []string
}

// ways are all ways in which the callers of a city leave the menus.
func ways(book ivr.Book, city string) []calls {
	var found []calls
	var visit func(ivr.Walk, int)
	visit = func(w ivr.Walk, depth int) {
		menu := book.Menus[w.Menu]
		inputs := slices.Sorted(maps.Keys(menu.Keys))
		inputs = append(inputs, "")
		if other := strings.IndexFunc(keypad, func(key rune) bool { _, has := menu.Keys[string(key)]; return !has }); other >= 0 {
			inputs = append(inputs, keypad[other:other+1])
		}
		for _, key := range inputs {
			next, _ := book.Next(w, ivr.Input{Key: key})
			if next.Done || depth == deepest {
				found = append(found, calls{path: w.Keys, walk: next, cities: []string{city}})
				continue
			}
			visit(next, depth+1)
		}
	}
	start, _ := book.Start(city)
	visit(start, 0)
	return found
}

const (
	keypad = "0123456789*#"
	// deepest bounds menus that lead to one another; the reader of the
	// configuration refuses circles.
	deepest = 8
)

// holding says for how many of some calls a matcher holds.
type holding uint8

const (
	never holding = iota
	sometimes
	always
)

// hold says whether a matcher holds, and for which of the cities.
func (c calls) hold(m routing.Matcher) (holding, []string) {
	switch m.Fact {
	case routing.FactKey, routing.FactIntent, routing.FactMissed, routing.FactLanguage:
		request := routing.Request{Key: c.walk.Keys, Intent: c.walk.Intent, Missed: c.walk.Missed, Language: c.walk.Language}
		if slices.Contains(m.Values, request.Fact(m.Fact)) {
			return always, c.cities
		}
		return never, nil
	case routing.FactRegion:
		among := slices.DeleteFunc(slices.Clone(c.cities), func(city string) bool { return !slices.Contains(m.Values, city) })
		switch len(among) {
		case 0:
			return never, nil
		case len(c.cities):
			return always, among
		}
		return sometimes, among
	}
	return sometimes, c.cities
}

// reach finds the routes that can take the calls in the end, in the order in
// which they are asked. The route itself takes those that no child takes.
func (c calls) reach(route *routing.Route) []*routing.Route {
	var found []*routing.Route
	for _, child := range route.Children {
		// open is set when it depends on more than the city.
		open, some, mine := false, true, c.cities
		for _, m := range child.Match {
			how, cities := c.hold(m)
			some = some && how != never
			open = open || how == sometimes && m.Fact != routing.FactRegion
			mine = slices.DeleteFunc(slices.Clone(mine), func(city string) bool { return !slices.Contains(cities, city) })
		}
		if !some || len(mine) == 0 {
			continue
		}
		inner := c
		inner.cities = mine
		found = append(found, inner.reach(child)...)
		if open {
			continue
		}
		c.cities = slices.DeleteFunc(slices.Clone(c.cities), func(city string) bool { return slices.Contains(mine, city) })
		if len(c.cities) == 0 {
			return found
		}
	}
	return append(found, route)
}

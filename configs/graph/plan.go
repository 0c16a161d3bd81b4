package graph

import (
	"slices"
	"strconv"
	"strings"

	"weibao/routing"
)

// gate is where calls come in, and how they go on from there.
type gate struct {
	in   *box
	ways []calls
}

// plan draws what follows behind the gates.
func (a *artist) plan(gates []gate) {
	root := a.s.Guide.Plan.Root
	takes := make(map[*routing.Route]bool)
	for _, g := range gates {
		for _, c := range g.ways {
			for _, route := range c.reach(root) {
				takes[route] = true
			}
		}
	}
	drawn := make(map[*routing.Route]*box)
	left := a.routes(branch{route: root, steps: root}, takes, drawn)
	if left > 0 {
		a.chart.notes = append(a.chart.notes, a.f("另有 %[1]d 条路由不接这里的来电，没有画。", "%[1]d more routes take no calls of this place and are not drawn.", left))
	}
	for _, g := range gates {
		a.keys(g, drawn)
	}
	a.above()
}

// keys draws the ways out of the menus, each with the routes that can take it.
func (a *artist) keys(g gate, drawn map[*routing.Route]*box) {
	var last *box
	var lastTo []*routing.Route
	for _, c := range g.ways {
		to := c.reach(a.s.Guide.Plan.Root)
		pressed, lines := a.way(c)
		if last != nil && c.walk.Missed != "" && slices.Equal(to, lastTo) && slices.Equal(last.lines, lines) {
			last.title += a.f("，或", ", or ") + a.say.Missed(c.walk.Missed)
			continue
		}
		last, lastTo = a.add(keyColumn, box{kind: keyBox, title: pressed, lines: lines, group: last == nil}), nil
		if c.walk.Missed != "" {
			lastTo = to
		}
		a.link(edge{from: g.in, to: last})
		for _, route := range to {
			a.link(edge{from: last, to: drawn[route]})
		}
	}
}

// way says what a caller did in the menus, and what follows from it.
func (a *artist) way(c calls) (pressed string, lines []string) {
	var parts []string
	path := c.walk.Keys
	if c.walk.Missed != "" {
		path = c.path
	}
	if path != "" {
		parts = append(parts, a.f("按 %[1]s", "key %[1]s", strings.TrimSpace(a.say.Keys(path))))
	}
	if c.walk.Missed != "" {
		parts = append(parts, a.say.Missed(c.walk.Missed))
	}
	if c.walk.Intent != "" {
		lines = append(lines, a.f("来意 %[1]s", "intent %[1]s", c.walk.Intent))
	}
	if c.walk.Language != "" {
		lines = append(lines, a.f("选了%[1]s", "%[1]s is chosen", a.say.Language(c.walk.Language)))
	}
	return strings.Join(parts, a.f("，再", ", then ")), lines
}

// branch is a route in its tree.
type branch struct {
	route *routing.Route
	above *box
	// steps is the route whose steps hold here, for it or one above it.
	steps    *routing.Route
	priority int
	depth    int
}

// routes draws a route and those below it, as far as they take calls. It
// returns how many do not.
func (a *artist) routes(b branch, takes map[*routing.Route]bool, drawn map[*routing.Route]*box) (left int) {
	if !leads(b.route, takes) {
		return 1 + below(b.route)
	}
	if len(b.route.Steps) > 0 {
		b.steps = b.route
	}
	if b.route.Priority != nil {
		b.priority = *b.route.Priority
	}
	r := a.add(routeColumn, box{kind: routeBox, title: b.route.Name, depth: b.depth})
	for _, m := range b.route.Match {
		r.lines = append(r.lines, a.matcher(m))
	}
	switch {
	case !takes[b.route]:
		r.kind = aboveBox
		r.lines = append(r.lines, a.f("来电都走下面的路由", "every call takes a route below"))
	case b.depth == 0:
		r.lines = append(r.lines, a.f("其余的来电", "every other call"))
	}
	if b.priority > 0 {
		r.lines = append(r.lines, a.f("优先级 %[1]d", "priority %[1]d", b.priority))
	}
	drawn[b.route] = r
	a.link(edge{from: b.above, to: r, tree: true})
	if takes[b.route] {
		a.link(edge{from: r, to: a.search(b.steps)})
	}
	for _, child := range b.route.Children {
		left += a.routes(branch{route: child, above: r, steps: b.steps, priority: b.priority, depth: b.depth + 1}, takes, drawn)
	}
	return left
}

// leads says whether a route or one below it takes calls.
func leads(route *routing.Route, takes map[*routing.Route]bool) bool {
	return takes[route] || slices.ContainsFunc(route.Children, func(child *routing.Route) bool { return leads(child, takes) })
}

// below counts the routes below a route.
func below(route *routing.Route) int {
	count := len(route.Children)
	for _, child := range route.Children {
		count += below(child)
	}
	return count
}

// matcher says which calls a route takes.
func (a *artist) matcher(m routing.Matcher) string {
	word, known := map[string][2]string{
		routing.FactKey: {"按键", "key"}, routing.FactRegion: {"来自", "from"}, routing.FactDialled: {"拨打", "dialled"},
		routing.FactTrunk: {"中继线", "trunk"}, routing.FactLanguage: {"选了", "language"}, routing.FactIntent: {"来意", "intent"},
		routing.FactMissed: {"来电人", "caller:"}, routing.FactHours: {"时段", "hours"},
		routing.FactRepeat: {"来电人", "caller:"}, routing.FactRisk: {"号码", "number:"},
	}[m.Fact]
	if !known {
		word = [2]string{m.Fact, m.Fact}
	}
	names := make([]string, len(m.Values))
	for i, value := range m.Values {
		names[i] = a.value(m.Fact, value)
	}
	return a.f(word[0], word[1]) + " " + strings.Join(names, a.f("、", ", "))
}

// value is a value of a fact in words.
func (a *artist) value(fact, value string) string {
	switch {
	case fact == routing.FactKey:
		return strings.TrimSpace(a.say.Keys(value))
	case fact == routing.FactRegion:
		return a.say.Region(value)
	case fact == routing.FactLanguage:
		return a.say.Language(value)
	case fact == routing.FactMissed:
		return a.say.Missed(value)
	case fact == routing.FactRepeat && value == routing.RepeatLost:
		return a.f("半小时内打来过、没等到人接", "was lost in line within the last half hour")
	case fact == routing.FactRisk && value == routing.RiskFlagged:
		return a.f("班长标记过", "marked by a supervisor")
	case fact == routing.FactRisk && value == routing.RiskLimited:
		return a.f("限制期内", "limited for a time")
	}
	return value
}

// search draws the steps of a route one below the other, once, and returns the
// first.
func (a *artist) search(route *routing.Route) *box {
	if first, drawn := a.steps[route]; drawn {
		return first
	}
	var first, last *box
	begun := a.city == "" // what is left out comes before the begin
	for i, s := range a.resolved(route.Steps) {
		if s.exists && !begun {
			s.step.After, s.step.Ratio, begun = 0, 0, true
		}
		b := a.add(stepColumn, a.step(i, s))
		if first == nil {
			first, b.group = b, true
		}
		a.link(edge{from: last, to: b})
		last = b
		if s.exists {
			a.link(edge{from: b, to: a.people(s.step)})
		}
	}
	a.steps[route] = first
	return first
}

// planned is a step as it is written, and as it is for the city.
type planned struct {
	written, step routing.PlanStep
	exists        bool
}

// resolved are steps as they are for the city; for the whole plan, as they are
// written. The plan itself resolves them.
func (a *artist) resolved(steps []routing.PlanStep) []planned {
	all := make([]planned, len(steps))
	draft := a.s.Guide.Plan.Draft
	for i, step := range steps {
		all[i] = planned{written: step, step: step, exists: true}
		if a.city == "" {
			continue
		}
		draft.Root = &routing.Route{Steps: []routing.PlanStep{step}}
		found := routing.NewPlan(draft).Decide(routing.Request{Region: a.city, Untraced: true}).Steps
		if all[i].exists = len(found) > 0; all[i].exists {
			all[i].step = found[0]
		}
	}
	return all
}

// step is the box of a step, its number counted from 0. The first that there is
// begins at once.
func (a *artist) step(i int, s planned) box {
	if !s.exists {
		return box{kind: skipBox, title: a.f("第 %[1]d 步　跳过", "step %[1]d: left out", i+1), lines: []string{a.say.Step(s.written), a.f("这里没有", "there is none here")}}
	}
	b := box{kind: stepBox, title: a.f("第 %[1]d 步　马上", "step %[1]d: at once", i+1), lines: []string{a.say.Step(s.step)}}
	if s.step.After > 0 {
		b.title = a.f("第 %[1]d 步　%[2]s后", "step %[1]d: after %[2]s", i+1, a.say.Duration(s.step.After))
	}
	if s.step.Ratio > 0 {
		ratio := strconv.FormatFloat(s.step.Ratio, 'g', -1, 64)
		b.lines = append(b.lines, a.f("前面平均每个坐席有超过 %[1]s 人在等，就提前", "earlier when more than %[1]s wait for each seat before", ratio))
	}
	if len(s.step.Wants) > 0 && len(s.step.Languages)+len(s.step.Skills) > 0 {
		b.lines = append(b.lines, a.f("符合的：%[1]s", "able: %[1]s", a.seats(s.step.Wants)))
	}
	return b
}

package configs

import (
	"maps"
	"slices"
	"strings"

	"weibao/routing"
)

// checkReach finds routes that no call can take: an earlier one takes all of
// their calls, or they want what a route above has excluded.
func (b *planBook) checkReach() {
	if len(b.src.faults) > 0 || b.src.broken || b.menus.broken() {
		return // what is wrong already would be said again in other words
	}
	root := &routing.Route{Children: routesOf(b.file.Plan.Routes)}
	b.checkHidden(place{"plan", "routes"}, root)
	b.checkExcluded(place{"plan", "routes"}, b.file.Plan.Routes, nil)
	b.checkNamed()
}

// checkHidden looks at the children of a route, which stand at p.
func (b *planBook) checkHidden(p place, route *routing.Route) {
	hidden := route.Hidden()
	for i, child := range route.Children {
		at := p.with(i)
		if by := hidden[i]; len(by) > 0 {
			b.src.wrong(at.with("name"), Fault{
				What: say("没有来电会走到 %s：前面的 %s 已经全部接走", "no call ever takes %s: %s before it takes them all", child.Name, strings.Join(by, "、")),
				Want: say("把更细的例外写在前面", "the narrower exception before the wider one"),
			})
		}
		b.checkHidden(at.with("routes"), child)
	}
}

// checkExcluded finds values that a route above has excluded.
func (b *planBook) checkExcluded(p place, routes []routeShape, above []routing.Matcher) {
	for i, route := range routes {
		at := p.with(i)
		for _, m := range route.Match.lines() {
			for _, limit := range above {
				if m.Fact != limit.Fact || m.Fact == routing.FactHours || slices.ContainsFunc(m.Values, func(v string) bool { return slices.Contains(limit.Values, v) }) {
					continue
				}
				b.src.wrong(at.with("match").with(m.Fact), Fault{
					What: say("没有来电会走到 %s：上一级只让 %s 是 %s 的进来", "no call ever takes %s: above it %s is %s", route.Name, m.Fact, limit.Want()),
				})
			}
		}
		b.checkExcluded(at.with("routes"), route.Routes, append(slices.Clip(above), route.Match.lines()...))
	}
}

// checkNamed finds queues, pools and hours that nothing uses: mostly a name
// that was changed in one place only, and seats that would never be rung.
func (b *planBook) checkNamed() {
	steps, hours := used(b.file.Plan.Routes)
	for _, step := range b.file.Plan.Steps {
		steps = append(steps, step.To)
	}
	reached := []string{b.queues.file.Supervisors}
	for _, to := range steps {
		target, _ := routing.ParseTarget(to) // checked before
		reached = append(reached, b.queuesOf(target)...)
	}
	for _, queue := range b.queues.names() {
		if !slices.Contains(reached, queue) && !b.queues.src.broken {
			b.queues.src.wrongKey(place{"queues", queue}, Fault{
				What: say("没有路由到队列 %s，它的坐席永远接不到电话", "no route leads to the queue %s; its seats would never be rung", queue),
				Want: say("plan.yaml 里写 to: queue:%s，或删掉它", "to: queue:%s in plan.yaml, or nothing", queue),
			})
		}
	}
	for _, pool := range slices.Sorted(maps.Keys(b.queues.file.Pools)) {
		if !slices.Contains(steps, "pool:"+string(pool)) {
			b.queues.src.wrongKey(place{"pools", string(pool)}, Fault{
				What: say("没有路由用到 %s", "no route uses the pool %s", pool),
				Want: say("plan.yaml 里写 to: pool:%s，或删掉它", "to: pool:%s in plan.yaml, or nothing", pool),
			})
		}
	}
	for _, named := range slices.Sorted(maps.Keys(b.file.Hours)) {
		if !slices.Contains(hours, named) && !slices.Contains(b.inMenus, named) {
			b.src.wrongKey(place{"hours", named}, Fault{What: say("没有路由或按键用到时段 %s", "no route and no key uses the hours %s", named)})
		}
	}
}

// used are the targets and hours that routes name.
func used(routes []routeShape) (steps, hours []string) {
	for _, route := range routes {
		for _, step := range route.Steps {
			steps = append(steps, step.To)
		}
		hours = append(hours, route.Match.Hours...)
		below, more := used(route.Routes)
		steps, hours = append(steps, below...), append(hours, more...)
	}
	return steps, hours
}

package configs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"weibao/routing"
)

// planBook is the plan while it is checked.
type planBook struct {
	src  *source
	file planFile
	reader
	names map[string]place
	// inMenus are the hours that keys in line name.
	inMenus []string
}

func readPlan(src *source, r reader) *planBook {
	b := &planBook{src: src, reader: r, names: make(map[string]place)}
	src.decode(&b.file)
	b.checkSteps(place{"plan", "steps"}, b.file.Plan.Steps)
	b.nameIt(place{"plan", "name"}, b.file.Plan.Name)
	b.checkHours()
	if !b.src.broken {
		b.inMenus = b.menus.checkHours(slices.Sorted(maps.Keys(b.file.Hours)))
	}
	b.checkRoutes(place{"plan", "routes"}, b.file.Plan.Routes)
	b.checkReach()
	return b
}

func (b *planBook) checkRoutes(p place, routes []routeShape) {
	for i, route := range routes {
		at := p.with(i)
		b.nameIt(at.with("name"), route.Name)
		b.checkMatch(at.with("match"), route.Match)
		if len(route.Steps) > 0 {
			b.checkSteps(at.with("steps"), route.Steps)
		}
		b.checkRoutes(at.with("routes"), route.Routes)
	}
}

func (b *planBook) nameIt(p place, name string) {
	if name == "" {
		return
	}
	if first, twice := b.names[name]; twice {
		b.src.wrong(p, Fault{What: say("路由名 %s 重复，第 %d 行已经有了", "the route name %s is there twice, first in line %d", name, b.src.at(first).Line)})
		return
	}
	b.names[name] = p
}

func (b *planBook) checkMatch(p place, match matchShape) {
	for _, line := range match.lines() {
		at := p.with(line.Fact)
		if len(line.Values) == 0 {
			b.src.wrong(at, Fault{What: say("不能是空的", "this must not be empty")})
		}
		for i, value := range line.Values {
			b.checkValue(b.src.item(at, i), line.Fact, value)
		}
	}
}

// checkValue refuses a value that no call can have.
func (b *planBook) checkValue(p place, fact, value string) {
	var known []string
	switch fact {
	case routing.FactRegion:
		if b.regions.known(b.src, p, value) && b.regions.notCity(value) {
			b.src.wrong(p, Fault{What: say("%s 不是市（州），来电按市（州）分", "%s is not a prefecture; calls belong to prefectures", value), Near: b.regions.city(value).Code})
		}
		return
	case routing.FactKey:
		b.checkKey(p, value)
		return
	case routing.FactIntent:
		known = b.menus.intents()
	case routing.FactLanguage:
		known, _ = b.menus.chosen()
	case routing.FactHours:
		known = slices.Sorted(maps.Keys(b.file.Hours))
	case routing.FactMissed:
		known = []string{"silence", "wrong"}
	case routing.FactRepeat:
		known = []string{routing.RepeatLost}
	case routing.FactRisk:
		known = routing.Risks()
	default:
		return
	}
	if slices.Contains(known, value) || b.menus.broken() && fact != routing.FactHours {
		return
	}
	want := Words{ZH: strings.Join(known, ", ")}
	switch {
	case fact == routing.FactLanguage && len(known) == 0:
		want = say("先在 menus/ 里给一个按键写 language", "a key in menus/ that chooses a language")
	case fact == routing.FactHours && len(known) == 0:
		want = say("先在 hours 里写这个时段", "these hours under hours")
	}
	b.src.wrong(p, Fault{What: say("%s 不会是 %s", "%s is never %s", fact, quote(value)), Want: want, Near: nearest(value, known)})
}

// checkKey refuses keys that no telephone has, and paths that no menu offers:
// whoever moves a key in a menu must move it here too.
func (b *planBook) checkKey(p place, path string) {
	_, known := b.menus.chosen()
	switch {
	case path == "": // nothing was pressed
	case strings.Trim(path, "0123456789*#") != "":
		b.src.wrong(p, Fault{What: say("%s 不会是 %s", "%s is never %s", routing.FactKey, quote(path)), Want: Words{ZH: strings.Join(known, ", ")}})
	case !slices.Contains(known, path) && !b.menus.broken():
		b.src.wrong(p, Fault{
			What: say("菜单里没有按键 %s", "no menu offers the keys %s", path),
			Want: Words{ZH: strings.Join(known, ", ")}, Near: nearest(path, known),
		})
	}
}

// checkSteps checks that a search goes on until a person answers.
func (b *planBook) checkSteps(p place, steps []stepShape) {
	var before time.Duration
	for i, step := range steps {
		at := p.with(i)
		b.checkStep(at, step)
		if i == 0 && step.After > 0 {
			b.src.wrong(at.with("after"), Fault{What: say("第一步不能等", "the first step must not wait")})
		}
		if i == 0 && step.Ratio > 0 {
			b.src.wrong(at.with("ratio"), Fault{What: say("第一步前面没有坐席，ratio 没有意义", "there are no seats before the first step for a ratio")})
		}
		if step.After < before {
			b.src.wrong(at.with("after"), Fault{What: say("%s 比上一步的 %s 还早", "%s is earlier than the %s of the step before", step.After, before)})
		}
		if first := slices.IndexFunc(steps[:i], step.same); first >= 0 {
			b.src.wrong(at, Fault{What: say("和第 %d 步一样", "this is step %d again", first+1)})
		}
		before = max(before, step.After)
	}
	if len(steps) > 0 && !b.src.faulty(p.with(len(steps)-1)) && !strings.HasPrefix(steps[len(steps)-1].To, "duty:") {
		b.src.wrong(p.with(len(steps)-1), Fault{
			What: say("最后一步没有值班电话，可能谁也接不到", "the last step rings no duty post; the search could end with nobody"),
			Want: say("最后一步写 to: duty:region", "a last step to: duty:region"),
		})
	}
}

// same reports a step that would ask the same people again.
func (s stepShape) same(other stepShape) bool {
	return s.To == other.To && slices.Equal(s.Languages, other.Languages) && slices.Equal(s.Skills, other.Skills)
}

// checkStep checks that a step leads somewhere, and that somebody there has
// what it wants.
func (b *planBook) checkStep(p place, step stepShape) {
	b.checkTarget(p.with("to"), step.To)
	skills := texts(slices.Sorted(maps.Keys(b.agents.file.Skills)))
	for i, skill := range step.Skills {
		if !slices.Contains(skills, skill) && !b.agents.src.broken {
			b.src.wrong(b.src.item(p.with("skills"), i), Fault{What: say("没有技能 %s", "there is no skill %s", skill), Near: nearest(skill, skills)})
		}
	}
	if len(step.Skills)+len(step.Languages) == 0 || b.src.faulty(p) || b.agents.src.broken || b.queues.src.broken {
		return
	}
	target, _ := routing.ParseTarget(step.To) // checked before
	queues := b.queuesOf(target)
	if queues == nil {
		b.src.wrong(p, Fault{What: say("%s 不是坐席，不能要求语言和技能", "%s has no seats that could have a language or skill", step.To)})
		return
	}
	able := func(a agentShape) bool {
		seat := routing.Agent{Queues: a.Queues, Languages: texts(a.Languages), Skills: a.Skills}
		return slices.ContainsFunc(queues, func(q string) bool {
			return seat.Serves(routing.Want{Queue: q, Languages: texts(step.Languages), Skills: step.Skills})
		})
	}
	if !slices.ContainsFunc(b.agents.file.Agents, able) {
		b.src.wrong(p, Fault{
			What: say("%s 里没有坐席会 %s", "no seat of %s has %s", step.To, strings.Join(append(texts(step.Languages), step.Skills...), ", ")),
			Want: say("agents.yaml 里至少一人的 languages、skills 符合", "a person in agents.yaml with these languages and skills"),
		})
	}
}

// queuesOf are the queues that a target can reach for some city; nil when it
// is none of seats.
func (b *planBook) queuesOf(t routing.Target) []string {
	switch {
	case t.Kind == routing.ToPool:
		return b.queues.pools()[t.Name]
	case t.Kind == routing.ToQueue && (t.Name == routing.RegionName || t.Name == routing.NeighbourName):
		var own []string
		for _, queue := range b.queues.names() {
			if b.queues.file.Queues[name(queue)].Region != "" {
				own = append(own, queue)
			}
		}
		return own
	case t.Kind == routing.ToQueue:
		return []string{t.Name}
	}
	return nil
}

// checkTarget checks that a target exists.
func (b *planBook) checkTarget(p place, to string) {
	if to == "" {
		return
	}
	want := say("queue:名字、queue:region、queue:neighbours、pool:名字、duty:代码、duty:region 或 number:号码",
		"queue:NAME, queue:region, queue:neighbours, pool:NAME, duty:CODE, duty:region or number:DIGITS")
	target, err := routing.ParseTarget(to)
	if err != nil {
		b.src.wrong(p, Fault{What: say("看不懂去向 %s", "%s is not a target", quote(to)), Want: want, Near: b.nearTarget(to)})
		return
	}
	switch target.Kind {
	case routing.ToQueue:
		if target.Name != routing.RegionName && target.Name != routing.NeighbourName {
			b.queues.known(b.src, p, target.Name)
		}
	case routing.ToPool:
		b.queues.knownPool(b.src, p, target.Name)
	case routing.ToDuty:
		if target.Name != routing.RegionName && b.regions.known(b.src, p, target.Name) {
			b.rotas.covers(b.src, p, target.Name)
		}
	case routing.ToNumber:
		if !slices.Contains(b.file.Numbers, digits(target.Name)) {
			b.src.wrong(p, Fault{What: say("号码 %s 不在 numbers 里", "the number %s is not among numbers", target.Name), Near: nearest(target.Name, texts(b.file.Numbers))})
		}
	default:
		b.src.wrong(p, Fault{What: say("路由里不能转到 %s", "a route can not lead to %s", quote(to)), Want: want})
	}
}

// nearTarget guesses the target that was meant.
func (b *planBook) nearTarget(to string) string {
	known := []string{"queue:region", "queue:neighbours", "duty:region"}
	for _, n := range b.queues.names() {
		known = append(known, "queue:"+n)
	}
	for _, n := range slices.Sorted(maps.Keys(b.queues.file.Pools)) {
		known = append(known, "pool:"+string(n))
	}
	return nearest(to, known)
}

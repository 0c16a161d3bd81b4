package configs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// planFile is the shape of plan.yaml.
type planFile struct {
	// Plan is the root of the routes: what holds where no route says more.
	Plan rootShape `yaml:"plan" need:"yes"`
	// Numbers are the outside numbers that a seat may transfer to, and that a
	// step may ring. Default: none.
	Numbers []digits `yaml:"numbers"`
	// Times are the limits of a call.
	Times timesShape `yaml:"times"`
}

// rootShape is the root of the routes.
type rootShape struct {
	// Name is what explain and the record call it.
	Name string `yaml:"name" need:"yes"`
	// Steps are the widening search for a person. The last rings a duty post,
	// so that the search never ends with nobody.
	Steps []stepShape `yaml:"steps" need:"yes"`
	// Routes are the exceptions; the first that holds takes the call.
	Routes []routeShape `yaml:"routes"`
}

// routeShape is an exception below the root or another route.
type routeShape struct {
	Name string `yaml:"name" need:"yes"`
	// Match says which calls take this route; every line must hold.
	Match matchShape `yaml:"match" need:"yes"`
	// Steps replace those of the route above. Default: the same as above.
	Steps  []stepShape  `yaml:"steps"`
	Routes []routeShape `yaml:"routes"`
}

// matchShape is what a call must be. A line with several values holds for any
// of them.
type matchShape struct {
	// Key is what the caller pressed; "" when nothing was pressed.
	Key some `yaml:"key"`
	// Region is the code of the city through whose line the call came.
	Region some `yaml:"region"`
	// Dialled is the number that was dialled.
	Dialled some `yaml:"dialled"`
	// Intent is what the menu found out.
	Intent some `yaml:"intent"`
	// Missed is "silence" or "wrong" when no key chose.
	Missed some `yaml:"missed"`
	// Trunk is the line group through which the call came.
	Trunk some `yaml:"trunk"`
}

// stepShape is one widening of the search.
type stepShape struct {
	// To is queue:NAME, queue:region, duty:CODE, duty:region or number:DIGITS.
	To string `yaml:"to" need:"yes"`
	// After is how long after the start of the search the step begins; a step
	// that can serve nobody is not waited out. Default: 0s.
	After time.Duration `yaml:"after" min:"0s" max:"10m"`
}

// timesShape are the limits of a call. Default: those of call.DefaultTimes.
type timesShape struct {
	// Prompt is the longest prompt; a fault in playing is noticed after it. 30s.
	Prompt time.Duration `yaml:"prompt" min:"5s" max:"5m"`
	// Whisper is the longest whisper to a seat. 3s.
	Whisper time.Duration `yaml:"whisper" min:"500ms" max:"5s"`
	// Reach is until a dialled seat must ring. 4s.
	Reach time.Duration `yaml:"reach" min:"1s" max:"30s"`
	// DutyRing is how long one duty number rings. 25s.
	DutyRing time.Duration `yaml:"duty_ring" min:"10s" max:"2m"`
	// DutyRest is between rounds over the duty numbers. 10s.
	DutyRest time.Duration `yaml:"duty_rest" min:"1s" max:"5m"`
	// Comfort is between comfort prompts. 20s.
	Comfort time.Duration `yaml:"comfort" min:"5s" max:"5m"`
	// Police is how long one number of the police rings. 20s.
	Police time.Duration `yaml:"police" min:"5s" max:"1m"`
	// Filing is how long 110 waits for the filing at most. 200ms.
	Filing time.Duration `yaml:"filing" min:"50ms" max:"2s"`
	// Parting is the silence after the closing prompt. 6s.
	Parting time.Duration `yaml:"parting" min:"1s" max:"1m"`
	// Watch is between checks that the legs still exist. 1m.
	Watch time.Duration `yaml:"watch" min:"5s" max:"10m"`
	// Mend is before a failed join is tried again. 300ms.
	Mend time.Duration `yaml:"mend" min:"50ms" max:"5s"`
	// Closing is until the recording must be closed. 5s.
	Closing time.Duration `yaml:"closing" min:"1s" max:"1m"`
	// FollowUp is until a call back is due. 30m.
	FollowUp time.Duration `yaml:"follow_up" min:"1m" max:"24h"`
}

func (p *planFile) defaults() { p.Times.defaults() }

func (t *timesShape) defaults() { *t = timesShape(call.DefaultTimes()) }

// planBook is the plan while it is checked.
type planBook struct {
	src  *source
	file planFile
	reader
	names map[string]place
}

func readPlan(src *source, r reader) *planBook {
	b := &planBook{src: src, reader: r, names: make(map[string]place)}
	src.decode(&b.file)
	b.checkSteps(place{"plan", "steps"}, b.file.Plan.Steps)
	b.nameIt(place{"plan", "name"}, b.file.Plan.Name)
	b.checkRoutes(place{"plan", "routes"}, b.file.Plan.Routes)
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

// lines are the matchers of a route as facts and values.
func (m matchShape) lines() []routing.Matcher {
	var lines []routing.Matcher
	for _, line := range []routing.Matcher{
		{Fact: "key", Values: m.Key},
		{Fact: "region", Values: m.Region},
		{Fact: "dialled", Values: m.Dialled},
		{Fact: "intent", Values: m.Intent},
		{Fact: "missed", Values: m.Missed},
		{Fact: "trunk", Values: m.Trunk},
	} {
		if line.Values != nil {
			lines = append(lines, line)
		}
	}
	return lines
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
	case "region":
		b.regions.known(b.src, p, value)
		return
	case "intent":
		known = b.menus.intents()
		if b.menus.broken() {
			return
		}
	case "missed":
		known = []string{"silence", "wrong"}
	case "key":
		if strings.Trim(value, "0123456789*#") == "" {
			return
		}
		known = press("").choices()
	default:
		return
	}
	if !slices.Contains(known, value) {
		b.src.wrong(p, Fault{
			What: say("%s 不会是 %s", "%s is never %s", fact, quote(value)),
			Want: Words{ZH: strings.Join(known, ", ")}, Near: nearest(value, known),
		})
	}
}

// checkSteps checks that a search goes on until a person answers.
func (b *planBook) checkSteps(p place, steps []stepShape) {
	var before time.Duration
	for i, step := range steps {
		at := p.with(i)
		b.checkTarget(at.with("to"), step.To)
		if i == 0 && step.After > 0 {
			b.src.wrong(at.with("after"), Fault{What: say("第一步不能等", "the first step must not wait")})
		}
		if step.After < before {
			b.src.wrong(at.with("after"), Fault{What: say("%s 比上一步的 %s 还早", "%s is earlier than the %s of the step before", step.After, before)})
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

// checkTarget checks that a step leads somewhere.
func (b *planBook) checkTarget(p place, to string) {
	if to == "" {
		return
	}
	want := say("queue:名字、queue:region、duty:代码、duty:region 或 number:号码", "queue:NAME, queue:region, duty:CODE, duty:region or number:DIGITS")
	target, err := routing.ParseTarget(to)
	if err != nil {
		b.src.wrong(p, Fault{What: say("看不懂去向 %s", "%s is not a target", quote(to)), Want: want, Near: b.nearTarget(to)})
		return
	}
	switch target.Kind {
	case routing.ToQueue:
		if target.Name != routing.RegionName {
			b.queues.known(b.src, p, target.Name)
		}
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
	known := []string{"queue:region", "duty:region"}
	for _, n := range b.queues.names() {
		known = append(known, "queue:"+n)
	}
	return nearest(to, known)
}

// compile makes the plan.
func (b *planBook) compile(version string) *routing.Plan {
	root := b.file.Plan
	return &routing.Plan{
		Version: version,
		Root:    &routing.Route{Name: root.Name, Steps: stepsOf(root.Steps), Children: routesOf(root.Routes)},
		Queues:  maps.Clone(b.queues.compile()),
		Regions: b.regions.table,
	}
}

func routesOf(shapes []routeShape) []*routing.Route {
	var routes []*routing.Route
	for _, s := range shapes {
		routes = append(routes, &routing.Route{Name: s.Name, Match: s.Match.lines(), Steps: stepsOf(s.Steps), Children: routesOf(s.Routes)})
	}
	return routes
}

func stepsOf(shapes []stepShape) []routing.PlanStep {
	var steps []routing.PlanStep
	for _, s := range shapes {
		target, _ := routing.ParseTarget(s.To) // checked before
		steps = append(steps, routing.PlanStep{Target: target, After: s.After})
	}
	return steps
}

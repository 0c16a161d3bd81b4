package configs

import (
	"time"

	"weibao/call"
	"weibao/routing"
)

// planFile is the shape of plan.yaml.
type planFile struct {
	// Plan is the root of the routes: what holds where no route says more.
	Plan rootShape `yaml:"plan" need:"yes" zh:"找人的办法：没有例外时按这里"`
	// Hours are names for times, for the matchers of routes. Default: none.
	Hours map[string][]whenShape `yaml:"hours" zh:"时段的名字，给 match 的 hours 用"`
	// Numbers are the outside numbers that a seat may transfer to, and that a
	// step may ring. Default: none.
	Numbers []digits `yaml:"numbers" zh:"坐席可以转接的外线号码"`
	// Times are the limits of a call.
	Times timesShape `yaml:"times" zh:"通话的各种时限"`
}

// rootShape is the root of the routes.
type rootShape struct {
	// Name is what explain and the record call it.
	Name string `yaml:"name" need:"yes" zh:"名称，写进通话记录"`
	// Priority goes before age in line. Default: 0.
	Priority int `yaml:"priority" min:"0" max:"40" zh:"优先级，大的先接；默认 0"`
	// Steps are the widening search for a person. The last rings a duty post,
	// so that the search never ends with nobody.
	Steps []stepShape `yaml:"steps" need:"yes" zh:"逐步扩大的找人范围，最后一步是值班电话"`
	// Routes are the exceptions; the first that holds takes the call.
	Routes []routeShape `yaml:"routes" zh:"例外，从上往下第一个符合的生效"`
}

// routeShape is an exception below the root or another route.
type routeShape struct {
	Name string `yaml:"name" need:"yes" zh:"名称，写进通话记录"`
	// Match says which calls take this route; every line must hold.
	Match matchShape `yaml:"match" need:"yes" zh:"什么样的来电走这条，每一行都要符合"`
	// Priority goes before age in line. Default: that of the route above.
	Priority *int `yaml:"priority" min:"0" max:"40" zh:"优先级，大的先接；不写就用上一级的"`
	// Steps replace those of the route above. Default: the same as above.
	Steps  []stepShape  `yaml:"steps" zh:"找人的步骤；不写就用上一级的"`
	Routes []routeShape `yaml:"routes" zh:"更细的例外"`
}

// matchShape is what a call must be. A line with several values holds for any
// of them.
type matchShape struct {
	// Key is what the caller pressed.
	Key some `yaml:"key" zh:"按键"`
	// Region is the code of the city through whose line the call came.
	Region some `yaml:"region" zh:"来电属于哪个市（州），六位代码"`
	// Dialled is the number that was dialled.
	Dialled some `yaml:"dialled" zh:"拨的号码"`
	// Trunk is the line group through which the call came.
	Trunk some `yaml:"trunk" zh:"从哪条中继线进来"`
	// Language is the one that the caller chose in the menu.
	Language some `yaml:"language" zh:"来电人在菜单里选的语言：zh、ko、en"`
	// Intent is what the menu found out.
	Intent some `yaml:"intent" zh:"菜单里选的来意"`
	// Missed is "silence" or "wrong" when no key chose.
	Missed some `yaml:"missed" zh:"没有选：silence 没按键，wrong 按错"`
	// Hours are names from hours.
	Hours some `yaml:"hours" zh:"时段的名字"`
	// Repeat is "lost" when the caller was lost in line in the last half hour.
	Repeat some `yaml:"repeat" zh:"lost：半小时内打来过，没等到人接"`
	// Risk is "flagged" for a number that a supervisor has marked as a known
	// risk, "limited" for one that is limited for proven abuse; the key for a
	// person now goes past the limit.
	Risk some `yaml:"risk" zh:"flagged：班长标记过的号码；limited：班长因查实的滥用而限制的号码（按键马上找人时不算）"`
}

// lines are the matchers of a route as facts and values.
func (m matchShape) lines() []routing.Matcher {
	var lines []routing.Matcher
	for _, line := range []routing.Matcher{
		{Fact: routing.FactKey, Values: m.Key},
		{Fact: routing.FactRegion, Values: m.Region},
		{Fact: routing.FactDialled, Values: m.Dialled},
		{Fact: routing.FactTrunk, Values: m.Trunk},
		{Fact: routing.FactLanguage, Values: m.Language},
		{Fact: routing.FactIntent, Values: m.Intent},
		{Fact: routing.FactMissed, Values: m.Missed},
		{Fact: routing.FactHours, Values: m.Hours},
		{Fact: routing.FactRepeat, Values: m.Repeat},
		{Fact: routing.FactRisk, Values: m.Risk},
	} {
		if line.Values != nil {
			lines = append(lines, line)
		}
	}
	return lines
}

// stepShape is one widening of the search.
type stepShape struct {
	// To is queue:NAME, queue:region, queue:neighbours, pool:NAME, duty:CODE,
	// duty:region or number:DIGITS.
	To string `yaml:"to" need:"yes" zh:"找谁：queue:名字、queue:region 本市、queue:neighbours 邻市、pool:名字、duty:region 本地值班、duty:代码、number:号码"`
	// After is how long after the start of the search the step begins; a step
	// that can serve nobody is not waited out. Default: 0s.
	After time.Duration `yaml:"after" min:"0s" max:"10m" zh:"从开始找人算起多久；前面没有坐席在线时不等"`
	// Ratio begins the step earlier, as soon as more than so many callers wait
	// for each seat of the steps before. Default: by time only.
	Ratio float64 `yaml:"ratio" min:"0.1" max:"100" zh:"前面每个坐席有超过这么多人在等时，提前开始"`
	// Languages are what a seat of this step must speak. Default: any.
	Languages []language `yaml:"languages" zh:"坐席要会说的语言"`
	// Skills are what a seat of this step must have. Default: any.
	Skills some `yaml:"skills" zh:"坐席要有的技能，见 agents.yaml"`
}

// timesShape are the limits of a call. Default: those of call.DefaultTimes.
type timesShape struct {
	// Prompt is the longest prompt; a fault in playing is noticed after it. 30s.
	Prompt time.Duration `yaml:"prompt" min:"5s" max:"5m" zh:"一句提示音最长多久，超过就当放音出了故障"`
	// Whisper is the longest whisper to a seat. 3s.
	Whisper time.Duration `yaml:"whisper" min:"500ms" max:"5s" zh:"坐席接起前的提示最长多久"`
	// Reach is until a dialled seat must ring. 4s.
	Reach time.Duration `yaml:"reach" min:"1s" max:"30s" zh:"拨坐席后多久必须振铃"`
	// DutyRing is how long one duty number rings. 25s.
	DutyRing time.Duration `yaml:"duty_ring" min:"10s" max:"2m" zh:"一个值班号码响多久，没人接换下一个"`
	// DutyRest is between rounds over the duty numbers. 10s.
	DutyRest time.Duration `yaml:"duty_rest" min:"1s" max:"5m" zh:"值班号码拨完一轮后，隔多久再拨一轮"`
	// FirstWord is until a caller in line is first told the place. 10s.
	FirstWord time.Duration `yaml:"first_word" min:"3s" max:"1m" zh:"排队多久以后第一次说排到第几位"`
	// Comfort is between the words after that. 20s.
	Comfort time.Duration `yaml:"comfort" min:"5s" max:"5m" zh:"排队时隔多久再说一次"`
	// Police is how long one number of the police rings. 20s.
	Police time.Duration `yaml:"police" min:"5s" max:"1m" zh:"警方一个号码响多久，没人接换下一个"`
	// Filing is how long 110 waits for the filing at most. 200ms.
	Filing time.Duration `yaml:"filing" min:"50ms" max:"2s" zh:"拨 110 前等报备落盘最多多久"`
	// Parting is the silence after the closing prompt. 6s.
	Parting time.Duration `yaml:"parting" min:"1s" max:"1m" zh:"结束语后静默多久才收线"`
	// Watch is between checks that the legs still exist. 1m.
	Watch time.Duration `yaml:"watch" min:"5s" max:"10m" zh:"隔多久核对一次各方的线还在"`
	// Mend is before a failed join is tried again. 300ms.
	Mend time.Duration `yaml:"mend" min:"50ms" max:"5s" zh:"两方没接上时，隔多久再接"`
	// Closing is until the recording must be closed. 5s.
	Closing time.Duration `yaml:"closing" min:"1s" max:"1m" zh:"录音最多多久关好"`
	// FollowUp is until a call back is due. 30m.
	FollowUp time.Duration `yaml:"follow_up" min:"1m" max:"24h" zh:"多久之内要回电"`
	// CallBack is how long the phone of a party rings that is called back. 30s.
	CallBack time.Duration `yaml:"call_back" min:"10s" max:"1m" zh:"回拨时对方的电话响多久"`
	// Confirm is how long the party has for the key that says who it is. 10s.
	Confirm time.Duration `yaml:"confirm" min:"3s" max:"1m" zh:"回拨接通后，等对方按 1 确认多久"`
	// Again is before a party that was not reached is rung again. 10m.
	Again time.Duration `yaml:"again" min:"1m" max:"24h" zh:"回拨没有接通，隔多久再拨"`
	// Own is until the seat that wants to ring out must be free. 30s.
	Own time.Duration `yaml:"own" min:"5s" max:"5m" zh:"坐席自己呼出时，多久之内要空出来"`
	// Pause is before a recording that a supervisor has paused goes on by itself. 2m.
	Pause time.Duration `yaml:"pause" min:"5s" max:"30m" zh:"班长暂停录音后，多久自己恢复"`
}

func (p *planFile) defaults() { p.Times.defaults() }

func (t *timesShape) defaults() { *t = timesShape(call.DefaultTimes()) }

// compile makes the plan.
func (b *planBook) compile(version string) *routing.Plan {
	root := b.file.Plan
	return routing.NewPlan(routing.Draft{
		Version: version,
		Root:    &routing.Route{Name: root.Name, Priority: &root.Priority, Steps: stepsOf(root.Steps), Children: routesOf(root.Routes)},
		Queues:  b.queues.compile(),
		Pools:   b.queues.pools(),
		Hours:   b.hours(),
		Regions: b.regions.table,
	})
}

func routesOf(shapes []routeShape) []*routing.Route {
	var routes []*routing.Route
	for _, s := range shapes {
		routes = append(routes, &routing.Route{Name: s.Name, Match: s.Match.lines(), Priority: s.Priority, Steps: stepsOf(s.Steps), Children: routesOf(s.Routes)})
	}
	return routes
}

func stepsOf(shapes []stepShape) []routing.PlanStep {
	var steps []routing.PlanStep
	for _, s := range shapes {
		target, _ := routing.ParseTarget(s.To) // checked before
		steps = append(steps, routing.PlanStep{
			Target: target, After: s.After, Ratio: s.Ratio, Languages: texts(s.Languages), Skills: s.Skills,
		})
	}
	return steps
}

package configs

import (
	"maps"
	"slices"
	"strings"

	"weibao/routing"
)

// wrongAt notes what is wrong with a part of a case.
type wrongAt func(place, Fault)

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// check looks at forms and names of a case.
func (c Case) check(s *Snapshot, wrong wrongAt) {
	if c.At != "" {
		checkInstant(wrong, place{"at"}, c.At)
	}
	if c.Dialled != "" && !routing.Digits(c.Dialled) {
		wrong(place{"dialled"}, Fault{What: say("%s 不是能拨的号码", "%s is not a number to dial", quote(c.Dialled)), Want: Words{"只有数字，如 12345", "digits only, as 12345"}})
	}
	if strings.Trim(c.Keys, "0123456789*#") != "" {
		wrong(place{"keys"}, Fault{What: say("%s 不是按键", "%s are not keys", quote(c.Keys)), Want: Words{"电话上的键 0–9 * #，连着写，如 6 或 21", "keys of a telephone, 0-9 * #, as 6 or 21"}})
	}
	s.checkRegion(wrong, place{"region"}, c.Region)
	s.checkFacts(wrong, c.Facts)
	s.checkLoad(wrong, c.Load)
	for i, code := range c.Places {
		if !s.elsewhere(code) {
			s.checkRegion(wrong, place{"places", i}, code)
		}
	}
	c.Want.check(s, wrong)
}

func checkInstant(wrong wrongAt, p place, text string) {
	if _, ok := Instant(text); !ok {
		wrong(p, Fault{What: say("%s 不是时间", "%s is not a time", quote(text)), Want: Words{"写成 2026-10-01T02:00+08:00", "want RFC 3339, as 2026-10-01T02:00+08:00"}})
	}
}

// check looks at the names in what is expected.
func (w Want) check(s *Snapshot, wrong wrongAt) {
	if routes := routeNames(s.Guide.Plan.Root); w.Route != "" && !slices.Contains(routes, w.Route) {
		wrong(place{"want", "route"}, Fault{What: say("没有路由 %s", "there is no route %s", quote(w.Route)), Want: Words{ZH: strings.Join(routes, ", ")}, Near: nearest(w.Route, routes)})
	}
	s.checkRegion(wrong, place{"want", "region"}, w.Region)
	s.checkRegion(wrong, place{"want", "handles"}, w.Handles)
	for i, to := range w.Steps {
		s.checkTarget(wrong, place{"want", "steps", i}, to)
	}
	for i, to := range w.Reaches {
		s.checkTarget(wrong, place{"want", "reaches", i}, to)
	}
}

// routeNames are the names of a route and of all below it.
func routeNames(route *routing.Route) []string {
	names := []string{route.Name}
	for _, child := range route.Children {
		names = append(names, routeNames(child)...)
	}
	return names
}

// checkRegion refuses a code that is none of the regions'. A name is answered
// with its code.
func (s *Snapshot) checkRegion(wrong wrongAt, p place, code string) {
	if _, known := s.Guide.Regions.Find(code); known || code == "" {
		return
	}
	f := Fault{What: say("没有区域 %s", "there is no region %s", quote(code))}
	var codes, names []string
	for _, region := range s.Guide.Regions.All() {
		codes, names = append(codes, region.Code), append(names, region.Name)
	}
	f.Near = nearest(code, codes)
	at := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, code) })
	if at < 0 {
		at = slices.Index(names, nearest(code, names))
	}
	if at >= 0 && !routing.Digits(code) {
		f.Near = codes[at]
	}
	if region, _ := s.Guide.Regions.Find(f.Near); f.Near != "" {
		f.Near += " " + region.Name
	}
	wrong(p, f)
}

// elsewhere reports the code of a place in another province.
func (s *Snapshot) elsewhere(code string) bool {
	const provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
	return len(code) == 6 && routing.Digits(code) && strings.Contains(provinces, code[:2]) && !strings.HasPrefix(s.Guide.Regions.Root(), code[:2])
}

// checkFacts refuses facts that no call comes with, and values they never have.
func (s *Snapshot) checkFacts(wrong wrongAt, facts map[string]string) {
	values := map[string][]string{routing.FactRepeat: {routing.RepeatLost}, routing.FactRisk: routing.Risks()}
	for _, fact := range sortedKeys(facts) {
		p := place{"facts", fact}
		known, is := values[fact]
		switch {
		case !is:
			names := sortedKeys(values)
			wrong(p, Fault{What: say("没有 %s 这样的情况", "there is no fact %s", quote(fact)), Want: Words{ZH: strings.Join(names, ", ")}, Near: nearest(fact, names)})
		case !slices.Contains(known, facts[fact]):
			wrong(p, Fault{What: say("%s 不会是 %s", "%s is never %s", fact, quote(facts[fact])), Want: Words{ZH: strings.Join(known, ", ")}, Near: nearest(facts[fact], known)})
		}
	}
}

// checkLoad refuses loads that can not be read, and of queues that do not exist.
func (s *Snapshot) checkLoad(wrong wrongAt, loads []string) {
	for i, text := range loads {
		if text == noSeats {
			continue
		}
		queue, _, ok := readLoad(text)
		if !ok {
			wrong(place{"load", i}, Fault{
				What: say("看不懂 %s", "%s can not be read", quote(text)),
				Want: Words{"队列=在等的人/在岗的坐席，如 yanbian=5/1；或 none，哪里都没有坐席", "QUEUE=WAITING/SEATS, as yanbian=5/1; or none: no seat anywhere"},
				Near: nearest(text, []string{noSeats}),
			})
			continue
		}
		s.checkQueue(wrong, place{"load", i}, queue)
	}
}

func (s *Snapshot) checkQueue(wrong wrongAt, p place, queue string) {
	if _, known := s.Guide.Queues[queue]; !known {
		names := sortedKeys(s.Guide.Queues)
		wrong(p, Fault{What: say("没有队列 %s", "there is no queue %s", quote(queue)), Want: Words{ZH: strings.Join(names, ", ")}, Near: nearest(queue, names)})
	}
}

// checkTarget refuses what can not be a step of any call.
func (s *Snapshot) checkTarget(wrong wrongAt, p place, to string) {
	target, err := routing.ParseTarget(to)
	switch {
	case err != nil:
		wrong(p, Fault{
			What: say("%s 不是去处", "%s is not a target", quote(to)),
			Want: Words{"queue:名字、pool:名字、duty:代码 或 number:号码", "queue:NAME, pool:NAME, duty:CODE or number:DIGITS"},
			Near: s.nearTarget(to),
		})
	case target.Kind == routing.ToQueue && target.Name == routing.NeighbourName:
	case target.Name == routing.RegionName:
		wrong(p, Fault{What: say("结果里没有 %s，要写它在那里是什么", "an answer has no %s; write what it is there", to), Want: Words{"如 queue:yanbian、duty:222400", "as queue:yanbian, duty:222400"}})
	case target.Kind == routing.ToQueue:
		s.checkQueue(wrong, p, target.Name)
	case target.Kind == routing.ToDuty:
		s.checkRegion(wrong, p, target.Name)
	case target.Kind == routing.ToPool:
		if pools := sortedKeys(s.Guide.Plan.Pools); !slices.Contains(pools, target.Name) {
			wrong(p, Fault{What: say("没有 %s 这个 pool", "there is no pool %s", quote(target.Name)), Want: Words{ZH: strings.Join(pools, ", ")}, Near: nearest(target.Name, pools)})
		}
	case target.Kind == routing.ToPolice, target.Kind == routing.ToAgent:
		wrong(p, Fault{What: say("路由不会转到 %s", "no route leads to %s", to), Want: Words{"queue:名字、pool:名字、duty:代码 或 number:号码", "queue:NAME, pool:NAME, duty:CODE or number:DIGITS"}})
	}
}

// nearTarget guesses the target that was meant: a bare name is one of queue or
// region.
func (s *Snapshot) nearTarget(to string) string {
	var known []string
	for _, queue := range sortedKeys(s.Guide.Queues) {
		if queue == to {
			return "queue:" + queue
		}
		known = append(known, "queue:"+queue)
	}
	if _, is := s.Guide.Regions.Find(to); is {
		return "duty:" + to
	}
	return nearest(to, known)
}

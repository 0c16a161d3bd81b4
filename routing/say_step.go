package routing

import (
	"strconv"
	"strings"
	"time"
)

// Target is where a call can go, by its name: "延边未保专席".
func (s Speech) Target(t Target) string {
	switch t.Kind {
	case ToQueue:
		switch t.Name {
		case RegionName:
			return s.f("本市（州）坐席", "the city's own seats")
		case NeighbourName:
			return s.f("邻市坐席", "the seats of the cities beside it")
		}
		return s.f("%[1]s", "the seats of %[1]s", s.Queue(t.Name))
	case ToPool:
		return s.f("“%[1]s”的坐席（%[2]s）", "the seats of “%[1]s” (%[2]s)", t.Name, s.queues(s.plan.Pools[t.Name]))
	case ToAgent:
		return s.f("坐席 %[1]s", "seat %[1]s", t.Name)
	case ToDuty:
		if t.Name == RegionName {
			return s.f("本地值班员", "the duty officer of the place")
		}
		return s.f("%[1]s值班员", "the duty officer of %[1]s", s.Region(t.Name))
	case ToPolice:
		return s.f("孩子所在地的 110", "110 of the place where the child is")
	case ToNumber:
		return s.f("电话 %[1]s", "telephone %[1]s", Number(t.Name).Masked())
	case NoTarget:
	}
	return s.f("没有去处", "nowhere")
}

// target reads and says the target of a check; what is none is the names of
// queues.
func (s Speech) target(rule string) string {
	if t, err := ParseTarget(rule); err == nil {
		return s.Target(t)
	}
	return s.queues(strings.Split(rule, ", "))
}

func (s Speech) queues(names []string) string {
	titles := make([]string, len(names))
	for i, name := range names {
		titles[i] = s.Queue(name)
	}
	return s.all(titles)
}

// Step is whom a step of the search asks: "延边未保专席（会说朝鲜语的）".
func (s Speech) Step(step PlanStep) string {
	var able []string
	for _, language := range step.Languages {
		able = append(able, s.f("会说%[1]s", "who speak %[1]s", s.Language(language)))
	}
	for _, skill := range step.Skills {
		able = append(able, s.f("有 %[1]s 技能", "with the skill %[1]s", skill))
	}
	who := s.Target(step.Target)
	if len(able) > 0 {
		who += s.f("（%[1]s的）", " (%[1]s)", s.all(able))
	}
	return who
}

// step says what a step of the search is in a region.
func (s Speech) step(c Check) string {
	want, written := readStep(c.Want)
	if !written {
		return s.f("找人的范围：%[1]s", "the search: %[1]s", c.Want)
	}
	if !c.Held {
		return s.f("找人的范围：%[1]s，%[2]s没有，跳过", "the search: %[1]s; %[2]s has none, left out", s.Step(want), s.Region(c.Rule))
	}
	who := s.Step(want)
	got, _ := readStep(c.Got)
	switch target, queues := s.plan.target(want.Target, c.Rule); {
	case got.Target != want.Target:
		who += s.f("，在%[1]s就是%[2]s", ", which in %[1]s is %[2]s", s.Region(c.Rule), s.Target(got.Target))
	case target.Kind == ToQueue && target.Name == NeighbourName:
		who += s.f("，%[1]s的邻市是%[2]s", ", which beside %[1]s are those of %[2]s", s.Region(c.Rule), s.queues(queues))
	}
	return s.f("找人的范围：%[1]s，%[2]s", "the search: %[1]s; %[2]s", who, s.when(want))
}

// when says when a step begins.
func (s Speech) when(step PlanStep) string {
	begin := s.f("一开始就找", "from the start")
	if step.After > 0 {
		begin = s.f("%[1]s后还没有人接就找", "after %[1]s without an answer", s.Duration(step.After))
	}
	if step.Ratio > 0 {
		begin += s.f("；前面的坐席平均每人有超过 %[1]g 人在等时提前", ", earlier when more than %[1]g wait for each seat before", step.Ratio)
	}
	return begin
}

// after says that a step begins, or that its time has not come.
func (s Speech) after(c Check) string {
	who := s.target(c.Rule)
	switch {
	case c.Held && c.Want == "0s":
		return s.f("马上找%[1]s", "at once: %[1]s", who)
	case c.Held:
		return s.f("等了 %[2]s还没有人接，再找%[1]s", "nobody has answered for %[2]s: now also %[1]s", who, s.length(c.Want))
	}
	return s.f("等到 %[2]s才找%[1]s，现在等了 %[3]s", "%[1]s only after %[2]s, and it has been %[3]s", who, s.length(c.Want), s.length(c.Got))
}

// load says that a step begins before its time, or that nobody is there whom a
// caller could wait for.
func (s Speech) load(c Check) string {
	who := s.target(c.Rule)
	waiting, seats, _ := strings.Cut(c.Got, "/")
	switch {
	case !c.Held && c.Rule == "":
		return s.f("要找的那位坐席不在", "the one seat that is wanted is not there")
	case !c.Held:
		return s.f("%[1]s没有能接的坐席", "there is no seat that could serve %[1]s", who)
	case seats == "0":
		return s.f("前面没有坐席在岗，不用等，马上找%[1]s", "no seat is there before, so nothing is waited for: %[1]s at once", who)
	}
	return s.f("连同这位共有 %[2]s 人在等前面的 %[3]s 个坐席，平均每人超过 %[4]s 人，提前找%[1]s",
		"%[2]s callers, this one too, wait for the %[3]s seat(s) before, more than %[4]s for each: %[1]s before its time", who, waiting, seats, c.Want)
}

// readStep reads what PlanStep.String has written.
func readStep(text string) (PlanStep, bool) {
	name, rest, _ := strings.Cut(text, " ")
	target, err := ParseTarget(name)
	step := PlanStep{Target: target}
	for strings.HasPrefix(rest, "[") {
		group, more, _ := strings.Cut(rest[1:], "]")
		names := strings.Fields(group)
		if step.Languages == nil && step.Skills == nil && areLanguages(names) {
			step.Languages = names
		} else {
			step.Skills = names
		}
		rest = strings.TrimPrefix(more, " ")
	}
	words := strings.Fields(rest)
	for i, word := range words[:max(len(words)-1, 0)] {
		switch word {
		case "after":
			step.After, err = time.ParseDuration(words[i+1])
		case "or":
			step.Ratio, err = strconv.ParseFloat(words[i+1], 64)
		}
	}
	return step, err == nil
}

// areLanguages tells a list of languages from one of skills, which no trace
// does by itself.
func areLanguages(names []string) bool {
	for _, name := range names {
		if (Speech{}).Language(name) == name {
			return false
		}
	}
	return true
}

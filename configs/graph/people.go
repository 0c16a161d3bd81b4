package graph

import (
	"slices"
	"strings"

	"weibao/routing"
)

// seats says how many seats can serve any of the wants.
func (a *artist) seats(wants []routing.Want) string {
	count := 0
	for _, agent := range a.s.Agents {
		seat := routing.Agent{Queues: agent.Queues, Languages: agent.Languages, Skills: agent.Skills}
		if agent.TakesCalls() && slices.ContainsFunc(wants, seat.Serves) {
			count++
		}
	}
	if count == 1 {
		return a.f("1 个坐席", "1 seat")
	}
	return a.f("%[1]d 个坐席", "%[1]d seats", count)
}

// people draws who is asked by a step, once.
func (a *artist) people(step routing.PlanStep) *box {
	id := step.Target.String()
	if drawn := a.boxes[id]; drawn != nil {
		return drawn
	}
	var b *box
	switch {
	case step.Target.Kind == routing.ToDuty && step.Target.Name == routing.RegionName:
		b = a.add(peopleColumn, box{kind: dutyBox, title: a.say.Target(step.Target), lines: []string{a.f("见下表", "see the table below")}})
		a.chains = append(a.chains, chain{b, a.posts(a.s.Guide.Regions.Root())})
	case step.Target.Kind == routing.ToDuty:
		b = a.post(step.Target.Name)
	case step.Target.Kind == routing.ToNumber:
		b = a.add(peopleColumn, box{kind: dutyBox, title: a.say.Target(step.Target)})
	default:
		b = a.add(peopleColumn, a.queues(step))
	}
	a.boxes[id] = b
	return b
}

// queues is the box of the queues that a step asks.
func (a *artist) queues(step routing.PlanStep) box {
	b := box{kind: queueBox, title: a.say.Target(step.Target)}
	names := make([]string, len(step.Wants))
	for i, want := range step.Wants {
		names[i] = want.Queue
	}
	generic := step.Target.Name == routing.RegionName || step.Target.Name == routing.NeighbourName
	switch {
	case step.Target.Kind == routing.ToPool:
		b.title = a.f("共用：%[1]s", "pool: %[1]s", step.Target.Name)
		names = a.s.Guide.Plan.Pools[step.Target.Name]
	case a.city == "" && generic:
		b.lines = []string{a.f("见下表；没有的市（州）跳过", "see the table below; left out where there is none")}
		return b
	case step.Target.Name == routing.NeighbourName:
	default:
		b.title = a.say.Queue(step.Target.Name)
		b.lines = []string{step.Target.Name, a.seats(routing.AnyOf(step.Target.Name))}
		return b
	}
	for _, name := range names {
		b.lines = append(b.lines, a.say.Queue(name)+"　"+a.seats(routing.AnyOf(name)))
	}
	return b
}

// post draws the duty post of a region.
func (a *artist) post(region string) *box {
	posts := a.posts(region)
	if len(posts) == 0 {
		return a.add(peopleColumn, box{kind: dutyBox, title: a.f("没有值班岗位", "no duty post")})
	}
	if drawn := a.boxes["post:"+posts[0]]; drawn != nil {
		return drawn
	}
	b := a.add(peopleColumn, a.duty(posts[0]))
	a.boxes["post:"+posts[0]] = b
	a.chains = append(a.chains, chain{b, posts[1:]})
	return b
}

// chain is a post and those that answer when it has nobody.
type chain struct {
	from  *box
	posts []string
}

// above draws the chains: in a column of their own, unless the next post is
// drawn just below already. Chains that are alike are drawn once.
func (a *artist) above() {
	for _, c := range a.chains {
		if len(c.posts) == 0 {
			continue
		}
		next := a.boxes["post:"+c.posts[0]]
		if next == nil || !a.follows(c.from, next) {
			next = a.tail(c.posts)
		}
		a.link(edge{from: c.from, to: next, faint: true})
	}
	if slices.ContainsFunc(a.chart.edges, func(e edge) bool { return e.faint }) {
		a.chart.notes = append(a.chart.notes, a.f("虚线：岗位没有人值班时，由上级岗位接。", "Dashed: when a post has nobody on duty, the post above answers."))
	}
}

// tail draws posts one below the other and returns the first.
func (a *artist) tail(posts []string) *box {
	id := "above:" + strings.Join(posts, " ")
	if a.boxes[id] != nil {
		return a.boxes[id]
	}
	var last *box
	for i, code := range posts {
		b := a.duty(code)
		b.group = i == 0
		next := a.add(aboveColumn, b)
		if i == 0 {
			a.boxes[id] = next
		}
		a.link(edge{from: last, to: next, faint: true})
		last = next
	}
	return a.boxes[id]
}

// follows says whether a box is drawn just below another.
func (a *artist) follows(above, below *box) bool {
	boxes := a.chart.columns[peopleColumn].boxes
	i := slices.Index(boxes, above)
	return i >= 0 && i+1 < len(boxes) && boxes[i+1] == below
}

// posts are those that answer for a region, the nearest first, each once.
func (a *artist) posts(code string) []string {
	var posts []string
	regions := a.s.Guide.Regions
	for range regions.All() {
		region, known := regions.Find(code)
		if !known {
			break
		}
		for _, post := range []string{region.Duty, region.Code} {
			if _, has := a.s.Guide.Rotas.Post(post); has && !slices.Contains(posts, post) {
				posts = append(posts, post)
			}
		}
		code = region.Parent
	}
	return posts
}

// duty is the box of a duty post: who is on duty at the instant of the chart.
func (a *artist) duty(code string) box {
	rota, _ := a.s.Guide.Rotas.Post(code)
	duty, on := rota.On(a.o.At)
	return box{kind: dutyBox, title: duty.Name, lines: append([]string{a.say.Region(code)}, a.onDuty(duty, on)...)}
}

// onDuty says who is on duty and until when, an officer a line.
func (a *artist) onDuty(duty routing.Duty, on bool) []string {
	if !on {
		return []string{a.f("此刻没有人值班，由上级接", "nobody is on duty now: the post above answers")}
	}
	var lines []string
	if duty.Shift != "" {
		lines = append(lines, duty.Shift+a.until(duty))
	}
	for _, officer := range duty.Officers {
		numbers := masked(officer.Numbers)
		if officer.Name == "" || officer.Name == duty.Name { // a telephone that is handed from one to the next
			lines = append(lines, a.list(numbers))
			continue
		}
		line := officer.Name + " " + numbers[0]
		if len(numbers) > 1 {
			line += a.f(" 等 %[1]d 个", " (%[1]d numbers)", len(numbers))
		}
		lines = append(lines, line)
	}
	return lines
}

// inShort says who is on duty in a few words.
func (a *artist) inShort(duty routing.Duty) string {
	var names []string
	for _, officer := range duty.Officers {
		if officer.Name == "" || officer.Name == duty.Name {
			names = append(names, masked(officer.Numbers)...)
			continue
		}
		names = append(names, officer.Name)
	}
	if duty.Shift == "" {
		return a.list(names)
	}
	return duty.Shift + a.until(duty) + a.f("：", ": ") + a.list(names)
}

func (a *artist) until(duty routing.Duty) string {
	if duty.Until.IsZero() {
		return ""
	}
	return a.f("，到 %[1]s", ", until %[1]s", duty.Until.In(routing.Beijing()).Format("01-02 15:04"))
}

func masked(numbers []string) []string {
	list := make([]string, len(numbers))
	for i, number := range numbers {
		list[i] = routing.Number(number).Masked()
	}
	return list
}

package rehearsal

import (
	"slices"
	"time"

	"weibao/routing"
)

// Comparison puts calls through an old and a new configuration. It is not for
// use by several goroutines at once.
type Comparison struct {
	old, new *Rules
	english  bool
	// seats are the differences between two searches, worked out once.
	seats map[[2]*search][]Difference
}

// Compare makes a comparison; lang is that of the sentences.
func Compare(was, would *Rules, lang string) *Comparison {
	return &Comparison{old: was, new: would, english: lang == "en", seats: make(map[[2]*search][]Difference)}
}

// Rehearse says what would have been different for a call.
func (c *Comparison) Rehearse(a Arrival) Outcome {
	was, would := c.old.meet(a, true), c.new.meet(a, false)
	o := Outcome{Arrival: a, Was: was.outlook(), Would: would.outlook()}
	if c.old == c.new {
		return o
	}
	add := func(found ...Difference) { o.Differences = append(o.Differences, found...) }
	add(c.way(a, was, would)...)
	pair := [2]*search{was.search, would.search}
	seats, known := c.seats[pair]
	if !known {
		seats = c.searches(was.search, would.search)
		c.seats[pair] = seats
	}
	add(seats...)
	add(c.waits(was.phones, would.phones)...)
	add(c.answer(a.Answer, was, would)...)
	add(c.duty(was.phones, would.phones)...)
	add(c.emergency(a, was, would)...)
	return o
}

// way compares how the call comes to its route.
func (c *Comparison) way(a Arrival, was, would view) []Difference {
	var found []Difference
	if was.region != would.region {
		found = append(found, c.f(InRegion, Neutral, "算作%[2]s的来电，原来是%[1]s的", "it counts as a call of %[2]s, before of %[1]s",
			c.old.say.Region(was.region), c.new.say.Region(would.region)))
	}
	if w, n := was.walk, would.walk; w.Intent != n.Intent || w.Missed != n.Missed || w.Language != n.Language {
		found = append(found, c.keys(a, was, would))
	}
	if was.decision.Route != would.decision.Route {
		found = append(found, c.f(InRoute, Neutral, "路由“%[1]s” → “%[2]s”", "route “%[1]s” → “%[2]s”", was.decision.Route, would.decision.Route))
	}
	if p, n := was.decision.Priority, would.decision.Priority; p != n {
		found = append(found, c.f(InPriority, Neutral, "优先级 %[1]d → %[2]d", "priority %[1]d → %[2]d", p, n))
	}
	return found
}

// searches compares whom two searches ask and when.
func (c *Comparison) searches(was, would *search) []Difference {
	var found []Difference
	tell := func(effect Effect, who string, before, now time.Duration) {
		found = append(found, c.f(InSeats, effect, "%[1]s：原来%[2]s找，现在%[3]s找", "%[1]s: asked %[2]s before, %[3]s now", who, c.when(before), c.when(now)))
	}
	for _, a := range was.asks {
		step := was.steps[a.step]
		after := c.new.asks(would, a)
		switch {
		case after == a.after:
		case after >= 0 && after < a.after:
			tell(Better, c.old.say.Step(step), a.after, after)
		case c.new.asked(would, step, a.after) < c.old.asked(was, step, a.after):
			tell(Worse, c.old.say.Step(step), a.after, after)
		default: // as many others are asked in their place
			tell(Neutral, c.old.say.Step(step), a.after, after)
		}
	}
	for _, a := range would.asks {
		if c.old.asks(was, a) == notAsked {
			tell(Better, c.new.say.Step(would.steps[a.step]), notAsked, a.after)
		}
	}
	return found
}

// notAsked is in the place of the time at which nobody is asked.
const notAsked time.Duration = -1

// asks is when a search has come to those whom a step of another search, maybe
// under other rules, asks: to half of the seats that there still are. When
// there are none of them, the queue by that name is taken for them.
func (r *Rules) asks(s *search, other ask) time.Duration {
	var times []time.Duration
	still := 0
	for _, seat := range r.seats {
		if !slices.Contains(other.seats, seat.ID) {
			continue
		}
		still++
		for _, a := range s.asks {
			if slices.Contains(a.seats, seat.ID) {
				times = append(times, a.after)
			}
		}
	}
	if still == 0 {
		for _, a := range s.asks {
			if slices.ContainsFunc(a.queues, func(queue string) bool { return slices.Contains(other.queues, queue) }) {
				return a.after
			}
		}
		return notAsked
	}
	slices.Sort(times)
	if half := (still + 1) / 2; len(times) >= half {
		return times[half-1]
	}
	return notAsked
}

// asked counts the seats with the abilities that a step wants that are asked by
// a time, all seats being busy.
func (r *Rules) asked(s *search, like routing.PlanStep, by time.Duration) int {
	count := 0
	for _, a := range s.asks {
		for _, seat := range r.seats {
			seat.Queues = a.queues // of whichever: only the abilities are asked for
			if a.after <= by && slices.Contains(a.seats, seat.ID) &&
				seat.Serves(routing.Want{Queue: a.queues[0], Languages: like.Languages, Skills: like.Skills}) {
				count++
			}
		}
	}
	return count
}

// waits compares when the first telephone rings.
func (c *Comparison) waits(was, would phones) []Difference {
	var found []Difference
	for _, w := range []struct {
		kind       Kind
		was, would time.Duration
		zh, en     string
	}{
		{InBusy, was.busy, would.busy, "坐席都忙时", "with every seat busy"},
		{InAbsent, was.absent, would.absent, "没有坐席在岗时", "with no seat there"},
	} {
		if w.was == w.would || len(was.numbers) == 0 || len(would.numbers) == 0 {
			continue // none at all is told with the telephones
		}
		effect := Better
		if w.would > w.was {
			effect = Worse
		}
		found = append(found, c.f(w.kind, effect, "最长等待（"+w.zh+"）：第一个值班电话原来%[1]s响，现在%[2]s响",
			"longest wait ("+w.en+"): the first duty telephone rang %[1]s, now %[2]s", c.when(w.was), c.when(w.would)))
	}
	return found
}

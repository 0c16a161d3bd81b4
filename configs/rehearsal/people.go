package rehearsal

import (
	"cmp"
	"slices"
	"time"

	"weibao/routing"
)

// answer says whether the one who really answered would still have been asked
// by then. What is compared is the same situation under both configurations:
// all seats busy but this one, or, when the seat was asked earlier than that,
// none there but this one and its queue.
func (c *Comparison) answer(a Answer, was, would view) []Difference {
	if a.Number != "" {
		if slices.Contains(was.phones.numbers, a.Number) && !slices.Contains(would.phones.numbers, a.Number) {
			return []Difference{c.f(InAnswer, Neutral, "当时接电话的值班员（%[1]s）不会被拨到", "the duty officer who answered (%[1]s) would not be rung", routing.Number(a.Number).Masked())}
		}
		return nil
	}
	if a.Agent == "" && a.Queue == "" {
		return nil
	}
	before, asked := c.old.reaches(was.search, a, false)
	now, still := c.new.reaches(would.search, a, false)
	if !asked || before > a.After {
		before, asked = c.old.reaches(was.search, a, true)
		now, still = c.new.reaches(would.search, a, true)
	}
	if !asked || still && now <= max(before, a.After) {
		return nil // by then all the same; or not by these rules, so that nothing can be said
	}
	if !still {
		now = notAsked
	}
	return []Difference{c.f(InAnswer, Worse, "当时%[1]s在 %[2]s后接起，现在%[3]s找", "%[1]s answered after %[2]s; asked %[3]s now",
		c.who(a), c.new.say.Duration(a.After.Round(time.Second)), c.when(now))}
}

// who is the seat that answered: "坐席 1015（省级未保坐席）".
func (c *Comparison) who(a Answer) string {
	return c.sprintf("坐席 %[1]s（%[2]s）", "seat %[1]s (%[2]s)", a.Agent, c.old.say.Queue(a.Queue))
}

// reaches is when a search asks the seat that answered, or its queue.
func (r *Rules) reaches(s *search, a Answer, alone bool) (time.Duration, bool) {
	mine := func(seat routing.Agent) bool { return seat.ID == a.Agent || slices.Contains(seat.Queues, a.Queue) }
	at := s.busy
	if alone {
		at = begins(s.steps, func(wants []routing.Want) routing.Load {
			load := routing.Load{Waiting: 1}
			for _, seat := range r.able(wants) {
				if mine(seat) {
					load.Seats++
				}
			}
			return load
		})
	}
	for i, step := range s.steps {
		if slices.ContainsFunc(r.able(step.Wants), mine) {
			return at[i], true
		}
	}
	return 0, false
}

// duty compares the telephones of duty officers at the hour of the call.
func (c *Comparison) duty(was, would phones) []Difference {
	if slices.Equal(was.numbers, would.numbers) && was.post == would.post {
		return nil
	}
	effect := Neutral
	switch {
	case len(would.numbers) < len(was.numbers), c.above(would.post, was.post):
		effect = Worse
	case len(was.numbers) == 0, len(would.numbers) > len(was.numbers) && (was.post == would.post || c.above(was.post, would.post)):
		effect = Better
	}
	return []Difference{c.f(InDuty, effect, "值班电话：原来%[1]s，现在%[2]s", "duty telephones: before %[1]s, now %[2]s", c.telephones(was), c.telephones(would))}
}

// mostShown are how many telephones of a search are named.
const mostShown = 4

// telephones are those of a search in words: "延边州… 2 个号码（139****0433、…）".
func (c *Comparison) telephones(p phones) string {
	if len(p.numbers) == 0 {
		return c.word("没有人", "nobody")
	}
	word := c.word("个号码", "numbers")
	more := ""
	if len(p.numbers) > mostShown {
		more = "…"
	}
	if len(p.numbers) == 1 {
		word = c.word("个号码", "number")
	}
	return c.sprintf("%[1]s %[2]d %[3]s（%[4]s）", "%[1]s %[2]d %[3]s (%[4]s)", cmp.Or(p.name, p.post, c.word("外线", "outside")), len(p.numbers), word, c.list(p.numbers[:min(len(p.numbers), mostShown)])+more)
}

// above says whether a post is of a unit above another's.
func (c *Comparison) above(post, other string) bool {
	regions := c.old.guide.Regions
	for range regions.All() {
		region, known := regions.Find(other)
		if !known || region.Parent == "" {
			return false
		}
		if other = region.Parent; other == post {
			return true
		}
	}
	return false
}

// emergency compares what is dialled for the police, and who is told.
func (c *Comparison) emergency(a Arrival, was, would view) []Difference {
	var found []Difference
	places := []string{was.region}
	for _, place := range a.Places {
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	for i, place := range places {
		in := place
		if i == 0 {
			in = would.region // the seat that names no place has the caller's
		}
		before, now := c.old.routesTo(place), c.new.routesTo(in)
		if len(before) == 0 || slices.Equal(before, now) {
			continue
		}
		found = append(found, c.f(InPolice, strict(before, now), "%[1]s的 110：原来依次拨%[2]s，现在%[3]s", "110 of %[1]s: before %[2]s, now %[3]s",
			c.old.say.Region(place), c.list(before), c.list(now)))
	}
	return append(found, c.filing(a.At)...)
}

// filing compares the post of the province, which is told of emergencies.
func (c *Comparison) filing(at time.Time) []Difference {
	was, wasFixed := c.old.province(at)
	would, wouldFixed := c.new.province(at)
	if slices.Equal(was.Numbers, would.Numbers) || len(was.Numbers) == 0 {
		return nil
	}
	effect := Neutral
	switch {
	case wasFixed && wouldFixed:
		effect = strict(was.Numbers, would.Numbers)
	case len(would.Numbers) < len(was.Numbers):
		effect = Worse
	case len(would.Numbers) > len(was.Numbers):
		effect = Better
	}
	return []Difference{c.f(InFiling, effect, "报备对口的省值班：原来%[1]s，现在%[2]s", "the province's duty post for filings: before %[1]s, now %[2]s",
		c.list(was.Numbers), c.list(would.Numbers))}
}

// province is who is on duty for the province, and whether its numbers are the
// same at every hour, so that none may be missing.
func (r *Rules) province(at time.Time) (duty routing.Duty, fixed bool) {
	duty, _ = r.rotas.On(r.guide.Regions, r.guide.Regions.Root(), at)
	rota, known := r.rotas.Post(duty.Post)
	return duty, known && len(rota.Post().Shifts) == 0 && len(duty.Changes) == 0
}

// strict compares numbers of which none may be missing.
func strict(was, would []string) Effect {
	missing := slices.ContainsFunc(was, func(number string) bool { return !slices.Contains(would, number) })
	switch {
	case missing || len(would) == 0 || was[0] != would[0]:
		return Worse
	case len(would) > len(was):
		return Better
	}
	return Neutral
}

package rehearsal

import (
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/ivr"
	"weibao/routing"
)

// Rules are one configuration, made ready to be asked about many calls. They
// are not for use by several goroutines at once.
type Rules struct {
	guide *call.Guide
	seats []routing.Agent
	rotas routing.Rotas
	say   routing.Speech

	english bool
	// searches are worked out once for each list of steps; a plan keeps its
	// lists, so the first step names them.
	searches map[*routing.PlanStep]*search
	police   map[string][]string
}

// NewRules makes rules of a configuration and of the overrides in force; lang
// is that of the sentences.
func NewRules(s *configs.Snapshot, overrides routing.Overrides, lang string) *Rules {
	r := &Rules{
		guide: s.Guide, rotas: s.Guide.Rotas.With(overrides), say: s.Guide.Plan.In(lang), english: lang == "en",
		searches: make(map[*routing.PlanStep]*search), police: make(map[string][]string),
	}
	for _, a := range s.Agents {
		if a.TakesCalls() {
			r.seats = append(r.seats, routing.Agent{ID: a.ID, Name: a.Name, Queues: a.Queues, Languages: a.Languages, Skills: a.Skills})
		}
	}
	return r
}

// Version is that of the configuration.
func (r *Rules) Version() string { return r.guide.Version }

// search is what a list of steps comes to when nobody answers.
type search struct {
	steps []routing.PlanStep
	// busy and absent are when each step begins, with every seat busy and with
	// none there.
	busy, absent []time.Duration
	asks         []ask
	words        []string
}

// ask is the seats that a step is the first to ask.
type ask struct {
	step   int
	after  time.Duration
	seats  []routing.AgentID
	queues []string
}

// search works a list of steps out.
func (r *Rules) search(steps []routing.PlanStep) *search {
	if len(steps) == 0 {
		return &search{}
	}
	if known := r.searches[&steps[0]]; known != nil {
		return known
	}
	s := &search{steps: steps}
	s.busy = begins(steps, func(wants []routing.Want) routing.Load {
		return routing.Load{Waiting: 1, Seats: len(r.able(wants))}
	})
	s.absent = begins(steps, func([]routing.Want) routing.Load { return routing.Load{} })
	var asked []routing.AgentID
	for i, step := range steps {
		s.words = append(s.words, r.say.Step(step)+" "+strings.TrimSpace(when(r.say, r.english, s.busy[i])))
		a := ask{step: i, after: s.busy[i], queues: routing.Ticket{Wants: step.Wants}.Queues()}
		for _, seat := range r.able(step.Wants) {
			if !slices.Contains(asked, seat.ID) {
				a.seats = append(a.seats, seat.ID)
				asked = append(asked, seat.ID)
			}
		}
		if len(a.seats) > 0 {
			s.asks = append(s.asks, a)
		}
	}
	r.searches[&steps[0]] = s
	return s
}

// begins is when each step begins under a load.
func begins(steps []routing.PlanStep, load func([]routing.Want) routing.Load) []time.Duration {
	var at []time.Duration
	for _, b := range (routing.Decision{Steps: steps}).Timeline(load) {
		at = append(at, b.After)
	}
	return at
}

// able are the seats that can serve any of the wants.
func (r *Rules) able(wants []routing.Want) []routing.Agent {
	var able []routing.Agent
	for _, seat := range r.seats {
		if slices.ContainsFunc(wants, seat.Serves) {
			able = append(able, seat)
		}
	}
	return able
}

// phones are the telephones that a search rings at an instant.
type phones struct {
	// numbers are each there once, in order.
	numbers []string
	// post is that of the first one, name what people call it; both empty for
	// an outside number.
	post, name string
	// busy and absent are when the first one rings.
	busy, absent time.Duration
}

// ring finds the telephones of a search that began at an instant.
func (r *Rules) ring(s *search, at time.Time) phones {
	var p phones
	for i, step := range s.steps {
		var duty routing.Duty
		switch {
		case len(step.Wants) > 0:
			continue
		case step.Target.Kind == routing.ToDuty:
			duty, _ = r.rotas.On(r.guide.Regions, step.Target.Name, at.Add(s.busy[i]))
		case step.Target.Kind == routing.ToNumber:
			duty.Numbers = []string{step.Target.Name}
		}
		if len(p.numbers) == 0 && len(duty.Numbers) > 0 {
			p.post, p.name, p.busy, p.absent = duty.Post, duty.Name, s.busy[i], s.absent[i]
		}
		for _, number := range duty.Numbers {
			if !slices.Contains(p.numbers, number) {
				p.numbers = append(p.numbers, number)
			}
		}
	}
	return p
}

// routesTo are what is dialled for the police of a place.
func (r *Rules) routesTo(place string) []string {
	routes, known := r.police[place]
	if !known {
		routes = r.guide.Regions.PoliceRoutes(place)
		r.police[place] = routes
	}
	return routes
}

// view is a call under these rules.
type view struct {
	region   string
	walk     ivr.Walk
	decision routing.Decision
	search   *search
	phones   phones
}

// meet puts a call through the rules: as it was taken, or as these rules would
// take it.
func (r *Rules) meet(a Arrival, asItWas bool) view {
	v := view{region: a.Region}
	if _, known := r.guide.Regions.Find(a.Region); !asItWas || !known {
		v.region, _ = r.guide.Regions.OfCall(a.Origin, r.guide.Home)
	}
	v.walk = r.walk(v.region, a.Keys)
	if asItWas && a.Intent+a.Missed != "" {
		v.walk.Keys, v.walk.Intent, v.walk.Missed = a.Keys, a.Intent, a.Missed
	}
	request := call.Request(call.Call{Dialled: a.Origin.Dialled, Region: v.region, Trunk: a.Origin.Trunk, Walk: v.walk, Facts: a.Facts}, a.At)
	request.Untraced = true
	v.decision = r.guide.Plan.Decide(request)
	v.search = r.search(v.decision.Steps)
	v.phones = r.ring(v.search, a.At)
	return v
}

// longest bounds menus that silence leads on from; the reader of the
// configuration refuses circles.
const longest = 16

// walk presses keys, and then nothing, until the menus are left.
func (r *Rules) walk(region, keys string) ivr.Walk {
	walk, _ := r.guide.Menus.Start(region)
	for _, key := range keys {
		walk, _ = r.guide.Menus.Next(walk, ivr.Input{Key: string(key)})
	}
	for range longest {
		walk, _ = r.guide.Menus.Next(walk, ivr.Input{})
	}
	return walk
}

// outlook is a view for people.
func (v view) outlook() Outlook {
	return Outlook{
		Region: v.region, Keys: v.walk.Keys, Intent: v.walk.Intent, Missed: v.walk.Missed, Route: v.decision.Route,
		Search: v.search.words, Busy: v.phones.busy, Absent: v.phones.absent,
	}
}

// keysFor finds keys that lead the callers of a city to an intent, the fewest
// first; empty when there are none.
func (r *Rules) keysFor(region, intent string) string {
	walk, _ := r.guide.Menus.Start(region)
	queue := []ivr.Walk{walk}
	for len(queue) > 0 && len(queue) < 1000 {
		walk, queue = queue[0], queue[1:]
		for key := range strings.SplitSeq("0123456789*#", "") {
			if _, offered := r.guide.Menus.Menus[walk.Menu].Keys[key]; !offered {
				continue
			}
			next, _ := r.guide.Menus.Next(walk, ivr.Input{Key: key})
			if next.Done && next.Intent == intent {
				return next.Keys
			}
			if !next.Done {
				queue = append(queue, next)
			}
		}
	}
	return ""
}

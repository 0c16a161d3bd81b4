package main

import (
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/routing"
)

// explainedStep is one widening of the search: when it begins, why then, and
// who is rung.
type explainedStep struct {
	To   string `json:"to"`
	Name string `json:"name"`
	// After is how long the plan waits, BeginsMS when the step begins under
	// the load that was asked about.
	After    string    `json:"after"`
	BeginsMS int64     `json:"begins_ms"`
	Why      saidCheck `json:"why"`
	Queues   []string  `json:"queues"`
	// Load is what was asked about for these queues, with this call; Seats are
	// all who serve them, whether they are there or not.
	Load  routing.Load    `json:"load"`
	Seats []explainedSeat `json:"seats"`
	Duty  *explainedDuty  `json:"duty,omitempty"`

	ringFor time.Duration
}

type explainedSeat struct {
	ID   routing.AgentID `json:"id"`
	Name string          `json:"name"`
}

// explainedDuty is who is rung by telephone, numbers masked.
type explainedDuty struct {
	Post     string             `json:"post"`
	Name     string             `json:"name"`
	Shift    string             `json:"shift"`
	Officers []explainedOfficer `json:"officers"`
	Numbers  []string           `json:"numbers"`
	Why      []string           `json:"why"`
}

type explainedOfficer struct {
	Name    string   `json:"name"`
	Numbers []string `json:"numbers"`
}

// explainedPolice is what is dialled for 110 of a place.
type explainedPolice struct {
	Place   string   `json:"place"`
	Name    string   `json:"name"`
	Numbers []string `json:"numbers"`
}

// explainedPlaces is whose a matter of these places is.
type explainedPlaces struct {
	Codes    []string       `json:"codes"`
	Unit     string         `json:"unit"`
	UnitName string         `json:"unit_name"`
	Say      string         `json:"say"`
	Duty     *explainedDuty `json:"duty,omitempty"`
}

// step explains one step of the timeline.
func (e *explanation) step(s *configs.Snapshot, b routing.Beginning) explainedStep {
	target := b.Step.Target
	shown := explainedStep{
		To: maskNumbers(target.String()), Name: e.speech.Step(b.Step), After: b.Step.After.String(), BeginsMS: b.After.Milliseconds(),
		Why: e.said(b.Why), Queues: (routing.Ticket{Wants: b.Step.Wants}).Queues(), Load: e.loads.Of(b.Step.Wants), Seats: []explainedSeat{},
	}
	if shown.Queues == nil {
		shown.Queues, shown.Load = []string{}, routing.Load{}
	}
	for _, agent := range s.Agents {
		seat := routing.Agent{ID: agent.ID, Queues: agent.Queues, Languages: agent.Languages, Skills: agent.Skills}
		if agent.TakesCalls() && slices.ContainsFunc(b.Step.Wants, seat.Serves) {
			shown.Seats = append(shown.Seats, explainedSeat{ID: agent.ID, Name: agent.Name})
		}
	}
	for _, queue := range shown.Queues {
		shown.ringFor = max(shown.ringFor, s.Guide.Queues[queue].RingFor)
	}
	switch target.Kind {
	case routing.ToNumber:
		shown.Duty = &explainedDuty{Officers: []explainedOfficer{}, Numbers: masked([]string{target.Name}), Why: []string{}}
	case routing.ToDuty:
		shown.Duty = e.duty(s.Guide, target.Name, e.At.Add(b.After))
	default:
	}
	return shown
}

// duty is who is on duty for a place, as the gateway would ask it then.
func (e *explanation) duty(g *call.Guide, place string, at time.Time) *explainedDuty {
	duty, on := g.Rotas.On(g.Regions, place, at)
	if !on {
		return &explainedDuty{Officers: []explainedOfficer{}, Numbers: []string{}, Why: []string{
			e.words("这时没有人值班", "nobody is on duty then"),
		}}
	}
	shown := &explainedDuty{
		Post: duty.Post, Name: duty.Name, Shift: duty.Shift, Officers: []explainedOfficer{}, Numbers: masked(duty.Numbers),
		Why: duty.Why(e.words("zh", "en")),
	}
	for _, officer := range duty.Officers {
		shown.Officers = append(shown.Officers, explainedOfficer{Name: officer.Name, Numbers: masked(officer.Numbers)})
	}
	return shown
}

func masked(numbers []string) []string {
	hidden := make([]string, len(numbers))
	for i, number := range numbers {
		hidden[i] = routing.Number(number).Masked()
	}
	return hidden
}

// where says which police are called, and whose the matter is.
func (e *explanation) where(g *call.Guide, places []string) {
	of := places
	if len(of) == 0 {
		of = []string{e.Region} // where the child is taken to be while nobody says otherwise
	}
	for _, place := range of {
		if _, known := g.Regions.Find(place); known {
			e.Police = append(e.Police, explainedPolice{Place: place, Name: e.speech.Region(place), Numbers: masked(g.Regions.PoliceRoutes(place))})
		}
	}
	unit, any := g.Regions.Jurisdiction(places)
	if !any {
		return
	}
	names := make([]string, len(places))
	for i, place := range places {
		names[i] = e.speech.Region(place)
		if _, known := g.Regions.Find(place); !known {
			names[i] = place + e.words("（省外）", " (outside the province)")
		}
	}
	e.Places = &explainedPlaces{
		Codes: places, Unit: unit.Code, UnitName: unit.Name, Duty: e.duty(g, unit.Code, e.At),
		Say: e.words("涉及", "A matter of ") + strings.Join(names, e.words("、", ", ")) +
			e.words("的事，由", " is handled by ") + e.speech.Region(unit.Code) + e.words("处理", ""),
	}
}

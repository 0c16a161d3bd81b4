package cti

import (
	"time"

	"weibao/routing"
)

// OfficerView is a duty officer as the API shows one.
type OfficerView struct {
	ID      routing.OfficerID `json:"id"`
	Name    string            `json:"name"`
	Numbers []string          `json:"numbers"`
}

// OverrideView is a duty override as the API shows it. Whole numbers are for
// supervisors, who answer for them; everybody else sees them masked.
type OverrideView struct {
	ID      string                `json:"id"`
	Post    string                `json:"post"`
	State   routing.OverrideState `json:"state"`
	Why     string                `json:"why"`
	Changes []ChangeView          `json:"changes"`
	Steps   []StepView            `json:"steps"`
}

// ChangeView is one officer in the place of another for a time.
type ChangeView struct {
	From    moment            `json:"from"`
	To      moment            `json:"to"`
	Out     routing.OfficerID `json:"out"`
	OutName string            `json:"out_name"`
	In      OfficerView       `json:"in"`
}

// StepView is who has done what when.
type StepView struct {
	State routing.OverrideState `json:"state"`
	By    string                `json:"by"`
	At    moment                `json:"at"`
}

// NoteView is a hand-over note (交班记录).
type NoteView struct {
	Post string `json:"post"`
	At   moment `json:"at"`
	By   string `json:"by"`
	Text string `json:"text"`
}

// numberFor is an officer's number as the seat may see it.
func numberFor(seat Seat, number string) string {
	if seat.Role.SeesAll() {
		return number
	}
	return routing.Number(number).Masked()
}

// textFor is a text of a person as the seat may see it.
func textFor(seat Seat, text string) string {
	if seat.Role.SeesAll() {
		return text
	}
	return maskText(text)
}

// viewOverride shows an override to a seat.
func (s *Server) viewOverride(o routing.Override, seat Seat) OverrideView {
	v := OverrideView{ID: o.ID, Post: o.Post, State: o.State, Why: textFor(seat, o.Why), Changes: []ChangeView{}, Steps: []StepView{}}
	names := make(map[routing.OfficerID]string)
	if rota, has := s.opts.Rotas().Post(o.Post); has {
		for _, officer := range rota.Post().Officers {
			names[officer.ID] = officer.Name
		}
	}
	for _, c := range o.Changes {
		in := OfficerView{ID: c.In.ID, Name: c.In.Name, Numbers: []string{}}
		for _, number := range c.In.Numbers {
			in.Numbers = append(in.Numbers, numberFor(seat, number))
		}
		v.Changes = append(v.Changes, ChangeView{From: moment(c.From), To: moment(c.To), Out: c.Out, OutName: names[c.Out], In: in})
	}
	for _, step := range o.Steps {
		v.Steps = append(v.Steps, StepView{State: step.State, By: step.By, At: moment(step.At)})
	}
	return v
}

func viewNote(h routing.HandOver, seat Seat) NoteView {
	return NoteView{Post: h.Post, At: moment(h.At), By: h.By, Text: textFor(seat, h.Text)}
}

// dutyReply is who is on duty and why. The numbers of the people who are rung
// are masked for everybody: this is shown on the wall.
type dutyReply struct {
	At    moment `json:"at"`
	Asked string `json:"asked"`
	// Post is the one that answers: the region's own, or the nearest above it.
	Post     string        `json:"post"`
	Name     string        `json:"name"`
	Numbers  []string      `json:"numbers"`
	Shift    string        `json:"shift"`
	Officers []OfficerView `json:"officers"`
	Since    moment        `json:"since"`
	Until    moment        `json:"until"`
	// Why is a sentence a line.
	Why []string `json:"why"`
	// Override is the id of the one that changed it, or empty.
	Override string    `json:"override"`
	Note     *NoteView `json:"note"`
}

func viewDuty(d routing.Duty, at time.Time, asked, lang string, seat Seat) dutyReply {
	v := dutyReply{
		At: moment(at), Asked: asked, Post: d.Post, Name: d.Name, Numbers: maskNumbers(d.Numbers), Shift: d.Shift,
		Officers: []OfficerView{}, Since: moment(d.Since), Until: moment(d.Until), Why: []string{}, Override: d.Override,
	}
	for _, officer := range d.Officers {
		v.Officers = append(v.Officers, OfficerView{ID: officer.ID, Name: officer.Name, Numbers: maskNumbers(officer.Numbers)})
	}
	for _, line := range d.Why(lang) {
		v.Why = append(v.Why, textFor(seat, line))
	}
	if d.Note != nil {
		v.Note = new(viewNote(*d.Note, seat))
	}
	return v
}

func maskNumbers(numbers []string) []string {
	masked := []string{}
	for _, number := range numbers {
		masked = append(masked, routing.Number(number).Masked())
	}
	return masked
}

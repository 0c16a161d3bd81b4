package routing

import (
	"strconv"
	"strings"
	"time"
)

// PlanStep is one widening of the search for a person. Steps add up: a caller
// keeps the place in earlier queues.
type PlanStep struct {
	Target Target
	// After is how long after the start of the search the step begins. A step
	// that can serve nobody is not waited out: the next begins at once.
	After time.Duration
	// Ratio begins the step earlier: as soon as more than so many callers wait
	// for each seat of the steps before, also at the very start. 0: by time
	// only.
	Ratio float64
	// Languages and Skills are what a seat of this step must have.
	Languages []string
	Skills    []string
	// Wants is the target as tickets want it, filled in by NewPlan: the queues
	// of the caller's region. Empty for steps without seats.
	Wants []Want
}

// Want is one way in which a caller may be served: by a seat of a queue that
// has all of the languages and skills.
type Want struct {
	Queue     string   `json:"queue"`
	Languages []string `json:"languages,omitempty"`
	Skills    []string `json:"skills,omitempty"`
}

// AnyOf wants any seat of these queues.
func AnyOf(queues ...string) []Want {
	wants := make([]Want, len(queues))
	for i, queue := range queues {
		wants[i].Queue = queue
	}
	return wants
}

// Load is how many callers wait for the seats of a search, and how many such
// seats there are: ready and with a phone that can be reached, busy or not.
type Load struct {
	Waiting int `json:"waiting"`
	Seats   int `json:"seats"`
}

// String is the load as a trace shows it: "5/2", five callers for two seats.
func (l Load) String() string { return strconv.Itoa(l.Waiting) + "/" + strconv.Itoa(l.Seats) }

// Exceeds reports whether more than ratio callers wait for each seat. Without
// a seat every ratio is exceeded.
func (l Load) Exceeds(ratio float64) bool {
	return l.Seats == 0 || ratio > 0 && float64(l.Waiting) > ratio*float64(l.Seats)
}

// Due reports whether a step of the decision begins: its time has come, nobody
// could serve the steps before it, or too many wait for those who can. The
// first step begins at once; a step after one that rings telephones begins by
// time only. The check says which. The gateway and explain both ask it.
func (d Decision) Due(step int, waited time.Duration, before Load) (bool, Check) {
	s := d.Steps[step]
	c := Check{Rule: s.Target.String(), Held: true}
	seats := step > 0 && len(d.Steps[step-1].Wants) > 0
	switch {
	case step == 0:
		c.Fact, c.Want, c.Got = FactAfter, "0s", waited.String()
	case waited >= s.After:
		c.Fact, c.Want, c.Got = FactAfter, s.After.String(), waited.String()
	case seats && before.Seats == 0:
		c.Fact, c.Want, c.Got = FactLoad, "0", before.String()
	case seats && before.Exceeds(s.Ratio):
		c.Fact, c.Want, c.Got = FactLoad, strconv.FormatFloat(s.Ratio, 'g', -1, 64), before.String()
	default:
		c.Fact, c.Want, c.Got, c.Held = FactAfter, s.After.String(), waited.String(), false
	}
	return c.Held, c
}

// String is the step as a trace shows it: "queue:yanbian [ko] after 20s or 2
// a seat".
func (s PlanStep) String() string {
	var b strings.Builder
	b.WriteString(s.Target.String())
	for _, ability := range [][]string{s.Languages, s.Skills} {
		if len(ability) > 0 {
			b.WriteString(" [" + strings.Join(ability, " ") + "]")
		}
	}
	if s.After > 0 {
		b.WriteString(" after " + s.After.String())
	}
	if s.Ratio > 0 {
		b.WriteString(" or " + strconv.FormatFloat(s.Ratio, 'g', -1, 64) + " a seat")
	}
	return b.String()
}

// Beginning is when a step of a decision begins, and why then.
type Beginning struct {
	Step  PlanStep
	After time.Duration
	Why   Check
}

// Timeline says when each step begins if the load stays as it is: load is
// asked for the queues of all steps before. It is what a caller goes through
// whom nobody answers.
func (d Decision) Timeline(load func([]Want) Load) []Beginning {
	line := make([]Beginning, 0, len(d.Steps))
	var wants []Want
	var waited time.Duration
	for i, step := range d.Steps {
		before := load(wants)
		due, why := d.Due(i, waited, before)
		if !due {
			waited = step.After
			_, why = d.Due(i, waited, before)
		}
		line = append(line, Beginning{Step: step, After: waited, Why: why})
		wants = append(wants, step.Wants...)
	}
	return line
}

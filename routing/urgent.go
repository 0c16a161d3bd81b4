package routing

import (
	"slices"
	"strconv"
)

// hurry turns a decision into that of a caller who asks for a person now: the
// ticket goes before every ordinary one, and all steps with seats begin at
// once. Telephones keep their times; without a seat that is ready they come at
// once as well, see Due.
func (d *Decision) hurry(untraced bool) {
	steps := slices.Clone(d.Steps)
	for i := range steps {
		if len(steps[i].Wants) > 0 {
			steps[i].After, steps[i].Ratio = 0, 0
		}
	}
	if len(steps) > 0 {
		steps[0].After = 0 // the first begins at once, wherever it comes to stand
	}
	slices.SortStableFunc(steps, func(a, b PlanStep) int { return rank(a) - rank(b) })
	d.Steps, d.Priority = steps, BoostUrgent
	if !untraced {
		d.Trace = append(d.Trace, Check{Rule: d.Route, Fact: FactUrgent, Got: strconv.Itoa(BoostUrgent), Held: true})
	}
}

// rank puts the steps with seats before those with telephones.
func rank(s PlanStep) int {
	if len(s.Wants) > 0 {
		return 0
	}
	return 1
}

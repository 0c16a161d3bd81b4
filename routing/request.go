package routing

import "time"

// Request is what is known of a call when it looks for a person.
type Request struct {
	Dialled string
	// Region is the code of the city through whose line the call came.
	Region string
	// Trunk is the line group through which it came.
	Trunk string
	// Key is the path of keys that the caller pressed; "" when nothing was.
	Key string
	// Intent is what the menu found out, Missed how a person was reached
	// without a choice ("silence", "wrong").
	Intent string
	Missed string
	// Language is the one that the caller chose in the menu; "" for none.
	Language string
	// Facts are what is known of the caller besides: "repeat", "risk".
	Facts map[string]string
	// Urgent is set when the caller has pressed the key for a person now.
	Urgent bool
	At     time.Time
	// Untraced leaves the trace out, for rehearsals over a year of calls.
	Untraced bool
}

// The facts that a matcher can ask for.
const (
	FactKey      = "key"
	FactRegion   = "region"
	FactDialled  = "dialled"
	FactTrunk    = "trunk"
	FactLanguage = "language"
	FactIntent   = "intent"
	FactMissed   = "missed"
	FactHours    = "hours"
	// FactRepeat is RepeatLost for a caller who was lost in line within the
	// last half hour.
	FactRepeat = "repeat"
	// FactRisk is RiskFlagged for a number that a supervisor has marked as a
	// known risk, RiskLimited for one that is limited for proven abuse.
	FactRisk = "risk"
)

// Values of the facts about a caller.
const (
	RepeatLost  = "lost"
	RiskFlagged = "flagged"
	RiskLimited = "limited"
)

// Risks are the values of FactRisk, in the order in which they count.
func Risks() []string { return []string{RiskFlagged, RiskLimited} }

// Fact returns a named fact of the request as matchers see it. FactHours is
// not here: only a plan knows its hours.
func (r *Request) Fact(name string) string {
	switch name {
	case FactKey:
		return r.Key
	case FactRegion:
		return r.Region
	case FactDialled:
		return r.Dialled
	case FactTrunk:
		return r.Trunk
	case FactLanguage:
		return r.Language
	case FactIntent:
		return r.Intent
	case FactMissed:
		return r.Missed
	}
	return r.Facts[name]
}

// set is the opposite of Fact.
func (r *Request) set(name, value string) {
	switch name {
	case FactKey:
		r.Key = value
	case FactRegion:
		r.Region = value
	case FactDialled:
		r.Dialled = value
	case FactTrunk:
		r.Trunk = value
	case FactLanguage:
		r.Language = value
	case FactIntent:
		r.Intent = value
	case FactMissed:
		r.Missed = value
	default:
		r.Facts[name] = value
	}
}

// Decision is the answer of a plan with the trace that led to it.
type Decision struct {
	Route string
	Plan  string
	// Steps are the widening search. They belong to the plan and are not
	// changed by anyone.
	Steps []PlanStep
	// Priority goes before age in line, see Ticket.Boost.
	Priority int
	At       time.Time
	Trace    []Check
}

// Check is one line of a trace: what was looked at, what was wanted, what was
// found, whether it held. Say puts it in words.
type Check struct {
	// Rule is whose rule it is: the name of a route, "line", "seat 1001".
	Rule string `json:"rule"`
	// Fact is what was looked at: one of the facts above, or FactStep and the
	// others of a trace.
	Fact string `json:"fact"`
	Want string `json:"want,omitempty"`
	Got  string `json:"got"`
	Held bool   `json:"held"`
}

// What a trace looks at besides the facts of a request.
const (
	// FactStep is a step of the search: wanted as it is written, got as it is
	// resolved for the region; it is not held when nothing there answers to it.
	FactStep = "step"
	// FactOthers tells of routes that can not match and were not asked one by
	// one.
	FactOthers = "others"
	// FactOrigin is how the region of a call was found.
	FactOrigin = "origin"
	// FactPlace is a place in line, FactOrder why it was the ticket's turn,
	// FactSeat whether a seat can take a call.
	FactPlace = "place"
	FactOrder = "order"
	FactSeat  = "seat"
	// Why it was this seat of those that were free: it had talked with the
	// caller, it was the only one asked for, or by the queue's strategy.
	FactPrefer = "prefer"
	FactOnly   = "only"
	FactIdle   = "idle"
	FactCalls  = "calls"
	FactFirst  = "first"
	FactRound  = "round"
	// FactAfter is how long a caller has waited, FactLoad how many wait for
	// each seat.
	FactAfter = "after"
	FactLoad  = "load"
	// FactUrgent is the key for a person now; got is the boost that it gives.
	FactUrgent = "urgent"
)

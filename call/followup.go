package call

import (
	"cmp"
	"time"

	"weibao/routing"
)

// FollowUp is what a caller is still owed when the call is over, or instead of
// waiting on: every path ends with a person or with a promise that is recorded
// and has an owner and a deadline. The zero value owes nothing.
type FollowUp struct {
	// ID is the id of the call that opened it.
	ID   ID
	Kind FollowUpKind
	// Number is the caller's as it came; a follow-up without one can only be
	// known of, not rung.
	Number routing.Number
	// E164 is the same number in its one international form; empty when it has
	// none. What is owed to one number is owed to one person.
	E164   routing.Number
	Region string
	// Dialled, Keys and Intent are how the caller came: the call back shows the
	// number that was dialled then, and is routed as the caller was.
	Dialled string
	Keys    string
	Intent  string
	// Language is the one the caller chose; "" when none was.
	Language string
	// Since is when the caller began to wait: a call-back keeps place and age.
	Since time.Time
	// Promised is set when the caller asked for the call-back by key: the
	// gateway rings by itself when a seat is free. Otherwise a person decides.
	Promised bool
	// Safe is what the caller said of being rung back.
	Safe Safety
	// Hours names the hours of the plan in which the caller may be rung; "" for
	// any time.
	Hours string
	// Attempts counts the calls placed so far; NotBefore is when the next may be.
	Attempts  int
	NotBefore time.Time
	Owner     routing.AgentID
	Due       time.Time
	Why       string
}

// FollowUpKind says what has to be done.
type FollowUpKind string

// The kinds of follow-up.
const (
	// RingBack: the caller is to be rung back.
	RingBack FollowUpKind = "callback"
	// Contact: the caller left before a person answered. Silence and a hang-up
	// are contact, never a nuisance; a person looks at what is known and
	// decides.
	Contact FollowUpKind = "contact"
	// Unfiled and Unconcluded are no caller's but our own: a call to 110 without
	// a filing, and a filing without an outcome.
	Unfiled     FollowUpKind = "unfiled"
	Unconcluded FollowUpKind = "unconcluded"
)

// FollowUpKinds are all kinds.
func FollowUpKinds() []FollowUpKind {
	return []FollowUpKind{RingBack, Contact, Unfiled, Unconcluded}
}

// Ours reports a kind that is owed to no caller: nobody is to be rung.
func (k FollowUpKind) Ours() bool { return k == Unfiled || k == Unconcluded }

// Safety is what a caller said of being rung back: a phone may be in the hands
// of the one whom the child fears.
type Safety string

// The answers.
const (
	SafetyUnknown Safety = ""
	Safe          Safety = "safe"
	Unsafe        Safety = "unsafe" // never to be rung
)

// Settlement ends a follow-up.
type Settlement struct {
	ID      ID
	Outcome SettlementOutcome
	By      routing.AgentID // empty for the gateway itself
	At      time.Time
	Note    string
}

// SettlementOutcome is how a follow-up ended.
type SettlementOutcome string

// The outcomes of a follow-up.
const (
	// Reached: a person has spoken with the caller since.
	Reached SettlementOutcome = "reached"
	// Closed: a person decided that nothing more is to be done, and says why.
	Closed SettlementOutcome = "closed"
)

// owes opens what the caller is owed. The owner is the seat that had the talk;
// else the city's own queue, whose seats know the place; else the supervisors.
// What the caller has asked for by key stands: it says more.
func (t *turn) owes(kind FollowUpKind, why string) {
	if t.c.FollowUp.Promised {
		return
	}
	since := t.c.Search.Since
	if since.IsZero() {
		since = t.c.ArrivedAt // gone before there was a line to wait in
	}
	t.c.FollowUp = FollowUp{
		ID: t.c.ID, Kind: kind, Number: t.c.Number, E164: t.c.Known.E164, Region: t.c.Region, Language: t.c.Walk.Language, Since: since,
		Dialled: t.c.Dialled, Keys: t.c.Walk.Keys, Intent: t.c.Walk.Intent, Safe: t.c.Safe,
		Owner: cmp.Or(t.c.Agent, routing.AgentID(t.g.queueOf(t.c.Region)), routing.AgentID(t.g.Supervisors)),
		Due:   t.at.Add(t.g.Times.FollowUp), Why: why,
	}
}

// queueOf is the city's own queue; empty when it has none. Of several the
// first by name.
func (g *Guide) queueOf(region string) string {
	own := ""
	for name, queue := range g.Queues {
		if region != "" && queue.Region == region && (own == "" || name < own) {
			own = name
		}
	}
	return own
}

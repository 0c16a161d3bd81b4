package rehearsal

import (
	"time"

	"weibao/call"
	"weibao/routing"
)

// Arrival is a call that came, as far as it is known.
type Arrival struct {
	ID call.ID
	// At is when the call came to the plan: behind the menus.
	At     time.Time
	Caller routing.Number
	// Origin says how it came in, Region of which city it was taken to be.
	Origin routing.Origin
	Region string
	// Keys are what the caller pressed. Intent and Missed are what the menus
	// made of it; both empty when that is not known.
	Keys, Intent, Missed string
	// Facts are what was known of the caller.
	Facts map[string]string
	// Answer is who answered; the zero value for nobody.
	Answer Answer
	// Places are those for which the police were called.
	Places []string
}

// Answer is who answered a call first, and how long after the search began.
type Answer struct {
	Agent  routing.AgentID
	Queue  string
	Number string // of a duty officer
	After  time.Duration
}

// Effect is what a difference means for the caller.
type Effect string

// The effects.
const (
	Neutral Effect = "changed"
	Better  Effect = "better"
	Worse   Effect = "worse"
)

// Kind names what differs.
type Kind string

// The kinds of difference.
const (
	InRegion   Kind = "region"      // the call counts as another city's
	InKeys     Kind = "keys"        // the keys mean something else
	InRoute    Kind = "route"       // another route takes it
	InPriority Kind = "priority"    // its priority in line
	InSeats    Kind = "seats"       // seats are asked earlier, later or not
	InBusy     Kind = "wait_busy"   // the first telephone, all seats busy
	InAbsent   Kind = "wait_absent" // the first telephone, no seat there
	InAnswer   Kind = "answer"      // who really answered
	InDuty     Kind = "duty"        // the telephones of duty officers
	InPolice   Kind = "police"      // what is dialled for 110
	InFiling   Kind = "filing"      // the post that is told of emergencies
)

// Difference is one thing that would have been different.
type Difference struct {
	Kind   Kind   `json:"kind"`
	Effect Effect `json:"effect"`
	// Say is the difference as a sentence. Numbers in it are masked.
	Say string `json:"say"`
}

// Outlook is what a caller meets under a configuration.
type Outlook struct {
	Region string `json:"region"`
	Keys   string `json:"keys"`
	Intent string `json:"intent"`
	Missed string `json:"missed,omitempty"`
	Route  string `json:"route"`
	// Search are the steps in words, with the time of each when every seat is
	// busy.
	Search []string `json:"search"`
	// Busy and Absent are when the first telephone rings a person, with every
	// seat busy and with none there.
	Busy   time.Duration `json:"-"`
	Absent time.Duration `json:"-"`
}

// Outcome is a rehearsed call.
type Outcome struct {
	Arrival     Arrival
	Was, Would  Outlook
	Differences []Difference
}

// Effect is that of the call as a whole: worse when anything is. Neutral for a
// call without any difference too.
func (o Outcome) Effect() Effect {
	effect := Neutral
	for _, d := range o.Differences {
		switch d.Effect {
		case Worse:
			return Worse
		case Better:
			effect = Better
		case Neutral:
		}
	}
	return effect
}

package call

import (
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// Guide is the configuration that a call arrived with and keeps to its end.
// It is never changed after it was made; a reload makes a new one.
type Guide struct {
	Version string
	Regions routing.Regions
	// Home is the region of a call that says nothing of its own.
	Home   string
	Menus  ivr.Book
	Plan   *routing.Plan
	Queues map[string]routing.Queue
	Rotas  routing.Rotas
	// Supervisors is the queue that is rung when a child's listener is gone
	// or a second listener is wanted.
	Supervisors string
	// Numbers are the outside numbers that a seat may transfer to.
	Numbers []string
	Filings FilingRules
	Prompts Prompts
	Times   Times
}

// Prompts are the prompts that a call plays outside the menus, by purpose, in
// every language that there is; a call plays those of its region's languages.
type Prompts struct {
	Connecting []ivr.Prompt // 正在为您接通
	Comfort    []ivr.Prompt // from time to time in line
	Closing    []ivr.Prompt // the talk is over; stay on the line if …
	Stay       []ivr.Prompt // the listener has gone: please stay, somebody comes
	// Promised confirms a call back that keeps the place, Unpromised says that
	// it could not be kept.
	Promised   []ivr.Prompt
	Unpromised []ivr.Prompt
	// Neutral is what a party that we rang hears first: it tells nothing of the
	// hotline and asks for key 1, for somebody else may have picked up. Goodbye
	// is for who did not press it.
	Neutral []ivr.Prompt
	Goodbye []ivr.Prompt
	// CallBack tells a seat that it is a call back.
	CallBack []ivr.Prompt
	// Place are the sentences for a place in line, by Ahead; Wait those for how
	// long it may take.
	Place []PlaceWords
	Wait  []WaitWords
	// Region and Key name what a seat hears in the whisper; a missing one is
	// left out.
	Region map[string]ivr.Prompt
	Key    map[string]ivr.Prompt
}

// PlaceWords say a place in line: to who has so many ahead, and to everybody
// further behind for whom there is no other sentence.
type PlaceWords struct {
	Ahead int
	Say   []ivr.Prompt
}

// WaitWords say how long a wait may be, to who will probably be answered
// between the two.
type WaitWords struct {
	From, To time.Duration
	Say      []ivr.Prompt
}

// Times are the limits of a call. Zero means the default.
type Times struct {
	Prompt   time.Duration // longest prompt; a fault in playing is noticed after it
	Whisper  time.Duration // longest whisper to a seat
	Reach    time.Duration // until a dialled seat must ring
	DutyRing time.Duration // one duty number
	DutyRest time.Duration // between rounds over the duty numbers
	// FirstWord is until a caller in line is first told the place; Comfort is
	// between the words after that.
	FirstWord time.Duration
	Comfort   time.Duration
	Police    time.Duration // one number of the police
	Filing    time.Duration // 110 waits no longer for the filing
	Parting   time.Duration // silence after the closing prompt
	Watch     time.Duration // between checks that the legs still exist
	Mend      time.Duration // before a failed join is tried again
	Closing   time.Duration // until the recording must be closed
	FollowUp  time.Duration // until a call back is due
	CallBack  time.Duration // the phone of a party that we ring
	Confirm   time.Duration // until the party must have pressed the key
	Again     time.Duration // before a party that was not reached is rung again
	Own       time.Duration // until the seat that wants to ring must be free
	Pause     time.Duration // before a recording that is paused goes on by itself
}

// DefaultTimes are the limits where the configuration names none.
func DefaultTimes() Times {
	return Times{
		Prompt: 30 * time.Second, Whisper: 3 * time.Second, Reach: 4 * time.Second,
		DutyRing: 25 * time.Second, DutyRest: 10 * time.Second, FirstWord: 10 * time.Second, Comfort: 20 * time.Second,
		Police: 20 * time.Second, Filing: 200 * time.Millisecond, Parting: 4 * time.Second,
		Watch: time.Minute, Mend: 300 * time.Millisecond, Closing: 5 * time.Second,
		FollowUp: 30 * time.Minute,
		CallBack: 30 * time.Second, Confirm: 10 * time.Second, Again: 10 * time.Minute, Own: 30 * time.Second, Pause: 2 * time.Minute,
	}
}

package cti

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// moment is a time as the API writes it: RFC 3339, UTC, milliseconds.
type moment time.Time

// MarshalJSON writes the time, or null for none.
func (m moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return []byte(time.Time(m).UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// IsZero is for omitzero.
func (m moment) IsZero() bool { return time.Time(m).IsZero() }

// CallView is a call as the API shows it. Numbers are masked.
type CallView struct {
	ID         call.ID           `json:"id"`
	Phase      string            `json:"phase"`
	Direction  string            `json:"direction"`
	Placed     *PlacedView       `json:"placed"`
	Dialled    string            `json:"dialled"`
	Region     string            `json:"region"`
	RegionName string            `json:"region_name"`
	Caller     string            `json:"caller"`
	KeyPath    string            `json:"key_path"`
	Missed     string            `json:"missed"`
	Intent     string            `json:"intent"`
	Urgent     bool              `json:"urgent"` // the caller has pressed for a person now
	Queue      string            `json:"queue"`
	Agent      routing.AgentID   `json:"agent"`
	Why        string            `json:"why"`
	ArrivedAt  moment            `json:"arrived_at"`
	TalkedAt   moment            `json:"talked_at"`
	EndedAt    moment            `json:"ended_at"`
	WaitedMS   int64             `json:"waited_ms"`
	TalkedMS   int64             `json:"talked_ms"`
	AloneMS    int64             `json:"alone_ms"`
	Transfer   *TransferView     `json:"transfer"`
	Transfers  []TransferView    `json:"transfers"`
	Legs       []LegView         `json:"legs"`
	FollowUp   *FollowUpView     `json:"follow_up"`
	Journey    []LineView        `json:"journey"`
	Note       map[string]string `json:"note"`
	Recording  RecordingView     `json:"recording"`
	Guide      string            `json:"guide"`
	Outcome    call.Outcome      `json:"outcome"`
	Reason     string            `json:"reason"`
}

// PlacedView is what a call that was placed from here is for.
type PlacedView struct {
	FollowUp call.ID         `json:"follow_up"`
	By       routing.AgentID `json:"by"`
	Override string          `json:"override"`
	Attempts int             `json:"attempts"`
}

// TransferView is a third party being brought into a call.
type TransferView struct {
	Phase    string          `json:"phase"`
	To       string          `json:"to"`
	Place    string          `json:"place"`
	Category string          `json:"category"`
	By       routing.AgentID `json:"by"`
	Filing   string          `json:"filing"`
	Notice   string          `json:"notice"`
	Attempts []AttemptView   `json:"attempts"`
	Reason   string          `json:"reason"`
	Outcome  string          `json:"outcome"`

	AskedAt      moment `json:"asked_at"`
	PickedAt     moment `json:"picked_at"`
	IntroducedAt moment `json:"introduced_at"`
	HandedAt     moment `json:"handed_at"`
	EndedAt      moment `json:"ended_at"`
}

// AttemptView is one number that was dialled for a transfer.
type AttemptView struct {
	Number    string     `json:"number"`
	Leg       call.LegID `json:"leg"`
	DialledAt moment     `json:"dialled_at"`
	PickedAt  moment     `json:"picked_at"`
	EndedAt   moment     `json:"ended_at"`
	Result    string     `json:"result"`
	Detail    string     `json:"detail"`
}

// LegView is one party of a call.
type LegView struct {
	ID        call.LegID      `json:"id"`
	Role      string          `json:"role"`
	Agent     routing.AgentID `json:"agent"`
	Number    string          `json:"number"`
	State     string          `json:"state"`
	Room      call.Room       `json:"room"`
	Cause     call.Cause      `json:"cause"`
	DialledAt moment          `json:"dialled_at"`
	PickedAt  moment          `json:"picked_at"`
	LeftAt    moment          `json:"left_at"`
}

// FollowUpView is what the caller is still owed.
type FollowUpView struct {
	Kind  string          `json:"kind"`
	Owner routing.AgentID `json:"owner"`
	Due   moment          `json:"due"`
	Why   string          `json:"why"`
	// Promised: the gateway rings by itself. Safe is what the caller said of it.
	Promised bool        `json:"promised"`
	Safe     call.Safety `json:"safe"`
}

// LineView is one line of a call's journey.
type LineView struct {
	At   moment     `json:"at"`
	What string     `json:"what"`
	Leg  call.LegID `json:"leg"`
	Who  string     `json:"who"`
	More string     `json:"more"`
}

// viewCall shows a call at that time.
func (s *Server) viewCall(c *call.Call, at time.Time) CallView {
	v := CallView{
		Recording: viewRecording(&c.Recording),
		ID:        c.ID, Phase: c.Phase.String(), Direction: c.Direction(), Dialled: c.Dialled, Region: c.Region,
		Caller: c.Number.Masked(), KeyPath: c.Walk.Keys, Missed: c.Walk.Missed, Intent: c.Walk.Intent, Urgent: c.Walk.Person,
		Queue: queueOf(c), Agent: c.Agent, Why: whyLine(&c.Search.Decision),
		ArrivedAt: moment(c.ArrivedAt), TalkedAt: moment(c.TalkedAt), EndedAt: moment(c.EndedAt),
		WaitedMS: waited(c, at).Milliseconds(), TalkedMS: talked(c, at).Milliseconds(), AloneMS: c.Alone().Milliseconds(),
		Note: maps.Clone(c.Note), Guide: c.Guide, Outcome: c.Ending.Outcome, Reason: c.Ending.Reason,
		Transfers: []TransferView{}, Legs: []LegView{}, Journey: []LineView{},
	}
	if region, ok := s.opts.Regions().Find(c.Region); ok {
		v.RegionName = region.Name
	}
	if v.Note == nil {
		v.Note = map[string]string{}
	}
	for i := range c.Transfers {
		v.Transfers = append(v.Transfers, viewTransfer(&c.Transfers[i]))
	}
	switch {
	case c.Transfer.To.Kind != routing.NoTarget:
		v.Transfer = new(viewTransfer(&c.Transfer))
	case len(v.Transfers) > 0:
		v.Transfer = new(v.Transfers[len(v.Transfers)-1])
	}
	for i := range c.Legs {
		v.Legs = append(v.Legs, viewLeg(&c.Legs[i], c.Number))
	}
	if p := &c.Placed; p.On() {
		v.Placed = &PlacedView{FollowUp: p.FollowUp.ID, By: p.By, Override: maskText(p.Override), Attempts: p.FollowUp.Attempts}
	}
	if f := c.FollowUp; f.Kind != "" {
		v.FollowUp = &FollowUpView{Kind: string(f.Kind), Owner: f.Owner, Due: moment(f.Due), Why: maskText(f.Why), Promised: f.Promised, Safe: f.Safe}
	}
	for _, e := range c.Journey {
		v.Journey = append(v.Journey, LineView{
			At: moment(e.At), What: e.What, Leg: e.Leg, Who: maskText(e.Who), More: maskText(e.More),
		})
	}
	return v
}

func viewTransfer(t *call.Transfer) TransferView {
	v := TransferView{
		Phase: t.Phase.String(), To: maskTarget(t.To), Place: t.Place, Category: t.Category, By: t.By,
		Filing: t.Filing, Notice: maskText(t.Notice), Attempts: []AttemptView{}, Reason: maskText(t.Reason), Outcome: t.Outcome,
		AskedAt: moment(t.AskedAt), PickedAt: moment(t.PickedAt), IntroducedAt: moment(t.IntroducedAt),
		HandedAt: moment(t.HandedAt), EndedAt: moment(t.EndedAt),
	}
	for _, a := range t.Attempts {
		v.Attempts = append(v.Attempts, AttemptView{
			Number: routing.Number(a.Number).Masked(), Leg: a.Leg, DialledAt: moment(a.DialledAt),
			PickedAt: moment(a.PickedAt), EndedAt: moment(a.EndedAt), Result: a.Result, Detail: maskText(a.Detail),
		})
	}
	return v
}

func viewLeg(l *call.Leg, caller routing.Number) LegView {
	number := l.Number
	if l.Role == call.Citizen {
		number = caller
	}
	return LegView{
		ID: l.ID, Role: l.Role.String(), Agent: l.Agent, Number: number.Masked(), State: l.State.String(),
		Room: l.Room, Cause: l.Cause, DialledAt: moment(l.DialledAt), PickedAt: moment(l.PickedAt), LeftAt: moment(l.LeftAt),
	}
}

// queueOf is the queue that the call's latest seat was offered for, or the
// first that it waits in.
func queueOf(c *call.Call) string {
	for _, leg := range slices.Backward(c.Legs) {
		if leg.Role == call.Seat && leg.Queue != "" {
			return leg.Queue
		}
	}
	if queues := c.Search.Ticket.Queues(); len(queues) > 0 {
		return queues[0]
	}
	return ""
}

// whyLine is the decision in one line: the route and where it leads.
func whyLine(d *routing.Decision) string {
	if d.Route == "" {
		return ""
	}
	steps := make([]string, len(d.Steps))
	for i, step := range d.Steps {
		steps[i] = maskTarget(step.Target)
	}
	return d.Route + ": " + strings.Join(steps, " → ")
}

// waited is how long the caller has looked for a person.
func waited(c *call.Call, at time.Time) time.Duration {
	if c.Search.Since.IsZero() && c.TalkedAt.IsZero() {
		return 0
	}
	return between(firstOf(c.Search.Ticket.Since, c.Search.Since, c.ArrivedAt), firstOf(c.TalkedAt, c.EndedAt, at))
}

// talked is how long ago the first person answered, until the end.
func talked(c *call.Call, at time.Time) time.Duration {
	if c.TalkedAt.IsZero() {
		return 0
	}
	return between(c.TalkedAt, firstOf(c.EndedAt, at))
}

func between(from, to time.Time) time.Duration { return max(0, to.Sub(from)) }

func firstOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// longDigits are runs of digits as long as a person's number with or without
// its prefixes; a date is shorter, a time stamp longer.
var longDigits = regexp.MustCompile(`\d+`)

// maskText masks what looks like a person's number in a text.
func maskText(s string) string {
	return longDigits.ReplaceAllStringFunc(s, func(run string) string {
		if len(run) >= 10 && len(run) <= 13 {
			return routing.Number(run).Masked()
		}
		return run
	})
}

func maskTarget(t routing.Target) string {
	if t.Kind == routing.ToNumber {
		t.Name = routing.Number(t.Name).Masked()
	}
	return t.String()
}

// CheckView is a line of a trace as the API shows it: masked, and in words.
type CheckView struct {
	routing.Check
	// Say is the check as a sentence in Chinese.
	Say string `json:"say"`
}

func (s *Server) viewChecks(checks []routing.Check) []CheckView {
	views := make([]CheckView, len(checks))
	for i, c := range checks {
		c.Got, c.Want = maskText(c.Got), maskText(c.Want)
		views[i] = CheckView{Check: c, Say: s.opts.Say(c)}
	}
	return views
}

// owns reports whether a call is the seat's: it has or last had the talk, or
// one of its own phones is in it or is being rung for it.
func owns(seat Seat, c *call.Call) bool {
	return seat.ID != "" && (c.Agent == seat.ID || c.Placed.By == seat.ID || slices.ContainsFunc(c.Legs, func(l call.Leg) bool {
		return l.Agent == seat.ID && l.Live()
	}))
}

func sees(seat Seat, c *call.Call) bool { return seat.Role.SeesAll() || owns(seat, c) }

func byArrival(a, b call.Call) int { return cmp.Compare(a.ID, b.ID) }

package call

import (
	"maps"
	"slices"
	"strings"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// Placed is what a call of ours is for; the zero value is a call that came. A
// seat is rung first, and only when it has answered is the party's phone: so
// there are never more of them in flight than seats, and who picks up is never
// without one. Somebody else may pick up: the party hears a neutral sentence and
// is joined with the seat only after pressing 1.
type Placed struct {
	Ours bool // set in every call of ours
	// FollowUp is what is owed, after the call what is still; without an ID the
	// call is a seat's own. Of a call that an earlier life of the gateway placed
	// only the ID is known.
	FollowUp FollowUp
	// To is the party's number as it is dialled.
	To string
	// By is the seat that wants to ring; empty for the gateway itself.
	By routing.AgentID
	// Override is why a number was rung that was said to be unsafe.
	Override string
	// Confirmed is set when the party has pressed 1, or need not.
	Confirmed bool
	// Why is the reason for which the party is being let go; "" while it is not.
	Why string
}

// On reports whether the call was placed by us.
func (p *Placed) On() bool { return p.Ours }

func (p *Placed) own() bool { return p.On() && p.FollowUp.ID == "" }

// Unconfirmed reports whether nobody knows yet who is at the other end: until
// then the party is no caller, and may be let go.
func (c *Call) Unconfirmed() bool { return c.Placed.On() && !c.Placed.Confirmed }

// Direction is "in" for a call that came, "owed" for a call back and "own" for
// the own call of a seat.
func (c *Call) Direction() string {
	switch {
	case c.Placed.own():
		return "own"
	case c.Placed.On():
		return "owed"
	}
	return "in"
}

// maxAttempts is how often a person is rung by the gateway; after that somebody
// decides what else can be done.
const maxAttempts = 3

// confirmKey is what the party presses to say that it is the caller of before.
const confirmKey = "1"

// owed begins a call of ours: it goes into line with the age of what is owed,
// so that the place is kept. Nobody is at the phone yet.
func (t *turn) owed(ev Owed) {
	f := ev.FollowUp
	t.c.ID, t.c.Guide, t.c.ArrivedAt, t.c.LegPrefix = ev.Call, t.g.Version, t.at, string(ev.Call)
	t.c.Number, t.c.Region, t.c.Facts, t.c.Dialled = f.Number, f.Region, ev.Facts, f.Dialled
	t.c.Known, t.c.Recording.Off = routing.Normalise(string(f.Number), t.g.Regions, f.Region), ev.Unrecorded
	t.c.Walk = ivr.Walk{Done: true, Keys: f.Keys, Intent: f.Intent, Language: f.Language}
	to, can := dialled(t.c.Known)
	if f.ID == "" {
		to, can = string(f.Number), routing.Digits(string(f.Number)) // of the list of numbers: a service, too
	}
	t.c.Placed = Placed{Ours: true, FollowUp: f, To: to, By: ev.By, Override: ev.Override}
	t.c.Legs = []Leg{{ID: ev.Leg, Role: Citizen, Number: f.Number, State: Unplaced}}
	t.c.Phase = Waiting
	t.c.Search.Since = f.Since
	if f.Since.IsZero() {
		t.c.Search.Since = t.at
	}
	t.note("OWED", t.c.Caller(), strings.TrimSpace(string(f.ID)+" "+string(ev.By)+" "+ev.Override))
	t.setAlarm(alarmWatch, t.g.Times.Watch)
	switch {
	case !can:
		t.unreached("没有可以回拨的号码", tried)
	case len(t.g.Prompts.Neutral) == 0 && f.ID != "":
		t.unreached("没有配置回拨的开场提示音（purposes.neutral）", tried)
	case ev.By != "":
		t.seek(routing.AnyOf(slices.Sorted(maps.Keys(t.g.Queues))...))
		t.setAlarm(alarmOwn, t.g.Times.Own)
	default:
		t.c.Search.Decision = t.g.Plan.Decide(Request(t.c, t.at))
		t.note("ROUTE", t.c.Caller(), t.c.Search.Decision.Route)
		if !seated(t.c.Search.Decision) {
			t.unreached("这个时间没有坐席值守", postponed)
			return
		}
		t.seek(nil)
	}
}

// seated reports a decision that leads to seats; a duty post rings no callers
// back.
func seated(d routing.Decision) bool {
	return slices.ContainsFunc(d.Steps, func(s routing.PlanStep) bool { return len(s.Wants) > 0 })
}

// seek puts the call into line: with these wants for the seat that wants to
// ring, else by the steps of the plan.
func (t *turn) seek(wants []routing.Want) {
	s := &t.c.Search
	s.Ticket = routing.Ticket{
		ID: routing.TicketID(t.c.ID), Since: s.Since, Boost: s.Decision.Priority, Only: t.c.Placed.By,
		Prefer: routing.AgentID(t.c.Facts[FactAgent]),
	}
	if wants == nil {
		t.nextStep()
		return
	}
	s.Ticket.Wants, s.Ticket.Boost, s.Queued = wants, routing.BoostReturn, true
	t.do(Enqueue{Ticket: s.Ticket})
}

// tooLate reports whether the hours are over in which the caller may be rung.
// A person who rings decides for itself.
func (t *turn) tooLate() bool {
	f := &t.c.Placed.FollowUp
	return t.c.Unconfirmed() && t.c.Placed.By == "" && f.Hours != "" && !t.g.within(f, t.at)
}

// lapsed looks after a call back that has been in line for long: its hours may
// be over, and the plan may lead elsewhere by now. It is true when the call has
// ended.
func (t *turn) lapsed() bool {
	if t.c.Caller().State != Unplaced || t.c.Phase != Waiting || t.c.Placed.By != "" {
		return false
	}
	switch now := t.g.Plan.Decide(Request(t.c, t.at)); {
	case t.tooLate():
		t.unreached("已过可以回拨的时段", untried)
		return true
	case !seated(now):
		t.unreached("这个时间没有坐席值守", postponed)
		return true
	case now.Route != t.c.Search.Decision.Route:
		t.outOfLine()
		t.c.Search.Decision, t.c.Search.Step = now, 0
		t.note("ROUTE", t.c.Caller(), now.Route)
		t.seek(nil)
	}
	return false
}

// within reports whether an instant is in the hours of a follow-up. Hours that
// the plan does not have any more never come: a person decides.
func (g *Guide) within(f *FollowUp, at time.Time) bool {
	return f.Hours == "" || g.Plan.Hours[f.Hours].Cover(at, f.Region)
}

// callOut rings the party: a seat has answered for it, and hears music until
// the party has said who it is.
func (t *turn) callOut(seat *Leg) {
	caller := t.c.Caller()
	if caller.State != Unplaced {
		return
	}
	if t.tooLate() {
		t.unreached("已过可以回拨的时段", untried)
		return
	}
	t.c.Phase, t.c.Agent = Calling, seat.Agent
	t.outOfLine()
	t.do(Music{Leg: seat.ID})
	caller.State, caller.DialledAt = Dialling, t.at
	t.do(Dial{
		Leg: caller.ID, To: routing.Target{Kind: routing.ToNumber, Name: t.c.Placed.To}, Trunk: TrunkCarrier,
		Shown: t.c.Dialled, Memo: t.c.placedMemo(),
	})
	t.note("DIAL", caller, "")
	t.setAlarm(ringAlarm(caller.ID), t.g.Times.CallBack)
}

// outOfLine takes the ticket of a call of ours out of line.
func (t *turn) outOfLine() {
	t.clearAlarm(alarmStep, alarmOwn)
	if t.c.Search.Queued {
		t.c.Search.Queued = false
		t.do(Withdraw{Ticket: t.c.Search.Ticket.ID})
	}
}

// partyPicked: somebody is at the phone. Whoever it is learns nothing before
// the key; an office that a seat rings needs none.
func (t *turn) partyPicked(l *Leg) {
	if t.c.Placed.own() {
		t.admit()
		return
	}
	if t.play(l, t.spoken(t.g.Prompts.Neutral)) {
		t.setAlarm(alarmPrompt, t.g.Times.Prompt)
		return
	}
	t.setAlarm(alarmConfirm, t.g.Times.Confirm)
}

// neutralOver: the party has heard what we say, and has a while for the key;
// after the good-bye it is let go.
func (t *turn) neutralOver() {
	t.clearAlarm(alarmPrompt)
	if t.c.Placed.Why != "" {
		t.release(t.c.Caller().ID, Released)
		return
	}
	t.setAlarm(alarmConfirm, t.g.Times.Confirm)
}

// confirmed takes the key of the party. The right one counts to the last
// moment, even over the good-bye.
func (t *turn) confirmed(key string) {
	if t.c.Caller().State != Up || !t.c.Unconfirmed() {
		return
	}
	t.note("KEY", t.c.Caller(), key)
	if key != confirmKey {
		t.farewell("接听的人按了别的键")
		return
	}
	t.admit()
}

// admit joins the party with the seat that rang it. From here on it is a caller
// like any other.
func (t *turn) admit() {
	t.c.Placed.Confirmed = true
	t.clearAlarm(alarmPrompt, alarmConfirm)
	t.note("CONFIRM", t.c.Caller(), "")
	seat := t.searchLeg(Seat)
	if seat == nil { // it has just hung up
		t.quiet(t.c.Caller())
		t.c.Caller().Room = Talk // there a later life of the gateway knows it as a caller
		t.do(Join{Room: Talk, Legs: []LegID{t.c.Caller().ID}})
		t.search(routing.BoostReturn, t.g.Prompts.Connecting)
		return
	}
	t.quiet(seat)
	t.join(seat)
}

// farewell lets a party go that did not say who it is, with a kind word. The
// seat stays for as long: the key still counts.
func (t *turn) farewell(why string) {
	caller := t.c.Caller()
	if t.c.Phase != Calling || t.c.Placed.Why != "" || caller.State != Up {
		return
	}
	t.clearAlarm(alarmPrompt, alarmConfirm)
	t.c.Placed.Why = why
	t.quiet(caller)
	if !t.play(caller, t.spoken(t.g.Prompts.Goodbye)) {
		t.release(caller.ID, Released)
		return
	}
	t.setAlarm(alarmPrompt, t.g.Times.Prompt)
}

// seatDropped: the seat is gone while the party was being rung for it. The call
// back goes back into line at once; see [Exchange.RingBack].
func (t *turn) seatDropped() {
	caller := t.c.Caller()
	if caller.State == Up {
		t.farewell("坐席在来电人确认之前挂断")
		return
	}
	how := untried
	if !caller.RangAt.IsZero() {
		how = cutShort
	}
	t.unreached("坐席在来电人接听之前挂断", how)
}

// partyLeft: the party did not answer, or has gone before it was joined.
func (t *turn) partyLeft() {
	caller := t.c.Caller()
	switch {
	case t.c.Placed.Why != "":
		t.unreached(t.c.Placed.Why, tried)
	case t.c.Placed.Confirmed:
		t.unreached("来电人在重新接通时挂断", tried)
	case !caller.PickedAt.IsZero():
		t.unreached("接听的人没有确认即挂断", tried)
	default:
		t.unreached("回拨未接通："+reasonOf(caller.Cause, ""), tried)
	}
}

// recalled: the party must not be rung, because it is on the line already. One
// who has picked up goes on.
func (t *turn) recalled(why string) {
	if !t.c.Unconfirmed() || t.c.Caller().State == Up || t.c.Caller().State == Gone {
		return
	}
	t.unreached(why, untried)
}

// noSeat: the seat that wants to ring can not be rung itself.
func (t *turn) noSeat() {
	if t.c.Caller().State == Unplaced && t.searchLeg(Seat) == nil {
		t.unreached("坐席没有空闲", untried)
	}
}

// unreached ends a call of ours whose party was not joined with anybody. What
// is owed stays owed: it is tried again later, and after some attempts a person
// decides.
func (t *turn) unreached(why string, how attempted) {
	if t.c.Ending.Outcome != "" {
		return
	}
	outcome := Unreached
	if !t.c.Placed.own() {
		outcome = CallBack
		t.stillOwed(how)
	}
	t.end(outcome, why)
	t.note("UNREACHED", t.c.Caller(), why)
	t.clearAlarm(alarmPrompt, alarmConfirm)
	t.outOfLine()
	t.c.Phase = Talking // nobody is looked for any more; who is left is let go
	if caller := t.c.Caller(); caller.State == Unplaced {
		caller.State, caller.Cause, caller.LeftAt = Gone, Released, t.at
	}
	t.releaseAll()
	t.closeIfEmpty()
}

// attempted says how far a call of ours has come.
type attempted uint8

const (
	untried   attempted = iota // the party was not rung, and may be at once
	postponed                  // the party was not rung: after a while
	cutShort                   // the party was rung and the seat went: at once, but it counts
	tried                      // the party was rung and not reached: after a while
)

// stillOwed brings the follow-up up to date after a call that reached nobody.
func (t *turn) stillOwed(how attempted) {
	f := &t.c.Placed.FollowUp
	if how == untried {
		return
	}
	if how != cutShort {
		f.NotBefore = t.at.Add(t.g.Times.Again)
	}
	if how == postponed {
		return
	}
	f.Attempts++
	if f.Promised && f.Attempts >= maxAttempts {
		f.Promised, f.Owner, f.Due = false, routing.AgentID(t.g.Supervisors), t.at.Add(t.g.Times.FollowUp)
		f.Why = "自动回拨多次未接通，请人工处理"
	}
}

// inChinese are the prompts for the ears of a seat.
func (t *turn) inChinese(prompts []ivr.Prompt) []ivr.Prompt {
	return slices.DeleteFunc(slices.Clone(prompts), func(p ivr.Prompt) bool { return p.Lang != "zh" })
}

// placedMark begins the memo of a party that we rang.
const placedMark = "placed"

// placedMemo is what a later life of the gateway must know of a call of ours.
func (c *Call) placedMemo() string {
	return strings.Join([]string{placedMark, string(c.Placed.FollowUp.ID), string(c.Placed.By), c.Dialled, c.Region}, ":")
}

// RecallPlaced reads the memo of a party's leg, and what it tells of the call:
// a party that is in the room of the talk has been admitted. It is false for
// the memo of any other leg.
func RecallPlaced(memo string) (a Arrived, party bool) {
	parts := strings.SplitN(memo, ":", 5)
	if len(parts) < 5 || parts[0] != placedMark {
		return a, false
	}
	a.Placed = Placed{Ours: true, Confirmed: true, FollowUp: FollowUp{ID: ID(parts[1])}, By: routing.AgentID(parts[2])}
	a.Dialled, a.Region, a.Resumed = parts[3], parts[4], true
	return a, true
}

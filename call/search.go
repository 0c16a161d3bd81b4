package call

import (
	"cmp"
	"slices"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// FactAgent is who last talked with the caller: a child need not begin again
// with a stranger.
const FactAgent = "agent"

// search asks the plan who should take the call and begins its first step.
// The caller hears that somebody is coming; the ringing does not wait for the
// prompt to end.
func (t *turn) search(boost int, say []ivr.Prompt) {
	t.c.Phase = Waiting
	if t.c.Search.Since.IsZero() {
		t.c.Search.Since = t.at // age is kept over every return into the line
	}
	t.c.Search.Decision = t.g.Plan.Decide(Request(t.c, t.at))
	t.c.Search.Step, t.c.Search.Phones, t.c.Search.Duty, t.c.Search.Pulled, t.c.Wait = 0, nil, nil, nil, Wait{}
	t.c.Search.Ticket = routing.Ticket{
		ID: routing.TicketID(t.c.ID), Since: t.c.Search.Since, Boost: max(boost, t.c.Search.Decision.Priority),
		Prefer: cmp.Or(t.c.Agent, routing.AgentID(t.c.Facts[FactAgent])),
	}
	t.note("ROUTE", t.c.Caller(), t.c.Search.Decision.Route)
	t.reassure(say)
	t.setAlarm(alarmComfort, min(t.g.Times.FirstWord, t.g.Times.Comfort))
	t.nextStep()
}

// reassure plays to the caller in line; music follows.
func (t *turn) reassure(prompts []ivr.Prompt) {
	if t.play(t.c.Caller(), t.spoken(prompts)) {
		t.setAlarm(alarmPrompt, t.g.Times.Prompt)
		return
	}
	t.do(Music{Leg: t.c.Caller().ID})
}

func (t *turn) searching() bool { return t.c.Phase == Waiting || t.c.Phase == Offering }

// nextStep widens the search by the next step of the plan and sets the alarm
// for the one after it. A step is added to the earlier ones, never put in
// their place.
func (t *turn) nextStep() {
	s := &t.c.Search
	if !t.searching() || s.Step >= len(s.Decision.Steps) {
		return
	}
	step := s.Decision.Steps[s.Step]
	t.begin(step)
	for len(step.Wants) > 0 && s.Step < len(s.Decision.Steps) { // seats that are asked at the same time are asked in one
		next := s.Decision.Steps[s.Step]
		if len(next.Wants) == 0 || next.After > t.waited() {
			break
		}
		t.begin(next)
	}
	t.expectStep()
	if len(step.Wants) > 0 {
		s.Queued = true
		t.do(Enqueue{Ticket: s.Ticket})
		return
	}
	switch {
	case t.c.Unconfirmed():
		return // a call of ours is for a seat: its phone is free, and it is seen
	case slices.Contains(s.Phones, step.Target):
		return // it had begun before the caller asked for a person now
	}
	s.Phones = append(slices.Clip(s.Phones), step.Target)
	if s.Queued {
		t.do(Enqueue{Ticket: s.Ticket}) // the floor can say what comes next
	}
	t.ringDuty(t.numbers(step.Target))
}

// expectStep sets the alarm for the step that has not begun yet, and asks the
// floor to tell when it should begin earlier.
func (t *turn) expectStep() {
	s := &t.c.Search
	t.clearAlarm(alarmStep)
	s.Ticket.Ratio, s.Ticket.Next = 0, routing.Widening{}
	if s.Step < len(s.Decision.Steps) {
		next := s.Decision.Steps[s.Step]
		t.setAlarm(alarmStep, max(next.After-t.waited(), 0))
		s.Ticket.Ratio, s.Ticket.Next = next.Ratio, routing.Widening{To: next.Target, After: next.After, Since: s.Decision.At}
	}
}

// begin takes a step of the plan into the search.
func (t *turn) begin(step routing.PlanStep) {
	t.c.Search.Step++
	t.note("STEP", t.c.Caller(), step.Target.String())
	t.c.Search.Ticket.Wants = append(slices.Clip(t.c.Search.Ticket.Wants), step.Wants...)
}

// waited is how long the search of the present decision has lasted.
func (t *turn) waited() time.Duration { return t.at.Sub(t.c.Search.Decision.At) }

// crowded widens the search before its time when the plan says so: a step that
// can serve nobody is not waited out, nor one for whose seats too many wait.
func (t *turn) crowded(id routing.TicketID, load routing.Load) {
	switch id {
	case t.c.Search.Ticket.ID:
		s := &t.c.Search
		if t.c.Placed.By != "" && t.c.Caller().State == Unplaced {
			t.noSeat()
			return
		}
		if !t.searching() || s.Step >= len(s.Decision.Steps) {
			return
		}
		if due, _ := s.Decision.Due(s.Step, t.waited(), load); due {
			t.nextStep()
		}
	case t.c.Help.Ticket.ID:
		t.noHelp()
	}
}

// dutyRound rings the telephones of all steps that have begun, one after the
// other, and begins again after a rest: the search ends only with a person or
// when the caller leaves.
func (t *turn) dutyRound() {
	if !t.searching() {
		return
	}
	var numbers []string
	for _, phone := range t.c.Search.Phones {
		numbers = append(numbers, t.numbers(phone)...)
	}
	t.ringDuty(numbers)
}

// numbers are what to ring for a step without seats, at this hour.
func (t *turn) numbers(target routing.Target) []string {
	if target.Kind == routing.ToNumber {
		return []string{target.Name}
	}
	duty, on := t.g.Rotas.On(t.g.Regions, target.Name, t.at)
	if !on {
		t.note("FAULT", nil, "no duty officer for "+target.Name)
	}
	return duty.Numbers
}

func (t *turn) ringDuty(numbers []string) {
	if l := t.searchLeg(Duty); l != nil { // one is being rung: these come after
		t.c.Search.Duty = append(slices.Clip(t.c.Search.Duty), numbers...)
		return
	}
	if len(numbers) == 0 {
		t.c.Search.Duty = nil
		t.setAlarm(alarmDuty, t.g.Times.DutyRest)
		return
	}
	t.c.Phase = Offering
	t.c.Search.Duty = numbers[1:]
	number := numbers[0]
	l := t.dial(Leg{Role: Duty, Number: routing.Number(number)}, Dial{
		To: routing.Target{Kind: routing.ToNumber, Name: number}, Trunk: TrunkCarrier, Shown: t.c.Dialled,
	})
	t.setAlarm(ringAlarm(l.ID), t.g.Times.DutyRing)
}

// searchLeg is the leg of that role which is being rung for the caller, or has
// answered and hears the whisper.
func (t *turn) searchLeg(role Role) *Leg {
	for i := range t.c.Legs {
		l := &t.c.Legs[i]
		if l.Role == role && l.Live() && l.Room == NoRoom && l.ID != t.c.Transfer.Leg {
			return l
		}
	}
	return nil
}

// offered rings the seat that the floor gives.
func (t *turn) offered(o Offer) {
	role := Seat
	switch {
	case t.tooLate():
		t.refuse(o)
		t.unreached("已过可以回拨的时段", untried)
		return
	case o.Ticket == t.c.Search.Ticket.ID && t.c.Search.Queued && t.searching() && t.searchLeg(Seat) == nil:
	case o.Ticket == t.c.Help.Ticket.ID && t.c.Help.Queued && t.searchLeg(Companion) == nil:
		role = Companion
	default:
		t.refuse(o)
		return
	}
	if role == Seat {
		t.c.Phase = Offering
	}
	l := t.dial(Leg{Role: role, Agent: o.Agent, Queue: o.Queue, Ticket: o.Ticket, Fence: o.Fence}, Dial{
		To: routing.Target{Kind: routing.ToAgent, Name: string(o.Agent)}, Shown: string(t.c.Number),
		Headers: map[string]string{"X-Call-Id": string(t.c.ID)}, // each header costs Asterisk a task of its own
	})
	t.setAlarm(ringAlarm(l.ID), o.RingFor)
	t.setAlarm(reachAlarm(l.ID), t.g.Times.Reach)
}

func (t *turn) rang(ev Rang) {
	l := t.c.Leg(ev.Leg)
	if l == nil || l.State != Dialling {
		return
	}
	l.State, l.RangAt = RingingLeg, t.at
	t.clearAlarm(reachAlarm(l.ID))
	t.note("RING", l, "")
	t.tell(l, SeenRinging)
}

// tell reports to the floor about a seat that it offered.
func (t *turn) tell(l *Leg, what Seen) {
	if l.Agent == "" || l.Fence == 0 {
		return
	}
	t.do(Report{Ticket: l.Ticket, Agent: l.Agent, Fence: l.Fence, What: what, Grave: what == SeenLeft && t.c.Grave()})
}

// picked: the party has answered. A seat or a duty officer first hears who is
// coming; the target of a transfer is in the room already.
func (t *turn) picked(ev Picked) {
	l := t.c.Leg(ev.Leg)
	if l == nil || l.State >= Up {
		return
	}
	l.State, l.PickedAt = Up, t.at
	t.clearAlarm(ringAlarm(l.ID), reachAlarm(l.ID))
	t.note("PICK", l, "")
	t.tell(l, SeenPicked)
	if l.ID == t.c.Transfer.Leg {
		t.targetPicked(l)
		return
	}
	if l.Role == Citizen {
		t.partyPicked(l)
		return
	}
	if l.Room == Talk { // it was rung into the room of the talk
		l.JoinedAt = t.at
		t.joined(l)
		return
	}
	if t.play(l, t.whisper()) {
		t.setAlarm(whisperAlarm(l.ID), t.g.Times.Whisper)
		return
	}
	t.join(l)
}

// whisper tells region and key path in two seconds at most.
func (t *turn) whisper() []ivr.Prompt {
	if t.c.Placed.own() {
		return nil
	}
	prompts := t.regionPrompt()
	if t.c.Unconfirmed() {
		return append(prompts, t.inChinese(t.g.Prompts.CallBack)...)
	}
	key := t.c.Walk.Keys
	if t.c.Walk.Missed != "" {
		key = t.c.Walk.Missed
	}
	if p, ok := t.g.Prompts.Key[key]; ok {
		prompts = append(prompts, p)
	}
	return prompts
}

// join brings a person who has answered together with the caller.
func (t *turn) join(l *Leg) {
	if l.State != Up || l.Room != NoRoom {
		return
	}
	t.clearAlarm(whisperAlarm(l.ID))
	if l.Playing != "" {
		t.quiet(l)
	}
	if t.c.Unconfirmed() {
		t.callOut(l)
		return
	}
	caller := t.c.Caller()
	legs := []LegID{l.ID}
	if caller.Room != Talk {
		t.quiet(caller)
		legs = []LegID{caller.ID, l.ID}
	} else if caller.Playing != "" || t.searching() {
		t.quiet(caller)
	}
	caller.Room, l.Room = Talk, Talk
	t.do(Join{Room: Talk, Legs: legs})
	t.together(l)
}

// together: a person and the caller hear each other from now on.
func (t *turn) together(l *Leg) {
	l.JoinedAt = t.at
	t.note("CONNECT", l, "")
	if t.c.TalkedAt.IsZero() {
		t.c.TalkedAt = t.at
	}
	if !t.c.Recording.Wanted && !t.c.Recording.Off {
		t.c.Recording.Wanted, t.c.Recording.Name = true, string(t.c.ID)
		t.do(Record{Room: Talk, Name: t.c.Recording.Name})
	}
	t.joined(l)
}

// joined ends the searches that the person answers.
func (t *turn) joined(l *Leg) {
	t.met()
	if l.Role == Companion {
		t.companionJoined()
		return
	}
	t.c.Agent = l.Agent
	t.c.Phase = Talking
	t.endSearch()
	if t.c.Help.Queued && !t.c.Help.Brief {
		t.endHelp() // the supervisor was wanted in the place of a listener
	}
}

// endSearch stops looking: the others who are being rung for it are let go.
func (t *turn) endSearch() {
	t.clearAlarm(alarmStep, alarmComfort, alarmDuty, alarmPrompt, alarmParting, alarmKey)
	if t.c.Search.Queued {
		t.c.Search.Queued = false
		t.do(Withdraw{Ticket: t.c.Search.Ticket.ID})
	}
	t.c.Search.Duty, t.c.Wait.Asked, t.c.Wait.Walk = nil, false, ivr.Walk{}
	for _, role := range []Role{Seat, Duty} {
		if l := t.searchLeg(role); l != nil {
			t.release(l.ID, Released)
		}
	}
}

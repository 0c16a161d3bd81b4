package call

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// Next is the whole behaviour of a call: from the call and an event to the
// call as it is then and the commands that follow, in their order.
//
// It is total: any event may come in any phase, and one that the call cannot
// use changes nothing. It has no clock: the time is the event's, timers go
// out as SetAlarm and come back as Alarmed. c is not changed.
func Next(c Call, ev Event, g *Guide) (Call, []Command) {
	t := &turn{c: c.Clone(), at: ev.When(), g: g}
	if t.at.Before(c.Attended.since) {
		t.at = c.Attended.since // a clock that went back never makes time run backwards in a call
	}
	t.see(ev)
	t.c.attend(t.at)
	return t.c, t.out
}

// turn is one event being worked on.
type turn struct {
	c   Call
	out []Command
	at  time.Time
	g   *Guide
}

func (t *turn) see(ev Event) {
	if arrived, ok := ev.(Arrived); ok && t.c.Phase == Arriving && len(t.c.Legs) == 0 {
		t.arrive(arrived)
		return
	}
	if owed, ok := ev.(Owed); ok && t.c.Phase == Arriving && len(t.c.Legs) == 0 {
		t.owed(owed)
		return
	}
	if len(t.c.Legs) == 0 || t.c.Phase == Ended {
		t.late(ev)
		return
	}
	switch ev := ev.(type) {
	case Pressed:
		t.pressed(ev)
	case Played:
		t.played(ev)
	case Rang:
		t.rang(ev)
	case Picked:
		t.picked(ev)
	case Left:
		t.left(ev)
	case Offered:
		t.offered(ev.Offer)
	case Crowded:
		t.crowded(ev.Ticket, ev.Load)
	case Stands:
		t.stands(ev)
	case Asked:
		t.asked(ev)
	case Filed:
		t.filed(ev)
	case Promised:
		t.promised(ev)
	case Recalled:
		t.recalled(ev.Why)
	case Recorded:
		t.recorded(ev)
	case Alarmed:
		t.alarmed(ev.Alarm)
	case Failed:
		t.failed(ev)
	}
}

// late answers what comes for a call that is over or never began: nobody may
// be left holding on to it.
func (t *turn) late(ev Event) {
	switch ev := ev.(type) {
	case Offered:
		t.refuse(ev.Offer)
	case Asked:
		t.reply(ev, "通话已经结束")
	case Filed:
		t.filed(ev)
	}
}

func (t *turn) do(commands ...Command) { t.out = append(t.out, commands...) }

func (t *turn) note(what string, l *Leg, more string) {
	entry := Entry{At: t.at, What: what, More: more}
	if l != nil {
		entry.Leg, entry.Who = l.ID, l.who()
	}
	t.c.Journey = append(t.c.Journey, entry)
}

// who names the party for people, numbers masked.
func (l *Leg) who() string {
	switch {
	case l.Agent != "":
		return l.Role.String() + " " + string(l.Agent)
	case l.Number != "":
		return l.Role.String() + " " + l.Number.Masked()
	}
	return l.Role.String()
}

func (t *turn) reply(a Asked, refused string) {
	t.do(Reply{Request: a.Request, Refused: refused})
}

func (t *turn) setAlarm(a Alarm, after time.Duration) {
	if t.c.Alarms == nil {
		t.c.Alarms = make(map[Alarm]time.Time)
	}
	t.c.Alarms[a] = t.at.Add(after)
	t.do(SetAlarm{Alarm: a, After: after})
}

func (t *turn) clearAlarm(alarms ...Alarm) {
	for _, a := range alarms {
		if _, set := t.c.Alarms[a]; set {
			delete(t.c.Alarms, a)
			t.do(ClearAlarm{Alarm: a})
		}
	}
}

// The alarms of a call. Those of a leg end with its id.
const (
	alarmPrompt  Alarm = "prompt"  // a prompt that never ends
	alarmKey     Alarm = "key"     // no key after the greeting
	alarmStep    Alarm = "step"    // the next step of the plan
	alarmComfort Alarm = "comfort" // a kind word in line
	alarmDuty    Alarm = "duty"    // the next round over the duty numbers
	alarmFiling  Alarm = "filing"  // 110 waits no longer
	alarmParting Alarm = "parting" // the caller has stayed on the line
	alarmWatch   Alarm = "watch"   // do the legs still exist?
	alarmMend    Alarm = "mend"    // a failed join
	alarmClosing Alarm = "closing" // the recording must be closed by now
	alarmAnswer  Alarm = "answer"  // a caller who could not be answered
	alarmConfirm Alarm = "confirm" // no key from a party that we rang
	alarmOwn     Alarm = "own"     // the seat that wants to ring is not free
)

func ringAlarm(l LegID) Alarm    { return "ring:" + Alarm(l) }
func reachAlarm(l LegID) Alarm   { return "reach:" + Alarm(l) }
func releaseAlarm(l LegID) Alarm { return "release:" + Alarm(l) }
func whisperAlarm(l LegID) Alarm { return "whisper:" + Alarm(l) }

// alarmLeg returns the kind of a leg's alarm and the leg.
func (t *turn) alarmLeg(a Alarm) (string, *Leg) {
	for i := range a {
		if a[i] == ':' {
			return string(a[:i]), t.c.Leg(LegID(a[i+1:]))
		}
	}
	return "", nil
}

func (t *turn) alarmed(a Alarm) {
	if due, set := t.c.Alarms[a]; !set || t.at.Before(due) {
		return // taken back, or set anew, while it was on its way
	}
	delete(t.c.Alarms, a)
	switch a {
	case alarmPrompt:
		t.promptOver()
	case alarmKey:
		if t.searching() {
			t.chosen("")
		} else {
			t.keyed("")
		}
	case alarmStep:
		t.nextStep()
	case alarmComfort:
		t.comfort()
	case alarmDuty:
		t.dutyRound()
	case alarmFiling:
		t.dialFirst()
	case alarmParting:
		t.stayed()
	case alarmWatch:
		t.watch()
	case alarmMend:
		t.mend()
	case alarmAnswer:
		if t.c.Caller().Live() {
			t.do(Answer{Leg: t.c.Caller().ID})
		}
	case alarmConfirm:
		t.farewell("接听的人没有按键确认")
	case alarmOwn:
		t.noSeat()
	case alarmClosing:
		t.closingOver()
	default:
		t.legAlarmed(a)
	}
}

func (t *turn) legAlarmed(a Alarm) {
	kind, leg := t.alarmLeg(a)
	if leg != nil && kind == "release" {
		t.do(Release{Leg: leg.ID, Why: leg.Cause})
		return
	}
	if leg == nil || !leg.Live() {
		return
	}
	switch kind {
	case "reach":
		t.giveUp(leg, Unreachable)
	case "ring":
		t.giveUp(leg, NoAnswer)
	case "whisper":
		t.join(leg)
	}
}

// giveUp stops ringing a leg, with the reason the record will show.
func (t *turn) giveUp(l *Leg, why Cause) {
	if l.State < Up {
		t.release(l.ID, why)
	}
}

// play plays to one party under an id that is unique in the call; false when
// there is nothing to play.
func (t *turn) play(l *Leg, prompts []ivr.Prompt) bool {
	if len(prompts) == 0 {
		return false
	}
	t.c.Plays++
	l.Playing = fmt.Sprintf("%s-p%d", t.c.LegPrefix, t.c.Plays)
	t.do(Play{Leg: l.ID, Play: l.Playing, Prompts: prompts})
	return true
}

// spoken are the prompts in the languages of the caller's region, Chinese when
// it names none.
func (t *turn) spoken(prompts []ivr.Prompt) []ivr.Prompt {
	languages := []string{"zh"}
	if region, ok := t.g.Regions.Find(t.c.Region); ok && len(region.Languages) > 0 {
		languages = region.Languages
	}
	if chosen := t.c.Walk.Language; slices.ContainsFunc(prompts, func(p ivr.Prompt) bool { return p.Lang == chosen }) {
		languages = []string{chosen}
	}
	var spoken []ivr.Prompt
	for _, p := range prompts {
		if slices.Contains(languages, p.Lang) {
			spoken = append(spoken, p)
		}
	}
	return spoken
}

// quiet stops what a party hears from us.
func (t *turn) quiet(l *Leg) {
	l.Playing = ""
	t.do(Quiet{Leg: l.ID})
}

// dial makes a leg and rings it.
func (t *turn) dial(l Leg, d Dial) *Leg {
	l.ID = LegID(fmt.Sprintf("%s-%d", t.c.LegPrefix, len(t.c.Legs)))
	l.DialledAt, l.Room = t.at, d.Room
	t.c.Legs = append(t.c.Legs, l)
	d.Leg, d.Memo, d.Urgent = l.ID, l.memo(t.c.Transfer), l.Role == Police
	t.do(d)
	t.note("DIAL", &l, "")
	return t.c.Leg(l.ID)
}

// refuse gives a seat back that the call cannot use.
func (t *turn) refuse(o Offer) {
	t.do(Report{Ticket: o.Ticket, Agent: o.Agent, Fence: o.Fence, What: SeenCancelled})
}

// failed takes a command that could not be carried out for what it means.
func (t *turn) failed(ev Failed) {
	switch cmd := ev.Command.(type) {
	case Dial:
		if l := t.c.Leg(cmd.Leg); l != nil && l.State < Up {
			t.do(Release{Leg: cmd.Leg, Why: Unreachable}) // it may have been placed all the same
			t.left(Left{At: ev.At, Leg: cmd.Leg, Cause: Unreachable, Detail: ev.Err})
		}
	case Play:
		t.played(Played{At: ev.At, Leg: cmd.Leg, Play: cmd.Play})
	case Join:
		t.note("FAULT", nil, "join: "+ev.Err)
		if t.c.Transfer.Phase == Briefing && t.c.Caller().Live() {
			t.reunite() // nobody may be aside while it is not sure that somebody is with the caller
		}
		t.setAlarm(alarmMend, t.g.Times.Mend)
	case Answer:
		t.note("FAULT", nil, "answer: "+ev.Err)
		t.setAlarm(alarmAnswer, t.g.Times.Mend)
	case Release:
		if t.c.Phase < Ended {
			t.setAlarm(releaseAlarm(cmd.Leg), t.g.Times.Mend)
		}
	case Enqueue:
		t.note("FAULT", nil, "enqueue: "+ev.Err)
		t.crowded(cmd.Ticket.ID, routing.Load{})
	case Enquire:
		t.stands(Stands{At: ev.At, Ticket: cmd.Ticket})
	case Record:
		t.c.Recording.Fault = ev.Err
		t.note("FAULT", nil, "record: "+ev.Err)
	}
}

// mend joins those who should be together once more.
func (t *turn) mend() {
	for _, room := range []Room{Talk, Side} {
		var legs []LegID
		for i := range t.c.Legs {
			if l := &t.c.Legs[i]; l.State == Up && l.Room == room {
				legs = append(legs, l.ID)
			}
		}
		if len(legs) > 0 {
			t.do(Join{Room: room, Legs: legs})
		}
	}
}

// watch asks from time to time whether the legs still exist: every state that
// lasts has a deadline, and a lost event can not keep a seat for ever.
func (t *turn) watch() {
	if t.lapsed() {
		return
	}
	var legs []LegID
	for i := range t.c.Legs {
		if t.c.Legs[i].Live() {
			legs = append(legs, t.c.Legs[i].ID)
		}
	}
	t.do(Check{Legs: legs})
	t.setAlarm(alarmWatch, t.g.Times.Watch)
}

// regionPrompt is the name of the caller's region, spoken.
func (t *turn) regionPrompt() []ivr.Prompt {
	var prompts []ivr.Prompt
	if p, ok := t.g.Prompts.Region[t.c.Region]; ok {
		prompts = append(prompts, p)
	}
	return prompts
}

// Request is what the plan is asked with for a call, by the call itself and by
// whoever explains it.
func Request(c Call, at time.Time) routing.Request {
	facts := c.Facts
	if c.Walk.Person && facts[routing.FactRisk] == routing.RiskLimited { // no limit holds up who needs a person now
		facts = maps.Clone(facts)
		delete(facts, routing.FactRisk)
	}
	return routing.Request{
		Dialled: c.Dialled, Region: c.Region, Trunk: c.Trunk, Key: c.Walk.Keys, At: at,
		Intent: c.Walk.Intent, Missed: c.Walk.Missed, Language: c.Walk.Language, Facts: facts, Urgent: c.Walk.Person,
	}
}

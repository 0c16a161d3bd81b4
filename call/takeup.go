package call

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"weibao/ivr"
)

// FromSnapshot stands in the RESUME line of a journey when the call went on
// from its snapshot: what is told of it is then the whole of it.
const FromSnapshot = "snapshot"

// canTakeUp reports whether a call can go on from a snapshot. One in which the
// caller had left, or that was ending, says nothing of a caller who is there; nor does one of ours in which the
// party had not been joined yet.
func (t *turn) canTakeUp(kept *Call) bool {
	return kept != nil && len(kept.Legs) > 0 && kept.Caller().Live() && kept.Phase > Arriving && kept.Phase < Closing &&
		(!kept.Placed.On() || kept.Caller().Room == Talk)
}

// takeUp goes on with a call where an earlier life of the gateway was with it.
// Who is there Asterisk knows better than the snapshot, which may be a moment
// old: those who have answered or have been joined since are taken as such,
// those who are missing have left, and what follows from either is what always
// follows.
func (t *turn) takeUp(ev Arrived) {
	t.c = ev.Kept.Clone()
	due := t.c.Alarms
	t.c.Alarms = nil
	if t.at.Before(t.c.Attended.since) {
		t.at = t.c.Attended.since
	}
	t.c.LegPrefix = fmt.Sprintf("%s-%d", t.c.ID, t.at.UnixMilli()) // never an id of the earlier life
	greeted := slices.ContainsFunc(t.c.Journey, func(e Entry) bool { return e.What == "RESUME" })
	t.note("RESUME", t.c.Caller(), fmt.Sprintf("%d parties, %s", len(ev.With), FromSnapshot))
	for i := range t.c.Legs {
		t.c.Legs[i].Playing = "" // the end of what an earlier life played is not told
	}
	missing, joined := t.meet(ev.With)
	for _, alarm := range slices.Sorted(maps.Keys(due)) {
		if t.concerns(alarm) {
			t.setAlarm(alarm, max(due[alarm].Sub(t.at), 0))
		}
	}
	t.goOn(greeted, len(ev.With) > 0)
	t.reconcile(missing, joined)
	t.promiseAgain()
	t.leaveOut(missing)
}

// promiseAgain makes a promise once more, or takes it back once more, of which
// the earlier life has not heard that it is on the disk. The same promise twice
// is one.
func (t *turn) promiseAgain() {
	pending := t.c.Wait.Pledges > 0
	t.c.Wait.Pledges = 0
	if pending && t.searching() && t.c.FollowUp.ID != "" {
		t.pledge()
	}
}

// leaveOut takes legs that do not exist out of the joins: one of them would
// keep all others of the same join where they are.
func (t *turn) leaveOut(missing []LegID) {
	for i, cmd := range t.out {
		if join, ok := cmd.(Join); ok {
			join.Legs = slices.DeleteFunc(join.Legs, func(l LegID) bool { return slices.Contains(missing, l) })
			t.out[i] = join
		}
	}
	t.out = slices.DeleteFunc(t.out, func(cmd Command) bool {
		join, ok := cmd.(Join)
		return ok && len(join.Legs) == 0
	})
}

// concerns reports whether an alarm of the earlier life still has a leg to be
// for. The prompt that one of them bounds is over, or soon is.
func (t *turn) concerns(a Alarm) bool {
	if !strings.Contains(string(a), ":") {
		return a != alarmPrompt
	}
	kind, leg := t.alarmLeg(a)
	return leg != nil && (leg.Live() && leg.State < Up || kind == "release")
}

// meet compares the legs with those found in Asterisk. It changes nothing but
// what is seen of each; missing are those that are not there any more, joined
// those that came together with the caller meanwhile.
func (t *turn) meet(with []Party) (missing, joined []LegID) {
	found := make(map[LegID]bool, len(with))
	for _, p := range with {
		found[p.Leg] = true
		if p.Room != NoRoom {
			t.c.Caller().Room = Talk
		}
	}
	for i := range t.c.Legs[1:] {
		if l := &t.c.Legs[i+1]; l.Live() && !found[l.ID] {
			missing = append(missing, l.ID)
		}
	}
	for _, p := range with {
		before := t.c.Leg(p.Leg)
		switch {
		case before == nil:
			l := t.party(p)
			if l.Ticket == helpTicket(t.c.ID) {
				l.Role = Companion
			}
			t.c.Legs = append(t.c.Legs, l)
			before = &Leg{}
		case !before.Live():
			t.do(Release{Leg: p.Leg, Why: before.Cause}) // what let it go may not have been carried out
			continue
		default:
			was := *before
			t.recognise(before, p)
			before = &was
		}
		heard := before.Room == Talk && before.State == Up
		if p.Room == Talk && p.Up && !heard && p.Leg != t.c.Transfer.Leg {
			joined = append(joined, p.Leg)
		}
	}
	return missing, joined
}

// recognise is for a leg that the snapshot has.
func (t *turn) recognise(l *Leg, p Party) {
	l.Room = p.Room
	if _, told := recall(p.Memo); t.c.Transfer.Leg == l.ID && t.c.Transfer.Filing == "" {
		t.c.Transfer.Filing = told.Filing
	}
	switch {
	case !p.Up:
		t.tell(l, SeenRinging) // the claim is this call's
		return
	case l.State == Up:
		return
	case l.State == Dialling:
		l.RangAt = t.at
	}
	l.State, l.PickedAt = Up, t.at
	t.note("PICK", l, "")
	t.tell(l, SeenPicked)
}

// goOn takes the menu, the line and the looking for a listener up again.
func (t *turn) goOn(greeted, accompanied bool) {
	switch {
	case t.c.Phase == InMenu && accompanied: // the snapshot is older than the search
		t.c.Walk.Done = true
		t.search(0, t.g.Prompts.Connecting)
	case t.c.Phase == InMenu:
		t.greetAgain(greeted)
	case t.searching():
		t.backInLine()
	default:
		t.decideAgain()
		if t.c.Phase == Parting && t.c.Alarms[alarmParting].IsZero() {
			t.setAlarm(alarmParting, t.g.Times.Parting)
		}
	}
	if t.c.Help.Queued {
		t.do(Enqueue{Ticket: t.c.Help.Ticket})
	}
}

// greetAgain begins the greeting once more for a caller who may have heard half
// of it. Whoever goes through a second restart in the menu has waited long
// enough and is taken for one who pressed nothing.
func (t *turn) greetAgain(greeted bool) {
	t.do(Answer{Leg: t.c.Caller().ID})
	t.clearAlarm(alarmKey)
	if greeted {
		t.keyed("")
		return
	}
	var greeting []ivr.Prompt
	if menu, known := t.g.Menus.Menus[t.c.Walk.Menu]; known {
		greeting = menu.Greeting
	} else {
		t.c.Walk, greeting = t.g.Menus.Start(t.c.Region)
	}
	t.greet(greeting)
}

// decideAgain asks the plan the question of the search once more, for the trace
// that the snapshot leaves out. A configuration of another version may answer
// otherwise: then what was decided stands.
func (t *turn) decideAgain() {
	s := &t.c.Search
	if !s.Decision.At.IsZero() && t.c.Guide == t.g.Version {
		s.Decision = t.g.Plan.Decide(Request(t.c, s.Decision.At))
	}
}

// backInLine puts the caller back into line in the old place: the same question
// to the plan in force now, and what had begun stays begun. The caller hears
// music and no word.
func (t *turn) backInLine() {
	s := &t.c.Search
	begun := max(s.Step, 1)
	t.c.Guide, t.c.Phase = t.g.Version, Waiting
	t.c.Wait.Asked, t.c.Wait.Walk = false, ivr.Walk{} // what an earlier life asked is not heard any more
	s.Decision = t.g.Plan.Decide(Request(t.c, s.Decision.At))
	s.Step, s.Phones, s.Ticket.Wants, s.Queued = 0, nil, s.Pulled, len(s.Pulled) > 0
	for _, step := range s.Decision.Steps[:min(begun, len(s.Decision.Steps))] {
		s.Step++
		if len(step.Wants) > 0 {
			s.Ticket.Wants = append(slices.Clip(s.Ticket.Wants), step.Wants...)
			s.Queued = true
		} else {
			s.Phones = append(slices.Clip(s.Phones), step.Target)
		}
	}
	t.expectStep()
	if s.Queued {
		t.do(Enqueue{Ticket: s.Ticket})
	}
}

// reconcile lets follow what has happened while no gateway ran.
func (t *turn) reconcile(missing, joined []LegID) {
	for _, id := range joined {
		if l := t.c.Leg(id); l.Live() {
			t.together(l)
		}
	}
	for _, id := range missing {
		if l := t.c.Leg(id); l.Live() {
			t.gone(l, lostBy(l), "gone while no gateway ran")
		}
	}
	if t.c.Phase >= Closing {
		return
	}
	if target := t.c.Leg(t.c.Transfer.Leg); target != nil && t.c.Transfer.Phase == Reaching && target.State == Up {
		t.targetPicked(target)
	}
	t.welcome()
	t.putTogether()
	if t.searching() && len(t.c.Search.Phones) > 0 && t.searchLeg(Duty) == nil && t.c.Alarms[alarmDuty].IsZero() {
		t.ringDuty(t.c.Search.Duty)
	}
	t.refile()
	if t.c.Phase == Talking && !t.listened() && !t.c.Help.Queued {
		t.rescue("网关重启后来电人无人接听")
	}
	if t.searching() && t.c.Caller().Playing == "" {
		t.do(Music{Leg: t.c.Caller().ID}) // it may be on, or a prompt of the earlier life was
	}
}

// lostBy is why a leg is missing: whoever was only being rung for the caller is
// not to blame for it.
func lostBy(l *Leg) Cause {
	if l.State < Up && (l.Role == Seat || l.Role == Companion) {
		return Released
	}
	return Lost
}

// putTogether: who is aside stays there only while a briefing goes on with a
// companion by the caller.
func (t *turn) putTogether() {
	switch {
	case t.c.Transfer.Phase != Briefing:
		t.gatherAll()
	case t.companion() == nil || t.listener() == nil || t.c.Leg(t.c.Transfer.Leg) == nil:
		t.reunite()
	}
}

// refile writes the filings once more of which not even the leg of the police
// tells the number: rather two than none.
func (t *turn) refile() {
	for _, tr := range append(slices.Clip(t.c.Transfers), t.c.Transfer) {
		if tr.Files && tr.Filing == "" {
			t.file(tr)
		}
	}
}

package call

import (
	"slices"
	"time"

	"weibao/routing"
)

// left takes a leg that is gone out of the call and does what must follow for
// those who remain.
func (t *turn) left(ev Left) {
	l := t.c.Leg(ev.Leg)
	if l == nil || !l.Live() {
		return
	}
	t.gone(l, ev.Cause, ev.Detail)
}

// release hangs a leg up. It counts as gone from that moment, so that nothing
// more is asked of it; an answer that crosses the hang-up changes nothing.
func (t *turn) release(id LegID, why Cause) {
	l := t.c.Leg(id)
	if l == nil || !l.Live() {
		return
	}
	t.do(Release{Leg: id, Why: why})
	t.gone(l, why, "")
}

func (t *turn) gone(l *Leg, why Cause, detail string) {
	before := *l
	l.State, l.Cause, l.LeftAt, l.Room, l.Playing = Gone, why, t.at, NoRoom, ""
	t.clearAlarm(ringAlarm(l.ID), reachAlarm(l.ID), whisperAlarm(l.ID))
	more := string(why)
	if detail != "" {
		more += " " + detail
	}
	t.note("LEAVE", l, more)
	t.tell(l, seenOf(before, why))
	switch {
	case l.Role == Citizen:
		t.callerLeft()
	case t.c.Phase == Calling:
		t.seatDropped()
	case l.ID == t.c.Transfer.Leg:
		t.targetLeft(before, detail)
	case before.Room == NoRoom || before.State < Up:
		t.ringFailed(l, before.State == Up)
	case l.Role == Companion:
		t.companionLeft()
	default:
		t.listenerLeft(why)
	}
	t.closeIfEmpty()
}

// seenOf is what the floor is told of a seat's leg that is gone.
func seenOf(l Leg, why Cause) Seen {
	if l.Room != NoRoom {
		return SeenLeft
	}
	switch why {
	case Released:
		return SeenCancelled
	case NoAnswer:
		return SeenNoAnswer
	case Busy:
		return SeenBusy
	case Rejected:
		return SeenRejected
	case Unreachable, Lost, Unknown:
		return SeenUnreachable
	case HungUp:
	}
	if l.State == Up {
		return SeenLeft // answered and went before the caller was joined
	}
	return SeenRejected
}

// ringFailed goes on to the next person; the caller keeps place and age. The
// ticket stays in line while a seat rings, but an answer takes it out: a seat
// that answers and goes before the caller is joined puts it back.
func (t *turn) ringFailed(l *Leg, answered bool) {
	if l.Role == Companion {
		if answered && t.c.Help.Queued {
			t.do(Enqueue{Ticket: t.c.Help.Ticket})
		}
		return
	}
	if t.c.Placed.By != "" && t.c.Unconfirmed() {
		t.noSeat() // nobody else was asked
		return
	}
	if !t.searching() {
		return
	}
	if l.Role == Seat && answered && t.c.Search.Queued {
		t.do(Enqueue{Ticket: t.c.Search.Ticket})
	}
	if l.Role == Duty && l.Cause != Released {
		t.ringDuty(t.c.Search.Duty)
	}
	if t.searchLeg(Seat) == nil && t.searchLeg(Duty) == nil {
		t.c.Phase = Waiting
	}
}

// callerLeft: those who were being rung for the caller are let go; a seat that
// is with the police stays with them (RELIABILITY F26).
func (t *turn) callerLeft() {
	if t.c.Placed.On() && t.c.TalkedAt.IsZero() {
		t.partyLeft()
		return
	}
	phase := t.c.Phase
	switch {
	case t.c.Placed.own(): // whom a seat rings is no caller, and is owed nothing
		t.end(Answered, "对方挂断")
	case t.c.Caller().Cause == Lost && phase != Parting:
		t.oweBack(Fault, "线路中断，来电人掉线")
	case phase < Talking && t.c.TalkedAt.IsZero() && t.c.FollowUp.Promised:
		t.end(CallBack, "来电人选择回拨后挂断")
		t.note("CALLBACKASKED", t.c.Caller(), "来电人已挂断，轮到时回拨")
	case phase < Talking && t.c.TalkedAt.IsZero():
		t.abandoned(phase)
	case phase < Talking:
		t.owe("失去接听人后，来电人在等待中挂断")
	case phase == Parting && t.wasHanded():
		t.end(HandedOver, "已移交，对方结束通话")
	case phase == Parting:
		t.end(Answered, "接听人已结束通话")
	case t.c.Transfer.Phase == Handed:
		t.end(HandedOver, "已移交，来电人挂断")
	case t.c.Transfer.Phase != NoTransfer:
		t.owe("来电人在转接中挂断（" + t.c.Transfer.Phase.String() + "）")
	case !t.listened():
		t.owe("接听人掉线后，来电人挂断")
	default:
		t.end(Answered, "来电人挂断")
	}
	t.c.Phase = Talking // whoever is left may go on
	t.clearAlarm(alarmPrompt, alarmKey, alarmParting)
	t.endSearch()
	t.endHelp()
	t.withoutCaller()
}

// wasHanded reports whether the last transfer was taken over by its target.
func (t *turn) wasHanded() bool {
	n := len(t.c.Transfers)
	return n > 0 && !t.c.Transfers[n-1].HandedAt.IsZero()
}

// abandoned: the caller left before a person answered. Whoever it was and
// however short it was, somebody has tried to reach a person: a person looks
// at it.
func (t *turn) abandoned(in Phase) {
	t.c.Ending = Ending{Outcome: Abandoned, Reason: abandonedIn(in, t.c.Walk.Done)}
	t.note("ABANDON", t.c.Caller(), in.String())
	t.owes(Contact, t.c.Ending.Reason)
	t.note("CONTACT", t.c.Caller(), string(t.c.FollowUp.Owner))
}

func abandonedIn(p Phase, chose bool) string {
	switch {
	case p == Offering:
		return "来电人在振铃中挂断"
	case p == Waiting || chose:
		return "来电人在排队中挂断"
	}
	return "来电人在问候语中挂断"
}

// withoutCaller lets go of everybody, except a seat that speaks with a target
// or is waiting for it: the police must still be told.
func (t *turn) withoutCaller() {
	seat := t.listener()
	if t.c.Transfer.Phase != NoTransfer && t.c.Transfer.Phase != Handed && seat != nil {
		if l := t.companion(); l != nil {
			t.release(l.ID, Released)
		}
		return
	}
	t.releaseAll()
}

// owe ends the call with a call back: promise 2, every path ends with a person
// or with a promise that is recorded and has an owner.
func (t *turn) owe(why string) { t.oweBack(CallBack, why) }

func (t *turn) oweBack(outcome Outcome, why string) {
	t.owes(RingBack, why)
	t.end(outcome, why)
	t.note("CALLBACKASKED", t.c.Caller(), why)
}

func (t *turn) end(o Outcome, reason string) {
	if t.c.Ending.Outcome == "" {
		t.c.Ending = Ending{Outcome: o, Reason: reason}
	}
}

// listener is the live person, other than the transfer's target and a
// companion, who has the talk.
func (t *turn) listener() *Leg {
	for i := range t.c.Legs {
		l := &t.c.Legs[i]
		if (l.Role == Seat || l.Role == Duty) && l.State == Up && l.Room != NoRoom && l.ID != t.c.Transfer.Leg {
			return l
		}
	}
	return nil
}

// listened reports whether somebody is in the caller's room.
func (t *turn) listened() bool { return t.c.listened() }

func (c *Call) listened() bool {
	for i := range c.Legs {
		if l := &c.Legs[i]; l.Role != Citizen && l.State == Up && l.Room == Talk {
			return true
		}
	}
	return false
}

// listenerLeft: the seat, or the duty officer, is gone from the talk.
func (t *turn) listenerLeft(why Cause) {
	switch {
	case t.listener() != nil:
		return // another took the talk over before
	case t.c.Placed.own(): // who was rung is no caller, and waits for nobody
		t.end(Answered, "坐席结束通话")
		t.releaseAll()
	case !t.c.Caller().Live():
		t.releaseAll() // a target has nobody to speak with
	case t.promote():
	case t.c.Transfer.Phase == Handed:
	case t.c.Transfer.Phase != NoTransfer:
		t.keepCompany()
	case t.listened():
		t.summon(false)
	case why == HungUp || why == Released:
		t.part()
	default:
		t.rescue("接听人掉线")
	}
}

// releaseAll lets go of everybody who is left.
func (t *turn) releaseAll() {
	for i := range t.c.Legs {
		t.release(t.c.Legs[i].ID, Released)
	}
}

// keepCompany: the seat is gone while a target is being reached or is there,
// and no companion has taken its place. With the target the caller is not
// alone, and a supervisor is rung; without it anybody is.
func (t *turn) keepCompany() {
	if !t.listened() {
		t.rescue("接听人掉线，对方尚未应答")
		return
	}
	t.summon(false)
}

// part: the person has ended the talk. The caller hears so; who stays on the
// line is put first in it again. The system never hangs up on a caller.
func (t *turn) part() {
	if t.c.Help.Queued { // somebody is on the way already
		t.rescue("接听人挂断，正在呼叫他人")
		return
	}
	t.c.Phase = Parting
	t.note("PART", t.c.Caller(), "")
	if !t.play(t.c.Caller(), t.spoken(t.g.Prompts.Closing)) {
		t.setAlarm(alarmParting, t.g.Times.Parting)
		return
	}
	t.setAlarm(alarmPrompt, t.g.Times.Prompt)
}

// stayed: the caller did not hang up after the closing words.
func (t *turn) stayed() {
	if t.c.Phase != Parting {
		return
	}
	t.clearAlarm(alarmParting, alarmPrompt)
	t.quiet(t.c.Caller())
	t.search(routing.BoostReturn, t.g.Prompts.Connecting)
}

// rescue finds a new listener for a caller whose own has gone: first in line.
func (t *turn) rescue(why string) {
	if t.c.Placed.own() {
		t.end(Answered, why)
		t.releaseAll()
		return
	}
	t.note("RESCUE", t.c.Caller(), why)
	t.clearAlarm(alarmPrompt)
	t.search(routing.BoostRescue, t.g.Prompts.Stay)
	t.summon(false)
}

// closeIfEmpty finishes a call that has no legs any more.
func (t *turn) closeIfEmpty() {
	if t.c.Phase >= Closing || len(t.c.Legs) > 0 && t.c.Caller().State == Unplaced {
		return
	}
	for i := range t.c.Legs {
		if t.c.Legs[i].Live() {
			return
		}
	}
	t.endTransfer("ended", "通话已结束")
	t.endSearch()
	t.endHelp()
	t.end(Answered, "通话结束")
	t.c.Phase = Closing
	t.do(Close{})
	if !t.awaited() {
		t.finish()
		return
	}
	t.setAlarm(alarmClosing, t.g.Times.Closing)
}

// awaited reports whether the record must still wait for the recording, or for
// the number of a filing.
func (t *turn) awaited() bool {
	r := t.c.Recording
	return r.Wanted && r.File == "" && r.Fault == "" || t.unnumbered()
}

// unnumbered reports whether a filing has no number yet: the disk is slow.
func (t *turn) unnumbered() bool {
	return slices.ContainsFunc(t.c.Transfers, func(tr Transfer) bool { return tr.Files && tr.Filing == "" })
}

// closingOver: the record waits no longer for the recording, and for the number
// of a filing as long as one is still on its way.
func (t *turn) closingOver() {
	if r := &t.c.Recording; r.Wanted && r.File == "" && r.Fault == "" {
		r.Fault = "录音未能按时关闭"
	}
	over := time.Time{}
	for i := range t.c.Legs {
		if left := t.c.Legs[i].LeftAt; left.After(over) {
			over = left
		}
	}
	if t.unnumbered() && t.at.Sub(over) < 2*filingLimit {
		t.setAlarm(alarmClosing, t.g.Times.Closing)
		return
	}
	t.finish()
}

func (t *turn) recorded(ev Recorded) {
	t.c.Recording.File, t.c.Recording.Length = ev.File, ev.Length
	if ev.Fault != "" {
		t.c.Recording.Fault = ev.Fault
	}
	if t.c.Phase == Closing && !t.awaited() {
		t.finish()
	}
}

// finish is the end of every call: one record, and nothing after it.
func (t *turn) finish() {
	if t.c.Phase != Closing {
		return
	}
	for alarm := range t.c.Alarms {
		t.clearAlarm(alarm)
	}
	t.c.Phase, t.c.EndedAt = Ended, t.at
	t.c.attend(t.at)
	t.note("END", nil, string(t.c.Ending.Outcome))
	t.do(KeepRecord{Call: t.c.Clone()})
}

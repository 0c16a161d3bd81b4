package call

import (
	"strings"

	"weibao/ivr"
	"weibao/routing"
)

// promise gives a caller in line a call back that keeps the place, within the
// named hours of the plan; "" for any time. The caller hears that it is so when
// it is on the disk, and keeps place and age while staying on the line.
func (t *turn) promise(hours string) {
	if !t.searching() || !t.c.Caller().Live() {
		return
	}
	if t.c.Placed.On() && t.c.TalkedAt.IsZero() {
		t.promisedStill(hours)
		return
	}
	if _, can := dialled(t.c.Known); !can {
		t.note("FAULT", t.c.Caller(), "no number to ring back")
		t.inLine(t.g.Prompts.Unpromised)
		return
	}
	t.c.Safe = Safe
	t.owes(RingBack, "来电人按键选择回拨")
	t.c.FollowUp.Promised, t.c.FollowUp.Safe, t.c.FollowUp.Hours = true, Safe, hours
	t.pledge()
}

// pledge makes durable what the caller is owed now.
func (t *turn) pledge() {
	t.c.Wait.Pledges++
	t.do(Promise{FollowUp: t.c.FollowUp})
}

// promisedStill is for the party of a call back that waits for another seat: what
// it was promised stands. What a seat has rung by itself is no promise.
func (t *turn) promisedStill(hours string) {
	f := &t.c.Placed.FollowUp
	if !f.Promised {
		t.inLine(t.g.Prompts.Unpromised)
		return
	}
	t.c.Safe, f.Hours = Safe, hours
	t.note("CALLBACKASKED", t.c.Caller(), hours)
	t.inLine(t.g.Prompts.Promised)
}

// refuseRingBack keeps that this number must never be rung: the phone may be in
// the hands of the one whom the child fears. A promise made before is taken
// back; the number stays known to those who decide.
func (t *turn) refuseRingBack() {
	if t.c.Unconfirmed() {
		return
	}
	t.c.Safe = Unsafe
	t.note("UNSAFE", t.c.Caller(), "")
	if f := &t.c.Placed.FollowUp; f.ID != "" {
		f.Promised, f.Safe, f.Why = false, Unsafe, "来电人说不能回拨"
	}
	if !t.c.FollowUp.Promised {
		return
	}
	t.c.FollowUp.Promised, t.c.FollowUp.Safe, t.c.FollowUp.Why = false, Unsafe, "来电人说不能回拨"
	t.pledge()
}

// met: a person is with the caller, and what was promised for the waiting is
// owed no more.
func (t *turn) met() {
	if t.c.Caller().Live() {
		t.c.FollowUp = FollowUp{}
	}
}

// promised: the promise is on the disk, or could not be kept. Who has no
// promise must know it, and stay on the line.
func (t *turn) promised(ev Promised) {
	if ev.Err != "" {
		t.note("FAULT", t.c.Caller(), "promise: "+ev.Err)
	}
	t.c.Wait.Pledges = max(t.c.Wait.Pledges-1, 0)
	if !t.c.FollowUp.Promised || !t.searching() || t.c.Wait.Pledges > 0 {
		return // answered, gone, or taken back meanwhile
	}
	if ev.Err != "" {
		t.c.FollowUp = FollowUp{}
		t.inLine(t.g.Prompts.Unpromised)
		return
	}
	if !ev.Since.IsZero() && ev.Since.Before(t.c.FollowUp.Since) {
		t.c.FollowUp.Since = ev.Since
	}
	t.note("CALLBACKASKED", t.c.Caller(), t.c.FollowUp.Hours)
	t.inLine(t.g.Prompts.Promised)
}

// inLine says something to a caller who waits.
func (t *turn) inLine(prompts []ivr.Prompt) {
	if !t.c.Caller().Live() {
		return
	}
	t.clearAlarm(alarmPrompt)
	t.quiet(t.c.Caller())
	t.reassure(prompts)
}

// dialled is a person's number as it is dialled on the carrier's trunk. Only
// mobiles and landlines are people who can be rung.
func dialled(c routing.Caller) (string, bool) {
	home, chinese := strings.CutPrefix(string(c.E164), "+86")
	if !chinese || !routing.Digits(home) {
		return "", false
	}
	switch c.Kind {
	case routing.Mobile:
		return home, true
	case routing.Landline:
		return "0" + home, true
	case routing.UnknownNumber, routing.Service, routing.Anonymous, routing.Foreign:
	}
	return "", false
}

package call

import (
	"strings"

	"weibao/ivr"
	"weibao/routing"
)

// promise gives a caller in line a call back that keeps the place, within the
// named hours of the plan; "" for any time. The caller hears so and keeps place
// and age while staying on the line.
func (t *turn) promise(hours string) {
	number, can := dialled(t.c.Known)
	if !can {
		t.note("FAULT", t.c.Caller(), "no number to ring back")
		return
	}
	t.c.Safe = Safe
	t.c.FollowUp = FollowUp{
		ID: t.c.ID, Kind: RingBack, Number: t.c.Number, Region: t.c.Region, Language: t.c.Walk.Language, Since: t.c.Search.Since,
		Promised: true, Safe: Safe, Hours: hours,
		Owner: routing.AgentID(t.g.Supervisors), Due: t.at.Add(t.g.Times.FollowUp), Why: "来电人按键选择回拨",
	}
	t.note("CALLBACKASKED", t.c.Caller(), routing.Number(number).Masked()+" "+hours)
	t.inLine(t.g.Prompts.Promised)
}

// refuseRingBack keeps that this number must never be rung: the phone may be in
// the hands of the one whom the child fears. A promise made before is taken
// back.
func (t *turn) refuseRingBack() {
	t.c.Safe = Unsafe
	t.note("UNSAFE", t.c.Caller(), "")
	if t.c.FollowUp.Promised {
		t.c.FollowUp = FollowUp{}
	}
}

// inLine says something to a caller who waits.
func (t *turn) inLine(prompts []ivr.Prompt) {
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

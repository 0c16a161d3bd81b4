package call

import (
	"fmt"
	"slices"
	"strings"

	"weibao/routing"
)

// transfer begins to bring a third party in. For 110 the filing is written
// first and the dialling waits for it, but never longer than Times.Filing:
// no disk may delay the police.
func (t *turn) transfer(by routing.AgentID, wish WishTransfer) string {
	switch {
	case t.c.Phase != Talking:
		return "通话尚未接通，不能转接"
	case t.c.Transfer.Phase == Handed:
		return "已经移交"
	}
	tr, refused := t.plan(wish)
	switch {
	case refused != "":
		return refused
	case t.c.Transfer.Phase != NoTransfer && t.c.Transfer.To == tr.To && t.c.Transfer.Place == tr.Place:
		return "" // a second press does not place a second call
	case t.c.Transfer.Phase != NoTransfer:
		return "正在转接 " + strings.TrimSpace(t.c.Transfer.To.String()+" "+t.c.Transfer.Place) + "，请先取消"
	}
	tr.Phase, tr.By, tr.AskedAt, tr.Ordinal = Reaching, by, t.at, len(t.c.Transfers)+1
	t.c.Transfer = tr
	t.note("TRANSFER", nil, fmt.Sprintf("%s %s %s", tr.To, tr.Place, tr.Category))
	if !tr.Files {
		t.dialFirst()
		return ""
	}
	t.file(tr)
	t.setAlarm(alarmFiling, t.g.Times.Filing)
	return ""
}

// file has the filing of a transfer written.
func (t *turn) file(tr Transfer) {
	t.do(FileNotice{Transfer: tr.Ordinal, Filing: t.filingOf(tr)})
}

// plan finds the numbers of a transfer's target, best first.
func (t *turn) plan(wish WishTransfer) (Transfer, string) {
	tr := Transfer{To: wish.To, Place: wish.Place, Category: wish.Category, Notice: wish.Notice}
	switch wish.To.Kind {
	case routing.ToPolice:
		// By the child's place: plain 110 would reach the police of the place
		// where the trunk is.
		if tr.Place == "" { // one that is not known press has taken away
			tr.Place = t.c.Region
		}
		tr.Files, tr.Routes = true, t.g.Regions.PoliceRoutes(tr.Place)
		if len(tr.Routes) == 0 {
			tr.Routes = []string{"110"}
		}
	case routing.ToDuty:
		region := wish.To.Name
		if region == routing.RegionName {
			region = t.c.Region
		}
		duty, on := t.g.Rotas.On(t.g.Regions, region, t.at)
		if !on {
			return tr, "该地区现在没有值班人员：" + region
		}
		tr.Routes = duty.Numbers
	case routing.ToNumber:
		if !slices.Contains(t.g.Numbers, wish.To.Name) {
			return tr, "该号码不在允许转接的名单中"
		}
		tr.Routes = []string{wish.To.Name}
	case routing.NoTarget, routing.ToQueue, routing.ToPool, routing.ToAgent:
		return tr, "不能转接到 " + wish.To.String() + "：可转接 110、duty:地区、number:号码"
	}
	return tr, ""
}

// filed: the filing is on the disk, or could not be written. Either way the
// call to 110 goes out now if it has not yet.
func (t *turn) filed(ev Filed) {
	fault := ""
	if ev.Err != "" {
		fault = " FAULT " + ev.Err
	}
	t.note("FILED", nil, ev.Number+fault)
	if t.c.Transfer.Phase != NoTransfer && t.c.Transfer.Ordinal == ev.Transfer {
		t.c.Transfer.Filing = ev.Number
		t.dialFirst()
		t.amended()
		return
	}
	for i := range t.c.Transfers {
		if tr := &t.c.Transfers[i]; tr.Ordinal == ev.Transfer && tr.Filing == "" {
			tr.Filing = ev.Number
			t.conclude(*tr)
		}
	}
	if t.c.Phase == Closing && !t.awaited() {
		t.finish()
	}
}

// conclude gives a filing its outcome.
func (t *turn) conclude(tr Transfer) {
	if tr.Files && tr.Filing != "" {
		t.do(CloseNotice{Number: tr.Filing, Outcome: tr.Outcome, Attempts: slices.Clone(tr.Attempts)})
	}
}

func (t *turn) dialFirst() {
	t.clearAlarm(alarmFiling)
	if t.c.Transfer.Phase == Reaching && !t.c.Transfer.Dialled {
		t.c.Transfer.Dialled = true
		t.dialNext("")
	}
}

// dialNext rings the next number of the transfer, in the room of the talk, so
// that an answer while the gateway is dead still meets the child. With none
// left everybody is back where they were, with the reason on the screen.
func (t *turn) dialNext(why string) {
	tr := &t.c.Transfer
	if tr.Next >= len(tr.Routes) {
		t.endTransfer("not_reached", "全部号码均未接通："+why)
		t.regain("转接未接通")
		return
	}
	number := tr.Routes[tr.Next]
	tr.Next++
	role, trunk := Other, TrunkCarrier
	switch tr.To.Kind {
	case routing.ToPolice:
		role, trunk = Police, TrunkPolice
	case routing.ToDuty:
		role = Duty
	case routing.NoTarget, routing.ToQueue, routing.ToPool, routing.ToAgent, routing.ToNumber:
	}
	l := t.dial(Leg{Role: role, Number: routing.Number(number)}, Dial{
		To: routing.Target{Kind: routing.ToNumber, Name: number}, Trunk: trunk, Room: Talk, Shown: t.c.Dialled,
	})
	tr = &t.c.Transfer
	tr.Leg = l.ID
	tr.Attempts = append(tr.Attempts, Attempt{Number: number, Leg: l.ID, DialledAt: t.at})
	t.setAlarm(ringAlarm(l.ID), t.g.Times.Police)
}

// attempt is the record of the target's present leg.
func (t *turn) attempt() *Attempt {
	if n := len(t.c.Transfer.Attempts); n > 0 {
		return &t.c.Transfer.Attempts[n-1]
	}
	return &Attempt{}
}

// targetPicked: everybody is in one room already; with a companion by the
// child, seat and target may speak privately first.
func (t *turn) targetPicked(l *Leg) {
	tr := &t.c.Transfer
	tr.PickedAt, l.JoinedAt = t.at, t.at
	t.attempt().PickedAt = t.at
	t.met()
	t.hush()
	if seat := t.listener(); seat != nil && t.companion() != nil && t.c.Caller().Live() {
		t.goAside(seat, l)
		return
	}
	t.introduced(l)
}

// hush ends what the caller hears from us when the target answers before a new
// seat has been found; the search for one goes on among the supervisors.
func (t *turn) hush() {
	caller := t.c.Caller()
	if caller.Live() && (caller.Playing != "" || t.searching()) {
		t.quiet(caller)
	}
	if t.searching() {
		t.c.Phase = Talking
		t.endSearch()
		t.summon(false)
	}
}

func (t *turn) introduced(l *Leg) {
	t.c.Transfer.Phase = Introduced
	if t.c.Transfer.IntroducedAt.IsZero() {
		t.c.Transfer.IntroducedAt = t.at
	}
	t.note("INTRODUCED", l, "")
}

// withdrawTo moves legs into a room together.
func (t *turn) withdrawTo(room Room, legs ...*Leg) {
	ids := make([]LegID, 0, len(legs))
	for _, l := range legs {
		l.Room = room
		ids = append(ids, l.ID)
	}
	t.do(Join{Room: room, Legs: ids})
}

// goAside lets seat and target speak privately; a companion is with the caller.
func (t *turn) goAside(seat, target *Leg) {
	t.withdrawTo(Side, seat, target)
	t.c.Transfer.Phase = Briefing
	t.note("BRIEFING", target, "")
}

// gather brings legs back to the caller.
func (t *turn) gather(legs ...*Leg) { t.withdrawTo(Talk, legs...) }

// targetLeft: the target did not answer, or has gone.
func (t *turn) targetLeft(l Leg, detail string) {
	attempt := t.attempt()
	attempt.EndedAt, attempt.Detail = t.at, detail
	gone := t.c.Leg(l.ID)
	attempt.Result = string(gone.Cause)
	t.c.Transfer.Leg = ""
	switch t.c.Transfer.Phase {
	case Reaching:
		if gone.Cause == Released {
			return // cancelled, or everybody is being let go
		}
		if t.listener() == nil && !t.c.Caller().Live() {
			return
		}
		t.dialNext(reasonOf(gone.Cause, detail))
	case Briefing:
		if seat := t.listener(); seat != nil {
			t.gather(seat)
		}
		t.endTransfer("target_left", "对方在沟通中挂断")
		t.regain("对方挂断")
	case Introduced:
		t.endTransfer("target_left", "对方挂断，可再次拨打")
		t.regain("对方挂断")
	case Handed:
		ended := "已移交，对方结束通话"
		if !t.c.Caller().Live() {
			ended = "已移交，来电人挂断"
		}
		t.endTransfer("handed_over", ended)
		switch {
		case !t.c.Caller().Live():
		case gone.Cause == HungUp || gone.Cause == Released:
			t.part()
		default:
			t.rescue("对方线路中断")
		}
	case NoTransfer:
	}
}

func reasonOf(why Cause, detail string) string {
	words := map[Cause]string{
		Busy: "忙线", NoAnswer: "无人接听", Rejected: "拒接", Unreachable: "无法接通", Lost: "线路中断", HungUp: "挂断",
	}
	if detail != "" {
		return words[why] + "（" + detail + "）"
	}
	return words[why]
}

// regain: after a transfer that did not come about somebody must be with the
// caller, or must be sent for.
func (t *turn) regain(why string) {
	switch {
	case !t.c.Caller().Live():
		t.releaseAll()
	case t.c.Phase != Talking || t.listener() != nil:
	case t.promote():
	case t.listened(): // somebody is there who can not lead the talk
		t.summon(false)
	default:
		t.rescue(why)
	}
}

// endTransfer closes the transfer in progress and gives its filing an outcome.
func (t *turn) endTransfer(outcome, reason string) {
	tr := t.c.Transfer
	if tr.Phase == NoTransfer {
		return
	}
	if tr.Phase == Handed {
		outcome = "handed_over"
	}
	target := tr.Leg
	if t.c.Help.Brief {
		t.endHelp() // a companion for a briefing of nobody
	}
	tr.Outcome, tr.Reason, tr.EndedAt, tr.Leg = outcome, reason, t.at, ""
	t.c.Transfer = Transfer{}
	t.c.Transfers = append(t.c.Transfers, tr)
	t.clearAlarm(alarmFiling)
	t.note("TRANSFEROVER", nil, outcome+" "+reason)
	if l := t.c.Leg(target); l != nil && l.Live() {
		t.do(Release{Leg: l.ID, Why: Released})
		l.State, l.Cause, l.LeftAt, l.Room = Gone, Released, t.at, NoRoom
		t.clearAlarm(ringAlarm(l.ID))
		t.note("LEAVE", l, string(Released))
		n := &t.c.Transfers[len(t.c.Transfers)-1]
		last := &n.Attempts[len(n.Attempts)-1]
		last.EndedAt, last.Result = t.at, string(Released)
	}
	t.conclude(t.c.Transfers[len(t.c.Transfers)-1])
}

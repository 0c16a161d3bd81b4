package call

import (
	"maps"

	"weibao/routing"
)

// asked takes what an agent wants of the call.
func (t *turn) asked(ev Asked) {
	refused := ""
	switch wish := ev.Wish.(type) {
	case WishTransfer:
		if wish.To.Kind == routing.ToPolice {
			refused = t.press(ev.By, wish)
		} else {
			refused = t.transfer(ev.By, wish)
		}
	case WishBrief:
		refused = t.brief()
	case WishIntroduce:
		refused = t.introduce()
	case WishHandover:
		refused = t.handover()
	case WishCancel:
		refused = t.cancel()
	case WishHangup:
		refused = t.hangup(ev.By)
	case WishReject:
		refused = t.reject(ev.By)
	case WishPull:
		refused = t.pull(ev.By, wish)
	case WishPause:
		refused = t.pauseRecording(ev.By, wish.Reason)
	case WishResume:
		refused = t.resumeRecording(ev.By)
	case WishNote:
		t.write(wish.Fields)
		t.amend(ev.By, wish.Fields)
	}
	t.reply(ev, refused)
}

func (t *turn) write(fields map[string]string) {
	if t.c.Note == nil {
		t.c.Note = make(map[string]string, len(fields))
	}
	maps.Copy(t.c.Note, fields)
}

// hangup ends the talk by a person's decision.
func (t *turn) hangup(by routing.AgentID) string {
	switch {
	case t.c.Phase == Calling:
		if seat := t.searchLeg(Seat); seat != nil {
			t.release(seat.ID, Released)
		}
		return ""
	case t.c.Phase != Talking:
		return "通话尚未接通或已经结束"
	case t.c.Transfer.Phase != NoTransfer:
		return "正在转接，请先移交或取消转接"
	}
	t.note("HANGUP", nil, string(by))
	t.end(Answered, "坐席 "+string(by)+" 结束通话")
	t.release(t.c.Caller().ID, Released)
	return ""
}

// reject stops the ring of a seat by its own word. The caller keeps place and
// age, and the next seat is rung.
func (t *turn) reject(by routing.AgentID) string {
	for i := range t.c.Legs {
		if l := &t.c.Legs[i]; l.Agent == by && by != "" && l.Live() && l.State < Up {
			t.release(l.ID, Rejected)
			return ""
		}
	}
	return "您的话机没有在为这通来电振铃"
}

// brief: seat and target go aside when a companion is with the caller; with
// none yet, one is sent for and everybody stays together until then.
func (t *turn) brief() string {
	if t.c.Transfer.Phase != Introduced {
		return "对方接通后才能私下沟通"
	}
	seat, target := t.listener(), t.c.Leg(t.c.Transfer.Leg)
	if seat == nil || target == nil || !t.c.Caller().Live() {
		return "通话各方不全，不能私下沟通"
	}
	if t.companion() == nil {
		t.summon(true)
		return ""
	}
	t.goAside(seat, target)
	return ""
}

func (t *turn) introduce() string {
	if t.c.Transfer.Phase != Briefing {
		return "没有正在进行的私下沟通"
	}
	t.reunite()
	return ""
}

// reunite ends a private briefing: everybody is with the caller.
func (t *turn) reunite() {
	target := t.c.Leg(t.c.Transfer.Leg)
	legs := []*Leg{target}
	if seat := t.listener(); seat != nil {
		legs = append(legs, seat)
	}
	t.gather(legs...)
	t.introduced(target)
}

// handover: only the seat's word that the police have it makes it so.
func (t *turn) handover() string {
	if t.c.Transfer.Phase == Handed {
		return ""
	}
	target := t.c.Leg(t.c.Transfer.Leg)
	if t.c.Transfer.Phase != Introduced || target == nil || target.Room != Talk {
		return "对方接通并三方通话后才能移交"
	}
	t.c.Transfer.Phase, t.c.Transfer.HandedAt = Handed, t.at
	t.note("HANDED", target, "")
	t.endHelp()
	for i := range t.c.Legs {
		if l := &t.c.Legs[i]; l.Role != Citizen && l.ID != t.c.Transfer.Leg {
			t.release(l.ID, Released)
		}
	}
	if !t.c.Caller().Live() {
		t.releaseAll()
	}
	return ""
}

func (t *turn) cancel() string {
	switch t.c.Transfer.Phase {
	case NoTransfer:
		return "没有正在进行的转接"
	case Handed:
		return "已经移交"
	case Briefing:
		if seat := t.listener(); seat != nil {
			t.gather(seat)
		}
	case Introduced:
		if t.c.Caller().Live() && t.listener() == nil && t.companion() == nil {
			return "来电人正由对方接听，不能取消"
		}
	case Reaching:
	}
	t.endTransfer("cancelled", "坐席取消转接")
	t.regain("转接取消")
	t.closeIfEmpty()
	return ""
}

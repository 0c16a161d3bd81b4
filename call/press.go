package call

import (
	"strings"

	"weibao/routing"
)

// press asks for 110, from the desk, the API or the seat's own phone. While a
// person speaks with the caller nothing refuses it: no category that does not
// exist, no unknown place, no other transfer that is under way.
func (t *turn) press(by routing.AgentID, wish WishTransfer) string {
	wish.To = routing.Target{Kind: routing.ToPolice}
	_, known := t.g.Regions.Find(wish.Place)
	if t.c.Transfer.To.Kind == routing.ToPolice && !known {
		wish.Place = t.c.Transfer.Place // a second press that names no other place
	}
	if t.c.Phase != Talking || t.c.Transfer.To.Kind == routing.ToPolice {
		return t.transfer(by, wish)
	}
	if !known && wish.Place != "" {
		wish.Notice = "没有“" + wish.Place + "”这个地区代码，先按来电城市拨打110，请核实孩子所在地"
		wish.Place = ""
	}
	category, notice := t.g.filing().filedAs(wish.Category)
	wish.Category = category
	wish.Notice = strings.Trim(wish.Notice+"；"+notice, "；")
	if refused := t.clearWay(); refused != "" {
		return refused
	}
	return t.transfer(by, wish)
}

// clearWay ends another transfer in progress in favour of 110. Who is being
// rung is let go; who is in the talk stays in it.
func (t *turn) clearWay() string {
	const why = "改为拨打110"
	switch t.c.Transfer.Phase {
	case NoTransfer:
		return ""
	case Reaching:
		t.endTransfer("cancelled", why)
		return ""
	case Briefing:
		t.reunite()
	case Introduced:
	case Handed:
		if t.c.Transfer.To.Kind != routing.ToDuty {
			return "已经移交" // nobody of ours is there any more
		}
	}
	t.c.Transfer.Leg = "" // not let go with the transfer
	t.endTransfer("joined", why)
	return ""
}

// typed takes a digit that one of ours has pressed during the talk. Digits that
// follow each other within the gap make a code; what is none costs nothing.
func (t *turn) typed(l *Leg, key string) {
	rules := t.g.filing()
	if t.c.Phase != Talking || l.State != Up || l.Room == NoRoom || l.Role != Seat && l.Role != Companion && l.Role != Duty {
		return
	}
	if t.at.Sub(l.TypedAt) > rules.KeyGap {
		l.Typed = ""
	}
	l.Typed, l.TypedAt = l.Typed+key, t.at
	if !strings.HasSuffix(l.Typed, rules.Key) {
		l.Typed = l.Typed[max(0, len(l.Typed)-len(rules.Key)):]
		return
	}
	l.Typed = ""
	by := l.Agent
	t.note("PRESS", l, rules.Key)
	if refused := t.press(by, WishTransfer{Place: t.c.Note[NotePlace], Category: t.c.Note[NoteCategory]}); refused != "" {
		t.note("PRESSREFUSED", t.c.Leg(l.ID), refused)
	}
}

// The fields of the form that a press by phone takes place and category from.
const (
	NotePlace    = "place"
	NoteCategory = "category"
)

package call

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weibao/routing"
)

// memo is what a later life of the gateway must know of a leg: under which
// claim a seat was offered, and for 110 the child's place and the filing.
func (l *Leg) memo(tr Transfer) string {
	return fmt.Sprintf("%d:%s:%s:%s", l.Fence, l.Ticket, tr.Place, tr.Filing)
}

// recall reads a memo; an empty or foreign one tells nothing.
func recall(memo string) (l Leg, tr Transfer) {
	parts := append(strings.SplitN(memo, ":", 4), "", "", "", "")
	l.Fence, _ = strconv.ParseUint(parts[0], 10, 64) // 0: no claim is known
	l.Ticket, tr.Place, tr.Filing = routing.TicketID(parts[1]), parts[2], parts[3]
	return l, tr
}

// resume takes a call up that an earlier life of the gateway left in Asterisk.
// What was connected stays connected; who was set aside comes back to the
// caller; who answered meanwhile is joined; who has nobody goes first in line.
func (t *turn) resume(ev Arrived) {
	t.c.LegPrefix = fmt.Sprintf("%s-%d", t.c.ID, t.at.UnixMilli()) // never an id of the earlier life
	t.c.Walk.Done = true
	if !ev.Since.IsZero() && ev.Since.Before(t.at) {
		t.c.ArrivedAt, t.c.Search.Since = ev.Since, ev.Since // the age is kept
	}
	t.c.Search.Ticket.ID = routing.TicketID(t.c.ID)
	t.note("RESUME", t.c.Caller(), fmt.Sprintf("%d parties", len(ev.With)))
	talking := false
	for _, p := range ev.With {
		t.c.Legs = append(t.c.Legs, t.party(p))
		talking = talking || p.Room != NoRoom
	}
	if talking {
		t.c.Phase, t.c.TalkedAt = Talking, t.at
		t.c.Caller().Room = Talk
		t.c.Recording = Recording{Wanted: true, Name: string(t.c.ID)}
		t.do(Mute{Name: t.c.Recording.Name, On: false}) // nobody would end a pause that nobody knows of
		t.gatherAll()
	} else if t.c.Placed.own() {
		t.rescue("网关重启后，坐席已不在线")
		return
	} else {
		boost := routing.BoostReturn
		if ev.Recent {
			boost = 0 // those who wait longer have their places
		}
		t.search(boost, t.g.Prompts.Connecting)
	}
	t.welcome()
	if talking && !t.listened() {
		t.rescue("网关重启后来电人无人接听")
	}
}

// gatherAll brings everybody who was aside back to the caller: who of them had
// kept the caller company is not known any more.
func (t *turn) gatherAll() {
	var aside []*Leg
	for i := range t.c.Legs {
		if l := &t.c.Legs[i]; l.State == Up && l.Room == Side {
			aside = append(aside, l)
		}
	}
	if len(aside) > 0 {
		t.gather(aside...)
	}
}

// welcome joins those who answered while the gateway was away; those who still
// ring go on ringing.
func (t *turn) welcome() {
	for i := range t.c.Legs {
		l := &t.c.Legs[i]
		if l.Role == Citizen || l.Room != NoRoom || !l.Live() {
			continue
		}
		if l.Role == Seat && t.listener() != nil {
			l.Role = Companion
		}
		switch {
		case l.State == Up:
			t.join(l)
		case t.searching():
			t.c.Phase = Offering
		}
	}
}

// party is a leg as it was found.
func (t *turn) party(p Party) Leg {
	l, tr := recall(p.Memo)
	l.ID, l.Agent, l.Number, l.Room, l.DialledAt, l.State = p.Leg, p.Agent, p.Number, p.Room, t.at, RingingLeg
	if p.Up {
		l.State, l.PickedAt, l.JoinedAt = Up, t.at, t.at
	} else {
		t.setAlarm(ringAlarm(l.ID), t.g.Times.Police)
	}
	switch {
	case p.Agent != "":
		l.Role = Seat
		if p.Up {
			t.c.Agent = p.Agent
			t.tell(&l, SeenPicked)
		} else {
			t.tell(&l, SeenRinging) // the claim is this call's
		}
	case p.Trunk == TrunkPolice:
		l.Role = Police
		t.reaching(tr, p, routing.Target{Kind: routing.ToPolice})
	case t.c.Transfer.Phase == Reaching && slices.Contains(t.c.Transfer.Routes, string(p.Number)):
		if l.Role = Other; t.c.Transfer.To.Kind == routing.ToDuty {
			l.Role = Duty
		}
		t.reaching(tr, p, t.c.Transfer.To)
	case !p.Up && p.Room != NoRoom: // a target that was being rung into the talk
		l.Role = Other
		t.reaching(tr, p, routing.Target{Kind: routing.ToNumber, Name: string(p.Number)})
	default:
		l.Role = Duty
	}
	return l
}

// reaching takes a target that was found into the call: as the next number of
// the transfer that is known to be going on, else as a transfer of its own.
func (t *turn) reaching(told Transfer, p Party, to routing.Target) {
	tr := &t.c.Transfer
	if tr.Phase != Reaching {
		if tr.Phase == NoTransfer {
			*tr = t.resumed(told, p, to)
		}
		return
	}
	tr.Leg, tr.Dialled, tr.Filing = p.Leg, true, cmp.Or(tr.Filing, told.Filing)
	tr.Attempts = append(slices.Clip(tr.Attempts), Attempt{Number: string(p.Number), Leg: p.Leg, DialledAt: t.at})
	if i := slices.Index(tr.Routes, string(p.Number)); i >= 0 {
		tr.Next = i + 1
	}
	t.clearAlarm(alarmFiling)
}

// resumed is a transfer as far as its leg tells: the numbers that come after
// the one that rings are tried as before, and a filing that is known gets its
// outcome.
func (t *turn) resumed(tr Transfer, p Party, to routing.Target) Transfer {
	tr.Phase, tr.To, tr.Leg, tr.Dialled, tr.Ordinal, tr.AskedAt = Reaching, to, p.Leg, true, len(t.c.Transfers)+1, t.at
	tr.Files = tr.Filing != ""
	tr.Attempts = []Attempt{{Number: string(p.Number), Leg: p.Leg, DialledAt: t.at}}
	if to.Kind == routing.ToPolice {
		tr.Routes = t.g.Regions.PoliceRoutes(tr.Place)
		tr.Next = len(tr.Routes)
		if i := slices.Index(tr.Routes, string(p.Number)); i >= 0 {
			tr.Next = i + 1
		}
	}
	if p.Up {
		tr.Phase, tr.PickedAt, tr.IntroducedAt = Introduced, t.at, t.at
		tr.Attempts[0].PickedAt = t.at
	}
	return tr
}

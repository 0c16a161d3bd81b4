package call

import "weibao/routing"

// helpTicket is the place in line of a search for a supervisor.
func helpTicket(id ID) routing.TicketID { return routing.TicketID(id) + "/help" }

// summon rings a supervisor seat for the caller: in the place of a listener
// who is gone, or beside the seat for a private briefing.
func (t *turn) summon(forBriefing bool) {
	if t.c.Help.Queued {
		t.c.Help.Brief = t.c.Help.Brief && forBriefing
		return
	}
	t.c.Help = Search{
		Queued: true, Brief: forBriefing, Since: t.at,
		Ticket: routing.Ticket{
			ID: helpTicket(t.c.ID), Wants: routing.AnyOf(t.g.Supervisors), Since: t.c.Search.Since, Boost: routing.BoostRescue,
		},
	}
	t.note("SUMMON", nil, t.g.Supervisors)
	t.do(Enqueue{Ticket: t.c.Help.Ticket})
}

// noHelp: no supervisor is there. For a briefing that means that everybody
// stays together; for a caller who has nobody, the seats of the plan have been
// asked besides, see rescue.
func (t *turn) noHelp() {
	if t.c.Help.Queued && t.c.Help.Brief {
		t.note("NOHELP", nil, "没有可用的第二位陪同，保持三方通话")
		t.endHelp()
	}
}

// endHelp stops looking for a supervisor.
func (t *turn) endHelp() {
	if t.c.Help.Queued {
		t.c.Help.Queued, t.c.Help.Brief = false, false
		t.do(Withdraw{Ticket: t.c.Help.Ticket.ID})
	}
	if l := t.searchLeg(Companion); l != nil {
		t.release(l.ID, Released)
	}
}

// companion is the live person who keeps the caller company.
func (t *turn) companion() *Leg {
	for i := range t.c.Legs {
		if l := &t.c.Legs[i]; l.Role == Companion && l.State == Up && l.Room == Talk {
			return l
		}
	}
	return nil
}

// companionJoined: the second person is with the caller.
func (t *turn) companionJoined() {
	brief := t.c.Help.Brief
	t.c.Help.Queued, t.c.Help.Brief = false, false
	t.do(Withdraw{Ticket: t.c.Help.Ticket.ID})
	if t.c.Phase != Talking {
		t.c.Phase = Talking
		t.endSearch()
	}
	if t.listener() == nil {
		t.promote()
		return
	}
	if target := t.c.Leg(t.c.Transfer.Leg); brief && t.c.Transfer.Phase == Introduced && target != nil {
		t.goAside(t.listener(), target)
	}
}

// promote makes the companion the seat that has the talk; false when there is
// none.
func (t *turn) promote() bool {
	l := t.companion()
	if l == nil {
		return false
	}
	l.Role = Seat
	t.c.Agent = l.Agent
	t.note("TAKEOVER", l, "")
	if t.c.Transfer.Phase == Briefing {
		t.reunite() // the target was aside with the seat that is gone
	}
	return true
}

// companionLeft: nobody is with the caller while seat and target are aside.
func (t *turn) companionLeft() {
	if t.c.Transfer.Phase == Briefing && t.c.Caller().Live() {
		t.reunite()
	}
}

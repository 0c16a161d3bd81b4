package call

import "weibao/routing"

// check holds the promises against the world as it is now.
func (w *world) check() {
	c := &w.c
	if c.Alone() != 0 || c.Attended.state == forsaken {
		w.failf("the caller is alone (%s)", c.Alone())
	}
	if len(c.Legs) == 0 {
		return
	}
	if !c.TalkedAt.IsZero() && c.Phase < Parting && w.legs["caller"].live && !w.somebody() {
		w.failf("nobody is with the caller and nobody is on the way")
	}
	for alarm, due := range c.Alarms {
		if !w.alarms[alarm].Equal(due) {
			w.failf("alarm %s is due %s in the call and %s outside", alarm, due, w.alarms[alarm])
		}
	}
	if len(c.Alarms) != len(w.alarms) {
		w.failf("alarms differ: call %v, outside %v", c.Alarms, w.alarms)
	}
	if _, set := c.Alarms[alarmPause]; c.Recording.Paused() && !set && c.Phase != Ended {
		w.failf("the recording is paused and nothing will end it")
	}
	if n := len(c.Recording.Parts); n > w.moves {
		w.failf("%d parts after %d moves", n, w.moves)
	}
	if c.Phase != Ended && len(c.Alarms) == 0 {
		w.failf("phase %s has no deadline", c.Phase)
	}
	if want := 0; c.Phase == Ended {
		want = 1
		if w.records != want {
			w.failf("%d records of an ended call", w.records)
		}
	} else if w.records != want {
		w.failf("a record of a call that has not ended")
	}
	if w.replies != w.asked {
		w.failf("%d wishes, %d replies", w.asked, w.replies)
	}
	w.checkOurs()
	w.checkOwed()
	w.checkCompany()
}

// checkOwed: every path ends with a person, or with a promise that has an owner
// and a deadline.
func (w *world) checkOwed() {
	owed, end := w.c.FollowUp, w.c.Ending.Outcome
	switch {
	case w.c.Phase != Ended, w.c.Placed.On() && w.c.TalkedAt.IsZero(): // see checkOurs
	case end == Abandoned && owed.Kind == "", end == CallBack && owed.Kind != RingBack, end == Fault && owed.Kind != RingBack:
		w.failf("%s, and what is owed is %q", end, owed.Kind)
	case owed.Kind != "" && (owed.ID != w.c.ID || owed.Owner == "" || owed.Since.IsZero() || owed.Due.IsZero()):
		w.failf("%s owes %+v: nobody, or at no time", end, owed)
	case end == Answered && owed.Kind != "":
		w.failf("answered, and owes %+v", owed)
	}
}

// checkWait holds what a caller in line is promised: the place and the end of
// the wait that are said never get worse, a key never costs the place, a
// person ends the menu and the promise, and no number is promised a call that
// can not be rung.
func (w *world) checkWait(before Call) {
	c, b := &w.c, &before
	searching := func(c *Call) bool { return c.Phase == Waiting || c.Phase == Offering }
	sameSearch := searching(c) && searching(b) && c.Search.Decision.At.Equal(b.Search.Decision.At)
	switch {
	case sameSearch && b.Wait.Position > 0 && c.Wait.Position > b.Wait.Position:
		w.failf("the place was %d and is said to be %d", b.Wait.Position, c.Wait.Position)
	case sameSearch && !b.Wait.Until.IsZero() && c.Wait.Until.After(b.Wait.Until):
		w.failf("the wait was to end at %s, now at %s", b.Wait.Until, c.Wait.Until)
	case sameSearch && (c.Search.Ticket.Boost < b.Search.Ticket.Boost || !c.Search.Ticket.Since.Equal(b.Search.Ticket.Since)):
		w.failf("the place is lost: %+v after %+v", c.Search.Ticket, b.Search.Ticket)
	case sameSearch && b.Search.Queued && !c.Search.Queued:
		w.failf("a caller in line is taken out of it")
	case !searching(c) && (c.Wait.Walk.Menu != "" || c.Wait.Asked):
		w.failf("phase %s and still in a menu of the line", c.Phase)
	case searching(c) && c.Walk.Person && c.Search.Ticket.Boost < routing.BoostUrgent:
		w.failf("a caller who pressed for a person now has boost %d", c.Search.Ticket.Boost)
	case c.FollowUp.Promised && c.Known.E164 == "":
		w.failf("a call back is promised to a number that can not be rung")
	case c.FollowUp.Promised && c.Phase == Talking && c.Caller().Live():
		w.failf("a person is there and a call back is still promised")
	case !c.Placed.On() && c.Ending.Outcome == CallBack && c.FollowUp.Kind != RingBack:
		w.failf("a call back without a follow-up")
	}
}

// checkCompany looks at who is where: nobody answered and waits for nothing,
// nobody is aside while the caller has no one, no search goes on over a talk.
func (w *world) checkCompany() {
	c := &w.c
	together, aside := 0, 0
	for _, id := range w.order {
		l := w.legs[id]
		if id == "caller" || !l.live || !l.up {
			continue
		}
		if _, whispered := c.Alarms[whisperAlarm(id)]; l.room == NoRoom && l.playing == "" && !whispered && c.Phase != Calling {
			w.failf("%s has answered, is in no room, and nothing is coming", id)
		}
		switch l.room {
		case Side:
			aside++
		case Talk:
			together++
		case NoRoom:
		}
	}
	if !w.legs["caller"].live {
		return
	}
	searching := c.Phase == Waiting || c.Phase == Offering
	switch target := w.legs[c.Transfer.Leg]; {
	case aside > 0 && together == 0:
		w.failf("%d are aside and the caller has no one", aside)
	case (searching || c.Phase == Parting) && together > 0:
		w.failf("phase %s with somebody in the talk", c.Phase)
	case c.Phase == Parting && (c.Search.Queued || c.Help.Queued):
		w.failf("parting while somebody is looked for")
	case (c.Transfer.Phase == Introduced || c.Transfer.Phase == Handed) && target != nil && target.live && target.room != Talk:
		w.failf("%s with the target in room %q", c.Transfer.Phase, target.room)
	case c.Help.Queued && c.Help.Brief && c.Transfer.Phase == NoTransfer:
		w.failf("a companion is looked for, for a briefing of nobody")
	}
}

// somebody is with the caller, is being rung for it, or is looked for.
func (w *world) somebody() bool {
	for _, id := range w.order {
		l := w.legs[id]
		if l.live && id != "caller" && (!l.up || l.room == NoRoom || l.room == w.legs["caller"].room) {
			return true
		}
	}
	return len(w.tickets) > 0
}

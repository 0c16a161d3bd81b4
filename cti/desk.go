package cti

import (
	"fmt"
	"time"

	"weibao/routing"
)

// Desk is what is seen of an agent's desks: the clients of the push that were
// opened with its login. It stands in the standing, because another gateway
// than the one that the desk is connected to may give the seat a caller.
type Desk string

// The states of a desk. An agent that never opened one, with a hard phone, is
// judged by its presence and its phone alone.
const (
	DeskNone Desk = ""
	DeskOpen Desk = "open"
	DeskGone Desk = "gone" // it was open, and none is there any more or none answers
)

// word is the word of the log.
func (d Desk) word() string {
	if d == DeskNone {
		return "none"
	}
	return string(d)
}

// desk takes in that a desk was opened here, or is gone.
func (f *floor) desk(id routing.AgentID, n int) {
	if f.desks[id] += n; f.desks[id] <= 0 {
		delete(f.desks, id)
	}
	c, known := f.chairs[id]
	if !known {
		return
	}
	if n > 0 && c.now.Desk == DeskOpen && c.now.DeskAt != f.opts.Gateway {
		c.now.DeskAt = f.opts.Gateway // it has come over
		f.touch(c)
	}
	f.seeDesk(c, f.now())
}

// seeDesk brings a standing in line with the desks that are open here. One at
// another gateway is that gateway's to tell, until it says that it is gone or
// gives no sign of life.
func (f *floor) seeDesk(c *chair, at time.Time) {
	mine := c.now.DeskAt == f.opts.Gateway
	switch {
	case !c.on:
	case f.desks[c.now.Agent] > 0:
		delete(f.deskless, c)
		if c.now.Desk != DeskOpen {
			f.setDesk(c, DeskOpen, "", at)
		}
	case mine && c.now.Desk == DeskOpen && f.deskless[c].IsZero():
		f.missDesk(c, f.opts.DeskGrace)
	}
}

// missDesk waits so long for a desk, by the process's own clock, to the full
// second: those of an office without a network are told of together.
func (f *floor) missDesk(c *chair, grace time.Duration) {
	due := time.Now().Add(grace)
	if beyond := due.Nanosecond(); beyond > 0 {
		due = due.Add(time.Second - time.Duration(beyond))
	}
	f.deskless[c] = due
}

// expireDesks counts the desks as gone that were left and did not come back.
func (f *floor) expireDesks(at time.Time) {
	for c, due := range f.deskless {
		if time.Until(due) > 0 {
			continue
		}
		delete(f.deskless, c)
		elsewhere := c.now.DeskAt != f.opts.Gateway
		switch {
		case c.now.Desk != DeskOpen, elsewhere && f.there(c.now.DeskAt):
			continue
		case elsewhere && f.away(): // nothing is known of the others
			f.missDesk(c, restartGraces*f.opts.DeskGrace)
			continue
		}
		f.setDesk(c, DeskGone, "no sign of the desk", at)
		if c.on && c.now.Presence == routing.Ready {
			f.notice(Notice{At: at, Kind: NoticeDesk, Agent: c.now.Agent, Say: fmt.Sprintf("坐席 %s的坐席桌面没有响应，暂不派话", c.name())})
		}
	}
}

// awaitDesks gives the desks of a gateway that gives no sign of life time to
// come back: of an earlier life of this one, or of another, whose desks are
// nobody else's to tell.
func (f *floor) awaitDesks(gateway string) {
	for _, c := range f.chairs {
		if c.now.Desk == DeskOpen && c.now.DeskAt == gateway && f.desks[c.now.Agent] == 0 && f.deskless[c].IsZero() {
			f.missDesk(c, restartGraces*f.opts.DeskGrace)
		}
	}
}

// awaitAllDesks does that when the standings have been read first.
func (f *floor) awaitAllDesks() {
	gateways := make(map[string]bool)
	for _, c := range f.chairs {
		gateways[c.now.DeskAt] = true
	}
	for gateway := range gateways {
		if own := gateway == f.opts.Gateway; own || f.d.poster != nil && !f.there(gateway) {
			f.awaitDesks(gateway)
		}
	}
}

// restartGraces is how many graces a desk has when the gateway itself was away:
// a browser tries again at longer and longer intervals.
const restartGraces = 3

// withoutDesk is for an agent that says it is ready and has no desk here: it
// works without one.
func (f *floor) withoutDesk(c *chair, at time.Time) {
	if f.desks[c.now.Agent] > 0 || c.now.Desk == DeskOpen && c.now.DeskAt != f.opts.Gateway {
		return
	}
	delete(f.deskless, c)
	if c.now.Desk != DeskNone {
		f.setDesk(c, DeskNone, causeReady, at)
	}
}

func (f *floor) setDesk(c *chair, to Desk, why string, at time.Time) {
	f.note(c, routing.SeatChange{At: at, What: routing.FactDesk, From: c.now.Desk.word(), To: to.word(), Cause: why})
	c.now.Desk, c.now.DeskAt = to, f.opts.Gateway
	if to == DeskNone {
		c.now.DeskAt = ""
	}
	f.touch(c)
}

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
// another gateway is that gateway's to tell, until it says that it is gone.
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
		f.deskless[c] = at.Add(f.opts.DeskGrace)
	}
}

// expireDesks counts the desks as gone that were left and did not come back.
func (f *floor) expireDesks(at time.Time) {
	for c, due := range f.deskless {
		if due.After(at) {
			continue
		}
		delete(f.deskless, c)
		if c.now.Desk != DeskOpen || c.now.DeskAt != f.opts.Gateway {
			continue // another gateway has it
		}
		f.setDesk(c, DeskGone, "no sign of the desk", at)
		if c.on && c.now.Presence == routing.Ready {
			f.notice(Notice{At: at, Kind: NoticeDesk, Agent: c.now.Agent, Say: fmt.Sprintf("坐席 %s的坐席桌面没有响应，暂不派话", c.name())})
		}
	}
}

// awaitDesks gives the desks of an earlier life of this gateway time to come
// back.
func (f *floor) awaitDesks(at time.Time) {
	for _, c := range f.chairs {
		if c.now.Desk == DeskOpen && c.now.DeskAt == f.opts.Gateway && f.desks[c.now.Agent] == 0 && f.deskless[c].IsZero() {
			f.deskless[c] = at.Add(restartGraces * f.opts.DeskGrace)
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

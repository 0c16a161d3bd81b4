package cti

import (
	"fmt"
	"time"

	"weibao/call"
	"weibao/routing"
)

// refusals are the rules of the queue that a seat was claimed for, with the
// gateway's own where it says nothing.
func (f *floor) refusals(queue string) routing.Refusals {
	r, own := f.queues[queue].Refusals, f.opts.Refusals
	orElse(map[*time.Duration]time.Duration{
		&r.RejectDelay: own.RejectDelay, &r.BusyDelay: own.BusyDelay,
		&r.NoAnswerDelay: own.NoAnswerDelay, &r.UnreachableDelay: own.UnreachableDelay,
	})
	if r.MaxNoAnswer == 0 {
		r.MaxNoAnswer = own.MaxNoAnswer
	}
	return r
}

// inVain frees a seat that was rung for nothing. One that did not answer, or
// whose phone gave no sign, rests for a moment and is made away when that
// happens again and again: one ring missed may be a cup of tea. A phone that
// is not registered is another matter: it is not reachable, is not rung, and
// comes back by itself.
func (f *floor) inVain(c *chair, what call.Seen, at time.Time) {
	rules, id := f.refusals(c.now.Queue), c.now.Call
	f.worked(c, routing.Free, string(what), at)
	c.now.free(at)
	switch what {
	case call.SeenNoAnswer:
		f.missed(c, missed{ReasonNoAnswer, NoticeNoAnswer, rules.NoAnswerDelay, rules.MaxNoAnswer, id}, at)
	case call.SeenUnreachable:
		f.missed(c, missed{ReasonUnreachable, NoticeUnreachable, rules.UnreachableDelay, rules.MaxNoAnswer, id}, at)
	case call.SeenRejected:
		c.now.RestUntil = at.Add(rules.RejectDelay)
	case call.SeenBusy:
		c.now.RestUntil = at.Add(rules.BusyDelay)
	case call.SeenRinging, call.SeenPicked, call.SeenCancelled, call.SeenLeft:
	}
}

// missed is a ring that was not heard, and what follows.
type missed struct {
	reason string // when it was once too often
	kind   string // of the notice
	rest   time.Duration
	most   int
	call   call.ID
}

// missed lets a seat rest, or makes it away, unless it has said something else
// meanwhile.
func (f *floor) missed(c *chair, m missed, at time.Time) {
	c.now.Missed++
	if c.now.Missed < m.most || c.now.Presence != routing.Ready {
		c.now.RestUntil = at.Add(m.rest)
		return
	}
	f.note(c, routing.SeatChange{
		At: at, What: routing.FactPresence, From: c.now.Presence.String(), To: routing.Away.String(), Cause: m.reason, Call: string(m.call),
	})
	f.notice(Notice{At: at, Kind: m.kind, Agent: c.now.Agent, Call: m.call, Say: fmt.Sprintf("坐席 %s连续 %d 次%s，已改为暂离", c.name(), c.now.Missed, m.reason)})
	c.now.Presence, c.now.Reason = routing.Away, m.reason
}

// name is a seat for people, with what parts it from the words after it:
// "1001（李娜）", "1001 ".
func (c *chair) name() string {
	if c.seat.Name == "" {
		return string(c.now.Agent) + " "
	}
	return fmt.Sprintf("%s（%s）", c.now.Agent, c.seat.Name)
}

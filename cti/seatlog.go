package cti

import (
	"time"

	"weibao/routing"
)

// Why a piece of work ended, in the presence log, besides the words of
// call.Seen.
const (
	causeReady = "ready" // the agent said that it is ready
	causeOver  = "over"  // the rest was over
	causeGrave = "left after a grave call"
)

// note keeps a change of a seat in the presence log.
func (f *floor) note(c *chair, change routing.SeatChange) {
	change.Agent = c.now.Agent
	f.opts.SeatLog(change)
}

// worked keeps what a seat has done until now.
func (f *floor) worked(c *chair, next routing.Work, why string, at time.Time) {
	begun := c.begun
	if begun.IsZero() || begun.Before(c.now.Rung) { // by another gateway, or an earlier life of this one
		begun = c.now.Since
	}
	if c.now.Work == routing.Wrapping {
		f.metrics.afterCall.Observe(at.Sub(begun).Seconds())
	}
	f.note(c, routing.SeatChange{
		At: at, What: routing.FactWork, From: c.now.Work.String(), To: next.String(), Cause: why,
		Call: string(c.now.Call), Queue: c.now.Queue, Since: begun,
	})
	c.begun = time.Time{}
}

// phoneChange is what Asterisk has told of a phone.
func phoneChange(reachable bool, at time.Time) routing.SeatChange {
	const can, cannot = "reachable", routing.SeatUnreachable
	change := routing.SeatChange{At: at, What: routing.FactPhone, From: can, To: cannot}
	if reachable {
		change.From, change.To = cannot, can
	}
	return change
}

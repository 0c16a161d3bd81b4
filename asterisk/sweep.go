package asterisk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"weibao/call"
)

const (
	// sweepEvery is between two looks at the node while the socket is up.
	sweepEvery = 15 * time.Second
	// sweepAgain is after a look that failed.
	sweepAgain = 500 * time.Millisecond
	// grace is how long a difference between the node and the calls must last:
	// the event that explains it may be on its way.
	grace = 300 * time.Millisecond
	// dialTime is longer than a Dial takes; before that a leg that is not there
	// may still come.
	dialTime = 10 * time.Second
	// memory is how long ids of legs that have left are refused.
	memory = 10 * time.Minute
)

// keep is the life of one connection: set the filter, see that events come,
// sweep, and sweep again.
// The reader runs already. Before the filter is set everything comes, or what
// the filter of an earlier life lets through (it outlives the socket); what
// that may have kept back, the first sweep finds.
func (l *Line) keep(ctx context.Context, good func()) error {
	if err := l.setFilter(ctx); err != nil {
		return err
	}
	if err := l.hears(ctx); err != nil {
		return err
	}
	l.seats.forget()
	first := true
	for ctx.Err() == nil {
		began := time.Now()
		err := l.sweep(ctx, first)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			l.log.Warn("node not swept", "err", err)
			pause(ctx, sweepAgain)
			continue
		case first:
			first = false
			good()
			l.up.Store(true)
			l.m.up.Set(1)
			l.swept.Do(func() { close(l.ready) })
			l.log.Info("asterisk is up", "app", l.o.App, "took", time.Since(began))
		}
		pause(ctx, sweepEvery)
	}
	return ctx.Err()
}

// setFilter has Asterisk send what is read and nothing else.
func (l *Line) setFilter(ctx context.Context) error {
	type allowed struct {
		Type string `json:"type"`
	}
	var types []allowed
	for _, t := range eventTypes() {
		types = append(types, allowed{t})
	}
	return l.do(ctx, request{
		op: "filter", method: http.MethodPut, path: []string{"applications", l.o.App, "eventFilter"},
		body: map[string]any{"allowed": types},
	})
}

// sweep makes the calls and the node agree: what the calls have missed is told
// to them, and what on the node belongs to nobody is taken away.
func (l *Line) sweep(ctx context.Context, connected bool) error {
	made, calls := l.book.following(), l.live()
	seen, err := l.look(ctx)
	if err != nil {
		return err
	}
	l.catchUp(seen)
	lost, strange, empty := l.missing(seen, made, calls), l.strange(seen), l.empty(seen)
	if len(lost)+len(strange)+len(empty) > 0 {
		pause(ctx, grace)
		if seen, err = l.look(ctx); err != nil {
			return err
		}
		l.tellLost(lost, seen)
		err = errors.Join(l.adopt(ctx, seen, strange), l.removeRooms(ctx, seen, empty))
	}
	if connected {
		err = errors.Join(err, l.askPlays(ctx), l.askRecordings(ctx))
	}
	l.book.forget(time.Now().Add(-memory))
	return errors.Join(err, l.lookAtSeats(ctx))
}

// catchUp tells rings and answers that happened while nobody listened.
func (l *Line) catchUp(seen picture) {
	at := now()
	for id, c := range seen.channels {
		switch {
		case c.app != seen.app || !c.placed():
		case c.State == "Up":
			l.take(answered{id}, at)
		case c.State == "Ringing":
			l.take(ringing{id}, at)
		}
	}
}

// missing are the legs that should be there and are not: those that existed before
// the node was listed, and those of an earlier life that calls still hold.
func (l *Line) missing(seen picture, made []call.LegID, calls []call.Call) []call.LegID {
	lost := slices.DeleteFunc(made, seen.has)
	for i := range calls {
		for _, leg := range calls[i].Legs {
			if leg.Live() && !seen.has(leg.ID) && time.Since(leg.DialledAt) > dialTime && !slices.Contains(lost, leg.ID) {
				lost = append(lost, leg.ID)
			}
		}
	}
	return lost
}

func (p picture) has(leg call.LegID) bool {
	_, there := p.channels[leg]
	return there
}

// tellLost tells the legs that are still missing and whose end is still untold.
func (l *Line) tellLost(lost []call.LegID, seen picture) {
	for _, id := range lost {
		if !seen.has(id) && l.book.missing(id) {
			l.m.swept.WithLabelValues("lost").Inc()
			l.deliver(id, call.Left{At: now(), Leg: id, Cause: call.Lost, Detail: "gone while nobody listened"})
		}
	}
}

func (l *Line) strange(seen picture) []listed {
	return seen.strangers((*l.calls.Load()).Knows)
}

// adopt gives callers whom nobody owns to a call, with the parties that were
// placed for it, and hangs up the legs that are left: nobody would ever.
func (l *Line) adopt(ctx context.Context, seen picture, before []listed) error {
	still := make(map[call.LegID]bool, len(before))
	for i := range before {
		still[before[i].leg()] = true
	}
	strangers := seen.strangers(func(id call.LegID) bool { return (*l.calls.Load()).Knows(id) || !still[id] })
	resumed, parties := make(map[call.ID]bool), seen.parties(strangers)
	for i := range strangers {
		if !seen.foreign(&strangers[i]) {
			id := l.idOf(seen, &strangers[i])
			resumed[id] = true
			l.resume(id, &strangers[i], parties[id])
		}
	}
	var fault error
	for i := range strangers {
		c := &strangers[i]
		if !c.placed() || resumed[c.of()] && !c.unrung() {
			continue
		}
		l.m.swept.WithLabelValues("leg").Inc()
		l.log.Info("leg of no call hung up", "call", c.of(), "leg", c.leg())
		if err := l.Release(ctx, c.leg(), call.Released); err != nil {
			fault = errors.Join(fault, err)
		}
	}
	return fault
}

// idOf is the call that a caller had in an earlier life: by the room, or else by
// its channel.
func (l *Line) idOf(seen picture, c *listed) call.ID {
	if id, _ := seen.room(c.leg()); id != "" {
		return id
	}
	return l.o.CallID(c.leg(), c.since())
}

func (l *Line) resume(id call.ID, c *listed, with []call.Party) {
	// The party of a call of ours was placed and has picked up.
	if !l.book.enter(c.leg(), channel{call: id, came: c.since(), citizen: !c.placed(), dialled: c.placed(), music: true, picked: c.placed()}) {
		return
	}
	for _, p := range with {
		l.book.enter(p.Leg, channel{call: id, seat: p.Agent != "", trunk: p.Trunk, dialled: true, music: true, picked: p.Up})
	}
	l.book.inherit(id)
	l.m.swept.WithLabelValues("caller").Inc()
	l.log.Info("caller resumed", "call", id, "leg", c.leg(), "parties", len(with))
	ev, ours := c.party()
	if !ours {
		as := citizenOf(c.entered())
		ev = call.Arrived{Dialled: as.dialled, Caller: as.number, Trunk: as.trunk, Region: as.region, Resumed: true}
	}
	ev.At, ev.Call, ev.Leg, ev.Since, ev.With = now(), id, c.leg(), c.since(), with
	l.deliver(c.leg(), ev)
}

// empty are rooms without anybody whose call is not live.
func (l *Line) empty(seen picture) []string {
	live := make(map[call.ID]bool)
	for _, c := range l.live() {
		live[c.ID] = true
	}
	var empty []string
	for _, b := range seen.bridges {
		if id, _ := roomOf(b.ID); len(b.ChannelIDs) == 0 && !live[id] {
			empty = append(empty, b.ID)
		}
	}
	return empty
}

// removeRooms removes the rooms that are still empty; a bridge never goes away
// by itself.
func (l *Line) removeRooms(ctx context.Context, seen picture, before []string) error {
	for _, id := range l.empty(seen) {
		if !slices.Contains(before, id) {
			continue
		}
		l.m.swept.WithLabelValues("room").Inc()
		if err := l.closeRoom(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// askPlays tells the prompts that ended while nobody listened.
func (l *Line) askPlays(ctx context.Context) error {
	for _, leg := range l.book.following() {
		for _, p := range l.book.heard(leg) {
			err := l.do(ctx, request{op: "playback", method: http.MethodGet, path: []string{"playbacks", p.id}})
			switch {
			case errors.Is(err, call.ErrGone):
				l.ended(leg, p.play, now())
			case err != nil:
				return err
			}
		}
	}
	return nil
}

// askRecordings tells the recordings that ended while nobody listened.
func (l *Line) askRecordings(ctx context.Context) error {
	for _, name := range l.book.recordingNames() {
		err := l.do(ctx, request{op: "recording", method: http.MethodGet, path: []string{"recordings", "live", name}})
		switch {
		case errors.Is(err, call.ErrGone):
			l.recorded(name, "", now())
		case err != nil:
			return err
		}
	}
	return nil
}

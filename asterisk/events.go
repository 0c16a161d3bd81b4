package asterisk

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"weibao/call"
	"weibao/routing"
)

// dispatch takes the events one after the other, in the order in which they
// came. It asks Asterisk nothing, so it never falls behind for long.
func (l *Line) dispatch(ctx context.Context) error {
	var last []byte
	told := make(map[string]bool) // types that have been logged
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.box.Ready():
		}
		for _, r := range l.box.TakeAll() {
			// Whoever subscribes the application to an endpoint has every event of
			// its calls sent twice, letter by letter, keys included; two real ones
			// differ in their time stamps.
			if bytes.Equal(r.data, last) {
				l.m.skipped.WithLabelValues("repeated").Inc()
				continue
			}
			last = r.data
			if err := l.handle(r, told); err != nil {
				return err
			}
		}
	}
}

func (l *Line) handle(r raw, told map[string]bool) error {
	kind, s, err := translate(r.data)
	switch {
	case err != nil:
		l.skip(kind, len(r.data), err, told)
		return nil
	case s == replaced{}:
		l.replaced.Store(true)
		l.log.Error("another gateway has taken the application", "app", l.o.App)
		l.o.Replaced()
		return ErrReplaced
	}
	l.m.events.WithLabelValues(kind).Inc()
	l.take(s, call.At(r.at))
	return nil
}

// skip counts an event that can not be used, and logs the first of each type.
func (l *Line) skip(kind string, bytes int, err error, told map[string]bool) {
	why := "broken"
	switch {
	case errors.Is(err, errUnwanted):
		why = "unwanted"
	case errors.Is(err, errUnknown):
		why = "unknown"
	}
	l.m.skipped.WithLabelValues(why).Inc()
	const many = 100 // types; more are an attack or nonsense
	if why == "unwanted" || told[kind] || len(told) > many {
		return
	}
	told[kind] = true
	// Not the event itself: a caller's number may be in it.
	l.log.Warn("event skipped", "type", kind[:min(len(kind), 40)], "err", err, "bytes", bytes)
}

func (l *Line) take(s sighting, at call.At) {
	switch s := s.(type) {
	case entered:
		l.entered(s, at)
	case ringing:
		if l.book.rang(s.leg) {
			l.deliver(s.leg, call.Rang{At: at, Leg: s.leg})
		}
	case answered:
		if l.book.picked(s.leg) {
			l.deliver(s.leg, call.Picked{At: at, Leg: s.leg})
		}
	case pressed:
		l.deliver(s.leg, call.Pressed{At: at, Leg: s.leg, Key: s.key})
	case played:
		play, substitute := playOf(s)
		if s.failed && !substitute && l.book.playing(s.leg, play) {
			l.substitute(s.leg, play)
			return
		}
		l.ended(s.leg, play, at)
	case doomed:
		l.book.doomed(s.leg, s.why)
	case departed:
		l.departed(s, at)
	case recorded:
		l.recorded(s.name, s.fault, at)
	case echoed:
		l.echoes.came(s.name)
	case peer:
		l.seats.saw(string(s.agent), s.ok, l.o.Reachable)
	}
}

// entered takes a channel that has come into the application. Whoever is not a
// leg that we placed is a citizen, whatever the dialplan says of it: nobody may
// sit in our application unseen.
func (l *Line) entered(s entered, at call.At) {
	if len(s.args) > 0 && s.args[0] == legArg {
		return
	}
	calls := l.calls.Load()
	if (*calls).Knows(s.leg) {
		return
	}
	c := citizenOf(s)
	id := l.o.CallID(s.leg, s.came)
	if !l.book.enter(s.leg, channel{call: id, came: s.came, citizen: true}) {
		return
	}
	l.deliver(s.leg, call.Arrived{
		At: at, Call: id, Leg: s.leg, Dialled: c.dialled, Caller: c.number, Trunk: c.trunk, Region: c.region,
	})
}

// citizen is what the dialplan says of a caller: in,<dialled>,<region>,<endpoint>.
type citizen struct {
	dialled, region, trunk string
	number                 routing.Number
}

// numberLimit is more than any number has; a caller's number comes from outside.
const numberLimit = 40

func citizenOf(s entered) citizen {
	args := slices.Concat(s.args, make([]string, 4))
	c := citizen{dialled: args[1], region: args[2], trunk: args[3]}
	if c.dialled == "" {
		c.dialled = s.exten
	}
	c.number = routing.Number(s.caller[:min(len(s.caller), numberLimit)])
	return c
}

func (l *Line) departed(s departed, at call.At) {
	if why, detail, first := l.book.left(s); first {
		l.deliver(s.leg, call.Left{At: at, Leg: s.leg, Cause: why, Detail: detail})
	}
}

// leave tells that a leg could not be placed.
func (l *Line) leave(id call.LegID, why call.Cause, detail string) {
	if l.book.missing(id) {
		l.deliver(id, call.Left{At: now(), Leg: id, Cause: why, Detail: detail})
	}
}

func (l *Line) deliver(id call.LegID, ev call.Event) {
	if calls := l.calls.Load(); calls != nil {
		(*calls).Deliver(id, ev)
	}
}

func (l *Line) tell(id call.ID, ev call.Event) {
	if calls := l.calls.Load(); calls != nil {
		(*calls).DeliverTo(id, ev)
	}
}

func (l *Line) live() []call.Call {
	if calls := l.calls.Load(); calls != nil {
		return (*calls).Live()
	}
	return nil
}

package phone

import (
	"context"
	"sync/atomic"
	"time"
)

// Behaviour is what a phone does with a call that comes in. It runs in a
// goroutine of its own; its context ends with the call.
type Behaviour func(ctx context.Context, c *Call)

// AnswerAfter rings for a while and answers.
func AnswerAfter(ring time.Duration) Behaviour {
	return func(ctx context.Context, c *Call) {
		if c.Ring() == nil && pause(ctx, ring) {
			c.log("not answered", c.Answer(ctx))
		}
	}
}

// AnswerFor rings for a while, answers, talks for a while and hangs up.
func AnswerFor(ring, talk time.Duration) Behaviour {
	return func(ctx context.Context, c *Call) {
		AnswerAfter(ring)(ctx, c)
		if pause(ctx, talk) {
			c.log("not hung up", c.Hangup(ctx))
		}
	}
}

// AnswerThenHangUp answers and says BYE at once.
func AnswerThenHangUp() Behaviour { return AnswerFor(0, 0) }

// AnswerAndPress rings, answers, waits for a prompt, and presses keys when it
// has heard that much of it: a duty officer who accepts with 1.
func AnswerAndPress(ring, listen time.Duration, keys string) Behaviour {
	return func(ctx context.Context, c *Call) {
		AnswerAfter(ring)(ctx, c)
		if c.HearsVoice(ctx) == nil && pause(ctx, listen) {
			c.log("keys not pressed", c.Press(ctx, keys))
		}
	}
}

// RejectWith refuses at once: 486, 480, 503, 404, 603.
func RejectWith(code int) Behaviour {
	return func(_ context.Context, c *Call) { c.log("not rejected", c.Reject(code)) }
}

// RejectAfter rings for a while and refuses.
func RejectAfter(ring time.Duration, code int) Behaviour {
	return func(ctx context.Context, c *Call) {
		if c.Ring() == nil && pause(ctx, ring) {
			c.log("not rejected", c.Reject(code))
		}
	}
}

// RingForever rings until the caller gives up.
func RingForever() Behaviour {
	return func(_ context.Context, c *Call) { c.log("not ringing", c.Ring()) }
}

// StaySilent never answers, not even with 100, like a phone without power.
func StaySilent() Behaviour {
	return func(_ context.Context, c *Call) { c.log("not ignored", c.Ignore()) }
}

// ByNumber chooses by what was dialled; other numbers get the last argument,
// and 404 if that is nil.
func ByNumber(numbers map[string]Behaviour, others Behaviour) Behaviour {
	if others == nil {
		others = RejectWith(404)
	}
	return func(ctx context.Context, c *Call) {
		if b, ok := numbers[c.To()]; ok {
			b(ctx, c)
			return
		}
		others(ctx, c)
	}
}

// InTurn gives the first call the first behaviour, the second the second, and
// all after the last the last.
func InTurn(behaviours ...Behaviour) Behaviour {
	var calls atomic.Int64
	return func(ctx context.Context, c *Call) {
		behaviours[min(int(calls.Add(1)), len(behaviours))-1](ctx, c)
	}
}

// pause waits; it is false if the call ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// log notes what a behaviour could not do; there is nobody to return it to.
func (c *Call) log(msg string, err error) {
	if err != nil {
		c.phone.opt.Log.Debug("behaviour stopped", "call", c.ID(), "outcome", msg, "err", err)
	}
}

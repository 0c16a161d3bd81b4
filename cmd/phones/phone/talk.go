package phone

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Mute stops the tone of this call; silence is sent in its place.
func (c *Call) Mute() { c.setMuted(true) }

// Unmute lets the tone of this call be heard again.
func (c *Call) Unmute() { c.setMuted(false) }

func (c *Call) setMuted(muted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.media != nil {
		c.media.muted.Store(muted)
	}
}

// Speak changes the tone of this call.
func (c *Call) Speak(hz float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.media != nil {
		c.media.voice.Store(newTone(hz))
	}
}

// Press sends keys as RFC 4733 digits, "0" to "9", "*", "#", "A" to "D" and
// Flash, each for 100 ms, and returns when the last has been sent.
func (c *Call) Press(ctx context.Context, keys string) error {
	c.mu.Lock()
	m := c.media
	c.mu.Unlock()
	if m == nil {
		return fmt.Errorf("press %q: the call is not answered", keys)
	}
	return m.press(ctx, keys)
}

// Digits are all keys that the other side has pressed.
func (c *Call) Digits() string { return c.digits.String() }

// NextDigit waits for the next key that the other side presses.
func (c *Call) NextDigit(ctx context.Context) (string, error) { return c.digits.next(ctx, c.ended) }

// Heard is all that was heard so far, with Voice for what is no known tone.
func (c *Call) Heard() Timeline { return c.ears.timeline() }

// Hearing lists what is heard at this moment.
func (c *Call) Hearing() []float64 {
	c.ears.mu.Lock()
	defer c.ears.mu.Unlock()
	return c.ears.now()
}

// Hears waits until a tone, or Voice, is heard. About 80 ms of it are needed.
func (c *Call) Hears(ctx context.Context, hz float64) error {
	return c.ears.wait(ctx, "hearing "+named(hz), func(now []float64) bool { return slices.Contains(now, hz) })
}

// HearsVoice waits until something is heard that is no known tone: a prompt,
// music, a ringing tone.
func (c *Call) HearsVoice(ctx context.Context) error { return c.Hears(ctx, Voice) }

// HearsNot waits until a tone, or Voice, is no longer heard. A tone is believed
// to be gone after 60 ms, a voice after 400 ms.
func (c *Call) HearsNot(ctx context.Context, hz float64) error {
	return c.ears.wait(ctx, "no longer hearing "+named(hz), func(now []float64) bool { return !slices.Contains(now, hz) })
}

// HearsOnly waits until just these are heard and nothing else; without any, until
// there is silence.
func (c *Call) HearsOnly(ctx context.Context, hz ...float64) error {
	want := slices.Sorted(slices.Values(hz))
	return c.ears.wait(ctx, fmt.Sprintf("hearing only %v", want), func(now []float64) bool {
		return slices.Equal(want, slices.Sorted(slices.Values(now)))
	})
}

func named(hz float64) string {
	if hz == Voice {
		return "a voice"
	}
	return fmt.Sprintf("%g Hz", hz)
}

// PacketsIn counts the RTP packets that the other side sent.
func (c *Call) PacketsIn() int64 { return c.count(func(m *media) int64 { return m.in.Load() }) }

// PacketsOut counts the RTP packets that were sent.
func (c *Call) PacketsOut() int64 { return c.count(func(m *media) int64 { return m.out.Load() }) }

// LastRTP is when the last RTP packet came in; zero if none did.
func (c *Call) LastRTP() time.Time {
	if at := c.count(func(m *media) int64 { return m.lastIn.Load() }); at > 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

func (c *Call) count(of func(*media) int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.media == nil {
		return 0
	}
	return of(c.media)
}

package phone

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// mergeGap is how near two spans of a tone may be and still count as one.
const mergeGap = 50 * time.Millisecond

// What the ears ask of a window of 40 ms before they believe in a tone.
const (
	toneShare       = 0.02 // of the whole power, when known tones explain most of it
	toneShareInTalk = 0.10 // of the whole power, when a voice is there too
	toneShareOpen   = 0.01 // of the whole power, when the tone is heard already
	tonesExplain    = 0.60 // of the whole power: there are only tones
	voiceShare      = 0.25 // of the whole power, left unexplained: there is a voice
)

// ears tell which sounds arrive, and since when. One goroutine feeds them; any
// number may ask or wait.
type ears struct {
	known []detector
	block [windowLength]float64 // the last 40 ms; owned by the feeding goroutine

	mu      sync.Mutex
	sounds  []sound // one for each known tone, then the voice
	past    Timeline
	changed chan struct{} // closed and replaced when a sound begins or ends
	deaf    bool          // the call is over, nothing more will be heard
}

func newEars(tones []float64) *ears {
	e := &ears{changed: make(chan struct{})}
	for _, hz := range tones {
		e.known = append(e.known, newDetector(hz))
		e.sounds = append(e.sounds, sound{hz: hz})
	}
	e.sounds = append(e.sounds, sound{hz: Voice})
	return e
}

// hear takes the next 20 ms of A-law, which ended at the given time; a nil
// frame is silence.
func (e *ears) hear(frame []byte, ended time.Time) {
	copy(e.block[:frameLength], e.block[frameLength:])
	clear(e.block[frameLength:])
	for i, code := range frame[:min(len(frame), frameLength)] {
		e.block[frameLength+i] = float64(alawLinear[code]) / 32768
	}
	var windowed [windowLength]float64
	for i, x := range e.block {
		windowed[i] = x * hann[i]
	}
	total := meanSquare(&windowed)
	least := max(floorPower, toneShareOpen*total)
	powers := make([]float64, len(e.known))
	for i, d := range e.known {
		powers[i] = d.power(&windowed, least)
	}
	e.judge(powers, total, ended.Add(-20*time.Millisecond))
}

// judge gives each sound its share of one window.
func (e *ears) judge(powers []float64, total float64, at time.Time) {
	var explained float64
	for _, p := range powers {
		explained += p
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	changed := false
	left, voice := total-explained, &e.sounds[len(powers)]
	there := left > floorPower && left > voiceShare*total
	changed = e.note(voice, voice.window(there, left, at, forVoice)) || changed

	share, l := toneShare, forTone
	if voice.open || explained < tonesExplain*total {
		share, l = toneShareInTalk, forToneInTalk
	}
	for i, p := range powers {
		s, least := &e.sounds[i], share*total
		if s.open {
			least = toneShareOpen * total
		}
		changed = e.note(s, s.window(p > floorPower && p > least, p, at, l)) || changed
	}
	if changed {
		e.tell()
	}
}

// note writes a turn of a sound into the timeline and says whether there was one.
func (e *ears) note(s *sound, t turn) bool {
	switch t {
	case began:
		s.open = true
		for i, old := range slices.Backward(e.past) {
			if old.Hz == s.hz && s.from.Sub(old.To) < mergeGap {
				s.from = old.From
				e.past = slices.Delete(e.past, i, i+1)
				break
			}
		}
	case ended:
		s.open = false
		e.past = append(e.past, Span{Hz: s.hz, From: s.from, To: s.to})
	case same:
	}
	return t != same
}

// hush ends all sounds: packets stopped coming after the given time.
func (e *ears) hush(last time.Time) {
	e.hear(nil, last.Add(20*time.Millisecond))
	clear(e.block[:])
	e.mu.Lock()
	defer e.mu.Unlock()
	changed := false
	for i := range e.sounds {
		s := &e.sounds[i]
		if s.open {
			changed = e.note(s, ended)
		}
		*s = sound{hz: s.hz}
	}
	if changed {
		e.tell()
	}
}

// stop ends the hearing for good and wakes all who wait.
func (e *ears) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deaf = true
	e.tell()
}

func (e *ears) tell() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// timeline is all that was heard so far.
func (e *ears) timeline() Timeline {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := slices.Clone(e.past)
	for _, s := range e.sounds {
		if s.open {
			out = append(out, Span{Hz: s.hz, From: s.from, To: s.to, Open: true})
		}
	}
	return out.sorted()
}

// wait returns when what is heard now is as wanted. It fails when ctx ends, or
// when the call ends and it still is not.
func (e *ears) wait(ctx context.Context, what string, wanted func(now []float64) bool) error {
	for {
		e.mu.Lock()
		now, changed, deaf := e.now(), e.changed, e.deaf
		e.mu.Unlock()
		if wanted(now) {
			return nil
		}
		if deaf {
			return fmt.Errorf("wait for %s: %w (%s)", what, ErrEnded, e.timeline())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w (%s)", what, context.Cause(ctx), e.timeline())
		}
	}
}

// now lists what is heard at this moment. The caller holds mu.
func (e *ears) now() []float64 {
	var hz []float64
	for _, s := range e.sounds {
		if s.open {
			hz = append(hz, s.hz)
		}
	}
	return hz
}

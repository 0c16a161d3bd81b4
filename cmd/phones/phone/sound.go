package phone

import "time"

// sound is one thing that ears listen for, and the run of windows in which it
// was or was not there. A sound begins after some windows with it and ends
// after some without; both are dated back to where the run began.
type sound struct {
	hz        float64
	open      bool
	present   int // windows in a row with it
	absent    int // windows in a row without it
	low, high float64
	from, to  time.Time
}

// turn says what a window changed about a sound.
type turn int

const (
	same turn = iota
	began
	ended
)

// limits say how sure a pair of ears is before a sound begins or ends, in
// windows of 20 ms.
type limits struct {
	begins, ends int
	steadiness   float64 // the most that its power may vary before it is believed; 0: any
}

var (
	forTone = limits{begins: 4, ends: 3, steadiness: 2.2}
	// A voice has harmonics, which a flat syllable may hold on a known tone for a while.
	forToneInTalk = limits{begins: 14, ends: 3, steadiness: 2.2}
	// The pauses between words belong to a voice.
	forVoice = limits{begins: 3, ends: 20}
)

// window counts one window, whose middle is at the given time.
func (s *sound) window(present bool, power float64, at time.Time, l limits) turn {
	if !present {
		s.present = 0
		s.absent++
		if s.open && s.absent >= l.ends {
			return ended
		}
		return same
	}
	s.absent = 0
	s.present++
	s.to = at
	if s.open {
		return same
	}
	switch s.present {
	case 1: // only partly filled, its power says nothing
		s.from = at
	case 2:
		s.low, s.high = power, power
	default:
		s.low, s.high = min(s.low, power), max(s.high, power)
	}
	if l.steadiness > 0 && s.high > l.steadiness*s.low && s.present > 2 {
		s.present, s.from, s.low, s.high = 2, at, power, power
		return same
	}
	if s.present >= l.begins {
		return began
	}
	return same
}

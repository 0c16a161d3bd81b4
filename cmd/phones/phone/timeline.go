package phone

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Voice stands for energy that is none of the tones the ears know: a prompt,
// music, a ringing tone, a person.
const Voice float64 = 0

// Span is a stretch of time in which one tone was heard.
type Span struct {
	Hz   float64   // the tone, or Voice
	From time.Time // when its sound began to arrive
	To   time.Time // when it ended, or, while Open, the last that was heard of it
	Open bool      // it is still heard
}

// Length is how long the span lasted.
func (s Span) Length() time.Duration { return s.To.Sub(s.From) }

// Timeline is what a pair of ears heard, in the order of beginning.
type Timeline []Span

// Of is the part of the timeline that belongs to one tone.
func (t Timeline) Of(hz float64) Timeline {
	var out Timeline
	for _, s := range t {
		if s.Hz == hz {
			out = append(out, s)
		}
	}
	return out
}

// Total is how long a tone was heard altogether.
func (t Timeline) Total(hz float64) time.Duration {
	var sum time.Duration
	for _, s := range t.Of(hz) {
		sum += s.Length()
	}
	return sum
}

// LongestGap is the longest time between from and to in which none of the
// given tones was heard; without tones, in which nothing at all was heard. With
// the tones of all who may listen to a child it is the longest time alone.
func (t Timeline) LongestGap(from, to time.Time, hz ...float64) time.Duration {
	var longest time.Duration
	silentSince := from
	for _, s := range t.sorted() {
		if len(hz) > 0 && !slices.Contains(hz, s.Hz) {
			continue
		}
		if begin := earlier(s.From, to); begin.Sub(silentSince) > longest {
			longest = begin.Sub(silentSince)
		}
		if s.To.After(silentSince) {
			silentSince = s.To
		}
	}
	return max(longest, to.Sub(silentSince))
}

// Overlap is how long two tones were heard at the same time.
func (t Timeline) Overlap(a, b float64) time.Duration {
	var sum time.Duration
	for _, x := range t.Of(a) {
		for _, y := range t.Of(b) {
			from, to := x.From, earlier(x.To, y.To)
			if y.From.After(from) {
				from = y.From
			}
			sum += max(0, to.Sub(from))
		}
	}
	return sum
}

// String shows the timeline with times counted from its first span.
func (t Timeline) String() string {
	if len(t) == 0 {
		return "heard nothing"
	}
	sorted := t.sorted()
	start := sorted[0].From
	var b strings.Builder
	for i, s := range sorted {
		if i > 0 {
			b.WriteString(", ")
		}
		name := fmt.Sprintf("%g Hz", s.Hz)
		if s.Hz == Voice {
			name = "voice"
		}
		fmt.Fprintf(&b, "%s %.2f–%.2f s", name, s.From.Sub(start).Seconds(), s.To.Sub(start).Seconds())
		if s.Open {
			b.WriteString(" …")
		}
	}
	return b.String()
}

func (t Timeline) sorted() Timeline {
	out := slices.Clone(t)
	slices.SortStableFunc(out, func(a, b Span) int { return a.From.Compare(b.From) })
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

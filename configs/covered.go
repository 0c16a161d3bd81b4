package configs

import (
	"sync"
	"time"
)

// coveredDays is how far ahead is looked for a minute without anybody on duty:
// three times what a version needs to be loaded, so that the people who write
// the rota see it come.
const coveredDays = 3 * horizonDays

// Covered is the first instant from now on at which nobody is on duty at some
// post, or the end of the days that are looked at.
func (s *Snapshot) Covered(from time.Time) time.Time {
	until := from.AddDate(0, 0, coveredDays)
	for _, code := range s.Guide.Rotas.Posts() {
		rota, _ := s.Guide.Rotas.Post(code)
		for span := range rota.Spans(from, until) {
			if !span.On {
				until = span.From
				break
			}
		}
	}
	return until
}

// coverage keeps the answer of Covered for an hour: a scrape must not walk
// over the shifts of all posts.
type coverage struct {
	mu     sync.Mutex
	of     *Snapshot
	looked time.Time
	until  time.Time
}

// Covered is until when every post of the version in use has somebody on duty,
// looked at at least once an hour.
func (h *Holder) Covered() time.Time {
	c, s, now := &h.coverage, h.Now(), time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of != s || now.Sub(c.looked) > time.Hour || !now.Before(c.until) {
		c.of, c.looked, c.until = s, now, s.Covered(now)
	}
	return c.until
}

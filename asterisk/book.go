package asterisk

import (
	"sync"
	"time"

	"weibao/call"
)

// channel is what is known of one channel of ours.
type channel struct {
	call    call.ID
	came    time.Time // when Asterisk made it; zero for one that we place
	citizen bool
	seat    bool
	trunk   string // through which an outside party was dialled
	// dialled: this process has begun to place it, made: the channel exists.
	dialled, made bool
	rang, picked  bool
	// music: hold music may be on.
	music bool
	// limit: Asterisk gave the dialling up after ringLimit.
	limit bool
	// why we are hanging it up; "" while we are not.
	why   call.Cause
	hint  hangup
	plays map[string]*playing
	// released is closed when a seat's leg that we hang up has gone; nil while
	// nobody waits for it.
	released chan struct{}
}

// playing is one Play of a call. The book's mutex guards id, stop and over.
type playing struct {
	play string
	id   string        // of the playback that is heard now
	done chan struct{} // closed when it has ended
	stop *time.Timer   // ends a tone; nil for files
	over bool
}

// book is what this process knows of channels. It makes sure that what happens
// once is told once, whatever is repeated, reordered or lost on the socket. Its
// mutex is a leaf: nothing is called while it is held.
type book struct {
	mu   sync.Mutex
	legs map[call.LegID]*channel
	// gone are the legs that have left: a channel that is being hung up may enter
	// the application once more.
	gone map[call.LegID]past
	// recordings that have not been told yet, by name.
	recordings map[string]*recording
	// moved are recordings that went on in another file: their end is told.
	moved map[string]bool
	rooms rooms
}

// past is a leg that has left. Asterisk names channels by the second and a count
// that every start begins anew, so one that is started twice in a second gives a
// name twice (main/channel.c): whoever came at another time is somebody else.
type past struct{ came, left time.Time }

func newBook() *book {
	return &book{
		legs: make(map[call.LegID]*channel), gone: make(map[call.LegID]past),
		recordings: make(map[string]*recording), moved: make(map[string]bool), rooms: newRooms(),
	}
}

// enter adds a leg that exists in Asterisk; false when it is known or has left.
func (b *book) enter(id call.LegID, l channel) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if was, left := b.gone[id]; left && was.came.Equal(l.came) || b.legs[id] != nil {
		return false
	}
	delete(b.gone, id)
	l.made = true
	l.plays = make(map[string]*playing)
	b.legs[id] = &l
	return true
}

// place adds a leg before its channel exists, so that its first event finds
// it; not placed when it has been placed or has left. There is no room when its
// trunk has so many legs already; it is not added then. Less than 0 is no limit.
func (b *book) place(id call.LegID, l channel, most int) (placed, room bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, left := b.gone[id]; left || b.legs[id] != nil {
		return false, false
	}
	if l.trunk != "" && most >= 0 && b.onTrunk(l.trunk) >= most {
		return true, false
	}
	l.dialled, l.plays = true, make(map[string]*playing)
	b.legs[id] = &l
	return true, true
}

// onTrunk counts the legs that were dialled through a trunk. The mutex is held.
func (b *book) onTrunk(trunk string) int {
	n := 0
	for _, l := range b.legs {
		if l.trunk == trunk {
			n++
		}
	}
	return n
}

// strike takes a leg out that was never dialled.
func (b *book) strike(id call.LegID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.legs[id]; l != nil {
		b.drop(id, l)
	}
}

// with calls f for a leg that is known; f must not call anything that waits.
func (b *book) with(id call.LegID, f func(*channel)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.legs[id]; l != nil {
		f(l)
	}
}

func (b *book) made(id call.LegID) { b.with(id, func(l *channel) { l.made = true }) }

// rang is true the first time, for a leg that we placed.
func (b *book) rang(id call.LegID) (first bool) {
	b.with(id, func(l *channel) {
		first = !l.citizen && !l.rang && !l.picked
		l.rang = true
	})
	return first
}

// picked is true the first time, for a leg that we placed.
func (b *book) picked(id call.LegID) (first bool) {
	b.with(id, func(l *channel) {
		first = !l.citizen && !l.picked
		l.picked = true
	})
	return first
}

// doomed keeps why a channel is about to end: StasisEnd, which is all that a
// caller's channel gets, does not say it. The first reason is the true one.
func (b *book) doomed(id call.LegID, why hangup) {
	b.with(id, func(l *channel) {
		if !l.hint.known() {
			l.hint = why
		}
		// Asterisk's dial limit hangs the channel up softly, and so do we.
		l.limit = l.limit || (why.soft && l.why == "" && !l.picked && !l.citizen)
	})
}

// left takes a leg out and says why it ended. A placed leg leaves when its
// channel is destroyed, a citizen when the channel leaves the application.
func (b *book) left(d departed) (why call.Cause, detail string, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.legs[d.leg]
	if l == nil || !l.citizen && !d.destroyed {
		return "", "", false
	}
	if !d.why.known() || l.citizen && l.hint.known() {
		d.why.q850, d.why.sip, d.why.soft = l.hint.q850, l.hint.sip, l.hint.soft
	}
	switch {
	case l.why != "":
		why = l.why
	case l.citizen || l.picked:
		why = d.why.ofTalk()
	default:
		why = d.why.ofAttempt(l.rang, l.seat, l.limit)
	}
	b.drop(d.leg, l)
	return why, d.why.String(), true
}

// missing takes a leg out whose channel does not exist; true the first time.
func (b *book) missing(id call.LegID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, left := b.gone[id]; left {
		return false
	}
	b.drop(id, b.legs[id])
	return true
}

// drop ends what waits for the leg and remembers its id. The mutex is held.
func (b *book) drop(id call.LegID, l *channel) {
	was := past{left: time.Now()}
	if l != nil {
		was.came = l.came
		for _, p := range l.plays {
			p.end()
		}
		if l.released != nil {
			close(l.released)
			l.released = nil
		}
	}
	delete(b.legs, id)
	b.gone[id] = was
}

// forget drops the memory of ids that left long ago.
func (b *book) forget(before time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, was := range b.gone {
		if was.left.Before(before) {
			delete(b.gone, id)
		}
	}
}

func (b *book) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.legs)
}

// play adds a Play; nil when it has been asked for before: the same id played
// twice would be heard twice.
func (b *book) play(id call.LegID, play string) *playing {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.legs[id]
	p := &playing{play: play, id: playbackID(id, play), done: make(chan struct{})}
	switch {
	case l == nil:
		// Not ours to follow; the request itself will say that it is gone.
		return p
	case l.plays[play] != nil:
		return nil
	}
	l.plays[play] = p
	return p
}

// playing reports a Play that has not ended.
func (b *book) playing(id call.LegID, play string) (running bool) {
	b.with(id, func(l *channel) { running = l.plays[play] != nil && !l.plays[play].over })
	return running
}

// unplay takes a Play out that could not be begun.
func (b *book) unplay(id call.LegID, play string) {
	b.with(id, func(l *channel) {
		if p := l.plays[play]; p != nil {
			p.end()
			delete(l.plays, play)
		}
	})
}

// played ends a Play; true the first time.
func (b *book) played(id call.LegID, play string) (first bool) {
	b.with(id, func(l *channel) {
		if p := l.plays[play]; p != nil && !p.over {
			p.end()
			first = true
		}
	})
	return first
}

// heard are copies of the plays of a leg that have not ended.
func (b *book) heard(id call.LegID) (running []playing) {
	b.with(id, func(l *channel) {
		for _, p := range l.plays {
			if !p.over {
				running = append(running, *p)
			}
		}
	})
	return running
}

// later has f called after a while unless the Play ends before; id is the
// playback that is heard by then.
func (b *book) later(id call.LegID, play, playback string, after time.Duration, f func(playing)) {
	b.with(id, func(l *channel) {
		p := l.plays[play]
		if p == nil || p.over {
			return
		}
		p.id = playback
		now := *p
		p.stop = time.AfterFunc(after, func() { f(now) })
	})
}

// following are the ids of all legs that exist as far as is known.
func (b *book) following() []call.LegID {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []call.LegID
	for id, l := range b.legs {
		if l.made {
			ids = append(ids, id)
		}
	}
	return ids
}

// end marks a Play as over. The book's mutex is held.
func (p *playing) end() {
	if p.over {
		return
	}
	p.over = true
	if p.stop != nil {
		p.stop.Stop()
	}
	close(p.done)
}

package asterisk

import (
	"context"
	"maps"
	"slices"
	"time"

	"weibao/call"
)

// recording is one file that Asterisk writes.
type recording struct {
	call  call.ID
	room  call.Room
	since time.Time
	done  chan struct{} // closed when it has been told
	// moved: it has gone on from another folder, or begun in the second; there is
	// no third. kept: its end is not to be mended.
	moved, kept bool
	looking     bool // a look at the file is under way
	size        int64
	grown       time.Time // when it last did
}

// begin adds a recording; false when it is known.
func (b *book) begin(name string, of call.ID, room call.Room, moved bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.recordings[name]; known {
		return false
	}
	at := time.Now()
	b.recordings[name] = &recording{call: of, room: room, since: at, grown: at, moved: moved, done: make(chan struct{})}
	return true
}

// recordsRoom reports whether a room is being recorded under whatever name.
func (b *book) recordsRoom(of call.ID, room call.Room) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.recordings {
		if r.call == of && r.room == room {
			return true
		}
	}
	return false
}

// peek is a copy of a recording.
func (b *book) peek(name string) (recording, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.recordings[name]; r != nil {
		return *r, true
	}
	return recording{}, false
}

// keep takes a recording's end as it comes from now on.
func (b *book) keep(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.recordings[name]; r != nil {
		r.kept = true
	}
}

// leave takes a recording out that goes on under another name.
func (b *book) leave(name string) {
	b.recorded(name)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moved[name] = true
}

// wentOn reports whether a recording went on under another name, and forgets it:
// Asterisk tells its end once.
func (b *book) wentOn(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.moved[name]
	delete(b.moved, name)
	return was
}

// looks begins a look at a file; false when one is under way, or none is
// wanted.
func (b *book) looks(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.recordings[name]
	if r == nil || r.looking || r.kept {
		return false
	}
	r.looking = true
	return true
}

// looked notes a file's size, negative when the disk did not tell, and reports
// whether the recording has stopped growing.
func (b *book) looked(name string, size int64, at time.Time) (stalled bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.recordings[name]
	if r == nil {
		return false
	}
	r.looking = false
	if size > r.size {
		r.size, r.grown = size, at
	}
	return size < 0 || at.Sub(r.grown) >= stallAfter
}

// recorded takes a recording out.
func (b *book) recorded(name string) (recording, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, known := b.recordings[name]
	if !known {
		return recording{}, false
	}
	delete(b.recordings, name)
	close(r.done)
	return *r, true
}

// recording are the names of a call's recordings that have not been told.
func (b *book) recording(of call.ID) (names []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, r := range b.recordings {
		if r.call == of {
			names = append(names, name)
		}
	}
	return names
}

// recordingNames are the names of all recordings that have not been told.
func (b *book) recordingNames() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Keys(b.recordings))
}

// awaitRecorded waits until a recording has been told, or less.
func (b *book) awaitRecorded(ctx context.Context, name string, limit time.Duration) {
	b.mu.Lock()
	r, known := b.recordings[name]
	b.mu.Unlock()
	if known {
		over(ctx, r.done, limit)
	}
}

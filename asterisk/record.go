package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"weibao/call"
)

const (
	// wavHeader and wavRate are those of Asterisk's "wav": 8 kHz, 16 bit, mono
	// (formats/format_wav.c).
	wavHeader = 44
	wavRate   = 16000
	// closeWait is how long the end of a stopped recording may take to be told.
	closeWait = 500 * time.Millisecond
)

// Record begins the recording of a room. A repeat changes nothing, and what was
// recorded before under the name is kept: nothing is ever written over. Where
// the usual folder takes nothing it begins in the second.
func (l *Line) Record(ctx context.Context, id call.ID, room call.Room, name string) error {
	if l.book.recordsRoom(id, room) {
		return nil
	}
	to, why := l.folders.choose(noFolder)
	own := to.within(name)
	if !l.book.begin(own, id, room, why != "") {
		return nil
	}
	if why != "" {
		l.log.Error("a recording begins in the second folder", "call", id, "why", why)
		l.folders.bad(id, "录音存到第二目录，常用目录不能用："+why)
		l.tell(id, call.Recorded{At: now(), Next: own})
	}
	err := l.beginRecording(ctx, id, room, own)
	if err != nil && status(err) != http.StatusConflict && (errors.Is(err, call.ErrGone) || !l.move(ctx, own, err.Error())) {
		l.book.recorded(own)
		l.tell(id, call.Recorded{At: now(), Fault: err.Error()})
	}
	// 409: it is being recorded already.
	return nil
}

// Mute has a recording write silence in the place of what it hears: its clock
// stays that of the talk. To ask twice for silence would end it: Asterisk keeps
// what it was asked in a signed bit, which is never equal to 1
// (res/res_stasis_recording.c, toggle_recording_mute). To ask for sound is
// harmless at any time; so that comes first, and silence is asked for once.
func (l *Line) Mute(ctx context.Context, name string, on bool) error {
	mute := request{op: "record_mute", method: http.MethodDelete, path: []string{"recordings", "live", name, "mute"}}
	err := l.do(ctx, mute)
	switch {
	case !on && errors.Is(err, call.ErrGone):
		return nil // what is over is not silent
	case !on || err != nil:
		return err
	}
	mute.method, mute.once = http.MethodPost, true
	return l.do(ctx, mute)
}

// closeRecordings stops the recordings of a call and tells them. A bridge that
// is destroyed ends its recording, but no event says so.
func (l *Line) closeRecordings(ctx context.Context, id call.ID) error {
	for _, name := range l.open(id) {
		l.book.keep(name) // it ends because we say so
		err := l.do(ctx, request{op: "record_stop", method: http.MethodPost, path: []string{"recordings", "live", name, "stop"}})
		if err != nil && !errors.Is(err, call.ErrGone) {
			return err
		}
		if err == nil {
			l.book.awaitRecorded(ctx, name, closeWait)
		}
		l.tellRecorded(name, "", now())
	}
	return nil
}

// open are the recordings of a call that have not been told; one that an
// earlier life began is known by the call only.
func (l *Line) open(id call.ID) []string {
	names := l.book.recording(id)
	if len(names) > 0 || !l.book.inherited(id) {
		return names
	}
	for _, c := range l.live() {
		if c.ID == id && c.Recording.Wanted && c.Recording.File == "" && c.Recording.Fault == "" && l.book.begin(c.Recording.Name, id, call.Talk, true) {
			return []string{c.Recording.Name}
		}
	}
	return nil
}

// recorded takes in that Asterisk has ended a recording. When it is shorter than
// the talk the disk has ended it: on a full disk Asterisk calls half a recording
// done (res/res_stasis_recording.c, record_file). Then it goes on elsewhere.
func (l *Line) recorded(name, fault string, at call.At) {
	r, known := l.book.peek(name)
	if !known || r.kept {
		l.tellRecorded(name, fault, at)
		return
	}
	l.errands.Go(func() {
		length, err := wavLength(l.fileOf(name))
		if short := at.When().Sub(r.since) - length; (err != nil || fault != "" || short > shortBy) && l.talks(r.call) {
			if err != nil {
				fault = join(fault, err.Error())
			}
			if l.move(context.Background(), name, join("录音自己中断了 (it has ended by itself)", fault)) {
				return
			}
		}
		l.tellRecorded(name, fault, at)
	})
}

// talks reports whether a call has somebody to be recorded.
func (l *Line) talks(id call.ID) bool {
	for _, c := range l.live() {
		if c.ID == id {
			return c.Phase < call.Closing && len(c.Legs) > 0 && c.Caller().Live()
		}
	}
	return false
}

// tellRecorded tells that a recording has been closed, once, with what is in
// fact on the disk.
func (l *Line) tellRecorded(name, fault string, at call.At) {
	r, known := l.book.recorded(name)
	if !known {
		if l.book.wentOn(name) {
			return
		}
		if r.call = l.recordingOf(name); r.call == "" {
			return
		}
	}
	ev := call.Recorded{At: at, File: l.fileOf(name), Fault: fault}
	var err error
	if ev.Length, err = wavLength(ev.File); err != nil {
		ev.Fault = join(ev.Fault, err.Error())
	}
	l.tell(r.call, ev)
}

// recordingOf finds the call whose recording was begun by an earlier life.
func (l *Line) recordingOf(name string) call.ID {
	for _, c := range l.live() {
		if c.Recording.Wanted && c.Recording.Name == name && c.Recording.File == "" {
			return c.ID
		}
	}
	return ""
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// wavLength is the length of what a file really holds.
func wavLength(path string) (time.Duration, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("no recording: %w", err)
	case info.Size() <= wavHeader:
		return 0, errors.New("the recording is empty")
	}
	return time.Duration(info.Size()-wavHeader) * time.Second / wavRate, nil
}

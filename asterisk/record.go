package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
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
// recorded before under the name is kept: nothing is ever written over.
func (l *Line) Record(ctx context.Context, id call.ID, room call.Room, name string) error {
	if !l.book.record(name, id) {
		return nil
	}
	err := l.do(ctx, request{
		op: "record", method: http.MethodPost, path: []string{"bridges", bridge(id, room), "record"},
		query: url.Values{
			"name": {name}, "format": {"wav"}, "ifExists": {"append"}, "beep": {"false"}, "terminateOn": {"none"},
		},
	})
	if err != nil && status(err) != http.StatusConflict {
		l.book.recorded(name)
		l.tell(id, call.Recorded{At: now(), Fault: err.Error()})
	}
	// 409: it is being recorded already.
	return nil
}

// closeRecordings stops the recordings of a call and tells them. A bridge that
// is destroyed ends its recording, but no event says so.
func (l *Line) closeRecordings(ctx context.Context, id call.ID) error {
	for _, name := range l.open(id) {
		err := l.do(ctx, request{op: "record_stop", method: http.MethodPost, path: []string{"recordings", "live", name, "stop"}})
		if err != nil && !errors.Is(err, call.ErrGone) {
			return err
		}
		if err == nil {
			l.book.awaitRecorded(ctx, name, closeWait)
		}
		l.recorded(name, "", now())
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
		if c.ID == id && c.Recording.Wanted && c.Recording.File == "" && c.Recording.Fault == "" && l.book.record(c.Recording.Name, id) {
			return []string{c.Recording.Name}
		}
	}
	return nil
}

// recorded tells that a recording has been closed, once, with what is in fact
// on the disk: on a full disk Asterisk calls half a recording done
// (res/res_stasis_recording.c, record_file).
func (l *Line) recorded(name, fault string, at call.At) {
	r, known := l.book.recorded(name)
	if !known {
		if r.call = l.recordingOf(name); r.call == "" {
			return
		}
	}
	ev := call.Recorded{At: at, File: filepath.Join(l.o.RecordingDir, name+".wav"), Fault: fault}
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

package asterisk

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"time"

	"weibao/call"
)

// watchRecordings has every recording that does not grow any more go on in the
// other folder, until the context is over.
func (l *Line) watchRecordings(ctx context.Context) {
	l.folders.run(ctx)
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		for _, name := range l.book.recordingNames() {
			l.errands.Go(func() { l.watchRecording(ctx, name) })
		}
	}
}

// watchRecording looks at one file. One look at a time: a disk may hang.
func (l *Line) watchRecording(ctx context.Context, name string) {
	if !l.book.looks(name) {
		return
	}
	size := int64(0)
	seen := make(chan int64, 1)
	go func() {
		if info, err := os.Stat(l.fileOf(name)); err == nil {
			seen <- info.Size()
		} else {
			seen <- 0
		}
	}()
	select {
	case size = <-seen:
	case <-time.After(stallAfter):
		size = -1 // the disk hangs
	case <-ctx.Done():
		l.book.looked(name, 0, time.Now())
		return
	}
	if stalled := l.book.looked(name, size, time.Now()); stalled && l.Up() {
		l.move(ctx, name, "the file has stopped growing")
	}
}

// fileOf is where Asterisk writes a recording.
func (l *Line) fileOf(name string) string { return l.folders.of(name).path(name) }

// move has a recording go on in the other folder, once for each: the new one
// begins before the old one ends, so that nothing is lost between. It reports
// whether it goes on.
func (l *Line) move(ctx context.Context, name, why string) bool {
	from := l.folders.of(name)
	to, fault := l.folders.choose(from.name)
	r, known := l.book.peek(name)
	if !known || to == nil || r.moved {
		if known && !r.moved {
			l.log.Error("a recording fails and there is no other folder", "call", r.call, "recording", name, "why", why, "other", fault)
			l.folders.bad(r.call, "录音写不下去，也没有可用的第二目录："+why)
		}
		l.book.keep(name)
		return false
	}
	fresh := to.within(next(base(name)))
	l.book.begin(fresh, r.call, r.room, true)
	if err := l.beginRecording(ctx, r.call, r.room, fresh); err != nil {
		l.book.recorded(fresh)
		l.log.Error("a recording fails and can not go on elsewhere", "call", r.call, "recording", name, "why", why, "err", err)
		l.book.keep(name)
		return false
	}
	from.failed(time.Now())
	l.book.leave(name)
	l.log.Error("a recording goes on in another folder", "call", r.call, "recording", fresh, "why", why)
	l.folders.bad(r.call, "录音改存到另一个目录："+why)
	ev := call.Recorded{At: now(), File: l.fileOf(name), Fault: why, Next: fresh}
	stop := request{op: "record_stop", method: http.MethodPost, path: []string{"recordings", "live", name, "stop"}}
	if err := l.do(ctx, stop); err != nil {
		l.log.Debug("the failed recording was not stopped", "recording", name, "err", err) // it has ended by itself
	}
	if length, err := wavLength(ev.File); err == nil {
		ev.Length = length
	}
	l.tell(r.call, ev)
	return true
}

// beginRecording asks Asterisk for it. Nothing is ever written over.
func (l *Line) beginRecording(ctx context.Context, id call.ID, room call.Room, name string) error {
	return l.do(ctx, request{
		op: "record", method: http.MethodPost, path: []string{"bridges", bridge(id, room), "record"},
		query: url.Values{
			"name": {name}, "format": {"wav"}, "ifExists": {"append"}, "beep": {"false"}, "terminateOn": {"none"},
		},
	})
}

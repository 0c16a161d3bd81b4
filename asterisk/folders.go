package asterisk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"weibao/call"
)

// Recordings go into one of two folders: the usual one, and, when that takes
// nothing more, the second: a folder in it where another disk should be mounted.
// (ARI names recordings below one folder, and Asterisk follows no link out of
// it: main/utils.c, ast_safe_mkdir. A mount is no link.)
//
// A disk may be full, read-only, slow or hang for ever, and no call may notice.
// So nothing that a call waits for touches these disks: each folder has a
// goroutine that looks at it, and who must choose reads what was seen last.
const (
	secondName = "second"
	// lookEvery is between looks at a folder; a look that is older than lookStale
	// hangs on its disk.
	lookEvery = time.Second
	lookStale = 10 * time.Second
	// stallAfter is how long a recording may not grow. Asterisk writes 32 KiB at
	// once (main/file.c, ast_writefile): some 2 s.
	stallAfter = 5 * time.Second
	// shortBy is by how much a recording that ends by itself may be shorter than
	// the time since it began; one that the disk has cut lacks what was to be
	// written next, 2 s.
	shortBy = time.Second
	// badFor is how long a folder that failed is not used.
	badFor = time.Minute
)

// folder is one place for recordings.
type folder struct {
	name string // below RecordingDir; "" for that itself
	dir  string

	mu    sync.Mutex
	seen  time.Time // of the last whole look
	fault string    // what it found; "" for nothing
	bad   time.Time // not to be used before
}

// usable reports why the folder should not be used; "" when it should.
func (f *folder) usable(at time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case at.Before(f.bad):
		return "a recording failed there a moment ago"
	case !f.seen.IsZero() && at.Sub(f.seen) > lookStale:
		return "the disk does not answer"
	}
	return f.fault
}

func (f *folder) failed(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bad = at.Add(badFor)
}

// look tries the disk.
func (f *folder) look(room int64) {
	fault := ""
	if err := try(f.dir, room); err != nil {
		fault = err.Error()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen, f.fault = time.Now(), fault
}

// try reports whether a file can be written in a folder, and so much room is
// left.
func try(dir string, room int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return err
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < room {
		return fmt.Errorf("%d KiB are free, %d are wanted", free>>10, room>>10)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	_, err = probe.WriteString("x")
	closed, removed := probe.Close(), os.Remove(probe.Name())
	for _, e := range []error{err, closed, removed} {
		if e != nil {
			return e
		}
	}
	return nil
}

// folders are the places, the usual one first.
type folders struct {
	all  []*folder
	room int64
	bad  func(call.ID, string) // a person should know
}

// newFolders makes the second folder, for the user that Asterisk runs as.
// Without it there is one folder: a gateway must start on a full disk.
func newFolders(o Options) *folders {
	fs := &folders{room: o.RecordingRoom, bad: o.Trouble, all: []*folder{{dir: o.RecordingDir}}}
	second := SecondFolder(o.RecordingDir)
	if err := os.MkdirAll(second, 0o750); err != nil {
		o.Log.Error("no second folder for recordings", "folder", second, "err", err)
		return fs
	}
	if info, err := os.Stat(o.RecordingDir); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			_ = os.Chown(second, int(owner.Uid), int(owner.Gid)) // where we may not, we are that user, or somebody has seen to it
		}
	}
	fs.all = append(fs.all, &folder{name: secondName, dir: second})
	return fs
}

// SecondFolder is the second folder for recordings that belongs to a usual
// one. Another disk should be mounted there.
func SecondFolder(dir string) string { return filepath.Join(dir, secondName) }

// run looks at the folders until the context is over. A look that hangs is left
// behind; it holds nothing.
func (fs *folders) run(ctx context.Context) {
	for _, f := range fs.all {
		go func() {
			again := time.NewTicker(lookEvery)
			defer again.Stop()
			for ctx.Err() == nil {
				f.look(fs.room)
				select {
				case <-again.C:
				case <-ctx.Done():
				}
			}
		}()
	}
}

// choose is the folder for a recording, but not the one named, and why not the
// usual one. When none is good the first is tried all the same.
func (fs *folders) choose(not string) (f *folder, why string) {
	at := time.Now()
	for _, f := range fs.all {
		if f.name == not {
			continue
		}
		fault := f.usable(at)
		if fault == "" {
			return f, why
		}
		why = fault
	}
	if not == noFolder {
		return fs.all[0], ""
	}
	return nil, why
}

// noFolder is the name of none.
const noFolder = "\x00"

// of is the folder of a recording by its name.
func (fs *folders) of(name string) *folder {
	in, _, below := strings.Cut(name, "/")
	i := slices.IndexFunc(fs.all, func(f *folder) bool { return below && f.name == in || !below && f.name == "" })
	if i < 0 {
		return fs.all[0]
	}
	return fs.all[i]
}

// within is the name of a recording in a folder.
func (f *folder) within(name string) string {
	if f.name == "" {
		return base(name)
	}
	return f.name + "/" + base(name)
}

// path is the file of a recording in the folder.
func (f *folder) path(name string) string { return filepath.Join(f.dir, base(name)+".wav") }

// base is the name of a recording without its folder.
func base(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// next is the name of the file after a file: 01JD, 01JD.2, 01JD.3.
func next(name string) string {
	stem, count, counted := strings.Cut(name, ".")
	n := 1
	if counted {
		_, _ = fmt.Sscanf(count, "%d", &n) // else it is the first
	}
	return fmt.Sprintf("%s.%d", stem, n+1)
}

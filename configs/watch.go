package configs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long the files must be left alone before they are looked at,
// and then be the same before they are read: editors write, rename and remove
// in several steps.
const quiet = 250 * time.Millisecond

// again is how often the files are looked at although nothing was told of
// them: network volumes and the targets of links tell nothing, and a folder
// may have been replaced behind our back.
const again = 5 * time.Second

// Watch reloads when a file below dir changes, until ctx ends. It watches the
// folders and not the files, because editors and volume mounts put new files
// in the place of old ones. Where the system can tell of no changes, it looks
// from time to time. A folder that is removed is waited for.
func Watch(ctx context.Context, dir string, h *Holder) {
	w := &watch{dir: filepath.Clean(dir), holder: h}
	var events <-chan fsnotify.Event
	var errs <-chan error
	if told, err := fsnotify.NewWatcher(); err != nil {
		h.log.WarnContext(ctx, "changes of the configuration are only looked for", "every", again, "err", err)
	} else {
		defer func() { _ = told.Close() }()
		w.told, events, errs = told, told.Events, told.Errors
	}
	w.renew()
	settled := time.NewTimer(0) // what changed before the watch began
	look := time.NewTicker(again)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-events:
			if event.Op != fsnotify.Chmod {
				settled.Reset(quiet)
			}
		case err := <-errs:
			h.log.WarnContext(ctx, "watching the configuration", "err", err)
			settled.Reset(quiet) // an event may have been lost
		case <-look.C:
			w.renew()
			if stampOf(h.files) != w.seen {
				settled.Reset(0)
			}
		case <-settled.C:
			w.renew()
			if wait := w.look(ctx); wait > 0 {
				settled.Reset(wait)
			}
		}
	}
}

// watch is what Watch knows of the files.
type watch struct {
	dir    string
	holder *Holder
	told   *fsnotify.Watcher // nil: the system has none to give
	seen   stamp             // of the last look
	since  time.Time         // when they were first seen like that
}

// renew watches the folders that are there now.
func (w *watch) renew() {
	if w.told == nil {
		return
	}
	_ = w.told.Add(w.dir) // one that is missing: the reader tells of it
	entries, _ := os.ReadDir(w.dir)
	for _, entry := range entries {
		folder := filepath.Join(w.dir, entry.Name())
		if info, err := os.Stat(folder); err == nil && info.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			_ = w.told.Add(folder)
		}
	}
}

// look reads the files once they have been the same in two looks, a quiet
// spell apart, and returns how long to wait for the next look, zero when it is
// not needed. What came of it is logged once.
func (w *watch) look(ctx context.Context) time.Duration {
	if now := stampOf(w.holder.files); now != w.seen {
		w.seen, w.since = now, time.Now()
		return quiet
	}
	before := w.holder.Last()
	wait, err := w.holder.follow(ctx, time.Since(w.since))
	after, log := w.holder.Last(), w.holder.log
	switch {
	case err != nil && before.Faults.String() != after.Faults.String():
		log.ErrorContext(ctx, "configuration has faults, the old one stays", "version", after.Version, "faults", len(after.Faults), "err", err)
	case err == nil && (before.Version != after.Version || len(before.Faults) > len(after.Faults)):
		log.InfoContext(ctx, "configuration loaded", "version", after.Version, "took", after.Took)
	case before.Files != after.Files && after.Use.How == RolledBack:
		log.WarnContext(ctx, "the files hold the version that was rolled back from; it is not used unless somebody reloads", "files", after.Files, "version", after.Version)
	}
	return wait
}

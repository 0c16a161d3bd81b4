package configs

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long the files must be left alone before they are read:
// editors write, rename and remove in several steps.
const quiet = 250 * time.Millisecond

// again is how often the folders are watched anew, in case one was removed
// and made again behind our back.
const again = 5 * time.Second

// Watch reloads when a file below dir changes, until ctx ends. It watches the
// folders and not the files, because editors and volume mounts put new files
// in the place of old ones. A folder that is removed and comes back is watched
// again.
func Watch(ctx context.Context, dir string, h *Holder, log *slog.Logger) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch configuration: %w", err)
	}
	defer func() { _ = w.Close() }()
	dir = filepath.Clean(dir)
	if err := w.Add(dir); err != nil {
		return fmt.Errorf("watch configuration: %w", err)
	}
	seen := &watched{Watcher: w, dir: dir, were: make(map[string]fs.FileInfo)}
	seen.renew()
	settled := time.NewTimer(0) // what changed before the watch began
	renew := time.NewTicker(again)
	defer renew.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-w.Events:
			if open && event.Op != fsnotify.Chmod {
				settled.Reset(quiet)
			}
		case err, open := <-w.Errors:
			if open {
				log.WarnContext(ctx, "watching the configuration", "err", err)
				settled.Reset(quiet) // an event may have been lost
			}
		case <-renew.C:
			if seen.renew() {
				settled.Reset(quiet)
			}
		case <-settled.C:
			seen.renew()
			reload(ctx, h, log)
		}
	}
}

// watched are the folders of a configuration.
type watched struct {
	*fsnotify.Watcher
	dir  string
	were map[string]fs.FileInfo
}

// renew watches every folder that is there, and reports whether one of them
// is another than before: removed and made again, renamed, or a link that
// points elsewhere now.
func (w *watched) renew() bool {
	changed := false
	for _, folder := range []string{w.dir, filepath.Join(w.dir, menusFolder), filepath.Join(w.dir, rotaFolder)} {
		info, err := os.Stat(folder)
		if err == nil {
			err = w.Add(folder)
		}
		if err != nil {
			info = nil // the reader tells of it
		}
		before, known := w.were[folder]
		w.were[folder] = info
		changed = changed || known && (before == nil) != (info == nil) || before != nil && info != nil && !os.SameFile(before, info)
	}
	return changed
}

// reload reads the files and says in the log what came of it, once.
func reload(ctx context.Context, h *Holder, log *slog.Logger) {
	before := h.Last()
	err := h.Reload(ctx)
	after := h.Last()
	switch {
	case err != nil && before.Faults.String() != after.Faults.String():
		log.ErrorContext(ctx, "configuration has faults, the old one stays", "version", after.Version, "faults", len(after.Faults), "err", err)
	case err == nil && (before.Version != after.Version || len(before.Faults) > 0):
		log.InfoContext(ctx, "configuration loaded", "version", after.Version, "took", after.Took)
	}
}

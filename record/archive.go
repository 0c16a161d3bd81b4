package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/record/vault"
)

// ArchiveOptions are what an Archive is made of. All are needed but Log.
type ArchiveOptions struct {
	Registry *Registry
	Store    Store
	Keys     *vault.Keys
	Signer   *Signer
	// Plain are the folders into which Asterisk records, Sealed those for the
	// encrypted files: the second is for when the first takes none.
	Plain, Sealed []string
	// Live reports whether a call is not over: its recording is left alone.
	Live func(call.ID) bool
	// Keeping returns the rules of the moment.
	Keeping func() Keeping
	// Node is who purges, for the stubs.
	Node string
	Log  *slog.Logger

	reached func(step string) // of the tests
}

// Archive is what happens with recordings after their calls. It owns the files
// of its gateway: no other gateway touches them, and a recording is purged by
// the gateway whose journal has its record, so that there is exactly one.
//
// A file goes through these steps: it is verified and its hash stands in the
// journal, with the record; an encrypted copy is made and read back; that
// stands in the journal; the plain file is removed. Killed after any of them,
// the next sweep goes on, and no step has left less than one whole file.
type Archive struct {
	ArchiveOptions
	wake   chan struct{}
	failed map[string]string // why a file could not be sealed, as it was last told
}

// NewArchive makes an archive; nothing happens before Run or Sweep.
func NewArchive(o ArchiveOptions) *Archive {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.reached == nil {
		o.reached = func(string) {}
	}
	return &Archive{ArchiveOptions: o, wake: make(chan struct{}, 1), failed: make(map[string]string)}
}

const (
	sweepEvery = time.Minute
	purgeEvery = time.Hour
	// strayAge is how old a recording without a record must be before it is taken
	// for one whose call nobody will tell of any more.
	strayAge = 24 * time.Hour
)

// Wake has the archive look soon: a record was kept. It never waits.
func (a *Archive) Wake() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Run looks after the recordings until the context is over. A database or a
// disk that is away leaves things as they are until the next look.
func (a *Archive) Run(ctx context.Context) {
	sweep, purge := time.NewTicker(sweepEvery), time.NewTicker(purgeEvery)
	defer sweep.Stop()
	defer purge.Stop()
	look := func(look func(context.Context) error) {
		if err := look(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("recordings are left as they are", "err", err)
		}
	}
	look(a.Sweep)
	a.purgeAll(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
			look(a.sealAll)
		case <-sweep.C:
			look(a.Sweep)
		case <-purge.C:
			a.purgeAll(ctx)
		}
	}
}

// Sweep ends the purges that were begun and encrypts every recording that is
// over. A file that can not be is told once and tried again.
func (a *Archive) Sweep(ctx context.Context) error {
	if err := a.flush(ctx); err != nil {
		return err
	}
	if err := a.finishPurges(ctx); err != nil {
		return err
	}
	return a.sealAll(ctx)
}

// sealAll encrypts every recording that is over. It runs after every call, so
// the database is asked only when there is a file.
func (a *Archive) sealAll(ctx context.Context) error {
	var files []string
	for _, dir := range a.Plain {
		found, err := filepath.Glob(filepath.Join(dir, "*.wav"))
		if err != nil {
			return fmt.Errorf("look for recordings: %w", err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil
	}
	if err := a.flush(ctx); err != nil {
		return err
	}
	for _, path := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a.told(path, a.seal(ctx, path))
	}
	return nil
}

// flush waits for the database: what it shows decides what is done.
func (a *Archive) flush(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, applyLimit)
	defer cancel()
	return a.Registry.Flush(limited)
}

// told alarms when a file fails for a reason that is new.
func (a *Archive) told(path string, err error) {
	switch {
	case err == nil:
		delete(a.failed, path)
	case errors.Is(err, context.Canceled) || a.failed[path] == err.Error():
	default:
		a.failed[path] = err.Error()
		a.Registry.metrics.alarmed(alarmSeal)
		a.Log.Error("a recording is not encrypted; the plain file stays", "file", path, "err", err)
	}
}

// callIn is the call that a file of a recording is named after.
func callIn(path string) call.ID {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return call.ID(name)
}

// seal encrypts one file and then removes it.
func (a *Archive) seal(ctx context.Context, path string) error {
	id := callIn(path)
	if a.Live(id) {
		return nil
	}
	tape, err := a.Store.Tape(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < strayAge {
			return nil // gone meanwhile, or its record may come
		}
		a.Log.Error("a recording has no record; it is encrypted all the same", "file", path)
		tape.Record.EndedAt = moment(info.ModTime())
	case err != nil:
		return err
	case tape.Purged() != nil:
		return nil
	}
	sum, err := a.sum(ctx, tape, path)
	if err != nil {
		return err
	}
	seal, err := a.keep(ctx, tape, path, sum)
	if err != nil {
		return err
	}
	seal.Call = id
	if !slices.ContainsFunc(tape.Seals, func(s Seal) bool { return s.Name == seal.Name && s.SHA256 == seal.SHA256 }) {
		if err := a.Registry.submit(ctx, &request{kind: KindSeal, body: seal}); err != nil {
			return err
		}
		a.reached("told")
		if err := a.flush(ctx); err != nil { // or nobody would find it where it is now
			return err
		}
	}
	a.reached("shown")
	if err := vault.Remove(path); err != nil {
		return fmt.Errorf("remove the plain file: %w", err)
	}
	a.reached("removed")
	a.Log.Info("recording encrypted", "call", id, "file", seal.File)
	return nil
}

// sum is the hash that the record has of a file. A file of which nobody has
// looked at the content is looked at now.
func (a *Archive) sum(ctx context.Context, t Tape, path string) (string, error) {
	p := RecordingPart{File: path}
	for _, f := range t.Record.Recording.Files() {
		if filepath.Base(f.File) == filepath.Base(path) && f.SHA256 != "" {
			return f.SHA256, nil
		}
	}
	if err := inspect(ctx, &p); p.SHA256 == "" {
		return "", err
	}
	return p.SHA256, nil
}

// keep makes the encrypted copy in the first folder that takes it.
func (a *Archive) keep(ctx context.Context, t Tape, path, sum string) (Seal, error) {
	var fault error
	for _, dir := range a.Sealed {
		kept, err := a.Keys.Keep(ctx, path, filepath.Join(dir, t.Record.EndedAt.Format("200601")), sum)
		if err == nil {
			return Seal{
				Name: filepath.Base(path), Plain: sum, File: kept.File, SHA256: kept.SHA256, Size: kept.Size,
				Cipher: string(kept.Cipher), Key: kept.Key, At: moment(time.Now()),
			}, nil
		}
		fault = errors.Join(fault, err)
		if errors.Is(err, vault.ErrChanged) {
			break
		}
	}
	return Seal{}, fault
}

package record

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"weibao/record/vault"
)

// purgeAll purges what is due, and tells what it could not.
func (a *Archive) purgeAll(ctx context.Context) {
	n, err := a.Purge(ctx, time.Now())
	if n > 0 {
		a.Log.Info("recordings purged", "recordings", n)
	}
	if err != nil && ctx.Err() == nil {
		a.Registry.metrics.alarmed(alarmPurge)
		a.Log.Error("recordings that are due are not purged", "err", err)
	}
}

// Purge takes away the recordings of this gateway whose time is over at that
// instant and that nobody holds. It returns how many.
func (a *Archive) Purge(ctx context.Context, now time.Time) (int, error) {
	if err := a.flush(ctx); err != nil {
		return 0, err
	}
	keeping, journal := a.Keeping(), a.Registry.Head().Journal
	purged, after := 0, ""
	for {
		due, err := a.Store.Purgeable(ctx, journal, now.Add(-keeping.shortest()), after)
		if err != nil {
			return purged, err
		}
		for _, r := range due.Rows {
			if now.Before(keeping.Until(r)) || a.Live(r.ID) {
				continue
			}
			gone, err := a.purge(ctx, r, fmt.Sprintf("保存期满 (kept until %s)", moment(keeping.Until(r))))
			if err != nil {
				return purged, err
			}
			if gone {
				purged++
			}
		}
		if after = due.Next; after == "" {
			return purged, nil
		}
	}
}

// purge takes one recording away. The intent stands in the journal first: it
// is in the database before the files are touched, and so is any hold that was
// promised to somebody. Of a hold and a purge at the same instant, one sees the
// other.
func (a *Archive) purge(ctx context.Context, r Record, why string) (bool, error) {
	tape, err := a.Store.Tape(ctx, r.ID)
	if err != nil {
		return false, err
	}
	at := moment(time.Now())
	p := Purge{ID: newTapeID(at), Call: r.ID, State: PurgeDue, At: at, By: a.Node, Why: why, Ended: r.EndedAt}
	for _, f := range r.Recording.Files() {
		gone := Gone{Name: filepath.Base(f.File), SHA256: f.SHA256}
		for _, s := range tape.Seals {
			if s.Name == gone.Name {
				gone.SHA256, gone.Sealed = s.Plain, s.SHA256
			}
		}
		p.Files = append(p.Files, gone)
	}
	if err := a.tell(ctx, p); err != nil {
		return false, err
	}
	a.reached("due")
	return a.finish(ctx, p)
}

// tell writes a state of a purge, signed, and waits until everybody can see it.
func (a *Archive) tell(ctx context.Context, p Purge) error {
	p, err := a.Signer.sign(p)
	if err == nil {
		err = a.Registry.submit(ctx, &request{kind: KindPurge, body: p})
	}
	if err != nil {
		return fmt.Errorf("purge %s: %w", p.Call, err)
	}
	return a.flush(ctx)
}

// finishPurges goes on with what an earlier life has begun.
func (a *Archive) finishPurges(ctx context.Context) error {
	begun, err := a.Store.Purging(ctx, a.Registry.Head().Journal)
	if err != nil {
		return err
	}
	for _, p := range begun {
		if _, err := a.finish(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// finish takes the files of a purge away, unless somebody holds them.
func (a *Archive) finish(ctx context.Context, p Purge) (bool, error) {
	tape, err := a.Store.Tape(ctx, p.Call)
	if err != nil {
		return false, err
	}
	whole, err := a.whole(tape)
	if err != nil {
		return false, err
	}
	if tape.Held() && whole { // where files are gone already the stub must say so
		p.State, p.At = PurgeWithdrawn, moment(time.Now())
		return false, a.tell(ctx, p)
	}
	for _, f := range tape.Record.Recording.Files() {
		path, _ := tape.Where(f)
		if err := errors.Join(vault.Remove(f.File), vault.Remove(path)); err != nil {
			return false, fmt.Errorf("purge %s: %w", p.Call, err)
		}
		a.reached("removed")
	}
	p.State, p.At = PurgeDone, moment(time.Now())
	return true, a.tell(ctx, p)
}

// whole reports whether every file of a recording is there.
func (a *Archive) whole(t Tape) (bool, error) {
	for _, f := range t.Record.Recording.Files() {
		path, _ := t.Where(f)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

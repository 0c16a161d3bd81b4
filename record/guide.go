package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// GuideText is a version of the configuration, whole, so that a decision can
// be explained years later.
type GuideText struct {
	Version string `json:"version"`
	Text    string `json:"text"`
	At      Moment `json:"at"`
}

// GuideUse says that a version of the configuration came into use, and by
// whom. It stays in the journal.
type GuideUse struct {
	Version string `json:"version"`
	At      Moment `json:"at"`
	// How is start, files, reload or rollback.
	How string `json:"how"`
	// By is who asked for it; empty when nobody did.
	By string `json:"by,omitempty"`
	// Instead is the version that a rollback was away from: the files held it,
	// and as long as they do, a restart must not bring it back.
	Instead string `json:"instead,omitempty"`
}

func (GuideText) change() {}
func (GuideUse) change()  {}

// Guide keeps the text of a version of the configuration, once in the life of
// a process: journals that are kept for some years only hold the text of every
// version that was in use in those years.
func (r *Registry) Guide(ctx context.Context, version, text string) error {
	r.mu.Lock()
	known := r.guides[version]
	r.mu.Unlock()
	if known {
		return nil
	}
	row := GuideText{Version: version, Text: text, At: moment(time.Now())}
	if err := r.submit(ctx, &request{kind: KindGuide, body: row, retry: true}); err != nil {
		return fmt.Errorf("keep the configuration %s: %w", version, err)
	}
	r.mu.Lock()
	r.guides[version] = true
	r.mu.Unlock()
	return nil
}

// UseGuide writes down that a version came into use, and who wanted it.
func (r *Registry) UseGuide(ctx context.Context, u GuideUse) error {
	if u.At.IsZero() {
		u.At = moment(time.Now())
	}
	if err := r.submit(ctx, &request{kind: KindGuideUse, body: u, retry: true}); err != nil {
		return fmt.Errorf("note the use of the configuration %s: %w", u.Version, err)
	}
	return nil
}

// GuideUses are the version that came into use last and the other one that was
// in use before it, as far as the journal goes back.
func (r *Registry) GuideUses() []GuideUse {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	return slices.Clone(r.journal.uses)
}

// GuideText returns the text of a version from the database, or, when that is
// away or does not have it, from the journal. ErrNotFound when neither has.
func (r *Registry) GuideText(ctx context.Context, version string) (GuideText, error) {
	limited, cancel := context.WithTimeout(ctx, guideLimit)
	defer cancel()
	text, err := r.store.Guide(limited, version)
	if err == nil {
		return text, nil
	}
	text, missing := r.journal.guide(ctx, version)
	if missing != nil {
		return GuideText{}, fmt.Errorf("find the configuration %s: %w", version, errors.Join(err, missing))
	}
	return text, nil
}

// guideLimit is how long the database may take: a start and a rollback wait
// for it.
const guideLimit = 2 * time.Second

// used remembers the last two uses of different versions, for the head of the
// next segment. It is called by whoever holds the journal.
func (j *Journal) used(u GuideUse) {
	if len(j.uses) > 0 && j.uses[0].Version == u.Version {
		j.uses[0] = u
		return
	}
	j.uses = append([]GuideUse{u}, j.uses[:min(1, len(j.uses))]...)
}

// guide looks for the text of a version, in the newest segment first.
func (j *Journal) guide(ctx context.Context, version string) (GuideText, error) {
	existing, err := segments(j.dir)
	if err != nil {
		return GuideText{}, err
	}
	for _, number := range slices.Backward(existing) {
		if err := ctx.Err(); err != nil {
			return GuideText{}, err
		}
		text, err := guideIn(filepath.Join(j.dir, segmentName(number)), version)
		if !errors.Is(err, ErrNotFound) {
			return text, err
		}
	}
	return GuideText{}, ErrNotFound
}

func guideIn(path, version string) (GuideText, error) {
	f, err := os.Open(path)
	if err != nil {
		return GuideText{}, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	for s := newScanner(f, 0); ; {
		raw, err := s.next()
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return GuideText{}, ErrNotFound
		}
		if err != nil {
			return GuideText{}, fmt.Errorf("read %s: %w", filepath.Base(path), err)
		}
		if !bytes.Contains(raw, []byte(`"kind":"`+KindGuide+`"`)) { // most lines are not looked at closely
			continue
		}
		line, err := decode(raw)
		if err != nil || line.Kind != KindGuide {
			continue
		}
		if text, err := body[GuideText](line); err == nil && text.Version == version {
			return text, nil
		}
	}
}

package configs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How says by what a version came into use.
type How string

// The ways into use.
const (
	Started    How = "start"    // by a start of the gateway
	FromFiles  How = "files"    // because the files had changed
	Reloaded   How = "reload"   // because somebody asked
	RolledBack How = "rollback" // because somebody asked for the one before
)

// Use is a version's coming into use.
type Use struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
	How     How       `json:"how"`
	// By is who asked for it; empty when nobody did.
	By string `json:"by,omitempty"`
	// Instead is the version that a rollback was away from. As long as the
	// files hold that one, only a person's word brings it back.
	Instead string `json:"instead,omitempty"`
}

// History knows what was in use before, over restarts; the journal is it.
type History interface {
	// Known reports whether a version has been in use.
	Known(ctx context.Context, version string) bool
	// Uses are the version that came into use last, and the other one that was
	// in use before it.
	Uses() []Use
	// Text is the text of a version, as Snapshot.Text gave it.
	Text(ctx context.Context, version string) (string, error)
}

// noHistory is the history of a holder that was given none.
type noHistory struct{}

// Known implements History.
func (noHistory) Known(context.Context, string) bool { return false }

// Uses implements History.
func (noHistory) Uses() []Use { return nil }

// Text implements History.
func (noHistory) Text(context.Context, string) (string, error) {
	return "", errors.New("there is no history")
}

// RefusedError is a rollback that can not be: it is understood and answered
// with no.
type RefusedError struct{ Why Words }

// Error is the refusal in words for people.
func (e *RefusedError) Error() string { return e.Why.String() }

// Refused is the same; the API knows a refusal by it.
func (e *RefusedError) Refused() string { return e.Why.String() }

// Rollback takes the version into use that was in use before this one. The
// files stay as they are: a person who has broken the routing at night needs
// it whole at once, and can look for the mistake afterwards. It is one step; a
// second one is a *RefusedError, and so is a first version's. An earlier
// version that has other faults by now than uncovered minutes to come is a
// *FaultsError.
func (h *Holder) Rollback(ctx context.Context, by string) error {
	end, err := h.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	began, old, last := time.Now(), h.Now(), h.Last()
	version, err := h.before(last.Use)
	if err != nil {
		return err
	}
	s, gaps, err := h.recall(ctx, version)
	if err != nil {
		return err
	}
	use := Use{Version: s.Version, At: began, How: RolledBack, By: by, Instead: old.Version}
	h.earlier = nil
	h.now.Store(s)
	h.last.Store(&Result{
		At: began, Took: time.Since(began), Version: s.Version, Loaded: began, Files: last.Files, Use: use,
		Faults: append(slices.Clone(last.Faults), gaps...), // what is wrong with the files still is
	})
	h.changed(ctx, s, use)
	return nil
}

// before is the version that a rollback goes to.
func (h *Holder) before(now Use) (string, error) {
	if now.How == RolledBack {
		return "", &RefusedError{say("已经从 %s 退回到上一版 %s，不能再退；要用文件里的配置请重新加载",
			"already rolled back from %s to %s, and there is no further step; reload to use the files again", now.Instead, now.Version)}
	}
	if h.earlier != nil {
		return h.earlier.Version, nil
	}
	for _, use := range h.history.Uses() {
		if use.Version != now.Version {
			return use.Version, nil
		}
	}
	return "", &RefusedError{say("没有更早的版本可以退回", "there is no earlier version to roll back to")}
}

// recall reads an earlier version again from its text. Uncovered minutes to
// come are told and do not count against it, because it was without them when
// it was loaded.
func (h *Holder) recall(ctx context.Context, version string) (*Snapshot, Faults, error) {
	text, err := "", error(nil)
	if h.earlier != nil && h.earlier.Version == version {
		text = h.earlier.Text()
	} else if text, err = h.history.Text(ctx, version); err != nil {
		return nil, nil, err
	}
	s, faults, err := ReadText(text, time.Now())
	switch {
	case err != nil:
		return nil, nil, err
	case s == nil:
		return nil, nil, faults.Err()
	case s.Version != version:
		return nil, nil, fmt.Errorf("the text kept for the version %s is that of %s", version, s.Version)
	}
	return s, faults, nil
}

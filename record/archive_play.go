package record

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"weibao/call"
	"weibao/record/vault"
)

// tapeOf finds a recording as the journal has it now.
func (a *Archive) tapeOf(ctx context.Context, id call.ID) (Tape, error) {
	a.Registry.shown(ctx, "recording of "+string(id))
	return a.Store.Tape(ctx, id)
}

// AskPlay notes that somebody wants to hear a recording, or to have it, and
// what for; of p, Call, By, Purpose, What and From are used. The answer says
// whether it may be heard at once or a second person must approve.
func (a *Archive) AskPlay(ctx context.Context, p Play) (Play, error) {
	t, err := a.tapeOf(ctx, p.Call)
	if err != nil {
		return Play{}, err
	}
	keeping := a.Keeping()
	switch {
	case strings.TrimSpace(p.Purpose) == "":
		return Play{}, fmt.Errorf("%w：请写明用途 (purpose): what is it to be heard for?", ErrTape)
	case p.What != WhatPlay && p.What != WhatExport:
		return Play{}, fmt.Errorf("%w：what %q: want %s or %s", ErrTape, p.What, WhatPlay, WhatExport)
	case t.Record.Note[NoteComplaint] == p.By:
		return Play{}, fmt.Errorf("%w：被投诉的人不能听这通录音 (it is about who asks)", ErrTape)
	case t.Purged() != nil:
		return Play{}, fmt.Errorf("%w：已经销毁 (purged): %s", ErrTape, t.Purged().At)
	case len(t.Record.Recording.Files()) == 0:
		return Play{}, fmt.Errorf("%w：这通电话没有录音 (this call was not recorded)", ErrTape)
	}
	p.At = moment(time.Now())
	p.ID, p.State, p.Until = newTapeID(p.At), PlayGranted, moment(p.At.Add(keeping.Listen))
	if p.Second = keeping.sensitive(t.Record); p.Second {
		p.State, p.Until = PlayAsked, moment(p.At.Add(keeping.Ask))
	}
	return p, a.keepPlay(ctx, p)
}

func (a *Archive) keepPlay(ctx context.Context, p Play) error {
	if err := a.Registry.submit(ctx, &request{kind: KindPlay, body: p}); err != nil {
		return fmt.Errorf("note who hears the recording of %s: %w", p.Call, err)
	}
	a.Registry.shown(ctx, "play "+p.ID)
	return nil
}

// play finds the wish to hear a recording.
func (t Tape) play(id string) (Play, error) {
	i := slices.IndexFunc(t.Plays, func(p Play) bool { return p.ID == id })
	if i < 0 {
		return Play{}, ErrNotFound
	}
	return t.Plays[i], nil
}

// Decision is the word of the second person.
type Decision struct {
	By      string
	Approve bool
	Reason  string // needed to refuse
}

// DecidePlay takes the word of the second person. Who asked can not give it.
func (a *Archive) DecidePlay(ctx context.Context, id call.ID, play string, d Decision) (Play, error) {
	t, err := a.tapeOf(ctx, id)
	if err != nil {
		return Play{}, err
	}
	p, err := t.play(play)
	now := moment(time.Now())
	switch {
	case err != nil:
		return Play{}, err
	case p.State != PlayAsked:
		return Play{}, fmt.Errorf("%w：已经有人处理 (decided already): %s %s %s", ErrTape, p.Decided, p.Decider, p.State)
	case !p.Open(now.Time):
		return Play{}, fmt.Errorf("%w：申请已经过期 (the request has run out): %s", ErrTape, p.Until)
	case p.By == d.By:
		return Play{}, fmt.Errorf("%w：要由另一个人批准 (a second person must decide)", ErrTape)
	case t.Record.Note[NoteComplaint] == d.By:
		return Play{}, fmt.Errorf("%w：被投诉的人不能批准 (it is about who decides)", ErrTape)
	case !d.Approve && strings.TrimSpace(d.Reason) == "":
		return Play{}, fmt.Errorf("%w：不批准请写明原因 (reason)", ErrTape)
	}
	p.Decided, p.Decider, p.Reason, p.State = now, d.By, d.Reason, PlayRefused
	if d.Approve {
		p.State, p.Until = PlayGranted, moment(now.Add(a.Keeping().Listen))
	}
	return p, a.keepPlay(ctx, p)
}

// Listener is who hears a recording, from where, and which file of it.
type Listener struct {
	By   string
	From string // the address
	Part int    // counted from 1
}

// Hear opens one file of a recording for who has leave to hear it. That it was heard is on the disk before a byte of it is given out.
func (a *Archive) Hear(ctx context.Context, id call.ID, play string, who Listener) (*vault.Sound, Play, error) {
	t, err := a.tapeOf(ctx, id)
	if err != nil {
		return nil, Play{}, err
	}
	p, err := t.play(play)
	files := t.Record.Recording.Files()
	switch {
	case err != nil:
		return nil, Play{}, err
	case p.By != who.By:
		return nil, Play{}, ErrNotFound
	case p.State != PlayGranted || !p.Open(time.Now()):
		return nil, Play{}, fmt.Errorf("%w：没有批准，或者已经过期 (not granted, or run out): %s, %s", ErrTape, p.State, p.Until)
	case t.Purged() != nil:
		return nil, Play{}, fmt.Errorf("%w：已经销毁 (purged): %s", ErrTape, t.Purged().At)
	case who.Part < 1 || who.Part > len(files):
		return nil, Play{}, fmt.Errorf("%w：part %d: want 1 to %d", ErrTape, who.Part, len(files))
	}
	sound, err := a.open(t, files[who.Part-1])
	if err != nil {
		return nil, Play{}, err
	}
	if p.HeardAt.IsZero() {
		p.HeardAt, p.HeardFrom = moment(time.Now()), who.From
		if err := a.keepPlay(ctx, p); err != nil {
			return nil, Play{}, errors.Join(err, sound.Close())
		}
	}
	return sound, p, nil
}

// open opens a file where it is. It may have gone from one place to the other
// while it was looked for.
func (a *Archive) open(t Tape, f RecordingPart) (*vault.Sound, error) {
	path, sealed := t.Where(f)
	if !sealed {
		sound, err := vault.OpenPlain(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w：文件不在这台网关上 (the file is not at this gateway): %s", ErrTape, path)
		}
		return sound, err
	}
	sound, err := a.Keys.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w：文件不在这台网关上 (the file is not at this gateway): %s", ErrTape, path)
	}
	return sound, err
}

// Hold keeps a recording from being purged until it is lifted. Without an error
// it is certain.
func (a *Archive) Hold(ctx context.Context, id call.ID, by, reason string) (Hold, error) {
	if strings.TrimSpace(reason) == "" || by == "" {
		return Hold{}, fmt.Errorf("%w：请写明原因 (reason): why must it be kept?", ErrTape)
	}
	if _, err := a.tapeOf(ctx, id); err != nil {
		return Hold{}, err
	}
	h := Hold{Call: id, By: by, Reason: reason, At: moment(time.Now())}
	h.ID = newTapeID(h.At)
	if err := a.Registry.submit(ctx, &request{kind: KindHold, body: h}); err != nil {
		return Hold{}, fmt.Errorf("hold the recording of %s: %w", id, err)
	}
	if err := a.flush(ctx); err != nil {
		return Hold{}, fmt.Errorf("the hold is on the disk, but it is not certain that it came before a purge: %w", err)
	}
	t, err := a.Store.Tape(ctx, id)
	if err == nil && t.Purged() != nil {
		err = fmt.Errorf("%w：已经销毁 (purged): %s", ErrTape, t.Purged().At)
	}
	return h, err
}

// LiftHolds ends every hold of a recording.
func (a *Archive) LiftHolds(ctx context.Context, id call.ID, by, reason string) ([]Hold, error) {
	if strings.TrimSpace(reason) == "" || by == "" {
		return nil, fmt.Errorf("%w：请写明原因 (reason): why need it not be kept any more?", ErrTape)
	}
	t, err := a.tapeOf(ctx, id)
	if err != nil {
		return nil, err
	}
	lifted := []Hold{}
	for _, h := range t.Holds {
		if !h.LiftedAt.IsZero() {
			continue
		}
		h.LiftedAt, h.LiftedBy, h.LiftReason = moment(time.Now()), by, reason
		if err := a.Registry.submit(ctx, &request{kind: KindHold, body: h}); err != nil {
			return nil, fmt.Errorf("lift the hold of %s: %w", id, err)
		}
		lifted = append(lifted, h)
	}
	if len(lifted) == 0 {
		return nil, fmt.Errorf("%w：没有保全 (it is not held)", ErrTape)
	}
	a.Registry.shown(ctx, "holds of "+string(id))
	return lifted, nil
}

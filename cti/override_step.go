package cti

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weibao/routing"
)

// ErrNoOverride is returned for an override that nobody has asked for.
var ErrNoOverride = errors.New("no such override")

// Kept is what came of a step.
type Kept struct {
	// Shared says that other gateways see it already; without it they will as
	// soon as the store is back.
	Shared bool
	// Err is why it is not on the local disk although it is in force: the
	// journal goes on trying.
	Err error
}

// SettledError is returned for a step that comes too late: the override has
// been refused or withdrawn, or is approved and can only be withdrawn.
type SettledError struct {
	Override routing.Override
	To       routing.OverrideState
}

// Error says it in the words of the state machine.
func (e *SettledError) Error() string {
	return fmt.Sprintf("override %s is %s and can not be %s any more", e.Override.ID, e.Override.State, e.To)
}

// Ask takes a new override, asked or approved at once. It has an id and has
// been checked. The very same one of the same person that is still open is not
// taken twice: the one before is returned, so that a repeated request after a
// lost answer is harmless.
func (b *DutyBook) Ask(ctx context.Context, o routing.Override, to routing.OverrideState, by string) (routing.Override, Kept, error) {
	o, err := o.Move(to, by, now())
	if err != nil {
		return o, Kept{}, err
	}
	page := overridePage(o)
	return b.override(ctx, func(owner *dutyOwner) turn {
		if before, asked := owner.askedBefore(*page.Override); asked {
			page = overridePage(before)
		}
		return turn{key: page.key(), edit: func(DutyEntry) (DutyEntry, error) { return page, nil }}
	})
}

// askedBefore finds the same wish of the same person.
func (o *dutyOwner) askedBefore(wanted routing.Override) (routing.Override, bool) {
	want := wanted
	want.ID, want.Steps = "", wanted.Steps[:1]
	for _, page := range o.pages {
		if page.Override == nil || page.Override.State != wanted.State {
			continue
		}
		was := *page.Override
		if len(was.Steps) != 1 || was.Steps[0].By != wanted.Steps[0].By {
			continue
		}
		was.ID, was.Steps = "", want.Steps
		if (DutyEntry{Override: &was}).says(DutyEntry{Override: &want}) {
			return *page.Override, true
		}
	}
	return routing.Override{}, false
}

// Move takes the next step of an override. The error is ErrNoOverride, or a
// *SettledError when it comes too late, also when another gateway was faster.
func (b *DutyBook) Move(ctx context.Context, id string, to routing.OverrideState, by string) (routing.Override, Kept, error) {
	at := now()
	return b.override(ctx, func(*dutyOwner) turn {
		return turn{key: overrideKey(id), edit: func(held DutyEntry) (DutyEntry, error) {
			if held.Override == nil {
				return held, ErrNoOverride
			}
			next, err := held.Override.Move(to, by, at)
			if err != nil {
				return held, &SettledError{Override: *held.Override, To: to}
			}
			return overridePage(next), nil
		}}
	})
}

// HandOver takes a hand-over note in the place of the last one of its post.
func (b *DutyBook) HandOver(ctx context.Context, h routing.HandOver) (routing.HandOver, Kept, error) {
	h.At = now()
	page, kept, err := b.step(ctx, func(*dutyOwner) turn {
		return turn{key: noteKey(h.Post), edit: func(held DutyEntry) (DutyEntry, error) {
			next := h
			if held.Note != nil && !next.At.After(held.Note.At) {
				next.At = held.Note.At.Add(time.Millisecond) // a clock that runs behind the other gateway's
			}
			return notePage(next), nil
		}}
	})
	if err != nil {
		return h, kept, err
	}
	return *page.Note, kept, nil
}

// Find returns an override by its id.
func (b *DutyBook) Find(id string) (routing.Override, bool) {
	book := b.Now()
	for _, post := range book.Posts() {
		of := book.Of(post)
		if i := slices.IndexFunc(of, func(o routing.Override) bool { return o.ID == id }); i >= 0 {
			return of[i], true
		}
	}
	return routing.Override{}, false
}

func (b *DutyBook) override(ctx context.Context, plan func(*dutyOwner) turn) (routing.Override, Kept, error) {
	page, kept, err := b.step(ctx, plan)
	if err != nil {
		return routing.Override{}, kept, err
	}
	return *page.Override, kept, nil
}

// step takes a step and keeps it in the journal before it returns. The step is
// in force even when the journal can not take it: who is rung tonight must not
// hang on a disk.
func (b *DutyBook) step(ctx context.Context, plan func(*dutyOwner) turn) (DutyEntry, Kept, error) {
	result := make(chan taken, 1)
	if !b.mail.Put(func(o *dutyOwner) {
		got := o.take(plan(o))
		o.show()
		result <- got
	}) {
		return DutyEntry{}, Kept{}, ErrStopped
	}
	var got taken
	select {
	case got = <-result:
	case <-ctx.Done():
		return DutyEntry{}, Kept{}, ctx.Err()
	case <-b.done:
		return DutyEntry{}, Kept{}, ErrStopped
	}
	if got.err != nil {
		return DutyEntry{}, Kept{}, got.err
	}
	kept := Kept{Shared: got.shared}
	if !got.same || !b.isKept(got.page.key()) {
		kept.Err = b.keep(context.WithoutCancel(ctx), got.page)
	}
	return got.page, kept, nil
}

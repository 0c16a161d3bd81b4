package record

import (
	"context"
	"fmt"

	"weibao/routing"
)

// Override is a duty override (替班、换班) as one step of its life left it: the
// journal has a line for each step, the database the state that counts.
type Override struct{ routing.Override }

// HandOver is what one duty officer has left for the next (交班记录).
type HandOver struct{ routing.HandOver }

func (Override) change() {}
func (HandOver) change() {}

// Override writes a step in the life of an override. When it returns without
// an error the step is on the local disk; with one it is written as soon as
// the disk takes it.
func (r *Registry) Override(ctx context.Context, o routing.Override) error {
	if err := r.submit(ctx, &request{kind: KindOverride, body: Override{o}, retry: true}); err != nil {
		return fmt.Errorf("keep override %s: %w", o.ID, err)
	}
	return nil
}

// HandOver writes a hand-over note; the same promise.
func (r *Registry) HandOver(ctx context.Context, h routing.HandOver) error {
	if err := r.submit(ctx, &request{kind: KindHandOver, body: HandOver{h}, retry: true}); err != nil {
		return fmt.Errorf("keep the hand-over of %s: %w", h.Post, err)
	}
	return nil
}

// Duty is what a journal or a database knows of overrides and hand-overs: of
// each override the state that counts, of each post the last note.
type Duty struct {
	Overrides []routing.Override
	Notes     []routing.HandOver
	// Damaged counts lines of the journal that were passed over because they
	// are not as they were written.
	Damaged int
}

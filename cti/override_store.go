package cti

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"weibao/routing"
)

// DutyEntry is one page of the duty book as gateways share it: an override, or
// the last hand-over note of a post. One of the two is set.
type DutyEntry struct {
	// Version grows with every write of the page, and only grows.
	Version  uint64            `json:"version"`
	Override *routing.Override `json:"override,omitempty"`
	Note     *routing.HandOver `json:"note,omitempty"`
}

// DutyStore keeps the pages for all gateways; [RedisDuty] is it.
type DutyStore interface {
	// All returns every page there is.
	All(ctx context.Context) ([]DutyEntry, error)
	// Swap writes a page in one atomic step, one version above the one that it
	// carries, if nobody has written it since that version, and returns what is
	// stored then. (A stored version below it means that the store lost writes;
	// the caller knows better.) Otherwise the error is a *[StaleDutyError]. The
	// very same Swap again, after an answer was lost, succeeds again.
	Swap(ctx context.Context, page DutyEntry) (DutyEntry, error)
	// Watch reports pages as they are written, by whomever, from the moment it
	// returns. The channel is closed when ctx is done or the watch is broken:
	// whoever watches again then has to read All.
	Watch(ctx context.Context) (<-chan DutyEntry, error)
}

// StaleDutyError is returned by Swap when somebody else has written the page
// since the caller read it.
type StaleDutyError struct{ Stored DutyEntry }

// Error says which page it is and how far it has moved on.
func (e *StaleDutyError) Error() string {
	return fmt.Sprintf("duty page %s is stale: stored version is %d", e.Stored.key(), e.Stored.Version)
}

// key names the page.
func (e DutyEntry) key() string {
	switch {
	case e.Override != nil:
		return overrideKey(e.Override.ID)
	case e.Note != nil:
		return noteKey(e.Note.Post)
	}
	return ""
}

func overrideKey(id string) string { return "override:" + id }

func noteKey(post string) string { return "note:" + post }

// supersedes reports whether e counts and not other, another state of the same
// page.
func (e DutyEntry) supersedes(other DutyEntry) bool {
	switch {
	case e.Override != nil && other.Override != nil:
		return e.Override.Supersedes(*other.Override)
	case e.Note != nil && other.Note != nil:
		return e.Note.Supersedes(*other.Note)
	}
	return false
}

// says reports whether two pages hold the same words.
func (e DutyEntry) says(other DutyEntry) bool {
	e.Version, other.Version = 0, 0
	a, errA := json.Marshal(e)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// overridePage is the page of an override, its times as all gateways and the
// journal keep them.
func overridePage(o routing.Override) DutyEntry {
	o.Changes, o.Steps = append([]routing.DutyChange{}, o.Changes...), append([]routing.OverrideStep{}, o.Steps...)
	for i := range o.Changes {
		o.Changes[i].From, o.Changes[i].To = stamp(o.Changes[i].From), stamp(o.Changes[i].To)
	}
	for i := range o.Steps {
		o.Steps[i].At = stamp(o.Steps[i].At)
	}
	return DutyEntry{Override: &o}
}

// notePage is the page of a note.
func notePage(h routing.HandOver) DutyEntry {
	h.At = stamp(h.At)
	return DutyEntry{Note: &h}
}

// stamp is a time as it is stored.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

package record

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"weibao/call"
	"weibao/routing"
)

// FilingEntry is something that was entered to a filing after it was made.
// Entries are never changed: a correction is one more.
type FilingEntry struct {
	Number string    `json:"number"`
	What   EntryKind `json:"what"`
	At     Moment    `json:"at"`
	By     string    `json:"by"`
	// Form are the fields of an EntryForm, Text the words of any other.
	Form map[string]string `json:"form,omitempty"`
	Text string            `json:"text,omitempty"`
	// Items go with a category.
	Items []int `json:"items,omitempty"`
	// Reason is why something that stood there is corrected.
	Reason string `json:"reason,omitempty"`
}

// EntryKind says what is entered.
type EntryKind string

// The kinds of entry.
const (
	EntryForm     EntryKind = "form"        // what the seat has written down since
	EntryCategory EntryKind = "category"    // the right one
	EntryCase     EntryKind = "police_case" // 110's own case number (警单号)
	EntryResult   EntryKind = "result"      // what came of it, in words
)

func (FilingEntry) change() {}

// take lets an entry count: of each kind the last one entered.
func (f *Filing) take(e FilingEntry) {
	f.Entries = append(f.Entries, e)
	switch e.What {
	case EntryForm:
		f.Form = maps.Clone(f.Form)
		if f.Form == nil {
			f.Form = make(map[string]string, len(e.Form))
		}
		maps.Copy(f.Form, e.Form)
	case EntryCategory:
		f.Category, f.Items, f.Notice = e.Text, slices.Clone(e.Items), ""
	case EntryCase:
		f.PoliceCase = e.Text
	case EntryResult:
		f.Result = e.Text
	}
}

// Enter adds to a filing. When it returns without an error the entry is on the
// local disk.
func (r *Registry) Enter(ctx context.Context, e FilingEntry) error {
	e.At = r.later()
	if err := r.submit(ctx, &request{kind: KindEntry, body: e, retry: true}); err != nil {
		return fmt.Errorf("enter the %s of %s: %w", e.What, e.Number, err)
	}
	r.remembered(e.Number, func(f *Filing) { f.take(e) })
	return nil
}

// Amend implements call.Registry.
func (r *Registry) Amend(ctx context.Context, a call.AmendNotice) error {
	return r.Enter(ctx, FilingEntry{Number: a.Number, What: EntryForm, By: string(a.By), Form: a.Form})
}

// mostRecent bounds the filings that are kept in memory: an emergency's sheet
// must be there while the database is away.
const mostRecent = 200

// recent are the last filings that this process has made, by number.
type recent struct {
	filings map[string]*Filing
	order   []string
}

// made remembers a filing; the caller holds the registry's mutex.
func (c *recent) made(f Filing) {
	if c.filings == nil {
		c.filings = make(map[string]*Filing)
	}
	c.filings[f.Number] = &f
	if c.order = append(c.order, f.Number); len(c.order) > mostRecent {
		delete(c.filings, c.order[0])
		c.order = c.order[1:]
	}
}

func (r *Registry) keepFiling(f Filing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recent.made(f)
}

// remembered changes a filing that is kept in memory.
func (r *Registry) remembered(number string, change func(*Filing)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.recent.filings[number]; f != nil {
		change(f)
	}
}

// Filing is a filing as it stands, from the database; while that is away, one
// that this process has made, or ErrNotFound.
func (r *Registry) Filing(ctx context.Context, number string) (Filing, error) {
	f, err := r.store.Filing(ctx, number)
	if err == nil {
		return f, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept := r.recent.filings[number]; kept != nil {
		return *kept, nil
	}
	return Filing{}, err
}

// masked is an entry for screens.
func (e FilingEntry) masked(hide func(string) string) FilingEntry {
	e.Form, e.Text, e.Reason = maskNote(e.Form, hide), hide(e.Text), hide(e.Reason)
	return e
}

// masked hides the caller's number in what a filing says.
func (d FilingDetails) masked(hide func(string) string) FilingDetails {
	d.Form, d.Notice = maskNote(d.Form, hide), hide(d.Notice)
	return d
}

// Unfiled is a call to 110 that went without a filing.
type Unfiled struct {
	Leg       call.LegID
	Call      call.ID
	Region    string
	DialledAt Moment
}

// owner is who answers for a filing that has no outcome.
func (f Filing) owner(supervisors routing.AgentID) routing.AgentID {
	if f.Agent != "" {
		return f.Agent
	}
	return supervisors
}

package cti

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"weibao/routing"
)

// dutyOwner is the state of a duty book. Only the goroutine of Run touches it.
type dutyOwner struct {
	b     *DutyBook
	pages map[string]*dutyPage
	// joined says that the store has been read and takes writes.
	joined bool
	news   []DutyEntry // changed since the book was last shown
}

// dutyPage is a page and whether the store lacks it.
type dutyPage struct {
	DutyEntry
	owed bool
}

func newDutyOwner(b *DutyBook) *dutyOwner {
	o := &dutyOwner{b: b, pages: make(map[string]*dutyPage)}
	for _, override := range b.opts.Overrides {
		o.hold(overridePage(override), b.follow != nil)
	}
	for _, note := range b.opts.Notes {
		o.hold(notePage(note), b.follow != nil)
	}
	o.measure()
	return o
}

func (o *dutyOwner) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.b.mail.Ready():
		}
		for _, command := range o.b.mail.TakeAll() {
			command(o)
			o.show()
		}
	}
}

func (o *dutyOwner) hold(page DutyEntry, owed bool) {
	o.pages[page.key()] = &dutyPage{DutyEntry: page, owed: owed}
}

// turn is one step of a page that somebody wants taken.
type turn struct {
	key string
	// edit makes the next state of the page from the one that is held (of which
	// the zero value is none). The same state again asks for nothing.
	edit func(held DutyEntry) (DutyEntry, error)
}

// taken is what came of a turn.
type taken struct {
	page DutyEntry
	// same says that the page was so already, shared that other gateways see it.
	same, shared bool
	err          error
}

// turnTries bounds how often a step is tried against others who write the same
// page; each try that fails is somebody else's success.
const turnTries = 10

// take takes a step: in the store first, where it has to be the next one, or
// here alone while the store is away.
func (o *dutyOwner) take(t turn) taken {
	for range turnTries {
		held := DutyEntry{}
		if page := o.pages[t.key]; page != nil {
			held = page.DutyEntry
		}
		next, err := t.edit(held)
		if err != nil {
			return taken{page: held, err: err}
		}
		if held.key() != "" && next.says(held) {
			return taken{page: held, same: true, shared: !o.pages[t.key].owed}
		}
		next.Version = held.Version
		alone := o.b.follow == nil
		if o.joined {
			stored, err := o.swap(next)
			if stale := (*StaleDutyError)(nil); errors.As(err, &stale) {
				o.learn(stale.Stored)
				continue
			}
			if err == nil {
				next, alone = stored, true
			}
		}
		o.hold(next, !alone)
		o.news = append(o.news, next)
		return taken{page: next, shared: alone}
	}
	return taken{err: fmt.Errorf("duty page %s: others write it all the time", t.key)}
}

// swap writes a page into the store. A store that fails is away.
func (o *dutyOwner) swap(page DutyEntry) (DutyEntry, error) {
	// What has been begun is brought to its end, also when the book closes.
	ctx, stop := context.WithTimeout(context.Background(), o.b.opts.Patience)
	defer stop()
	stored, err := o.b.opts.Store.Swap(ctx, page)
	if stale := (*StaleDutyError)(nil); err != nil && !errors.As(err, &stale) {
		o.lost(err)
	}
	return stored, err
}

// heard takes in a page that somebody has written. Our own writes come back
// as well, and late ones.
func (o *dutyOwner) heard(page DutyEntry) {
	if held := o.pages[page.key()]; held != nil && page.Version <= held.Version && !page.supersedes(held.DutyEntry) {
		return
	}
	o.learn(page)
	o.settle()
}

// learn takes in what the store holds, unless the book knows better; then the
// store is to be told.
func (o *dutyOwner) learn(page DutyEntry) {
	held := o.pages[page.key()]
	if held != nil && held.supersedes(page) {
		held.Version, held.owed = page.Version, true
		return
	}
	known := held != nil && held.says(page)
	o.hold(page, false)
	if !known {
		o.adopt(page)
	}
}

// adopt shows a page that came from elsewhere and keeps it in the journal.
func (o *dutyOwner) adopt(page DutyEntry) {
	o.news = append(o.news, page)
	o.b.learned.Put(page)
}

// found takes in everything that the store has, after joining it and from time
// to time, and tells it what it lacks.
func (o *dutyOwner) found(all []DutyEntry) {
	returned := o.b.away.Swap(false)
	o.joined = true
	seen := make(map[string]bool, len(all))
	for _, page := range all {
		seen[page.key()] = true
		o.learn(page)
	}
	for key, held := range o.pages {
		held.owed = held.owed || !seen[key]
	}
	if returned {
		o.b.opts.Log.Warn("the duty book is shared again", "pages", len(all))
	}
	o.settle()
}

// settle tells the store what it lacks. What others wrote meanwhile is learned.
func (o *dutyOwner) settle() {
	var owed []string
	for key, held := range o.pages {
		if held.owed {
			owed = append(owed, key)
		}
	}
	slices.Sort(owed)
	for _, key := range owed {
		for range turnTries {
			held := o.pages[key]
			if !o.joined || !held.owed {
				break
			}
			stored, err := o.swap(held.DutyEntry)
			stale := (*StaleDutyError)(nil)
			switch {
			case err == nil:
				o.hold(stored, false)
			case errors.As(err, &stale):
				o.learn(stale.Stored)
			}
		}
	}
}

// recalled takes in what the database has. It is older than the store, so the
// state that is further in its life counts.
func (o *dutyOwner) recalled(overrides []routing.Override, notes []routing.HandOver) {
	pages := make([]DutyEntry, 0, len(overrides)+len(notes))
	for _, override := range overrides {
		pages = append(pages, overridePage(override))
	}
	for _, note := range notes {
		pages = append(pages, notePage(note))
	}
	for _, page := range pages {
		held := o.pages[page.key()]
		if held != nil && !page.supersedes(held.DutyEntry) {
			continue
		}
		if held != nil {
			page.Version = held.Version
		}
		o.hold(page, o.b.follow != nil)
		o.adopt(page)
	}
	o.settle()
}

// lost goes on without the store.
func (o *dutyOwner) lost(err error) {
	o.joined = false
	if o.b.away.Swap(true) {
		return
	}
	o.b.follow.rejoin()
	o.b.opts.Log.Error("the shared duty book is away; other gateways learn of no override until it is back", "err", err)
}

// show makes what has changed the book that everybody reads, and tells of it.
func (o *dutyOwner) show() {
	o.measure()
	if len(o.news) == 0 {
		return
	}
	var overrides []routing.Override
	var notes []routing.HandOver
	for _, page := range o.pages {
		if page.Override != nil {
			overrides = append(overrides, *page.Override)
		} else {
			notes = append(notes, *page.Note)
		}
	}
	o.b.now.Store(new(routing.NewOverrides(overrides, notes)))
	for _, page := range o.news {
		o.b.opts.OnChange(page)
	}
	o.news = nil
}

func (o *dutyOwner) measure() {
	owed := 0
	for _, page := range o.pages {
		if page.owed {
			owed++
		}
	}
	away := 0
	if o.b.away.Load() {
		away = 1
	}
	o.b.metrics.pages.Set(float64(len(o.pages)))
	o.b.metrics.owed.Set(float64(owed))
	o.b.metrics.degraded.Set(float64(away))
}

package record

import (
	"cmp"
	"slices"
	"time"

	"weibao/call"
	"weibao/routing"
)

// Owed is what one person is owed: all the calls in which nobody was reached
// or something was promised, until somebody has spoken with that person or has
// closed the matter. A later call after that begins a new one.
type Owed struct {
	ID         call.ID        `json:"id"` // of the first call
	State      OwedState      `json:"state"`
	Caller     routing.Number `json:"caller"` // as it last came
	CallerE164 routing.Number `json:"caller_e164,omitempty"`
	Region     string         `json:"region"` // of the last call
	FollowUp
	// Contacts counts the calls; Calls are their ids, the last of very many.
	Contacts int       `json:"contacts"`
	Calls    []call.ID `json:"calls"`
	LastAt   Moment    `json:"last_at"`
	// Settled says how it ended; nil while it is open.
	Settled *Settlement `json:"settled,omitempty"`
}

// OwedState is whether somebody must still act.
type OwedState string

// The states.
const (
	OwedOpen    OwedState = "open"
	OwedSettled OwedState = "settled"
)

// mostCalls bounds the list of calls of one follow-up; who calls more often is
// still counted.
const mostCalls = 50

// Overdue reports whether it should have been done by then.
func (o Owed) Overdue(now time.Time) bool { return o.State == OwedOpen && now.After(o.Due.Time) }

// Masked is the follow-up for screens.
func (o Owed) Masked() Owed {
	hide := hider([]routing.Number{o.Caller, o.CallerE164})
	o.Caller, o.CallerE164 = routing.Number(o.Caller.Masked()), routing.Number(o.CallerE164.Masked())
	o.Why = hide(o.Why)
	if o.Settled != nil {
		s := *o.Settled
		s.Note = hide(s.Note)
		o.Settled = &s
	}
	return o
}

// owedLine is one line of a journal about one person.
type owedLine struct {
	what    string
	id      call.ID
	at      time.Time
	promise Promise    // of lineRecord and linePromise
	end     Settlement // of lineSettled and lineTalked
}

// What a line says. Lines of one instant count in this order: a talk settles
// what was before it, not what the same call leaves behind.
const (
	lineTalked  = "talked"
	lineRecord  = "record"
	linePromise = "promise"
	lineSettled = "settled"
)

// owedBy works out what a person is owed from all the lines about that person,
// in whatever order they came: the same lines give the same answer. Oldest
// first.
func owedBy(lines []owedLine) []Owed {
	opened, latest := openings(lines)
	var turns []owedLine
	for id, at := range opened {
		turns = append(turns, owedLine{what: lineRecord, id: id, at: at, promise: latest[id]})
	}
	for _, l := range lines {
		at, known := opened[l.id]
		switch {
		case l.what == lineTalked:
			turns = append(turns, l)
		case l.what == lineSettled && known:
			if l.at.Before(at) { // by a clock that is behind: it is about that call all the same
				l.at = at
			}
			turns = append(turns, l)
		}
	}
	slices.SortFunc(turns, owedLine.compare)
	var all []Owed
	for _, l := range turns {
		last := len(all) - 1
		open := last >= 0 && all[last].State == OwedOpen
		switch {
		case l.what == lineRecord && open:
			all[last].join(l.promise, l.at)
		case l.what == lineRecord:
			all = append(all, Owed{ID: l.id, State: OwedOpen})
			all[last+1].join(l.promise, l.at)
		case open && (l.what == lineTalked || !opened[l.id].Before(opened[all[last].ID])): // of one of its calls
			end := l.end
			all[last].State, all[last].Settled = OwedSettled, &end
		}
	}
	return all
}

// openings are for each call when it began to be owed something, and what it
// last was. The end of the call counts, where a record tells it; else the
// first promise.
func openings(lines []owedLine) (map[call.ID]time.Time, map[call.ID]Promise) {
	opened, latest := make(map[call.ID]time.Time), make(map[call.ID]Promise)
	recorded := make(map[call.ID]bool)
	for _, l := range lines {
		if l.what != lineRecord && l.what != linePromise {
			continue
		}
		held, has := latest[l.id]
		if newer := l.at.Compare(held.At.Time); !has || newer > 0 || newer == 0 && l.what == linePromise {
			latest[l.id] = l.promise
		}
		at := opened[l.id]
		switch fromRecord := l.what == lineRecord; {
		case !has, fromRecord && !recorded[l.id], fromRecord && l.at.After(at), !fromRecord && !recorded[l.id] && l.at.Before(at):
			opened[l.id], recorded[l.id] = l.at, fromRecord
		}
	}
	return opened, latest
}

// compare orders lines by time, then by what they say, then by call, then by
// what a clock that was behind has said.
func (l owedLine) compare(other owedLine) int {
	order := []string{lineTalked, lineRecord, lineSettled}
	return cmp.Or(l.at.Compare(other.at), cmp.Compare(slices.Index(order, l.what), slices.Index(order, other.what)),
		cmp.Compare(l.id, other.id), l.end.At.Compare(other.end.At.Time))
}

// join adds a call. The older age and deadline stay, the stronger kind and its
// owner win, and who must not be rung back is not rung back.
func (o *Owed) join(p Promise, at time.Time) {
	stronger := o.Kind == "" || o.Kind == string(call.Contact) && p.Kind == string(call.RingBack)
	if stronger {
		o.Kind, o.Owner, o.Why = p.Kind, p.Owner, p.Why
	}
	if o.Since.IsZero() || !p.Since.IsZero() && p.Since.Before(o.Since.Time) {
		o.Since = p.Since
	}
	if o.Due.IsZero() || !p.Due.IsZero() && p.Due.Before(o.Due.Time) {
		o.Due = p.Due
	}
	if p.Kind == string(call.RingBack) {
		o.Hours = p.Hours
	}
	if p.Dialled != "" {
		o.Dialled, o.Keys, o.Intent = p.Dialled, p.Keys, p.Intent
	}
	if o.Safe != call.Unsafe {
		o.Safe = cmp.Or(p.Safe, o.Safe)
	}
	if p.NotBefore.After(o.NotBefore.Time) {
		o.NotBefore = p.NotBefore
	}
	o.Promised, o.Attempts, o.Language = o.Promised || p.Promised, max(o.Attempts, p.Attempts), cmp.Or(p.Language, o.Language)
	o.Caller, o.CallerE164, o.Region = p.Caller, p.CallerE164, p.Region
	o.Contacts++
	o.LastAt = moment(at)
	o.Calls = append(o.Calls, p.ID)
	if len(o.Calls) > mostCalls {
		o.Calls = slices.Concat(o.Calls[:1], o.Calls[2:])
	}
}

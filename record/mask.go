package record

import (
	"slices"
	"strings"

	"weibao/call"
	"weibao/routing"
)

// Masked is the record for screens: the caller's number and the numbers of
// duty officers and other persons are masked wherever they stand, also in the
// words of the journey and of the note. Only the journal, the database and an
// export that asks for it hold whole numbers.
func (r Record) Masked() Record {
	hidden := []routing.Number{r.Caller, r.CallerE164}
	r.Attempts = slices.Clone(r.Attempts)
	for i, a := range r.Attempts {
		if a.Role != call.Police.String() {
			hidden = append(hidden, a.Number)
			r.Attempts[i].Number = routing.Number(a.Number.Masked())
		}
	}
	hide := hider(hidden)
	r.Caller, r.CallerE164 = routing.Number(r.Caller.Masked()), routing.Number(r.CallerE164.Masked())
	r.Reason = hide(r.Reason)
	for i := range r.Attempts {
		r.Attempts[i].Detail = hide(r.Attempts[i].Detail)
	}
	r.Transfers = slices.Clone(r.Transfers)
	for i := range r.Transfers {
		t := &r.Transfers[i]
		t.To, t.Reason, t.Attempts = hide(t.To), hide(t.Reason), maskAttempts(t.Attempts, hide)
	}
	r.Journey = slices.Clone(r.Journey)
	for i := range r.Journey {
		e := &r.Journey[i]
		e.Who, e.More = hide(e.Who), hide(e.More)
	}
	r.Trace = slices.Clone(r.Trace)
	for i := range r.Trace {
		r.Trace[i].Got, r.Trace[i].Want = hide(r.Trace[i].Got), hide(r.Trace[i].Want)
	}
	if r.FollowUp != nil {
		owed := *r.FollowUp
		owed.Why = hide(owed.Why)
		r.FollowUp = &owed
	}
	r.Note = maskNote(r.Note, hide)
	return r
}

// Masked is the filing for screens.
func (f Filing) Masked() Filing {
	hide := hider([]routing.Number{f.Caller})
	f.Caller = routing.Number(f.Caller.Masked())
	f.Attempts = maskAttempts(f.Attempts, hide)
	f.FilingDetails, f.Result = f.masked(hide), hide(f.Result)
	f.Entries = slices.Clone(f.Entries)
	for i := range f.Entries {
		f.Entries[i] = f.Entries[i].masked(hide)
	}
	return f
}

// hider replaces numbers in words. Service numbers such as 110 stay.
func hider(numbers []routing.Number) func(string) string {
	var pairs []string
	for _, n := range numbers {
		if masked := n.Masked(); masked != string(n) {
			pairs = append(pairs, string(n), masked)
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

func maskAttempts(attempts []Attempt, hide func(string) string) []Attempt {
	attempts = slices.Clone(attempts)
	for i := range attempts {
		a := &attempts[i]
		a.Number, a.Detail = routing.Number(hide(string(a.Number))), hide(a.Detail)
	}
	return attempts
}

func maskNote(note map[string]string, hide func(string) string) map[string]string {
	if note == nil {
		return nil
	}
	masked := make(map[string]string, len(note))
	for field, words := range note {
		masked[field] = hide(words)
	}
	return masked
}

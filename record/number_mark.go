package record

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"weibao/routing"
)

// NumberMark is what a supervisor has said of a telephone number. It changes
// how the plan treats the calls of that number ([routing.FactRisk]); it never
// keeps a caller from a person.
type NumberMark struct {
	ID         string         `json:"id"`
	Number     routing.Number `json:"number"` // as it was marked
	NumberE164 routing.Number `json:"number_e164,omitempty"`
	// Kind is routing.RiskFlagged or routing.RiskLimited.
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	By     string `json:"by"`
	At     Moment `json:"at"`
	// Until is when it ends by itself; zero for a flag that stays until it is
	// lifted.
	Until      Moment `json:"until,omitzero"`
	LiftedAt   Moment `json:"lifted_at,omitzero"`
	LiftedBy   string `json:"lifted_by,omitempty"`
	LiftReason string `json:"lift_reason,omitempty"`
}

func (NumberMark) change() {}

// LongestLimit is how long a number may be limited at once. Abuse that goes on
// is looked at again by a person; a telephone passes to another child.
const LongestLimit = 30 * 24 * time.Hour

// ErrMark says that a mark can not be made or lifted as it was asked for.
var ErrMark = errors.New("mark")

// Holds reports whether the mark counts at that time.
func (m NumberMark) Holds(at time.Time) bool {
	return m.LiftedAt.IsZero() && !at.Before(m.At.Time) && (m.Until.IsZero() || at.Before(m.Until.Time))
}

// Masked is the mark for screens.
func (m NumberMark) Masked() NumberMark {
	hide := hider([]routing.Number{m.Number, m.NumberE164})
	m.Number, m.NumberE164 = routing.Number(m.Number.Masked()), routing.Number(m.NumberE164.Masked())
	m.Reason, m.LiftReason = hide(m.Reason), hide(m.LiftReason)
	return m
}

// person is whose mark it is; empty for a number that is nobody's own.
func (m NumberMark) person() string {
	if m.NumberE164 == "" && !routing.Digits(string(m.Number)) {
		return ""
	}
	return personOf("", m.Number, m.NumberE164)
}

// marked are the marks that hold, as every arriving call asks for them. It
// calls nothing while it is locked.
type marked struct {
	known func(routing.Number) routing.Number

	mu    sync.RWMutex
	marks map[string][]NumberMark // by person
	taken int                     // how often a mark was taken in
}

// risk is the fact of a number at that time: a known risk counts more than any
// limit.
func (m *marked) risk(number routing.Number, at time.Time) string {
	m.mu.RLock()
	none := len(m.marks) == 0
	m.mu.RUnlock()
	if none {
		return ""
	}
	person := NumberMark{Number: number, NumberE164: m.known(number)}.person()
	m.mu.RLock()
	defer m.mu.RUnlock()
	risk := ""
	for _, mark := range m.marks[person] {
		if mark.Holds(at) && risk != routing.RiskFlagged {
			risk = mark.Kind
		}
	}
	return risk
}

// hold takes a mark in, or the end of one.
func (m *marked) hold(mark NumberMark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken++
	person := mark.person()
	rest := slices.DeleteFunc(slices.Clone(m.marks[person]), func(held NumberMark) bool { return held.ID == mark.ID })
	if mark.LiftedAt.IsZero() {
		rest = append(rest, mark)
	}
	if m.marks == nil {
		m.marks = make(map[string][]NumberMark)
	}
	m.marks[person] = rest
	if len(rest) == 0 {
		delete(m.marks, person)
	}
}

// replace takes over what the database knows, unless a mark was taken in while
// the database was asked: it might not have known that one.
func (m *marked) replace(all []NumberMark, taken int) {
	marks := make(map[string][]NumberMark)
	for _, mark := range all {
		marks[mark.person()] = append(marks[mark.person()], mark)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.taken == taken {
		m.marks = marks
	}
}

func (m *marked) count() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.taken
}

// MarkNumber keeps a mark of a number; who makes it is By. ID and At are set
// here. It counts from the next call on, when it is on the local disk.
func (r *Registry) MarkNumber(ctx context.Context, m NumberMark) (NumberMark, error) {
	m.At = moment(time.Now())
	m.NumberE164 = r.marked.known(m.Number)
	m.ID = m.At.Format("20060102") + "-" + strings.ToLower(rand.Text()[:8])
	if err := m.check(); err != nil {
		return NumberMark{}, err
	}
	if err := r.keepMark(ctx, m); err != nil {
		return NumberMark{}, err
	}
	return m, nil
}

// check refuses what must not be kept.
func (m NumberMark) check() error {
	switch {
	case m.person() == "":
		return fmt.Errorf("%w: this is not a number that can be told from others (withheld, or not a number)", ErrMark)
	case m.Kind != routing.RiskFlagged && m.Kind != routing.RiskLimited:
		return fmt.Errorf("%w: kind %q: want %s or %s", ErrMark, m.Kind, routing.RiskFlagged, routing.RiskLimited)
	case strings.TrimSpace(m.Reason) == "" || m.By == "":
		return fmt.Errorf("%w: it needs a reason, and a person who answers for it", ErrMark)
	case m.Kind == routing.RiskLimited && m.Until.IsZero():
		return fmt.Errorf("%w: a limit needs an end (until), at most %d days away", ErrMark, LongestLimit/(24*time.Hour))
	case !m.Until.IsZero() && !m.Until.After(m.At.Time):
		return fmt.Errorf("%w: its end (until %s) is over already", ErrMark, m.Until)
	case m.Kind == routing.RiskLimited && m.Until.Sub(m.At.Time) > LongestLimit:
		return fmt.Errorf("%w: a limit lasts at most %d days; look at it again then", ErrMark, LongestLimit/(24*time.Hour))
	}
	return nil
}

// LiftMark ends a mark before its time.
func (r *Registry) LiftMark(ctx context.Context, m NumberMark, by, reason string) (NumberMark, error) {
	if strings.TrimSpace(reason) == "" || by == "" {
		return NumberMark{}, fmt.Errorf("%w: to lift it needs a reason, and a person who answers for it", ErrMark)
	}
	m.LiftedAt, m.LiftedBy, m.LiftReason = moment(time.Now()), by, reason
	if err := r.keepMark(ctx, m); err != nil {
		return NumberMark{}, err
	}
	return m, nil
}

func (r *Registry) keepMark(ctx context.Context, m NumberMark) error {
	if err := r.submit(ctx, &request{kind: KindNumberMark, body: m, retry: true}); err != nil {
		return fmt.Errorf("keep mark %s: %w", m.ID, err)
	}
	r.marked.hold(m)
	r.shown(ctx, "mark "+m.ID)
	return nil
}

// recallMarks takes over the marks that the store has: of the time before the
// start, and of other gateways.
func (r *Registry) recallMarks(ctx context.Context, at time.Time) error {
	taken := r.marked.count()
	if err := r.Flush(ctx); err != nil { // else a mark that was just made would be forgotten
		return fmt.Errorf("look for marked numbers: %w", err)
	}
	marks, err := r.store.NumberMarks(ctx, at)
	if err != nil {
		return fmt.Errorf("look for marked numbers: %w", err)
	}
	r.marked.replace(marks, taken)
	return nil
}

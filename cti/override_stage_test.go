package cti

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

// dutyLedger is a journal in memory: what it was given, line by line.
type dutyLedger struct {
	mu        sync.Mutex
	overrides []routing.Override
	notes     []routing.HandOver
	refuse    error
}

func (l *dutyLedger) Override(_ context.Context, o routing.Override) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.overrides = append(l.overrides, o)
	return l.refuse
}

func (l *dutyLedger) HandOver(_ context.Context, h routing.HandOver) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, h)
	return l.refuse
}

func (l *dutyLedger) refuses(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse = err
}

// lines are the states of an override in the journal, in order.
func (l *dutyLedger) lines(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var words []string
	for _, o := range l.overrides {
		if o.ID == id {
			words = append(words, string(o.State))
		}
	}
	return strings.Join(words, " ")
}

// read is what a gateway that starts again finds in the journal.
func (l *dutyLedger) read() ([]routing.Override, []routing.HandOver) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := make(map[string]routing.Override)
	for _, o := range l.overrides {
		if held, has := last[o.ID]; !has || o.Supersedes(held) {
			last[o.ID] = o
		}
	}
	return slices.Collect(maps.Values(last)), slices.Clone(l.notes)
}

// dutyMemory is a store in memory that can be away; dutyStoreConforms keeps it
// honest. Swap may do its work and lose the answer.
type dutyMemory struct {
	mu       sync.Mutex
	pages    map[string]DutyEntry
	watchers map[*call.Mailbox[DutyEntry]]context.CancelFunc
	away     bool
	lose     bool
}

var errDutyAway = errors.New("the store is away")

func newDutyMemory() *dutyMemory {
	return &dutyMemory{pages: make(map[string]DutyEntry), watchers: make(map[*call.Mailbox[DutyEntry]]context.CancelFunc)}
}

func (m *dutyMemory) All(context.Context) ([]DutyEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return nil, errDutyAway
	}
	return slices.Collect(maps.Values(m.pages)), nil
}

func (m *dutyMemory) Swap(_ context.Context, page DutyEntry) (DutyEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return DutyEntry{}, errDutyAway
	}
	stored, next := m.pages[page.key()], page
	next.Version++
	if stored.Version > page.Version {
		if stored.Version == next.Version && stored.says(next) {
			return next, nil
		}
		return DutyEntry{}, &StaleDutyError{Stored: stored}
	}
	m.pages[page.key()] = next
	for w := range m.watchers {
		w.Put(next)
	}
	if m.lose {
		return DutyEntry{}, errDutyAway
	}
	return next, nil
}

func (m *dutyMemory) Watch(ctx context.Context) (<-chan DutyEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return nil, errDutyAway
	}
	ctx, cut := context.WithCancel(ctx)
	box, out := call.NewMailbox[DutyEntry](), make(chan DutyEntry)
	m.watchers[box] = cut
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case <-box.Ready():
			}
			for _, page := range box.TakeAll() {
				select {
				case out <- page:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// set takes the store away, which breaks every watch, or brings it back.
func (m *dutyMemory) set(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
	for box, cut := range m.watchers {
		cut()
		delete(m.watchers, box)
	}
}

func (m *dutyMemory) loses(answers bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lose = answers
}

// stand is the state of an override in the store, with its version.
func (m *dutyMemory) stand(id string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	page := m.pages[overrideKey(id)]
	if page.Override == nil {
		return "none"
	}
	return fmt.Sprint(page.Override.State, " ", page.Version)
}

// dutyStage is a book of one gateway that runs.
type dutyStage struct {
	*DutyBook
	t      *testing.T
	ledger *dutyLedger
	seen   chan DutyEntry // every change, as the screens are told
	finish func()
}

func newDutyStage(t *testing.T, o DutyOptions) *dutyStage {
	t.Helper()
	s := &dutyStage{t: t, ledger: &dutyLedger{}, seen: make(chan DutyEntry, 1<<12)}
	if held, ok := o.Journal.(*dutyLedger); ok {
		s.ledger = held
	}
	tell := o.OnChange
	o.Journal, o.OnChange = s.ledger, func(page DutyEntry) {
		s.seen <- page
		if tell != nil {
			tell(page)
		}
	}
	if o.Patience == 0 {
		o.Patience = time.Second // a busy machine is not a Redis that is away
	}
	var err error
	if s.DutyBook, err = NewDutyBook(o); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.finish = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.finish)
	return s
}

// wish is an override that nobody has asked for yet.
func wish(id string) routing.Override {
	tonight := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	return routing.Override{ID: id, Post: "222400", Why: "发烧 " + id, Changes: []routing.DutyChange{{
		From: tonight, To: tonight.Add(12 * time.Hour), Out: "jin.yongzhe",
		In: routing.Officer{Name: "朴明花", Numbers: []string{"13900000434"}},
	}}}
}

// asks takes a new override and wants it taken.
func (s *dutyStage) asks(id string, to routing.OverrideState) Kept {
	s.t.Helper()
	got, kept, err := s.Ask(s.t.Context(), wish(id), to, "1009 金美善")
	if err != nil || kept.Err != nil || got.State != to {
		s.t.Fatalf("ask %s: %s, %+v, %v", id, got.State, kept, err)
	}
	return kept
}

// moves takes a step and wants it taken.
func (s *dutyStage) moves(id string, to routing.OverrideState) Kept {
	s.t.Helper()
	got, kept, err := s.Move(s.t.Context(), id, to, "1019 赵敏")
	if err != nil || kept.Err != nil || got.State != to {
		s.t.Fatalf("%s %s: %s, %+v, %v", id, to, got.State, kept, err)
	}
	return kept
}

// stands is the state of an override as this gateway knows it.
func (s *dutyStage) stands(id string) string {
	o, ok := s.Find(id)
	if !ok {
		return "none"
	}
	return string(o.State)
}

// sees waits until this gateway knows the override in that state, by the
// changes that it tells.
func (s *dutyStage) sees(most time.Duration, id string, state routing.OverrideState) time.Duration {
	s.t.Helper()
	began, limit := time.Now(), time.After(most)
	for s.stands(id) != string(state) {
		select {
		case <-s.seen:
		case <-limit:
			s.t.Fatalf("override %s is %s after %v, want %s", id, s.stands(id), most, state)
		}
	}
	return time.Since(began)
}

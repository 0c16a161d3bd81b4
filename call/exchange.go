package call

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"weibao/routing"
)

// Exchange holds the sessions of all live calls and brings every event to its
// call. It is safe for use by several goroutines.
type Exchange struct {
	line     Line
	floor    Floor
	registry Registry
	guide    func() *Guide
	facts    func(routing.Number, time.Time) map[string]string
	waited   func(Role, time.Duration)
	duty     func() *routing.Overrides
	onChange func(Call)
	silent   bool // nothing is recorded
	memory   *memory
	newID    func() ID
	ringer   *ringer
	log      *slog.Logger
	ctx      context.Context //nolint:containedctx // the life of all sessions, ended by Stop
	stop     context.CancelFunc
	sessions sync.WaitGroup

	mu       sync.RWMutex
	calls    map[ID]*session
	legs     map[LegID]*session
	ledger   ledger
	stats    Stats
	requests uint64
}

// Options are what an Exchange is made of.
type Options struct {
	Line     Line
	Floor    Floor
	Registry Registry
	// Guide returns the configuration that a new call arrives with.
	Guide func() *Guide
	// Facts returns what is known of a caller whose call arrives; nil for
	// nothing. It must not block.
	Facts func(caller routing.Number, at time.Time) map[string]string
	// Duty returns the duty overrides of the moment, the same pointer as long as
	// nothing has changed; nil for none. Each event is decided with those of its
	// own moment: a call keeps its guide, but rings whoever is on duty now. It
	// must not block.
	Duty func() *routing.Overrides
	// Waited is told how long a caller stood in line and how that ended: with
	// the role of the first person who answered, or Citizen when the caller
	// left. It must not block; nil for nobody.
	Waited func(by Role, waited time.Duration)
	// OnChange is told of every change of a call with a copy of it. It must
	// not block; nil for nobody.
	OnChange func(Call)
	// Unrecorded: no talk is recorded.
	Unrecorded bool
	// Snapshots keep the calls for a later life of the gateway; nil for none.
	Snapshots Snapshots
	// FollowUps keep what callers are owed; nil: nobody is promised anything.
	FollowUps FollowUps
	// NewID names the calls that we place ourselves; nil: there are none.
	NewID func() ID
	Log   *slog.Logger
}

// Stats are the counters of an exchange. Arrived - Live - the sum of Ended is
// the ledger of promise 5 and must be 0.
type Stats struct {
	Arrived int
	Live    int
	Ended   map[Outcome]int
	// Unkept counts calls whose record could not be kept at once; they are a
	// difference in the ledger until it is (see Exchange.Kept).
	Unkept int
	// Missing names the calls of the ledger's difference, oldest first.
	Missing []Missing
	// Phases counts the live calls by phase.
	Phases map[Phase]int
	// Alone is the sum over all calls of the time a child was alone.
	Alone time.Duration
	// HungUp counts callers whom the system hung up on without an agent's
	// word: promise 2, must be 0.
	HungUp int
	// Unfiled counts calls to 110 placed before the filing was known to be on
	// the disk, and Unconcluded filings of ended calls without an outcome:
	// promise 3. The first is a disk at fault, the second a fault of ours.
	Unfiled     int
	Unconcluded int
	Panics      int
	Stray       int            // events for legs and calls that are not known
	Failed      map[string]int // commands that could not be carried out, by kind
}

// Ledger is the difference of promise 5: arrivals less live and ended calls.
func (s Stats) Ledger() int {
	ledger := s.Arrived - s.Live
	for _, n := range s.Ended {
		ledger -= n
	}
	return ledger
}

// NewExchange makes an exchange without calls.
func NewExchange(o Options) *Exchange {
	ctx, stop := context.WithCancel(context.Background())
	if o.OnChange == nil {
		o.OnChange = func(Call) {}
	}
	if o.Facts == nil {
		o.Facts = func(routing.Number, time.Time) map[string]string { return nil }
	}
	if o.Duty == nil {
		o.Duty = func() *routing.Overrides { return nil }
	}
	if o.Waited == nil {
		o.Waited = func(Role, time.Duration) {}
	}
	x := &Exchange{
		newID: o.NewID,
		facts: o.Facts, waited: o.Waited, duty: o.Duty, line: o.Line, floor: o.Floor, registry: o.Registry, guide: o.Guide, onChange: o.OnChange, silent: o.Unrecorded, log: o.Log,
		ctx: ctx, stop: stop, calls: make(map[ID]*session), legs: make(map[LegID]*session), ledger: make(ledger),
		memory: newMemory(o.Snapshots, o.Log),
		stats:  Stats{Ended: make(map[Outcome]int), Failed: make(map[string]int)},
	}
	x.ringer = newRinger(x, o.FollowUps)
	return x
}

// Stop ends the sessions without ending the calls: Asterisk carries on what
// was connected.
func (x *Exchange) Stop() {
	x.stop()
	x.sessions.Wait()
}

// Deliver brings an event to the call that the leg belongs to; Arrived opens
// a new one. It never blocks.
func (x *Exchange) Deliver(leg LegID, ev Event) {
	if arrived, ok := ev.(Arrived); ok {
		x.open(arrived)
		return
	}
	x.mu.RLock()
	s := x.legs[leg]
	x.mu.RUnlock()
	if s == nil || !s.box.Put(ev) {
		x.count(func(st *Stats) { st.Stray++ })
	}
}

// DeliverTo brings an event to a call by its id. An offer for a call that is
// gone is given back at once, so that no seat is held for nobody.
func (x *Exchange) DeliverTo(id ID, ev Event) {
	x.mu.RLock()
	s := x.calls[id]
	x.mu.RUnlock()
	if s != nil && s.box.Put(ev) {
		return
	}
	x.count(func(st *Stats) { st.Stray++ })
	if offered, ok := ev.(Offered); ok {
		o := offered.Offer
		cancelled := Report{Ticket: o.Ticket, Agent: o.Agent, Fence: o.Fence, What: SeenCancelled}
		if err := x.floor.Report(x.ctx, id, cancelled); err != nil {
			x.log.Warn("offer not given back", "call", id, "agent", o.Agent, "err", err)
		}
	}
}

// open begins the session of a new call. A second arrival of the same leg, as
// a reconnect may bring, changes nothing.
func (x *Exchange) open(ev Arrived) {
	ev.Unrecorded = x.silent
	if !ev.Resumed {
		ev.Facts = x.facts(ev.Caller, ev.When())
	}
	x.begin(ev.Call, ev.Leg, ev)
}

// begin makes the session of a call and gives it its first event.
func (x *Exchange) begin(id ID, leg LegID, ev Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.legs[leg] != nil || x.calls[id] != nil {
		return
	}
	s := &session{
		x: x, guide: x.guide(), box: NewMailbox[Event](), log: x.log.With("call", id),
		alarms: make(map[Alarm]*time.Timer), lanes: make(map[LegID]chan struct{}), replies: make(map[string]chan<- Reply),
	}
	seen := &Call{ID: id}
	x.calls[id], x.legs[leg] = s, s
	x.ledger[id] = &account{arrived: ev.When()}
	if arrived, ok := ev.(Arrived); ok {
		_, _, seen.Known = s.guide.comes(arrived) // before the call has been taken up nobody may ring its caller
		for _, p := range arrived.With {
			x.legs[p.Leg] = s // before the call has been taken up they may leave
		}
	}
	s.view.Store(seen)
	x.stats.Arrived++
	s.box.Put(ev)
	x.sessions.Go(func() { s.run(x.ctx) })
}

// index learns the legs that a step has added.
func (x *Exchange) index(s *session, next *Call) {
	if len(next.Legs) == len(s.call.Legs) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range next.Legs {
		x.legs[next.Legs[i].ID] = s
	}
}

// ended takes a call out of the live ones and into the ledger, in one act.
func (x *Exchange) ended(c Call, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.calls, c.ID)
	for i := range c.Legs {
		delete(x.legs, c.Legs[i].ID)
	}
	x.stats.Alone += c.Alone()
	for i := range c.Transfers {
		if tr := &c.Transfers[i]; tr.Files && (tr.Filing == "" || tr.Outcome == "") {
			x.stats.Unconcluded++
		}
	}
	if !x.ledger.close(&c, err) {
		x.stats.Unkept++
		return
	}
	x.stats.Ended[c.Ending.Outcome]++
}

func (x *Exchange) count(f func(*Stats)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f(&x.stats)
}

// Stats returns a copy of the counters.
func (x *Exchange) Stats() Stats {
	x.mu.RLock()
	defer x.mu.RUnlock()
	stats := x.stats
	stats.Live, stats.Missing = len(x.calls), x.ledger.missing(x.calls)
	stats.Ended, stats.Failed = maps.Clone(x.stats.Ended), maps.Clone(x.stats.Failed)
	stats.Phases = make(map[Phase]int)
	for _, s := range x.calls {
		c := s.view.Load()
		stats.Phases[c.Phase]++
		stats.Alone += c.Alone()
	}
	return stats
}

// Live returns copies of the calls that have not ended, oldest first.
func (x *Exchange) Live() []Call {
	x.mu.RLock()
	defer x.mu.RUnlock()
	calls := make([]Call, 0, len(x.calls))
	for _, s := range x.calls {
		calls = append(calls, *s.view.Load())
	}
	slices.SortFunc(calls, func(a, b Call) int { return cmp.Compare(a.ID, b.ID) })
	return calls
}

// Find returns a copy of a live call.
func (x *Exchange) Find(id ID) (Call, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if s := x.calls[id]; s != nil {
		return *s.view.Load(), true
	}
	return Call{}, false
}

// Knows reports whether a live call counts on a leg. One that the call has let
// go, and that is still there, is nobody's.
func (x *Exchange) Knows(leg LegID) bool {
	x.mu.RLock()
	s := x.legs[leg]
	x.mu.RUnlock()
	if s == nil {
		return false
	}
	l := s.view.Load().Leg(leg)
	return l == nil || l.Live() // no leg yet: the call has only just arrived
}

// RefusedError is why a call did not grant a wish, in words for people.
type RefusedError string

// Error makes a refusal an error.
func (r RefusedError) Error() string { return string(r) }

// Refused returns the words for people.
func (r RefusedError) Refused() string { return string(r) }

// ErrNoCall is returned by Ask for a call that is not live.
var ErrNoCall = RefusedError("没有这个通话，或者已经结束")

// Ask brings an agent's wish to a call and waits for its answer: nil when it
// was granted, a RefusedError otherwise.
func (x *Exchange) Ask(ctx context.Context, id ID, by routing.AgentID, w Wish) error {
	x.mu.Lock()
	s := x.calls[id]
	x.requests++
	request := strconv.FormatUint(x.requests, 10)
	x.mu.Unlock()
	if s == nil {
		return ErrNoCall
	}
	reply := s.await(request)
	if !s.box.Put(Asked{At: At(time.Now()), Request: request, By: by, Wish: w}) {
		return ErrNoCall
	}
	select {
	case r := <-reply:
		if r.Refused != "" {
			return RefusedError(r.Refused)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package cti

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
	"weibao/routing"
)

// Errors of the dispatcher.
var (
	// ErrNoAgent is returned for an agent that the roster does not have.
	ErrNoAgent = errors.New("no such agent")
	// ErrStopped is returned when the dispatcher does not run any more.
	ErrStopped = errors.New("the floor is closed")
)

// FloorOptions are what a dispatcher needs. Deliver and Live are required;
// every other zero value means its default.
type FloorOptions struct {
	// Gateway names this gateway in the standings; it must be the same after
	// a restart and differ between gateways. Default "weibao".
	Gateway string
	// Standings is where standings are shared. Default: memory.
	Standings Standings
	// Tickets is where gateways tell each other who waits with them. Nil: there
	// is no other gateway.
	Tickets Tickets
	// Deliver gives an event to a call. It must return at once and must not
	// call the dispatcher; it is called on the dispatcher's goroutine.
	Deliver func(call.ID, call.Event)
	// Live reports whether the call lives in this gateway. Same rules. It must
	// know the calls found after a restart before Run is called.
	Live func(call.ID) bool
	// OnChange is called after the floor has changed, at most once a step.
	// Same rules; take a View afterwards, from elsewhere.
	OnChange func()
	// Clock is the time of day. Default: time.Now.
	Clock   func() time.Time
	Log     *slog.Logger
	Metrics prometheus.Registerer

	// RingFor is for seats whose queue says nothing. Default 15 s.
	RingFor time.Duration
	// Grace is added to a ring before its deadline. Default 5 s.
	Grace time.Duration
	// RingLimit ends any claim that never became a talk. Default 2 min.
	RingLimit time.Duration
	// Refusals are for seats whose queue says nothing. Default 30 s after a
	// rejected ring, 10 s after a busy one and one not answered, 30 s after one
	// without a sign of the phone; away after 2.
	Refusals routing.Refusals
	// DeskGrace is how long a seat stays ready whose desk has gone: a page that
	// is loaded again does no harm. Default 10 s.
	DeskGrace time.Duration
	// SeatLog is told of every change of a seat that is made here, Notice of what
	// supervisors should know. Same rules as Deliver. Default: nobody.
	SeatLog func(routing.SeatChange)
	Notice  func(Notice)
	// TalkCheck is between checks that the call of a talk is live. Default 1 min.
	TalkCheck time.Duration
	// ForeignGrace is how long after its deadline the work of another
	// gateway's seat is left to that gateway. Default 90 s.
	ForeignGrace time.Duration
	// Patience is the longest wait for the store. Default 300 ms.
	Patience time.Duration
	// Probe is between attempts to reach a store that is away. Default 500 ms.
	Probe time.Duration
	// Refresh is between full readings of the store. Default 10 s.
	Refresh time.Duration
	// Beat is between signs of life to the other gateways. Default 250 ms.
	// Without one for SilentAfter the tickets of a gateway do not count.
	// Default 1 s. ForgetAfter that long they are removed. Default 10 min.
	Beat, SilentAfter, ForgetAfter time.Duration
	// LeaveFor is how long a seat is left to another gateway whose ticket is
	// first in line. Default 200 ms. When it is in vain, the tickets of that
	// gateway are passed over for PassFor, twice as long each time in a row,
	// up to 30 s. Default 1 s.
	LeaveFor, PassFor time.Duration
}

func (o *FloorOptions) validate() error {
	if o.Deliver == nil || o.Live == nil {
		return errors.New("floor: Deliver and Live are required")
	}
	if o.Gateway == "" {
		o.Gateway = "weibao"
	}
	if o.Standings == nil {
		o.Standings = NewMemory()
	}
	if o.OnChange == nil {
		o.OnChange = func() {}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SeatLog == nil {
		o.SeatLog = func(routing.SeatChange) {}
	}
	if o.Notice == nil {
		o.Notice = func(Notice) {}
	}
	if o.Refusals.MaxNoAnswer == 0 {
		o.Refusals.MaxNoAnswer = 2
	}
	orElse(map[*time.Duration]time.Duration{
		&o.RingFor: 15 * time.Second, &o.Grace: 5 * time.Second, &o.RingLimit: 2 * time.Minute,
		&o.Refusals.RejectDelay: 30 * time.Second, &o.Refusals.BusyDelay: 10 * time.Second,
		&o.Refusals.NoAnswerDelay: 10 * time.Second, &o.Refusals.UnreachableDelay: 30 * time.Second,
		&o.DeskGrace: 10 * time.Second, &o.TalkCheck: time.Minute,
		&o.ForeignGrace: 90 * time.Second, &o.Patience: 300 * time.Millisecond,
		&o.Probe: 500 * time.Millisecond, &o.Refresh: 10 * time.Second,
		&o.Beat: 250 * time.Millisecond, &o.SilentAfter: time.Second, &o.ForgetAfter: 10 * time.Minute,
		&o.LeaveFor: 200 * time.Millisecond, &o.PassFor: time.Second,
	})
	return nil
}

// orElse sets durations that are zero to what they are otherwise.
func orElse(defaults map[*time.Duration]time.Duration) {
	for at, otherwise := range defaults {
		if *at == 0 {
			*at = otherwise
		}
	}
}

// Dispatcher gives waiting callers to free seats. One goroutine, in Run, owns
// the floor; everything else sends it commands through a mailbox that never
// drops, and no command waits for the store.
type Dispatcher struct {
	opts     FloorOptions
	metrics  *floorMetrics
	mail     *call.Mailbox[func(*floor)]
	link     *link
	poster   *poster // nil without other gateways
	degraded atomic.Bool
	done     chan struct{}
}

var _ call.Floor = (*Dispatcher)(nil)

// NewDispatcher makes a dispatcher. Commands may be given at once; they are
// carried out when Run runs.
func NewDispatcher(o FloorOptions) (*Dispatcher, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	d := &Dispatcher{opts: o, mail: call.NewMailbox[func(*floor)](), done: make(chan struct{})}
	d.metrics = newFloorMetrics(o.Metrics, d.mail.Depth)
	d.link = newLink(&d.opts, d.mail)
	d.poster = newPoster(&d.opts, d.mail)
	return d, nil
}

// Run owns the floor until ctx is done, then writes what it still owes to the
// store. It is called once.
func (d *Dispatcher) Run(ctx context.Context) error {
	defer close(d.done)
	f := newFloor(d)
	var aids sync.WaitGroup
	aiding, stop := context.WithCancel(ctx)
	for range writers {
		aids.Go(func() { d.link.write(aiding) })
	}
	aids.Go(func() { d.link.follow.run(aiding) })
	if d.poster != nil {
		aids.Go(func() { d.poster.run(aiding) })
		aids.Go(func() { d.poster.follow.run(aiding) })
	}
	f.loop(ctx)
	stop()
	aids.Wait()
	f.close(context.WithoutCancel(ctx))
	return nil
}

// Enqueue puts a ticket in line, or replaces the one of the same id, keeping
// an offer that is out. Its age is what the ticket says.
func (d *Dispatcher) Enqueue(_ context.Context, id call.ID, t routing.Ticket) error {
	return d.tell(func(f *floor) { f.enqueue(id, t) })
}

// Withdraw takes a ticket out of line. A seat that has been offered to it
// stays claimed until the call reports.
func (d *Dispatcher) Withdraw(_ context.Context, t routing.TicketID) error {
	return d.tell(func(f *floor) { f.withdraw(t) })
}

// Report tells what became of an offered seat. One with a stale fence changes
// nothing and is counted.
func (d *Dispatcher) Report(_ context.Context, id call.ID, r call.Report) error {
	return d.tell(func(f *floor) { f.report(id, r) })
}

// SetPresence keeps what an agent says of itself. Saying ready ends its
// after-call work and its rest.
func (d *Dispatcher) SetPresence(ctx context.Context, id routing.AgentID, p routing.Presence, reason string) error {
	said := ErrNoAgent
	err := d.ask(ctx, func(f *floor) {
		if c, ok := f.chairs[id]; ok && c.on {
			f.say(c, p, reason)
			said = nil
		}
	})
	if err != nil {
		return err
	}
	return said
}

// DeskOpened says that the agent has opened a desk here, DeskClosed that one
// has gone. An agent that never opened one is judged without.
func (d *Dispatcher) DeskOpened(id routing.AgentID) {
	_ = d.tell(func(f *floor) { f.desk(id, 1) })
}

// DeskClosed says that a desk of the agent has gone; see DeskOpened.
func (d *Dispatcher) DeskClosed(id routing.AgentID) {
	_ = d.tell(func(f *floor) { f.desk(id, -1) })
}

// SetReachable keeps whether Asterisk can reach the agent's phone.
func (d *Dispatcher) SetReachable(id routing.AgentID, reachable bool) {
	_ = d.tell(func(f *floor) { f.reach(id, reachable) })
}

// SetRoster says which seats there are and which queues they serve, at start
// and after a reload. A seat that is not in it any more finishes its work.
func (d *Dispatcher) SetRoster(seats []Seat, queues map[string]routing.Queue) {
	_ = d.tell(func(f *floor) { f.enrol(seats, queues) })
}

// View is the floor at this instant.
func (d *Dispatcher) View(ctx context.Context) (View, error) {
	var v View
	if err := d.ask(ctx, func(f *floor) { v = f.view() }); err != nil {
		return View{}, err
	}
	v.arrange()
	return v, nil
}

// Degraded reports whether the store is away and the gateway goes on alone.
func (d *Dispatcher) Degraded() bool { return d.degraded.Load() }

func (d *Dispatcher) tell(command func(*floor)) error {
	select {
	case <-d.done:
		return ErrStopped
	default:
		d.mail.Put(command)
		return nil
	}
}

// ask waits until the command has been carried out.
func (d *Dispatcher) ask(ctx context.Context, command func(*floor)) error {
	heard := make(chan struct{})
	if err := d.tell(func(f *floor) { command(f); close(heard) }); err != nil {
		return err
	}
	select {
	case <-heard:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-d.done:
		return ErrStopped
	}
}

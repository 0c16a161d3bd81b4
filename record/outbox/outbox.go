package outbox

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/record"
)

// Options of an Outbox. Store is needed.
type Options struct {
	Store *Store
	// Alarm writes into the journal that a person has to look at something.
	Alarm func(ctx context.Context, what, detail string) error
	// Show pushes an event to the screens of this gateway; it must not block.
	Show    func(Event, record.Filing)
	Log     *slog.Logger
	Metrics prometheus.Registerer

	// First and Most are the shortest and the longest pause after a failure; 2 s
	// and 15 min by default.
	First, Most time.Duration
	// GiveUp is how long a delivery is tried; a day by default.
	GiveUp time.Duration
	// Overdue is after how long a delivery that nobody has acknowledged alarms;
	// 15 min by default.
	Overdue time.Duration
	// Poll is how often a worker looks for what other gateways have left; 2 s by
	// default.
	Poll time.Duration
	// Daily is when the list of what is open is told, as time of day in China's
	// zone; 8 h after midnight by default.
	Daily time.Duration
}

// Outbox tells the receivers of filings. Run owns the workers; Set and Wake
// may be called by anybody.
type Outbox struct {
	Options
	metrics *metrics
	crier   *crier
	wake    chan struct{} // for the keeper, which wakes the workers
	set     chan struct{}

	mu        sync.Mutex // a leaf
	receivers []Receiver
}

// New makes an outbox without receivers.
func New(o Options) (*Outbox, error) {
	if o.Store == nil {
		return nil, errors.New("outbox: no store")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Alarm == nil {
		o.Alarm = func(context.Context, string, string) error { return nil }
	}
	if o.Show == nil {
		o.Show = func(Event, record.Filing) {}
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.First, 2 * time.Second},
		{&o.Most, 15 * time.Minute},
		{&o.GiveUp, 24 * time.Hour},
		{&o.Overdue, 15 * time.Minute},
		{&o.Poll, 2 * time.Second},
		{&o.Daily, 8 * time.Hour},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	box := &Outbox{Options: o, metrics: newMetrics(o.Metrics), wake: make(chan struct{}, 1), set: make(chan struct{}, 1)}
	box.crier = &crier{Outbox: box, bell: make(chan struct{}, 1), since: time.Now(), shown: make(map[string]time.Time)}
	return box, nil
}

// Set replaces the receivers. Attempts under way come to their end first.
func (o *Outbox) Set(all []Receiver) error {
	for _, r := range all {
		if err := r.validate(); err != nil {
			return err
		}
	}
	o.mu.Lock()
	o.receivers = all
	o.mu.Unlock()
	nudge(o.set)
	return nil
}

// Wake says that there may be something to tell. It never waits.
func (o *Outbox) Wake() { nudge(o.wake) }

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run works until the context ends.
func (o *Outbox) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		o.mu.Lock()
		all := o.receivers
		o.mu.Unlock()
		o.serve(ctx, all)
	}
	return nil
}

// serve works with these receivers until there are others.
func (o *Outbox) serve(ctx context.Context, all []Receiver) {
	stop := make(chan struct{})
	var working sync.WaitGroup
	defer working.Wait()
	defer close(stop)
	workers := make([]*worker, 0, len(all))
	for _, r := range all {
		w := &worker{Outbox: o, receiver: r, bell: make(chan struct{}, 1), stop: stop}
		workers = append(workers, w)
		working.Go(func() { w.run(ctx) })
	}
	working.Go(func() { o.crier.run(ctx, stop) })
	keeper := &keeper{Outbox: o, receivers: all}
	working.Go(func() { keeper.run(ctx, stop) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.set:
			return
		case <-o.wake:
			nudge(o.crier.bell)
			for _, w := range workers {
				nudge(w.bell)
			}
		}
	}
}

// keptEvery is between looks at what is open.
const keptEvery = 30 * time.Second

// keeper is the goroutine that enters the receivers, keeps the gauges and
// tells once a day what is open.
type keeper struct {
	*Outbox
	receivers []Receiver
	told      time.Time // the day that was told last
}

func (k *keeper) run(ctx context.Context, stop <-chan struct{}) {
	k.told = k.day(time.Now())
	for {
		again := keptEvery
		if err := k.look(ctx, time.Now()); err != nil && ctx.Err() == nil {
			again = k.Poll
			k.Log.Warn("what is owed to the receivers of filings is not known", "err", err)
		}
		if !rest(ctx, stop, nil, again) {
			return
		}
	}
}

// storeLimit bounds one use of the database.
const storeLimit = 10 * time.Second

func (k *keeper) look(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	if err := k.Store.Register(ctx, k.receivers, now); err != nil {
		return err
	}
	k.Wake()
	open, err := k.Store.Open(ctx, now)
	if err != nil {
		return err
	}
	k.metrics.standing(k.receivers, open, now.Add(-k.Overdue))
	if day := k.day(now); day.After(k.told) {
		k.told = day
		k.tell(ctx, open)
	}
	return nil
}

// day is the daily list that was last due.
func (k *keeper) day(now time.Time) time.Time {
	local := record.MomentOf(now.Add(-k.Daily)).Time
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
}

// tell puts what is open where people look, one line each.
func (k *keeper) tell(ctx context.Context, open []Standing) {
	for _, d := range open {
		k.Log.Error("报备没有回执 (not acknowledged)", "filing", d.Filing, "what", d.What, "receiver", d.Receiver,
			"owner", d.Owner, "state", d.State, "since", d.Since, "attempts", d.Attempts, "detail", d.Detail)
	}
	if len(open) > 0 {
		k.alarm(ctx, "filings_not_acknowledged", words(open))
	}
}

// words are the open deliveries in one line for the journal.
func words(open []Standing) string {
	lines := make([]string, 0, len(open))
	for _, d := range open {
		lines = append(lines, d.Filing+" "+string(d.What)+" → "+d.Receiver+" ("+d.Owner+")")
	}
	return strings.Join(lines, "; ")
}

func (o *Outbox) alarm(ctx context.Context, what, detail string) {
	o.metrics.alarms.WithLabelValues(what).Inc()
	if err := o.Alarm(ctx, what, detail); err != nil {
		o.Log.Error("alarm is not in the journal", "what", what, "err", err)
	}
}

// rest waits; false when it is over.
func rest(ctx context.Context, stop <-chan struct{}, bell <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-stop:
		return false
	case <-bell:
	case <-timer.C:
	}
	return true
}

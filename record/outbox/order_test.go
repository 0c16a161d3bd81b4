package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weibao/record"
	"weibao/record/outbox"
)

// sendFunc is a receiver that is played.
type sendFunc func(context.Context, outbox.Delivery) (outbox.Receipt, error)

func (f sendFunc) Send(ctx context.Context, d outbox.Delivery) (outbox.Receipt, error) {
	return f(ctx, d)
}

func taken() (outbox.Receipt, error) {
	return outbox.Receipt{AcknowledgedAt: time.Now(), By: "test"}, nil
}

// takesAll is a receiver without fault; it notes when it was told.
type takesAll struct {
	mu sync.Mutex
	at []time.Time
}

func (r *takesAll) Send(context.Context, outbox.Delivery) (outbox.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = append(r.at, time.Now())
	return taken()
}

func TestOneSlowReceiverDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
		good := &takesAll{}
		late := func(after time.Duration) sendFunc {
			return func(ctx context.Context, _ outbox.Delivery) (outbox.Receipt, error) {
				select {
				case <-time.After(after):
					return taken()
				case <-ctx.Done():
					return outbox.Receipt{}, ctx.Err()
				}
			}
		}
		var all []outbox.Receiver
		for name, sender := range map[string]outbox.Sender{
			"hangs": late(1000 * time.Hour), "30s": late(30 * time.Second), "slow": late(9 * time.Second),
			"500": sendFunc(func(context.Context, outbox.Delivery) (outbox.Receipt, error) {
				return outbox.Receipt{}, errors.New("500")
			}),
			"faulty": sendFunc(func(context.Context, outbox.Delivery) (outbox.Receipt, error) { panic("a fault of the sender") }),
			"good":   good,
		} {
			all = append(all, outbox.Receiver{Name: name, Kind: "hook", Owner: "省平台", Limit: 10 * time.Second, Sender: sender})
		}
		box := newBox(t, g.one, outbox.Options{})
		run := start(t, box, all)
		time.Sleep(time.Minute) // the receivers are entered
		const filings = 30
		var want []time.Time
		for i := range filings {
			want = append(want, time.Now())
			g.apply(filing(fmt.Sprintf("JL-20261123-%04d", i), time.Now()))
			box.Wake()
			time.Sleep(7 * time.Second)
		}
		run.stop()
		good.mu.Lock()
		defer good.mu.Unlock()
		if len(good.at) != filings {
			t.Fatalf("told %d times, want %d", len(good.at), filings)
		}
		for i, at := range good.at {
			if late := at.Sub(want[i]); late > time.Second {
				t.Errorf("filing %d came %s late because others are slow", i, late)
			}
		}
	})
}

func newBox(t *testing.T, s *outbox.Store, o outbox.Options) *outbox.Outbox {
	t.Helper()
	o.Store = s
	box, err := outbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// running is an outbox at work.
type running struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func start(t *testing.T, box *outbox.Outbox, all []outbox.Receiver) *running {
	t.Helper()
	if err := box.Set(all); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		if err := box.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	return r
}

func (r *running) stop() { r.cancel(); <-r.done }

// mortal is the way of one gateway to the database. From its death nothing
// passes any more, so that nothing of it is written; while the database is
// away, a transaction fails, or its answer is lost.
type mortal struct {
	*record.SQL
	dead atomic.Bool
	away func() bool
}

var errAway = errors.New("the database is away")

func (m *mortal) Within(ctx context.Context, what string, do func(*sql.Tx) error) error {
	if m.dead.Load() || m.away() {
		return errAway
	}
	if err := m.SQL.Within(ctx, what, do); err != nil {
		return err
	}
	if m.dead.Load() || m.away() {
		return errAway // done, but nobody is told
	}
	return nil
}

// heard is what came to the receivers, whoever sent it.
type heard struct {
	mu    sync.Mutex
	first map[string][]string // by receiver: the ids, in the order in which they came first
	times map[string]int      // by receiver and id
}

func (h *heard) hears(receiver, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.first[receiver], id) {
		h.first[receiver] = append(h.first[receiver], id)
	}
	h.times[receiver+" "+id]++
}

// TestNothingIsForgottenWhateverFailsAndWhoeverIsKilled plays random faults of
// receivers, of the database and of two gateways that share it.
func TestNothingIsForgottenWhateverFailsAndWhoeverIsKilled(t *testing.T) {
	t.Parallel()
	for seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { misfortune(t, rand.New(rand.NewPCG(1, uint64(seed)))) })
		})
	}
}

// seeds is how many random days are played: one in CI, where the race detector
// makes each of them last a minute, more with WEIBAO_SEEDS (make test-long).
func seeds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WEIBAO_SEEDS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("WEIBAO_SEEDS=%q: want a number of random days", text)
	}
	return n
}

// dice is a source of chance that goroutines share.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (d *dice) n(sides int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(sides)
}

func misfortune(t *testing.T, r *rand.Rand) {
	g := newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
	d := &dice{r: r}
	var calm atomic.Bool
	ears := &heard{first: make(map[string][]string), times: make(map[string]int)}
	names := []string{"a", "b", "c"}
	receivers := func() []outbox.Receiver {
		var all []outbox.Receiver
		for _, name := range names {
			all = append(all, outbox.Receiver{Name: name, Kind: "hook", Owner: "省平台", Limit: 10 * time.Second, Sender: unreliable(name, ears, d, &calm)})
		}
		return all
	}
	type gateway struct {
		*running
		way *mortal
	}
	begin := func(node int) gateway {
		way := &mortal{SQL: g.sql, away: func() bool { return !calm.Load() && d.n(15) == 0 }}
		box := newBox(t, outbox.NewStore(way, fmt.Sprint(node)), outbox.Options{Poll: 5 * time.Second})
		return gateway{start(t, box, receivers()), way}
	}
	g.register(receivers()...)
	gateways := []gateway{begin(0), begin(1)}
	made := 0
	for range 40 {
		time.Sleep(time.Duration(d.n(60)) * time.Second)
		switch n := d.n(len(gateways) + 3); {
		case n < len(gateways):
			gateways[n].way.dead.Store(d.n(2) == 0) // killed, or told to stop
			gateways[n].stop()
			gateways[n] = begin(n)
		case n == len(gateways) && made > 0:
			g.apply(conclusion(numbered(d.n(made)), time.Now()))
		default:
			g.apply(filing(numbered(made), time.Now()))
			made++
		}
	}
	calm.Store(true)
	time.Sleep(time.Hour) // the longest pause is 15 min and half of it again
	for _, one := range gateways {
		one.stop()
	}
	open, err := g.one.Open(t.Context(), time.Now())
	if err != nil || len(open) > 0 {
		t.Errorf("forgotten: %+v, %v", open, err)
	}
	for i := range made {
		g.allHeard(numbered(i), names, ears)
	}
}

func numbered(i int) string { return fmt.Sprintf("JL-20261123-%04d", i) }

// unreliable is a receiver that has bad days.
func unreliable(name string, ears *heard, d *dice, calm *atomic.Bool) sendFunc {
	return func(ctx context.Context, delivery outbox.Delivery) (outbox.Receipt, error) {
		fate := 7
		if !calm.Load() {
			fate = d.n(8)
		}
		switch fate {
		case 0:
			return outbox.Receipt{}, errors.New("500")
		case 1: // heard, but the answer is lost
			ears.hears(name, delivery.ID)
			return outbox.Receipt{}, errors.New("connection reset")
		case 2:
			<-ctx.Done()
			return outbox.Receipt{}, ctx.Err()
		case 3:
			panic("a fault of the sender")
		case 4: // heard late, perhaps when the gateway is dead
			time.Sleep(9 * time.Second)
		}
		ears.hears(name, delivery.ID)
		return taken()
	}
}

// allHeard looks whether a filing came to everybody whole and in its order,
// and was acknowledged once.
func (g *ground) allHeard(number string, names []string, ears *heard) {
	g.t.Helper()
	all, err := g.one.Of(g.t.Context(), number)
	if err != nil || len(all) == 0 || len(all)%len(names) != 0 {
		g.t.Fatalf("%s: %d deliveries, %v", number, len(all), err)
	}
	want := make(map[string][]string) // by receiver, in the order of the events
	for _, d := range all {
		want[d.Receiver] = append(want[d.Receiver], d.Event)
		acknowledged := 0
		for _, step := range d.Steps {
			if step.Result == outbox.Acknowledged {
				acknowledged++
			}
		}
		if d.State != outbox.Acknowledged || d.AckedAt.IsZero() || acknowledged == 0 {
			g.t.Errorf("%s → %s is %s with %d acknowledgements", d.Event, d.Receiver, d.State, acknowledged)
		}
		if times := ears.times[d.Receiver+" "+d.Event]; times == 0 || times > d.Attempts {
			g.t.Errorf("%s → %s was heard %d times in %d attempts", d.Event, d.Receiver, times, d.Attempts)
		}
	}
	for _, name := range names {
		var got []string
		for _, id := range ears.first[name] {
			if strings.HasPrefix(id, number+".") {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, want[name]) {
			g.t.Errorf("%s heard\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want[name], "\n"))
		}
	}
}

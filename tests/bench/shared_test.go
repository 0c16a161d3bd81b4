package bench

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/redis/go-redis/v9"

	"weibao/call"
	"weibao/cti"
	"weibao/routing"
	"weibao/tests/redistest"
)

// The load of BenchmarkShared.
const (
	sharedWaiting = 10_000
	sharedSeats   = 1000
	sharedRate    = 2000 // pairings a second
	sharedFor     = 10 * time.Second
	// A machine that does other things too holds Redis up now and then; what is
	// measured is not how a gateway goes on without it.
	sharedPatience = 3 * time.Second
)

// BenchmarkShared is the floor alone, through a real Redis: 10,000 callers in
// line and 1,000 seats, of which 2,000 a second become free and take the next.
// A turn is everything that a floor does in one go, whatever it was told since
// the last; pairings/s is what came of the 2,000, by the calls' count.
func BenchmarkShared(b *testing.B) {
	for _, gateways := range []int{1, 2} {
		b.Run(fmt.Sprintf("gateways=%d", gateways), func(b *testing.B) { shared(b, gateways) })
	}
}

// sharedFloor is a floor of several gateways under load. One goroutine plays
// all calls.
type sharedFloor struct {
	b        *testing.B
	gateways []*cti.Dispatcher
	metrics  []*prometheus.Registry
	offers   *call.Mailbox[offerAt]
	talks    []offerAt // the longest first
	paired   int
	callers  int
	seats    map[routing.AgentID]bool // in a talk
}

type offerAt struct {
	gateway int
	call.Offer
}

func shared(b *testing.B, gateways int) {
	b.Helper()
	server := redistest.Start(b)
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	s := &sharedFloor{b: b, offers: call.NewMailbox[offerAt](), seats: make(map[routing.AgentID]bool)}
	for i := range gateways {
		s.open(ctx, &running, server.Addr(), i)
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	if err := client.ConfigSet(ctx, "appendfsync", "everysec").Err(); err != nil { // as the product runs it
		b.Fatal(err)
	}
	s.fill(ctx)
	for b.Loop() {
		before, ops := s.turns(), redisOps(b, client)
		s.paired = 0
		began := time.Now()
		s.play(ctx, sharedFor)
		took := time.Since(began).Seconds()
		turns := difference(s.turns(), before)
		b.ReportMetric(float64(s.paired)/took, "pairings/s")
		b.ReportMetric(quantile(turns, 0.5)*1e6, "turn-p50-µs")
		b.ReportMetric(quantile(turns, 0.99)*1e6, "turn-p99-µs")
		b.ReportMetric(float64(turns.GetSampleCount())/took, "turns/s")
		b.ReportMetric(float64(redisOps(b, client)-ops)/took, "redis-ops/s")
	}
	b.ReportMetric(0, "ns/op")
	for _, name := range []string{"weibao_floor_clashes_total", "weibao_floor_reaped_total", "weibao_floor_degraded"} {
		if n := s.count(name); n != 0 {
			b.Errorf("%s is %v, want 0", name, n)
		}
	}
	b.ReportMetric(s.count("weibao_floor_left_unclaimed_total"), "unclaimed")
}

// open starts a gateway.
func (s *sharedFloor) open(ctx context.Context, running *sync.WaitGroup, addr string, i int) {
	s.b.Helper()
	store, err := cti.OpenRedis(ctx, cti.RedisOptions{Addrs: []string{addr}, Timeout: sharedPatience})
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() { _ = store.Close() })
	metrics := prometheus.NewRegistry()
	d, err := cti.NewDispatcher(cti.FloorOptions{
		Gateway: fmt.Sprint("gw-", i), Standings: store, Tickets: store.Tickets(), Metrics: metrics, Patience: sharedPatience,
		Log:  slog.New(slog.NewTextHandler(s.b.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Live: func(call.ID) bool { return true },
		Deliver: func(_ call.ID, ev call.Event) {
			if offered, ok := ev.(call.Offered); ok {
				s.offers.Put(offerAt{i, offered.Offer})
			}
		},
	})
	if err != nil {
		s.b.Fatal(err)
	}
	running.Go(func() { _ = d.Run(ctx) })
	seats, queues := make([]cti.Seat, sharedSeats), map[string]routing.Queue{"province": {Name: "province"}}
	for i := range seats {
		seats[i] = cti.Seat{ID: routing.AgentID(fmt.Sprint(1000 + i)), Queues: []string{sharedCity(i), "province"}}
		queues[sharedCity(i)] = routing.Queue{Name: sharedCity(i)}
	}
	d.SetRoster(seats, queues)
	for _, seat := range seats {
		d.SetReachable(seat.ID, true)
	}
	s.gateways, s.metrics = append(s.gateways, d), append(s.metrics, metrics)
}

func sharedCity(i int) string { return fmt.Sprint("city", i%10) }

// fill brings all seats into a talk and the line to its length.
func (s *sharedFloor) fill(ctx context.Context) {
	s.b.Helper()
	for i := range sharedSeats {
		if err := s.gateways[0].SetPresence(ctx, routing.AgentID(fmt.Sprint(1000+i)), routing.Ready, ""); err != nil {
			s.b.Fatal(err)
		}
	}
	for range sharedWaiting {
		s.arrive(ctx)
	}
	for limit := time.After(30 * time.Second); len(s.talks) < sharedSeats; {
		select {
		case <-s.offers.Ready():
			s.answer(ctx)
		case <-limit:
			s.b.Fatalf("%d of %d seats have a caller after 30 s", len(s.talks), sharedSeats)
		}
	}
}

func (s *sharedFloor) arrive(ctx context.Context) {
	i := s.callers
	s.callers++
	id := fmt.Sprintf("call-%08d", i)
	_ = s.gateways[i%len(s.gateways)].Enqueue(ctx, call.ID(id), routing.Ticket{
		ID: routing.TicketID(id), Wants: routing.AnyOf(sharedCity(i), sharedCity(i/10), "province"), Since: time.Now(), Ratio: 2,
	})
}

// answer begins the talks of all offers; for each comes another caller.
func (s *sharedFloor) answer(ctx context.Context) {
	for _, o := range s.offers.TakeAll() {
		if s.seats[o.Agent] {
			s.b.Errorf("seat %s was given to %s while it talks", o.Agent, o.Ticket)
		}
		s.seats[o.Agent] = true
		s.talks = append(s.talks, o)
		s.paired++
		s.report(ctx, o, call.SeenPicked)
		s.arrive(ctx)
	}
}

func (s *sharedFloor) report(ctx context.Context, o offerAt, what call.Seen) {
	_ = s.gateways[o.gateway].Report(ctx, call.ID(o.Ticket), call.Report{Ticket: o.Ticket, Agent: o.Agent, Fence: o.Fence, What: what})
}

// play ends so many talks a second for a while, the longest first.
func (s *sharedFloor) play(ctx context.Context, long time.Duration) {
	began, ended := time.Now(), 0
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < long {
		select {
		case <-s.offers.Ready():
			s.answer(ctx)
		case <-tick.C:
			for due := int(time.Since(began).Seconds() * sharedRate); ended < due && len(s.talks) > 0; ended++ {
				o := s.talks[0]
				s.talks = s.talks[1:]
				s.seats[o.Agent] = false
				s.report(ctx, o, call.SeenLeft)
			}
		}
	}
}

// turns are the turns of all gateways together.
func (s *sharedFloor) turns() *dto.Histogram {
	var all *dto.Histogram
	for _, m := range s.metrics {
		for _, family := range gather(s.b, m) {
			if family.GetName() == "weibao_floor_step_seconds" {
				all = sum(all, family.GetMetric()[0].GetHistogram(), 1)
			}
		}
	}
	return all
}

func (s *sharedFloor) count(name string) float64 {
	n := 0.0
	for _, m := range s.metrics {
		for _, family := range gather(s.b, m) {
			if family.GetName() == name {
				n += family.GetMetric()[0].GetCounter().GetValue() + family.GetMetric()[0].GetGauge().GetValue()
			}
		}
	}
	return n
}

func gather(b *testing.B, m *prometheus.Registry) []*dto.MetricFamily {
	b.Helper()
	families, err := m.Gather()
	if err != nil {
		b.Fatal(err)
	}
	return families
}

func difference(after, before *dto.Histogram) *dto.Histogram { return sum(after, before, -1) }

// sum adds a histogram to another, or takes it away.
func sum(all, h *dto.Histogram, sign int64) *dto.Histogram {
	total := &dto.Histogram{SampleCount: new(uint64)}
	if all != nil {
		*total.SampleCount = all.GetSampleCount()
	}
	*total.SampleCount += uint64(sign) * h.GetSampleCount() //nolint:gosec // wraps back
	for i, bucket := range h.GetBucket() {
		n := uint64(sign) * bucket.GetCumulativeCount() //nolint:gosec // wraps back
		if all != nil {
			n += all.GetBucket()[i].GetCumulativeCount()
		}
		total.Bucket = append(total.Bucket, &dto.Bucket{UpperBound: bucket.UpperBound, CumulativeCount: &n})
	}
	return total
}

// quantile is the value below which that part of a histogram lies, in its
// bucket by proportion.
func quantile(h *dto.Histogram, part float64) float64 {
	want, below, from := part*float64(h.GetSampleCount()), 0.0, 0.0
	for _, bucket := range h.GetBucket() {
		n, to := float64(bucket.GetCumulativeCount()), bucket.GetUpperBound()
		if n >= want {
			return from + (to-from)*(want-below)/(n-below)
		}
		below, from = n, to
	}
	return from
}

// redisOps is how many commands Redis has carried out, those of scripts too.
func redisOps(b *testing.B, client *redis.Client) int {
	b.Helper()
	info, err := client.Info(b.Context(), "stats").Result()
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(info, "total_commands_processed:")
	text, _, _ := strings.Cut(after, "\r")
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

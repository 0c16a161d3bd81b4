package cti

import (
	"github.com/prometheus/client_golang/prometheus"

	"weibao/routing"
)

// floorMetrics are the metrics of the floor.
type floorMetrics struct {
	agents   *prometheus.GaugeVec
	waiting  prometheus.Gauge
	degraded prometheus.Gauge
	offers   *prometheus.CounterVec
	stale    prometheus.Counter
	reaped   prometheus.Counter
	dropped  prometheus.Counter
	clashes  prometheus.Counter
	pairing  prometheus.Histogram
	// afterCall is the work after a talk, occupancy what seats do with their time.
	afterCall prometheus.Histogram
	occupancy *occupancy

	step      prometheus.Histogram
	elsewhere prometheus.Gauge
	unclaimed prometheus.Counter
}

// newFloorMetrics registers them; a nil registerer leaves them unread.
func newFloorMetrics(reg prometheus.Registerer, depth func() int) *floorMetrics {
	m := &floorMetrics{
		agents: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "weibao_floor_agents", Help: "Seats of the roster by what they say and what is seen of them.",
		}, []string{"presence", "work"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_floor_waiting", Help: "Tickets of this gateway in line.",
		}),
		degraded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_floor_degraded", Help: "1 while the shared standings are away and the gateway goes on with its own seats.",
		}),
		offers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_offers_total", Help: "Offers of seats: made, and by result; lost is a claim that another gateway won, yielded one given up for a caller before.",
		}, []string{"result"}),
		stale: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "weibao_floor_stale_reports_total", Help: "Reports with a fence that does not hold any more.",
		}),
		reaped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "weibao_floor_reaped_total", Help: "Seats freed because no live call owned their work.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "weibao_floor_dropped_total", Help: "Tickets dropped because their call was gone.",
		}),
		clashes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "weibao_floor_clashes_total", Help: "Seats that two gateways gave a call while they could not see each other.",
		}),
		pairing: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "weibao_floor_pairing_seconds", Help: "Time to pair the line with the free seats.",
			Buckets: prometheus.ExponentialBuckets(1e-6, 4, 10),
		}),
		afterCall: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "weibao_after_call_seconds", Help: "After-call work: from the end of a talk until the seat is free, by the clock or by its own word.",
			Buckets: []float64{1, 5, 10, 20, 30, 60, 120, 300, 600, 1800},
		}),
		occupancy: newOccupancy(),
	}
	m.step = newStepMetric(reg)
	m.elsewhere, m.unclaimed = newForeignMetrics(reg)
	if reg != nil {
		reg.MustRegister(m.agents, m.waiting, m.degraded, m.offers, m.stale, m.reaped, m.dropped, m.clashes, m.pairing, m.afterCall, m.occupancy,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "weibao_floor_mailbox_depth", Help: "Commands that the floor has not taken yet.",
			}, func() float64 { return float64(depth()) }))
	}
	return m
}

// show sets the gauges.
func (m *floorMetrics) show(f *floor) {
	count := make(map[[2]string]int)
	for p := routing.Offline; p <= routing.Ready; p++ {
		for w := routing.Free; w <= routing.Wrapping; w++ {
			count[[2]string{p.String(), w.String()}] = 0
		}
	}
	for _, c := range f.chairs {
		if c.on {
			count[[2]string{c.now.Presence.String(), c.now.Work.String()}]++
		}
	}
	for labels, n := range count {
		m.agents.WithLabelValues(labels[:]...).Set(float64(n))
	}
	m.waiting.Set(float64(len(f.tickets)))
	m.elsewhere.Set(float64(f.countElsewhere()))
}

package cti

import "github.com/prometheus/client_golang/prometheus"

// newForeignMetrics registers what is counted of the other gateways.
func newForeignMetrics(reg prometheus.Registerer) (elsewhere prometheus.Gauge, unclaimed prometheus.Counter) {
	elsewhere = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "weibao_floor_waiting_elsewhere", Help: "Tickets in line of other gateways that are there.",
	})
	unclaimed = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "weibao_floor_left_unclaimed_total", Help: "Seats that were left to the ticket of another gateway, which did not claim them.",
	})
	if reg != nil {
		reg.MustRegister(elsewhere, unclaimed)
	}
	return elsewhere, unclaimed
}

// newStepMetric registers how long the floor takes for a turn: everything that
// it was told since the last one, and what follows from that.
func newStepMetric(reg prometheus.Registerer) prometheus.Histogram {
	step := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "weibao_floor_step_seconds", Help: "Time of one turn of the floor.",
		Buckets: prometheus.ExponentialBuckets(10e-6, 1.5, 18),
	})
	if reg != nil {
		reg.MustRegister(step)
	}
	return step
}

// countElsewhere counts the tickets of the other gateways that are there.
func (f *floor) countElsewhere() int {
	n := 0
	for _, g := range f.neighbours {
		if g.alive {
			n += len(g.tickets)
		}
	}
	return n
}

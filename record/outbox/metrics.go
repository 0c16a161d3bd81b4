package outbox

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the package. The label receiver comes from the configuration.
type metrics struct {
	attempts *prometheus.CounterVec
	took     *prometheus.HistogramVec
	open     *prometheus.GaugeVec
	overdue  *prometheus.GaugeVec
	alarms   *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_outbox_attempts_total", Help: "Attempts to bring a filing to a receiver, by what came of them.",
		}, []string{"kind", "result"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "weibao_outbox_attempt_seconds", Help: "Time of one attempt.", Buckets: []float64{.01, .05, .1, .5, 1, 5, 10, 30, 60, 120},
		}, []string{"kind"}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "weibao_outbox_open", Help: "Filings and outcomes that a receiver has not acknowledged.",
		}, []string{"receiver"}),
		overdue: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "weibao_outbox_overdue", Help: "Those that are not acknowledged for too long, or given up; alarm above 0.",
		}, []string{"receiver"}),
		alarms: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_outbox_alarms_total", Help: "Filings that a person must look at because a receiver does not take them.",
		}, []string{"what"}),
	}
	for _, what := range []string{"filing_given_up", "filings_not_acknowledged"} {
		m.alarms.WithLabelValues(what) // so that it is there from the start
	}
	if reg != nil {
		reg.MustRegister(m.attempts, m.took, m.open, m.overdue, m.alarms)
	}
	return m
}

func (m *metrics) attempted(kind string, result State, took time.Duration) {
	m.attempts.WithLabelValues(kind, string(result)).Inc()
	m.took.WithLabelValues(kind).Observe(took.Seconds())
}

// standing sets the gauges from what is open.
func (m *metrics) standing(all []Receiver, open []Standing, before time.Time) {
	m.open.Reset()
	m.overdue.Reset()
	for _, r := range all {
		m.open.WithLabelValues(r.Name)
		m.overdue.WithLabelValues(r.Name)
	}
	for _, d := range open {
		m.open.WithLabelValues(d.Receiver).Inc()
		if d.State == GivenUp || d.Since.Before(before) {
			m.overdue.WithLabelValues(d.Receiver).Inc()
		}
	}
}

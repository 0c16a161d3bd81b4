package cti

import "github.com/prometheus/client_golang/prometheus"

// dutyMetrics are the metrics of the duty book.
type dutyMetrics struct {
	degraded prometheus.Gauge
	owed     prometheus.Gauge
	pages    prometheus.Gauge
}

// newDutyMetrics registers them; a nil registerer leaves them unread.
func newDutyMetrics(reg prometheus.Registerer) *dutyMetrics {
	m := &dutyMetrics{
		degraded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_duty_degraded", Help: "1 while the shared duty book is away and other gateways learn of no override.",
		}),
		owed: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_duty_owed_pages", Help: "Overrides and hand-over notes that other gateways do not have yet.",
		}),
		pages: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_duty_pages", Help: "Overrides in every state, and posts with a hand-over note.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.degraded, m.owed, m.pages)
	}
	return m
}

package asterisk

import "github.com/prometheus/client_golang/prometheus"

// metrics are what a person watches of one node. Labels are from fixed sets.
type metrics struct {
	requests *prometheus.HistogramVec
	up       prometheus.Gauge
	connects *prometheus.CounterVec
	events   *prometheus.CounterVec
	skipped  *prometheus.CounterVec
	prompts  *prometheus.CounterVec
	swept    *prometheus.CounterVec
	refused  *prometheus.CounterVec
	legs     prometheus.GaugeFunc
	depth    prometheus.GaugeFunc
}

func newMetrics(reg prometheus.Registerer, legs, depth func() float64) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "weibao_ari_" + name, Help: help}, labels)
	}
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "weibao_ari_request_seconds",
			Help:    "Time of one ARI request, by operation and result.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 2},
		}, []string{"op", "result"}),
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_ari_up", Help: "1 while the event socket is open and the node has been swept.",
		}),
		connects: counter("connects_total", "Connections of the event socket, by result.", "result"),
		events:   counter("events_total", "Events that were taken, by type.", "type"),
		skipped:  counter("events_skipped_total", "Events that were not taken: unknown, unwanted, broken, repeated.", "why"),
		prompts:  counter("prompts_missing_total", "Prompts that were not there as asked for, by what was played instead.", "instead"),
		swept:    counter("swept_total", "What a sweep of the node put right, by kind.", "what"),
		refused:  counter("trunk_full_total", "Calls that were not placed because the channels that are left are kept for 110.", "trunk"),
		legs: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "weibao_ari_legs", Help: "Legs that are being followed.",
		}, legs),
		depth: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "weibao_ari_mailbox_depth", Help: "Events that were read and not yet handled.",
		}, depth),
	}
	for _, c := range []prometheus.Collector{m.requests, m.up, m.connects, m.events, m.skipped, m.prompts, m.swept, m.refused, m.legs, m.depth} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
)

// callMetrics shows the counters of an exchange; package call itself knows no
// metrics library.
type callMetrics struct {
	stats                                              func() call.Stats
	arrived, live, ended, ledger, alone, unkept, fault *prometheus.Desc
	stray, failed, hungUp, unfiled, unconcluded        *prometheus.Desc
}

func newCallMetrics(stats func() call.Stats) *callMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("weibao_"+name, help, labels, nil)
	}
	return &callMetrics{
		stats:       stats,
		arrived:     desc("calls_arrived_total", "Calls that have arrived."),
		live:        desc("calls_live", "Calls in progress.", "phase"),
		ended:       desc("calls_ended_total", "Calls whose record is kept.", "outcome"),
		ledger:      desc("ledger", "Arrived less live less ended; must be 0."),
		alone:       desc("alone_seconds", "Time in which a child had no listener and none was on the way; must be 0."),
		unkept:      desc("records_unkept_total", "Calls whose record could not be kept."),
		fault:       desc("call_faults_total", "Events that the rules fell over."),
		stray:       desc("stray_events_total", "Events for legs and calls that are not known."),
		hungUp:      desc("hung_up_by_system_total", "Callers whom the system hung up on; must be 0."),
		unfiled:     desc("police_unfiled_total", "Calls to 110 placed before their filing was on the disk: the disk is at fault."),
		unconcluded: desc("filings_unconcluded_total", "Filings of ended calls without an outcome; must be 0."),
		failed:      desc("commands_failed_total", "Commands that could not be carried out.", "command"),
	}
}

// newWaits is the histogram of the waits in line. What a line of 12345 is held
// to, answered within 15 s (GB/T 33358-2016), is one of its steps.
func newWaits(reg prometheus.Registerer) func(call.Role, time.Duration) {
	waits := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "weibao_wait_seconds", Help: "Time in line until the first person answered, or the caller left (lost).",
		Buckets: []float64{1, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600},
	}, []string{"end"})
	reg.MustRegister(waits)
	for _, by := range []call.Role{call.Citizen, call.Seat, call.Companion, call.Duty, call.Other} {
		waits.WithLabelValues(waitEnd(by)) // so that it is there from the start
	}
	return func(by call.Role, waited time.Duration) { waits.WithLabelValues(waitEnd(by)).Observe(waited.Seconds()) }
}

func waitEnd(by call.Role) string {
	if by == call.Citizen {
		return "lost"
	}
	return by.String()
}

// Describe implements prometheus.Collector.
func (m *callMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.arrived, m.live, m.ended, m.ledger, m.alone, m.unkept, m.fault, m.stray, m.failed, m.hungUp, m.unfiled, m.unconcluded} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *callMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.stats()
	counter := func(d *prometheus.Desc, v int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter(m.arrived, s.Arrived)
	for phase := call.InMenu; phase < call.Ended; phase++ {
		gauge(m.live, float64(s.Phases[phase]), phase.String())
	}
	for _, outcome := range []call.Outcome{call.Answered, call.HandedOver, call.CallBack, call.Unreached, call.Abandoned, call.Fault} {
		counter(m.ended, s.Ended[outcome], string(outcome))
	}
	gauge(m.ledger, float64(s.Ledger()))
	gauge(m.alone, s.Alone.Seconds())
	counter(m.unkept, s.Unkept)
	counter(m.fault, s.Panics)
	counter(m.stray, s.Stray)
	counter(m.hungUp, s.HungUp)
	counter(m.unfiled, s.Unfiled)
	counter(m.unconcluded, s.Unconcluded)
	for command, n := range s.Failed {
		counter(m.failed, n, command)
	}
}

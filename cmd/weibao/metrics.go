package main

import (
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
	for _, outcome := range []call.Outcome{call.Answered, call.HandedOver, call.CallBack, call.Abandoned, call.Fault} {
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

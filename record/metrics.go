package record

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
)

// metrics of the package; every label comes from a fixed set.
type metrics struct {
	fsync    prometheus.Histogram
	entries  *prometheus.CounterVec
	room     prometheus.Gauge
	backlog  prometheus.Gauge
	owed     prometheus.Gauge
	kept     *prometheus.CounterVec
	filings  *prometheus.CounterVec
	alarms   *prometheus.CounterVec
	applying prometheus.Histogram
	open     *prometheus.GaugeVec
	overdue  prometheus.Gauge
}

// The values of the label "what" of the alarm counter.
const (
	alarmWrite     = "journal_write"   // a line is not on the disk
	alarmFull      = "journal_full"    // no space to reserve
	alarmTorn      = "journal_torn"    // a crash had torn the last line
	alarmDamaged   = "journal_damaged" // a line is not as it was written
	alarmAhead     = "sql_ahead"       // the database knows lines that the journal has not
	alarmSQL       = "sql"             // the database can not be written
	alarmSQLFull   = "sql_disk_full"
	alarmRefused   = "sql_refused" // the database refuses a row for what it holds
	alarmRecording = "recording"   // missing, empty or too short

	alarmUnfiled     = string(call.Unfiled)     // a call to 110 without a filing
	alarmUnconcluded = string(call.Unconcluded) // a filing without an outcome
	alarmSeal        = "recording_seal"         // one can not be encrypted, or is not what it was
	alarmPurge       = "recording_purge"        // one can not be purged
)

func newMetrics(reg prometheus.Registerer) *metrics {
	buckets := []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}
	m := &metrics{
		fsync: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "weibao_journal_fsync_seconds", Help: "Time to bring one line of the journal to the disk.", Buckets: buckets,
		}),
		entries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_journal_entries_total", Help: "Lines written to the journal.",
		}, []string{"kind"}),
		room: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_journal_room_bytes", Help: "Space of the journal that a full disk can not take away.",
		}),
		backlog: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_journal_backlog_entries", Help: "Lines of the journal that the database does not have yet.",
		}),
		owed: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_journal_owed_entries", Help: "Lines in memory that the journal could not take; must be 0.",
		}),
		kept: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_records_kept_total", Help: "Records of calls that are on the disk.",
		}, []string{"outcome"}),
		filings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_filings_total", Help: "Filings made, by whether they were on the disk in time.",
		}, []string{"saved"}),
		alarms: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weibao_record_alarms_total", Help: "Troubles with the records that a person must look at.",
		}, []string{"what"}),
		applying: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "weibao_record_apply_seconds", Help: "Time to bring one batch of the journal into the database.", Buckets: buckets,
		}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "weibao_follow_ups_open", Help: "Callers who are owed something, one for each person; of kind unfiled and unconcluded, what must be 0.",
		}, []string{"kind"}),
		overdue: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weibao_follow_ups_overdue", Help: "Open follow-ups past their deadline; alarm when it stays above 0.",
		}),
	}
	for _, kind := range call.FollowUpKinds() {
		m.open.WithLabelValues(string(kind)) // so that it is there from the start
	}
	for _, what := range []string{
		alarmWrite, alarmFull, alarmTorn, alarmDamaged, alarmAhead, alarmSQL, alarmSQLFull, alarmRefused, alarmRecording,
		alarmUnfiled, alarmUnconcluded, alarmSeal, alarmPurge,
	} {
		m.alarms.WithLabelValues(what)
	}
	if reg != nil {
		reg.MustRegister(m.fsync, m.entries, m.room, m.backlog, m.owed, m.kept, m.filings, m.alarms, m.applying, m.open, m.overdue)
	}
	return m
}

func (m *metrics) synced(took time.Duration) { m.fsync.Observe(took.Seconds()) }

func (m *metrics) alarmed(what string) { m.alarms.WithLabelValues(what).Inc() }

func (m *metrics) filed(saved bool) {
	word := "no"
	if saved {
		word = "yes"
	}
	m.filings.WithLabelValues(word).Inc()
}

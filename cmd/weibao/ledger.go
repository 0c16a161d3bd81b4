package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
)

// lookAtLedger is between looks at the ledger.
const lookAtLedger = 5 * time.Second

// ledgerWatch tells an admin of every call that has arrived, lives no more and
// is in no record, by its id: promise 5.
type ledgerWatch struct {
	stats  func() call.Stats
	alarm  func(ctx context.Context, what, detail string) error
	log    *slog.Logger
	alarms prometheus.Counter
	told   map[call.ID]bool
}

func newLedgerWatch(stats func() call.Stats, alarm func(context.Context, string, string) error, log *slog.Logger, reg prometheus.Registerer) *ledgerWatch {
	alarms := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "weibao_ledger_alarms_total", Help: "Calls that were found in no record; the log and the journal name them.",
	})
	reg.MustRegister(alarms)
	return &ledgerWatch{stats: stats, alarm: alarm, log: log, alarms: alarms, told: make(map[call.ID]bool)}
}

// run looks until the context is over.
func (w *ledgerWatch) run(ctx context.Context) {
	again := time.NewTicker(lookAtLedger)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			w.look(ctx)
		}
	}
}

// look names each missing call once, and says so when its record has come
// after all.
func (w *ledgerWatch) look(ctx context.Context) {
	stats := w.stats()
	missing := make(map[call.ID]bool)
	for _, m := range stats.Missing {
		missing[m.ID] = true
		if w.told[m.ID] {
			continue
		}
		w.told[m.ID] = true
		w.alarms.Inc()
		w.log.Error("a call is in no record", "call", m.ID, "arrived", m.Arrived, "why", m.Why, "ledger", stats.Ledger())
		limited, cancel := context.WithTimeout(ctx, 3*time.Second)
		if err := w.alarm(limited, "ledger", fmt.Sprintf("%s arrived %s: %s", m.ID, m.Arrived.Format(time.RFC3339), m.Why)); err != nil {
			w.log.Error("alarm of the ledger not in the journal yet", "call", m.ID, "err", err)
		}
		cancel()
	}
	for id := range w.told {
		if !missing[id] {
			delete(w.told, id)
			w.log.Info("the record of a call has come after all", "call", id)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
)

func TestALedgerThatDiffersAlarmsOnceAndNamesTheCalls(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var alarms []string
	var missing []call.Missing
	w := newLedgerWatch(
		func() call.Stats { return call.Stats{Arrived: 5 + len(missing), Live: 5, Missing: missing} },
		func(_ context.Context, what, detail string) error {
			alarms = append(alarms, what+" "+detail)
			return errors.New("the disk refuses") // it comes to the journal later
		},
		slog.New(slog.NewTextHandler(&log, nil)), prometheus.NewRegistry(),
	)
	w.look(t.Context())
	if len(alarms) != 0 || log.Len() != 0 {
		t.Errorf("a ledger of 0 alarms: %v %s", alarms, &log)
	}
	missing = []call.Missing{{ID: "01A", Arrived: time.Unix(1_790_000_000, 0), Why: "disk full"}, {ID: "01B", Why: "gone"}}
	w.look(t.Context())
	w.look(t.Context())
	if len(alarms) != 2 || !strings.HasPrefix(alarms[0], "ledger 01A") || !strings.Contains(alarms[0], "disk full") || !strings.HasPrefix(alarms[1], "ledger 01B") {
		t.Errorf("alarms %v", alarms)
	}
	if text := log.String(); strings.Count(text, `msg="a call is in no record" call=01A`) != 1 || !strings.Contains(text, "ledger=2") {
		t.Errorf("log %s", text)
	}
	missing = missing[:1]
	w.look(t.Context())
	if n := testutil.ToFloat64(w.alarms); n != 2 || !strings.Contains(log.String(), `has come after all" call=01B`) {
		t.Errorf("%v alarms, log %s", n, &log)
	}
}

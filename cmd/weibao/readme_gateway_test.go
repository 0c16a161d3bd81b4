package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
	"weibao/configs"
	"weibao/cti"
	"weibao/record"
	"weibao/routing"
)

// readmeGateway is what the examples with "console gateway" talk to: the
// gateway's API over a watched copy of the configuration, with a real journal
// and database in var/, and its log where the local system has it. There are
// no telephones.
type readmeGateway struct {
	*App

	t      *testing.T
	folder string
}

// readmePassword is the one of every login; the text says what to put there.
const readmePassword = "a-long-enough-password"

// startReadmeGateway runs a gateway in a folder until the test ends, and
// returns its address.
func startReadmeGateway(t *testing.T, folder string) (address string) {
	t.Helper()
	g := &readmeGateway{t: t, folder: folder, App: &App{
		at:       &where{config: filepath.Join(folder, "configs", "gateway.yaml"), configs: filepath.Join(folder, "configs")},
		settings: configs.DefaultSettings(), metrics: prometheus.NewRegistry(), hub: cti.NewHub(), outboxOpen: make(chan struct{}),
	}}
	for _, sub := range []string{"var/log", "var/secrets"} {
		g.must(os.MkdirAll(g.in(sub), 0o700))
	}
	logFile, err := os.Create(g.in("var/log/gateway.log"))
	g.must(err)
	g.log = slog.New(slog.NewTextHandler(logFile, nil))
	t.Cleanup(func() { _ = logFile.Close() })
	g.openJournal()
	g.openAPI()
	g.must(g.openGuide(t.Context()))
	g.must(g.openOutbox(t.Context()))
	server := httptest.NewServer(g.server)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error, 2)
	go func() { configs.Watch(ctx, g.at.configs, g.holder); ran <- nil }()
	go func() { ran <- g.duty.Run(ctx) }()
	t.Cleanup(func() {
		server.Close()
		stop()
		closing, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := errors.Join(<-ran, <-ran, g.close(closing)); err != nil {
			t.Error(err)
		}
	})
	g.someCalls()
	return strings.TrimPrefix(server.URL, "http://")
}

func (g *readmeGateway) in(path string) string {
	return filepath.Join(g.folder, filepath.FromSlash(path))
}

func (g *readmeGateway) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *readmeGateway) openJournal() {
	g.t.Helper()
	var err error
	g.store, err = record.Prepare("sqlite:" + g.in("var/weibao.db"))
	g.must(err)
	g.onStop("database", func(context.Context) error { return g.store.Close() })
	g.registry, err = record.New(record.Options{Journal: record.JournalOptions{Dir: g.in("var/journal")}, Store: g.store, Log: g.log})
	g.must(err)
	g.onStop("journal", g.registry.Close)
	g.duty, err = cti.NewDutyBook(cti.DutyOptions{Journal: g.registry})
	g.must(err)
}

// openAPI has the demo's supervisor and the admin as its users.
func (g *readmeGateway) openAPI() {
	g.t.Helper()
	demo, err := json.Marshal(map[string]any{"supervisor": map[string]any{"id": "1019", "password": readmePassword}})
	g.must(err)
	g.must(os.WriteFile(g.in("var/demo-logins.json"), demo, 0o600))
	logins, err := cti.OpenLogins(cti.LoginOptions{Path: g.in("var/secrets/logins.json")})
	g.must(err)
	g.must(logins.Set(cti.NewSecret{ID: "1019", Password: readmePassword}, cti.NewSecret{ID: "admin", Password: readmePassword}))
	g.floor, err = cti.NewDispatcher(cti.FloorOptions{Deliver: func(call.ID, call.Event) {}, Live: func(call.ID) bool { return false }})
	g.must(err)
	guide := func() *call.Guide { return g.holder.Now().Guide }
	g.server, err = cti.NewServer(cti.ServerOptions{
		Calls: call.NewExchange(call.Options{}), Floor: g.floor, Logins: logins, Roster: g.roster.Load, Hub: g.hub, Duty: g.duty,
		Regions: func() routing.Regions { return guide().Regions },
		Rotas:   func() routing.Rotas { return guide().Rotas.With(*g.duty.Now()) },
		Reload:  g.reload, Rollback: g.rollback, Config: g.configuration, Log: g.log,
	})
	g.must(err)
	g.t.Cleanup(g.server.Close)
}

// someCalls are the records of 2026-11-22: the first adopts the configuration
// as a start does.
func (g *readmeGateway) someCalls() {
	g.t.Helper()
	s := g.holder.Now()
	g.adopt(s)
	g.keepGuide(g.t.Context(), s, g.holder.Last().Use)
	w := &town{t: g.t, dir: g.folder, store: g.store, registry: g.registry, snapshot: s}
	for _, l := range []life{
		{id: "01A", at: 8 * time.Hour, region: "222400", caller: "13811110001", keys: "6", agent: "1009", queue: "yanbian", answer: 4 * time.Second},
		{id: "01B", at: 9 * time.Hour, region: "220100", caller: "13811110002", agent: "1001", queue: "changchun", answer: 6 * time.Second},
		{id: "01C", at: 23 * time.Hour, region: "220100", caller: "13811110003", keys: "6", duty: true, answer: 42 * time.Second},
	} {
		w.lives(l)
	}
}

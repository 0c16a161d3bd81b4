package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"weibao/configs"
)

func newServe(io streams, at *where) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "运行网关 run the gateway", Args: cobra.NoArgs,
		Long: "运行网关。SIGTERM：等进行中的通话结束后退出（最多 30 秒）；SIGINT：立即退出，通话由 Asterisk 保持；SIGHUP：重读配置。",
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), io, at) },
	}
}

// gcPercent lets the heap grow to three times what is in use: that is some ten
// megabytes, and collecting it less often saves a tenth of the processor.
const gcPercent = 200

func serve(ctx context.Context, io streams, at *where) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return wrong(err)
	}
	if err := readable(at, settings.Record.Journal); err != nil {
		return refused(io, at, err)
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP) // one that comes now waits: it must not end the start
	defer signal.Stop(signals)
	app, err := openApp(ctx, settings, at, newLog(io.err, settings))
	if err != nil {
		return refused(io, at, err)
	}
	signal.Notify(signals, syscall.SIGTERM)
	ctx, stop := context.WithCancel(ctx)
	var heeding sync.WaitGroup
	heeding.Go(func() { app.heed(ctx, signals, stop) })
	err = app.Run(ctx)
	stop()
	heeding.Wait()
	if err != nil {
		return notDone(err)
	}
	return nil
}

// refused says why the gateway does not start: every fault of the
// configuration, or what could not be done.
func refused(io streams, at *where, err error) error {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit
	}
	faults, ok := errors.AsType[*configs.FaultsError](err)
	if !ok {
		return notDone(err)
	}
	fmt.Fprintln(io.err, faults)
	return wrong(fmt.Errorf("%s 中有 %d 处错误，网关没有启动 (%d faults, the gateway does not start)", at.configs, len(faults.Faults), len(faults.Faults)))
}

// heed takes the signals: HUP reads the configuration again, TERM lets the
// calls in progress come to their end first. INT has ended the context already.
func (a *App) heed(ctx context.Context, signals <-chan os.Signal, stop func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if s == syscall.SIGTERM {
				a.drain(ctx)
				stop()
				return
			}
			if version, faults, err := a.reload(ctx, "SIGHUP"); err != nil {
				a.log.Error("configuration refused; the old one stays", "err", err, "faults", len(faults))
			} else {
				a.log.Info("configuration read", "guide", version)
			}
		}
	}
}

// drainLimit is how long a leaving gateway waits for its calls. Asterisk keeps
// what is connected, so leaving earlier cuts nobody off.
const drainLimit = 30 * time.Second

func (a *App) drain(ctx context.Context) {
	limit := time.NewTimer(drainLimit)
	defer limit.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for live := len(a.exchange.Live()); live > 0; live = len(a.exchange.Live()) {
		select {
		case <-tick.C:
		case <-limit.C:
			a.log.Warn("leaving with calls in progress; asterisk keeps them", "calls", live)
			return
		case <-ctx.Done():
			return
		}
	}
}

func newLog(w io.Writer, settings configs.Settings) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(string(settings.Log.Level))) // validated when the settings were read
	o := &slog.HandlerOptions{Level: level}
	if settings.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func metricsHandler(metrics *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(metrics, promhttp.HandlerOpts{})
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/cti"
)

func newServe(io streams, at *where) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "运行网关 run the gateway", Args: cobra.NoArgs,
		Long: "运行网关。SIGTERM：等进行中的通话结束后退出（最多 30 秒）；SIGINT：立即退出，通话由 Asterisk 保持；SIGHUP：重读配置。",
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), io, at) },
	}
}

func serve(ctx context.Context, io streams, at *where) error {
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return wrong(err)
	}
	if _, err := load(io, at); err != nil {
		return err
	}
	app, err := openApp(ctx, settings, at.configs, newLog(io.err, settings))
	if err != nil {
		return notDone(err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go app.heed(ctx, stop)
	if err := app.Run(ctx); err != nil {
		return notDone(err)
	}
	return nil
}

// heed takes the signals: HUP reads the configuration again, TERM lets the
// calls in progress come to their end first. INT has ended the context already.
func (a *App) heed(ctx context.Context, stop func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	defer signal.Stop(signals)
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
			if version, faults, err := a.reload(ctx); err != nil {
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

// reload reads the configuration again; any fault leaves the old one.
func (a *App) reload(ctx context.Context) (version string, faults []string, err error) {
	err = a.holder.Reload(ctx)
	result := a.holder.Last()
	for _, fault := range result.Faults {
		faults = append(faults, fmt.Sprint(fault))
	}
	return a.holder.Now().Version, faults, err
}

func (a *App) configuration() cti.Configuration {
	result := a.holder.Last()
	c := cti.Configuration{Version: a.holder.Now().Version, At: result.At}
	for _, fault := range result.Faults {
		c.Faults = append(c.Faults, fmt.Sprint(fault))
	}
	return c
}

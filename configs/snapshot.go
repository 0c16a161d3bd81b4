package configs

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Holder holds the configuration that new calls get, and replaces it whole or
// not at all. A call keeps the snapshot that it arrived with.
type Holder struct {
	files   fs.FS
	changed func(context.Context, *Snapshot)
	now     atomic.Pointer[Snapshot]
	last    atomic.Pointer[Result]
	// turn is held by the one reload that runs.
	turn chan struct{}
}

// Result is what the last reload came to.
type Result struct {
	At time.Time `json:"at"`
	// Took is how long reading and checking took.
	Took time.Duration `json:"took"`
	// Version is the one in use after it, the old one when there were faults.
	Version string `json:"version"`
	// Loaded is when the version in use was loaded.
	Loaded time.Time `json:"loaded"`
	Faults Faults    `json:"faults,omitempty"`
}

// Options of a holder.
type Options struct {
	// Files is the folder of the configuration.
	Files fs.FS
	// Changed is told of every new version after it is in use; may be nil.
	Changed func(context.Context, *Snapshot)
	// Metrics gets the gauges of reloading; may be nil.
	Metrics prometheus.Registerer
}

// NewHolder reads the files; with any fault there is no holder, and the error
// is a *FaultsError.
func NewHolder(o Options) (*Holder, error) {
	h := &Holder{files: o.Files, changed: o.Changed, turn: make(chan struct{}, 1)}
	began := time.Now()
	s, faults := Read(o.Files)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	h.now.Store(s)
	h.last.Store(&Result{At: began, Took: time.Since(began), Version: s.Version, Loaded: began})
	if o.Metrics != nil {
		if err := h.register(o.Metrics); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return h, nil
}

// Now is the configuration in use.
func (h *Holder) Now() *Snapshot { return h.now.Load() }

// Last is what the last reload came to.
func (h *Holder) Last() Result { return *h.last.Load() }

// Reload reads everything again. Any fault leaves the old configuration in
// use and comes back as a *FaultsError; the same content again changes
// nothing. Only one reload runs at a time.
func (h *Holder) Reload(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-h.turn }()
	began := time.Now()
	s, faults := Read(h.files)
	old, last := h.Now(), h.Last()
	result := &Result{At: began, Took: time.Since(began), Version: old.Version, Loaded: last.Loaded, Faults: faults}
	if s == nil {
		h.last.Store(result)
		return faults.Err()
	}
	result.Version, result.Loaded = s.Version, began
	if s.Version == old.Version {
		s = old
	}
	h.now.Store(s)
	h.last.Store(result)
	if h.changed != nil && s != old {
		h.changed(ctx, s)
	}
	return nil
}

// register adds the gauges: whether the last reload was good, when the last
// good one was, and a number that differs between versions.
func (h *Holder) register(reg prometheus.Registerer) error {
	gauges := []struct {
		name, help string
		value      func() float64
	}{
		{"weibao_config_last_reload_successful", "1 when the last reload of the configuration had no fault.", func() float64 {
			if len(h.Last().Faults) > 0 {
				return 0
			}
			return 1
		}},
		{"weibao_config_last_reload_success_timestamp_seconds", "When the configuration was last loaded without fault.", func() float64 {
			return float64(h.Last().Loaded.UnixMilli()) / 1000
		}},
		{"weibao_config_hash", "A number made of the version in use.", func() float64 {
			n, _ := strconv.ParseUint(h.Last().Version[:12], 16, 64) // hexadecimal, made by us
			return float64(n)
		}},
	}
	for _, g := range gauges {
		if err := reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, g.value)); err != nil {
			return err
		}
	}
	return nil
}

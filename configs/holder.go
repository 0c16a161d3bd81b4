package configs

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Holder holds the configuration that new calls get, and replaces it whole or
// not at all. A call keeps the snapshot that it arrived with.
type Holder struct {
	files   fs.FS
	changed func(context.Context, *Snapshot, Use)
	after   func()
	history History
	log     *slog.Logger
	now     atomic.Pointer[Snapshot]
	last    atomic.Pointer[Result]

	coverage coverage

	// turn is held by the one reload or rollback that runs; what follows is
	// its.
	turn  chan struct{}
	stamp stamp // of the files when they were read last
	// earlier is what was in use before; nil when that was another process,
	// whose version the history knows.
	earlier *Snapshot
}

// Result is what the last reading of the files came to.
type Result struct {
	At time.Time `json:"at"`
	// Took is how long reading and checking took.
	Took time.Duration `json:"took"`
	// Version is the one in use after it, the old one when there were faults.
	Version string `json:"version"`
	// Loaded is when a version was last loaded without fault.
	Loaded time.Time `json:"loaded"`
	Faults Faults    `json:"faults,omitempty"`
	// Files is the version that the files held; empty when it had faults.
	Files string `json:"files,omitempty"`
	// Use is how the version in use came into use.
	Use Use `json:"use"`
}

// Options of a holder.
type Options struct {
	// Files is the folder of the configuration.
	Files fs.FS
	// Changed is told of every new version after it is in use; may be nil.
	Changed func(context.Context, *Snapshot, Use)
	// After is called after every reading and every rollback, when Last tells
	// of it, good or not; may be nil.
	After func()
	// History knows the versions that were in use before; nil: none is known.
	History History
	// Metrics gets the gauges of reloading; may be nil.
	Metrics prometheus.Registerer
	// Log; nil: nothing is logged.
	Log *slog.Logger
}

// NewHolder reads the files; with any fault there is no holder, and the error
// is a *FaultsError. There are three exceptions, for the sake of a gateway that
// restarts at night: a version that was in use before may have come to an
// uncovered minute of its rota in the meantime; a version that somebody has
// rolled back from is not brought back by files that still hold it; and in the
// place of files with faults the version goes on that was in use last.
func NewHolder(ctx context.Context, o Options) (*Holder, error) {
	h := &Holder{
		files: o.Files, changed: o.Changed, after: o.After, history: o.History, turn: make(chan struct{}, 1),
		log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
	}
	if h.changed == nil {
		h.changed = func(context.Context, *Snapshot, Use) {}
	}
	if h.after == nil {
		h.after = func() {}
	}
	if h.history == nil {
		h.history = noHistory{}
	}
	r := h.read()
	switch {
	case r.snapshot != nil && (len(r.faults) == 0 || h.history.Known(ctx, r.snapshot.Version)):
		h.start(ctx, r)
	case !h.goOn(ctx, r):
		return nil, r.faults.Err()
	}
	if o.Metrics != nil {
		if err := h.register(o.Metrics); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return h, nil
}

// start takes the first version into use: that of the files, or the one to
// which an earlier life of the gateway was rolled back from it.
func (h *Holder) start(ctx context.Context, r reading) {
	s, use, faults := r.snapshot, Use{Version: r.snapshot.Version, At: r.began, How: Started}, r.faults
	if uses := h.history.Uses(); len(uses) > 0 {
		switch last := uses[0]; {
		case last.Version == use.Version && last.How != RolledBack:
			use = last
		case last.How == RolledBack && last.Instead == use.Version:
			earlier, gaps, err := h.recall(ctx, last.Version)
			if err != nil {
				h.log.ErrorContext(ctx, "the version rolled back to can not be had again; the files are used", "version", last.Version, "err", err)
				break
			}
			h.log.WarnContext(ctx, "configuration stays rolled back", "version", last.Version, "files", last.Instead, "by", last.By, "since", last.At)
			s, use, faults = earlier, last, append(faults, gaps...)
		}
	}
	if len(faults) > 0 {
		h.log.ErrorContext(ctx, "configuration is used although nobody is on duty at some time to come", "version", s.Version, "err", faults)
	}
	h.stamp = r.stamp
	h.now.Store(s)
	h.last.Store(&Result{
		At: r.began, Took: r.took, Version: s.Version, Loaded: r.began, Faults: faults, Files: r.snapshot.Version, Use: use,
	})
}

// goOn takes the version into use that was in use last, because the files have
// faults: an admin has left them so, and nobody noticed before the restart. It
// is false when there is no such version.
func (h *Holder) goOn(ctx context.Context, r reading) bool {
	uses := h.history.Uses()
	if len(uses) == 0 {
		return false
	}
	s, _, err := h.recall(ctx, uses[0].Version)
	if err != nil {
		h.log.ErrorContext(ctx, "the version that was in use last can not be had again", "version", uses[0].Version, "err", err)
		return false
	}
	h.log.ErrorContext(ctx, "the files have faults; the version that was in use last goes on", "version", s.Version, "err", r.faults)
	h.stamp = r.stamp
	h.now.Store(s)
	h.last.Store(&Result{At: r.began, Took: r.took, Version: s.Version, Loaded: uses[0].At, Faults: r.faults, Use: uses[0]})
	return true
}

// Now is the configuration in use.
func (h *Holder) Now() *Snapshot { return h.now.Load() }

// Last is what the last reload came to.
func (h *Holder) Last() Result { return *h.last.Load() }

// Reload reads everything again because somebody has asked for it. Any fault
// leaves the old configuration in use and comes back as a *FaultsError; the
// same content again changes nothing. Only one reload runs at a time.
func (h *Holder) Reload(ctx context.Context, by string) error {
	end, err := h.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	r := h.read()
	if len(r.faults) > 0 {
		h.refuse(r)
		return r.faults.Err()
	}
	h.take(ctx, r, Use{How: Reloaded, By: by})
	return nil
}

// patience is how long a file that has become shorter, or has gone, must stay
// as it is before it is used: it may be a copy that is still under way, or
// was broken off, and its beginning can be a configuration without fault.
const patience = 2 * time.Second

// follow reads the files because they have changed, and have been as they are
// for so long. It returns how long to wait before it should be called again,
// zero when there is nothing to wait for. Files that still hold the version
// that was rolled back from, and files that have been read already, change
// nothing.
func (h *Holder) follow(ctx context.Context, still time.Duration) (time.Duration, error) {
	end, err := h.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	if stampOf(h.files) == h.stamp {
		return 0, nil
	}
	r, use := h.read(), h.Last().Use
	switch {
	case len(r.faults) > 0:
		h.refuse(r)
		return 0, r.faults.Err()
	case still < patience && r.snapshot.shrank(h.Now()):
		return patience - still, nil
	case use.How == RolledBack && r.snapshot.Version == use.Instead:
		h.note(r, r.began, use)
		return 0, nil
	}
	h.take(ctx, r, Use{How: FromFiles})
	return 0, nil
}

// begin waits until no other reload or rollback runs; what it returns ends the
// turn and tells of what came of it.
func (h *Holder) begin(ctx context.Context) (end func(), err error) {
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	before := h.last.Load()
	return func() {
		<-h.turn
		if h.last.Load() != before {
			h.after()
		}
	}, nil
}

// reading is one look at the files.
type reading struct {
	snapshot *Snapshot
	faults   Faults
	stamp    stamp
	began    time.Time
	took     time.Duration
}

// readings is how often files that change while they are read are read again.
const readings = 5

// read reads the files as they were at one instant: a copy or a volume that is
// being exchanged must not be read half old and half new.
func (h *Holder) read() reading {
	r := reading{began: time.Now()}
	for range readings {
		r.stamp = stampOf(h.files)
		r.snapshot, r.faults = Read(h.files, r.began)
		r.took = time.Since(r.began)
		if stampOf(h.files) == r.stamp {
			return r
		}
	}
	r.snapshot, r.stamp = nil, stamp{}
	r.faults = append(r.faults, Fault{File: ".", What: say("文件一直在变，没有读成", "the files keep changing while they are read")})
	return r
}

// take puts what was read in the place of what is in use, when it is another
// version.
func (h *Holder) take(ctx context.Context, r reading, use Use) {
	old, before := h.Now(), h.Last().Use
	use.Version, use.At = r.snapshot.Version, r.began
	same := r.snapshot.Version == old.Version
	if same && before.How != RolledBack {
		use = before // it has been in use all the time
	}
	if !same {
		h.earlier = old
		h.now.Store(r.snapshot)
	}
	h.note(r, r.began, use)
	if use != before {
		h.changed(ctx, h.Now(), use)
	}
}

// refuse remembers faults; what is in use stays.
func (h *Holder) refuse(r reading) {
	last := h.Last()
	h.note(r, last.Loaded, last.Use)
}

// note remembers what a reading came to.
func (h *Holder) note(r reading, loaded time.Time, use Use) {
	h.stamp = r.stamp
	result := &Result{At: r.began, Took: r.took, Version: use.Version, Loaded: loaded, Faults: r.faults, Use: use}
	if r.snapshot != nil {
		result.Files = r.snapshot.Version
	}
	h.last.Store(result)
}

// register adds the gauges: whether the last reload was good, when the last
// good one was, a number that differs between versions, whether somebody has
// rolled back, and how long the rota still covers every minute.
func (h *Holder) register(reg prometheus.Registerer) error {
	is := func(yes bool) float64 {
		if yes {
			return 1
		}
		return 0
	}
	gauges := []struct {
		name, help string
		value      func() float64
	}{
		{"weibao_config_last_reload_successful", "1 when the last reload of the configuration had no fault.", func() float64 {
			return is(len(h.Last().Faults) == 0)
		}},
		{"weibao_config_last_reload_success_timestamp_seconds", "When the configuration was last loaded without fault.", func() float64 {
			return float64(h.Last().Loaded.UnixMilli()) / 1000
		}},
		{"weibao_config_hash", "A number made of the version in use.", func() float64 {
			n, _ := strconv.ParseUint(h.Last().Version[:12], 16, 64) // hexadecimal, made by us
			return float64(n)
		}},
		{"weibao_config_rolled_back", "1 while an earlier version is in use than the files hold, because somebody rolled back.", func() float64 {
			return is(h.Last().Use.How == RolledBack)
		}},
		{"weibao_rota_covered_seconds", "Time until nobody is on duty at some post, looked for 90 days ahead.", func() float64 {
			return time.Until(h.Covered()).Seconds()
		}},
	}
	for _, g := range gauges {
		if err := reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, g.value)); err != nil {
			return err
		}
	}
	return nil
}

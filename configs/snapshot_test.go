package configs

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestReloadTakesAllOrNothing(t *testing.T) {
	t.Parallel()
	files := base(t)
	changed := 0
	reg := prometheus.NewRegistry()
	h, err := NewHolder(Options{Files: files, Metrics: reg, Changed: func(context.Context, *Snapshot) { changed++ }})
	if err != nil {
		t.Fatal(err)
	}
	first := h.Now()
	if err := h.Reload(t.Context()); err != nil || h.Now() != first || changed != 0 {
		t.Errorf("reading the same again: err %v, %d changes", err, changed)
	}
	good := files["queues.yaml"]
	files["queues.yaml"] = &fstest.MapFile{Data: good.Data[:len(good.Data)/2]}
	var told *FaultsError
	if err := h.Reload(t.Context()); !errors.As(err, &told) || len(told.Faults) == 0 {
		t.Errorf("half a file: %v", err)
	}
	if h.Now() != first || len(h.Last().Faults) == 0 || h.Last().Version != first.Version || gauge(t, reg, "weibao_config_last_reload_successful") != 0 {
		t.Errorf("after half a file: %+v", h.Last())
	}
	files["queues.yaml"] = &fstest.MapFile{Data: append([]byte("# 改\n"), good.Data...)}
	if err := h.Reload(t.Context()); err != nil || h.Now() == first || changed != 1 || len(h.Last().Faults) != 0 {
		t.Errorf("a good change: err %v, %d changes, %+v", err, changed, h.Last())
	}
	if gauge(t, reg, "weibao_config_last_reload_successful") != 1 || gauge(t, reg, "weibao_config_hash") == 0 || gauge(t, reg, "weibao_config_last_reload_success_timestamp_seconds") == 0 {
		t.Error("the gauges do not say that it was good")
	}
}

func gauge(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no gauge %s", name)
	return 0
}

func TestNoHolderWithFaults(t *testing.T) {
	t.Parallel()
	h, err := NewHolder(Options{Files: fstest.MapFS{}})
	var told *FaultsError
	if h != nil || !errors.As(err, &told) {
		t.Errorf("holder %v, err %v", h, err)
	}
}

func TestReloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h, err := NewHolder(Options{Files: base(t)})
	if err != nil {
		t.Fatal(err)
	}
	h.turn <- struct{}{} // another reload runs
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Reload(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
}

// folderOf writes a configuration to the disk.
func folderOf(t *testing.T, files fstest.MapFS, dir string) {
	t.Helper()
	for name, file := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, file.Data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

// await waits until a reload has written its line.
func (l *logged) await(t *testing.T, step string) {
	t.Helper()
	select {
	case <-l.more:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: nothing was reloaded; the log says\n%s", step, l.text.String())
	}
}

func TestWatchFollowsWhatEditorsDo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "configs")
	files := base(t)
	folderOf(t, files, dir)
	h, err := NewHolder(Options{Files: os.DirFS(dir)})
	if err != nil {
		t.Fatal(err)
	}
	log := &logged{more: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- Watch(ctx, dir, h, slog.New(slog.NewTextHandler(log, nil))) }()
	queues := filepath.Join(dir, "queues.yaml")
	text := string(files["queues.yaml"].Data)
	write := func(text string) func() error {
		return func() error { return os.WriteFile(queues, []byte(text), 0o600) }
	}
	replace := func() error {
		return errors.Join(os.WriteFile(queues+"~", []byte("# 换\n"+text), 0o600), os.Rename(queues+"~", queues))
	}
	again := func() error {
		if err := os.Rename(dir, dir+".old"); err != nil {
			return err
		}
		folderOf(t, files, dir)
		return write("# 新目录\n" + text)()
	}
	for _, step := range []struct {
		name string
		do   func() error
		good bool
	}{
		{"written in place", write("# 一\n" + text), true},
		{"emptied", write(""), false},
		{"half written", write(text[:len(text)/2]), false},
		{"replaced by another", replace, true},
		{"removed", func() error { return os.Remove(queues) }, false},
		{"made again", write("# 二\n" + text), true},
		{"a sub-folder", func() error {
			return os.WriteFile(filepath.Join(dir, "rota", "x.yaml"), []byte("posts: {}\n"), 0o600)
		}, true},
		{"the whole folder replaced", again, true},
		{"and written to again", write("# 三\n" + text), true},
	} {
		before := h.Now()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		asWanted := func() bool { return (len(h.Last().Faults) == 0) == step.good && step.good == (h.Now() != before) }
		for !asWanted() {
			log.await(t, step.name)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWatchNeedsAFolder(t *testing.T) {
	t.Parallel()
	if err := Watch(t.Context(), filepath.Join(t.TempDir(), "none"), nil, nil); err == nil {
		t.Error("a folder that is missing was watched")
	}
}

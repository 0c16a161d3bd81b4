package configs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestReloadTakesAllOrNothing(t *testing.T) {
	t.Parallel()
	files := base(t)
	changed, told := 0, 0
	reg := prometheus.NewRegistry()
	h, err := NewHolder(t.Context(), Options{
		Files: files, Metrics: reg, After: func() { told++ },
		Changed: func(_ context.Context, s *Snapshot, use Use) {
			if changed++; use.Version != s.Version || use.How != Reloaded || use.By != "admin" {
				t.Errorf("use %+v", use)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	first := h.Now()
	if err := h.Reload(t.Context(), "admin"); err != nil || h.Now() != first || changed != 0 {
		t.Errorf("reading the same again: err %v, %d changes", err, changed)
	}
	good := files["queues.yaml"]
	files["queues.yaml"] = &fstest.MapFile{Data: good.Data[:len(good.Data)/2]}
	var faults *FaultsError
	if err := h.Reload(t.Context(), "admin"); !errors.As(err, &faults) || len(faults.Faults) == 0 {
		t.Errorf("half a file: %v", err)
	}
	if h.Now() != first || len(h.Last().Faults) == 0 || h.Last().Version != first.Version || gauge(t, reg, "weibao_config_last_reload_successful") != 0 {
		t.Errorf("after half a file: %+v", h.Last())
	}
	files["queues.yaml"] = &fstest.MapFile{Data: append([]byte("# 改\n"), good.Data...)}
	if err := h.Reload(t.Context(), "admin"); err != nil || h.Now() == first || changed != 1 || len(h.Last().Faults) != 0 {
		t.Errorf("a good change: err %v, %d changes, %+v", err, changed, h.Last())
	}
	if gauge(t, reg, "weibao_config_last_reload_successful") != 1 || gauge(t, reg, "weibao_config_hash") == 0 || gauge(t, reg, "weibao_config_last_reload_success_timestamp_seconds") == 0 {
		t.Error("the gauges do not say that it was good")
	}
	if told != 3 {
		t.Errorf("told of %d of 3 readings", told)
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
	h, err := NewHolder(t.Context(), Options{Files: fstest.MapFS{}})
	var told *FaultsError
	if h != nil || !errors.As(err, &told) {
		t.Errorf("holder %v, err %v", h, err)
	}
}

func TestReloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h, err := NewHolder(t.Context(), Options{Files: base(t)})
	if err != nil {
		t.Fatal(err)
	}
	h.turn <- struct{}{} // another reload runs
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Reload(ctx, "admin"); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
}

// stalling is a folder that somebody changes at every look.
type stalling struct {
	fstest.MapFS
	looks int
	until int // it is left alone from that look on
}

// Open implements fs.FS.
func (s *stalling) Open(name string) (fs.File, error) {
	if name == queuesName && s.looks < s.until {
		s.looks++
		s.MapFS[name] = &fstest.MapFile{Data: fmt.Appendf(s.MapFS[name].Data, "# %d\n", s.looks)}
	}
	return s.MapFS.Open(name)
}

// Stat implements fs.StatFS.
func (s *stalling) Stat(name string) (fs.FileInfo, error) { return s.MapFS.Stat(name) }

// ReadDir implements fs.ReadDirFS.
func (s *stalling) ReadDir(name string) ([]fs.DirEntry, error) { return s.MapFS.ReadDir(name) }

func TestFilesThatChangeWhileTheyAreReadAreReadAgain(t *testing.T) {
	t.Parallel()
	files := &stalling{MapFS: base(t)}
	h, err := NewHolder(t.Context(), Options{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	first := h.Now()
	files.looks, files.until = 0, 1000
	var faults *FaultsError
	if err := h.Reload(t.Context(), ""); !errors.As(err, &faults) || !strings.Contains(faults.Error(), "keep changing") || h.Now() != first {
		t.Errorf("changing all the time: %v", err)
	}
	files.looks, files.until = 0, 4
	if err := h.Reload(t.Context(), ""); err != nil || h.Now() == first {
		t.Fatalf("left alone: %v", err)
	}
	if again, _ := Read(files, time.Now()); again.Version != h.Now().Version {
		t.Error("what is in use is not what the files hold")
	}
}

func TestManyReadersSeeOneVersionOrTheOtherDuringAThousandReloads(t *testing.T) {
	t.Parallel()
	plain := base(t)
	other := maps.Clone(plain)
	other[planName] = &fstest.MapFile{Data: append(slices.Clone(plain[planName].Data), "# 另一版\n"...)}
	files := &swapped{}
	files.now.Store(&plain)
	h, err := NewHolder(t.Context(), Options{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	versions := []string{h.Now().Version}
	files.now.Store(&other)
	s, _ := Read(files, time.Now())
	versions = append(versions, s.Version)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			look := time.NewTicker(200 * time.Microsecond)
			defer look.Stop()
			for ; ctx.Err() == nil; <-look.C {
				s, last := h.Now(), h.Last()
				if !slices.Contains(versions, s.Version) || s.Guide.Version != s.Version || !slices.Contains(versions, last.Version) {
					t.Errorf("guide %s of version %s, last %s", s.Guide.Version, s.Version, last.Version)
					return
				}
			}
		})
	}
	for i := range 1000 {
		files.now.Store([]*fstest.MapFS{&plain, &other}[i%2])
		if err := h.Reload(ctx, "admin"); err != nil || h.Now().Version != versions[i%2] {
			t.Fatalf("reload %d: %v, %s in use", i, err, h.Now().Version)
		}
	}
	stop()
	readers.Wait()
}

// swapped is a folder that is another one from one instant to the next.
type swapped struct{ now atomic.Pointer[fstest.MapFS] }

// Open implements fs.FS.
func (s *swapped) Open(name string) (fs.File, error) { return s.now.Load().Open(name) }

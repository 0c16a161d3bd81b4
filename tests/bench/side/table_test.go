package side

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// table gathers figures by what they are of and of which system, one a run.
type table struct {
	figures map[key][]float64
	notes   []string
}

type key struct {
	what string
	of   system
}

func newTable() *table { return &table{figures: make(map[key][]float64)} }

func (t *table) add(what string, of system, figure float64) {
	t.figures[key{what, of}] = append(t.figures[key{what, of}], figure)
}

// times adds the quantiles of a run, in milliseconds.
func (t *table) times(what string, of system, all []time.Duration) {
	for name, q := range map[string]float64{" p50": 0.5, " p95": 0.95} {
		t.add(what+name, of, float64(quantile(all, q))/float64(time.Millisecond))
	}
	fmt.Printf("%s %s: n=%d p50=%v p95=%v max=%v\n", what, of, len(all), quantile(all, .5), quantile(all, .95), quantile(all, 1))
}

func (t *table) parts(what string, of system, c cost) {
	fmt.Printf("%s %s: %.2f ms a call: asterisk %.2f gateway %.2f redis %.2f\n", what, of, c.total(), c.asterisk, c.gateway, c.redis)
}

func (t *table) step(of system, rate int, l load, p95 time.Duration) {
	fmt.Printf("climb %s %d/s: lost %d of %d, p95 %v, resent %d, %.0f %%\n", of, rate, l.lost, l.calls, p95, l.resent, 100*l.busy)
}

// quantile of a run; 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

func (t *table) write(w io.Writer, e extent) error {
	for k, v := range t.figures {
		fmt.Fprintln(w, k.what, k.of, v)
	}
	return nil
}

package side

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

// table gathers figures by what they are of and of which system, one a run.
type table struct {
	figures map[key][]float64
	steps   map[system][]string // of the climb
	loads   []float64           // load average of the machine at each figure
}

type key struct {
	what string
	of   system
}

func newTable() *table {
	return &table{figures: make(map[key][]float64), steps: make(map[system][]string)}
}

func (t *table) add(what string, of system, figure float64) {
	t.figures[key{what, of}] = append(t.figures[key{what, of}], figure)
	t.loads = append(t.loads, loadAverage())
}

// times adds the quantiles of a run, in milliseconds.
func (t *table) times(what string, of system, all []time.Duration) {
	t.add(what+" p50", of, milliseconds(quantile(all, 0.5)))
	t.add(what+" p95", of, milliseconds(quantile(all, 0.95)))
}

func (t *table) spent(what string, of system, c cost) {
	t.add(what, of, c.total())
	t.add(what+" of Asterisk", of, c.asterisk)
	if of == ours {
		t.add(what+" of the gateway", of, c.gateway)
		t.add(what+" of Redis", of, c.redis)
	}
}

func (t *table) step(of system, rate int, l load) {
	t.steps[of] = append(t.steps[of], fmt.Sprintf("%d/s: %d of %d lost, p95 %.1f ms, %d sent again, %.0f %% of a processor",
		rate, l.lost, l.calls, milliseconds(quantile(l.joined, 0.95)), l.resent, 100*l.busy))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile of a run; 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

// median of some figures, which are not empty.
func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// worst is the greatest of some figures, which are not empty: what must never
// be is not excused by a median.
func worst(figures []float64) float64 { return slices.Max(figures) }

// row is a line of the table: what it says, and what is wanted.
type row struct {
	what, title, unit string
	wanted            string
	// good says whether the two medians are as wanted; peer is NaN where
	// app_queue has no such figure. nil: nothing is wanted.
	good func(ours, peer float64) bool
	// of all runs; nil for the median.
	of func([]float64) float64
}

func atMost(limit float64) func(float64, float64) bool {
	return func(ours, _ float64) bool { return ours <= limit }
}

func ratioAtMost(limit float64) func(float64, float64) bool {
	return func(ours, peer float64) bool { return ours <= limit*peer }
}

func rows() []row {
	return []row{
		{"freed p50", "seat hangs up → INVITE for the next caller at it, 60 callers, 10 seats: p50", "ms", "≤ 5", atMost(5), nil},
		{"freed p95", "the same: p95", "ms", "≤ 20", atMost(20), nil},
		{"joined p50", "caller chooses while seats are free → INVITE at a seat, 40 calls/s: p50", "ms", "≤ 2", atMost(2), nil},
		{"joined p95", "the same: p95", "ms", "≤ 1.25 ×", ratioAtMost(1.25), nil},
		{"cpu 40", "processor time of a whole call, 40 calls/s", "ms", "≤ 1.25 ×", ratioAtMost(1.25), nil},
		{"cpu 40 of Asterisk", "— of it Asterisk", "ms", "", nil, nil},
		{"cpu 40 of the gateway", "— of it the gateway", "ms", "", nil, nil},
		{"cpu 40 of Redis", "— of it Redis", "ms", "", nil, nil},
		{"cpu 120", "processor time of a whole call, 120 calls/s", "ms", "≤ 1.25 ×", ratioAtMost(1.25), nil},
		{"cpu 120 of Asterisk", "— of it Asterisk", "ms", "", nil, nil},
		{"cpu 120 of the gateway", "— of it the gateway", "ms", "", nil, nil},
		{"cpu 120 of Redis", "— of it Redis", "ms", "", nil, nil},
		{"cpu 40 recorded", "processor time of a whole call with recording, 40 calls/s", "ms", "", nil, nil},
		{"lost 40", "callers who reached no seat within 2 s, 40 calls/s", "", "0", atMost(0), worst},
		{"lost 120", "the same, 120 calls/s", "", "0", atMost(0), worst},
		{"capacity", "highest rate without a lost call, p95 to the INVITE ≤ 100 ms", "calls/s", "≥ 0.9 ×", func(ours, peer float64) bool { return ours >= 0.9*peer }, nil},
		{"memory", "callers who wait: memory of the gateway over idle", "MiB", "≤ 64", atMost(64), worst},
		{"memory in all", "— in all", "MiB", "", nil, nil},
		{"lost events", "events lost meanwhile", "", "0", atMost(0), worst},
		{"comfort", "comfort prompts later than 1 s, of those that were due", "", "0", atMost(0), worst},
		{"clashes", "INVITEs at a seat that was at work, in all runs", "", "0", atMost(0), worst},
	}
}

// markdown is the table as it stands in RESULTS.md.
func (t *table) markdown(e extent) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s, %s. %d rounds, each in an Asterisk of its own: first app_queue, while no gateway has ever been there, then weibao. Median (least – greatest); load average of the machine while measuring %.1f – %.1f.\n\n",
		heading, machine(), time.Now().Format(time.DateOnly), e.rounds, slices.Min(t.loads), slices.Max(t.loads))
	b.WriteString("| what | weibao | app_queue | ratio | wanted | |\n|---|---|---|---|---|---|\n")
	for _, r := range rows() {
		t.line(&b, r)
	}
	b.WriteString("\nThe climb, step by step:\n\n")
	for _, s := range []system{ours, peers} {
		fmt.Fprintf(&b, "- %s: %s.\n", s, strings.Join(t.steps[s], "; "))
	}
	fmt.Fprintf(&b, conditions, e.waiting, e.wait)
	return b.String()
}

func (t *table) line(b *strings.Builder, r row) {
	mine, his := t.figures[key{r.what, ours}], t.figures[key{r.what, peers}]
	if len(mine) == 0 {
		return
	}
	if r.of == nil {
		r.of = median
	}
	a, p, ratio, verdict := r.of(mine), math.NaN(), "–", ""
	if len(his) > 0 {
		if p = r.of(his); p > 0 {
			ratio = fmt.Sprintf("%.2f ×", a/p)
		}
	}
	if r.good != nil {
		verdict = "missed"
		if r.good(a, p) {
			verdict = "met"
		}
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", r.title, r.span(mine), r.span(his), ratio, r.wanted, verdict)
}

// span is the figure of all runs, and the least and the greatest.
func (r row) span(figures []float64) string {
	if len(figures) == 0 {
		return "–"
	}
	text := strings.TrimSpace(short(r.of(figures)) + " " + r.unit)
	if len(figures) > 1 {
		text += fmt.Sprintf(" (%s – %s)", short(slices.Min(figures)), short(slices.Max(figures)))
	}
	return text
}

// short is a figure with three digits that mean something.
func short(f float64) string {
	switch {
	case f == math.Trunc(f) || f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

func loadAverage() float64 {
	var one float64
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(text), &one)
	}
	return one
}

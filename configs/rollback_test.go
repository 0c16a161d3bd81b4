package configs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// past is a history as a journal keeps it: what a gateway has told, for the
// next one.
type past struct {
	uses  []Use
	texts map[string]string
}

// Known implements History.
func (p *past) Known(_ context.Context, version string) bool { return p.texts[version] != "" }

// Uses implements History.
func (p *past) Uses() []Use { return p.uses }

// Text implements History.
func (p *past) Text(_ context.Context, version string) (string, error) {
	if text := p.texts[version]; text != "" {
		return text, nil
	}
	return "", errors.New("not found")
}

// note is what the gateway does with a use.
func (p *past) note(s *Snapshot, use Use) {
	p.texts[s.Version] = s.Text()
	if len(p.uses) > 0 && p.uses[0].Version != use.Version {
		p.uses = append([]Use{use}, p.uses[0])
		return
	}
	p.uses = append([]Use{use}, p.uses[min(1, len(p.uses)):]...)
}

// life is a gateway's life with a folder and a history.
type life struct {
	*Holder
	t       *testing.T
	files   fstest.MapFS
	past    *past
	metrics *prometheus.Registry
}

func (l *life) restart() {
	l.t.Helper()
	l.metrics = prometheus.NewRegistry()
	var err error
	l.Holder, err = NewHolder(l.t.Context(), Options{
		Files: l.files, History: l.past, Metrics: l.metrics,
		Changed: func(_ context.Context, s *Snapshot, use Use) { l.past.note(s, use) },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if use := l.Last().Use; len(l.past.uses) == 0 || l.past.uses[0] != use {
		l.past.note(l.Now(), use)
	}
}

func begin(t *testing.T) *life {
	t.Helper()
	l := &life{t: t, files: base(t), past: &past{texts: make(map[string]string)}}
	l.restart()
	return l
}

// edit makes another version of the files and returns it.
func (l *life) edit(comment string) string {
	l.t.Helper()
	l.files[queuesName] = &fstest.MapFile{Data: append([]byte("# "+comment+"\n"), base(l.t)[queuesName].Data...)}
	s, faults := Read(l.files, time.Now())
	if len(faults) > 0 {
		l.t.Fatal(faults)
	}
	return s.Version
}

func (l *life) is(version string, how How, by string) {
	l.t.Helper()
	last := l.Last()
	if l.Now().Version != version || last.Version != version || last.Use.Version != version || last.Use.How != how || last.Use.By != by {
		l.t.Fatalf("in use %s, %+v; want %s by %s of %q", l.Now().Version, last, version, how, by)
	}
	if rolled := gauge(l.t, l.metrics, "weibao_config_rolled_back") == 1; rolled != (how == RolledBack) {
		l.t.Errorf("the gauge says %t", rolled)
	}
}

func (l *life) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// told looks at the files as the watch does.
func (l *life) told() {
	l.t.Helper()
	_, err := l.follow(l.t.Context(), time.Minute)
	l.must(err)
}

func TestARollbackIsOneStepAndStaysUntilTheFilesChangeOrSomebodyAsks(t *testing.T) {
	t.Parallel()
	l, ctx := begin(t), t.Context()
	x := l.Now().Version
	l.is(x, Started, "")
	var no *RefusedError
	if err := l.Rollback(ctx, "admin"); !errors.As(err, &no) || !strings.Contains(no.Refused(), "no earlier version") {
		t.Fatalf("nothing to go back to: %v", err)
	}
	y := l.edit("坏的")
	l.told()
	l.is(y, FromFiles, "")
	l.must(l.Rollback(ctx, "admin"))
	l.is(x, RolledBack, "admin")
	if use := l.Last().Use; use.Instead != y || l.Last().Files != y {
		t.Errorf("after the rollback: %+v", l.Last())
	}
	if err := l.Rollback(ctx, "admin"); !errors.As(err, &no) || !strings.Contains(no.Refused(), y) {
		t.Errorf("a second step: %v", err)
	}
	l.told()
	l.files["notes.yml"] = &fstest.MapFile{Data: []byte("x")} // another event, with a fault of its own
	if _, err := l.follow(ctx, time.Minute); err == nil {
		t.Error("a stray file is no fault")
	}
	delete(l.files, "notes.yml")
	l.told()
	l.is(x, RolledBack, "admin")
	if faults := l.Last().Faults; len(faults) > 0 {
		t.Errorf("faults: %s", faults)
	}
	l.must(l.Reload(ctx, "admin"))
	l.is(y, Reloaded, "admin")
	l.must(l.Rollback(ctx, "1019"))
	l.is(x, RolledBack, "1019")
	z := l.edit("改好了")
	l.told()
	l.is(z, FromFiles, "")
	l.must(l.Rollback(ctx, "admin"))
	l.is(x, RolledBack, "admin")
}

func TestFilesThatAgreeAgainEndTheRollback(t *testing.T) {
	t.Parallel()
	l := begin(t)
	x := l.Now().Version
	y := l.edit("坏的")
	l.told()
	l.must(l.Rollback(t.Context(), "admin"))
	l.files[queuesName] = base(t)[queuesName] // the files go back as well
	l.told()
	l.is(x, FromFiles, "")
	l.restart()
	l.is(x, FromFiles, "")
	l.edit("坏的") // and the same mistake is a change like any other
	l.told()
	l.is(y, FromFiles, "")
}

func TestARestartKeepsTheRollbackAsLongAsTheFilesAreTheSame(t *testing.T) {
	t.Parallel()
	l, ctx := begin(t), t.Context()
	x := l.Now().Version
	y := l.edit("坏的")
	l.told()
	l.must(l.Rollback(ctx, "admin"))
	when := l.Last().Use.At
	l.restart()
	l.is(x, RolledBack, "admin")
	if last := l.Last(); last.Use.At != when || last.Files != y {
		t.Errorf("after the restart: %+v", last)
	}
	l.told()
	l.is(x, RolledBack, "admin")
	var no *RefusedError
	if err := l.Rollback(ctx, "admin"); !errors.As(err, &no) {
		t.Errorf("a second step: %v", err)
	}
	z := l.edit("改好了")
	l.restart()
	l.is(z, Started, "")
	l.restart()
	l.is(z, Started, "")
	l.must(l.Rollback(ctx, "admin"))
	l.is(x, RolledBack, "admin")
	l.past.texts = make(map[string]string)
	l.restart()
	l.is(z, Started, "")
	if l.Last().Files != z {
		t.Errorf("without the text: %+v", l.Last())
	}
}

func TestARollbackToAVersionThatDoesNotReadAnyMoreChangesNothing(t *testing.T) {
	t.Parallel()
	l, ctx := begin(t), t.Context()
	x, text := l.Now().Version, l.Now().Text()
	y := l.edit("新的")
	l.restart()
	for name, kept := range map[string]string{
		"cut off":         text[:len(text)-10],
		"of another name": l.Now().Text(),
		"with a fault":    strings.Replace(text, "-- queues.yaml ", "-- queue.yaml ", 1),
		"gone":            "",
	} {
		l.past.texts[x] = kept
		if err := l.Rollback(ctx, "admin"); err == nil {
			t.Errorf("%s: no error", name)
		}
		l.is(y, Started, "")
	}
	l.past.texts[x] = text
	l.must(l.Rollback(ctx, "admin"))
	l.is(x, RolledBack, "admin")
}

func TestARollbackKeepsTellingWhatIsWrongWithTheFiles(t *testing.T) {
	t.Parallel()
	l := begin(t)
	x := l.Now().Version
	l.edit("新的")
	l.told()
	l.files[planName] = &fstest.MapFile{}
	if _, err := l.follow(t.Context(), time.Minute); err == nil {
		t.Fatal("an empty plan is no fault")
	}
	l.must(l.Rollback(t.Context(), "admin"))
	l.is(x, RolledBack, "admin")
	if last := l.Last(); len(last.Faults) == 0 || last.Files != "" || gauge(t, l.metrics, "weibao_config_last_reload_successful") != 0 {
		t.Errorf("after the rollback: %+v", last)
	}
}

func TestARestartOverBrokenFilesGoesOnWithWhatWasInUseLast(t *testing.T) {
	t.Parallel()
	l := begin(t)
	good := l.Now().Version
	whole := l.files[queuesName]
	l.files[queuesName] = &fstest.MapFile{Data: []byte("queues: [\n")}
	l.restart()
	if last := l.Last(); l.Now().Version != good || len(last.Faults) == 0 || last.Files != "" || gauge(t, l.metrics, "weibao_config_last_reload_successful") != 0 {
		t.Errorf("version %s, last %+v", l.Now().Version, last)
	}
	l.files[queuesName] = whole
	if err := l.Reload(t.Context(), "admin"); err != nil || l.Now().Version != good || len(l.Last().Faults) > 0 {
		t.Errorf("mended: %v, last %+v", err, l.Last())
	}
	l.files[queuesName] = &fstest.MapFile{Data: []byte("queues: [\n")}
	l.past.texts = map[string]string{}
	if h, err := NewHolder(t.Context(), Options{Files: l.files, History: l.past}); h != nil || err == nil {
		t.Errorf("without its text: holder %v, err %v", h, err)
	}
}

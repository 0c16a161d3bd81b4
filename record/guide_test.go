package record

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func use(version, how string) GuideUse {
	return GuideUse{Version: version, At: moment(at(0)), How: how, By: "admin"}
}

func TestTheLastTwoVersionsAreKnownAfterARestartAndInTheNextSegment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, dir, func(o *JournalOptions) { o.SegmentBytes = 1 })
	note := func(u GuideUse) {
		t.Helper()
		if _, err := j.Append(KindGuideUse, u); err != nil {
			t.Fatal(err)
		}
	}
	want := func(uses ...GuideUse) {
		t.Helper()
		if diff := cmp.Diff(uses, j.uses); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	want()
	a, b, back, c := use("a", "start"), use("b", "files"), use("a", "rollback"), use("c", "reload")
	back.Instead = "b"
	note(a)
	want(a)
	note(b)
	want(b, a)
	note(back)
	want(back, b)
	j.Tend() // a new segment
	kill(j)
	j = openAt(t, dir)
	want(back, b)
	again := use("a", "files") // the same version in another way
	note(again)
	want(again, b)
	note(c)
	want(c, again)
	kill(j)
	j = openAt(t, dir)
	want(c, again)
	if report := mustVerify(t, dir); !report.OK() || report.Kinds[KindGuideUse] != 5 {
		t.Errorf("report %s, %v", report, report.Kinds)
	}
}

func TestTheTextOfAVersionComesFromTheJournalWhenTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	g := &gate{Store: emptyStore(t)}
	g.set(func(context.Context, Batch) error { return errors.New("connection refused") })
	dir := t.TempDir()
	r := registry(t, Options{Journal: JournalOptions{Dir: dir, SegmentBytes: 1}, Store: g})
	text := strings.Repeat("规则\n", 1000)
	for _, version := range []string{"v1", "v2", "v1"} {
		if err := r.Guide(t.Context(), version, version+text); err != nil {
			t.Fatal(err)
		}
		if err := r.Alarm(t.Context(), "noise", `"kind":"guide"`); err != nil {
			t.Fatal(err)
		}
	}
	if got := kinds(t, dir); strings.Count(got, "guide") != 2 {
		t.Errorf("journal holds %s, want each text once", got)
	}
	for _, version := range []string{"v1", "v2"} {
		if got, err := r.GuideText(t.Context(), version); err != nil || got.Text != version+text {
			t.Errorf("%s: %d bytes, %v", version, len(got.Text), err)
		}
	}
	if _, err := r.GuideText(t.Context(), "v3"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a version that never was: %v", err)
	}
	g.set(nil)
	flush(t, r)
	if got, err := r.GuideText(t.Context(), "v1"); err != nil || got.Text != "v1"+text {
		t.Errorf("from the database: %d bytes, %v", len(got.Text), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.GuideText(ctx, "v3"); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

func TestTheUseOfAVersionIsWrittenDownWithWhoWantedIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := registry(t, Options{Journal: JournalOptions{Dir: dir}, Store: emptyStore(t)})
	for i := range 3 {
		if err := r.UseGuide(t.Context(), GuideUse{Version: fmt.Sprint("v", i), How: "reload", By: "admin"}); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, r)
	uses := r.GuideUses()
	if len(uses) != 2 || uses[0].Version != "v2" || uses[1].Version != "v1" || uses[0].By != "admin" || uses[0].At.IsZero() {
		t.Errorf("uses %+v", uses)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.UseGuide(t.Context(), GuideUse{Version: "v3"}); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

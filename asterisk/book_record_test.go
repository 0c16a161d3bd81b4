package asterisk

import (
	"testing"
	"time"

	"weibao/call"
)

func TestARecordingHasStoppedWhenItsFileDoesNotGrowOrTheDiskDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b := newBook()
	b.begin("r", "c1", call.Talk, false)
	begun := time.Now()
	for _, row := range []struct {
		after   time.Duration
		size    int64
		stalled bool
	}{
		{time.Second, 0, false}, // Asterisk writes every two seconds
		{2 * time.Second, 32 << 10, false},
		{2*time.Second + stallAfter - time.Millisecond, 32 << 10, false},
		{2*time.Second + stallAfter, 32 << 10, true},
		{3*time.Second + stallAfter, 64 << 10, false}, // it was only slow
		{4*time.Second + stallAfter, -1, true},
	} {
		if !b.looks("r") || b.looks("r") {
			t.Fatal("not one look at a time")
		}
		if got := b.looked("r", row.size, begun.Add(row.after)); got != row.stalled {
			t.Errorf("after %s with %d bytes: stalled %v", row.after, row.size, got)
		}
	}
	b.keep("r")
	if b.looks("r") {
		t.Error("a recording that ends is looked at")
	}
}

func TestTheFilesOfARecordingAreNumbered(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"01JD": "01JD.2", "01JD.2": "01JD.3", "01JD.9": "01JD.10"} {
		if got := next(name); got != want {
			t.Errorf("after %s comes %s, want %s", name, got, want)
		}
	}
}

package record

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

func TestACallerWhoWasLostIsKnownForHalfAnHour(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	var r Registry
	lost := func(number string, ended time.Time) {
		r.remember(call.Call{Number: routing.Number(number), EndedAt: ended})
	}
	lost("13800000001", at)
	lost("anonymous", at)
	lost("13800000002", at.Add(-time.Hour))
	for _, row := range []struct {
		number string
		at     time.Time
		want   string
	}{
		{"13800000001", at.Add(time.Minute), routing.RepeatLost},
		{"13800000001", at.Add(31 * time.Minute), ""},
		{"13800000002", at, ""},
		{"anonymous", at, ""},
		{"13800000003", at, ""},
	} {
		if got := r.Facts(routing.Number(row.number), row.at)[routing.FactRepeat]; got != row.want {
			t.Errorf("%s at %s: %q, want %q", row.number, row.at, got, row.want)
		}
	}
	r.remember(call.Call{Number: "13800000001", EndedAt: at.Add(2 * time.Minute), TalkedAt: at.Add(time.Minute)})
	if facts := r.Facts("13800000001", at.Add(3*time.Minute)); facts != nil {
		t.Errorf("who has talked with somebody is not lost any more: %v", facts)
	}
	r.remember(call.Call{Number: "13800000001", EndedAt: at.Add(4 * time.Minute), TalkedAt: at, Agent: "1001"})
	r.remember(call.Call{Number: "13800000001", EndedAt: at.Add(5 * time.Minute), TalkedAt: at}) // with a duty officer
	for after, want := range map[time.Duration]string{time.Hour: "1001", 25 * time.Hour: ""} {
		if got := r.Facts("13800000001", at.Add(after))[call.FactAgent]; got != want {
			t.Errorf("after %s the caller talked last with %q, want %q", after, got, want)
		}
	}
}

func TestARestartDoesNotForgetWhoWasLost(t *testing.T) {
	t.Parallel()
	ctx, at := context.Background(), time.Now()
	s, err := Prepare("sqlite:" + filepath.Join(t.TempDir(), "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	changes := []Change{
		Record{ID: "1", Caller: "13800000001", ArrivedAt: moment(at.Add(-10 * time.Minute)), EndedAt: moment(at.Add(-9 * time.Minute)), Outcome: "abandoned"},
		Record{ID: "2", Caller: "13800000002", ArrivedAt: moment(at.Add(-10 * time.Minute)), EndedAt: moment(at.Add(-9 * time.Minute)), Outcome: "abandoned"},
		Record{ID: "3", Caller: "13800000002", ArrivedAt: moment(at.Add(-5 * time.Minute)), TalkedAt: moment(at.Add(-4 * time.Minute)), EndedAt: moment(at.Add(-time.Minute)), Outcome: "answered", Agent: "1002"},
	}
	if err := s.Apply(ctx, Batch{Journal: "j", Changes: changes}); err != nil {
		t.Fatal(err)
	}
	r := Registry{store: s}
	if err := r.Recall(ctx, at); err != nil {
		t.Fatal(err)
	}
	if r.Facts("13800000001", at)[routing.FactRepeat] == "" || r.Facts("13800000002", at)[call.FactAgent] != "1002" {
		t.Errorf("facts %v and %v", r.Facts("13800000001", at), r.Facts("13800000002", at))
	}
}

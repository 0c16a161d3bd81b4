package record

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/routing"
)

// replacement is an override at a step of its life.
func replacement(t *testing.T, id string, steps ...routing.OverrideState) routing.Override {
	t.Helper()
	o := routing.Override{ID: id, Post: "222400", Why: "发烧", Changes: []routing.DutyChange{
		{From: at(60).UTC(), To: at(3600).UTC(), Out: "jin.yongzhe", In: routing.Officer{Name: "朴明花", Numbers: []string{"13900000434"}}},
	}}
	for i, state := range steps {
		var err error
		if o, err = o.Move(state, "1019 赵敏", at(float64(i)).UTC()); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func TestDutyIsOnTheDiskThenInTheDatabaseAndReadFromEither(t *testing.T) {
	t.Parallel()
	dir, store, ctx := t.TempDir(), emptyStore(t), t.Context()
	r := registry(t, Options{Journal: JournalOptions{Dir: dir, SegmentBytes: 1500}, Store: store})
	asked := replacement(t, "20261123-aaaaaa", routing.Asked)
	approved := replacement(t, "20261123-aaaaaa", routing.Asked, routing.Approved)
	other := replacement(t, "20261123-bbbbbb", routing.Approved)
	first := routing.HandOver{Post: "222400", At: at(1).UTC(), By: "1009", Text: "无事"}
	last := routing.HandOver{Post: "222400", At: at(2).UTC(), By: "1010", Text: "等回电"}
	err := errors.Join(r.Override(ctx, asked), r.HandOver(ctx, last), r.Keep(ctx, call.Call{ID: "01A"}), r.Override(ctx, approved))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 { // over the end of a file
		if err := r.Keep(ctx, call.Call{ID: call.ID(fmt.Sprint("01B", i))}); err != nil {
			t.Fatal(err)
		}
	}
	// Told again, and late: an earlier step takes nothing back.
	if err := errors.Join(r.Override(ctx, asked), r.HandOver(ctx, first), r.Override(ctx, other)); err != nil {
		t.Fatal(err)
	}
	want := Duty{Overrides: []routing.Override{approved, other}, Notes: []routing.HandOver{last}}
	got, err := ReadDuty(dir) // while it is open for writing
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("from the journal: %v (-want +got)\n%s", err, diff)
	}
	flush(t, r)
	got, err = store.Duty(ctx)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("from the database: %v (-want +got)\n%s", err, diff)
	}
	if words := kinds(t, dir); !strings.HasPrefix(words, "override hand_over record override") || !strings.HasSuffix(words, "override hand_over override") {
		t.Errorf("journal holds %s", words)
	}
	if report := mustVerify(t, dir); !report.OK() || report.Segments < 2 || report.Kinds[KindOverride] != 4 {
		t.Errorf("%s: %+v", report, report)
	}
}

func TestJournalWithoutDutyHasNoneAndADamagedLineIsCounted(t *testing.T) {
	t.Parallel()
	if d, err := ReadDuty(filepath.Join(t.TempDir(), "never")); err != nil || len(d.Overrides)+len(d.Notes)+d.Damaged != 0 {
		t.Errorf("no journal: %+v, %v", d, err)
	}
	dir := t.TempDir()
	j := openAt(t, dir)
	for _, o := range []Override{{replacement(t, "20261123-aaaaaa", routing.Asked)}, {replacement(t, "20261123-bbbbbb", routing.Asked)}} {
		if _, err := j.Append(KindOverride, o); err != nil {
			t.Fatal(err)
		}
	}
	kill(j) // without giving back the space behind the last line
	path := filepath.Join(dir, segmentName(1))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("20261123-aaaaaa"), []byte("20261123-cccccc"), 1)
	text = append(bytes.TrimRight(text, "\x00"), `{"seq":4,"at":"2026-11-23T20:00:00.000+08:00","kind":"override","prev`...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := ReadDuty(dir)
	if err != nil || d.Damaged != 1 || len(d.Overrides) != 1 || d.Overrides[0].ID != "20261123-bbbbbb" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestDutyThatTheDiskRefusesIsAnErrorAndWrittenLater(t *testing.T) {
	t.Parallel()
	dir, bad := t.TempDir(), &faults{}
	r := registry(t, Options{Journal: JournalOptions{Dir: dir, open: bad.open}, Store: emptyStore(t)})
	flush(t, r)
	failing := make(chan bool, 1)
	failing <- true
	bad.sync = func() error {
		now := <-failing
		failing <- now
		if now {
			return syscall.EIO
		}
		return nil
	}
	o := replacement(t, "20261123-aaaaaa", routing.Approved)
	if err := r.Override(t.Context(), o); !errors.Is(err, syscall.EIO) {
		t.Errorf("override on a disk that refuses: %v", err)
	}
	if err := r.HandOver(t.Context(), routing.HandOver{Post: "222400", At: at(0)}); !errors.Is(err, syscall.EIO) {
		t.Errorf("note on a disk that refuses: %v", err)
	}
	<-failing
	failing <- false
	eventually(t, func() bool { return r.Status().Owed == 0 })
	if words := kinds(t, dir); words != "override hand_over" {
		t.Errorf("journal holds %s", words)
	}
}

func TestDatabaseOfTheFirstVersionGetsTheTablesOfDuty(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "records.db")
	old, err := Prepare("sqlite:" + path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := old.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := old.db.ExecContext(t.Context(), saveGuide, "v1", "plan: …", at(0).UnixMilli()); err != nil {
		t.Fatal(err)
	}
	_ = old.Close()
	s, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o := replacement(t, "20261123-aaaaaa", routing.Approved)
	if err := s.Apply(t.Context(), Batch{Journal: "j", Changes: []Change{Override{o}}}); err != nil {
		t.Fatal(err)
	}
	d, err := s.Duty(t.Context())
	if g, kept := s.Guide(t.Context(), "v1"); err != nil || len(d.Overrides) != 1 || kept != nil || g.Text != "plan: …" {
		t.Errorf("got %+v, %v; guide %+v, %v", d, err, g, kept)
	}
}

// A year of calls: what `weibao rota on` waits for.
func BenchmarkReadDuty(b *testing.B) {
	dir := b.TempDir()
	j, err := OpenJournal(JournalOptions{Dir: dir, open: unsynced})
	if err != nil {
		b.Fatal(err)
	}
	note := strings.Repeat("通话记录", 500) // 6 kB, a long record
	for i := range 10_000 {
		if _, err := j.Append(KindRecord, Record{ID: call.ID(fmt.Sprint(i)), Reason: note}); err != nil {
			b.Fatal(err)
		}
	}
	o := routing.Override{ID: "a", Post: "222400", Steps: []routing.OverrideStep{{State: routing.Asked, At: time.Unix(0, 0)}}}
	if _, err := j.Append(KindOverride, Override{o}); err != nil {
		b.Fatal(err)
	}
	_ = j.Close()
	info, err := os.Stat(filepath.Join(dir, segmentName(1)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		if d, err := ReadDuty(dir); err != nil || len(d.Overrides) != 1 {
			b.Fatal(d, err)
		}
	}
}

package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weibao/call"
	"weibao/record/vault"
)

// archiveDir and archiveStep tell a child process of the tests which archive to
// work in and at which step to die; purgeNow that it purges.
const (
	archiveDir  = "WEIBAO_TEST_ARCHIVE"
	archiveStep = "WEIBAO_TEST_ARCHIVE_STEP"
	purgeNow    = "WEIBAO_TEST_ARCHIVE_PURGE"
)

// keeping are the rules of the tests.
func keeping() Keeping {
	return Keeping{
		Usual: 24 * time.Hour, ByKind: map[string]time.Duration{"性侵": 48 * time.Hour}, Sensitive: []string{"性侵"},
		Ask: time.Hour, Listen: time.Hour,
	}
}

// scene is a gateway's archive in a folder: rec, second, sealed, spare, journal.
type tapeScene struct {
	dir string
	*Archive
}

// openArchive opens the archive in a folder; the child of a test has no test.
func openArchive(ctx context.Context, dir string, change ...func(*ArchiveOptions)) (*tapeScene, func(), error) {
	store, err := Open(ctx, "sqlite:"+filepath.Join(dir, "records.db"))
	if err != nil {
		return nil, nil, err
	}
	r, err := New(Options{Journal: JournalOptions{Dir: filepath.Join(dir, "journal")}, Store: store, Retry: 50 * time.Millisecond})
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	end := func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = errors.Join(r.Close(ctx), store.Close())
	}
	keys, _, err := vault.OpenKeys(filepath.Join(dir, "key"), vault.Age)
	if err != nil {
		end()
		return nil, nil, err
	}
	signer, _, err := OpenSigner(filepath.Join(dir, "signer"))
	if err != nil {
		end()
		return nil, nil, err
	}
	o := ArchiveOptions{
		Registry: r, Store: store, Keys: keys, Signer: signer, Node: "node1", Keeping: keeping,
		Plain:  []string{filepath.Join(dir, "rec"), filepath.Join(dir, "second")},
		Sealed: []string{filepath.Join(dir, "sealed"), filepath.Join(dir, "spare")},
		Live:   func(call.ID) bool { return false },
	}
	for _, f := range change {
		f(&o)
	}
	return &tapeScene{dir: dir, Archive: NewArchive(o)}, end, nil
}

func archive(t *testing.T, dir string, change ...func(*ArchiveOptions)) *tapeScene {
	t.Helper()
	a, end, err := openArchive(t.Context(), dir, change...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return a
}

// spoken has a call of that kind end that was recorded in two files, and keeps
// its record.
func (a *tapeScene) spoken(ctx context.Context, id call.ID, category string) error {
	c := emergencyCall()
	c.ID = id
	c.Transfers, c.Transfer = nil, call.Transfer{}
	c.Note = map[string]string{NoteCategory: category}
	first, last := filepath.Join(a.dir, "rec", string(id)+".wav"), filepath.Join(a.dir, "second", string(id)+".2.wav")
	for i, path := range []string{first, last} {
		sound := wav(50, 16000)
		sound[len(sound)-1] = byte(i + 1)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, sound, 0o600)); err != nil {
			return err
		}
	}
	c.Recording = call.Recording{Wanted: true, File: last, Parts: []call.RecordingPart{{File: first, Fault: "stopped growing"}}}
	return a.Registry.Keep(ctx, c)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// left lists the files in the folders of recordings.
func (a *tapeScene) left() string {
	var names []string
	for _, dir := range append(append([]string{}, a.Plain...), a.Sealed...) {
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				name, _ := filepath.Rel(a.dir, path)
				names = append(names, name)
			}
			return nil
		})
	}
	return strings.Join(names, " ")
}

// whole checks that every file of a recording can be heard, and its content.
func (a *tapeScene) whole(t *testing.T, id call.ID) {
	t.Helper()
	tape, err := a.Store.Tape(t.Context(), id)
	must(t, err)
	if len(tape.Record.Recording.Files()) != 2 {
		t.Fatalf("%d files", len(tape.Record.Recording.Files()))
	}
	for _, f := range tape.Record.Recording.Files() {
		sound, err := a.open(tape, f)
		must(t, err)
		content, err := io.ReadAll(sound)
		sum := sha256.Sum256(content)
		if err != nil || hex.EncodeToString(sum[:]) != f.SHA256 || f.Length.Duration() != 50*time.Second {
			t.Errorf("%s: %s, content %x, %v", f.File, f.Length.Duration(), sum, err)
		}
		must(t, sound.Close())
	}
}

// workAndDie is the child.
func workAndDie(dir, step string) int {
	ctx := context.Background()
	a, _, err := openArchive(ctx, dir, func(o *ArchiveOptions) {
		o.reached = func(at string) {
			if at == step {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	})
	if err == nil {
		err = a.spoken(ctx, "01A", "")
	}
	if err == nil && os.Getenv(purgeNow) == "" {
		err = a.Sweep(ctx)
	} else if err == nil {
		_, err = a.Purge(ctx, time.Now().AddDate(1, 0, 0))
	}
	fmt.Fprintln(os.Stderr, "not killed:", err)
	return 3
}

func killedAt(t *testing.T, step string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(append(os.Environ(), archiveDir+"="+dir, archiveStep+"="+step), env...)
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("not killed at %s: %v\n%s", step, err, out)
	}
	return dir
}

func TestAGatewayThatIsKilledWhileItEncryptsLosesNoRecording(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"told", "shown", "removed"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			a := archive(t, killedAt(t, step))
			must(t, a.flush(t.Context()))
			a.whole(t, "01A")
			must(t, a.Sweep(t.Context()))
			a.whole(t, "01A")
			month := emergencyCall().EndedAt.In(zone()).Format("200601")
			if got, want := a.left(), fmt.Sprintf("sealed/%[1]s/01A.2.wav.age sealed/%[1]s/01A.wav.age", month); got != want {
				t.Errorf("on the disk: %s, want %s", got, want)
			}
			report, err := VerifyTapes(filepath.Join(a.dir, "journal"), a.Signer.Public())
			if err != nil || !report.OK() || report.Looked != 2 {
				t.Errorf("%v, %v", report, err)
			}
		})
	}
}

func TestAGatewayThatIsKilledWhileItPurgesEndsThePurge(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"due", "removed"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			a := archive(t, killedAt(t, step, purgeNow+"=1"))
			must(t, a.Sweep(t.Context()))
			if got := a.left(); got != "" {
				t.Errorf("on the disk: %s", got)
			}
			tape, err := a.Store.Tape(t.Context(), "01A")
			if stub := tape.Purged(); err != nil || stub == nil || stub.State != PurgeDone || len(stub.Files) != 2 || stub.Check(a.Signer.Public()) != nil {
				t.Errorf("stub %+v, %v", stub, err)
			}
		})
	}
}

func TestAHoldThatComesWhileAPurgeBeginsKeepsTheRecording(t *testing.T) {
	t.Parallel()
	a := archive(t, killedAt(t, "due", purgeNow+"=1"))
	if _, err := a.Hold(t.Context(), "01A", "1019", "检察院调取"); !errors.Is(err, ErrTape) {
		t.Errorf("a hold in the face of a purge was promised: %v", err)
	}
	must(t, a.Sweep(t.Context()))
	a.whole(t, "01A")
	if tape, err := a.Store.Tape(t.Context(), "01A"); err != nil || tape.Purged() != nil || !tape.Held() {
		t.Errorf("tape %+v, %v", tape, err)
	}
}

func TestRecordingsArePurgedWhenTheirTimeIsOverAndNobodyHoldsThem(t *testing.T) {
	t.Parallel()
	a := archive(t, t.TempDir())
	for id, category := range map[call.ID]string{"01A": "", "01B": "性侵", "01C": ""} {
		must(t, a.spoken(t.Context(), id, category))
	}
	must(t, a.Sweep(t.Context()))
	hold, err := a.Hold(t.Context(), "01C", "1019", "检察院调取")
	must(t, err)
	ended := emergencyCall().EndedAt
	for _, row := range []struct {
		what   string
		after  time.Duration
		before func()
		want   string
	}{
		{"a day less a second", 24*time.Hour - time.Second, func() {}, "01A 01B 01C"},
		{"a day: the usual kind", 24*time.Hour + time.Second, func() {}, "01B 01C"},
		{"two days: the grave kind", 48*time.Hour + time.Second, func() {}, "01C"},
		{"a year: the held one stays", 8760 * time.Hour, func() {}, "01C"},
		{"lifted", 8760 * time.Hour, func() {
			_, err := a.LiftHolds(t.Context(), "01C", "1019", "案件已结")
			must(t, err)
		}, ""},
	} {
		row.before()
		_, err := a.Purge(t.Context(), ended.Add(row.after))
		must(t, err)
		var there []string
		for _, id := range []call.ID{"01A", "01B", "01C"} {
			tape, err := a.Store.Tape(t.Context(), id)
			must(t, err)
			if tape.Purged() == nil {
				a.whole(t, id)
				there = append(there, string(id))
			}
		}
		if got := strings.Join(there, " "); got != row.want {
			t.Errorf("%s: there are %q, want %q", row.what, got, row.want)
		}
	}
	if got := a.left(); got != "" {
		t.Errorf("on the disk: %s", got)
	}
	if hold.ID == "" {
		t.Error("the hold has no name")
	}
	report, err := VerifyTapes(filepath.Join(a.dir, "journal"), a.Signer.Public())
	if err != nil || !report.OK() || report.Purged != 3 {
		t.Errorf("%v, %v", report, err)
	}
	if report, err := VerifyTapes(filepath.Join(a.dir, "journal"), strings.Repeat("0", 64)); err != nil || report.OK() || report.Purged != 0 {
		t.Errorf("stubs of a key that is not trusted: %v, %v", report, err)
	}
}

func TestAStubThatWasChangedIsNotBelieved(t *testing.T) {
	t.Parallel()
	s, _, err := OpenSigner(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	stub, err := s.sign(Purge{ID: "p", Call: "01A", State: PurgeDone, At: moment(time.Now()), By: "node1", Why: "<期满>", Files: []Gone{{Name: "a", SHA256: "b"}}})
	must(t, err)
	must(t, stub.Check(s.Public()))
	for name, change := range map[string]func(*Purge){
		"who": func(p *Purge) { p.By = "node2" }, "when": func(p *Purge) { p.At = moment(p.At.Add(time.Hour)) },
		"why": func(p *Purge) { p.Why += " " }, "which": func(p *Purge) { p.Call = "01B" },
		"hash": func(p *Purge) { p.Files = []Gone{{Name: "a", SHA256: "c"}} }, "signature": func(p *Purge) { p.Signature = p.Signature[2:] },
		"key": func(p *Purge) { p.Key = "00" + p.Key[2:] },
	} {
		changed := stub
		change(&changed)
		if changed.Check(s.Public()) == nil {
			t.Errorf("another %s was not noticed", name)
		}
	}
}

func TestARecordingOfALiveCallAndAChangedOneAreLeftAlone(t *testing.T) {
	t.Parallel()
	live := true
	a := archive(t, t.TempDir(), func(o *ArchiveOptions) { o.Live = func(call.ID) bool { return live } })
	must(t, a.spoken(t.Context(), "01A", ""))
	must(t, os.WriteFile(filepath.Join(a.dir, "rec", "01Z.wav"), wav(1, 16000), 0o600)) // its record may come
	before := a.left()
	must(t, a.Sweep(t.Context()))
	if a.left() != before {
		t.Errorf("live, and touched: %s", a.left())
	}
	live = false
	path := filepath.Join(a.dir, "rec", "01A.wav")
	sound, err := os.ReadFile(path)
	must(t, err)
	sound[100] ^= 1
	must(t, os.WriteFile(path, sound, 0o600))
	must(t, a.Sweep(t.Context()))
	if got := a.left(); !strings.HasPrefix(got, "rec/01A.wav rec/01Z.wav sealed/") || strings.Contains(got, "01A.wav.age") {
		t.Errorf("on the disk: %s", got)
	}
	old := time.Now().Add(-2 * strayAge)
	must(t, os.Chtimes(filepath.Join(a.dir, "rec", "01Z.wav"), old, old))
	must(t, a.Sweep(t.Context()))
	if got := a.left(); strings.Contains(got, "rec/01Z.wav") || !strings.Contains(got, "01Z.wav.age") {
		t.Errorf("a recording that nobody tells of is not encrypted: %s", got)
	}
}

func TestAFolderThatTakesNothingLeavesItToTheOther(t *testing.T) {
	t.Parallel()
	a := archive(t, t.TempDir())
	must(t, os.WriteFile(filepath.Join(a.dir, "sealed"), nil, 0o600)) // no folder can be made there
	must(t, a.spoken(t.Context(), "01A", ""))
	must(t, a.Sweep(t.Context()))
	a.whole(t, "01A")
	if got := a.left(); strings.Count(got, "spare/") != 2 || strings.Contains(got, "rec/") {
		t.Errorf("on the disk: %s", got)
	}
}

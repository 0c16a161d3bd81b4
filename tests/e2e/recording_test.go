package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weibao/tests/stage"
)

func TestARecordingIsEncryptedAndHeardForAPurposeOnly(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Hears(child)
	s.Passes(2 * time.Second) // the talk
	child.HangsUp()
	r := s.Record(child)
	sealed, plain := s.Sealed(r)
	if len(sealed) != 1 || len(plain) != 0 {
		t.Fatalf("on the disk: encrypted %v, plain %v", sealed, plain)
	}
	content, err := os.ReadFile(sealed[0])
	if err != nil || bytes.Contains(content, []byte("RIFF")) || !bytes.HasPrefix(content, []byte("age-encryption.org/v1")) {
		t.Errorf("%s is not encrypted: %v", sealed[0], err)
	}
	for _, refused := range []struct {
		who, method, path string
		body              any
		status            int
	}{
		{"1019", http.MethodGet, "/recordings/" + id + "/sound", nil, http.StatusForbidden},
		{"1019", http.MethodPost, "/recordings/" + id + "/plays", map[string]string{}, http.StatusConflict},
		{"1002", http.MethodPost, "/recordings/" + id + "/plays", map[string]string{"purpose": "好奇"}, http.StatusNotFound},
		{"1001", http.MethodPost, "/recordings/" + id + "/hold", map[string]string{"reason": "x"}, http.StatusForbidden},
	} {
		if status, text := s.Asks(refused.who, refused.method, refused.path, refused.body); status != refused.status {
			t.Errorf("%s %s as %s: %d %s, want %d", refused.method, refused.path, refused.who, status, text, refused.status)
		}
	}
	sound := s.PlaysRecording("1019", id, 1)
	for _, person := range []interface{ Tone() float64 }{li.Person, child} {
		if !stage.Contains(sound, person.Tone()) {
			t.Errorf("the recording does not have the voice of %v Hz", person.Tone())
		}
	}
	if status, text := s.Asks("1020", http.MethodGet, "/plays", nil); status != http.StatusOK || !strings.Contains(text, "质检") || !strings.Contains(text, "heard_at") {
		t.Errorf("the audit: %d %s", status, text)
	}
	if out, err := s.Weibao("record", "verify", "--config", s.Config()); err != nil || !strings.Contains(out, "1 encrypted (1 looked at") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	if err := os.WriteFile(sealed[0], []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := s.Weibao("record", "verify", "--config", s.Config()); err == nil || !strings.Contains(out, "not as it was written") {
		t.Errorf("verify of a changed recording: %v\n%s", err, out)
	}
	if err := os.WriteFile(sealed[0], content, 0o600); err != nil { // the stage looks at the end
		t.Fatal(err)
	}
}

func TestAPausedRecordingIsSilentAndThePauseIsOnTheRecord(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t, stage.With("plan.yaml", "times:", "times:\n  pause: 5s"))
	li.Hears(child)
	if status, _ := s.Asks("1001", http.MethodPost, "/calls/"+id+"/recording/pause", map[string]string{"reason": "x"}); status != http.StatusForbidden {
		t.Errorf("a seat pauses: %d", status)
	}
	s.Pauses(id, "说银行卡密码")
	s.Until("the recording goes on by itself", func() bool {
		_, text := s.Asks("1001", http.MethodGet, "/calls/"+id, nil)
		return strings.Contains(text, `"paused":false`)
	})
	s.Passes(2 * time.Second) // the rest of the talk
	child.HangsUp()
	r := s.Record(child)
	if len(r.Recording.Pauses) != 1 || r.Recording.Fault != "" {
		t.Fatalf("recording %+v", r.Recording)
	}
	p := r.Recording.Pauses[0]
	if length := p.To.Sub(p.From.Time); p.By != "1019" || p.Reason != "说银行卡密码" || length < 5*time.Second || length > 7*time.Second {
		t.Errorf("pause %+v", p)
	}
	sound := s.PlaysRecording("1019", id, 1)
	from := 44 + int(p.From.Sub(r.TalkedAt.Time).Seconds()*16000)/2*2
	silence := sound[min(from+16000, len(sound)):min(from+4*16000, len(sound))]
	if len(silence) != 3*16000 || bytes.Count(silence, []byte{0}) != len(silence) {
		t.Errorf("the pause is not silent: %d of %d bytes", bytes.Count(silence, []byte{0}), len(silence))
	}
	if !stage.Contains(sound[len(sound)-16000:], child.Tone()) {
		t.Error("after the pause nothing is heard")
	}
}

// fullDisk puts a full disk in the place of the folder of recordings, with
// another disk in its second folder; where none can be mounted, the folder
// takes nothing.
func fullDisk(t *testing.T, dir string) {
	t.Helper()
	second := filepath.Join(dir, "second")
	mount := func(at, how string) bool {
		if err := syscall.Mount("tmpfs", at, "tmpfs", 0, how); err != nil {
			t.Logf("no disk can be mounted here (%v)", err)
			return false
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		return true
	}
	if !mount(dir, "mode=777,size=64k") {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.Mkdir(second, 0o777); err != nil {
		t.Fatal(err)
	}
	mount(second, "mode=777,size=64m")
}

func TestAFullDiskDoesNotDisturbTheCallAndTheSecondFolderHasIt(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	fullDisk(t, s.RecordingsFolder())
	s.Until("the gateway has looked at the disk", func() bool {
		entries, err := os.ReadDir(filepath.Join(s.RecordingsFolder(), "second"))
		return err == nil && len(entries) == 0
	})
	s.Passes(2 * time.Second) // two looks
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	li.Hears(child)
	s.Passes(2 * time.Second) // the talk
	child.HangsUp()
	r := s.Record(child)
	if r.Recording.Fault != "" || filepath.Base(filepath.Dir(r.Recording.File)) != "second" {
		t.Fatalf("recording %+v", r.Recording)
	}
	sound := s.PlaysRecording("1019", string(r.ID), 1)
	if !stage.Contains(sound, child.Tone()) || !stage.Contains(sound, li.Tone()) {
		t.Error("the recording does not have both voices")
	}
	told := false
	for _, n := range s.Notices() {
		told = told || n.Kind == "recording"
	}
	if !told {
		t.Errorf("no supervisor was told: %+v", s.Notices())
	}
}

package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weibao/call"
)

// wav is a recording of that length at that many bytes a second.
func wav(seconds float64, rate uint32) []byte {
	b := make([]byte, wavHeader+int(seconds*float64(rate)))
	copy(b, "RIFF????WAVEfmt ")
	binary.LittleEndian.PutUint32(b[28:], rate)
	return b
}

func TestRecordingIsBelievedByItsFileOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		recording Recording
		talk      time.Duration
		seconds   float64
		fault     string
	}{
		"not wanted":              {Recording{}, time.Minute, 0, ""},
		"whole":                   {Recording{Wanted: true, File: file("a", wav(60, 16000))}, time.Minute, 60, ""},
		"a moment shorter":        {Recording{Wanted: true, File: file("b", wav(57.5, 16000))}, time.Minute, 57.5, ""},
		"another format":          {Recording{Wanted: true, File: file("c", wav(60, 32000))}, time.Minute, 60, ""},
		"cut by a full disk":      {Recording{Wanted: true, File: file("d", wav(16, 16000)), Length: Millis(16 * time.Second)}, 40 * time.Second, 16, "incomplete: have 16 s of 40 s"},
		"shorter than said":       {Recording{Wanted: true, File: file("e", wav(10, 16000)), Length: Millis(20 * time.Second)}, 0, 10, "incomplete: have 10 s of 20 s"},
		"empty":                   {Recording{Wanted: true, File: file("f", nil)}, time.Minute, 0, "file is empty"},
		"header only":             {Recording{Wanted: true, File: file("g", wav(0, 16000))}, time.Second, 0, "file is empty"},
		"missing":                 {Recording{Wanted: true, File: filepath.Join(dir, "none")}, time.Minute, 0, "file is missing"},
		"never written":           {Recording{Wanted: true}, time.Minute, 0, "no file was written"},
		"a folder":                {Recording{Wanted: true, File: dir}, time.Minute, 0, "is not a file"},
		"a pipe":                  {Recording{Wanted: true, File: pipe}, time.Minute, 0, "is not a file"},
		"what was told stays":     {Recording{Wanted: true, Fault: "录音未能按时关闭"}, time.Minute, 0, "录音未能按时关闭; no file was written"},
		"longer than said is all": {Recording{Wanted: true, File: file("h", wav(90, 16000)), Length: Millis(time.Second)}, time.Second, 90, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Inspect(t.Context(), row.recording, row.talk)
			if got.Length.Duration().Seconds() != row.seconds {
				t.Errorf("length %s, want %v s", got.Length.Duration(), row.seconds)
			}
			if !strings.HasPrefix(got.Fault, row.fault) || (row.fault == "") != (got.Fault == "") {
				t.Errorf("fault %q, want %q", got.Fault, row.fault)
			}
			if content, err := os.ReadFile(regular(row.recording.File)); err == nil {
				hash := sha256.Sum256(content)
				if got.SHA256 != hex.EncodeToString(hash[:]) || got.Size != int64(len(content)) {
					t.Errorf("hash %s, size %d", got.SHA256, got.Size)
				}
			}
		})
	}
}

// regular is the path, unless reading it would wait for ever.
func regular(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return path
}

func TestRecordingIsHashedBeforeTheJournalLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "01JD.wav")
	if err := os.WriteFile(path, wav(10, 16000), 0o600); err != nil {
		t.Fatal(err)
	}
	store := emptyStore(t)
	r := registry(t, Options{Store: store})
	c := emergencyCall()
	c.Recording = call.Recording{Wanted: true, File: path}
	if err := r.Keep(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	got, err := store.Get(t.Context(), c.ID)
	if err != nil || len(got.Recording.SHA256) != 64 || got.Recording.Fault != "incomplete: have 10 s of 96 s" {
		t.Errorf("recording %+v, %v", got.Recording, err)
	}
}

func TestHashingStopsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := os.WriteFile(path, wav(10, 16000), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := Inspect(ctx, Recording{Wanted: true, File: path}, 0); !strings.Contains(got.Fault, "canceled") {
		t.Errorf("fault %q", got.Fault)
	}
}

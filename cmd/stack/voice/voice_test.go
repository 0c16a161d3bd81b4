package voice

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func lines() []Line {
	return []Line{
		{Lang: "zh", Name: "greeting", Text: "您好", Pinyin: "nin2 hao3, zhe4 li3 shi4 yi1 er4 san1 si4 wu3"},
		{Lang: "ko", Name: "greeting", Text: "안녕하세요"},
		{Lang: "en", Name: "greeting", Text: "-v is said, not an option"},
	}
}

// wave is the audio of a file in the telephone's form; any other form fails.
func wave(t *testing.T, path string) []int16 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 44 || string(b[:4]) != "RIFF" || binary.LittleEndian.Uint16(b[22:]) != 1 ||
		binary.LittleEndian.Uint32(b[24:]) != rate || binary.LittleEndian.Uint16(b[34:]) != 16 {
		t.Fatalf("%s is not 8 kHz 16 bit mono", path)
	}
	out := make([]int16, (len(b)-44)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[44+2*i:]))
	}
	return out
}

func loudness(samples []int16) float64 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return 20 * math.Log10(math.Sqrt(sum/float64(len(samples)))/32768)
}

func TestPromptsAreSpokenOnceAndOnlyChangesAgain(t *testing.T) {
	t.Parallel()
	dir, recorded := t.TempDir(), t.TempDir()
	for i, want := range []Made{{Spoken: 3}, {Kept: 3}} {
		if got, err := Synthesize(t.Context(), dir, recorded, lines()); err != nil || got != want {
			t.Fatalf("run %d: %+v %v, want %+v", i, got, err, want)
		}
	}
	for _, l := range lines() {
		samples := wave(t, filepath.Join(dir, l.Lang, l.Name+".wav"))
		if db := loudness(samples); db < -28 || db > -12 || len(samples) < rate/2 {
			t.Errorf("%s/%s: %.1f dBFS in %d samples", l.Lang, l.Name, db, len(samples))
		}
	}
	changed := lines()[:2]
	changed[0].Pinyin += " hao3"
	if got, err := Synthesize(t.Context(), dir, recorded, changed); err != nil || got != (Made{Spoken: 1, Kept: 1}) {
		t.Fatalf("after a change: %+v %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "en", "greeting.wav")); !os.IsNotExist(err) {
		t.Error("a prompt without a line is still there")
	}
}

func TestARecordedFileWins(t *testing.T) {
	t.Parallel()
	dir, recorded := t.TempDir(), t.TempDir()
	b, err := wav(ringback())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(recorded, "zh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(recorded, "zh", "greeting.wav"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, want := range []Made{{Spoken: 2, Recorded: 1}, {Kept: 3}} {
		if got, err := Synthesize(t.Context(), dir, recorded, lines()); err != nil || got != want {
			t.Fatalf("run %d: %+v %v, want %+v", i, got, err, want)
		}
	}
	if got, want := len(wave(t, filepath.Join(dir, "zh", "greeting.wav"))), 5*rate; got != want {
		t.Errorf("%d samples, want the recording's %d", got, want)
	}
}

func TestMusicIsQuietAndLoops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Synthesize(t.Context(), dir, "", nil); err != nil {
		t.Fatal(err)
	}
	music := wave(t, filepath.Join(dir, "music", "soft.wav"))
	if db := loudness(music); db > -26 || db < -38 || len(music) != 20*rate {
		t.Errorf("music of %.1f dBFS, %d samples", db, len(music))
	}
	if first, last := music[0], music[len(music)-1]; first != 0 || last < -20 || last > 20 {
		t.Errorf("the music begins at %d and ends at %d: a click at each turn", first, last)
	}
	if db := loudness(wave(t, filepath.Join(dir, "tones", "ringback.wav"))[:rate]); db > -25 {
		t.Errorf("ringing of %.1f dBFS is not quiet", db)
	}
}

func TestBadLinesAreAllNamed(t *testing.T) {
	t.Parallel()
	_, err := Synthesize(t.Context(), t.TempDir(), "", []Line{
		{Lang: "xx", Name: "a", Text: "x"},
		{Lang: "zh", Name: "b", Text: "没有拼音"},
		{Lang: "en", Name: "../c", Text: "x"},
		{Lang: "en", Name: "d", Text: "x"},
		{Lang: "en", Name: "d", Text: "x"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"xx"`, "zh/b", "../c", "en/d is there twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in\n%v", want, err)
		}
	}
}

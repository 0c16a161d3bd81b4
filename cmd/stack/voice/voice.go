// Package voice makes the prompts' sound files: recorded ones are taken, the
// others are spoken by espeak-ng and finished for the telephone by sox.
package voice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// version is part of every hash: a change of voice or finish makes all prompts anew.
const version = "1"

// Line is one prompt in one language.
type Line struct {
	// Lang is zh, ko or en; Name is the file's name without .wav.
	Lang, Name string
	// Text is what is said; Pinyin, with tone numbers, is what the Chinese voice reads.
	Text, Pinyin string
}

// Made counts what a synthesis did.
type Made struct {
	// Spoken were synthesised, Recorded were taken from the recordings, Kept were there already.
	Spoken, Recorded, Kept int
}

// voices are espeak-ng's arguments by language. Its own Mandarin voice reads characters wrongly in the
// releases that the product runs on, so Chinese is fed as pinyin.
func voices(lang string) []string {
	switch lang {
	case "zh":
		return []string{"-v", "cmn-latn-pinyin+f2", "-s", "165", "-g", "1"}
	case "ko":
		return []string{"-v", "ko+f2", "-s", "140"}
	case "en":
		return []string{"-v", "en+f2", "-s", "150"}
	default:
		return nil
	}
}

// finish is the telephone's band and loudness, about -20 dBFS.
const finish = "highpass 200 lowpass 3500 gain -n -6 compand 0.005,0.12 6:-70,-62,-35,-20,-15,-9,0,-6 -3 -90 0.02 gain -n -3"

var fileName = regexp.MustCompile(`^[0-9A-Za-z_-][0-9A-Za-z._-]{0,79}$`)

// Synthesize writes dir/<lang>/<name>.wav (8 kHz, 16 bit, mono) for every line whose content changed, and
// takes away those that have no line any more. A file recorded/<lang>/<name>.wav wins over synthesis; it
// is brought to the same form. It also writes the waiting music, dir/music/soft.wav, and a quiet ringing
// tone, dir/tones/ringback.wav.
func Synthesize(ctx context.Context, dir, recorded string, lines []Line) (Made, error) {
	if err := check(lines); err != nil {
		return Made{}, err
	}
	if err := tones(dir); err != nil {
		return Made{}, fmt.Errorf("waiting music: %w", err)
	}
	s := &studio{dir: dir, recorded: recorded, known: readSums(dir), sums: map[string]string{}}
	err := s.all(ctx, lines)
	if err := s.sweep(); err != nil {
		return s.made, err
	}
	// What was made before an error is kept, so that the next run begins there.
	return s.made, errors.Join(err, writeSums(dir, s.sums))
}

func check(lines []Line) error {
	var faults []error
	seen := map[string]bool{}
	for _, l := range lines {
		key := l.Lang + "/" + l.Name
		switch {
		case voices(l.Lang) == nil:
			faults = append(faults, fmt.Errorf("prompt %s: no voice speaks %q (zh, ko, en)", l.Name, l.Lang))
		case !fileName.MatchString(l.Name):
			faults = append(faults, fmt.Errorf("prompt %q: a name is letters, digits, dot, dash and underscore", l.Name))
		case l.said() == "":
			faults = append(faults, fmt.Errorf("prompt %s: nothing to say (zh needs pinyin)", key))
		case seen[key]:
			faults = append(faults, fmt.Errorf("prompt %s is there twice", key))
		}
		seen[key] = true
	}
	return errors.Join(faults...)
}

func (l Line) said() string {
	if l.Lang == "zh" {
		return strings.TrimSpace(l.Pinyin)
	}
	return strings.TrimSpace(l.Text)
}

// studio is one synthesis. The mutex guards sums and made.
type studio struct {
	dir, recorded string
	known         map[string]string
	mu            sync.Mutex
	sums          map[string]string
	made          Made
}

// all works on a few lines at once: the machine also carries calls.
func (s *studio) all(ctx context.Context, lines []Line) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan Line)
	var wg sync.WaitGroup
	for range min(4, max(1, runtime.NumCPU())) {
		wg.Go(func() {
			for l := range work {
				if err := s.one(ctx, l); err != nil {
					cancel(fmt.Errorf("prompt %s/%s: %w", l.Lang, l.Name, err))
				}
			}
		})
	}
	for _, l := range lines {
		select {
		case work <- l:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
	return context.Cause(ctx)
}

func (s *studio) one(ctx context.Context, l Line) error {
	key := l.Lang + "/" + l.Name
	target := filepath.Join(s.dir, l.Lang, l.Name+".wav")
	recording := filepath.Join(s.recorded, l.Lang, l.Name+".wav")
	content, err := os.ReadFile(recording)
	isRecorded := err == nil
	if errors.Is(err, fs.ErrNotExist) {
		content = []byte(strings.Join(append(voices(l.Lang), l.said(), finish), "\x00"))
	} else if err != nil {
		return err
	}
	hash := sha256.Sum256(append([]byte(version+"\x00"), content...))
	sum := hex.EncodeToString(hash[:12])
	if _, err := os.Stat(target); err == nil && s.known[key] == sum {
		s.note(key, sum, func(m *Made) { m.Kept++ })
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if isRecorded {
		if err := finished(ctx, recording, target, ""); err != nil {
			return err
		}
		s.note(key, sum, func(m *Made) { m.Recorded++ })
		return nil
	}
	if err := speak(ctx, l, target); err != nil {
		return err
	}
	s.note(key, sum, func(m *Made) { m.Spoken++ })
	return nil
}

func (s *studio) note(key, sum string, count func(*Made)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums[key] = sum
	count(&s.made)
}

func speak(ctx context.Context, l Line, target string) error {
	raw := target + ".raw.wav"
	defer func() { _ = os.Remove(raw) }()
	// By stdin: a text that begins with a dash is no option.
	cmd := exec.CommandContext(ctx, "espeak-ng", append(voices(l.Lang), "--stdin", "-w", raw)...)
	cmd.Stdin = strings.NewReader(l.said() + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("espeak-ng: %w: %s", err, bytes.TrimSpace(out))
	}
	return finished(ctx, raw, target, finish)
}

// finished brings a file to the telephone's form with sox's effects, and puts it into place in one step:
// Asterisk never plays half a file.
func finished(ctx context.Context, from, target, effects string) error {
	part := target + ".part.wav"
	args := append([]string{"-V1", from, "-r", "8000", "-c", "1", "-b", "16", part}, strings.Fields(effects)...)
	if out, err := exec.CommandContext(ctx, "sox", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("sox: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.Rename(part, target)
}

// sweep takes away the files of prompts that were made once and have no line any more.
func (s *studio) sweep() error {
	for key := range s.known {
		if _, ok := s.sums[key]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, filepath.FromSlash(key)+".wav")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func sumsFile(dir string) string { return filepath.Join(dir, "prompts.json") }

// readSums is empty when there is no readable file: everything is then made anew.
func readSums(dir string) map[string]string {
	sums := map[string]string{}
	b, err := os.ReadFile(sumsFile(dir))
	if err == nil {
		err = json.Unmarshal(b, &sums)
	}
	if err != nil {
		return map[string]string{}
	}
	for key := range sums {
		lang, name, _ := strings.Cut(key, "/")
		if !slices.Contains([]string{"zh", "ko", "en"}, lang) || !fileName.MatchString(name) {
			delete(sums, key)
		}
	}
	return sums
}

func writeSums(dir string, sums map[string]string) error {
	b, err := json.MarshalIndent(sums, "", "  ")
	if err != nil {
		return err
	}
	part := sumsFile(dir) + ".part"
	if err := os.WriteFile(part, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(part, sumsFile(dir))
}

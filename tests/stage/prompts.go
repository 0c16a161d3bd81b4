package stage

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"time"
)

// Sound is a pitch that a prompt is played as, in the place of its words, so
// that ears can tell which prompt it is.
type Sound float64

func (s Sound) voice() float64 { return float64(s) }

// Pitches for prompts: the voices of the police and the carrier, for plays
// without them, and that of the sixth person.
const (
	Low    Sound = 1150
	Middle Sound = 1350
	High   Sound = 1600
)

// Spoken lets prompts be played as a pitch for some seconds.
func Spoken(prompts map[string]Sound) Option {
	return func(s *Stage) { s.spoken = prompts }
}

// sounds is the folder of the prompts: the one that the set-up made, or a copy
// with those that are played as a pitch.
func (s *Stage) sounds() string {
	s.t.Helper()
	made := soundsDir(s.t)
	dir := s.path("sounds")
	if _, err := os.Stat(dir); err == nil || len(s.spoken) == 0 {
		if err == nil {
			return dir
		}
		return made
	}
	if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
		s.t.Fatal(err)
	}
	for prompt, pitch := range s.spoken {
		if err := os.WriteFile(filepath.Join(dir, "zh", prompt+".wav"), tone(pitch, 3*time.Second), 0o644); err != nil { //nolint:gosec // Asterisk reads it
			s.t.Fatal(err)
		}
	}
	return dir
}

// tone is a wav file of one pitch.
func tone(pitch Sound, length time.Duration) []byte {
	samples := int(length.Seconds() * sampleRate)
	wav := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(wav[4:], uint32(wavHeader-8+2*samples)) //nolint:gosec // a few seconds
	binary.LittleEndian.PutUint32(wav[40:], uint32(2*samples))            //nolint:gosec // a few seconds
	for i := range samples {
		level := 8000 * math.Sin(2*math.Pi*float64(pitch)*float64(i)/sampleRate)
		wav = binary.LittleEndian.AppendUint16(wav, uint16(int16(level))) //nolint:gosec // two's complement is meant
	}
	return wav
}

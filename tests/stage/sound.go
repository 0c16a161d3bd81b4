package stage

import (
	"encoding/binary"
	"math"
	"os"
)

// wavHeader is the length of the header of Asterisk's wav files; 8000 samples
// of 16 bits a second follow.
const (
	wavHeader  = 44
	sampleRate = 8000
)

// Contains reports whether a wav recording has, in some half second, a tone of
// that pitch well above what lies between the pitches.
func Contains(wav []byte, hz float64) bool {
	samples := make([]float64, 0, len(wav)/2)
	for i := wavHeader; i+1 < len(wav); i += 2 {
		samples = append(samples, float64(int16(binary.LittleEndian.Uint16(wav[i:])))) //nolint:gosec // two's complement is meant
	}
	const window = sampleRate / 2
	for from := 0; from+window <= len(samples); from += window / 2 {
		part := samples[from : from+window]
		if tone, beside := power(part, hz), power(part, hz+47); tone > 100*beside && tone > 1e4 {
			return true
		}
	}
	return false
}

// power is the mean power of one pitch, by Goertzel's algorithm.
func power(samples []float64, hz float64) float64 {
	k := 2 * math.Cos(2*math.Pi*hz/sampleRate)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = x+k*s1-s2, s1
	}
	n := float64(len(samples))
	return (s1*s1 + s2*s2 - k*s1*s2) / (n * n / 4)
}

// Config is the settings file of the stage.
func (s *Stage) Config() string { return s.path("configs", "gateway.yaml") }

// Log is what the gateway has said.
func (s *Stage) Log() string {
	s.t.Helper()
	text, err := os.ReadFile(s.path("gateway.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// PasswordFile is a file with the password of a login, for the command line.
func (s *Stage) PasswordFile(id string) string {
	s.t.Helper()
	name := s.path("password-" + id)
	if err := os.WriteFile(name, []byte(s.deskPW[id]+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name
}

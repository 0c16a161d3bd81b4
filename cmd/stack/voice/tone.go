package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// rate is the telephone's sampling rate in Hz.
const rate = 8000

// tones writes the waiting music and the ringing tone, when they are not there or are of another version.
func tones(dir string) error {
	for name, samples := range map[string]func() []int16{"music/soft.wav": soft, "tones/ringback.wav": ringback} {
		path := filepath.Join(dir, name)
		b, err := wav(samples())
		if err != nil {
			return err
		}
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, b) {
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path+".part", b, 0o644); err != nil {
			return err
		}
		if err := os.Rename(path+".part", path); err != nil {
			return err
		}
	}
	return nil
}

// soft is twenty seconds of four slow chords, about -30 dBFS. Each chord comes from silence and goes back
// to it, so the end meets the beginning.
func soft() []int16 {
	chords := [][]float64{
		{261.63, 329.63, 392.00}, // C
		{220.00, 261.63, 329.63}, // a
		{174.61 * 2, 220.00, 261.63},
		{196.00, 246.94, 293.66},
	}
	const seconds = 5
	var out []int16
	for _, chord := range chords {
		for i := range seconds * rate {
			at := float64(i) / rate
			swell := math.Sin(math.Pi * at / seconds)
			var v float64
			for _, hz := range chord {
				v += math.Sin(2*math.Pi*hz*at) + 0.25*math.Sin(4*math.Pi*hz*at)
			}
			out = append(out, int16(v/3*swell*swell*1900))
		}
	}
	return out
}

// ringback is the ringing tone of the Chinese network, 450 Hz one second of five, more quietly.
func ringback() []int16 {
	out := make([]int16, 5*rate)
	for i := range rate {
		// 20 ms at each end without a click
		edge := min(1, float64(min(i, rate-i))/160)
		out[i] = int16(1800 * edge * math.Sin(2*math.Pi*450*float64(i)/rate))
	}
	return out
}

// wav puts a header before 16-bit mono samples.
func wav(samples []int16) ([]byte, error) {
	size := uint32(2 * len(samples))
	var b bytes.Buffer
	for _, v := range []any{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(rate), uint32(2 * rate), uint16(2), uint16(16), []byte("data"), size, samples,
	} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

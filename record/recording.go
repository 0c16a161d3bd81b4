package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	// wavBytesPerSecond is that of a recording: 8 kHz, 16 bit, one channel.
	wavBytesPerSecond = 16000
	wavHeader         = 44
)

// Inspect looks at the sound file of a recording: its hash, its size, its
// length. Asterisk reports success for a recording that a full disk has cut
// short or left empty, so nothing but the file itself is believed. The talk is
// how long the recording should at least be.
func Inspect(ctx context.Context, r Recording, talk time.Duration) Recording {
	if !r.Wanted && r.File == "" {
		return r
	}
	told := r.Length
	r.Length = 0
	fault := inspect(ctx, &r)
	if fault == nil {
		fault = tooShort(r.Length.Duration(), max(told.Duration(), talk))
	}
	if fault != nil {
		r.Fault = strings.TrimPrefix(r.Fault+"; "+fault.Error(), "; ")
	}
	return r
}

func inspect(ctx context.Context, r *Recording) error {
	if r.File == "" {
		return errors.New("no file was written")
	}
	// Stat first: opening a pipe of that name would wait for ever.
	info, err := os.Stat(r.File)
	if err != nil {
		return fmt.Errorf("file is missing: %w", err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a file")
	}
	f, err := os.Open(r.File)
	if err != nil {
		return fmt.Errorf("file can not be read: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	var header [wavHeader]byte
	hash := sha256.New()
	n, err := io.ReadFull(f, header[:])
	hash.Write(header[:n])
	if err != nil {
		r.Size, r.SHA256 = int64(n), hex.EncodeToString(hash.Sum(nil))
		return errors.New("file is empty")
	}
	rest, err := io.Copy(hash, &patient{ctx: ctx, r: f})
	if err != nil {
		return fmt.Errorf("file can not be read: %w", err)
	}
	r.Size, r.SHA256 = int64(n)+rest, hex.EncodeToString(hash.Sum(nil))
	r.Length = Millis(time.Duration(rest) * time.Second / time.Duration(byteRate(header)))
	if rest == 0 {
		return errors.New("file is empty")
	}
	return nil
}

// byteRate reads how many bytes make a second. The lengths in the header are
// not used: they are wrong when the writer was killed.
func byteRate(header [wavHeader]byte) uint32 {
	if string(header[:4]) == "RIFF" && string(header[8:12]) == "WAVE" {
		if rate := binary.LittleEndian.Uint32(header[28:32]); rate > 0 {
			return rate
		}
	}
	return wavBytesPerSecond
}

// tooShort allows for the moment between the answer and the start of the
// recording.
func tooShort(have, want time.Duration) error {
	if slack := max(3*time.Second, want/20); have+slack >= want {
		return nil
	}
	return fmt.Errorf("incomplete: have %d s of %d s", int(have.Seconds()), int(want.Seconds()))
}

// patient reads until the context is over.
type patient struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

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
	"slices"
	"strings"
	"time"

	"weibao/call"
)

const (
	// wavBytesPerSecond is that of a recording: 8 kHz, 16 bit, one channel.
	wavBytesPerSecond = 16000
	wavHeader         = 44
)

// Inspect looks at the sound files of a recording: their hashes, their sizes,
// their lengths. Asterisk reports success for a recording that a full disk has
// cut short or left empty, so nothing but the file itself is believed. The talk
// is how long the recording should at least be.
func Inspect(ctx context.Context, r Recording, talk time.Duration) Recording {
	if !r.Wanted && r.File == "" {
		return r
	}
	last := RecordingPart{File: r.File}
	fault := inspect(ctx, &last)
	told := r.Length
	r.SHA256, r.Size, r.Length = last.SHA256, last.Size, last.Length
	r.Parts = slices.Clone(r.Parts)
	for i := range r.Parts {
		p := &r.Parts[i]
		told += p.Length
		p.Length = 0
		p.Fault = withFault(p.Fault, inspect(ctx, p))
		r.Length += p.Length
	}
	if fault == nil {
		fault = tooShort(r.Length.Duration(), max(told.Duration(), talk))
	}
	r.Fault = withFault(r.Fault, fault)
	return r
}

// withFault adds a fault to what is known already.
func withFault(known string, more error) string {
	if more == nil {
		return known
	}
	return strings.TrimPrefix(known+"; "+more.Error(), "; ")
}

func inspect(ctx context.Context, p *RecordingPart) error {
	if p.File == "" {
		return errors.New("no file was written")
	}
	// Stat first: opening a pipe of that name would wait for ever.
	info, err := os.Stat(p.File)
	if err != nil {
		return fmt.Errorf("file is missing: %w", err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a file")
	}
	f, err := os.Open(p.File)
	if err != nil {
		return fmt.Errorf("file can not be read: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	var header [wavHeader]byte
	hash := sha256.New()
	n, err := io.ReadFull(f, header[:])
	hash.Write(header[:n])
	if err != nil {
		p.Size, p.SHA256 = int64(n), hex.EncodeToString(hash.Sum(nil))
		return errors.New("file is empty")
	}
	rest, err := io.Copy(hash, &patient{ctx: ctx, r: f})
	if err != nil {
		return fmt.Errorf("file can not be read: %w", err)
	}
	p.Size, p.SHA256 = int64(n)+rest, hex.EncodeToString(hash.Sum(nil))
	p.Length = Millis(time.Duration(rest) * time.Second / time.Duration(byteRate(header)))
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

func partsOf(parts []call.RecordingPart) []RecordingPart {
	var rows []RecordingPart
	for _, p := range parts {
		rows = append(rows, RecordingPart{File: p.File, Length: Millis(p.Length), Fault: p.Fault})
	}
	return rows
}

// pausesOf are the pauses of a call; one that lasts ends with the call.
func pausesOf(pauses []call.Pause, ended time.Time) []Pause {
	var rows []Pause
	for _, p := range pauses {
		row := Pause{From: moment(p.From), To: moment(p.To), By: p.By, Reason: p.Reason}
		if row.To.IsZero() {
			row.To = moment(ended)
		}
		rows = append(rows, row)
	}
	return rows
}

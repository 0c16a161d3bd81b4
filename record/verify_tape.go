package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"weibao/call"
)

// TapeReport is the result of a check of the recordings by the journal.
type TapeReport struct {
	Sealed int // encrypted files that the journal names
	Looked int // of them here, and as they were written
	Away   int // of them not here: at another place, or lost
	Purged int // recordings that were purged, with a good stub
	Faults []string
}

// OK reports whether nothing is wrong. A file that is not here is no fault: a
// copy of a journal may be checked anywhere.
func (r TapeReport) OK() bool { return len(r.Faults) == 0 }

// String is the report for people.
func (r TapeReport) String() string {
	return fmt.Sprintf("recordings: %d encrypted (%d looked at, %d not here), %d purged with a signed stub, %d faults",
		r.Sealed, r.Looked, r.Away, r.Purged, len(r.Faults))
}

// VerifyTapes checks what a journal says of recordings: the signature of every
// stub, made with one of the public keys that are trusted; that no file of a
// purged recording is there; and that every other encrypted file that is there
// has the bytes that were written, which needs no key. Whether the journal
// itself is whole [Verify] tells.
func VerifyTapes(dir string, trusted ...string) (TapeReport, error) {
	numbers, err := segments(dir)
	if err != nil {
		return TapeReport{}, err
	}
	v := tapeVerifier{seals: make(map[string]Seal), purges: make(map[call.ID]Purge), trusted: trusted}
	for _, number := range numbers {
		if err := eachLine(filepath.Join(dir, segmentName(number)), aboutTapes, v.line); err != nil {
			return TapeReport{}, err
		}
	}
	for _, s := range v.order {
		if err := v.file(v.seals[s]); err != nil {
			return TapeReport{}, err
		}
	}
	return v.report, nil
}

type tapeVerifier struct {
	report  TapeReport
	seals   map[string]Seal // by call and name; the last counts
	order   []string
	purges  map[call.ID]Purge
	trusted []string
}

// aboutTapes looks for the kind where every line has it, near its beginning.
func aboutTapes(raw []byte) bool {
	return bytes.Contains(raw[:min(96, len(raw))], []byte(`"kind":"recording_`))
}

func (v *tapeVerifier) line(raw []byte) {
	line, err := decode(raw)
	var c Change
	if err == nil {
		c, err = line.change()
	}
	if err != nil {
		v.report.Faults = append(v.report.Faults, fmt.Sprintf("a line about a recording can not be read: %v", err))
		return
	}
	switch c := c.(type) {
	case Seal:
		key := string(c.Call) + " " + c.Name
		if _, known := v.seals[key]; !known {
			v.order = append(v.order, key)
		}
		v.seals[key] = c
	case Purge:
		if err := c.Check(v.trusted...); err != nil {
			v.report.Faults = append(v.report.Faults, err.Error())
		} else if c.State == PurgeDone {
			v.report.Purged++
			v.purges[c.Call] = c
		}
	}
}

// file looks at an encrypted file.
func (v *tapeVerifier) file(s Seal) error {
	v.report.Sealed++
	_, purged := v.purges[s.Call]
	f, err := os.Open(s.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !purged {
			v.report.Away++
		}
		return nil
	case err != nil:
		return fmt.Errorf("look at a recording: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return fmt.Errorf("look at a recording: %w", err)
	}
	v.report.Looked++
	switch {
	case purged:
		v.report.Faults = append(v.report.Faults, fmt.Sprintf("%s is there, though its stub says that it was purged", s.File))
	case hex.EncodeToString(hash.Sum(nil)) != s.SHA256:
		v.report.Faults = append(v.report.Faults, fmt.Sprintf("%s is not as it was written", s.File))
	}
	return nil
}

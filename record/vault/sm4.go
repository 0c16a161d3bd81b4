package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// The form of a file in SM4 is
//
//	magic    17 bytes  "weibao-sm4-gcm-1\n"
//	key name 8 bytes   of the key in the key file
//	salt     16 bytes  random, of this file
//	segments           each 64 KiB of content, SM4-GCM, and its tag of 16 bytes
//
// The key of the file is HKDF-SM3 of the key in the key file with the salt and
// the magic, so that a nonce is never used twice with one key. The nonce of a
// segment is its number (11 bytes, from 0) and a byte that is 1 for the last
// segment and 0 for every other, as age has it (STREAM, eprint 2015/189):
// segments can not be exchanged, left out or cut off. The last segment is
// never empty, unless the content is.
const (
	sm4Magic   = "weibao-sm4-gcm-1\n"
	sm4Key     = 16
	sm4Salt    = 16
	sm4NameLen = 8
	sm4Header  = len(sm4Magic) + sm4NameLen + sm4Salt
	sm4Segment = 64 << 10
	sm4Tag     = 16
)

// sm4Gate is the cipher of one file.
func sm4Gate(key, salt []byte) (cipher.AEAD, error) {
	own, err := hkdf.Key(sm3.New, key, salt, sm4Magic, sm4Key)
	if err != nil {
		return nil, fmt.Errorf("key of a recording: %w", err)
	}
	block, err := sm4.NewCipher(own)
	if err != nil {
		return nil, fmt.Errorf("key of a recording: %w", err)
	}
	return cipher.NewGCM(block)
}

func sm4Nonce(segment int64, last bool) []byte {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[3:11], uint64(segment))
	if last {
		nonce[11] = 1
	}
	return nonce
}

// sm4Writer holds a segment back until it knows whether it is the last.
type sm4Writer struct {
	dst     io.Writer
	gate    cipher.AEAD
	held    []byte
	segment int64
}

func newSM4Writer(dst io.Writer, key []byte) (*sm4Writer, error) {
	salt := make([]byte, sm4Salt)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	gate, err := sm4Gate(key, salt)
	if err != nil {
		return nil, err
	}
	header := append([]byte(sm4Magic), sm4KeyName(key)...)
	if _, err := dst.Write(append(header, salt...)); err != nil {
		return nil, err
	}
	return &sm4Writer{dst: dst, gate: gate, held: make([]byte, 0, sm4Segment)}, nil
}

func sm4KeyName(key []byte) []byte {
	sum := sm3.Sum(append([]byte("weibao key name"), key...))
	return sum[:sm4NameLen]
}

// Write implements io.Writer.
func (w *sm4Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if len(w.held) == sm4Segment {
			if err := w.seal(false); err != nil {
				return written, err
			}
		}
		n := min(len(p), sm4Segment-len(w.held))
		w.held, p, written = append(w.held, p[:n]...), p[n:], written+n
	}
	return written, nil
}

func (w *sm4Writer) seal(last bool) error {
	_, err := w.dst.Write(w.gate.Seal(nil, sm4Nonce(w.segment, last), w.held, nil))
	w.held, w.segment = w.held[:0], w.segment+1
	return err
}

// Close writes the last segment.
func (w *sm4Writer) Close() error { return w.seal(true) }

// sm4Reader reads a file in SM4 at any place. It has no state of its own.
type sm4Reader struct {
	src      io.ReaderAt
	gate     cipher.AEAD
	length   int64
	segments int64
}

var errSM4 = errors.New("the encrypted file was changed or cut short")

// openSM4 checks the last segment: a file that was cut short ends with one
// that is not marked as the last.
func openSM4(src io.ReaderAt, size int64, keys [][]byte) (io.ReaderAt, int64, error) {
	header := make([]byte, sm4Header)
	if _, err := src.ReadAt(header, 0); err != nil {
		return nil, 0, fmt.Errorf("%w: no header", errSM4)
	}
	name, salt := header[len(sm4Magic):][:sm4NameLen], header[len(sm4Magic)+sm4NameLen:]
	sealed := size - int64(sm4Header)
	segments := (sealed + sm4Segment + sm4Tag - 1) / (sm4Segment + sm4Tag)
	length := sealed - segments*sm4Tag
	if segments < 1 || length < 0 || length == 0 && segments > 1 {
		return nil, 0, errSM4
	}
	for _, key := range keys {
		if !bytes.Equal(sm4KeyName(key), name) {
			continue
		}
		gate, err := sm4Gate(key, salt)
		if err != nil {
			return nil, 0, err
		}
		r := &sm4Reader{src: src, gate: gate, length: length, segments: segments}
		if _, err := r.read(segments - 1); err != nil {
			return nil, 0, err
		}
		return r, length, nil
	}
	return nil, 0, ErrKey
}

// read opens one segment.
func (r *sm4Reader) read(segment int64) ([]byte, error) {
	last := segment == r.segments-1
	size := int64(sm4Segment)
	if last {
		size = r.length - segment*sm4Segment
	}
	sealed := make([]byte, size+sm4Tag)
	if _, err := r.src.ReadAt(sealed, int64(sm4Header)+segment*(sm4Segment+sm4Tag)); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read an encrypted file: %w", err)
	}
	content, err := r.gate.Open(sealed[:0], sm4Nonce(segment, last), sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: segment %d", errSM4, segment)
	}
	return content, nil
}

// ReadAt implements io.ReaderAt.
func (r *sm4Reader) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("read before the beginning")
	}
	n := 0
	for n < len(p) && at < r.length {
		content, err := r.read(at / sm4Segment)
		if err != nil {
			return n, err
		}
		took := copy(p[n:], content[at%sm4Segment:])
		n, at = n+took, at+int64(took)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

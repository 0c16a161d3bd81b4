package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Kept is a file in the vault.
type Kept struct {
	File   string // its path
	SHA256 string // of the encrypted file, in hex: it can be checked without the key
	Size   int64  // of the encrypted file
	Cipher Cipher
	Key    string // Keys.Name of the key it is encrypted for
}

// ErrChanged says that a plain file is not what was recorded any more. It is
// not brought into the vault: a person has to look.
var ErrChanged = errors.New("the recording is not as it was when the call ended")

// part ends the name of a file that is being written.
const part = ".part"

// Keep writes an encrypted copy of a plain file below dir, as its base name
// and the cipher's, and reads it back. sum is the SHA-256 that the content
// must have, in hex. The plain file is left alone. When the copy is there
// already, from a life that was killed, it is read back and kept; one that is
// no true copy is replaced.
func (k *Keys) Keep(ctx context.Context, plain, dir, sum string) (Kept, error) {
	kept := Kept{
		File:   filepath.Join(dir, filepath.Base(plain)+k.cipher.extension()),
		Cipher: k.cipher, Key: k.Name(),
	}
	fail := func(err error) (Kept, error) { return Kept{}, fmt.Errorf("encrypt %s: %w", filepath.Base(plain), err) }
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	if k.readBack(ctx, &kept, sum) == nil {
		return kept, nil
	}
	if err := k.write(ctx, plain, kept.File+part, sum); err != nil {
		return fail(errors.Join(err, remove(kept.File+part)))
	}
	reached("written")
	if err := errors.Join(os.Rename(kept.File+part, kept.File), syncDir(dir)); err != nil {
		return fail(errors.Join(err, remove(kept.File+part)))
	}
	reached("named")
	if err := k.readBack(ctx, &kept, sum); err != nil {
		return fail(fmt.Errorf("read back: %w", err))
	}
	return kept, nil
}

// reached is told which step is done; the tests end the process there.
var reached = func(string) {}

// write encrypts a file to the disk, and refuses one whose content has another
// sum.
func (k *Keys) write(ctx context.Context, plain, path, sum string) error {
	src, err := os.Open(plain)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // only read
	dst, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	had, err := k.copy(ctx, dst, src)
	reached("copied")
	if err = errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return err
	}
	if had != sum {
		return ErrChanged
	}
	return nil
}

func (k *Keys) copy(ctx context.Context, dst io.Writer, src io.Reader) (sum string, err error) {
	w, err := k.Encrypt(dst)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, hash), patient(ctx, src)); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), w.Close()
}

// readBack opens a file of the vault as any listener would, and compares.
func (k *Keys) readBack(ctx context.Context, kept *Kept, sum string) error {
	f, err := os.Open(kept.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	hash := sha256.New()
	if kept.Size, err = io.Copy(hash, patient(ctx, f)); err != nil {
		return err
	}
	kept.SHA256 = hex.EncodeToString(hash.Sum(nil))
	content, length, err := k.Decrypt(f, kept.Size)
	if err != nil {
		return err
	}
	hash.Reset()
	if _, err := io.Copy(hash, patient(ctx, io.NewSectionReader(content, 0, length))); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != sum {
		return ErrChanged
	}
	return nil
}

// Sound is an opened recording: its plain content, to be read at any place.
type Sound struct {
	*io.SectionReader
	file *os.File
}

// Open opens a file of the vault.
func (k *Keys) Open(path string) (*Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var content io.ReaderAt
		var length int64
		if content, length, err = k.Decrypt(f, info.Size()); err == nil {
			return &Sound{SectionReader: io.NewSectionReader(content, 0, length), file: f}, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), f.Close())
}

// OpenPlain opens a recording that is not in the vault yet.
func OpenPlain(path string) (*Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Sound{SectionReader: io.NewSectionReader(f, 0, info.Size()), file: f}, nil
}

// Close closes the file.
func (s *Sound) Close() error { return s.file.Close() }

// Remove takes a file away for good; one that is gone is no fault.
func Remove(path string) error {
	if err := remove(path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir brings the names in a folder to the disk; a folder that is gone has
// none.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// patient reads until the context is over.
func patient(ctx context.Context, r io.Reader) io.Reader {
	return reading(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type reading func([]byte) (int, error)

// Read implements io.Reader.
func (r reading) Read(p []byte) (int, error) { return r(p) }

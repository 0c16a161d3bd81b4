package vault

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// Cipher names the form of an encrypted file.
type Cipher string

// The ciphers; see the package's comment.
const (
	Age Cipher = "age"
	SM4 Cipher = "sm4"
)

// Ciphers are all ciphers, the usual one first.
func Ciphers() []Cipher { return []Cipher{Age, SM4} }

// extension is how the names of such files end.
func (c Cipher) extension() string { return "." + string(c) }

// ErrKey says that a file was encrypted for a key that is not in the key file.
var ErrKey = errors.New("the key file does not hold the key of this recording")

// Keys are the keys of one key file. Files are encrypted for the first of its
// cipher and may be read by any, so that a new key is put in front of the old
// ones. They are never changed and may be used by several goroutines.
type Keys struct {
	cipher     Cipher
	identities []age.Identity
	recipient  *age.X25519Recipient
	sm4        [][]byte
}

// sm4Prefix begins a line of an SM4 key: 32 hex digits follow.
const sm4Prefix = "SM4-KEY-"

// OpenKeys reads a key file; made is set when there was none and it was made,
// with a new key of each cipher: then a person has to keep a copy of it apart,
// because without it nobody ever hears these recordings again.
func OpenKeys(path string, c Cipher) (keys *Keys, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		if text, err = newKeys(); err == nil {
			err = writeOnce(path, text)
		}
	}
	if err != nil {
		return nil, false, fmt.Errorf("key file of the recordings: %w", err)
	}
	keys, err = parseKeys(text, c)
	if err != nil {
		return nil, false, fmt.Errorf("key file of the recordings %s: %w", path, err)
	}
	return keys, made, nil
}

// newKeys is the text of a key file; age programs take no offence at the
// comment in which the other key stands.
func newKeys() ([]byte, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	key := make([]byte, sm4Key)
	_, _ = rand.Read(key) // never fails since Go 1.24
	return fmt.Appendf(nil, "# 录音的密钥，请另存一份；丢了它，录音就再也听不了。 Key of the recordings: keep a copy apart.\n# public key: %s\n%s\n# %s%x\n",
		identity.Recipient(), identity, sm4Prefix, key), nil
}

// writeOnce makes a file that nobody else can read; it replaces none.
func writeOnce(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
}

func parseKeys(text []byte, c Cipher) (*Keys, error) {
	k := &Keys{cipher: c}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "#"))
		switch {
		case strings.HasPrefix(line, sm4Prefix):
			key, err := hex.DecodeString(strings.TrimPrefix(line, sm4Prefix))
			if err != nil || len(key) != sm4Key {
				return nil, fmt.Errorf("a line of %s is not %d hex digits", sm4Prefix, 2*sm4Key)
			}
			k.sm4 = append(k.sm4, key)
		case strings.HasPrefix(line, "AGE-SECRET-KEY-1"):
			identity, err := age.ParseX25519Identity(line)
			if err != nil {
				return nil, errors.New("a line of AGE-SECRET-KEY-1 is not a key of age") // the error may hold the key
			}
			if k.recipient == nil {
				k.recipient = identity.Recipient()
			}
			k.identities = append(k.identities, identity)
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, lines.Err()
	case c == Age && k.recipient == nil:
		return nil, errors.New("it has no line AGE-SECRET-KEY-1…")
	case c == SM4 && len(k.sm4) == 0:
		return nil, fmt.Errorf("it has no line %s…", sm4Prefix)
	case c != Age && c != SM4:
		return nil, fmt.Errorf("cipher %q: want %s or %s", c, Age, SM4)
	}
	return k, nil
}

// Name tells the key that files are encrypted for, and nothing of its secret.
func (k *Keys) Name() string {
	if k.cipher == Age {
		return k.recipient.String()
	}
	return "sm4:" + hex.EncodeToString(sm4KeyName(k.sm4[0]))
}

// Encrypt returns a writer into dst; what was written is whole only when it
// has been closed without an error. dst is not closed.
func (k *Keys) Encrypt(dst io.Writer) (io.WriteCloser, error) {
	if k.cipher == Age {
		return age.Encrypt(dst, k.recipient)
	}
	return newSM4Writer(dst, k.sm4[0])
}

// Decrypt returns the content of an encrypted file of that size, whichever of
// our ciphers it is in, and how long it is. Every read checks what it reads; a
// file that was cut short is refused here.
func (k *Keys) Decrypt(src io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	begin := make([]byte, len(sm4Magic))
	if n, err := src.ReadAt(begin, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("read an encrypted file: %w", err)
	} else if string(begin[:n]) == sm4Magic {
		return openSM4(src, size, k.sm4)
	}
	if len(k.identities) == 0 {
		return nil, 0, ErrKey
	}
	content, length, err := age.DecryptReaderAt(src, size, k.identities...)
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		return nil, 0, ErrKey
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open an encrypted file: %w", err)
	}
	return content, length, nil
}

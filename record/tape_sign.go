package record

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Signer signs the stubs of purged recordings with Ed25519, so that a stub can
// be shown to somebody who does not trust the gateway's disk: who has the
// public key, from whoever set the system up, can tell that it was this system.
type Signer struct{ key ed25519.PrivateKey }

// OpenSigner reads the key that signs, and makes it when there is none; then
// made is set, and a person has to note the public key elsewhere.
func OpenSigner(path string) (s *Signer, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		made = true
		seed := make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(seed) // never fails since Go 1.24
		text = []byte(hex.EncodeToString(seed) + "\n")
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600))
	}
	if err != nil {
		return nil, false, fmt.Errorf("key that signs purges: %w", err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, false, fmt.Errorf("key that signs purges: %s is not %d hex digits", path, 2*ed25519.SeedSize)
	}
	return &Signer{key: ed25519.NewKeyFromSeed(seed)}, made, nil
}

// Public is the public key in hex.
func (s *Signer) Public() string {
	return hex.EncodeToString(s.key[ed25519.SeedSize:])
}

// sign completes a stub.
func (s *Signer) sign(p Purge) (Purge, error) {
	p.Key, p.Signature = s.Public(), ""
	text, err := json.Marshal(p)
	if err != nil {
		return Purge{}, fmt.Errorf("sign a purge: %w", err)
	}
	p.Signature = hex.EncodeToString(ed25519.Sign(s.key, text))
	return p, nil
}

// Check tells what is wrong with the signature of a stub; nil when it was made
// with the key that it names and that key is one of those trusted.
func (p Purge) Check(trusted ...string) error {
	known := false
	for _, key := range trusted {
		known = known || strings.EqualFold(key, p.Key)
	}
	key, err := hex.DecodeString(p.Key)
	if !known || err != nil || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("the stub of %s is signed with a key that is not known: %q", p.Call, p.Key)
	}
	signature, err := hex.DecodeString(p.Signature)
	bare := p
	bare.Signature = ""
	text, err2 := json.Marshal(bare)
	if err := errors.Join(err, err2); err != nil || !ed25519.Verify(key, text, signature) {
		return errors.Join(fmt.Errorf("the stub of %s is not what was signed", p.Call), err)
	}
	return nil
}

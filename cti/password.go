package cti

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password, OWASP's first choice for argon2id: 19 MiB, two
// passes, one lane.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashSalt   = 16
	hashLength = 32
)

// Limits for hashes that come from the file, so that a wrong one can not stop
// the gateway.
const (
	maxHashMemory = 256 * 1024 // KiB
	maxHashPasses = 16
	maxHashLanes  = 8
	maxPassword   = 256 // bytes
)

var errHash = errors.New("password hash: want $argon2id$v=19$m=…,t=…,p=…$salt$hash")

// HashPassword makes the PHC string that the secrets file keeps.
func HashPassword(password string) (string, error) {
	if password == "" || len(password) > maxPassword {
		return "", fmt.Errorf("password: want 1 to %d bytes", maxPassword)
	}
	salt := make([]byte, hashSalt)
	_, _ = rand.Read(salt) // never fails; see crypto/rand
	p := phc{memory: hashMemory, passes: hashPasses, lanes: hashLanes, salt: salt}
	p.sum = p.of(password, hashLength)
	return p.String(), nil
}

// verifyPassword compares in constant time. The error says that the hash
// itself can not be read.
func verifyPassword(hash, password string) (bool, error) {
	p, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	sum := p.of(password, uint32(len(p.sum))) //nolint:gosec // bounded by parsePHC
	return subtle.ConstantTimeCompare(sum, p.sum) == 1, nil
}

// phc is a taken-apart PHC string.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

func (p phc) of(password string, length uint32) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, length)
}

// String is the PHC form.
func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.passes, p.lanes, b64.EncodeToString(p.salt), b64.EncodeToString(p.sum))
}

func parsePHC(s string) (phc, error) {
	var (
		p       phc
		version int
		rest    string
	)
	_, err := fmt.Sscanf(s, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &p.memory, &p.passes, &p.lanes, &rest)
	if err != nil || version != argon2.Version {
		return phc{}, errHash
	}
	salt, sum, found := strings.Cut(rest, "$")
	if !found {
		return phc{}, errHash
	}
	if p.salt, err = base64.RawStdEncoding.DecodeString(salt); err != nil {
		return phc{}, errHash
	}
	if p.sum, err = base64.RawStdEncoding.DecodeString(sum); err != nil {
		return phc{}, errHash
	}
	if !p.bearable() {
		return phc{}, errHash
	}
	return p, nil
}

// bearable keeps a hash with absurd costs from being computed.
func (p phc) bearable() bool {
	return p.memory >= 8*uint32(p.lanes) && p.memory <= maxHashMemory &&
		p.passes >= 1 && p.passes <= maxHashPasses &&
		p.lanes >= 1 && p.lanes <= maxHashLanes &&
		len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.sum) >= 16 && len(p.sum) <= 64
}

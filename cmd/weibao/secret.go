package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keyLength is that of the key which signs the desks' sessions.
const keyLength = 32

// sessionKey reads the key that signs the sessions of the desks, and makes it
// at the first start: a desk stays logged in when the gateway starts again.
func sessionKey(file string) ([]byte, error) {
	key, err := os.ReadFile(file)
	if err == nil && len(key) >= keyLength {
		return key, nil
	}
	if err == nil {
		return nil, fmt.Errorf("%s: 少于 %d 字节，删除后重启即可重新生成 (too short: delete it and start again)", file, keyLength)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the session key: %w", err)
	}
	key = make([]byte, keyLength)
	_, _ = rand.Read(key) // never fails since Go 1.24
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("keep the session key: %w", err)
	}
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return nil, fmt.Errorf("keep the session key: %w", err)
	}
	return key, nil
}

package cti

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"weibao/routing"
)

// Secret is what the secrets file keeps of one login.
type Secret struct {
	// Password is a PHC string of argon2id; empty for a login that only has
	// a phone.
	Password string `json:"password,omitempty"`
	// SIPPassword is the phone's. Digest needs it as it is, so it is a random
	// one that nobody has to remember.
	SIPPassword string `json:"sip_password,omitempty"`
}

// LogValue keeps secrets out of every log.
func (Secret) LogValue() slog.Value { return slog.StringValue("<secret>") }

// String keeps secrets out of every message.
func (Secret) String() string { return "<secret>" }

// secrets is the secrets file: {"1001": {"password": "$argon2id$…",
// "sip_password": "…"}}, mode 0600, replaced in one step.
type secrets struct {
	path string
	log  *slog.Logger
	now  atomic.Pointer[secretsRead]
	mu   sync.Mutex // one reader at a time
	bad  *fileStamp // of the file that was refused last
}

// secretsRead is one reading of the file. It is never changed.
type secretsRead struct {
	stamp fileStamp
	byID  map[routing.AgentID]Secret
}

// fileStamp tells one content of a file from the next. The zero value is that
// of no file.
type fileStamp struct {
	size, changed int64
	inode         uint64
}

func stampOf(info os.FileInfo) fileStamp {
	stamp := fileStamp{size: info.Size(), changed: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		stamp.inode = stat.Ino
	}
	return stamp
}

func openSecrets(path string, log *slog.Logger) (*secrets, error) {
	s := &secrets{path: path, log: log}
	read, err := readSecrets(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	s.now.Store(read)
	return s, nil
}

// readSecrets always returns a reading; an empty one with an error.
func readSecrets(path string) (*secretsRead, error) {
	f, err := os.Open(path)
	if err != nil {
		return &secretsRead{}, fmt.Errorf("secrets: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return &secretsRead{}, fmt.Errorf("secrets: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return &secretsRead{}, fmt.Errorf("secrets: %s can be read by others; run: chmod 600 %s", path, path)
	}
	read := &secretsRead{stamp: stampOf(info)}
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read.byID); err != nil {
		return &secretsRead{}, fmt.Errorf("secrets: %s: %w", path, err)
	}
	for _, id := range slices.Sorted(maps.Keys(read.byID)) {
		hash := read.byID[id].Password
		if _, err := parsePHC(hash); hash != "" && err != nil {
			return &secretsRead{}, fmt.Errorf("secrets: %s: login %s: %w", path, id, err)
		}
	}
	return read, nil
}

// current is the file as it is now. When it can not be read, what was read
// before goes on to hold, and the fault is logged once.
func (s *secrets) current() *secretsRead {
	var stamp fileStamp
	if info, err := os.Stat(s.path); err == nil {
		stamp = stampOf(info)
	}
	if now := s.now.Load(); stamp == now.stamp {
		return now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now.Load()
	if stamp == now.stamp || s.bad != nil && stamp == *s.bad {
		return now
	}
	read, err := readSecrets(s.path)
	if err != nil {
		s.log.Error("secrets not read again, the old ones hold", "err", err)
		s.bad = &stamp
		return now
	}
	s.bad = nil
	s.now.Store(read)
	return read
}

// change rewrites the file in one step. A lock file keeps two writers, such as
// the gateway and `weibao agent passwd`, from losing each other's work.
func (s *secrets) change(edit func(map[routing.AgentID]Secret)) error {
	unlock, err := lockFile(s.path + ".lock")
	if err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	defer unlock()
	read, err := readSecrets(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	byID := maps.Clone(read.byID)
	if byID == nil {
		byID = make(map[routing.AgentID]Secret)
	}
	edit(byID)
	text, err := json.MarshalIndent(byID, "", "  ")
	if err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	if err := replaceFile(s.path, append(text, '\n')); err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	return nil
}

func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil { //nolint:gosec // a descriptor fits
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// replaceFile writes beside and renames, so that a reader sees the old file or
// the new one and a crash leaves one of them.
func replaceFile(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".secrets-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err = f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

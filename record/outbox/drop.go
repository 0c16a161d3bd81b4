package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aead.dev/minisign"
)

// Drop is a receiver behind an air gap: a folder from which somebody, or a
// one-way link, carries files over. Of each event there are
//
//	ID.json           the message
//	ID.json.minisig   its signature, for: minisign -Vm ID.json -p weibao.pub
//	weibao.pub        the key
//
// The signature is there before the message is. What comes back is a file
// receipts/ID.json.receipt that begins with the SHA-256 of the message in hex,
// as sha256sum prints it. A receipt is moved to receipts/done, one that fits
// nothing to receipts/unmatched, where a person must look at it.
type Drop struct {
	folder string
	key    minisign.PrivateKey
	whole  bool
	log    *slog.Logger
}

var _ Returner = (*Drop)(nil)

// The names in the folder.
const (
	publicKey    = "weibao.pub"
	receipts     = "receipts"
	receiptEnd   = ".receipt"
	sums         = ".sums" // what receipts are compared with; the messages may have been carried away
	unfinishedOK = time.Minute
)

// NewDrop makes the folder. Whole numbers are not masked.
func NewDrop(folder string, key minisign.PrivateKey, whole bool, log *slog.Logger) (*Drop, error) {
	d := &Drop{folder: folder, key: key, whole: whole, log: log}
	for _, part := range []string{receipts, filepath.Join(receipts, "done"), filepath.Join(receipts, "unmatched"), sums} {
		if err := os.MkdirAll(filepath.Join(folder, part), 0o750); err != nil {
			return nil, fmt.Errorf("drop folder: %w", err)
		}
	}
	public, is := key.Public().(minisign.PublicKey)
	if !is {
		return nil, fmt.Errorf("drop folder %s: the key is none of minisign's", folder)
	}
	text, err := public.MarshalText()
	if err != nil {
		return nil, fmt.Errorf("drop folder %s: %w", folder, err)
	}
	return d, d.write(publicKey, append(text, '\n'))
}

// Send implements Sender.
func (d *Drop) Send(_ context.Context, delivery Delivery) (Receipt, error) {
	text, err := body(delivery.Event, d.whole)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrFinal, err)
	}
	text = append(text, '\n')
	name := fileName(delivery.ID) + ".json"
	sum := sha256.Sum256(text)
	said := hex.EncodeToString(sum[:])
	trusted := fmt.Sprintf("timestamp:%d\tfile:%s", delivery.At.Unix(), name)
	signature := minisign.SignWithComments(d.key, text, trusted, "weibao filing "+delivery.Filing)
	for _, file := range []struct {
		name string
		text []byte
	}{
		{filepath.Join(sums, name), []byte(said + "\n" + delivery.ID)},
		{name + ".minisig", signature},
		{name, text},
	} {
		if err := d.write(file.name, file.text); err != nil {
			return Receipt{}, err
		}
	}
	return Receipt{Detail: "sha256 " + said}, nil
}

// fileName keeps an id to what is a name in every folder.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, id)
}

// write puts a file into the folder whole or not at all, and on the disk.
func (d *Drop) write(name string, text []byte) error {
	path := filepath.Join(d.folder, name)
	f, err := os.CreateTemp(filepath.Dir(path), ".weibao-*")
	if err != nil {
		return fmt.Errorf("drop %s: %w", name, err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o640), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("drop %s: %w", name, errors.Join(err, os.Remove(f.Name())))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder brings a rename to the disk.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("drop folder: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("drop folder %s: %w", path, err)
	}
	return nil
}

// Returned implements Returner.
func (d *Drop) Returned(context.Context) ([]Returned, error) {
	entries, err := os.ReadDir(filepath.Join(d.folder, receipts))
	if err != nil {
		return nil, fmt.Errorf("drop folder: %w", err)
	}
	var all []Returned
	for _, entry := range entries {
		name, is := strings.CutSuffix(entry.Name(), receiptEnd)
		if !is || !entry.Type().IsRegular() {
			continue
		}
		id, fault := d.match(name)
		if fault == nil {
			all = append(all, Returned{Event: id, By: "receipt", Detail: "receipt " + entry.Name(), Name: entry.Name()})
			continue
		}
		if info, err := entry.Info(); err != nil || time.Since(info.ModTime()) < unfinishedOK {
			continue // it may be a copy that is still under way
		}
		d.log.Error("回执与任何报备都对不上 (a receipt fits nothing)", "folder", d.folder, "receipt", entry.Name(), "err", fault)
		if err := d.putAway(entry.Name(), "unmatched"); err != nil {
			return all, err
		}
	}
	return all, nil
}

// match finds the event of a receipt, which must know the message.
func (d *Drop) match(name string) (id string, err error) {
	said, err := readSome(filepath.Join(d.folder, receipts, name+receiptEnd))
	if err != nil {
		return "", err
	}
	kept, err := readSome(filepath.Join(d.folder, sums, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("no file %s was ever put here", name)
	}
	if err != nil {
		return "", err
	}
	sum, id, _ := strings.Cut(kept, "\n")
	if first, _, _ := strings.Cut(strings.TrimSpace(said), " "); !strings.EqualFold(first, sum) {
		return "", fmt.Errorf("it holds another SHA-256 than that of %s", name)
	}
	return id, nil
}

// readSome reads a small file; one that is larger is none of ours.
func readSome(path string) (string, error) {
	const most = 4 << 10
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > most {
		return "", fmt.Errorf("%s has %d bytes", filepath.Base(path), info.Size())
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// Settled implements Returner.
func (d *Drop) Settled(_ context.Context, r Returned, _ bool) error {
	return d.putAway(r.Name, "done")
}

func (d *Drop) putAway(name, to string) error {
	from := filepath.Join(d.folder, receipts)
	if err := os.Rename(filepath.Join(from, name), filepath.Join(from, to, name)); err != nil {
		return fmt.Errorf("drop folder: %w", err)
	}
	return nil
}

// SigningKey reads the key of drop folders, or makes one at the first start.
// It is in a file that only its owner reads.
func SigningKey(path string) (minisign.PrivateKey, error) {
	var key minisign.PrivateKey
	text, err := os.ReadFile(path)
	if err == nil {
		if err := key.UnmarshalText(text); err != nil {
			return key, fmt.Errorf("signing key %s: %w", path, err)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return key, fmt.Errorf("signing key: %w", err)
	}
	if _, key, err = minisign.GenerateKey(nil); err != nil {
		return key, fmt.Errorf("make a signing key: %w", err)
	}
	if text, err = key.MarshalText(); err != nil {
		return key, fmt.Errorf("make a signing key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return key, fmt.Errorf("make a signing key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return key, fmt.Errorf("make a signing key: %w", err)
	}
	_, err = f.Write(text)
	return key, errors.Join(err, f.Sync(), f.Close())
}

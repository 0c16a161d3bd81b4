package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// file is what the journal needs of a file. Tests put one with faults in its
// place.
type file interface {
	WriteAt(b []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Stat() (fs.FileInfo, error)
	Close() error
}

// openFile opens a segment for writing; create means that it must be new.
type openFile func(path string, flag int) (file, error)

func osFile(path string, flag int) (file, error) {
	return os.OpenFile(path, flag, 0o600)
}

// segment is the file that the journal is writing to. It always has written
// zeros behind its last line: space that belongs to the journal already. An
// append overwrites them, so a disk that has filled up since can not refuse
// it, and the flush has no new length to store. Zeros are written, not asked
// for with fallocate, because a write is what every file system understands;
// and they stand in this file, not in a spare one to be deleted in need,
// because freed space would be eaten by the recordings before the journal
// got it. (File systems that never overwrite in place, such as btrfs or ZFS,
// can still refuse: give the journal a volume of its own there.)
type segment struct {
	number int
	day    string
	f      file
	end    int64 // behind the last line
	size   int64 // of the file, zeros included
	// soiled is where the remains of a failed write end; they are wiped before
	// the next one. Not above end: there are none.
	soiled int64
}

// room is the space that is left without asking the file system.
func (s *segment) room() int64 { return s.size - s.end }

// write puts a line behind the last one and returns when it is on the disk.
// After a failed flush the kernel calls the pages clean though they are not on
// the disk; so a failed line is never flushed again, only written again.
func (s *segment) write(line []byte) error {
	if s.soiled > s.end {
		if err := s.wipe(); err != nil {
			return err
		}
	}
	if err := s.put(line, s.end); err != nil {
		s.soiled = s.end + int64(len(line))
		_ = s.wipe() // else before the next line
		return err
	}
	s.end += int64(len(line))
	s.size = max(s.size, s.end)
	return nil
}

func (s *segment) put(b []byte, at int64) error {
	if _, err := s.f.WriteAt(b, at); err != nil {
		return err
	}
	return s.f.Sync()
}

// wipe puts zeros over what a failed write has left behind. The first byte
// goes last: until then the remains are seen to be a torn line.
func (s *segment) wipe() error {
	if info, err := s.f.Stat(); err == nil {
		s.soiled = min(s.soiled, info.Size())
	}
	if s.soiled > s.end {
		if err := s.put(make([]byte, s.soiled-s.end-1), s.end+1); err != nil {
			return err
		}
		if err := s.put(make([]byte, 1), s.end); err != nil {
			return err
		}
	}
	s.soiled = 0
	return nil
}

// extend makes the room at least that large.
func (s *segment) extend(room int64) error {
	const step = 256 << 10
	target := s.end + room
	for s.size < target {
		n := min(step, target-s.size)
		if _, err := s.f.WriteAt(make([]byte, n), s.size); err != nil {
			if info, statErr := s.f.Stat(); statErr == nil {
				s.size = max(s.size, info.Size())
			}
			return fmt.Errorf("reserve space for the journal: %w", err)
		}
		s.size += n
	}
	if err := s.f.Sync(); err != nil {
		return fmt.Errorf("reserve space for the journal: %w", err)
	}
	return nil
}

// seal gives the reserved space back and closes the file.
func (s *segment) seal() error {
	err := s.f.Truncate(s.end)
	if err == nil {
		err = s.f.Sync()
	}
	return errors.Join(err, s.f.Close())
}

// create makes a new segment with its first line and room behind it; on any
// fault nothing of it stays.
func (j *Journal) create(number int, first Line, room int64) (*segment, Line, error) {
	path := filepath.Join(j.dir, segmentName(number))
	f, err := j.open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, Line{}, fmt.Errorf("begin %s: %w", segmentName(number), err)
	}
	s := &segment{number: number, day: day(first.At.Time), f: f}
	line, err := first.encode()
	if err == nil {
		err = s.extend(room)
	}
	if err == nil {
		err = s.write(line)
	}
	if err == nil {
		err = syncDir(j.dir)
	}
	if err != nil {
		return nil, Line{}, errors.Join(fmt.Errorf("begin %s: %w", segmentName(number), err), f.Close(), os.Remove(path))
	}
	return s, first, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ErrInUse says that another process writes to the journal.
var ErrInUse = errors.New("another process writes to this journal")

// lockWait is for a gateway that is just ending, and for a child that it had
// begun to start: between fork and exec that holds the lock as well.
const lockWait = time.Second

// hold keeps a second gateway out of the same journal, for as long as the file
// stays open: a killed process leaves no lock behind.
func hold(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "journal.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the journal: %w", err)
	}
	again := time.NewTicker(lockWait / 50)
	defer again.Stop()
	for begun := time.Now(); ; <-again.C {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		if time.Since(begun) > lockWait {
			err = ErrInUse
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the journal in %s: %w", dir, err), f.Close())
	}
	return f, nil
}

// diskFull reports whether the file system has no space: full, over a quota,
// or over the largest size of a file.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

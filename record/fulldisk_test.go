package record

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// childDir tells a child process of the tests where to fill the disk.
const childDir = "WEIBAO_TEST_FILL_DISK"

// smallDisk is the size of the disk, or of the largest file, in the child.
const smallDisk = 1 << 20

// TestFilingsStillReachADiskThatIsFull runs on a real full file system where
// one can be mounted (in a mount namespace of the child's own), and everywhere
// under the kernel's limit on the size of files.
func TestFilingsStillReachADiskThatIsFull(t *testing.T) {
	t.Parallel()
	out, err := runChild(t, &syscall.SysProcAttr{})
	if err != nil {
		t.Fatalf("under a limit on file sizes: %v\n%s", err, out)
	}
	t.Logf("under a limit on file sizes: %s", out)

	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	out, err = runChild(t, attr, "WEIBAO_TEST_TMPFS=1")
	switch exit, ran := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		t.Logf("on a full tmpfs: %s", out)
	case !ran || exit.ExitCode() == exitNoMount:
		t.Logf("no file system can be mounted here (%v); the limit on file sizes stands for it", err)
	default:
		t.Fatalf("on a full tmpfs: %v\n%s", err, out)
	}
}

// exitNoMount is the child's exit code where mounting is refused.
const exitNoMount = 77

func runChild(t *testing.T, attr *syscall.SysProcAttr, env ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(append(os.Environ(), childDir+"="+dir), env...)
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// fillDisk is the child. It fills the disk with ordinary records until they
// are refused, and expects emergencies to be written on.
func fillDisk(dir string) int {
	if os.Getenv("WEIBAO_TEST_TMPFS") != "" {
		_ = syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, "")
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", smallDisk)); err != nil {
			fmt.Fprintln(os.Stderr, "mount:", err)
			return exitNoMount
		}
	} else {
		limit := syscall.Rlimit{Cur: smallDisk, Max: smallDisk}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Fprintln(os.Stderr, "limit:", err)
			return 1
		}
	}
	if err := fillAndFile(filepath.Join(dir, "journal")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func fillAndFile(dir string) error {
	j, err := OpenJournal(JournalOptions{Dir: dir, Reserve: 256 << 10, SegmentBytes: 1 << 30})
	if err != nil {
		return err
	}
	records := 0
	for {
		_, err := j.Append(KindRecord, Record{Reason: strings.Repeat("长", 1000)})
		j.Tend()
		if err != nil {
			if !errors.Is(err, ErrNoRoom) {
				return fmt.Errorf("want ErrNoRoom after %d records: %w", records, err)
			}
			break
		}
		records++
	}
	// The rest of the disk goes to somebody else.
	hog, err := os.Create(filepath.Join(filepath.Dir(dir), "hog"))
	if err != nil {
		return err
	}
	for err == nil {
		_, err = hog.Write(make([]byte, 4096))
	}
	const filings = 100 // 60 KiB of the quarter that is kept
	for i := range filings {
		if _, err := j.Append(KindFiling, Filing{Number: fmt.Sprintf("JL-20261123-%04d", i+1), Attempts: []Attempt{}}); err != nil {
			return fmt.Errorf("filing %d on a full disk: %w", i, err)
		}
		j.Tend()
	}
	if j, err = reopenOnFullDisk(j, dir); err != nil {
		return err
	}
	if _, err := j.Append(KindFiling, Filing{Number: "JL-20261123-9999"}); err != nil {
		return fmt.Errorf("filing after a restart on a full disk: %w", err)
	}
	report, err := Verify(dir)
	if err != nil || !report.OK() {
		return fmt.Errorf("verify: %w %s", err, report)
	}
	if report.Kinds[KindFiling] != filings+1 || report.Kinds[KindRecord] != records {
		return fmt.Errorf("journal has %v, want %d records and %d filings", report.Kinds, records, filings+1)
	}
	fmt.Fprintf(os.Stderr, "%d records until ErrNoRoom, then %d filings, %d bytes left\n", records, filings+1, j.Room())
	return nil
}

// reopenOnFullDisk is a kill and a start: the reserve must still be there.
func reopenOnFullDisk(j *Journal, dir string) (*Journal, error) {
	if err := errors.Join(j.seg.f.Close(), j.lock.Close()); err != nil {
		return nil, err
	}
	again, err := OpenJournal(JournalOptions{Dir: dir, Reserve: 256 << 10, SegmentBytes: 1 << 30})
	if err != nil {
		return nil, fmt.Errorf("start on a full disk: %w", err)
	}
	return again, nil
}

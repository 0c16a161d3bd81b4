package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// capReadSearch is CAP_DAC_READ_SEARCH: folders and files closed to the user can be read, not written.
const capReadSearch = 2

// Account is the ordinary user that a process of the system runs as.
type Account struct {
	UID, GID int
	// drop: the caller is root and must become this user.
	drop bool
	// closed is a folder on the way that the user can not enter; "" when all are open.
	closed string
}

// Ordinary is the user for a process that must reach the given paths: the caller, or, when the caller is
// root, the user who called sudo, or nobody. What is not an absolute path is passed over.
func Ordinary(paths ...string) (Account, error) {
	if os.Geteuid() != 0 {
		return Account{UID: os.Geteuid(), GID: os.Getegid()}, nil
	}
	a, err := sudoer()
	if err != nil {
		return Account{}, err
	}
	for _, p := range paths {
		if filepath.IsAbs(p) && a.closed == "" {
			a.closed = a.closedAbove(p)
		}
	}
	if a.closed != "" && !mayReadAll() {
		return Account{}, fmt.Errorf("folder %s is closed to uid %d, and this root has not the capability CAP_DAC_READ_SEARCH to pass on: open the folder (chmod o+x) or work in another one", a.closed, a.UID)
	}
	return a, nil
}

func sudoer() (Account, error) {
	uid, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	gid, err2 := strconv.Atoi(os.Getenv("SUDO_GID"))
	if err == nil && err2 == nil && uid > 0 && gid > 0 {
		return Account{UID: uid, GID: gid, drop: true}, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return Account{}, fmt.Errorf("no ordinary user to run as: %w", err)
	}
	uid, err = strconv.Atoi(u.Uid)
	gid, err2 = strconv.Atoi(u.Gid)
	if err := errors.Join(err, err2); err != nil {
		return Account{}, fmt.Errorf("user nobody: %w", err)
	}
	return Account{UID: uid, GID: gid, drop: true}, nil
}

// closedAbove is the first folder that the account can not enter, on the way to path as it is written or to
// what it links to: both are walked.
func (a Account) closedAbove(path string) string {
	if closed := a.closedOnTheWay(path); closed != "" {
		return closed
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return a.closedOnTheWay(real)
	}
	return ""
}

// closedOnTheWay looks at the folders above a path. One that is not there yet is made later, and open.
func (a Account) closedOnTheWay(path string) string {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && !a.mayEnter(info) {
			return dir
		}
		if dir == "/" {
			return ""
		}
	}
}

func (a Account) mayEnter(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	switch mode := info.Mode().Perm(); {
	case int(st.Uid) == a.UID:
		return mode&0o100 != 0
	case int(st.Gid) == a.GID:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// mayReadAll reports whether this process has the capability that it would pass on; root in a container may not.
func mayReadAll() bool {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		if hex, ok := strings.CutPrefix(line, "CapPrm:"); ok {
			caps, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			return err == nil && caps&(1<<capReadSearch) != 0
		}
	}
	return false
}

// Command is the program, to be started as the account. Its process id is the program's own.
func (a Account) Command(ctx context.Context, argv ...string) *exec.Cmd {
	if !a.drop {
		return exec.CommandContext(ctx, argv[0], argv[1:]...)
	}
	// The ambient capability comes into effect at an exec only, so the first program must lie in an
	// open folder; setpriv does, and takes away the way back to root besides.
	cmd := exec.CommandContext(ctx, "/usr/bin/setpriv", append([]string{"--no-new-privs", "--"}, argv...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(a.UID), Gid: uint32(a.GID)},
	}
	if a.closed != "" {
		cmd.SysProcAttr.AmbientCaps = []uintptr{capReadSearch}
	}
	return cmd
}

// Own gives the folder and all below it to the account.
func (a Account) Own(dir string) error {
	if !a.drop {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) == a.UID && int(st.Gid) == a.GID {
			return nil
		}
		return os.Lchown(path, a.UID, a.GID)
	})
}

// account is who runs the node.
func (o Options) account() (Account, error) {
	paths := []string{filepath.Join(o.Dir, "etc")}
	if o.Root != "" {
		paths = append(paths, filepath.Join(o.Root, "usr"))
	}
	if o.Sounds != "" {
		paths = append(paths, filepath.Join(o.Sounds, "music"))
	}
	return Ordinary(paths...)
}

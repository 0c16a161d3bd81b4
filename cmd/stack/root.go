package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"weibao/asterisk/node"
)

// debianKeys are the keys that sign Debian's releases.
const debianKeys = "/usr/share/keyrings/debian-archive-keyring.gpg"

// oldest is the first Asterisk that the product was tried with.
const oldest = "22.10"

// asterisk finds an Asterisk that is new enough, or makes the private root that holds one. It tells the
// root ("" = the PATH) and what it found.
func (s *stack) asterisk(ctx context.Context) (root, note string, err error) {
	if v, err := node.Version(ctx, ""); err == nil && newEnough(v) {
		return "", v + " on the PATH", nil
	}
	root, err = node.PrivateRoot()
	if err != nil {
		return "", "", err
	}
	if _, err := os.Stat(root); err == nil {
		v, err := rootVersion(ctx, root)
		return root, v, err
	}
	if _, err := install(ctx, rootTools()); err != nil {
		return "", "", err
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return "", "", err
	}
	unlock, err := lock(filepath.Join(filepath.Dir(root), ".lock"))
	if err != nil {
		return "", "", err
	}
	defer unlock()
	// Another run may have made it meanwhile.
	if _, err := os.Stat(root); err != nil {
		s.report.say("… 建立 Asterisk 私有目录，约半分钟 making Asterisk's private root, about half a minute (340 MB): %s", root)
		if err := makeRoot(ctx, root); ctx.Err() != nil {
			return "", "", stuck("make setup", fmt.Errorf("中断 interrupted: %w", context.Cause(ctx)))
		} else if err != nil {
			return "", "", stuck("检查网络后重来 check the network (the packages come from Debian's mirror; another one: WEIBAO_DEBIAN_MIRROR=URL) and run again: make setup", err)
		}
	}
	v, err := rootVersion(ctx, root)
	return root, v, err
}

func rootVersion(ctx context.Context, root string) (string, error) {
	again := "删除后重来 delete it and run again: rm -rf " + root + " && make setup"
	v, err := node.Version(ctx, root)
	if err != nil {
		return "", stuck(again, err)
	}
	if !newEnough(v) {
		return "", stuck(again, fmt.Errorf("asterisk %s is older than %s", v, oldest))
	}
	return v, nil
}

// makeRoot makes the root under another name and renames it at the end: a run that breaks leaves nothing
// half-made behind that a later run would take for whole.
func makeRoot(ctx context.Context, root string) error {
	sweepRoots(root)
	part, err := os.MkdirTemp(filepath.Dir(root), filepath.Base(root)+".part-")
	if err != nil {
		return err
	}
	if err := bootstrap(ctx, part); err != nil {
		return errors.Join(err, removeRoot(part))
	}
	// mmdebstrap leaves the mode of a folder that is there: closed, as temporary folders are.
	if err := os.Chmod(part, 0o755); err != nil {
		return err
	}
	return os.Rename(part, root)
}

// bootstrap fills dir. An ordinary user has no root rights to lend: mmdebstrap then works in a user
// namespace and hands over a tar, which is unpacked as that user's own files.
func bootstrap(ctx context.Context, dir string) error {
	args := []string{
		"--variant=minbase", "--include=asterisk",
		// A mirror that stands still is better than none: the signatures are checked all the same.
		`--aptopt=Acquire::Check-Valid-Until "false"`,
	}
	if _, err := os.Stat("/etc/debian_version"); err != nil || !isDebian() {
		args = append(args, "--keyring="+debianKeys)
	}
	target := dir
	if os.Geteuid() != 0 {
		args, target = append(args, "--mode=unshare", "--format=tar"), "-"
	}
	args = append(args, node.Suite, target)
	if mirror := os.Getenv("WEIBAO_DEBIAN_MIRROR"); mirror != "" {
		args = append(args, mirror)
	}
	cmd := mmdebstrap(ctx, args)
	if target != dir {
		return unpack(ctx, cmd, dir)
	}
	// With a view of the mounts of its own: what it mounts goes when it goes, even if it is killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if err := quietly(cmd); !errors.Is(err, syscall.EPERM) {
		return err
	}
	// A container without that right can not mount either.
	return quietly(mmdebstrap(ctx, args))
}

// mmdebstrap has work to take back when it is stopped: it is asked, and only a deaf one is killed.
func mmdebstrap(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "mmdebstrap", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	return cmd
}

// unpack runs the command and unpacks the tar that it prints. Devices can not be made by a user, and
// Asterisk's loader needs none.
func unpack(ctx context.Context, cmd *exec.Cmd, dir string) error {
	tar := exec.CommandContext(ctx, "tar", "-x", "-C", dir, "--no-same-owner", "--exclude=./dev/*", "-f", "-")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var said strings.Builder
	cmd.Stderr = &said
	tar.Stdin = pipe
	if err := cmd.Start(); err != nil {
		return err
	}
	untar := quietlyPiped(tar)
	if err := errors.Join(cmd.Wait(), untar); err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("%s: %w:\n%s", strings.Join(cmd.Args, " "), err, strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
	return nil
}

func quietlyPiped(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Args[0], err, out)
	}
	return nil
}

func isDebian() bool {
	b, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "ID="); ok {
			return strings.Trim(id, `"`) == "debian"
		}
	}
	return false
}

// sweepRoots takes away what broken runs left. What can not be removed is in nobody's way.
func sweepRoots(root string) {
	left, err := filepath.Glob(root + ".part-*")
	if err != nil {
		return
	}
	for _, dir := range left {
		_ = removeRoot(dir)
	}
}

// removeRoot refuses a folder with something mounted in it: it might be the system's own /dev.
func removeRoot(dir string) error {
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[1], dir+"/") {
			return stuck("umount "+f[1]+" && rm -rf "+dir, fmt.Errorf("%s is still mounted", f[1]))
		}
	}
	return os.RemoveAll(dir)
}

// newEnough compares the first two numbers of a version with the oldest.
func newEnough(version string) bool {
	number := func(v string) int {
		f := strings.SplitN(v, ".", 3)
		if len(f) < 2 {
			return 0
		}
		major, err := strconv.Atoi(f[0])
		minor, err2 := strconv.Atoi(f[1])
		if err != nil || err2 != nil {
			return 0
		}
		return major*1000 + minor
	}
	return number(version) >= number(oldest)
}

// lock waits for the file's lock and returns how to let it go.
func lock(path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}

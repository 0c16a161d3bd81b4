package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// need is something that a package of the distribution brings. None of these packages starts a service.
type need struct {
	pkg  string
	have func() bool
}

func tool(name, pkg string) need {
	return need{pkg, func() bool { _, err := exec.LookPath(name); return err == nil }}
}

func file(path, pkg string) need {
	return need{pkg, func() bool { _, err := os.Stat(path); return err == nil }}
}

// tools are needed in any case.
func tools() []need {
	all := []need{tool("espeak-ng", "espeak-ng"), tool("sox", "sox"), tool("setpriv", "util-linux")}
	if _, err := exec.LookPath("redis-server"); err != nil {
		// Not the package redis-server: it starts a service. The tools carry the same program.
		all = append(all, tool("redis-check-rdb", "redis-tools"))
	}
	return all
}

// rootTools are needed to make Asterisk's private root. A system that is not Debian itself knows neither
// Debian's keys nor its releases.
func rootTools() []need {
	all := []need{
		tool("mmdebstrap", "mmdebstrap"),
		tool("gpg", "gpg"),
		file(debianKeys, "debian-archive-keyring"),
		file("/usr/share/distro-info/debian.csv", "distro-info-data"),
	}
	if os.Geteuid() != 0 {
		all = append(all, tool("newuidmap", "uidmap"))
	}
	return all
}

// install brings the packages of the needs that are not met, and tells which.
func install(ctx context.Context, needs []need) (string, error) {
	var missing []string
	for _, n := range needs {
		if !n.have() && !slices.Contains(missing, n.pkg) {
			missing = append(missing, n.pkg)
		}
	}
	if len(missing) == 0 {
		return "", nil
	}
	byHand := "安装这些软件包 install these packages: " + strings.Join(missing, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return "", stuck(byHand, errors.New("there is no apt-get here"))
	}
	byHand += "  (sudo apt-get update && sudo apt-get install -y " + strings.Join(missing, " ") + ")"
	apt := func(args ...string) error {
		argv, ok := asRoot(append([]string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"}, args...))
		if !ok {
			return stuck(byHand, errors.New("neither root nor sudo"))
		}
		return quietly(exec.CommandContext(ctx, argv[0], argv[1:]...))
	}
	args := append([]string{"install", "-y"}, missing...)
	if err := apt(args...); err != nil {
		// The lists are missing or old on a fresh machine.
		if err := errors.Join(apt("update"), apt(args...)); err != nil {
			return "", stuck(byHand, err)
		}
	}
	return "apt " + strings.Join(missing, " "), nil
}

// asRoot is the command as root: by sudo when the caller is not; false when there is no way.
func asRoot(argv []string) ([]string, bool) {
	if os.Geteuid() == 0 {
		return argv, true
	}
	if _, err := exec.LookPath("sudo"); err != nil {
		return nil, false
	}
	return append([]string{"sudo"}, argv...), true
}

// quietly runs a command and keeps what it prints for the error.
func quietly(cmd *exec.Cmd) error {
	// sudo may ask for the password.
	cmd.Stdin = os.Stdin
	out, err := cmd.CombinedOutput()
	if err != nil {
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		return fmt.Errorf("%s: %w:\n%s", strings.Join(cmd.Args, " "), err, bytes.Join(lines[max(0, len(lines)-8):], []byte("\n")))
	}
	return nil
}

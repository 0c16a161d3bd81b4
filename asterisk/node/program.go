package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
)

// ErrMissing says that there is no Asterisk where the options point to.
var ErrMissing = errors.New("asterisk is missing; make setup fetches it")

// program is how Asterisk is called, and where its fixed parts are.
type program struct {
	argv          []string
	modules, data string
}

// find looks for Asterisk in the private root, or on the PATH when root is empty.
func find(root string) (program, error) {
	if root == "" {
		return findOnPath()
	}
	modules := first(filepath.Join(root, "usr/lib/*-linux-gnu*/asterisk/modules"))
	loader := first(filepath.Join(root, "lib64/ld-linux-*.so.2"), filepath.Join(root, "lib/ld-linux-*.so.1"), filepath.Join(root, "lib64/ld64.so.*"))
	binary := first(filepath.Join(root, "usr/sbin/asterisk"))
	if modules == "" || loader == "" || binary == "" {
		return program{}, fmt.Errorf("%w (looked in %s)", ErrMissing, root)
	}
	libraries := filepath.Dir(filepath.Dir(modules))
	return program{
		argv:    []string{loader, "--library-path", libraries, binary},
		modules: modules,
		data:    filepath.Join(root, "usr/share/asterisk"),
	}, nil
}

func findOnPath() (program, error) {
	binary, err := exec.LookPath("asterisk")
	if err != nil {
		// An ordinary user's PATH often has no sbin.
		if binary = first("/usr/sbin/asterisk", "/usr/local/sbin/asterisk"); binary == "" {
			return program{}, fmt.Errorf("%w (looked on the PATH)", ErrMissing)
		}
	}
	p := program{
		argv:    []string{binary},
		modules: first("/usr/local/lib/asterisk/modules", "/usr/lib/*-linux-gnu*/asterisk/modules", "/usr/lib64/asterisk/modules", "/usr/lib/asterisk/modules"),
		data:    filepath.Dir(first("/usr/share/asterisk/documentation", "/var/lib/asterisk/documentation")),
	}
	if p.modules == "" || p.data == "." {
		return program{}, fmt.Errorf("%w (%s has no modules or no documentation folder)", ErrMissing, binary)
	}
	return p, nil
}

// first is the first existing path that matches one of the patterns, or "".
func first(patterns ...string) string {
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		for _, f := range found {
			if _, err := os.Stat(f); err == nil {
				return f
			}
		}
	}
	return ""
}

var versionLine = regexp.MustCompile(`Asterisk (\d+\.\d+\.\d+)`)

// Version runs the Asterisk of the root ("" = PATH) and tells its version, such as "22.10.1".
func Version(ctx context.Context, root string) (string, error) {
	p, err := find(root)
	if err != nil {
		return "", err
	}
	who, err := Ordinary(p.argv...)
	if err != nil {
		return "", err
	}
	cmd := who.Command(ctx, append(slices.Clip(p.argv), "-V")...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -V: %w: %s", p.argv[len(p.argv)-1], err, out)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s -V says %q, which names no version", p.argv[len(p.argv)-1], out)
	}
	return string(m[1]), nil
}

// PrivateRoot is where setup puts the private root that holds Asterisk, whether it is there or not.
func PrivateRoot() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w", err)
	}
	return filepath.Join(cache, "weibao", "asterisk-"+Suite+"-"+runtime.GOARCH), nil
}

// Suite is the distribution release that the private root is made of: the first with Asterisk 22.
const Suite = "forky"

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// testTools brings what only the tests need.
func (s *stack) testTools(ctx context.Context) error {
	return s.steps(
		s.a("PostgreSQL 程序（测试用）", "programs, for the tests", func() (string, error) { return postgres(ctx) }),
		s.a("Node.js 和 npm（测试用）", "for the tests", func() (string, error) { return nodejs(ctx) }),
	)
}

// postgres is the folder of PostgreSQL's programs. The distribution's package
// would start a service, so where it is not installed it is only unpacked, into
// the user's cache.
func postgres(ctx context.Context) (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 {
		return found[len(found)-1], nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	root := filepath.Join(cache, "weibao", "postgresql")
	if _, err := os.Stat(root); err == nil {
		return root, nil
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return "", err
	}
	part, err := os.MkdirTemp(filepath.Dir(root), "postgresql.part-")
	if err != nil {
		return "", err
	}
	if err := unpackPackage(ctx, "postgresql", part); err != nil {
		return "", stuck("或安装软件包 or install the package: sudo apt-get install -y postgresql", errors.Join(err, os.RemoveAll(part)))
	}
	// Under another name until it is whole, as Asterisk's root is.
	return root, os.Rename(part, root)
}

// unpackPackage downloads a package, and what it needs and the system lacks, and unpacks all of it into a folder.
// Nothing is installed.
func unpackPackage(ctx context.Context, pkg, dir string) error {
	debs := filepath.Join(dir, "debs")
	if err := os.MkdirAll(filepath.Join(debs, "partial"), 0o755); err != nil {
		return err
	}
	download := func() error {
		argv, ok := asRoot([]string{
			"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--download-only", "--no-install-recommends",
			"-o", "Dir::Cache::archives=" + debs, "-o", "APT::Sandbox::User=root", "install", pkg,
		})
		if !ok {
			return errors.New("neither root nor sudo")
		}
		return quietly(exec.CommandContext(ctx, argv[0], argv[1:]...))
	}
	if err := download(); err != nil {
		argv, _ := asRoot([]string{"apt-get", "-q", "update"})
		if argv == nil {
			return err
		}
		// The lists are missing or old on a fresh machine.
		if err := errors.Join(quietly(exec.CommandContext(ctx, argv[0], argv[1:]...)), download()); err != nil {
			return err
		}
	}
	found, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("apt-get downloaded nothing for %s", pkg)
	}
	for _, deb := range found {
		err = errors.Join(err, quietly(exec.CommandContext(ctx, "dpkg", "-x", deb, dir)))
	}
	return errors.Join(err, os.RemoveAll(debs), os.Chmod(dir, 0o755))
}

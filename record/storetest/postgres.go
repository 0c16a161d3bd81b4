package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Postgres is a real PostgreSQL server of the test's own: its data are in a
// folder that goes with the test, and it listens on a socket there and on no
// port, so that it can meet no other server.
type Postgres struct {
	t    testing.TB
	bin  string   // folder of the server's programs
	env  []string // for private copies of them
	dir  string
	cmd  *exec.Cmd
	done chan struct{} // closed when the server has gone
	log  bytes.Buffer
}

// postgresBin names the folder of the server's programs where it is in none of
// the usual places.
const postgresBin = "WEIBAO_POSTGRES_BIN"

// StartPostgres starts a server; the test's end stops it. A machine without
// PostgreSQL fails the test.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	bin, err := findPostgres()
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	p := &Postgres{t: t, bin: bin, dir: dir}
	if root, found := strings.CutSuffix(bin[:strings.LastIndex(bin, "/usr/lib/")+1], "/"); found && root != "" {
		p.usePrivate(root)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	out, err := p.command(t.Context(), "initdb", "-D", p.data(), "-U", "weibao", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p.Start()
	t.Cleanup(p.Stop)
	return p
}

// shortDir is not t.TempDir, whose path may be too long for a socket and
// closed to other users.
func shortDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("/tmp", "weibao-pg-"+strings.ToLower(rand.Text()[:12]))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// findPostgres looks for the server: named by the variable, installed, or
// unpacked into the user's cache.
func findPostgres() (string, error) {
	if bin := os.Getenv(postgresBin); bin != "" {
		return bin, nil
	}
	cache, _ := os.UserCacheDir()
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/postgres", filepath.Join(cache, "weibao/postgresql/usr/lib/postgresql/*/bin/postgres")} {
		found, _ := filepath.Glob(pattern)
		if len(found) > 0 {
			slices.Sort(found)
			return filepath.Dir(found[len(found)-1]), nil
		}
	}
	return "", fmt.Errorf("no PostgreSQL server here: apt-get install postgresql, or name the folder of its programs in %s", postgresBin)
}

// usePrivate prepares programs that are not installed but unpacked under root:
// they need their own libraries, and, when the tests run as root, a place that
// an ordinary user can reach.
func (p *Postgres) usePrivate(root string) {
	p.t.Helper()
	if os.Geteuid() == 0 && !open(root) {
		copied := filepath.Join(p.dir, "root")
		if err := os.CopyFS(copied, os.DirFS(root)); err != nil {
			p.t.Fatalf("copy PostgreSQL to where an ordinary user reaches it: %v", err)
		}
		p.bin = copied + strings.TrimPrefix(p.bin, root)
		root = copied
	}
	libraries, _ := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu"))
	more, _ := filepath.Glob(filepath.Join(root, "lib/*-linux-gnu"))
	libraries = append(libraries, more...)
	p.env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
}

// open reports whether every user can reach a folder.
func open(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// nobody is the user that the server runs as when the tests run as root, which
// PostgreSQL refuses to be.
const nobody = 65534

func (p *Postgres) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, program), args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}
	}
	return cmd
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

// Start starts the server again and returns when it answers.
func (p *Postgres) Start() {
	p.t.Helper()
	// The server lives longer than the context of a test, until its cleanup.
	p.cmd = p.command(context.WithoutCancel(p.t.Context()), "postgres", "-D", p.data(), "-k", p.dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "jit=off")
	p.log.Reset()
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.done = make(chan struct{})
	started := make(chan error)
	go watch(p.cmd, started, p.done)
	if err := <-started; err != nil {
		p.t.Fatalf("start PostgreSQL: %v", err)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		err := p.exec(ctx, "SELECT 1")
		if err == nil {
			return
		}
		select {
		case <-p.done:
			p.t.Fatalf("PostgreSQL has ended: %s", p.log.String())
		case <-ctx.Done():
			p.t.Fatalf("PostgreSQL does not answer: %v", err)
		case <-poll.C:
		}
	}
}

// watch starts the server and waits for its end on one thread: the kernel ends
// the server when that thread ends, so that a test that dies leaves none.
func watch(cmd *exec.Cmd, started chan<- error, done chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(done)
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // it is told to end; how it does is of no interest
	}
}

// Stop ends the server as a crash would: no goodbye to its clients.
func (p *Postgres) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	<-p.done
}

// DSN names a database of the server.
func (p *Postgres) DSN(database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&user=weibao", database, p.dir)
}

// New makes an empty database and returns its DSN.
func (p *Postgres) New() string {
	p.t.Helper()
	name := "t" + strings.ToLower(rand.Text()[:12])
	if err := p.exec(p.t.Context(), "CREATE DATABASE "+name); err != nil {
		p.t.Fatalf("create a database: %v", err)
	}
	return p.DSN(name)
}

func (p *Postgres) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", p.DSN("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement)
	return err
}

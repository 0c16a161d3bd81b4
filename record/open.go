package record

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SQL is the Store in SQLite or PostgreSQL: one set of tables and of
// statements for both.
type SQL struct {
	db      *sql.DB
	dialect goose.Dialect
	where   string // for messages, without a password

	mu    sync.Mutex // held while the tables are being brought up to date
	ready bool
}

// Open opens the database that a DSN names and brings its tables up to date:
// "sqlite:PATH" or "postgres://USER@HOST/DATABASE".
func Open(ctx context.Context, dsn string) (*SQL, error) {
	s, err := Prepare(dsn)
	if err != nil {
		return nil, err
	}
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Prepare is Open without touching the database; the first use connects. A
// gateway starts with it, because calls must be served while the database is
// down.
func Prepare(dsn string) (*SQL, error) {
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return sqliteAt(rest)
	case scheme == "postgres" || scheme == "postgresql":
		return postgresAt(dsn)
	}
	return nil, errors.New("database: want sqlite:PATH or postgres://USER@HOST/DATABASE")
}

// sqliteAt opens a file. Its writers take turns from the start of a
// transaction (immediate), so that none fails half-way, and readers never wait
// for a writer (WAL).
func sqliteAt(path string) (*SQL, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	options := url.Values{
		"_busy_timeout": {"5000"}, "_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"},
		"_foreign_keys": {"1"}, "_txlock": {"immediate"}, "_dqs": {"0"},
	}
	uri := url.URL{Scheme: "file", Path: full, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	db.SetMaxOpenConns(4)
	return &SQL{db: db, dialect: goose.DialectSQLite3, where: path}, nil
}

func postgresAt(dsn string) (*SQL, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err) // pgx leaves the password out
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(8)
	db.SetConnMaxIdleTime(5 * time.Minute)
	where := fmt.Sprintf("postgres %s/%s", config.Host, config.Database)
	return &SQL{db: db, dialect: goose.DialectPostgres, where: where}, nil
}

// Ready implements Store.
func (s *SQL) Ready(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return nil
	}
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("database %s: %w", s.where, err)
	}
	s.ready = true
	return nil
}

// migrate refuses a database that a newer program has written: an older one
// could not tell what it would destroy.
func (s *SQL) migrate(ctx context.Context) error {
	if s.dialect == goose.DialectSQLite3 {
		if err := s.private(); err != nil {
			return err
		}
	}
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	p, err := s.provider()
	if err != nil {
		return err
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	switch version, err := p.GetDBVersion(ctx); {
	case err != nil:
		return fmt.Errorf("read the version of the tables: %w", err)
	case version > newest:
		return fmt.Errorf("the tables are of version %d, this program knows %d: use the newer program", version, newest)
	case version == newest:
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}

func (s *SQL) provider() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if s.dialect == goose.DialectPostgres {
		// Several gateways may start at once; they wait for the first.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(s.dialect, s.db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// private makes the database file before SQLite does, readable by its owner
// only: it holds the numbers of children.
func (s *SQL) private() error {
	if err := os.MkdirAll(filepath.Dir(s.where), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(s.where, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Close implements Store.
func (s *SQL) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close the database %s: %w", s.where, err)
	}
	return nil
}

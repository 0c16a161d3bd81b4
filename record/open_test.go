package record

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestDatabaseNamesThatAreWrongSayWhatIsWanted(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "mysql://x", "sqlite:", "records.db", "postgres://weibao:secret@[::1/x", "postgres://weibao:secret@127.0.0.1:99999/x"} {
		s, err := Open(t.Context(), dsn)
		if err == nil || s != nil {
			t.Errorf("%q: opened", dsn)
			continue
		}
		if strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "database") {
			t.Errorf("%q: %v", dsn, err)
		}
	}
}

func TestDatabaseThatIsDownIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	s, err := Prepare("postgres://weibao:secret@127.0.0.1:1/records?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ready(t.Context()); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "127.0.0.1/records") {
		t.Errorf("got %v", err)
	}
	if _, err := s.Marks(t.Context()); err == nil {
		t.Error("marks of a database that is down")
	}
}

func TestDatabaseFileIsOfItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "records.db")
	s, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestTablesOfANewerProgramAreRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "records.db")
	s, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)"); err != nil {
		t.Fatal(err)
	}
	if again, err := Open(t.Context(), "sqlite:"+path); err == nil || again != nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("got %v", err)
	}
}

func TestTablesGoUpAndDownAndUp(t *testing.T) {
	t.Parallel()
	s := emptyStore(t)
	p, err := s.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), Batch{Journal: "j", Changes: []Change{FromCall(emergencyCall())}}); err != nil {
		t.Error(err)
	}
}

func TestFullDatabaseIsKnownByName(t *testing.T) {
	t.Parallel()
	full := fmt.Errorf("apply: %w", &pgconn.PgError{Code: "53100"})
	if !noSpace(full) || refused(full) {
		t.Error("PostgreSQL's 53100 is not known")
	}
	for _, code := range []string{"22P05", "23505"} {
		if err := fmt.Errorf("save: %w", &pgconn.PgError{Code: code}); !refused(err) || noSpace(err) {
			t.Errorf("%s is not known as a fault of the row", code)
		}
	}
	if refused(context.Canceled) || noSpace(context.Canceled) {
		t.Error("anything is known as anything")
	}
	s := emptyStore(t)
	_, err := s.db.ExecContext(t.Context(), "PRAGMA max_page_count = 1")
	if err != nil {
		t.Fatal(err)
	}
	s.db.SetMaxOpenConns(1)
	for i := 0; i < 1000 && err == nil; i++ {
		_, err = s.db.ExecContext(t.Context(), "INSERT INTO guides (version, content, seen_at) VALUES ($1, $2, 0)", i, strings.Repeat("x", 4096))
	}
	if !noSpace(err) {
		t.Errorf("SQLite's full disk is not known: %v", err)
	}
}

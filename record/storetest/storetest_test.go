package storetest_test

import (
	"path/filepath"
	"testing"

	"weibao/record"
	"weibao/record/storetest"
)

func TestSQLiteKeepsEveryPromiseOfAStore(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t *testing.T) record.Store {
		return open(t, "sqlite:"+filepath.Join(t.TempDir(), "we?b#a%o", "records.db"))
	})
}

func TestPostgreSQLKeepsEveryPromiseOfAStore(t *testing.T) {
	t.Parallel()
	server := storetest.StartPostgres(t)
	storetest.Exercise(t, func(t *testing.T) record.Store { return open(t, server.New()) })
}

func open(t *testing.T, dsn string) record.Store {
	t.Helper()
	s, err := record.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

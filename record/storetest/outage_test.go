package storetest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/record"
	"weibao/record/storetest"
)

// TestRecordsWaitForPostgreSQLAndComeOnce starts a gateway's registry while
// the server is down, and takes the server away again in the middle.
func TestRecordsWaitForPostgreSQLAndComeOnce(t *testing.T) {
	t.Parallel()
	server := storetest.StartPostgres(t)
	dsn := server.New()
	server.Stop()
	store, err := record.Prepare(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r, err := record.New(record.Options{
		Journal: record.JournalOptions{Dir: t.TempDir(), Node: "gw1"}, Store: store, Retry: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := r.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	var want []string
	keep := func(n int) {
		for range n {
			id := fmt.Sprintf("01J%03d", len(want))
			want = append(want, id)
			began := time.Now()
			if err := r.Keep(t.Context(), call.Call{ID: call.ID(id), ArrivedAt: time.UnixMilli(int64(len(want)))}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("keeping %s took %s", id, took)
			}
		}
	}
	keep(20)
	if s := r.Status(); s.SQL == nil || s.Backlog < 20 {
		t.Errorf("status while the server is down: %+v", s)
	}
	server.Start()
	wait(t, r)
	keep(300) // while the clerk works
	server.Stop()
	keep(20)
	server.Start()
	wait(t, r)
	var got []string
	q := record.Query{Limit: 500}
	found, err := store.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range found.Rows {
		got = append([]string{string(row.ID)}, got...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func wait(t *testing.T, r *record.Registry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := r.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestSeveralGatewaysBringTheTablesUpAtOnce opens one empty database from
// several sides.
func TestSeveralGatewaysBringTheTablesUpAtOnce(t *testing.T) {
	t.Parallel()
	dsn := storetest.StartPostgres(t).New()
	const gateways = 4
	faults := make(chan error, gateways)
	for range gateways {
		go func() {
			s, err := record.Open(t.Context(), dsn)
			if err == nil {
				err = s.Close()
			}
			faults <- err
		}()
	}
	for range gateways {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
}

// Package press measures how fast 110 leaves: from the request of the API to
// the INVITE at the police's telephone, with everything gone that may be gone.
package press

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"weibao/record/storetest"
	"weibao/tests/stage"
)

// The extent of the measurement.
const (
	talks  = 50
	rounds = 6 // presses in each talk
	wanted = 500 * time.Millisecond
)

func TestMain(m *testing.M) {
	if _, err := stage.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// BenchmarkPress presses in each of fifty talks in turn while Redis and the
// database are stopped, no file can grow, and the configuration is reloaded
// twice a second; before that, once with everything in order.
func BenchmarkPress(b *testing.B) {
	database := storetest.StartPostgres(b)
	s, people, seats, calls := hall(b, database)
	report(b, "all in order", s, seats, calls)
	s.KillRedis()
	database.Stop()
	for _, row := range []struct {
		name    string
		nothing bool
	}{{"no Redis, no SQL, full disk, reloads", false}, {"the same, and nothing can be written at all", true}} {
		s.FillsDisk(row.nothing)
		stop := make(chan struct{})
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for again := time.NewTicker(500 * time.Millisecond); ; {
				select {
				case <-again.C:
					s.HangUpSignal()
				case <-stop:
					again.Stop()
					return
				}
			}
		}()
		report(b, row.name, s, seats, calls)
		close(stop)
		<-stopped
	}
	s.FreesDisk()
	database.Start()
	s.RestartRedis()
	for _, caller := range people {
		caller.HangsUp()
	}
}

// hall is fifty talks.
func hall(b *testing.B, database *storetest.Postgres) (*stage.Stage, []*stage.Person, []*stage.Seat, []string) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // what is measured are the figures that are printed
	lines, ids := "agents:\n", []string{}
	for i := range talks {
		id := fmt.Sprint(2001 + i)
		ids = append(ids, id)
		lines += fmt.Sprintf("  - {id: %q, name: 坐席%s, region: \"220100\", queues: [changchun], skills: [minors]}\n", id, id)
	}
	s := stage.New(b,
		stage.Measured(8000, func(*stage.Stage) {}), stage.Room(2*talks), stage.Staff(ids...),
		stage.Environment("WEIBAO_RECORD_DSN="+database.New()),
		stage.With("agents.yaml", "agents:\n", lines))
	people, seats, calls := s.Crowd(talks), s.Team(ids...), make([]string, talks)
	var answering sync.WaitGroup
	for i, seat := range seats {
		answering.Go(func() {
			seat.Answers()
			calls[i] = seat.CallID()
		})
	}
	for _, caller := range people {
		caller.ComesBy("220100")
	}
	answering.Wait()
	for _, seat := range seats {
		s.CallWith(seat)
	}
	return s, people, seats, calls
}

// report presses and prints how long 110 took to leave.
func report(b *testing.B, name string, s *stage.Stage, seats []*stage.Seat, calls []string) {
	b.Helper()
	var took []time.Duration
	for range rounds {
		for i, seat := range seats {
			s.Passes(50 * time.Millisecond)
			took = append(took, press(s, seat, calls[i]))
		}
	}
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[int(share*float64(len(took)-1))].Round(10 * time.Microsecond)
	}
	b.Logf("%s, %d talks: %d presses, p50 %s, p95 %s, p99 %s, most %s (wanted p99 ≤ %s)",
		name, talks, len(took), at(.5), at(.95), at(.99), at(1), wanted)
	if at(.99) > wanted {
		b.Errorf("%s: p99 is %s", name, at(.99))
	}
}

// press is one press, taken back again: from the request to the INVITE.
func press(s *stage.Stage, seat *stage.Seat, call string) time.Duration {
	began := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		seat.Tries110(call, "222404")
	}()
	police := s.Police.Takes()
	took := time.Since(began)
	<-done
	police.Rings()
	seat.Asks(call, "transfer/cancel", nil)
	police.IsLeft()
	return took
}

package record

import (
	"context"
	"testing"
	"time"
)

// BenchmarkSeat is what a change of a seat costs the floor: no disk is in it.
func BenchmarkSeat(b *testing.B) {
	r := &Registry{box: newMailbox()}
	change := seatChange("1001", "away")
	for b.Loop() {
		r.Seat(change)
		if len(r.seats.pending) == 1000 { // as the pause would
			r.seats.pending = r.seats.pending[:0]
		}
	}
}

// BenchmarkSeatApplied is what the same change costs the database, a hundred
// at a time.
func BenchmarkSeatApplied(b *testing.B) {
	store, err := Open(context.Background(), "sqlite:"+b.TempDir()+"/bench.db")
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	line := SeatLog{Changes: make([]SeatChange, 100)}
	for i := range line.Changes {
		line.Changes[i] = SeatChange{At: moment(time.Now()), Agent: "1001", What: "work", From: "talking", To: "wrapping", Cause: "left", Call: "01M84X1SH269XYM5QH9RHHH17G", Queue: "changchun"}
	}
	n := 0
	for b.Loop() {
		n++
		line.ID = time.Now().String()
		if err := store.Apply(b.Context(), Batch{Journal: "j", Changes: []Change{line}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*100), "µs/change")
}

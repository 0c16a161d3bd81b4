package bench

import (
	"fmt"
	"testing"
	"time"

	"weibao/routing"
)

// BenchmarkPair is one seat becoming free and taking the next caller, among
// 1,000 seats of ten cities and the province and so many callers in line, with
// everything that a dispatcher tells the floor besides: five changes.
func BenchmarkPair(b *testing.B) {
	for _, waiting := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) { pair(b, waiting) })
	}
}

func pair(b *testing.B, waiting int) {
	b.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	city := func(i int) string { return fmt.Sprint("city", i%10) }
	seat := func(i int, w routing.Work) routing.Agent {
		return routing.Agent{
			ID: routing.AgentID(fmt.Sprint(1000 + i)), Queues: []string{city(i), "province"},
			Presence: routing.Ready, Reachable: true, Work: w, Idle: at.Add(-time.Duration(i) * time.Second),
		}
	}
	caller := func(id string, i int) routing.Ticket {
		return routing.Ticket{
			ID: routing.TicketID(id), Wants: routing.AnyOf(city(i), city(i/10), "province"), Since: at.Add(time.Duration(i) * time.Millisecond), Ratio: 2,
		}
	}
	f := routing.NewFloor(nil)
	for i := range 1000 {
		f.Seat(seat(i, routing.Talking), at)
	}
	for i := range waiting {
		f.Put(caller(fmt.Sprint("c", i), i))
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		f.Seat(seat(i%1000, routing.Free), at)
		pairings := f.Pair(at)
		if len(pairings) != 1 {
			b.Fatalf("%d pairings", len(pairings))
		}
		f.Seat(seat(i%1000, routing.Talking), at)
		f.Put(caller(string(pairings[0].Ticket), waiting+i))
		f.Crowded()
		i++
	}
}

// BenchmarkPosition is one caller in line asking for its place: what 10,000
// callers who hear it every 20 s ask 500 times a second.
func BenchmarkPosition(b *testing.B) {
	for _, waiting := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			f := routing.NewFloor(nil)
			for i := range waiting {
				f.Put(routing.Ticket{
					ID: routing.TicketID(fmt.Sprint("c", i)), Since: at.Add(time.Duration(i*7919%waiting) * time.Millisecond),
					Wants: routing.AnyOf(fmt.Sprint("city", i%10), "province"),
				})
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if f.PositionUpTo(routing.TicketID(fmt.Sprint("c", i%waiting)), 100) == 0 {
					b.Fatal("not in line")
				}
				i++
			}
		})
	}
}

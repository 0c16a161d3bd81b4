package routing

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestTheDaysOfARotaAreThoseOfTheCalendar(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 11))
	for range 20 {
		c := randomDays(rng)
		for _, region := range []string{"", "220100", "222400"} {
			days := newAlmanac(c, region)
			for day := (Date{firstYear - 1, time.December, 25}); day.Year < lastYear+2; day = day.AddDays(1) {
				want, known := c.On(day, region)
				if !known {
					want = Day{Kind: Workday, Provisional: true}
					if day.weekend() {
						want.Kind = Weekend
					}
				}
				if got := days.on(day.number(), day.Weekday()); got != want {
					t.Fatalf("%s in %q: %+v, want %+v", day, region, got, want)
				}
			}
		}
	}
}

package routing

import (
	"math/rand/v2"
	"testing"
	"time"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAWallTimeIsItsFirstComingOrTheInstantOfTheJump(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ zone, day, clock, want string }{
		{"Asia/Shanghai", "2026-11-23", "08:00", "2026-11-23T08:00:00+08:00"},
		{"Asia/Shanghai", "1988-04-17", "02:30", "1988-04-17T03:00:00+09:00"}, // China had summer time then
		{"Europe/Berlin", "2026-03-29", "01:59", "2026-03-29T01:59:00+01:00"},
		{"Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29", "02:59", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25", "02:00", "2026-10-25T02:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25", "02:59", "2026-10-25T02:59:00+02:00"},
		{"Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T03:00:00+01:00"},
		{"Europe/Berlin", "2044-12-31", "23:00", "2044-12-31T23:00:00+01:00"}, // where ZoneBounds ends too early
		{"America/New_York", "2026-03-08", "02:15", "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00"},
		{"Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-04T02:30:00+11:00"},
		{"Pacific/Apia", "2011-12-30", "12:00", "2011-12-31T00:00:00+14:00"}, // a day that never was
		{"UTC", "2200-01-01", "24:00", "2200-01-02T00:00:00Z"},
	} {
		clock, ok := ParseClock(row.clock)
		if !ok {
			t.Fatal(row.clock)
		}
		r := NewRota(Post{Zone: place(t, row.zone)}, Calendar{})
		if got := r.Instant(date(t, row.day), clock).Format(time.RFC3339); got != row.want {
			t.Errorf("%s in %s: %s, want %s", row.clock, row.zone, got, row.want)
		}
	}
}

func TestALaterWallTimeIsNeverAnEarlierInstant(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for _, name := range []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Africa/Casablanca", "America/Havana"} {
		r := NewRota(Post{Zone: place(t, name)}, Calendar{})
		for range 20_000 {
			day := Date{1985, time.January, 1}.AddDays(rng.IntN(365 * 130))
			clock := Clock(rng.IntN(24 * 60))
			at, next := r.Instant(day, clock), r.Instant(day, clock+1)
			if next.Before(at) || next.Sub(at) > 3*time.Hour+time.Minute {
				t.Fatalf("%s: %s %s is %s, a minute later %s", name, day, clock, at, next)
			}
			if shown := at.Add(-time.Minute); DateOf(shown) == day && ClockOf(shown) == clock {
				t.Fatalf("%s: %s %s is %s, and was a minute before", name, day, clock, at)
			}
			if DateOf(at).Compare(day) < 0 || DateOf(at) == day && ClockOf(at) < clock {
				t.Fatalf("%s: %s %s is %s already", name, day, clock, at)
			}
		}
	}
}

func TestATimeOfDayIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"00:00", "08:05", "23:59", "24:00"} {
		if clock, ok := ParseClock(text); !ok || clock.String() != text {
			t.Errorf("%s: %s %t", text, clock, ok)
		}
	}
	for _, text := range []string{"", "8:00", "08:60", "24:01", "25:00", "08.00", "08:0", "-8:00", "+8:00", "08:000", "八点"} {
		if clock, ok := ParseClock(text); ok {
			t.Errorf("%s is %s", text, clock)
		}
	}
	if days := (DateRange{date(t, "2027-02-05"), date(t, "2027-02-12")}); days.String() != "2027-02-05..2027-02-12" {
		t.Error(days)
	}
	if day := (DateRange{date(t, "2027-02-05"), date(t, "2027-02-05")}); day.String() != "2027-02-05" {
		t.Error(day)
	}
}

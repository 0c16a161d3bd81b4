package routing

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func date(t testing.TB, text string) Date {
	t.Helper()
	d, ok := ParseDate(text)
	if !ok {
		t.Fatalf("%q is not a date", text)
	}
	return d
}

// springCalendar has the spring festival of 2026, a day that only Yanbian has
// off, and a year whose notice is not published.
func springCalendar(t testing.TB) Calendar {
	t.Helper()
	days := map[Date]Day{
		date(t, "2026-02-14"): {Kind: SwappedWorkday, Name: "春节"},
		date(t, "2026-02-28"): {Kind: SwappedWorkday, Name: "春节"},
	}
	for d := date(t, "2026-02-15"); d != date(t, "2026-02-24"); d = d.AddDays(1) {
		days[d] = Day{Kind: Holiday, Name: "春节"}
	}
	yanbian := map[string]map[Date]Day{"222400": {date(t, "2026-09-03"): {Kind: Holiday, Name: "州庆"}}}
	next := map[Date]Day{date(t, "2027-02-06"): {Kind: Holiday, Name: "春节", Provisional: true}}
	return NewCalendar(Year{Number: 2026, Days: days, Regions: yanbian}, Year{Number: 2027, Days: next, Provisional: true})
}

func TestADayIsWhatTheNoticeSaysAndElseWhatTheWeekSays(t *testing.T) {
	t.Parallel()
	c := springCalendar(t)
	for _, row := range []struct {
		date, region string
		want         Day
	}{
		{"2026-02-13", "", Day{Kind: Workday}},
		{"2026-02-14", "", Day{Kind: SwappedWorkday, Name: "春节"}},
		{"2026-02-17", "222400", Day{Kind: Holiday, Name: "春节"}},
		{"2026-02-22", "", Day{Kind: Holiday, Name: "春节"}},
		{"2026-03-01", "", Day{Kind: Weekend}},
		{"2026-09-03", "", Day{Kind: Workday}},
		{"2026-09-03", "220100", Day{Kind: Workday}},
		{"2026-09-03", "222400", Day{Kind: Holiday, Name: "州庆"}},
		{"2027-02-05", "", Day{Kind: Workday, Provisional: true}},
		{"2027-02-06", "", Day{Kind: Holiday, Name: "春节", Provisional: true}},
	} {
		if got, known := c.On(date(t, row.date), row.region); !known || got != row.want {
			t.Errorf("%s in %q is %+v, known %t, want %+v", row.date, row.region, got, known, row.want)
		}
	}
}

func TestAYearThatIsNotKnownIsNoWorkday(t *testing.T) {
	t.Parallel()
	for _, c := range []Calendar{{}, springCalendar(t)} {
		for _, text := range []string{"2025-12-31", "2028-01-03"} {
			if day, known := c.On(date(t, text), ""); known || day.Works() {
				t.Errorf("%s is %+v, known %t", text, day, known)
			}
			if end, known := c.Workdays(date(t, text), 0, ""); known {
				t.Errorf("the workday after %s is %s", text, end)
			}
		}
	}
	if end, known := springCalendar(t).Workdays(date(t, "2027-12-30"), 2, ""); known {
		t.Errorf("a term that leaves the known years ends on %s", end)
	}
}

func TestATermCountsWorkdaysFromTheNextDay(t *testing.T) {
	t.Parallel()
	c := springCalendar(t)
	for _, row := range []struct {
		from   string
		n      int
		region string
		want   string
	}{
		{"2026-01-09", 3, "", "2026-01-14"},       // over a weekend
		{"2026-02-13", 1, "", "2026-02-14"},       // a Saturday of work
		{"2026-02-13", 2, "", "2026-02-24"},       // over the festival
		{"2026-02-18", 1, "", "2026-02-24"},       // from within it
		{"2026-02-27", 1, "", "2026-02-28"},       // the other Saturday
		{"2026-09-02", 1, "", "2026-09-03"},       // Yanbian's day elsewhere
		{"2026-09-02", 1, "222400", "2026-09-04"}, // and there
		{"2026-12-31", 1, "", "2027-01-01"},       // not published: by the week
		{"2026-02-18", 0, "", "2026-02-18"},
		{"2026-02-18", -5, "", "2026-02-18"},
	} {
		if got, known := c.Workdays(date(t, row.from), row.n, row.region); !known || got.String() != row.want {
			t.Errorf("%d workdays from %s in %q end on %s, known %t, want %s", row.n, row.from, row.region, got, known, row.want)
		}
	}
}

// randomCalendar has five years with any days off and swapped.
func randomCalendar(r *rand.Rand) Calendar {
	years := make([]Year, 5)
	for i := range years {
		years[i] = Year{Number: 2024 + i, Days: make(map[Date]Day), Regions: map[string]map[Date]Day{"222400": {}}}
		for range 40 {
			d := Date{Year: 2024 + i, Month: time.January, Day: 1}.AddDays(r.IntN(365))
			day := Day{Kind: Holiday, Name: "x"}
			if d.weekend() && r.IntN(2) == 0 {
				day.Kind = SwappedWorkday
			}
			if r.IntN(4) == 0 {
				years[i].Regions["222400"][d] = day
			} else {
				years[i].Days[d] = day
			}
		}
	}
	return NewCalendar(years...)
}

func TestEveryDayOfEveryKnownYearHasExactlyOneKind(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	for range 20 {
		c := randomCalendar(r)
		for _, region := range []string{"", "220100", "222400"} {
			counted := make(map[DayKind]int)
			for d := (Date{Year: 2024, Month: time.January, Day: 1}); d.Year < 2029; d = d.AddDays(1) {
				day, known := c.On(d, region)
				if !known {
					t.Fatalf("%s is not known", d)
				}
				if day.Works() && d.weekend() != (day.Kind == SwappedWorkday) {
					t.Fatalf("%s, a %s, is a %s", d, d.Weekday(), day.Kind)
				}
				counted[day.Kind]++
			}
			if sum := counted[Workday] + counted[Weekend] + counted[Holiday] + counted[SwappedWorkday]; sum != 5*365+2 || len(counted) != 4 {
				t.Fatalf("%d days of the four kinds: %v", sum, counted)
			}
		}
	}
}

func TestALaterStartOrALongerTermNeverEndsEarlier(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 9))
	for range 20 {
		c := randomCalendar(r)
		for range 200 {
			from, n := Date{Year: 2024, Month: time.January, Day: 1}.AddDays(r.IntN(4*365)), r.IntN(60)
			end, ok := c.Workdays(from, n, "222400")
			longer, okLonger := c.Workdays(from, n+1, "222400")
			later, okLater := c.Workdays(from.AddDays(1), n, "222400")
			if !ok || !okLonger || !okLater {
				t.Fatalf("%d workdays from %s are not known", n, from)
			}
			if longer.Compare(end) <= 0 || later.Compare(end) < 0 {
				t.Fatalf("from %s: %d workdays end on %s, one more on %s, a day later on %s", from, n, end, longer, later)
			}
			if day, _ := c.On(end, "222400"); n > 0 && !day.Works() {
				t.Fatalf("%d workdays from %s end on %s, a %s", n, from, end, day.Kind)
			}
		}
	}
}

func TestTomorrowIsTheNextDateWhateverTheClocksDo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2024-02-28": "2024-02-29", "2025-02-28": "2025-03-01", "2026-12-31": "2027-01-01",
		"2026-03-29": "2026-03-30", "2026-10-25": "2026-10-26", // summer time in Europe
	} {
		d := date(t, text)
		if got := d.AddDays(1); got.String() != want || got.AddDays(-1) != d || got.Compare(d) != 1 || d.Compare(got) != -1 || d.Compare(d) != 0 {
			t.Errorf("the day after %s is %s, want %s", text, got, want)
		}
	}
	at := time.Date(2026, 9, 2, 17, 0, 0, 0, time.UTC)
	if got := DateOf(at.In(time.FixedZone("Asia/Shanghai", 8*60*60))).String(); got != "2026-09-03" {
		t.Errorf("17:00 UTC is %s in China, want the day after", got)
	}
}

func TestOnlyWholeDatesAreRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2026-2-15", "2026-02-30", "2025-02-29", "26-02-15", "2026/02/15", "2026-02-15T00:00", " 2026-02-15"} {
		if d, ok := ParseDate(text); ok {
			t.Errorf("%q was read as %s", text, d)
		}
	}
}

func TestTheCalendarIsPublishedUpToTheFirstYearThatIsNot(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		years []Year
		want  int
	}{
		{nil, 0},
		{[]Year{{Number: 2027, Provisional: true}}, 0},
		{[]Year{{Number: 2025}, {Number: 2026}, {Number: 2027, Provisional: true}}, 2026},
		{[]Year{{Number: 2025}, {Number: 2026, Provisional: true}, {Number: 2027}}, 2025},
		{[]Year{{Number: 2025}, {Number: 2027}}, 2025},
	} {
		if got, some := NewCalendar(row.years...).Published(); got.Year != row.want || some != (row.want > 0) {
			t.Errorf("%v: published to %s, %t, want %d", row.years, got, some, row.want)
		}
	}
}

func TestKindsOfDaysHaveNames(t *testing.T) {
	t.Parallel()
	for kind, want := range map[DayKind]string{Workday: "workday", Weekend: "weekend", Holiday: "holiday", SwappedWorkday: "swapped workday", 0: "DayKind(0)"} {
		if got := kind.String(); got != want {
			t.Errorf("kind %d is %q, want %q", int(kind), got, want)
		}
	}
}

func TestACalendarNamesItsHolidaysAndItsYears(t *testing.T) {
	t.Parallel()
	c := NewCalendar(Year{Number: 2025, Days: map[Date]Day{
		date(t, "2025-10-06"): {Kind: Holiday, Name: "国庆节、中秋节"}, date(t, "2025-09-28"): {Kind: SwappedWorkday, Name: "调休"},
	}, Regions: map[string]map[Date]Day{"222400": {date(t, "2025-09-03"): {Kind: Holiday, Name: "州庆"}}}})
	if got := strings.Join(c.Names(), " "); got != "中秋节 国庆节 州庆" {
		t.Error(got)
	}
	if !c.Knows(2025) || c.Knows(2026) {
		t.Error("the years are not those given")
	}
}

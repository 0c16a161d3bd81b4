package configs

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
	"github.com/6tail/lunar-go/calendar"

	"weibao/routing"
)

// shippedYears are the years of the shipped files.
func shippedYears() []int { return []int{2025, 2026, 2027} }

func TestEveryShippedDayOfEveryRegionHasOneKind(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	for _, region := range s.Guide.Regions.All() {
		counted := make(map[routing.DayKind]int)
		first, end := shippedYears()[0], shippedYears()[len(shippedYears())-1]+1
		for d := (routing.Date{Year: first, Month: time.January, Day: 1}); d.Year < end; d = d.AddDays(1) {
			day, known := s.Calendar.On(d, region.Code)
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if !known || day.Works() && weekend != (day.Kind == routing.SwappedWorkday) || day.Kind == routing.Holiday && day.Name == "" {
				t.Fatalf("%s in %s is %+v, known %t", d, region.Code, day, known)
			}
			counted[day.Kind]++
		}
		if sum := counted[routing.Workday] + counted[routing.Weekend] + counted[routing.Holiday] + counted[routing.SwappedWorkday]; sum != 3*365 {
			t.Errorf("%s: %v are %d days", region.Code, counted, sum)
		}
	}
	for _, year := range []int{shippedYears()[0] - 1, shippedYears()[len(shippedYears())-1] + 1} {
		if day, known := s.Calendar.On(routing.Date{Year: year, Month: time.June, Day: 1}, ""); known {
			t.Errorf("%d is not in the files, its first of June is %+v", year, day)
		}
	}
}

// lunar-go has a table of its own, typed by others from the same notices.
func TestShippedHolidaysAreThoseOfLunarGoWhereItsTableReaches(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	compared := 0
	for _, year := range shippedYears() {
		if HolidayUtil.GetHolidaysByYear(year).Len() == 0 {
			continue // its table ends before
		}
		for d := (routing.Date{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.AddDays(1) {
			day, _ := s.Calendar.On(d, "")
			got, want := "", ""
			if listed := HolidayUtil.GetHoliday(d.String()); listed != nil && listed.IsWork() {
				want = "swapped workday"
			} else if listed != nil {
				want = "holiday"
			}
			if day.Kind == routing.Holiday || day.Kind == routing.SwappedWorkday {
				got = day.Kind.String()
			}
			if got != want {
				t.Errorf("%s is %q (%s), lunar-go has %q", d, got, day.Name, want)
			}
			compared++
		}
	}
	if compared < 365 {
		t.Errorf("%d days compared, want 2025 at least", compared)
	}
}

func TestLunarFestivalsAreDaysOffOfTheirName(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	for _, year := range shippedYears() {
		for _, row := range []struct {
			name       string
			month, day int
		}{{"春节", 1, 1}, {"春节", 1, 2}, {"春节", 1, 3}, {"端午", 5, 5}, {"中秋", 8, 15}} {
			checkDayOff(t, s, row.name, calendar.NewLunarFromYmd(year, row.month, row.day).GetSolar().ToYmd())
		}
		checkDayOff(t, s, "清明", calendar.NewLunarFromYmd(year, 1, 1).GetJieQiTable()["清明"].ToYmd())
	}
}

func checkDayOff(t *testing.T, s *Snapshot, name, text string) {
	t.Helper()
	d, ok := routing.ParseDate(text)
	if day, _ := s.Calendar.On(d, ""); !ok || day.Kind != routing.Holiday || !strings.Contains(day.Name, name) {
		t.Errorf("%s, %s, is %+v", text, name, day)
	}
}

func TestYanbianAndItsCountiesHaveTheirOwnDay(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	for _, year := range shippedYears() {
		d := routing.Date{Year: year, Month: time.September, Day: 3}
		for region, want := range map[string]routing.DayKind{
			"222400": routing.Holiday, "222404": routing.Holiday, "220000": routing.Workday, "220100": routing.Workday,
			"changbaishan-chibei": routing.Workday, "": routing.Workday,
		} {
			if day, _ := s.Calendar.On(d, region); day.Kind != want {
				t.Errorf("%s in %q is a %s, want a %s", d, region, day.Kind, want)
			}
		}
	}
}

func TestUnpublishedDaysAreProvisional(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	for year, want := range map[int]bool{2025: false, 2026: false, 2027: true} {
		for _, md := range [][2]int{{1, 1}, {3, 17}, {10, 1}} {
			d := routing.Date{Year: year, Month: time.Month(md[0]), Day: md[1]}
			if day, _ := s.Calendar.On(d, ""); day.Provisional != want {
				t.Errorf("%s is %+v, want provisional %t", d, day, want)
			}
		}
	}
}

func TestACountyOwnDayGoesBeforeItsCitys(t *testing.T) {
	t.Parallel()
	files := base(t)
	text := string(files["holidays/2026.yaml"].Data) + "  \"222404\":\n    - {name: 市庆, from: 2026-09-03, to: 2026-09-04}\n"
	files["holidays/2026.yaml"] = &fstest.MapFile{Data: []byte(text)}
	s, faults := Read(files, readAt())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for region, want := range map[string]string{"222404": "市庆 市庆", "222400": "州庆 ", "220100": " "} {
		third, _ := s.Calendar.On(routing.Date{Year: 2026, Month: time.September, Day: 3}, region)
		fourth, _ := s.Calendar.On(routing.Date{Year: 2026, Month: time.September, Day: 4}, region)
		if got := third.Name + " " + fourth.Name; got != want {
			t.Errorf("3 and 4 September in %s are %q, want %q", region, got, want)
		}
	}
}

func TestTheCheckWarnsSixtyDaysBeforeThePublishedDaysEnd(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	for _, row := range []struct{ at, want string }{
		{"2025-06-01", ""},
		{"2026-10-31", ""},
		{"2026-11-01", "2027.yaml"},
		{"2026-12-31", "2027.yaml"},
		{"2027-03-01", "2027.yaml"},
		{"2029-03-01", "2029.yaml"},
	} {
		at, err := time.Parse(time.DateOnly, row.at)
		if err != nil {
			t.Fatal(err)
		}
		warnings := s.Warnings(at)
		if len(warnings) > 0 != (row.want != "") || row.want != "" && !strings.Contains(warnings[0].String(), row.want) {
			t.Errorf("on %s: %v, want one of %q", row.at, warnings, row.want)
		}
	}
	none := &Snapshot{Calendar: routing.NewCalendar(routing.Year{Number: 2026, Provisional: true})}
	if w := none.Warnings(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); len(w) != 1 || !strings.Contains(w[0].EN, "no year") {
		t.Errorf("nothing published: %v", w)
	}
}

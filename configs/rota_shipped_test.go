package configs

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata" // the zones of the cases are there on every host

	"weibao/routing"
)

// dutyMobiles are the telephones of the posts that are handed from person to
// person, typed here a second time on purpose.
func dutyMobiles() map[string]string {
	return map[string]string{
		"220000": "13900002200 13900002201", "220100": "13900000431 13900010431", "220200": "13900000432 13900010432",
		"220300": "13900000434 13900010434", "220400": "13900000437 13900010437", "220500": "13900000435 13900010435",
		"220600": "13900000439 13900010439", "220700": "13900000438 13900010438", "220800": "13900000436 13900010436",
		"222400": "13900000433 13900010433", "changbaishan": "13900000119",
	}
}

func TestEveryShippedPostRingsItsDutyMobileFirstAtEveryMinuteOfThreeYears(t *testing.T) {
	t.Parallel()
	rotas := shippedSnapshot(t).Guide.Rotas
	if rotas.Len() != 51 {
		t.Errorf("%d posts, want 51", rotas.Len())
	}
	mobiles := dutyMobiles()
	from, to := time.Date(2025, time.January, 1, 0, 0, 0, 0, routing.Beijing()), time.Date(2028, time.January, 1, 0, 0, 0, 0, routing.Beijing())
	for _, code := range rotas.Posts() {
		rota, _ := rotas.Post(code)
		first := strings.Fields(mobiles[code])
		if len(first) == 0 { // a county: 139000 and the end of its code
			first = []string{"139000" + code[1:]}
		}
		for span := range rota.Spans(from, to) {
			if !span.On || len(span.Duty.Numbers) < len(first) || !slices.Equal(span.Duty.Numbers[:len(first)], first) {
				t.Fatalf("%s from %s to %s: %v, want %v first", code, span.From, span.To, span.Duty.Numbers, first)
			}
		}
	}
}

func TestYanbianIsOnDutyByItsOwnHolidayAndChangchunIsNot(t *testing.T) {
	t.Parallel()
	g := shippedSnapshot(t).Guide
	at := time.Date(2026, time.September, 3, 10, 0, 0, 0, routing.Beijing()) // a Thursday
	for _, row := range []struct{ region, shift, day string }{
		{"222400", "州庆值班", "节假日（延边朝鲜族自治州成立日）"},
		{"222401", "夜班和休息日", "节假日（延边朝鲜族自治州成立日）"}, // what the prefecture has its cities have
		{"220100", "白班", "工作日"},
		{"220102", "白班", "工作日"},
	} {
		if duty, on := g.Rotas.On(g.Regions, row.region, at); !on || duty.Shift != row.shift || duty.Day.Say("zh") != row.day {
			t.Errorf("%s: %s on %s, want %s on %s", row.region, duty.Shift, duty.Day.Say("zh"), row.shift, row.day)
		}
	}
}

// oneShift is a small province whose rota ends on 10 December 2026.
func oneShift(t *testing.T) fstest.MapFS {
	t.Helper()
	files := base(t)
	files["rota/posts.yaml"] = &fstest.MapFile{Data: []byte(`fallback: "13900002200"
posts:
  "220000":
    name: 省
    officers:
      gao: {name: 高翔, numbers: ["13900002200"]}
    shifts:
      - {name: 今年, dates: 2026-01-01..2026-12-10, on: gao}
`)}
	return files
}

func TestAGapComesIntoSightThirtyDaysAheadAndLeavesWhatWasReadUsable(t *testing.T) {
	t.Parallel()
	files := oneShift(t)
	for _, row := range []struct {
		day    string
		faults int
	}{{"2026-11-09 23:59", 0}, {"2026-11-11 00:00", 0}, {"2026-11-11 00:01", 1}, {"2026-12-09 00:00", 1}} {
		at, err := time.ParseInLocation("2006-01-02 15:04", row.day, routing.Beijing())
		if err != nil {
			t.Fatal(err)
		}
		s, faults := Read(files, at)
		if len(faults) != row.faults || s == nil || faults.Aged() != (row.faults > 0) {
			t.Fatalf("%s: snapshot %t, %d faults, aged %t:\n%s", row.day, s != nil, len(faults), faults.Aged(), faults)
		}
		if row.faults > 0 && (faults[0].Kind != FaultGap || !faults[0].Aged()) {
			t.Errorf("%s: %+v", row.day, faults[0])
		}
	}
}

func TestAFaultBesideAGapLeavesNothingToUse(t *testing.T) {
	t.Parallel()
	files := oneShift(t)
	files["queues.yaml"] = &fstest.MapFile{Data: []byte("supervisors: x\n")}
	s, faults := Read(files, time.Date(2026, time.December, 1, 0, 0, 0, 0, routing.Beijing()))
	if s != nil || faults.Aged() || !slices.ContainsFunc(faults, Fault.Aged) {
		t.Errorf("snapshot %t, aged %t:\n%s", s != nil, faults.Aged(), faults)
	}
	if (Faults{}).Aged() {
		t.Error("no faults are aged ones")
	}
}

func TestAReplacementIsByTheClocksOfItsPost(t *testing.T) {
	t.Parallel()
	files := base(t)
	files["rota/posts.yaml"] = &fstest.MapFile{Data: []byte(`fallback: "13900002200"
posts:
  "220000":
    name: 省
    zone: Asia/Urumqi
    officers:
      gao: {name: 高翔, numbers: ["13900002200"]}
      wei: {name: 魏东, numbers: ["13900302200"]}
    shifts:
      - {name: 值班, from: "24:00", to: "24:00", on: gao}
    replace:
      - {out: gao, in: wei, from: "2026-11-24 08:00", to: "2026-11-24 24:00", why: 看病}
`)}
	if _, faults := Read(files, readAt()); len(faults) != 1 { // 24:00 is no beginning
		t.Errorf("faults:\n%s", faults)
	}
	files["rota/posts.yaml"].Data = []byte(strings.Replace(string(files["rota/posts.yaml"].Data), `from: "24:00"`, `from: 00:00`, 1))
	s, faults := Read(files, readAt())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for at, want := range map[string]string{
		"2026-11-24T09:59:59+08:00": "gao", "2026-11-24T10:00:00+08:00": "wei", "2026-11-25T01:59:59+08:00": "wei", "2026-11-25T02:00:00+08:00": "gao",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if duty, on := s.Guide.Rotas.On(s.Guide.Regions, "220100", when); !on || string(duty.Officers[0].ID) != want {
			t.Errorf("%s: %+v, want %s", at, duty.Officers, want)
		}
	}
}

func TestTheShippedFilesAgeWithoutBreaking(t *testing.T) {
	t.Parallel()
	for year := 2026; year <= 2036; year++ {
		for _, month := range []time.Month{time.January, time.July, time.December} {
			at := time.Date(year, month, 2, 3, 0, 0, 0, routing.Beijing())
			if s, faults := Read(Shipped(), at); s == nil || len(faults) > 0 && !faults.Aged() {
				t.Errorf("read at %s:\n%s", at, faults)
			}
		}
	}
}

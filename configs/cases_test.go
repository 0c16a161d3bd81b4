package configs

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/routing"
)

// smallSnapshot is the province of the cases in testdata.
func smallSnapshot(t testing.TB) *Snapshot {
	t.Helper()
	s, faults := Read(base(t), readAt())
	if s == nil {
		t.Fatal(faults)
	}
	return s
}

func readCases(t testing.TB, s *Snapshot, text string) ([]Case, Faults) {
	t.Helper()
	return ReadCases(fstest.MapFS{casesName: &fstest.MapFile{Data: []byte(text)}}, casesName, s)
}

func TestTheExampleOfCasesIsGoodForTheShippedConfiguration(t *testing.T) {
	t.Parallel()
	s, faults := Read(Shipped(), readAt())
	if s == nil {
		t.Fatal(faults)
	}
	cases, faults := ReadCases(os.DirFS("testdata"), casesName, s)
	if len(cases) < 5 || len(faults) > 0 {
		t.Errorf("%d cases, %v", len(cases), faults)
	}
}

func TestACaseTakesTheTimeOfTheFileWhereItHasNone(t *testing.T) {
	t.Parallel()
	cases, faults := readCases(t, smallSnapshot(t), `
at: 2026-10-01T02:00
cases:
  - {name: a, want: {reaches: [duty:222400, duty:220000], steps: duty:222400}}
  - {name: b, at: 2026-10-02T02:00, want: {priority: 0}}
`)
	if len(faults) > 0 || len(cases) != 2 || cases[0].At != "2026-10-01T02:00" || cases[1].At != "2026-10-02T02:00" {
		t.Fatalf("%+v\n%s", cases, faults)
	}
	if diff := cmp.Diff(some{"duty:222400", "duty:220000"}, cases[0].Want.Reaches); diff != "" {
		t.Error(diff)
	}
}

func TestCasesOfAFileThatCanNotBeReadAreFaults(t *testing.T) {
	t.Parallel()
	s := smallSnapshot(t)
	for text, want := range map[string]string{
		"":            "文件是空的",
		"cases: []":   "不能是空的",
		"cases: [[]]": "这里写的是列表",
		"case: 1":     "没有这个键 case",
		"cases:\n  - {at: 2026-10-01T02:00, want: {route: 全省}}":                                   "缺少键 name",
		"cases:\n  - {name: a, want: {route: 全省}}":                                                "没有时间",
		"cases:\n  - {name: a, at: 2026-10-01T02:00}":                                             "没有写应有的结果",
		"cases:\n  - {name: a, at: 2026-10-01T02:00, want: {priority: 41}}":                       "超出范围",
		"cases:\n  - {name: a, at: 2026-10-01T02:00, want: {reaches: [pool:east]}}":               "没有 \"east\" 这个 pool",
		"cases:\n  - {name: a, at: 2026-10-01T02:00, keys: 6, want: {priority: 0}}":               "没有加引号",
		"cases:\n  - {name: a, at: 2026-10-01T02:00, want: {steps: [queue:neighbours, agent:1]}}": "路由不会转到 agent:1",
	} {
		_, faults := readCases(t, s, text)
		if len(faults) == 0 || !strings.Contains(faults.String(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, faults, want)
		}
	}
	if _, faults := ReadCases(fstest.MapFS{}, casesName, s); len(faults) != 1 {
		t.Errorf("a file that is missing: %v", faults)
	}
}

func TestAnInstantIsReadInTheFormsThatPeopleWrite(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, time.October, 1, 2, 0, 0, 0, routing.Beijing())
	for _, text := range []string{
		"2026-10-01T02:00+08:00", "2026-09-30T18:00:00Z", "2026-10-01T02:00", "2026-10-01 02:00", "2026-10-01T02:00:00", "2026-10-01 02:00:00",
	} {
		if at, ok := Instant(text); !ok || !at.Equal(want) {
			t.Errorf("%s is %s", text, at)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-10-01", "02:00", "2026-13-01T02:00"} {
		if at, ok := Instant(text); ok {
			t.Errorf("%q was read as %s", text, at)
		}
	}
}

func TestTheLoadOfSeveralQueuesIsTheirSumAndTheCallerItself(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		load []string
		text string
		want routing.Load
	}{
		{nil, "", routing.Load{Waiting: 1, Seats: 2}},
		{[]string{"changchun=5/1"}, "changchun=5/1", routing.Load{Waiting: 6, Seats: 2}},
		{[]string{"none"}, "none", routing.Load{Waiting: 1}},
		{[]string{"province=2/3", "none"}, "province=2/3 none", routing.Load{Waiting: 3, Seats: 3}},
		{[]string{"changchun=5/1", "province=0/0"}, "changchun=5/1 province=0/0", routing.Load{Waiting: 6, Seats: 1}},
	} {
		l := Case{Load: row.load}.Loads()
		wants := append(routing.AnyOf("changchun", "province"), routing.Want{Queue: "changchun", Skills: []string{"minors"}})
		if got := l.Of(wants); got != row.want || l.String() != row.text {
			t.Errorf("%v: %s as %s, want %s", row.load, got, l, row.want)
		}
	}
}

func TestOnlyPlacesOfOtherProvincesMayBeUnknown(t *testing.T) {
	t.Parallel()
	s := smallSnapshot(t)
	if faults := (Case{Places: some{"222404", "210100", "110000"}}).Check(s); len(faults) > 0 {
		t.Error(faults)
	}
	for _, place := range []string{"220199", "999999", "2101", "上海"} {
		if faults := (Case{Places: some{place}}).Check(s); len(faults) != 1 || faults[0].Path != "places[0]" {
			t.Errorf("%s: %v", place, faults)
		}
	}
}

func FuzzCases(f *testing.F) {
	example, err := os.ReadFile("testdata/" + casesName)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add("cases:\n  - {name: a, at: 2026-10-01T02:00, load: [none, a=1/1], want: {steps: [duty:222400]}}")
	s := smallSnapshot(f)
	f.Fuzz(func(t *testing.T, text string) {
		cases, faults := readCases(t, s, text)
		if len(faults) > 0 {
			return
		}
		for _, c := range cases {
			if _, ok := Instant(c.At); !ok || c.Name == "" || c.Want.empty() || len(c.Check(s)) > 0 {
				t.Errorf("a case without fault says %+v", c)
			}
		}
	})
}

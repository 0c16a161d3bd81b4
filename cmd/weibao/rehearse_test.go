package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/record"
)

var update = flag.Bool("update", false, "write the golden files")

// aDay is the calls of a day: a seat of Yanbian, the provincial team after 25 s
// and at once while the city has nobody, an emergency, a duty officer at night,
// one who leaves and calls again, and one who leaves in the menu.
func (w *town) aDay() {
	w.t.Helper()
	for _, l := range []life{
		{id: "01A", at: 8 * time.Hour, region: "222400", caller: "13811110001", keys: "6", agent: "1009", queue: "yanbian", answer: 4 * time.Second},
		{id: "01B", at: 9 * time.Hour, region: "222400", caller: "13811110002", keys: "6", agent: "1015", queue: "province", answer: 25 * time.Second},
		{id: "01C", at: 10 * time.Hour, caller: "13811110003", agent: "1001", queue: "changchun", answer: 6 * time.Second, police: "222404"},
		{id: "01D", at: 11 * time.Hour, trunk: "yanbian-1", caller: "13811110004", keys: "7", agent: "1010", queue: "yanbian", answer: 5 * time.Second},
		{id: "01E", at: 12 * time.Hour, region: "220100", caller: "13811110005", keys: "9", hangs: 12 * time.Second},
		{id: "01F", at: 12*time.Hour + 5*time.Minute, region: "220100", caller: "13811110005", keys: "6", agent: "1002", queue: "changchun", answer: 3 * time.Second},
		{id: "01G", at: 13 * time.Hour, region: "220800", caller: "13811110006", earlyEnd: true},
		{id: "01H", at: 22 * time.Hour, region: "222400", caller: "13811110007", keys: "6", duty: true, crowded: time.Second, answer: 6 * time.Second},
		{id: "01I", at: 23 * time.Hour, region: "220100", caller: "anonymous", keys: "6", duty: true, answer: 42 * time.Second},
	} {
		w.lives(l)
	}
}

// golden compares an answer with a file, versions and folders apart.
func (w *town) golden(name, got string) {
	w.t.Helper()
	got = strings.ReplaceAll(got, w.dir+string(filepath.Separator), "")
	versions := make(map[string]string)
	got = regexp.MustCompile(`\b[0-9a-f]{16}\b`).ReplaceAllStringFunc(got, func(version string) string {
		if versions[version] == "" {
			versions[version] = "<version " + string(rune('A'+len(versions))) + ">"
		}
		return versions[version]
	})
	file := filepath.Join("testdata", "rehearse", name)
	if *update {
		w.must(os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	w.must(err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		w.t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

func TestARehearsalSaysWordForWordWhoIsWorseOff(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.keepsText()
	w.aDay()
	now := w.config(
		"new",
		[3]string{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 35s"},
		[3]string{"rota/posts.yaml", `["13900000431", "13900010431"]`, `["13900000431"]`},
		[3]string{"regions.yaml", `, police: ["04337550110"]`, ""},
	)
	for _, row := range []struct {
		golden string
		args   []string
	}{
		{"worse.zh.txt", nil},
		{"worse.en.txt", []string{"--lang", "en"}},
		{"worse.limit.txt", []string{"--limit", "1"}},
		{"worse.json", []string{"--json", "--limit", "2"}},
	} {
		code, out, errs := w.rehearses(append([]string{"--configs", now}, row.args...)...)
		if code != exitNo || errs != "" {
			t.Errorf("%s: exit %d, %s", row.golden, code, errs)
		}
		w.golden(row.golden, out)
	}
}

func TestARehearsalOfChangesThatHarmNobodyIsGood(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.keepsText()
	w.aDay()
	for _, row := range []struct {
		golden string
		edits  [][3]string
	}{
		{"same.txt", [][3]string{{"queues.yaml", "title: 省级坐席", "title: 省队"}}},
		{"better.txt", [][3]string{{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 30s"}}},
		{"keys.txt", [][3]string{{"menus/main.yaml", "      \"6\": {intent: minors}\n    silence", "      \"8\": {intent: minors}\n    silence"}}},
	} {
		code, out, errs := w.rehearses("--configs", w.config(row.golden, row.edits...))
		if code != exitGood || errs != "" {
			t.Errorf("%s: exit %d, %s", row.golden, code, errs)
		}
		w.golden(row.golden, out)
	}
}

// A caller who was lost in line a few minutes ago has the facts of the gateway
// also under a plan that is the first to ask for them.
func TestARehearsalKnowsWhoWasLostInLine(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	lost := [3]string{"plan.yaml", "    - name: 没等到人又打来\n      match: {repeat: lost}\n      priority: 20\n", ""}
	old := w.config("before", lost)
	w.goesBy(old)
	w.keepsText()
	w.aDay()
	code, out, _ := w.rehearses("--configs", filepath.Join(w.dir, "old"), "--json")
	var answer struct {
		Changes []struct{ Kind, Say, Example string }
	}
	w.must(json.Unmarshal([]byte(out), &answer))
	if code != exitGood || len(answer.Changes) == 0 {
		t.Fatalf("exit %d, %s", code, out)
	}
	for _, change := range answer.Changes {
		if change.Example != "01F" {
			t.Errorf("%s: %s, and only 01F had been lost", change.Example, change.Say)
		}
	}
}

func TestACallIsComparedWithTheConfigurationThatItCameWith(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.keepsText()
	w.lives(life{id: "01A", at: 8 * time.Hour, region: "222400", caller: "13811110001", keys: "6", agent: "1009", queue: "yanbian", answer: 4 * time.Second})
	later := w.config("later", [3]string{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 1m"})
	w.goesBy(later)
	w.lives(life{id: "01B", at: 9 * time.Hour, region: "222400", caller: "13811110001", keys: "6", agent: "1009", queue: "yanbian", answer: 4 * time.Second})
	code, out, errs := w.rehearses("--configs", later, "--old", filepath.Join(w.dir, "old"))
	if code != exitNo || errs != "" {
		t.Errorf("exit %d, %s", code, errs)
	}
	w.golden("versions.txt", out)

	other := w.config("other", [3]string{"queues.yaml", "title: 省级坐席", "title: 省队"})
	code, out, errs = w.rehearses("--configs", other, "--old", later)
	if code != exitGood || errs != "" {
		t.Errorf("exit %d, %s", code, errs)
	}
	w.golden("folder.txt", out)

	code, out, errs = w.rehearses("--configs", other, "--old", w.config("another"))
	if code != exitGood || errs != "" {
		t.Errorf("exit %d, %s", code, errs)
	}
	w.golden("another.txt", out)

	for _, old := range []string{other, filepath.Join(w.dir, "nowhere")} {
		code, out, errs = w.rehearses("--configs", other, "--old", old)
		if code != exitNotDone || out != "" || !strings.Contains(errs, "--old") {
			t.Errorf("--old %s: exit %d, %s %s", old, code, out, errs)
		}
	}
}

func TestATextThatCanNotBeReadAnyMoreIsSaid(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.must(w.registry.Guide(t.Context(), w.snapshot.Version, "-- plan.yaml 8 --\nplan: {}\n"))
	w.aDay()
	now := w.config("new", [3]string{"queues.yaml", "title: 省级坐席", "title: 省队"})
	code, _, errs := w.rehearses("--configs", now, "--old", filepath.Join(w.dir, "old"))
	if code != exitGood || !strings.Contains(errs, "现在读不出来") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestARehearsalThatCanNotBeHeldSaysWhy(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.keepsText()
	w.aDay()
	broken := w.config("broken", [3]string{"plan.yaml", "queue:province, after: 20s", "queue:provinz, after: 20s"}, [3]string{"queues.yaml", "supervisors: supervisors", "supervisors: nobody"})
	good := w.config("good")
	for _, row := range []struct {
		name      string
		args      []string
		code      int
		out, errs string
	}{
		{"faults in the new files, all of them", []string{"--configs", broken}, exitNo, "没有队列 nobody", "处错误，没有演练"},
		{"no new files", []string{"--configs", filepath.Join(w.dir, "nowhere")}, exitNotDone, "", "新配置的目录读不到"},
		{"no calls", []string{"--configs", good, "--from", "2025-01-01"}, exitGood, "这段时间没有来电", ""},
		{"no start", []string{"--configs", good, "--from", ""}, exitWrong, "", "--from"},
		{"a start that is none", []string{"--configs", good, "--from", "soon"}, exitWrong, "", "soon"},
		{"an end that is none", []string{"--configs", good, "--to", "soon"}, exitWrong, "", "soon"},
		{"an end before the start", []string{"--configs", good, "--to", "2026-11-21"}, exitWrong, "", "--to"},
		{"a language that is not there", []string{"--configs", good, "--lang", "ko"}, exitWrong, "", "--lang"},
		{"a limit below 0", []string{"--configs", good, "--limit", "-1"}, exitWrong, "", "--limit"},
		{"settings that are not there", []string{"--configs", good, "--config", filepath.Join(w.dir, "none.yaml")}, exitNotDone, "", "none.yaml"},
	} {
		code, out, errs := w.rehearses(row.args...)
		if code != row.code || !strings.Contains(out, row.out) || !strings.Contains(errs, row.errs) || strings.Contains(errs, "goroutine") {
			t.Errorf("%s: exit %d, %q, %q", row.name, code, out, errs)
		}
	}
	if _, out, _ := w.rehearses("--configs", broken); !strings.Contains(out, "provinz") {
		t.Errorf("not every fault is told: %s", out)
	}
	w.must(os.Remove(filepath.Join(w.dir, "weibao.db")))
	code, _, errs := w.rehearses("--configs", good)
	if _, err := os.Stat(filepath.Join(w.dir, "weibao.db")); code != exitNotDone || !strings.Contains(errs, "还没有通话记录") || err == nil {
		t.Errorf("without a database: exit %d, %q, made: %v", code, errs, err == nil)
	}
}

func TestTheHeaderOfACallIsKnownUnlessSomethingElseToldItsCity(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]string{
		"12345 222400 header": "222400", "12345 222400 trunk": "", "043312345 222400 dialled": "", "12345 222400 home": "",
		"12345 222400": "222400", "": "222400",
	} {
		rec := record.Record{Region: "222400", Journey: []record.Entry{{What: "ARRIVE", More: more}}}
		if got := arrivalOf(rec).Origin.Header; got != want {
			t.Errorf("%q: header %q, want %q", more, got, want)
		}
	}
}

func TestTheSpansOfARehearsalAreDaysOfBeijing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 17, 30, 0, 0, time.UTC) // the 24th in Beijing
	for _, row := range []struct{ from, to, begin, end string }{
		{"yesterday", "", "2026-11-23 00:00", "2026-11-24 00:00"},
		{"last-week", "", "2026-11-17 00:00", "2026-11-24 00:00"},
		{"2026-03-01", "", "2026-03-01 00:00", "2026-03-02 00:00"},
		{"2026-03-01", "2026-03-05", "2026-03-01 00:00", "2026-03-05 00:00"},
		{"2026-03-01T20:00:00Z", "2026-03-02T20:00:00Z", "2026-03-02 04:00", "2026-03-03 04:00"},
	} {
		q := rehearsing{from: row.from, to: row.to, lang: "zh"}
		if err := q.check(now); err != nil || minute(q.begin) != row.begin || minute(q.end) != row.end {
			t.Errorf("%s to %s: %s to %s, %v", row.from, row.to, minute(q.begin), minute(q.end), err)
		}
	}
}

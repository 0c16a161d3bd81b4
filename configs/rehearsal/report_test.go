package rehearsal

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/routing"
)

func TestTheSentencesAreThereInEnglish(t *testing.T) {
	t.Parallel()
	c := compare(t, "en",
		edit{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 35s"},
		edit{"menus/main.yaml", "      \"6\": {intent: minors}\n      \"7\"", "      \"8\": {intent: minors}\n      \"7\""},
		edit{"regions.yaml", `, police: ["04335550110"]`, ""},
		edit{"rota/posts.yaml", `"13900000434", `, ""},
	)
	got := told(c.Rehearse(answered(yanbian(), Answer{Agent: "1015", Queue: "province", After: 25 * time.Second})))
	want := []string{
		"· keys key 6: before the intent minors, now a key that the menu has not, the intent general (minors is on key 7 now)",
		"· route route “未成年人选项” → “全省”",
		"✗ seats the seats of 省级坐席: asked after 20 s before, after 35 s now",
		"✗ answer seat 1015 (省级坐席) answered after 25 s; asked after 35 s now",
		"✗ duty duty telephones: before 延边未保中心 4 numbers (139****0434, 139****0498, 139****0433, 139****0499), now 延边未保中心 3 numbers (139****0498, 139****0433, 139****0499)",
		"✗ police 110 of 延边朝鲜族自治州 (222400): before 0433110, 043****0110, 043*****0100, now 0433110, 043*****0100",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// No configuration that loads is like that; an old text, read when its rota has
// run out, can be.
func TestDutyWithoutAnybodyIsWorse(t *testing.T) {
	t.Parallel()
	empty := *jilin(t)
	guide := *empty.Guide
	guide.Rotas, empty.Guide = routing.NewRotas(), &guide
	before, after := NewRules(jilin(t), routing.Overrides{}, "en"), NewRules(&empty, routing.Overrides{}, "en")
	got := told(Compare(before, after, "en").Rehearse(changchun()))
	want := []string{
		"✗ duty duty telephones: before 长春未保中心 2 numbers (139****0431, 139****0431), now nobody",
		"✗ filing the province's duty post for filings: before 139****2200, 139****2201, now no number",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if o := Compare(after, before, "en").Rehearse(changchun()); o.Effect() != Better {
		t.Errorf("the other way it is %q", told(o))
	}
}

func TestSeatsThatAreAskedNoMoreAreToldInEnglish(t *testing.T) {
	t.Parallel()
	c := compare(t, "en", edit{
		"plan.yaml", "    - {to: queue:region}\n    - {to: queue:province, after: 20s}\n",
		"    - {to: queue:changchun}\n    - {to: queue:region, after: 20s}\n",
	})
	got := told(c.Rehearse(yanbian()))
	want := []string{
		"· seats the seats of 延边专席: asked at once before, after 20 s now",
		"· seats the seats of 省级坐席: asked after 20 s before, never now",
		"✓ seats the seats of 长春专席: asked never before, at once now",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAnOutlookSaysWhoIsAskedWhen(t *testing.T) {
	t.Parallel()
	got := compare(t, "zh", edit{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 1m"}).Rehearse(yanbian()).Would
	want := Outlook{
		Region: "222400", Keys: "6", Intent: "minors", Route: "未成年人选项", Busy: time.Minute,
		Search: []string{"延边专席 马上", "省级坐席 20 秒后", "延边朝鲜族自治州值班员 1 分钟后"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAnOverrideHoldsUnderBothConfigurations(t *testing.T) {
	t.Parallel()
	approved := routing.Override{
		ID: "01O", Post: "222400", State: routing.Approved, Changes: []routing.DutyChange{{
			From: evening.Add(-time.Hour), To: evening.Add(time.Hour), Out: "li", In: routing.Officer{Name: "外援", Numbers: []string{"13900008888"}},
		}},
	}
	overrides := routing.NewOverrides([]routing.Override{approved}, nil)
	without := jilin(t, edit{"rota/posts.yaml", `["13900000434", "13900010498"]`, `["13900000434"]`})
	c := Compare(NewRules(jilin(t), overrides, "zh"), NewRules(without, overrides, "zh"), "zh")
	if got := told(c.Rehearse(yanbian())); got != nil {
		t.Errorf("li is replaced under both, and yet: %q", got)
	}
	later := yanbian()
	later.At = evening.Add(2 * time.Hour)
	if o := c.Rehearse(later); o.Effect() != Worse {
		t.Errorf("li has lost a number, and it is %q", told(o))
	}
}

// randomArrival is any call.
func randomArrival(r *rand.Rand) Arrival {
	regions := []string{"220000", "220100", "220800", "222400"}
	keys := []string{"", "6", "7", "8", "66", "#"}
	a := Arrival{
		ID: call.ID(fmt.Sprint("01", r.IntN(1000))), At: evening.Add(time.Duration(r.IntN(24*60)) * time.Minute), Caller: "13812345678",
		Region: regions[r.IntN(len(regions))], Keys: keys[r.IntN(len(keys))],
		Origin: routing.Origin{Dialled: []string{"12345", "043312345"}[r.IntN(2)]},
	}
	a.Origin.Header = a.Region
	if r.IntN(3) == 0 {
		a.Answer = Answer{Agent: []routing.AgentID{"1001", "1009", "1015", "2000"}[r.IntN(4)], Queue: []string{"changchun", "yanbian", "province"}[r.IntN(3)], After: time.Duration(r.IntN(60)) * time.Second}
	}
	return a
}

func TestTheSameConfigurationChangesNothingForAnyCall(t *testing.T) {
	t.Parallel()
	c := compare(t, "zh")
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		a := randomArrival(r)
		if got := told(c.Rehearse(a)); got != nil {
			t.Fatalf("%+v: %q", a, got)
		}
	}
}

// What is worse one way is not worse the other way, for what can be measured.
func TestWaitsAndTelephonesAreWorseOneWayOnly(t *testing.T) {
	t.Parallel()
	was := NewRules(jilin(t), routing.Overrides{}, "zh")
	would := NewRules(jilin(t,
		edit{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 1m"},
		edit{"rota/posts.yaml", `["13900000431", "13900010431"]`, `["13900000431"]`},
		edit{"regions.yaml", `, police: ["04335550110"]`, ""},
	), routing.Overrides{}, "zh")
	there, back := Compare(was, would, "zh"), Compare(would, was, "zh")
	r := rand.New(rand.NewPCG(2, 1))
	opposite := map[Effect]Effect{Worse: Better, Better: Worse, Neutral: Neutral}
	for range 500 {
		a := randomArrival(r)
		effects := make(map[Kind]Effect)
		for _, d := range there.Rehearse(a).Differences {
			effects[d.Kind] = d.Effect
		}
		for _, d := range back.Rehearse(a).Differences {
			if effects[d.Kind] != opposite[d.Effect] {
				t.Fatalf("%+v: %s is %s one way and %s the other", a, d.Kind, effects[d.Kind], d.Effect)
			}
		}
	}
}

func TestAReportAddsUp(t *testing.T) {
	t.Parallel()
	c := compare(t, "zh",
		edit{"rota/posts.yaml", `["13900000431", "13900010431"]`, `["13900000431"]`},
		edit{"plan.yaml", "queue:province, after: 20s", "queue:province, after: 10s"},
	)
	report := NewReport(2)
	r := rand.New(rand.NewPCG(3, 1))
	for range 300 {
		report.Add(c.Rehearse(randomArrival(r)))
	}
	if report.Calls != 300 || report.Same+report.Changed+report.Worse != 300 || report.Worse == 0 || report.Better == 0 || len(report.Listed) != 2 {
		t.Errorf("%+v", report)
	}
	var sum City
	for _, city := range report.Cities() {
		sum.Calls, sum.Same, sum.Changed, sum.Worse = sum.Calls+city.Calls, sum.Same+city.Same, sum.Changed+city.Changed, sum.Worse+city.Worse
		if city.Region == "220100" && (city.Worse != city.Calls || city.BusyWas != 40*time.Second) {
			t.Errorf("%+v", city)
		}
	}
	if sum.Calls != report.Calls || sum.Same != report.Same || sum.Changed != report.Changed || sum.Worse != report.Worse {
		t.Errorf("the cities are %+v, the report %+v", sum, report)
	}
	tallies := report.Tallies()
	if tallies[0].Effect != Worse || tallies[0].Kind != InDuty || tallies[0].Calls != report.Worse || tallies[len(tallies)-1].Effect != Better {
		t.Errorf("%+v", tallies)
	}
}

func TestNumbersOfTheEmergencyPathMayNotGoMissing(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		was, would string
		want       Effect
	}{
		{"1 2", "1 2 3", Better},
		{"1 2 3", "1 3 2", Neutral},
		{"1 2", "2 1", Worse},
		{"1 2", "1", Worse},
		{"1 2", "1 3", Worse},
		{"1", "", Worse},
	} {
		if got := strict(strings.Fields(row.was), strings.Fields(row.would)); got != row.want {
			t.Errorf("%q then %q is %s, want %s", row.was, row.would, got, row.want)
		}
	}
}

func BenchmarkRehearse(b *testing.B) {
	c := compare(b, "zh", edit{"plan.yaml", "duty:region, after: 40s", "duty:region, after: 1m"})
	r := rand.New(rand.NewPCG(4, 1))
	arrivals := make([]Arrival, 1000)
	for i := range arrivals {
		arrivals[i] = randomArrival(r)
	}
	report := NewReport(50)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		report.Add(c.Rehearse(arrivals[i%len(arrivals)]))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

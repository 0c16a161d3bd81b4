package routing

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"
)

// sayPlan has a name for everything that a check can speak of.
func sayPlan() *Plan {
	return NewPlan(Draft{
		Version: "v1",
		Regions: NewRegions([]Region{
			{Code: "220000", Name: "吉林省"},
			{Code: "220100", Name: "长春市", Parent: "220000"},
			{Code: "220400", Name: "辽源市", Parent: "220000"},
			{Code: "222400", Name: "延边朝鲜族自治州", Parent: "220000", Neighbours: []string{"220100"}},
			{Code: "222404", Name: "珲春市", Parent: "222400"},
		}),
		Queues: map[string]Queue{
			"changchun": {Name: "changchun", Title: "长春未保专席", Region: "220100"},
			"yanbian":   {Name: "yanbian", Title: "延边未保专席", Region: "222400"},
			"province":  {Name: "province", Title: "省级未保坐席"},
			"untitled":  {Name: "untitled"},
		},
		Pools: map[string][]string{"east": {"yanbian", "changchun"}},
		Root:  &Route{Name: "全省"},
	})
}

func TestEveryCheckIsASentenceThatAPersonFollows(t *testing.T) {
	t.Parallel()
	plan := sayPlan()
	said := make(map[string]bool)
	for _, row := range sayRows() {
		said[row.check.Fact] = true
		if got := plan.Say(row.check, "zh"); got != row.zh {
			t.Errorf("%+v\n got %s\nwant %s", row.check, got, row.zh)
		}
		if got := plan.Say(row.check, "en"); got != row.en {
			t.Errorf("%+v\n got %s\nwant %s", row.check, got, row.en)
		}
	}
	facts := factConstants(t)
	if len(facts) < 18 {
		t.Fatalf("found only the facts %v", facts)
	}
	for _, fact := range facts {
		if !said[fact] {
			t.Errorf("the fact %q is without words: give it a row", fact)
		}
		if zh := plan.Say(Check{Rule: "r", Fact: fact, Want: "w", Got: "g"}, "zh"); strings.Contains(zh, fact) {
			t.Errorf("the fact %q is said by its code: %s", fact, zh)
		}
	}
}

// factConstants are the values of the constants whose names begin with Fact.
func factConstants(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "request.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var facts []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		for i := 0; is && i < len(spec.Names); i++ {
			if strings.HasPrefix(spec.Names[i].Name, "Fact") {
				facts = append(facts, strings.Trim(spec.Values[i].(*ast.BasicLit).Value, `"`))
			}
		}
		return !is
	})
	return facts
}

func TestEveryReasonOfASeatHasWords(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.October, 1, 2, 0, 0, 0, time.UTC)
	for _, presence := range []Presence{Offline, Away, Ready} {
		for _, work := range []Work{Free, Claimed, Ringing, Talking, Wrapping} {
			for _, reachable := range []bool{true, false} {
				for _, rest := range []time.Time{{}, at.Add(time.Second)} {
					_, why := (Agent{Presence: presence, Work: work, Reachable: reachable, RestUntil: rest}).CanTake(at)
					if _, known := seatWords[why]; !known {
						t.Errorf("the reason %q is without words", why)
					}
				}
			}
		}
	}
}

func TestAStepIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	queue := Target{Kind: ToQueue, Name: "yanbian"}
	for _, step := range []PlanStep{
		{Target: queue},
		{Target: Target{Kind: ToPolice}},
		{Target: Target{Kind: ToDuty, Name: "222400"}, After: 90 * time.Second},
		{Target: queue, Languages: []string{"ko", "zh"}},
		{Target: queue, Skills: []string{"psychology", "law"}, Ratio: 1.5},
		{Target: queue, Languages: []string{"ko"}, Skills: []string{"law"}, After: time.Minute, Ratio: 2},
	} {
		got, ok := readStep(step.String())
		if !ok || got.String() != step.String() || strings.Join(got.Languages, "") != strings.Join(step.Languages, "") {
			t.Errorf("%s was read as %+v", step, got)
		}
	}
	for _, bad := range []string{"", "queue", "queue:a after never", "queue:a or many a seat"} {
		if got, ok := readStep(bad); ok {
			t.Errorf("%q was read as %+v", bad, got)
		}
	}
}

func TestALengthOfTimeIsSaidAsPeopleSayIt(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		d      time.Duration
		zh, en string
	}{
		{0, "0 秒", "0 s"},
		{200 * time.Millisecond, "0.2 秒", "0.2 s"},
		{20 * time.Second, "20 秒", "20 s"},
		{80 * time.Second, "1 分钟 20 秒", "1 min 20 s"},
		{10 * time.Minute, "10 分钟", "10 min"},
		{time.Hour + 5*time.Second, "1 小时 5 秒", "1 h 5 s"},
		{1<<63 - 1, "很久", "a very long time"},
	} {
		if zh, en := (&Plan{}).In("zh").Duration(row.d), (&Plan{}).In("en").Duration(row.d); zh != row.zh || en != row.en {
			t.Errorf("%s: %s, %s", row.d, zh, en)
		}
	}
}

func TestWhatHasNoNameIsSaidAsItStands(t *testing.T) {
	t.Parallel()
	s := (&Plan{}).In("zh")
	for got, want := range map[string]string{
		s.Region("999999"): "999999",
		s.Region(""):       "没有说明的地方",
		s.Queue("gone"):    "gone",
		s.Language("fr"):   "fr",
		s.Missed("else"):   "else",
		s.Target(Target{}): "没有去处",
		s.Check(Check{Fact: FactIdle, Rule: "seat 1", Got: "x"}):            "坐席 1 在“”里空闲最久：x",
		s.Check(Check{Fact: "colour", Rule: "r", Want: "red", Got: "blue"}): "“r”只接colour 是 red 的来电；这通是 blue，不符合",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestACallerIsSaidByWhatTheNumberTells(t *testing.T) {
	t.Parallel()
	plan := sayPlan()
	for _, row := range []struct {
		caller Caller
		zh, en string
	}{
		{
			Caller{Kind: Mobile, E164: "+8613800000001"},
			"手机 +86*******0001；手机的归属地不是人在的地方，不用来判断地区",
			"mobile +86*******0001; where a mobile is registered is not where the caller is, so it says nothing of the place",
		},
		{
			Caller{Kind: Landline, Raw: "04332512345", E164: "+864332512345", AreaCode: "0433", Hint: "222400"},
			"固定电话 +86******2345，区号 0433 是延边朝鲜族自治州的，只供参考，不用来判断地区",
			"landline +86******2345, with the area code of 延边朝鲜族自治州 (222400) (0433): a hint only, the place is not told by it",
		},
		{
			Caller{Kind: Landline, Raw: "01062512345", AreaCode: "010"},
			"固定电话 010****2345，区号 010 不是本省的", "landline 010****2345, with an area code 010 that is none of the province",
		},
		{Caller{Kind: Service, Raw: "110"}, "服务号码 110，不是个人的电话", "service number 110, of an office and not of a person"},
		{Caller{Kind: Foreign, E164: "+85212345678"}, "境外（或港澳台）号码 +85*****5678", "number +85*****5678 from abroad"},
		{Caller{Kind: Anonymous}, "没有显示号码", "the number is withheld"},
		{Caller{Raw: "x1"}, "看不懂的号码 x1，照原样记下", "the number x1 can not be read and is kept as it came"},
	} {
		if got := plan.In("zh").Caller(row.caller); got != row.zh {
			t.Errorf("got  %s\nwant %s", got, row.zh)
		}
		if got := plan.In("en").Caller(row.caller); got != row.en {
			t.Errorf("got  %s\nwant %s", got, row.en)
		}
	}
}

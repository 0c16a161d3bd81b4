package routing

import (
	"slices"
	"testing"
	"time"
)

func jilin() Regions {
	return NewRegions([]Region{
		{Code: "220000", Name: "吉林省", Police: []string{"04310000110"}},
		{Code: "220100", Name: "长春市", Parent: "220000", AreaCode: "0431"},
		{Code: "220581", Name: "梅河口市", Parent: "220500", Duty: "220000", AreaCode: "0435"},
		{Code: "220500", Name: "通化市", Parent: "220000", AreaCode: "0435"},
		{Code: "222400", Name: "延边州", Parent: "220000", AreaCode: "0433", Police: []string{"04335550110"}},
		{Code: "222404", Name: "珲春市", Parent: "222400", AreaCode: "0433", Police: []string{"04337550110"}},
	})
}

func testPlan() *Plan {
	return NewPlan(Draft{
		Version: "v1", Regions: jilin(),
		Queues: map[string]Queue{"changchun": {Name: "changchun", Region: "220100"}, "province": {Name: "province"}},
		Root: &Route{
			Name: "root",
			Steps: []PlanStep{
				{Target: Target{Kind: ToQueue, Name: RegionName}},
				{Target: Target{Kind: ToQueue, Name: "province"}, After: 20 * time.Second},
				{Target: Target{Kind: ToDuty, Name: RegionName}, After: 40 * time.Second},
			},
			Children: []*Route{
				{Name: "minors", Match: []Matcher{{Fact: "key", Values: []string{"6"}}}, Children: []*Route{
					{Name: "yanbian", Match: []Matcher{{Fact: "region", Values: []string{"222400"}}}, Steps: []PlanStep{
						{Target: Target{Kind: ToNumber, Name: "12356"}},
					}},
				}},
				{Name: "trunk", Match: []Matcher{{Fact: "trunk", Values: []string{"carrier"}}, {Fact: "dialled", Values: []string{"12345"}}}},
			},
		},
	})
}

func TestTheFirstChildThatHoldsTakesTheCallAndInheritsItsSteps(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		req   Request
		route string
		steps []string
	}{
		{"no key", Request{Region: "220100"}, "root", []string{"queue:changchun", "queue:province", "duty:220100"}},
		{"minors", Request{Region: "220100", Key: "6"}, "minors", []string{"queue:changchun", "queue:province", "duty:220100"}},
		{"own steps", Request{Region: "222400", Key: "6"}, "yanbian", []string{"number:12356"}},
		{"a city without a queue", Request{Region: "220500"}, "root", []string{"queue:province", "duty:220500"}},
		{"all matchers", Request{Region: "220100", Dialled: "12345", Trunk: "carrier"}, "trunk", []string{"queue:changchun", "queue:province", "duty:220100"}},
		{"not all matchers", Request{Region: "220100", Dialled: "1", Trunk: "carrier"}, "root", []string{"queue:changchun", "queue:province", "duty:220100"}},
	} {
		d := testPlan().Decide(row.req)
		steps := make([]string, 0, len(d.Steps))
		for _, s := range d.Steps {
			steps = append(steps, s.Target.String())
		}
		if d.Route != row.route || !slices.Equal(steps, row.steps) {
			t.Errorf("%s: route %s to %v, want %s to %v", row.name, d.Route, steps, row.route, row.steps)
		}
		if len(d.Trace) == 0 || d.Plan != "v1" {
			t.Errorf("%s: plan %s without a trace", row.name, d.Plan)
		}
	}
}

func TestAMatcherIsWrittenAsPeopleReadIt(t *testing.T) {
	t.Parallel()
	if got := (Matcher{Fact: "key", Values: []string{"6", "7"}}).Want(); got != "6 | 7" {
		t.Error(got)
	}
}

func TestATargetIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"110", "queue:changchun", "agent:1001", "duty:222404", "number:12356"} {
		target, err := ParseTarget(s)
		if err != nil || target.String() != s {
			t.Errorf("%s: %v %v", s, target, err)
		}
	}
	for _, s := range []string{"", "hangup", "queue:", "number:12&3", "voicemail:x"} {
		if target, err := ParseTarget(s); err == nil {
			t.Errorf("%q is taken for %v", s, target)
		}
	}
	if (Target{}).String() != "" {
		t.Error("no target has a name")
	}
}

func TestThePoliceAreThoseOfTheChildsPlaceAndNeverPlain110(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		place string
		want  []string
	}{
		{"222404", []string{"0433110", "04337550110", "04335550110", "04310000110"}},
		{"222400", []string{"0433110", "04335550110", "04310000110"}},
		{"220100", []string{"0431110", "04310000110"}},
		{"220000", []string{"04310000110"}},
		{"nowhere", nil},
	} {
		if got := jilin().PoliceRoutes(row.place); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.place, got, row.want)
		}
	}
}

func TestRegionsAreFoundByCodeByAreaCodeAndByTheNumberDialled(t *testing.T) {
	t.Parallel()
	r := jilin()
	if city, ok := r.City("222404"); !ok || city.Code != "222400" {
		t.Errorf("city of 222404 is %s", city.Code)
	}
	if province, ok := r.City("220000"); !ok || province.Code != r.Root() {
		t.Errorf("the province's city is %s", province.Code)
	}
	if _, ok := r.City("999999"); ok {
		t.Error("999999 is in a city")
	}
	if city, ok := r.OfNumber("043312345"); !ok || city.Code != "222400" {
		t.Errorf("043312345 is of %s", city.Code)
	}
	for _, number := range []string{"12345", "0999912345", "0433", ""} {
		if city, ok := r.OfNumber(number); ok {
			t.Errorf("%q is of %s", number, city.Code)
		}
	}
	if all := r.All(); len(all) != 6 || all[0].Code != "220000" {
		t.Errorf("%d regions", len(all))
	}
}

func TestADutyPostAnswersForWhatHasNoneOfItsOwn(t *testing.T) {
	t.Parallel()
	rotas := NewRotas(AllDay("220000", "", "1"), AllDay("220500", "", "2"), AllDay("222400", ""))
	for _, row := range []struct{ region, post string }{
		{"220500", "220500"},
		{"220581", "220000"}, // 梅河口 is the province's, though its code stands under 通化
		{"222404", "220000"}, // a post without a number is passed over
		{"220100", "220000"},
	} {
		duty, on := rotas.On(jilin(), row.region, noon)
		if !on || duty.Post != row.post {
			t.Errorf("%s: %s %v, want %s", row.region, duty.Post, on, row.post)
		}
	}
	if _, on := (Rotas{}).On(jilin(), "220100", noon); on {
		t.Error("nobody is on duty")
	}
}

func TestTheWordsOfTheApiAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for p := Offline; p <= Ready; p++ {
		if got, err := ParsePresence(p.String()); err != nil || got != p {
			t.Errorf("%s: %v %v", p, got, err)
		}
	}
	for w := Free; w <= Wrapping; w++ {
		if got, err := ParseWork(w.String()); err != nil || got != w {
			t.Errorf("%s: %v %v", w, got, err)
		}
	}
	if _, err := ParsePresence("asleep"); err == nil {
		t.Error("asleep is a presence")
	}
	if _, err := ParseWork("asleep"); err == nil {
		t.Error("asleep is work")
	}
}

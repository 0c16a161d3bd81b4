package routing

import (
	"slices"
	"testing"
	"time"
)

// overflow is a plan as the province writes it: own seats, the cities beside,
// everybody, the duty officer, the province's.
func overflow() *Plan {
	regions := NewRegions([]Region{
		{Code: "220000", Name: "吉林省"},
		{Code: "220100", Name: "长春市", Parent: "220000", Neighbours: []string{"220200", "220400"}, Trunks: []string{"changchun-e1"}},
		{Code: "220200", Name: "吉林市", Parent: "220000", AreaCode: "0432"},
		{Code: "220400", Name: "辽源市", Parent: "220000", Neighbours: []string{"220100"}},
		{Code: "222400", Name: "延边州", Parent: "220000"},
	})
	return NewPlan(Draft{
		Regions: regions,
		Queues: map[string]Queue{
			"changchun": {Name: "changchun", Region: "220100"}, "jilin": {Name: "jilin", Region: "220200"},
			"yanbian": {Name: "yanbian", Region: "222400"}, "province": {Name: "province"},
		},
		Pools: map[string][]string{"all": {"changchun", "jilin", "yanbian", "province"}},
		Root: &Route{Name: "全省", Steps: []PlanStep{
			{Target: Target{Kind: ToQueue, Name: RegionName}},
			{Target: Target{Kind: ToQueue, Name: NeighbourName}, After: 15 * time.Second, Ratio: 2},
			{Target: Target{Kind: ToPool, Name: "all"}, After: 30 * time.Second, Ratio: 3, Languages: []string{"ko"}},
			{Target: Target{Kind: ToDuty, Name: RegionName}, After: 45 * time.Second},
			{Target: Target{Kind: ToDuty, Name: "220000"}, After: 90 * time.Second},
		}},
	})
}

func written(d Decision) []string {
	var steps []string
	for _, s := range d.Steps {
		steps = append(steps, s.String())
	}
	return steps
}

func TestStepsAreThoseOfTheCallersRegion(t *testing.T) {
	t.Parallel()
	p := overflow()
	const rest = "pool:all [ko] after 30s or 3 a seat"
	for region, want := range map[string][]string{
		"220100":  {"queue:changchun", "queue:neighbours after 15s or 2 a seat", rest, "duty:220100 after 45s", "duty:220000 after 1m30s"},
		"220400":  {"queue:neighbours after 15s or 2 a seat", rest, "duty:220400 after 45s", "duty:220000 after 1m30s"},
		"222400":  {"queue:yanbian", rest, "duty:222400 after 45s", "duty:220000 after 1m30s"},
		"nowhere": {rest, "duty:nowhere after 45s", "duty:220000 after 1m30s"},
	} {
		if got := written(p.Decide(Request{Region: region})); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", region, got, want)
		}
	}
	near := p.Decide(Request{Region: "220100"}).Steps[1].Wants
	if len(near) != 1 || near[0].Queue != "jilin" {
		t.Errorf("the neighbours of 长春 with seats are %v", near)
	}
	all := p.Decide(Request{Region: "220100"}).Steps[2].Wants
	if len(all) != 4 || !slices.Equal(all[2].Languages, []string{"ko"}) {
		t.Errorf("the pool wants %v", all)
	}
}

func TestAStepBeginsByTimeByLoadOrBecauseNobodyIsThere(t *testing.T) {
	t.Parallel()
	d := overflow().Decide(Request{Region: "220100"})
	for _, row := range []struct {
		name   string
		step   int
		waited time.Duration
		load   Load
		due    bool
		fact   string
	}{
		{"the first at once", 0, 0, Load{}, true, FactAfter},
		{"not yet", 1, 14 * time.Second, Load{Waiting: 2, Seats: 1}, false, FactAfter},
		{"its time", 1, 15 * time.Second, Load{Waiting: 1, Seats: 1}, true, FactAfter},
		{"too many", 1, 0, Load{Waiting: 3, Seats: 1}, true, FactLoad},
		{"nobody", 1, 0, Load{Waiting: 1}, true, FactLoad},
		{"by time only", 3, 44 * time.Second, Load{Waiting: 99, Seats: 1}, false, FactAfter},
		{"nobody in the pool", 3, 0, Load{Waiting: 1}, true, FactLoad},
		{"a telephone is rung already", 4, 50 * time.Second, Load{}, false, FactAfter},
		{"the next in the chain", 4, 90 * time.Second, Load{}, true, FactAfter},
	} {
		if due, why := d.Due(row.step, row.waited, row.load); due != row.due || why.Fact != row.fact || why.Held != due {
			t.Errorf("%s: %v %+v", row.name, due, why)
		}
	}
}

func TestTheTimelineIsWhatACallerGoesThroughWhomNobodyAnswers(t *testing.T) {
	t.Parallel()
	d := overflow().Decide(Request{Region: "220100"})
	for _, row := range []struct {
		name string
		load Load
		want []time.Duration
	}{
		{"seats that are busy", Load{Waiting: 1, Seats: 1}, []time.Duration{0, 15 * time.Second, 30 * time.Second, 45 * time.Second, 90 * time.Second}},
		{"a crowd", Load{Waiting: 5, Seats: 2}, []time.Duration{0, 0, 30 * time.Second, 45 * time.Second, 90 * time.Second}},
		{"no seat at night", Load{}, []time.Duration{0, 0, 0, 0, 90 * time.Second}},
	} {
		var got []time.Duration
		for _, b := range d.Timeline(func([]Want) Load { return row.load }) {
			got = append(got, b.After)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestACallBelongsToItsTrunkThenItsHeaderThenItsNumber(t *testing.T) {
	t.Parallel()
	regions := overflow().Regions
	for _, row := range []struct {
		origin    Origin
		city, how string
	}{
		{Origin{Trunk: "changchun-e1", Header: "222400", Dialled: "043212345"}, "220100", "trunk"},
		{Origin{Trunk: "other", Header: "222400", Dialled: "043212345"}, "222400", "header"},
		{Origin{Header: "nonsense", Dialled: "043212345"}, "220200", "dialled"},
		{Origin{Dialled: "12345"}, "220100", "home"},
	} {
		if city, how := regions.OfCall(row.origin, "220100"); city != row.city || how.Rule != row.how || how.Fact != FactOrigin {
			t.Errorf("%+v: %s by %+v", row.origin, city, how)
		}
	}
}

func TestASeatServesWhatItHasTheAbilitiesFor(t *testing.T) {
	t.Parallel()
	a := Agent{Queues: []string{"yanbian"}, Languages: []string{"zh", "ko"}, Skills: []string{"minors"}}
	for _, row := range []struct {
		want Want
		can  bool
	}{
		{Want{Queue: "yanbian"}, true},
		{Want{Queue: "yanbian", Languages: []string{"ko"}, Skills: []string{"minors"}}, true},
		{Want{Queue: "yanbian", Languages: []string{"en"}}, false},
		{Want{Queue: "yanbian", Skills: []string{"law"}}, false},
		{Want{Queue: "province"}, false},
	} {
		if a.Serves(row.want) != row.can {
			t.Errorf("%+v", row.want)
		}
	}
	ticket := Ticket{Wants: []Want{{Queue: "yanbian", Languages: []string{"ko"}}, {Queue: "yanbian"}, {Queue: "province"}}}
	if got := ticket.Queues(); !slices.Equal(got, []string{"yanbian", "province"}) {
		t.Errorf("queues %v", got)
	}
}

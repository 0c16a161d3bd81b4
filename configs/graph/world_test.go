package graph

import (
	"fmt"
	"math/rand/v2"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/ivr"
	"weibao/routing"
)

// evening is the instant of all pictures here: a Monday.
var evening = time.Date(2026, 11, 23, 20, 0, 0, 0, routing.Beijing())

func target(text string) routing.Target {
	t, err := routing.ParseTarget(text)
	if err != nil {
		panic(err)
	}
	return t
}

func match(fact string, values ...string) routing.Matcher {
	return routing.Matcher{Fact: fact, Values: values}
}

// regions are two cities with queues, one without, and a county with a post.
func regions() routing.Regions {
	return routing.NewRegions([]routing.Region{
		{Code: "220000", Name: "吉林省", Police: []string{"043155550100"}},
		{Code: "220100", Name: "长春市", Parent: "220000", AreaCode: "0431", Trunks: []string{"cc-1", "cc-2"}, Neighbours: []string{"222400", "220800"}, Languages: []string{"zh"}},
		{Code: "220800", Name: "白城市", Parent: "220000", AreaCode: "0436", Neighbours: []string{"220100"}},
		{Code: "222400", Name: "延边朝鲜族自治州", Parent: "220000", AreaCode: "0433", Neighbours: []string{"220100"}, Languages: []string{"zh", "ko"}},
		{Code: "222404", Name: "珲春市", Parent: "222400", AreaCode: "0433"},
	})
}

// rotas are a post with shifts, one that has nobody at night, and one telephone
// at every hour.
func rotas() routing.Rotas {
	officer := func(id, name, number string) routing.Officer {
		return routing.Officer{ID: routing.OfficerID(id), Name: name, Numbers: []string{number}}
	}
	clock := func(text string) routing.Clock { c, _ := routing.ParseClock(text); return c }
	return routing.NewRotas(
		routing.AllDay("220000", "省未成年人保护办公室", "13900002200", "13900002201"),
		routing.NewRota(routing.Post{
			Code: "222400", Name: "延边州未成年人救助保护中心",
			Officers: []routing.Officer{officer("jin", "金永哲", "13900000433"), officer("piao", "朴英花", "13900010433")},
			Shifts: []routing.Shift{
				{Name: "白班", From: clock("08:00"), To: clock("20:00"), Team: []routing.OfficerID{"jin"}},
				{Name: "夜班", From: clock("20:00"), To: clock("08:00"), Team: []routing.OfficerID{"piao", "jin"}},
			},
		}, routing.Calendar{}),
		routing.NewRota(routing.Post{
			Code: "222404", Name: "珲春市未成年人救助保护中心", Officers: []routing.Officer{officer("cui", "崔哲", "13900020433")},
			Shifts: []routing.Shift{{Name: "白班", From: clock("08:00"), To: clock("17:00"), Team: []routing.OfficerID{"cui"}}},
		}, routing.Calendar{}),
	)
}

// menus are one of two levels, and one in two languages.
func menus() ivr.Book {
	silent := ivr.Choice{Intent: "general"}
	return ivr.Book{
		Menus: map[string]ivr.Menu{
			"main@x": {Keys: map[string]ivr.Choice{"6": {Intent: "minors"}, "2": {Menu: "more@x"}}, Silence: silent, Wrong: silent},
			"more@x": {Keys: map[string]ivr.Choice{"1": {Intent: "report"}, "#": {Intent: "help"}}, Silence: ivr.Choice{Intent: "minors"}, Wrong: silent},
			"ko@y":   {Keys: map[string]ivr.Choice{"6": {Intent: "minors"}, "7": {Intent: "minors", Language: "ko"}}, Silence: silent, Wrong: silent},
		},
		Greeters: map[string]string{"": "main@x", "222400": "ko@y"},
	}
}

// root is a plan with everything that a plan can have.
func root() *routing.Route {
	first := 20
	return &routing.Route{
		Name: "全省", Steps: []routing.PlanStep{
			{Target: target("queue:region")},
			{Target: target("queue:neighbours"), After: 10 * time.Second, Ratio: 2.5},
			{Target: target("queue:province"), After: 20 * time.Second},
			{Target: target("duty:region"), After: 40 * time.Second},
			{Target: target("duty:220000"), After: 2 * time.Minute},
		},
		Children: []*routing.Route{
			{Name: "急：没等到人又打来", Match: []routing.Matcher{match(routing.FactRepeat, routing.RepeatLost)}, Priority: &first},
			{
				Name: "朝鲜语", Match: []routing.Matcher{match(routing.FactLanguage, "ko"), match(routing.FactRegion, "222400", "220100")},
				Steps: []routing.PlanStep{
					{Target: target("queue:region"), Languages: []string{"ko"}},
					{Target: target("pool:all"), After: 15 * time.Second, Languages: []string{"ko"}, Skills: []string{"minors"}},
					{Target: target("duty:222404"), After: time.Minute},
				},
				Children: []*routing.Route{{
					Name: "朝鲜语 夜间", Match: []routing.Matcher{match(routing.FactHours, "夜间")}, Steps: []routing.PlanStep{
						{Target: target("number:12355")}, {Target: target("duty:region"), After: 30 * time.Second},
					},
				}},
			},
			{Name: "举报", Match: []routing.Matcher{match(routing.FactIntent, "report"), match(routing.FactKey, "21")}},
			{Name: "专线", Match: []routing.Matcher{match(routing.FactDialled, "043112345"), match(routing.FactTrunk, "cc-1")}, Children: []*routing.Route{
				{Name: "专线 标记过", Match: []routing.Matcher{match(routing.FactRisk, routing.RiskFlagged)}},
			}},
			{Name: "没有选择", Match: []routing.Matcher{match(routing.FactMissed, ivr.MissedSilence, ivr.MissedWrong)}},
		},
	}
}

// world is a small province around a plan.
func world(route *routing.Route) *configs.Snapshot {
	queues := map[string]routing.Queue{
		"changchun":   {Name: "changchun", Title: "长春未保专席", Region: "220100"},
		"yanbian":     {Name: "yanbian", Title: "延边未保专席", Region: "222400"},
		"province":    {Name: "province", Title: "省级未保坐席"},
		"supervisors": {Name: "supervisors", Title: "班长席"},
	}
	night := routing.NewHours([]routing.Shift{{From: 22 * 60, To: 6 * 60}}, routing.Calendar{}, regions())
	agent := func(id string, languages []string, queues ...string) configs.Agent {
		return configs.Agent{ID: routing.AgentID(id), Name: "坐席" + id, Role: configs.RoleAgent, Queues: queues, Languages: languages, Skills: []string{"minors"}}
	}
	zh, both := []string{"zh"}, []string{"zh", "ko"}
	return &configs.Snapshot{
		Version: "0123456789abcdef",
		Guide: &call.Guide{
			Version: "0123456789abcdef", Regions: regions(), Home: "220100", Menus: menus(), Rotas: rotas(), Supervisors: "supervisors",
			Queues: queues, Plan: routing.NewPlan(routing.Draft{
				Version: "0123456789abcdef", Root: route, Queues: queues, Regions: regions(),
				Pools: map[string][]string{"all": {"changchun", "yanbian", "province"}}, Hours: map[string]routing.Hours{"夜间": night},
			}),
		},
		Agents: []configs.Agent{
			agent("1001", zh, "changchun"), agent("1002", zh, "changchun"), agent("1009", zh, "yanbian"), agent("1010", both, "yanbian"),
			agent("1015", zh, "province"), agent("1019", both, "supervisors"),
			{ID: "admin", Role: configs.RoleAdmin, Queues: []string{"province"}},
		},
	}
}

// randomRoute is a tree of routes with wild names and any matchers.
func randomRoute(r *rand.Rand, depth int) *routing.Route {
	values := map[string][]string{
		routing.FactKey: {"6", "7", "21", "2#"}, routing.FactIntent: {"minors", "report", "help", "general"}, routing.FactMissed: {"silence", "wrong"},
		routing.FactLanguage: {"ko"}, routing.FactRegion: {"220000", "220100", "220800", "222400"}, routing.FactHours: {"夜间"},
		routing.FactRepeat: {routing.RepeatLost}, routing.FactDialled: {"12345", "043112345"}, routing.FactTrunk: {"cc-1"},
	}
	facts := []string{
		routing.FactKey, routing.FactIntent, routing.FactMissed, routing.FactLanguage, routing.FactRegion,
		routing.FactHours, routing.FactRepeat, routing.FactDialled, routing.FactTrunk,
	}
	wild := []string{`"><script>`, "- a list", "名字很长很长很长很长很长很长很长很长很长很长", "a&b;#1", "`**x**`", "end", "한국어", "%%{init}", "一"}
	route := &routing.Route{Name: wild[r.IntN(len(wild))] + fmt.Sprint(r.IntN(1000))}
	for range r.IntN(3) {
		fact := facts[r.IntN(len(facts))]
		var some []string
		for _, v := range values[fact] {
			if r.IntN(2) == 0 {
				some = append(some, v)
			}
		}
		if len(some) > 0 {
			route.Match = append(route.Match, match(fact, some...))
		}
	}
	targets := []string{"queue:region", "queue:neighbours", "queue:province", "pool:all", "number:12355", "duty:222404", "duty:region", "duty:220000", "duty:220800"}
	if depth == 0 || r.IntN(3) == 0 {
		for i := range 1 + r.IntN(6) {
			route.Steps = append(route.Steps, routing.PlanStep{Target: target(targets[r.IntN(len(targets))]), After: time.Duration(i) * 7 * time.Second, Ratio: float64(r.IntN(3))})
		}
	}
	for range r.IntN(5 - depth) {
		route.Children = append(route.Children, randomRoute(r, depth+1))
	}
	return route
}

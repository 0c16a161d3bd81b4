package call

import (
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// testGuide is a small province: two cities, a county, two queues, a duty post.
func testGuide() *Guide {
	zh := func(name string) []ivr.Prompt { return []ivr.Prompt{{Name: name, Lang: "zh"}} }
	regions := routing.NewRegions([]routing.Region{
		{Code: "220000", Name: "吉林省", Police: []string{"04310000000"}},
		{Code: "220100", Name: "长春市", Parent: "220000", AreaCode: "0431"},
		{Code: "222400", Name: "延边州", Parent: "220000", AreaCode: "0433", Police: []string{"04335550110"}},
		{Code: "222404", Name: "珲春市", Parent: "222400", AreaCode: "0433"},
	})
	queues := map[string]routing.Queue{
		"changchun": {Name: "changchun", Region: "220100", RingFor: 15 * time.Second},
		"province":  {Name: "province", RingFor: 15 * time.Second},
	}
	return inLineToo(&Guide{
		Version: "test", Regions: regions, Home: "220100", Queues: queues, Supervisors: "supervisors",
		Rotas:   routing.NewRotas(routing.AllDay("220100", "", "13900000001", "13900000002")),
		Numbers: []string{"043112356"},
		Menus: ivr.Book{
			Menus: map[string]ivr.Menu{"main": {
				Name: "main", Greeting: zh("greeting"),
				Keys: map[string]ivr.Choice{"6": {Intent: "minors"}, "0": {Intent: "general", Act: ivr.ActPerson}},
				Wait: 5 * time.Second, Silence: ivr.Choice{Intent: "general"}, Wrong: ivr.Choice{Intent: "general"},
			}},
			Greeters: map[string]string{"": "main"},
		},
		Plan: routing.NewPlan(routing.Draft{Version: "test", Queues: queues, Regions: regions, Root: &routing.Route{
			Name: "root", Steps: []routing.PlanStep{
				{Target: routing.Target{Kind: routing.ToQueue, Name: "region"}},
				{Target: routing.Target{Kind: routing.ToQueue, Name: "province"}, After: 20 * time.Second, Ratio: 2},
				{Target: routing.Target{Kind: routing.ToDuty, Name: "region"}, After: 40 * time.Second},
			},
		}}),
		Prompts: Prompts{
			Connecting: zh("connecting"), Comfort: zh("comfort"), Closing: zh("closing"), Stay: zh("stay"),
			Promised: zh("promised"), Unpromised: zh("unpromised"), Neutral: zh("neutral"), Goodbye: zh("goodbye"), CallBack: zh("call_back"),
			Region: map[string]ivr.Prompt{"220100": {Name: "region.220100", Lang: "zh"}},
		},
		Times: DefaultTimes(),
	})
}

// inLineToo gives a guide what a caller hears and presses in line.
func inLineToo(g *Guide) *Guide {
	zh := func(name string) []ivr.Prompt { return []ivr.Prompt{{Name: name, Lang: "zh"}} }
	person, wait := ivr.Choice{Act: ivr.ActPerson, Say: zh("person")}, ivr.Choice{Act: ivr.ActWait}
	for name, menu := range map[string]ivr.Menu{
		"line":          {Greeting: zh("keys"), Keys: map[string]ivr.Choice{"1": {Menu: "safe"}, "0": person}},
		"line.withheld": {Greeting: zh("key 0"), Keys: map[string]ivr.Choice{"1": {Act: ivr.ActWait, Say: zh("no number")}, "0": person}},
		"line.settled":  {Greeting: zh("key 0"), Keys: map[string]ivr.Choice{"1": {Menu: "safe"}, "0": person}},
		"safe": {Greeting: zh("safe?"), Keys: map[string]ivr.Choice{
			"1": {Menu: "hours"}, "2": {Act: ivr.ActUnsafe, Say: zh("not rung")}, "0": person,
		}},
		"hours": {Greeting: zh("hours?"), Keys: map[string]ivr.Choice{
			"1": {Act: ivr.ActCallBack}, "2": {Act: ivr.ActCallBack, Hours: "day"}, "0": person,
		}},
	} {
		menu.Name, menu.Wait, menu.Silence, menu.Wrong = name, 5*time.Second, wait, wait
		g.Menus.Menus[name] = menu
	}
	g.Menus.Lines = make(map[ivr.Line]map[string]string)
	for _, line := range ivr.Lines() {
		g.Menus.Lines[line] = map[string]string{"": string(line)}
	}
	g.Prompts.Promised = zh("promised")
	g.Prompts.Place = []PlaceWords{{0, zh("next")}, {1, zh("one")}, {2, zh("two")}, {3, zh("three or more")}}
	g.Prompts.Wait = []WaitWords{
		{0, 2 * time.Minute, zh("to 2")},
		{0, 5 * time.Minute, zh("to 5")},
		{2 * time.Minute, 5 * time.Minute, zh("2 to 5")},
		{5 * time.Minute, 15 * time.Minute, zh("5 to 15")},
	}
	return g
}

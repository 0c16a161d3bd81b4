package configs

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weibao/call"
	"weibao/ivr"
	"weibao/routing"
)

func shippedSnapshot(t testing.TB) *Snapshot {
	t.Helper()
	s, faults := Read(Shipped(), readAt())
	if len(faults) > 0 {
		t.Fatalf("the shipped files have faults:\n%s", faults)
	}
	return s
}

// units are the prefectures of Jilin, their area codes and their county-level
// units by GB/T 2260 (2022-10-31), typed here a second time on purpose.
func units() map[string][]string {
	return map[string][]string{
		"220100 0431": strings.Fields("220102 220103 220104 220105 220106 220112 220113 220122 220182 220183 220184"),
		"220200 0432": strings.Fields("220202 220203 220204 220211 220221 220281 220282 220283 220284"),
		"220300 0434": strings.Fields("220302 220303 220322 220323 220382"),
		"220400 0437": strings.Fields("220402 220403 220421 220422"),
		"220500 0435": strings.Fields("220502 220503 220521 220523 220524 220581 220582"),
		"220600 0439": strings.Fields("220602 220605 220621 220622 220623 220681"),
		"220700 0438": strings.Fields("220702 220721 220722 220723 220781"),
		"220800 0436": strings.Fields("220802 220821 220822 220881 220882"),
		"222400 0433": strings.Fields("222401 222402 222403 222404 222405 222406 222424 222426"),
	}
}

func TestShippedFilesHaveEveryUnitOfJilin(t *testing.T) {
	t.Parallel()
	g := shippedSnapshot(t).Guide
	counted := 0
	for key, counties := range units() {
		city, areaCode, _ := strings.Cut(key, " ")
		for _, code := range append([]string{city}, counties...) {
			region, ok := g.Regions.Find(code)
			if !ok {
				t.Errorf("%s is missing", code)
				continue
			}
			if up, _ := g.Regions.City(code); up.Code != city || region.AreaCode != areaCode {
				t.Errorf("%s %s is in %s with %q, want %s with %q", code, region.Name, up.Code, region.AreaCode, city, areaCode)
			}
			if got, want := g.Regions.PoliceRoutes(code)[0], areaCode+"110"; got != want {
				t.Errorf("police of %s: %s first, want %s", code, got, want)
			}
		}
		counted += len(counties)
	}
	if own := 5; counted != 60 || len(g.Regions.All()) != 60+9+own {
		t.Errorf("%d county-level units and %d regions, want 60 and %d", counted, len(g.Regions.All()), 60+9+own)
	}
}

func TestEveryRegionHasPoliceDutyMenuAndPrompts(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	g := s.Guide
	for _, region := range g.Regions.All() {
		routes := g.Regions.PoliceRoutes(region.Code)
		if len(routes) < 2 && region.Parent != "" {
			t.Errorf("%s %s has police %v, want a second number", region.Code, region.Name, routes)
		}
		duty, on := g.Rotas.On(g.Regions, region.Code, time.Time{})
		if !on || len(duty.Numbers) == 0 {
			t.Errorf("%s %s has nobody on duty", region.Code, region.Name)
		}
		walk, greeting := g.Menus.Start(region.Code)
		if walk, _ = g.Menus.Next(walk, ivr.Input{Key: "6"}); !walk.Done || walk.Intent != "minors" {
			t.Errorf("%s: key 6 gives %+v", region.Code, walk)
		}
		said := append(greeting, g.Prompts.Region[region.Code])
		for _, p := range slices.Concat(said, g.Prompts.Connecting, g.Prompts.Comfort, g.Prompts.Closing, g.Prompts.Stay, inLine(g, region.Code)) {
			if !spoken(s, p) {
				t.Errorf("%s: no text for %+v", region.Code, p)
			}
		}
	}
	for _, key := range []string{"6", ivr.MissedSilence, ivr.MissedWrong} {
		if !spoken(s, g.Prompts.Key[key]) {
			t.Errorf("no whisper for key %q", key)
		}
	}
}

// inLine is all that a caller of a region may hear in line.
func inLine(g *call.Guide, region string) []ivr.Prompt {
	said := slices.Clone(g.Prompts.Promised)
	for _, words := range g.Prompts.Place {
		said = append(said, words.Say...)
	}
	for _, words := range g.Prompts.Wait {
		said = append(said, words.Say...)
	}
	for _, line := range ivr.Lines() {
		if walk, any := g.Menus.InLine(line, region); any {
			said = append(said, g.Menus.Greeting(walk)...)
		}
	}
	return said
}

func spoken(s *Snapshot, p ivr.Prompt) bool {
	return slices.ContainsFunc(s.Prompts, func(text PromptText) bool {
		return text.Name == p.Name && text.Lang == p.Lang && text.Text != ""
	})
}

func TestNodesOutsideTheStandard(t *testing.T) {
	t.Parallel()
	g := shippedSnapshot(t).Guide
	if duty, _ := g.Rotas.On(g.Regions, "220581", time.Time{}); duty.Post != "220000" {
		t.Errorf("duty of 梅河口 is %s, want the province although its code is under 通化", duty.Post)
	}
	for code, first := range map[string]string{"changbaishan-chibei": "0433110", "changbaishan-chixi": "0439110", "changbaishan-chinan": "0439110", "changbaishan": "0433110"} {
		if got := g.Regions.PoliceRoutes(code)[0]; got != first {
			t.Errorf("police of %s: %s first, want %s", code, got, first)
		}
		if city, _ := g.Regions.City(code); city.Code != "changbaishan" {
			t.Errorf("%s belongs to %s", code, city.Code)
		}
	}
	if region, ok := g.Regions.OfNumber("043312345"); !ok || region.Code != "222400" {
		t.Errorf("043312345 is of %s, want Yanbian", region.Code)
	}
}

func TestYanbianIsGreetedInChineseThenKorean(t *testing.T) {
	t.Parallel()
	_, greeting := shippedSnapshot(t).Guide.Menus.Start("222400")
	want := []ivr.Prompt{
		{Name: "greeting.222400", Lang: "zh"},
		{Name: "choose.minors", Lang: "zh"},
		{Name: "greeting.222400", Lang: "ko"},
		{Name: "choose.minors", Lang: "ko"},
	}
	if !slices.Equal(greeting, want) {
		t.Errorf("got %v, want %v", greeting, want)
	}
}

func TestShippedSpeechIsShortEvenSpokenSlowly(t *testing.T) {
	t.Parallel()
	src := load(Shipped(), promptsName)
	b := readPrompts(src)
	for code := range shippedSnapshot(t).Guide.Prompts.Region {
		region, _ := shippedSnapshot(t).Guide.Regions.City(code)
		speech := b.length("greeting."+region.Code, "zh") + b.length("choose.minors", "zh")
		if slow := speech * 4 / 3; slow > firstChance {
			t.Errorf("%s: %s at three syllables a second", code, slow)
		}
	}
}

func TestShippedSeats(t *testing.T) {
	t.Parallel()
	s := shippedSnapshot(t)
	byID := make(map[routing.AgentID]Agent)
	for _, a := range s.Agents {
		byID[a.ID] = a
	}
	for _, row := range []struct {
		from, to      int
		region, queue string
	}{
		{1001, 1008, "220100", "changchun"}, {1009, 1010, "222400", "yanbian"}, {1015, 1018, "220000", "province"}, {1019, 1020, "220000", "supervisors"},
	} {
		for id := row.from; id <= row.to; id++ {
			a := byID[routing.AgentID(strconv.Itoa(id))]
			if a.Region != row.region || !slices.Contains(a.Queues, row.queue) || !a.TakesCalls() {
				t.Errorf("%d is %+v, want %s in %s", id, a, row.queue, row.region)
			}
		}
	}
	cities := make(map[string]bool)
	for id := 1011; id <= 1014; id++ {
		cities[byID[routing.AgentID(strconv.Itoa(id))].Region] = true
	}
	if len(cities) != 4 || !slices.Contains(byID["1010"].Languages, "ko") || byID["admin"].TakesCalls() {
		t.Errorf("cities of 1011 to 1014: %v; 1010: %+v; admin: %+v", slices.Collect(maps.Keys(cities)), byID["1010"], byID["admin"])
	}
	if s.Fallback == "" || s.Guide.Supervisors != "supervisors" || s.Guide.Home != "220100" {
		t.Errorf("fallback %q, supervisors %q, home %q", s.Fallback, s.Guide.Supervisors, s.Guide.Home)
	}
}

func TestEveryShippedCallReachesAPerson(t *testing.T) {
	t.Parallel()
	g := shippedSnapshot(t).Guide
	for _, region := range g.Regions.All() {
		city, _ := g.Regions.City(region.Code)
		for _, intent := range []string{"minors", "general", ""} {
			d := g.Plan.Decide(routing.Request{Region: city.Code, Facts: map[string]string{"intent": intent}})
			last := routing.Target{}
			if len(d.Steps) > 0 {
				last = d.Steps[len(d.Steps)-1].Target
			}
			duty, on := g.Rotas.On(g.Regions, last.Name, time.Time{})
			if last.Kind != routing.ToDuty || !on || len(duty.Numbers) == 0 {
				t.Errorf("%s, intent %q: ends at %s with %v", region.Code, intent, last, duty)
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, faults := Read(Shipped(), readAt()); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

func TestALimitedNumberReachesAPersonAndGainsNothingByCallingAgain(t *testing.T) {
	t.Parallel()
	g := shippedSnapshot(t).Guide
	for _, row := range []struct {
		facts    map[string]string
		priority int
	}{
		{nil, 0},
		{map[string]string{routing.FactRisk: routing.RiskLimited}, 0},
		{map[string]string{routing.FactRisk: routing.RiskLimited, routing.FactRepeat: routing.RepeatLost}, 0},
		{map[string]string{routing.FactRepeat: routing.RepeatLost}, 20},
		{map[string]string{routing.FactRisk: routing.RiskFlagged}, 30},
	} {
		d := g.Plan.Decide(routing.Request{Region: "222400", Key: "6", Intent: "minors", Facts: row.facts, At: readAt()})
		if last := d.Steps[len(d.Steps)-1]; d.Priority != row.priority || last.Target.Kind != routing.ToDuty {
			t.Errorf("%v: priority %d and at last %s, want %d and a duty officer", row.facts, d.Priority, last.Target, row.priority)
		}
	}
}

func TestAFileThatCanNotBeReadIsTheOnlyOneBlamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plan.yaml", "queues.yaml", "prompts.yaml", "menus/line.yaml"} {
		files := shippedFiles(t)
		files[name] = &fstest.MapFile{Data: append(slices.Clone(files[name].Data), "\n  bad: [\n"...)}
		_, faults := Read(files, readAt())
		if len(faults) == 0 {
			t.Errorf("%s: nothing is wrong", name)
		}
		for _, fault := range faults {
			if fault.File != name {
				t.Errorf("%s is broken, and this is said of another file:\n%s", name, fault)
			}
		}
	}
}

package configs

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weibao/routing"
)

// planText writes a random plan as an admin might, with mistakes in it.
func planText(rng *rand.Rand) string {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	steps := func(indent string, taken int) string {
		all := []string{"queue:province", "queue:region", "pool:all", "queue:neighbours", "number:12356", "duty:220000", "duty:222404", mistake(rng, "queue:nowhere", "duty:222400")}
		rest := all[taken:]
		rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		var b strings.Builder
		after := taken
		for i, to := range rest[:1+rng.IntN(4)] {
			more := mistake(rng, ", after: 0s, after: 1s", "")
			switch {
			case i+taken > 0 && rng.IntN(3) == 0:
				more = ", ratio: 2"
			case !strings.HasPrefix(to, "duty") && !strings.HasPrefix(to, "number") && rng.IntN(3) == 0:
				more = ", languages: [zh]"
			}
			fmt.Fprintf(&b, "%s- {to: %s, after: %ds%s}\n", indent, to, after, more)
			after += rng.IntN(30)
		}
		if last := mistake(rng, "", "duty:region"); last != "" {
			fmt.Fprintf(&b, "%s- {to: %s, after: %ds}\n", indent, last, after)
		}
		return b.String()
	}
	names := 0
	var routes func(indent string, depth int) string
	routes = func(indent string, depth int) string {
		var b strings.Builder
		for range rng.IntN(4) {
			names++
			match := pick(`key: "6"`, `key: ["6", ""]`, `region: "222400"`, `region: ["220100", "220000"]`, "intent: minors", "missed: [silence, wrong]",
				"repeat: lost", "risk: flagged", "hours: 夜间", `dialled: "12345"`, "trunk: e1", mistake(rng, `key: "9"`, "trunk: e2"), mistake(rng, `region: "222404"`, `region: "220000"`))
			fmt.Fprintf(&b, "%s- name: 路由%d\n%s  match: {%s}\n", indent, names, indent, match)
			if rng.IntN(2) == 0 {
				b.WriteString(indent + "  steps:\n" + steps(indent+"    ", 0))
			}
			if rng.IntN(3) == 0 {
				fmt.Fprintf(&b, "%s  priority: %d\n", indent, rng.IntN(41))
			}
			if below := ""; depth > 0 {
				if below = routes(indent+"    ", depth-1); below != "" {
					b.WriteString(indent + "  routes:\n" + below)
				}
			}
		}
		return b.String()
	}
	text := "plan:\n  name: 全省\n  steps:\n    - {to: queue:province}\n    - {to: queue:region, after: 1s}\n    - {to: pool:all, after: 2s}\n" + steps("    ", 3)
	if below := routes("    ", 2); below != "" {
		text += "  routes:\n" + below
	}
	if strings.Contains(text, "夜间") {
		text += "hours:\n  夜间: [{from: \"22:00\", to: \"06:00\"}]\n"
	}
	return text + "numbers: [\"12356\"]\n"
}

// mistake is the first now and then, else the second.
func mistake(rng *rand.Rand, wrong, right string) string {
	if rng.IntN(12) == 0 {
		return wrong
	}
	return right
}

// TestNoPlanThatLoadsHasARequestWithoutAPerson is promise 2 over all files: of
// any plan that the reader takes, any call at any hour ends with a telephone
// that somebody has on duty.
func TestNoPlanThatLoadsHasARequestWithoutAPerson(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	loaded, refused := 0, 0
	for range plans(t) {
		files := base(t)
		files["plan.yaml"] = &fstest.MapFile{Data: []byte(planText(rng))}
		files["queues.yaml"] = &fstest.MapFile{Data: append(files["queues.yaml"].Data, "pools:\n  all: [changchun, province]\n"...)}
		s, faults := Read(files, readAt())
		if len(faults) > 0 {
			refused++
			continue
		}
		loaded++
		for range 40 {
			at := readAt().Add(time.Duration(rng.IntN(29*24*60)) * time.Minute)
			mustReach(t, s, randomCall(rng, at), string(files["plan.yaml"].Data))
		}
	}
	if loaded < 100 || refused < 100 {
		t.Errorf("%d plans loaded, %d refused: the test has shown too little", loaded, refused)
	}
}

// plans is how many random plans are tried: WEIBAO_PLANS, or what CI has time
// for.
func plans(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("WEIBAO_PLANS"), "600"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func randomCall(rng *rand.Rand, at time.Time) routing.Request {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	return routing.Request{
		Region: pick("220000", "220100", "222400", "222404", "999999"), Key: pick("", "6", "9"), Intent: pick("minors", "general"),
		Missed: pick("", "silence", "wrong"), Dialled: pick("12345", "043312345"), Trunk: pick("e1", "anonymous"), At: at,
		Facts: map[string]string{pick(routing.FactRepeat, "x"): routing.RepeatLost, pick(routing.FactRisk, "y"): pick(routing.RiskFlagged, routing.RiskLimited)},
	}
}

// mustReach fails when a call could end with nobody.
func mustReach(t *testing.T, s *Snapshot, r routing.Request, plan string) {
	t.Helper()
	d := s.Guide.Plan.Decide(r)
	if len(d.Steps) == 0 {
		t.Fatalf("%+v has no step in\n%s", r, plan)
	}
	line := d.Timeline(func([]routing.Want) routing.Load { return routing.Load{} })
	last := line[len(line)-1]
	if last.Step.Target.Kind != routing.ToDuty || last.After > 10*time.Minute {
		t.Fatalf("%+v ends with %s after %s in\n%s", r, last.Step.Target, last.After, plan)
	}
	region := last.Step.Target.Name
	if _, known := s.Guide.Regions.Find(region); !known {
		return // a region that no call has: OfCall gives none
	}
	if duty, on := s.Guide.Rotas.On(s.Guide.Regions, region, r.At); !on || len(duty.Numbers) == 0 {
		t.Fatalf("%+v: nobody is on duty for %s in\n%s", r, region, plan)
	}
}

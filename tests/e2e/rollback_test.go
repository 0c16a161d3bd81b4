package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weibao/configs"
	"weibao/record"
	"weibao/routing"
	"weibao/tests/stage"
)

func TestARollbackIsForNewCallsAtOnceAndOutlivesARestart(t *testing.T) {
	t.Parallel()
	s, li, child, _ := scene(t)
	x, plan, admin := s.Version(), s.Text(planFile), s.Administrator()
	admin.IsToldNo("/-/rollback", http.StatusConflict)
	s.Write(planFile, marked(plan))
	y := s.Version()
	s.InUse(y)
	second, third := s.Citizen("13800000002"), s.Citizen("13800000003")
	second.ComesBy("220200")
	s.InPhase(second, "waiting") // decided about by the new version
	admin.Does("/-/rollback")
	c := s.Configuration()
	if c.Version != x || c.How != "rollback" || c.By != "admin" || c.Instead != y || c.Files != y || !c.Good || !strings.Contains(c.Said, "rolled back from "+y+" by admin") {
		t.Errorf("after the rollback: %+v", c)
	}
	if text := admin.IsToldNo("/-/rollback", http.StatusConflict); !strings.Contains(text, "不能再退") {
		t.Errorf("a second one: %s", text)
	}
	third.Dials("12345", "X-Region", "220200")
	if s.Text(planFile) != marked(plan) {
		t.Error("the rollback has touched the files")
	}
	for p, version := range map[*stage.Person]string{second: y, third: x} {
		p.HangsUp()
		if r := s.Record(p); r.Guide != version {
			t.Errorf("%s has guide %s, want %s", p.Name, r.Guide, version)
		}
		agrees(t, s, p)
	}
	s.KillGateway()
	s.StartGateway()
	if c := s.Configuration(); c.Version != x || c.How != "rollback" || c.By != "admin" || c.Files != y {
		t.Errorf("after the restart: %+v", c)
	}
	child.Hears(li)
	s.Write(planFile, marked(plan)) // an event, and the same content
	admin = s.Administrator()
	admin.Does("/-/reload")
	if c := s.Configuration(); c.Version != y || c.How != "reload" || c.By != "admin" {
		t.Errorf("after the reload: %+v", c)
	}
	child.HangsUp()
	if r := s.Record(child); r.Guide != x {
		t.Errorf("the first call has guide %s, want %s", r.Guide, x)
	}
}

func TestAGatewayRestartsWithARotaThatHasComeToAGapButTakesNoNewOne(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	first, rota := s.Version(), s.Text("rota/222400-yanbian.yaml")
	aged := aRotaThatEnds(t, s)
	s.Until("the gap is told", func() bool { return !s.Configuration().Good })
	if c := s.Configuration(); c.Version != first || !strings.Contains(strings.Join(c.Faults, "\n"), "rota/") {
		t.Errorf("a new rota with a gap: %+v", c)
	}
	s.KillGateway()
	s.StartGateway()
	if c := s.Configuration(); c.Version != first || c.Good {
		t.Errorf("a start with a rota that was never in use: %+v", c)
	}
	s.KillGateway()
	wasInUse(t, s, aged)
	s.StartGateway()
	if c := s.Configuration(); c.Version != aged.Version || c.Good || len(c.Faults) == 0 {
		t.Errorf("after the restart: %+v", c)
	}
	if left := s.Metric("weibao_rota_covered_seconds"); left <= 0 || left > 11*24*3600 {
		t.Errorf("covered for %v s", left)
	}
	li, child := s.Seat("1001"), s.Citizen("13800000001")
	child.ComesBy("220100")
	li.Answers()
	child.Hears(li)
	child.HangsUp()
	if r := s.Record(child); r.Guide != aged.Version {
		t.Errorf("guide %s, want %s", r.Guide, aged.Version)
	}
	s.Write("rota/222400-yanbian.yaml", rota)
	s.InUse(first)
}

// aRotaThatEnds writes a rota of which a post has nobody from the tenth day
// on, and returns the configuration with it.
func aRotaThatEnds(t *testing.T, s *stage.Stage) *configs.Snapshot {
	t.Helper()
	today := time.Now().In(routing.Beijing())
	s.Write("rota/222400-yanbian.yaml", fmt.Sprintf(`posts:
  "222400":
    name: 延边州
    officers: {jin: {name: 金, numbers: ["13900000433"]}}
    shifts:
      - {name: 先, dates: %s..%s, on: jin}
`, today.AddDate(0, 0, -1).Format(time.DateOnly), today.AddDate(0, 0, 9).Format(time.DateOnly)))
	snapshot, faults := configs.Read(os.DirFS(s.Folder()), time.Now())
	if snapshot == nil || !faults.Aged() {
		t.Fatalf("the faults are not only gaps:\n%s", faults)
	}
	return snapshot
}

// wasInUse writes into the journal what it would say, had the configuration
// been loaded a month ago. The gateway must not run.
func wasInUse(t *testing.T, s *stage.Stage, c *configs.Snapshot) {
	t.Helper()
	data := filepath.Join(filepath.Dir(s.Folder()), "var")
	store, err := record.Prepare("sqlite:" + filepath.Join(data, "weibao.db"))
	if err != nil {
		t.Fatal(err)
	}
	registry, err := record.New(record.Options{Journal: record.JournalOptions{Dir: filepath.Join(data, "journal")}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	month := record.GuideUse{Version: c.Version, At: record.MomentOf(time.Now().AddDate(0, -1, 0)), How: "files"}
	if err := errors.Join(registry.Guide(t.Context(), c.Version, c.Text()), registry.UseGuide(t.Context(), month), registry.Close(t.Context()), store.Close()); err != nil {
		t.Fatal(err)
	}
}

// agrees explains a call that is over from its record, and compares.
func agrees(t *testing.T, s *stage.Stage, p *stage.Person) {
	t.Helper()
	out, err := s.Weibao("explain", "--record", string(s.Record(p).ID), "--config", s.Config())
	if err != nil || !strings.Contains(out, "与记录一致") {
		t.Errorf("explain --record of %s: %v\n%s", p.Name, err, out)
	}
}

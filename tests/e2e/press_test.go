package e2e

import (
	"strings"
	"testing"
	"time"

	"weibao/record"
	"weibao/record/storetest"
	"weibao/tests/stage"
)

func TestTheSeatTypesStar110AndNobodyIsDisturbedByTheKeys(t *testing.T) {
	t.Parallel()
	s, li, child, id := scene(t)
	li.Presses("*110")
	police := s.Police.Takes()
	if police.Name != "0431110" {
		t.Errorf("dialled %s, want the police of the city that was called", police.Name)
	}
	police.Answers()
	child.Hears(li, police)
	pressed := time.Now()
	li.Presses("*110") // again: no second call
	if gap := child.LongestAlone(pressed, time.Now(), police); gap > 300*time.Millisecond {
		t.Errorf("the keys of the seat took the police away from the child for %s", gap)
	}
	if heard := child.Call.Digits() + police.Call.Digits(); heard != "" {
		t.Errorf("the others got the keys %q", heard)
	}
	li.Asks(id, "note", map[string]any{"fields": map[string]string{"what": "门反锁了"}})
	li.Asks(id, "transfer/handover", nil)
	child.Hears(police)
	child.HangsUp()
	if r := s.Record(child); len(r.Transfers) != 1 || len(r.Transfers[0].Attempts) != 1 {
		t.Errorf("transfers %+v", r.Transfers)
	}
	f := s.Filings()
	if len(f) != 1 || f[0].Category != "其他" || f[0].Notice == "" || f[0].Outcome != "handed_over" || f[0].Form["what"] != "门反锁了" {
		t.Fatalf("filings %+v", f)
	}
	li.Enters(f[0].Number, "category", map[string]string{"category": "家暴"})
	li.Enters(f[0].Number, "police-case", map[string]string{"case": "长公110-7"})
	if sheet := li.Filed(f[0].Number, "sheet"); !strings.Contains(sheet, "13800000001") || !strings.Contains(sheet, "长公110-7") || !strings.Contains(sheet, "虐待") {
		t.Errorf("sheet %s", sheet)
	}
	if out, err := s.Weibao("record", "sheet", f[0].Number, "--config", s.Config()); err != nil || !strings.Contains(out, "回拨电话：13800000001") {
		t.Errorf("%v %s", err, out)
	}
}

// The worst hour: no Redis, no database, a full disk, somebody who reloads the
// configuration all the time, and others who talk. How fast 110 leaves then is
// measured by tests/bench/press.
func Test110LeavesWithoutRedisDatabaseAndDiskWhileTheConfigurationIsReloaded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		nothing bool // not even the journal's reserve is left
	}{{"the journal has its reserve", false}, {"nothing can be written", true}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			database := storetest.StartPostgres(t)
			s, li, child, id := scene(t, noRest(), stage.Environment("WEIBAO_RECORD_DSN="+database.New()))
			other, next := s.Seat("1002"), s.Citizen("13800000002")
			next.ComesBy("220100")
			other.Answers()
			next.Hears(other)
			s.KillRedis()
			database.Stop()
			s.FillsDisk(row.nothing)
			for range 5 { // the last of them are still under way at the press
				s.HangUpSignal()
			}
			li.Presses110(id, hunchun, "被殴打")
			police := s.Police.Takes()
			police.Answers()
			child.Hears(li, police)
			next.Hears(other)
			in := s.InTransfer(id, "introduced")
			if in.Transfer.Filing == "" {
				t.Error("the seat's screen has no number of the filing")
			}
			if sheet := li.Filed(in.Transfer.Filing, "sheet"); !strings.Contains(sheet, "13800000001") {
				t.Errorf("sheet without the database: %s", sheet)
			}
			if row.nothing && s.Metric(`weibao_record_alarms_total{what="journal_write"}`) == 0 {
				t.Error("nothing is written, and nobody is alarmed")
			}
			li.Asks(id, "transfer/handover", nil)
			child.Hears(police)
			s.FreesDisk()
			database.Start()
			s.RestartRedis()
			s.FloorRecovers()
			child.HangsUp()
			next.HangsUp()
			s.Record(child)
			s.Record(next)
			var f []record.Filing
			s.Until("the filing has its outcome in the database", func() bool {
				f = s.Filings()
				return len(f) == 1 && f[0].Outcome == "handed_over"
			})
			if !strings.HasPrefix(f[0].Number, in.Transfer.Filing[:len("JL-20261123-0001")]) || f[0].Category != "暴力侵害" && f[0].Category != "其他" {
				t.Errorf("filing %+v", f[0])
			}
			if owed := s.FollowUps(); len(owed) != 0 {
				t.Errorf("promise 3 is broken: %+v", owed)
			}
		})
	}
}

func TestAGatewayThatIsKilledAtThePressLeavesNo110WithoutAFilingAndNoFilingWithoutOutcome(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		after time.Duration // from the press to the kill
	}{{"at once", 0}, {"while the filing is written", 2 * time.Millisecond}, {"while 110 is dialled", 10 * time.Millisecond}, {"when it rings", 300 * time.Millisecond}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s, li, child, id := scene(t)
			pressed := make(chan struct{})
			go func() {
				defer close(pressed)
				li.Tries110(id, hunchun)
			}()
			s.Passes(row.after)
			s.KillGateway()
			<-pressed
			s.StartGateway()
			child.Hears(li)
			child.HangsUp()
			li.HangsUp()
			s.Record(child)
			s.Until("every filing has an outcome", func() bool {
				for _, f := range s.Filings() {
					if f.Outcome == "" {
						return false
					}
				}
				return true
			})
			for _, r := range s.Records(child) {
				for _, tr := range r.Transfers {
					if len(tr.Attempts) > 0 && tr.Filing == "" {
						t.Errorf("110 without a filing: %+v", tr)
					}
				}
			}
			if got := s.Metric(`weibao_follow_ups_open{kind="unfiled"}`) + s.Metric(`weibao_follow_ups_open{kind="unconcluded"}`); got != 0 {
				t.Errorf("%v breaches of promise 3", got)
			}
		})
	}
}

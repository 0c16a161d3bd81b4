package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/record"
)

// lastYear is when the calls of these tests came.
func lastYear() time.Time {
	return time.Date(2025, 10, 1, 2, 0, 0, 0, time.FixedZone("", 8*60*60))
}

// old is the record of a call through Yanbian's line, as a gateway with the
// shipped configuration made it.
func old(t *testing.T) (record.Record, record.GuideText) {
	t.Helper()
	s, faults, err := configs.ReadText(shippedText(t), lastYear())
	if err != nil || s == nil {
		t.Fatal(err, faults)
	}
	at := record.MomentOf(lastYear())
	return record.Record{
		ID: "01JD", Guide: s.Version, Caller: "13800000001", Dialled: "12345", Region: "222400", Keys: "6", Intent: "minors",
		Route: decided(t, s), Agent: "1009", Outcome: call.Answered, ArrivedAt: at, Recording: record.Recording{},
		Journey: []record.Entry{
			{At: at, What: "ARRIVE"},
			{At: at, What: "ROUTE", More: "全省"},
			{At: at, What: "STEP", More: "queue:elsewhere"}, // of the first search
			{At: at, What: "ROUTE", More: "全省"},
			{At: at, What: "STEP", More: "queue:yanbian"},
		},
	}, record.GuideText{Version: s.Version, Text: s.Text()}
}

func shippedText(t *testing.T) string {
	t.Helper()
	s, faults := configs.Read(configs.Shipped(), lastYear())
	if s == nil {
		t.Fatal(faults)
	}
	return s.Text()
}

// decided is the route of the old call.
func decided(t *testing.T, s *configs.Snapshot) string {
	t.Helper()
	e, err := explain(s, question{dialled: "12345", region: "222400", keys: "6", at: lastYear().Format(time.RFC3339)})
	if err != nil {
		t.Fatal(err)
	}
	return e.Route
}

func TestARecordAgreesWithItsOwnConfigurationAndDiffersWhereItSaysOtherwise(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*record.Record)
		differ []string
	}{
		"as it was": {func(*record.Record) {}, nil},
		"hung up in the greeting": {func(r *record.Record) {
			r.Keys, r.Intent, r.Route, r.Journey = "", "", "", r.Journey[:1]
		}, nil},
		"another route":   {func(r *record.Record) { r.Route = "别处" }, []string{"路由"}},
		"another intent":  {func(r *record.Record) { r.Intent = "general" }, []string{"来意"}},
		"another step":    {func(r *record.Record) { r.Journey[4].More = "queue:jilin" }, []string{"步骤"}},
		"another version": {func(r *record.Record) { r.Guide = "0123456789abcdef" }, []string{"版本"}},
		"more steps than there are": {func(r *record.Record) {
			for range 9 {
				r.Journey = append(r.Journey, r.Journey[4])
			}
		}, []string{"步骤"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, kept := old(t)
			row.change(&r)
			e, err := explainAgain(r, kept, "zh")
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Differs) != len(row.differ) {
				t.Fatalf("differs in %v, want %v", e.Differs, row.differ)
			}
			for i, what := range row.differ {
				if !strings.Contains(e.Differs[i], what) {
					t.Errorf("differs in %s, want %s", e.Differs[i], what)
				}
			}
			var out bytes.Buffer
			if e.print(streams{out: &out}); strings.Contains(out.String(), "13800000001") || !strings.Contains(out.String(), "延边") {
				t.Errorf("printed\n%s", &out)
			}
		})
	}
}

func TestACallOfLastYearIsExplainedFromTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, kept := old(t)
	dsn := "sqlite:" + filepath.Join(dir, "records.db")
	store, err := record.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	other := r
	other.ID, other.Route = "01JE", "别处"
	lost := r
	lost.ID, lost.Guide = "01JF", "0123456789abcdef"
	if err := errors.Join(store.Apply(t.Context(), record.Batch{Journal: "j", Changes: []record.Change{r, other, lost, kept}}), store.Close()); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "gateway.yaml")
	writeFile(t, config, "record: {dsn: \""+dsn+"\"}\n")
	for id, row := range map[string]struct {
		code int
		want string
	}{
		"01JD": {exitGood, "与记录一致"},
		"01JE": {exitNo, "当时 别处"},
		"01JF": {exitNotDone, "0123456789abcdef"},
		"none": {exitNotDone, "none"},
	} {
		for _, form := range []string{"", "--json"} {
			var out bytes.Buffer
			args := []string{"explain", "--record", id, "--config", config}
			if form != "" {
				args = append(args, form)
			}
			if code := run(args, streams{out: &out, err: &out}); code != row.code || !strings.Contains(out.String(), row.want) && form == "" {
				t.Errorf("%s %s: exit %d, want %d and %q in\n%s", id, form, code, row.code, row.want, &out)
			}
		}
	}
}

package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weibao/configs"
	"weibao/record"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// kept is the part of the gateway that keeps configurations, on a journal of
// its own.
func kept(t *testing.T, dir string) *App {
	t.Helper()
	store, err := record.Prepare("sqlite:" + filepath.Join(dir, "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	registry, err := record.New(record.Options{Journal: record.JournalOptions{Dir: filepath.Join(dir, "journal")}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(registry.Close(t.Context()), store.Close()) })
	return &App{registry: registry, store: store, log: slog.New(slog.DiscardHandler)}
}

func TestTheJournalKnowsWhatWasInUseBefore(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	a := kept(t, dir)
	s, faults := configs.Read(configs.Shipped(), time.Now())
	if s == nil {
		t.Fatal(faults)
	}
	var history configs.History = past{a.registry}
	if history.Known(ctx, s.Version) || len(history.Uses()) != 0 {
		t.Error("something is known before anything was in use")
	}
	use := configs.Use{Version: s.Version, At: time.Now(), How: configs.RolledBack, By: "admin", Instead: "0123456789abcdef"}
	a.keepGuide(ctx, s, use)
	uses := history.Uses()
	if len(uses) != 1 || uses[0].Version != use.Version || uses[0].How != use.How || uses[0].By != "admin" || uses[0].Instead != use.Instead {
		t.Fatalf("uses %+v", uses)
	}
	head := a.registry.Head()
	a.keepGuide(ctx, s, uses[0])
	if a.registry.Head() != head {
		t.Error("what the journal says already was written again")
	}
	text, err := history.Text(ctx, s.Version)
	if err != nil || text != s.Text() || !history.Known(ctx, s.Version) || history.Known(ctx, "0123456789abcdef") {
		t.Errorf("text of %d bytes, want %d: %v", len(text), len(s.Text()), err)
	}
}

func TestSettingsThatWaitForARestartAreNamed(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "gateway.yaml")
	writeFile(t, config, "node: one\n")
	settings, err := configs.ReadSettings(config)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{settings: settings, at: &where{config: config}}
	for text, want := range map[string][]string{
		"node: one\n":                          nil,
		"node: two\nredis: {prefix: \"b:\"}\n": {"node", "redis.prefix"},
		"nod: one\n":                           {config},
	} {
		writeFile(t, config, text)
		if got := a.restart(); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestHowTheConfigurationStandsIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	use := configs.Use{Version: "x", At: lastYear(), How: configs.FromFiles}
	back, asked := use, use
	back.How, back.By, back.Instead = configs.RolledBack, "admin", "y"
	asked.How, asked.By = configs.Reloaded, "SIGHUP"
	for want, last := range map[string]configs.Result{
		"[version x is in use since 2025-10-01 02:00:00 +08:00]":                     {Version: "x", Files: "x", Use: use},
		"[version x is in use since 2025-10-01 02:00:00 +08:00, reloaded by SIGHUP]": {Version: "x", Files: "x", Use: asked},
		", rolled back from y by admin; the files hold y]":                           {Version: "x", Files: "y", Use: back},
		", rolled back from y by admin; the last reading had 1 faults]":              {Version: "x", Use: back, Faults: make(configs.Faults, 1)},
		"起使用版本 x，由 admin 从 y 退回；文件里是 y":                                              {Version: "x", Files: "y", Use: back},
	} {
		if got := said(last); !strings.Contains(got, want) {
			t.Errorf("said %s, want %s", got, want)
		}
	}
}

func TestAReloadSaysWhatItDoesNotBring(t *testing.T) {
	t.Parallel()
	first := &configs.Snapshot{
		Prompts: []configs.PromptText{{Name: "choose", Lang: "zh", Text: "请按6"}}, Fallback: "13900002200",
		Agents: []configs.Agent{{ID: "1001", Role: configs.RoleAgent}},
	}
	if waits := outside(first, first); len(waits) > 0 {
		t.Errorf("nothing has changed: %v", waits)
	}
	now := *first
	now.Prompts = []configs.PromptText{{Name: "choose", Lang: "zh", Text: "请按8"}}
	now.Agents = append(slices.Clone(now.Agents), configs.Agent{ID: "1021", Role: configs.RoleAgent}, configs.Agent{ID: "zhang", Role: configs.RoleProvince})
	now.Fallback = "13900002201"
	waits := strings.Join(outside(first, &now), "\n")
	for _, want := range []string{"make setup", "新坐席 1021", "fallback"} {
		if !strings.Contains(waits, want) {
			t.Errorf("%q is not in\n%s", want, waits)
		}
	}
	if strings.Contains(waits, "zhang") {
		t.Errorf("a login without a telephone:\n%s", waits)
	}
}

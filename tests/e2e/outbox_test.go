package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"weibao/record"
	"weibao/tests/stage"
)

// told is what the system of the province was told.
type told struct {
	Type string
	Data record.Filing
	id   string
}

// platform is the system of the province behind a web hook. While it is ill it
// answers 500.
func platform(t *testing.T) (option stage.Option, heard <-chan told, ill *atomic.Bool) {
	t.Helper()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	judge, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	letters := make(chan told, 20)
	ill = new(atomic.Bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = judge.Verify(text, r.Header)
		}
		letter := told{id: r.Header.Get("webhook-id")}
		if err == nil {
			err = json.Unmarshal(text, &letter)
		}
		if err != nil {
			t.Errorf("the web hook got what it can not take: %v", err)
		}
		if ill.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		letters <- letter
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hooks := "hooks:\n  platform: {url: \"" + server.URL + "\", secret_file: \"" + file + "\", owner: 省平台运维}\n"
	return stage.With("receivers.yaml", "give_up: 24h", hooks+"give_up: 24h"), letters, ill
}

// next waits for what the platform is told next.
func next(t *testing.T, heard <-chan told) told {
	t.Helper()
	select {
	case letter := <-heard:
		return letter
	case <-time.After(time.Minute):
		t.Fatal("the province is told nothing")
		return told{}
	}
}

// TestTheProvinceIsToldOfAFilingWhile110RingsAndOfItsOutcomeAfterARestart has
// the web hook fail until the gateway was killed and started anew.
func TestTheProvinceIsToldOfAFilingWhile110RingsAndOfItsOutcomeAfterARestart(t *testing.T) {
	t.Parallel()
	hook, heard, ill := platform(t)
	s, li, child, id := scene(t, hook)
	li.Asks110(id, hunchun)
	police := s.Police.Takes()
	made := next(t, heard) // before 110 has answered
	if made.Type != "filing.made" || made.Data.Place != hunchun || made.Data.Category != "虐待" || made.Data.Number == "" {
		t.Errorf("told %+v", made)
	}
	if string(made.Data.Caller) == "13800000001" {
		t.Error("the child's number went out whole")
	}
	police.Answers()
	child.Hears(li, police)
	ill.Store(true)
	li.Asks(id, "transfer/handover", nil)
	child.Hears(police)
	child.HangsUp()
	police.IsLeft()
	s.Record(child)
	refused := next(t, heard)
	s.Until("the refusal is on the disk", func() bool {
		out, err := s.Weibao("deliveries", made.Data.Number)
		return err == nil && strings.Contains(out, "500")
	})
	s.KillGateway()
	ill.Store(false)
	s.StartGateway()
	again := next(t, heard)
	for again.id == refused.id && len(heard) > 0 { // tried more often before it was killed
		again = next(t, heard)
	}
	if refused.Type != "filing.outcome" || again.id != refused.id || again.Data.Outcome != "handed_over" {
		t.Errorf("refused %+v, then told %+v: want the same outcome under the same id", refused, again)
	}
	out, err := s.Weibao("deliveries", made.Data.Number)
	if err != nil || !strings.Contains(out, "platform") || !strings.Contains(out, "500") {
		t.Errorf("%v\n%s", err, out)
	}
}

package record

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask sends one request as the user named in it: "id role".
func ask(t *testing.T, h http.Handler, who, method, target string) (int, http.Header, map[string]any) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	req.Header.Set("Test-User", who)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	raw, err := io.ReadAll(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "13812345678") {
		t.Errorf("%s shows a whole number: %s", target, raw)
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil && rec.Code != http.StatusMethodNotAllowed && rec.Code != http.StatusNotFound {
		t.Fatalf("%s: %v in %q", target, err, raw)
	}
	return rec.Code, rec.Header(), body
}

func testUser(req *http.Request) (id, role string) {
	id, role, _ = strings.Cut(req.Header.Get("Test-User"), " ")
	return id, role
}

func TestAPIAnswers(t *testing.T) {
	t.Parallel()
	store := filled(t, 3)
	r := registry(t, Options{Store: store})
	h := Handler(HandlerOptions{Store: store, Acks: r, User: testUser})
	for _, row := range []struct {
		who, method, target string
		status              int
		want                string // in the JSON of the answer
	}{
		{"1019 supervisor", "GET", "/api/v1/records", 200, `"id":"01J0002"`},
		{"1019 supervisor", "GET", "/api/v1/records?limit=1", 200, `"next":"`},
		{"1019 supervisor", "GET", "/api/v1/records?caller=13812345678&outcome=handed_over&agent=1009&region=222400&text=JL-", 200, `"138****5678"`},
		{"1019 supervisor", "GET", "/api/v1/records?agent=none", 200, `"records":[]`},
		{"1019 supervisor", "GET", "/api/v1/records?from=2026-11-23&to=2026-11-24T00:00:00%2B08:00", 200, `"01J0000"`},
		{"1019 supervisor", "GET", "/api/v1/records?from=2026-11-24", 200, `"records":[]`},
		{"1019 supervisor", "GET", "/api/v1/records/01J0001", 200, `"journey":[`},
		{"1019 supervisor", "GET", "/api/v1/filings?unacked=true", 200, `"JL-20261123-0003"`},
		{"1019 supervisor", "GET", "/api/v1/filings/JL-20261123-0002", 200, `"call":"01J0001"`},

		{"1009 agent", "GET", "/api/v1/records", 200, `"id":"01J0002"`},
		{"1009 agent", "GET", "/api/v1/records/01J0001", 200, `"id":"01J0001"`},
		{"1009 agent", "GET", "/api/v1/filings/JL-20261123-0002", 200, `"call":"01J0001"`},
		{"1001 agent", "GET", "/api/v1/records?agent=1009", 200, `"records":[]`},
		{"1001 agent", "GET", "/api/v1/records/01J0001", 404, `"status":404`},
		{"1001 agent", "GET", "/api/v1/filings", 200, `"filings":[]`},
		{"1001 agent", "GET", "/api/v1/filings/JL-20261123-0002", 404, `"status":404`},

		{"", "GET", "/api/v1/records", 401, `"title":"Unauthorized"`},
		{"", "POST", "/api/v1/filings/JL-20261123-0002/ack", 401, `"status":401`},
		{"1001 agent", "POST", "/api/v1/filings/JL-20261123-0002/ack", 403, `"status":403`},
		{"1001 agent", "GET", "/api/v1/records/none", 404, `"status":404`},
		{"1001 agent", "GET", "/api/v1/filings/none", 404, `"status":404`},
		{"p province", "POST", "/api/v1/filings/none/ack", 404, `"status":404`},
		{"1001 agent", "DELETE", "/api/v1/records/01J0001", 405, ``},
		{"1001 agent", "GET", "/api/v1/records?agnet=1001", 400, `\"agnet\" is not a filter`},
		{"1001 agent", "GET", "/api/v1/records?unacked=true", 400, `is not a filter`},
		{"1001 agent", "GET", "/api/v1/filings?unacked=perhaps", 400, `want true or false`},
		{"1001 agent", "GET", "/api/v1/records?limit=0", 400, `want 1 to 500`},
		{"1001 agent", "GET", "/api/v1/records?limit=501", 400, `want 1 to 500`},
		{"1001 agent", "GET", "/api/v1/records?limit=x", 400, `want 1 to 500`},
		{"1001 agent", "GET", "/api/v1/records?cursor=x", 400, `cursor is not one of ours`},
		{"1001 agent", "GET", "/api/v1/records?from=yesterday", 400, `want 2026-11-23`},
		{"1001 agent", "GET", "/api/v1/records?to=yesterday", 400, `want 2026-11-23`},
	} {
		t.Run(row.method+" "+row.target+" "+row.who, func(t *testing.T) {
			t.Parallel()
			status, head, body := ask(t, h, row.who, row.method, row.target)
			b, _ := json.Marshal(body)
			if status != row.status || !strings.Contains(string(b), row.want) {
				t.Errorf("got %d %s, want %d with %s", status, b, row.status, row.want)
			}
			if kind := head.Get("Content-Type"); status >= 400 && status != 405 && kind != "application/problem+json" {
				t.Errorf("content type %s", kind)
			}
		})
	}
}

func TestPagesOfTheAPIFollowEachOther(t *testing.T) {
	t.Parallel()
	h := Handler(HandlerOptions{Store: filled(t, 5), User: testUser})
	seen, next := 0, ""
	for {
		_, _, body := ask(t, h, "1019 supervisor", "GET", "/api/v1/filings?limit=2&cursor="+next)
		seen += len(body["filings"].([]any))
		if next = body["next"].(string); next == "" {
			break
		}
	}
	if seen != 5 {
		t.Errorf("saw %d filings of 5", seen)
	}
}

func TestAcknowledgementIsSeenAtOnceAndTheFirstOneStays(t *testing.T) {
	t.Parallel()
	store := filled(t, 1)
	r := registry(t, Options{Store: store})
	h := Handler(HandlerOptions{Store: store, Acks: r, User: testUser})
	for _, who := range []string{"li province", "wang province"} {
		status, _, body := ask(t, h, who, "POST", "/api/v1/filings/JL-20261123-0001/ack")
		if status != 200 || body["acked_by"] != "li" || body["acked_at"] == nil {
			t.Errorf("%s: %d %v", who, status, body)
		}
	}
	f, err := store.Filing(t.Context(), "JL-20261123-0001")
	if err != nil || f.AckedBy != "li" || time.Since(f.AckedAt.Time) > time.Minute {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestDatabaseThatIsDownIsNamedWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	h := Handler(HandlerOptions{Store: secretStore{}, User: testUser})
	status, _, body := ask(t, h, "1001 agent", "GET", "/api/v1/records")
	if detail, _ := body["detail"].(string); status != 503 || strings.Contains(detail, "password") || !strings.Contains(detail, "database") {
		t.Errorf("%d %v", status, body)
	}
}

type secretStore struct{ Store }

func (secretStore) Find(context.Context, Query) (Page[Record], error) {
	return Page[Record]{}, errors.New("password=abc refused")
}

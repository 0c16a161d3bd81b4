package cti

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/routing"
)

func police(place, category string) call.Wish {
	return call.WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: place, Category: category}
}

func TestWishesReachTheCallAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	rows := []struct {
		line, body string
		want       call.Wish
	}{
		{"transfer", `{"to":"110","place":"222404","category":"虐待"}`, call.WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404", Category: "虐待"}},
		{"transfer", `{"to":"110","place":"2201;04","category":"a\nb"}`, police("2201;04", "ab")},
		{"110", `{"place":"222404","category":"虐待"}`, police("222404", "虐待")},
		{"110", ``, police("", "")},
		{"110", `{"category":"` + strings.Repeat("长", 50) + `"}`, police("", strings.Repeat("长", 40))},
		{"transfer", `{"to":"duty:220100"}`, call.WishTransfer{To: routing.Target{Kind: routing.ToDuty, Name: "220100"}}},
		{"transfer/brief", ``, call.WishBrief{}},
		{"transfer/introduce", `{}`, call.WishIntroduce{}},
		{"transfer/handover", ``, call.WishHandover{}},
		{"transfer/cancel", ``, call.WishCancel{}},
		{"hangup", ``, call.WishHangup{}},
		{"reject", ``, call.WishReject{}},
		{"note", `{"fields":{"姓名":"小明\n(自称)"}}`, call.WishNote{Fields: map[string]string{"姓名": "小明\n(自称)"}}},
	}
	for _, row := range rows {
		s := newAPIStage(t)
		reply := s.wants(http.StatusOK, "1001", "POST /api/v1/calls/C1/"+row.line, row.body)
		if diff := cmp.Diff([]call.Wish{row.want}, s.calls.asked()); diff != "" || s.calls.by[0] != "1001" {
			t.Errorf("%s by %s:\n%s", row.line, s.calls.by, diff)
		}
		if reply["id"] != "C1" {
			t.Errorf("%s: the reply is not the call: %v", row.line, reply)
		}
	}
}

// saidNoError is an error of a call with words for people.
type saidNoError string

func (n saidNoError) Error() string   { return "refused" }
func (n saidNoError) Refused() string { return string(n) }

func TestRefusalOfTheCallIsA409WithItsWords(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.calls.answers(saidNoError("已经有一个转接在进行"))
	got := s.wants(http.StatusConflict, "1001", "POST /api/v1/calls/C1/transfer", `{"to":"110"}`)
	if got["detail"] != "已经有一个转接在进行" || got["type"] != "refused" {
		t.Errorf("problem is %v", got)
	}
	s.calls.answers(call.ErrNoCall)
	s.wants(http.StatusNotFound, "1001", "POST /api/v1/calls/C1/hangup", "")
	s.calls.answers(context.DeadlineExceeded)
	s.wants(http.StatusGatewayTimeout, "1001", "POST /api/v1/calls/C1/hangup", "")
}

func TestBadBodiesAreExplained(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	long := strings.Repeat("长", 41)
	for _, row := range []struct {
		line, body string
		status     int
		words      string
	}{
		{"POST /api/v1/calls/C1/transfer", `{"to":"110","plase":"1"}`, 400, `unknown field "plase": did you mean "place"?`},
		{"POST /api/v1/calls/C1/transfer", `{"to":"110","zzzzzzzzzzzz":1}`, 400, `want to, place, category`},
		{"POST /api/v1/calls/C1/transfer", `{"to":110}`, 400, `field "to": want string, got number`},
		{"POST /api/v1/calls/C1/transfer", `{"to":"hangup"}`, 400, `want 110, queue:NAME`},
		{"POST /api/v1/calls/C1/transfer", `{"to":"number:138&PJSIP/evil"}`, 400, "digits only"},
		{"POST /api/v1/calls/C1/transfer", `{"to":"duty:220100","place":"2201;04"}`, 400, `field "place"`},
		{"POST /api/v1/calls/C1/transfer", `{"to":"duty:220100","category":"a\nb"}`, 400, "no control characters"},
		{"POST /api/v1/calls/C1/transfer", `{"to":"duty:220100","category":"` + long + `"}`, 400, "at most 40"},
		{"POST /api/v1/calls/C1/transfer", `{"to":"110"} {}`, 400, "nothing after it"},
		{"POST /api/v1/calls/C1/transfer", `{"to":`, 400, "ends too early"},
		{"POST /api/v1/calls/C1/transfer", `{to:1}`, 400, "not JSON"},
		{"POST /api/v1/calls/C1/transfer", ``, 400, "ends too early"},
		{"POST /api/v1/calls/C1/transfer", `{"to":"` + strings.Repeat("1", 64<<10) + `"}`, 413, "64 KiB"},
		{"POST /api/v1/calls/C1/hangup", `{"now":true}`, 400, "no fields are wanted"},
		{"POST /api/v1/calls/C1/note", `{"fields":{}}`, 400, "1 to 60"},
		{"POST /api/v1/calls/C1/note", `{"fields":{"a":1}}`, 400, "want string"},
		{"PUT /api/v1/me/presence", `{"presence":"asleep"}`, 400, "want ready, away or offline"},
		{"POST /api/v1/login", `{"id":"1001"}`, 400, "password"},
		{"GET /api/v1/rota/220104/on?at=tomorrow", ``, 400, "want a time"},
		{"GET /api/v1/nowhere", ``, 404, "nothing is here"},
		{"GET /nowhere", ``, 404, "nothing is here"},
		{"DELETE /api/v1/calls", ``, 405, "GET"},
	} {
		got := s.wants(row.status, "1001", row.line, row.body)
		if detail, _ := got["detail"].(string); !strings.Contains(detail, row.words) {
			t.Errorf("%s %.60s: %q, want %q in it", row.line, row.body, detail, row.words)
		}
	}
	if got := s.calls.asked(); len(got) != 0 {
		t.Errorf("wishes came through: %v", got)
	}
}

func TestAPagesFormIsRefusedAndAProgramsDefaultIsTakenForJSON(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for _, row := range []struct {
		name   string
		page   bool
		status int
	}{{"curl", false, http.StatusOK}, {"a page", true, http.StatusUnsupportedMediaType}} {
		// Not by send: the document names JSON only, and programs should say so.
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/api/v1/me/presence", strings.NewReader(`{"presence":"ready"}`))
		r.Header.Set("Authorization", "Bearer "+s.token("1001"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if row.page {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != row.status {
			t.Errorf("%s: %d %s", row.name, w.Code, w.Body)
		}
	}
}

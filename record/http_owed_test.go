package record

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

// tell sends a request with a body as the user named in it: "id role".
func tell(t *testing.T, h http.Handler, who, line, body string) (int, string) {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	req := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	req.Header.Set("Test-User", who)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if strings.Contains(rec.Body.String(), "13812345678") {
		t.Errorf("%s shows a whole number: %s", line, rec.Body)
	}
	return rec.Code, rec.Body.String()
}

// owedAPI serves three follow-ups: 01A of Changchun's queue, 01B of Yanbian's,
// and 01C, which is settled.
func owedAPI(t *testing.T) (http.Handler, *Registry) {
	t.Helper()
	store := emptyStore(t)
	r := registry(t, Options{Store: store, Known: e164})
	yanbian := hungUp("01B", "13800000002", 5)
	yanbian.Region, yanbian.FollowUp.Region, yanbian.FollowUp.Owner = "222400", "222400", "yanbian"
	yanbian.FollowUp.Kind, yanbian.FollowUp.Due = call.RingBack, time.Now().Add(time.Hour)
	for _, c := range []call.Call{hungUp("01A", "13812345678", 0), yanbian, hungUp("01C", "13800000003", 60), hungUp("01D", "13812345678", 90)} {
		if err := r.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Settle(t.Context(), call.Settlement{ID: "01C", Outcome: call.Closed, By: "1019", Note: "误拨"}); err != nil {
		t.Fatal(err)
	}
	flush(t, r)
	serves := func(req *http.Request) (string, []string) {
		switch id, _ := testUser(req); id {
		case "1001":
			return "220100", []string{"changchun"}
		case "1015":
			return "220000", []string{"province", "yanbian"}
		}
		return "", nil
	}
	return Handler(HandlerOptions{Store: store, Owing: r, Acks: r, User: testUser, Serves: serves}), r
}

func TestFollowUpsAreShownToThoseWhoServeTheirQueueOrRegion(t *testing.T) {
	t.Parallel()
	h, _ := owedAPI(t)
	for _, row := range []struct {
		who, line string
		status    int
		want      string // the ids of the list, or a part of the answer
	}{
		{"1019 supervisor", "GET /api/v1/follow-ups", 200, "01A 01B 01C"},
		{"1019 supervisor", "GET /api/v1/follow-ups?state=open", 200, "01A 01B"},
		{"1019 supervisor", "GET /api/v1/follow-ups?state=settled", 200, "01C"},
		{"1019 supervisor", "GET /api/v1/follow-ups?kind=callback", 200, "01B"},
		{"1019 supervisor", "GET /api/v1/follow-ups?region=222400", 200, "01B"},
		{"1019 supervisor", "GET /api/v1/follow-ups?limit=1", 200, "01A"},
		{"1001 agent", "GET /api/v1/follow-ups", 200, "01A 01C"},
		{"1001 agent", "GET /api/v1/follow-ups?region=222400", 200, ""},
		{"1015 agent", "GET /api/v1/follow-ups", 200, "01B"},
		{"1099 agent", "GET /api/v1/follow-ups", 200, ""},

		{"1001 agent", "GET /api/v1/follow-ups/01A", 200, `"overdue":true`},
		{"1001 agent", "GET /api/v1/follow-ups/01D", 200, `"id":"01A"`}, // by any of its calls
		{"1001 agent", "GET /api/v1/follow-ups/01A", 200, `"contacts":2,"calls":["01A","01D"]`},
		{"1001 agent", "GET /api/v1/follow-ups/01A", 200, `"caller":"138****5678"`},
		{"1015 agent", "GET /api/v1/follow-ups/01B", 200, `"overdue":false`},
		{"1001 agent", "GET /api/v1/follow-ups/01B", 404, `"status":404`},
		{"1019 supervisor", "GET /api/v1/follow-ups/none", 404, `"status":404`},

		{"", "GET /api/v1/follow-ups", 401, `"status":401`},
		{"1019 supervisor", "GET /api/v1/follow-ups?status=open", 400, `\"status\" is not a filter`},
		{"1019 supervisor", "GET /api/v1/follow-ups?state=closed", 400, `want open or settled`},
		{"1019 supervisor", "GET /api/v1/follow-ups?kind=other", 400, `want one of [callback contact unfiled unconcluded]`},
		{"1019 supervisor", "GET /api/v1/follow-ups?limit=x", 400, `want 1 to 500`},
		{"1019 supervisor", "GET /api/v1/follow-ups?cursor=x", 400, `cursor is not one of ours`},
		{"1001 agent", "POST /api/v1/follow-ups/01B/close", 400, `note`},
	} {
		t.Run(row.line+" "+row.who, func(t *testing.T) {
			t.Parallel()
			status, got := tell(t, h, row.who, row.line, "")
			var list struct {
				FollowUps []struct{ ID string } `json:"follow_ups"`
			}
			if err := json.Unmarshal([]byte(got), &list); err != nil {
				t.Fatalf("%v in %s", err, got)
			}
			if strings.Contains(got, `"follow_ups"`) {
				var ids []string
				for _, f := range list.FollowUps {
					ids = append(ids, f.ID)
				}
				if ids := strings.Join(ids, " "); status != row.status || ids != row.want {
					t.Errorf("got %d %s, want %s", status, ids, row.want)
				}
				return
			}
			if status != row.status || !strings.Contains(got, row.want) {
				t.Errorf("got %d %s, want %d with %s", status, got, row.status, row.want)
			}
		})
	}
}

func TestAFollowUpIsClosedOnceWithAReason(t *testing.T) {
	t.Parallel()
	h, r := owedAPI(t)
	for _, row := range []struct {
		who, id, body string
		status        int
		want          string
	}{
		{"1001 agent", "01A", `{"note":" "}`, 400, `note`},
		{"1001 agent", "01A", `{"reason":"x"}`, 400, `unknown field`},
		{"1001 agent", "01A", `{"note":"x"} {}`, 400, `JSON`},
		{"1001 agent", "01A", `{"note":"` + strings.Repeat("x", mostBody) + `"}`, 400, `larger`},
		{"1001 agent", "01B", `{"note":"x"}`, 404, `404`},
		{"1001 agent", "01D", `{"note":"已联系 13812345678 的家长"}`, 200, `"state":"settled"`},
		{"1019 supervisor", "01A", `{"note":"x"}`, 409, `closed 1001`},
	} {
		if status, got := tell(t, h, row.who, "POST /api/v1/follow-ups/"+row.id+"/close", row.body); status != row.status || !strings.Contains(got, row.want) {
			t.Errorf("%s %s: got %d %s, want %d with %s", row.id, row.body[:min(len(row.body), 40)], status, got, row.status, row.want)
		}
	}
	open, err := r.OpenFollowUps(t.Context())
	if err != nil || len(open) != 1 || open[0].ID != "01B" {
		t.Errorf("open %+v, %v", open, err)
	}
	if _, got := tell(t, h, "1001 agent", "GET /api/v1/follow-ups/01A", ""); !strings.Contains(got, `"outcome":"closed","by":"1001"`) || !strings.Contains(got, "138****5678 的家长") {
		t.Errorf("got %s", got)
	}
}

func TestASupervisorMarksANumberAndLiftsTheMark(t *testing.T) {
	t.Parallel()
	h, r := owedAPI(t)
	tomorrow := time.Now().Add(24 * time.Hour).Format(time.RFC3339)
	post := func(who, body string, status int, want string) string {
		t.Helper()
		got, text := tell(t, h, who, "POST /api/v1/marks", body)
		if got != status || !strings.Contains(text, want) {
			t.Errorf("%s: got %d %s, want %d with %s", body, got, text, status, want)
		}
		return text
	}
	limited := `"kind":"limited","until":"` + tomorrow + `","reason":"屡次辱骂坐席"}`
	post("1001 agent", `{"number":"13812345678",`+limited, 403, "班长")
	post("1019 supervisor", `{`+limited, 400, "either number or call")
	post("1019 supervisor", `{"number":"13812345678","call":"01A",`+limited, 400, "either number or call")
	post("1019 supervisor", `{"call":"none",`+limited, 404, "404")
	post("1019 supervisor", `{"number":"anonymous",`+limited, 400, "withheld")
	post("1019 supervisor", `{"number":"13812345678","kind":"limited","reason":"x"}`, 400, "until")
	post("1019 supervisor", `{"number":"13812345678","kind":"limited","until":"soon","reason":"x"}`, 400, "2026-11-23")
	var mark struct{ ID string }
	if err := json.Unmarshal([]byte(post("1019 supervisor", `{"call":"01A",`+limited, 200, `"number":"138****5678"`)), &mark); err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(time.Second)
	if got := r.Facts("13812345678", soon)[routing.FactRisk]; got != routing.RiskLimited {
		t.Errorf("the next call's risk is %q", got)
	}
	for _, row := range []struct {
		who, line, body string
		status          int
		want            string
	}{
		{"1001 agent", "GET /api/v1/marks", "", 403, "403"},
		{"1019 supervisor", "GET /api/v1/marks", "", 200, `"by":"1019"`},
		{"1019 supervisor", "GET /api/v1/marks?kind=limited", "", 400, "not a filter"},
		{"1019 supervisor", "GET /api/v1/marks?state=old", "", 400, "want live or all"},
		{"1001 agent", "DELETE /api/v1/marks/" + mark.ID, `{"reason":"x"}`, 403, "403"},
		{"1019 supervisor", "DELETE /api/v1/marks/none", `{"reason":"x"}`, 404, "404"},
		{"1019 supervisor", "DELETE /api/v1/marks/" + mark.ID, "", 400, "reason"},
		{"1020 supervisor", "DELETE /api/v1/marks/" + mark.ID, `{"reason":"误标"}`, 200, `"lifted_by":"1020","lift_reason":"误标"`},
		{"1019 supervisor", "DELETE /api/v1/marks/" + mark.ID, `{"reason":"误标"}`, 409, "1020"},
		{"1019 supervisor", "GET /api/v1/marks", "", 200, `{"marks":[]}`},
		{"1019 supervisor", "GET /api/v1/marks?state=all", "", 200, `"holds":false`},
	} {
		if status, got := tell(t, h, row.who, row.line, row.body); status != row.status || !strings.Contains(got, row.want) {
			t.Errorf("%s %s: got %d %s, want %d with %s", row.who, row.line, status, got, row.status, row.want)
		}
	}
	if got := r.Facts("13812345678", soon)[routing.FactRisk]; got != "" {
		t.Errorf("lifted, and its risk is %q", got)
	}
}

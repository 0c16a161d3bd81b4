package cti

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/routing"
)

func ids(reply map[string]any) []string {
	var found []string
	list, _ := reply["calls"].([]any)
	for _, one := range list {
		found = append(found, one.(map[string]any)["id"].(string))
	}
	return found
}

func TestSeatSeesItsOwnCallsAndSupervisorsSeeAll(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for id, want := range map[routing.AgentID][]string{
		"1001": {"C1"}, "1002": {"C2"}, "1019": {"C0", "C1", "C2", "C3"}, "prov": {"C0", "C1", "C2", "C3"},
	} {
		if got := ids(s.wants(http.StatusOK, id, "GET /api/v1/calls", "")); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", id, got, want)
		}
	}
}

func TestCompanionSeesTheCallThatItKeeps(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	c, _ := s.calls.Find("C1")
	c = c.Clone()
	c.Legs = append(c.Legs, call.Leg{ID: "C1-2", Role: call.Companion, Agent: "1002", State: call.RingingLeg})
	s.calls.put(c)
	s.wants(http.StatusOK, "1002", "GET /api/v1/calls/C1", "")
	s.wants(http.StatusOK, "1002", "POST /api/v1/calls/C1/transfer/introduce", "")
	c = c.Clone()
	c.Legs[2].State = call.Gone
	s.calls.put(c)
	s.wants(http.StatusNotFound, "1002", "GET /api/v1/calls/C1", "")
}

func TestCallOfAnotherSeatIsLikeNoCall(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for _, line := range []string{
		"GET /api/v1/calls/%", "GET /api/v1/calls/%/why", "POST /api/v1/calls/%/transfer", "POST /api/v1/calls/%/transfer/brief",
		"POST /api/v1/calls/%/transfer/introduce", "POST /api/v1/calls/%/transfer/handover", "POST /api/v1/calls/%/transfer/cancel",
		"POST /api/v1/calls/%/hangup", "POST /api/v1/calls/%/note",
	} {
		body := bodies[strings.Replace(line, "%", "{id}", 1)]
		other := s.wants(http.StatusNotFound, "1001", strings.Replace(line, "%", "C2", 1), body)
		none := s.wants(http.StatusNotFound, "1001", strings.Replace(line, "%", "C9", 1), body)
		delete(other, "instance")
		delete(none, "instance")
		if diff := cmp.Diff(none, other); diff != "" {
			t.Errorf("%s tells a call of another from none:\n%s", line, diff)
		}
	}
	if got := s.calls.asked(); len(got) != 0 {
		t.Errorf("wishes came through: %v", got)
	}
	s.wants(http.StatusForbidden, "prov", "POST /api/v1/calls/C2/hangup", "")
	s.wants(http.StatusOK, "1019", "POST /api/v1/calls/C2/hangup", "")
	s.wants(http.StatusOK, "admin", "POST /api/v1/calls/C2/hangup", "")
}

func TestUnknownErrorShowsNothingButAnIDThatTheLogHas(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.calls.answers(errors.New("dial tcp 10.1.2.3: secret"))
	w := s.as("1001", "POST /api/v1/calls/C1/hangup", "")
	var p ProblemError
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusInternalServerError || p.Detail != internal || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(s.logs.String(), p.Instance) || !strings.Contains(s.logs.String(), "secret") {
		t.Error("the log has no such id")
	}
}

func TestHandlerThatPanicsCostsOneRequest(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.Handle("GET /api/v1/boom", NoRole, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	s.wants(http.StatusInternalServerError, "", "GET /api/v1/boom", "")
	s.wants(http.StatusOK, "", "GET /healthz", "")
}

func TestCallIsShownMaskedWithItsTimes(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	got := s.wants(http.StatusOK, "1001", "GET /api/v1/calls/C1", "")
	for name, want := range map[string]any{
		"caller": "138****5678", "region_name": "长春市", "key_path": "6", "queue": "changchun", "agent": "1001",
		"phase": "talking", "alone_ms": 0.0, "guide": "v1", "ended_at": nil,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if waited := got["waited_ms"].(float64); waited != 20000 {
		t.Errorf("waited %v ms, want 20000", waited)
	}
	if talked := got["talked_ms"].(float64); talked < 30000 || talked > 90000 {
		t.Errorf("talked %v ms, want about 30000", talked)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", got["arrived_at"].(string)); err != nil {
		t.Error(err)
	}
	transfer := got["transfer"].(map[string]any)
	if transfer["to"] != "110" || transfer["reason"] != "占线" {
		t.Errorf("transfer is %v", transfer)
	}
	s.wants(http.StatusOK, "1019", "GET /api/v1/calls/C0", "")
}

func TestNoNumberOfAPersonLeavesByReplyOrLog(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	var said strings.Builder
	for _, line := range []string{"calls", "calls/C1", "calls/C3/why", "waiting", "agents", "rota/220104/on"} {
		said.WriteString(s.as("1019", "GET /api/v1/"+line, "").Body.String())
	}
	said.WriteString(s.logs.String())
	for _, number := range []string{"13812345678", "13998765432", "13700000000", "13800000011"} {
		if strings.Contains(said.String(), number) {
			t.Errorf("%s is to be seen", number)
		}
	}
	if !strings.Contains(said.String(), "139****5432") {
		t.Error("the masked number is missing")
	}
}

func TestHostileTextComesBackAsJSONText(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	w := s.as("1001", "GET /api/v1/calls/C1", "")
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type is %s", got)
	}
	if strings.ContainsAny(w.Body.String(), "<>\u2028") {
		t.Errorf("the page has raw markup: %s", w.Body)
	}
	var v struct {
		Note      map[string]string
		Transfers []struct{ Category string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || v.Note["name"] != hostile || v.Transfers[0].Category != hostile {
		t.Errorf("the text has changed: %+v, %v", v, err)
	}
	for header, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	for _, part := range []string{"default-src 'self'", "frame-ancestors 'none'"} {
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, part) || strings.Contains(csp, "unsafe") {
			t.Errorf("policy is %q", csp)
		}
	}
}

func TestPagesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t, func(o *ServerOptions) { o.Origins = []string{"https://desk.example.cn"} })
	for _, row := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{"Origin", "https://evil.example", http.StatusForbidden},
		{"Origin", "null", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-origin", http.StatusOK},
		{"Origin", "http://example.com", http.StatusOK}, // httptest's host
		{"Origin", "https://desk.example.cn", http.StatusOK},
	} {
		w := s.send("POST /api/v1/calls/C1/hangup", "", func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: cookieName, Value: s.token("1001")})
			r.Header.Set(row.header, row.value)
		})
		if w.Code != row.want {
			t.Errorf("%s %s: %d, want %d", row.header, row.value, w.Code, row.want)
		}
	}
}

func TestPresenceIsSaidForOneself(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	got := s.wants(http.StatusOK, "1001", "PUT /api/v1/me/presence", `{"presence":"away","reason":"吃饭"}`)
	floor := got["floor"].(map[string]any)
	if floor["presence"] != "away" || floor["reason"] != "吃饭" {
		t.Errorf("floor is %v", floor)
	}
	s.wants(http.StatusConflict, "admin", "PUT /api/v1/me/presence", `{"presence":"ready"}`)
	if got := s.wants(http.StatusOK, "admin", "GET /api/v1/me", ""); got["floor"] != nil || got["role"] != "admin" {
		t.Errorf("me is %v", got)
	}
}

func TestWhyShowsTheTraceOfTheDecisionAndTheLine(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	got := s.wants(http.StatusOK, "1019", "GET /api/v1/calls/C3/why", "")
	steps, line := got["steps"].([]any), got["waiting"].([]any)
	if got["route"] != "minors" || len(steps) != 2 || steps[1].(map[string]any)["after_ms"] != 60000.0 {
		t.Errorf("why is %v", got)
	}
	why := line[0].(map[string]any)["why"].([]any)
	if seat := why[1].(map[string]any); seat["rule"] != "seat 1001" || seat["held"] != false || seat["say"] != "坐席 1001 的话机没有连上" {
		t.Errorf("the line says %v", why)
	}
	said := got["trace"].([]any)[0].(map[string]any)["say"]
	if want := "“minors”只接按 6 的来电；来电人按了 6，符合"; said != want {
		t.Errorf("the trace says %v, want %s", said, want)
	}
}

func TestTheLineSaysWhyInWordsAndWithTheNamesOfThePlan(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t, func(o *ServerOptions) {
		plan := routing.NewPlan(routing.Draft{Root: &routing.Route{}, Queues: map[string]routing.Queue{"changchun": {Title: "长春未保专席"}}})
		o.Say = func(c routing.Check) string { return plan.Say(c, "zh") }
	})
	s.floor.change(func(v *View) {
		v.agents = nil
		v.place()
	})
	line := s.wants(http.StatusOK, "1019", "GET /api/v1/waiting", "")["line"].([]any)
	why := line[0].(map[string]any)["why"].([]any)
	for i, want := range []string{"这位来电人排在第 1 位", "长春未保专席没有能接的坐席"} {
		if got := why[i].(map[string]any)["say"]; got != want {
			t.Errorf("the line says %v, want %s", got, want)
		}
	}
}

func TestSeatSeesTheLinesThatItServes(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for id, want := range map[routing.AgentID]float64{"1001": 1, "1002": 0, "1019": 1} {
		if got := s.wants(http.StatusOK, id, "GET /api/v1/waiting", ""); got["total"] != want {
			t.Errorf("%s sees %v, want %v", id, got["total"], want)
		}
	}
	s.floor.change(func(v *View) {
		v.Waiting = append(slices.Clone(v.Waiting), WaitingView{Ticket: routing.Ticket{ID: "C4", Only: "1002", Wants: routing.AnyOf("changchun")}, Position: 2})
	})
	if got := s.wants(http.StatusOK, "1002", "GET /api/v1/waiting", ""); got["total"] != 1.0 {
		t.Errorf("1002 sees %v, want its own", got)
	}
	if got := s.wants(http.StatusOK, "1001", "GET /api/v1/waiting", ""); got["total"] != 1.0 {
		t.Errorf("1001 sees %v, want not the one for 1002", got)
	}
}

func TestCallOfAColleagueIsNotToldInTheListOfSeats(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	calls := func(id routing.AgentID) map[string]string {
		told := make(map[string]string)
		for _, one := range s.wants(http.StatusOK, id, "GET /api/v1/agents", "")["agents"].([]any) {
			seat := one.(map[string]any)
			told[seat["id"].(string)] = seat["call"].(string)
		}
		return told
	}
	if diff := cmp.Diff(map[string]string{"1001": "C1", "1002": "", "1019": ""}, calls("1001")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"1001": "C1", "1002": "C2", "1019": "C9"}, calls("1019")); diff != "" {
		t.Error(diff)
	}
}

func TestFloorThatIsClosedIsAnInternalError(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.floor.err = ErrStopped
	for _, path := range []string{"me", "waiting", "agents", "calls/C1/why"} {
		s.wants(http.StatusInternalServerError, "1001", "GET /api/v1/"+path, "")
	}
}

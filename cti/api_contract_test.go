package cti

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"weibao/routing"
)

func TestOpenAPIDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := apiSpec(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEveryRouteIsInTheDocumentAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	var served, documented []string
	open := make(map[string]bool)
	for _, route := range s.Routes() {
		served = append(served, route.Pattern)
		open[route.Pattern] = route.Role == NoRole
	}
	for path, item := range s.spec.Paths.Map() {
		for method, operation := range item.Operations() {
			documented = append(documented, method+" "+path)
			if free := operation.Security != nil && len(*operation.Security) == 0; free != open[method+" "+path] {
				t.Errorf("%s %s: open in the document is %v, in the server %v", method, path, free, !free)
			}
		}
	}
	slices.Sort(served)
	slices.Sort(documented)
	if !slices.Equal(served, documented) {
		t.Errorf("served:\n%s\ndocumented:\n%s", strings.Join(served, "\n"), strings.Join(documented, "\n"))
	}
}

// bodies are what a route needs to get past the reading of the request.
var bodies = map[string]string{
	"PUT /api/v1/me/presence":           `{"presence":"ready"}`,
	"POST /api/v1/calls/{id}/transfer":  `{"to":"110"}`,
	"POST /api/v1/calls":                `{"to":"number:043112356"}`,
	"POST /api/v1/follow-ups/{id}/call": `{}`,
	"POST /api/v1/calls/{id}/note":      `{"fields":{"a":"b"}}`,
	"POST /api/v1/calls/{id}/pull":      `{"agent":"1001"}`,

	"POST /api/v1/calls/{id}/recording/pause": `{"reason":"说密码"}`,
	"POST /api/v1/rota/{post}/handover":       `{"text":"无事"}`,
	"POST /api/v1/rota/{post}/override":       `{"from":"2026-10-01T18:00+08:00","to":"2026-10-02T08:00+08:00","in":{"id":"jin.yongzhe"}}`,
	"POST /api/v1/login":                      `{"id":"1001","password":"correct horse"}`,
}

func TestEveryRouteIsClosedToWhoeverIsNotAllowed(t *testing.T) {
	t.Parallel()
	users := map[Role]routing.AgentID{RoleAgent: "1001", RoleSupervisor: "1019", RoleProvince: "prov", RoleAdmin: "admin"}
	s := newAPIStage(t, func(o *ServerOptions) { o.Ready = nil })
	s.Handle("GET /api/v1/records", RoleSupervisor, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, route := range s.Routes() {
		line := strings.NewReplacer("{id}", "C1", "{post}", "220104").Replace(route.Pattern)
		body := bodies[route.Pattern]
		want := http.StatusUnauthorized
		if route.Role == NoRole {
			want = http.StatusOK
		}
		if w := s.as("", line, body); w.Code != want {
			t.Errorf("%s as nobody: %d, want %d", line, w.Code, want)
		}
		if w := s.send(line, body, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x.y.z.w") }); w.Code != want {
			t.Errorf("%s with a forged token: %d, want %d", line, w.Code, want)
		}
		if route.Pattern == "POST /api/v1/logout" {
			continue // it would end the sessions of the others
		}
		for role, id := range users {
			w := s.as(id, line, body)
			// The province sees the call of 1001, and may not act on it.
			refused := role < route.Role || role == RoleProvince && strings.HasPrefix(line, "POST /api/v1/calls/")
			if got := w.Code == http.StatusForbidden; got != refused {
				t.Errorf("%s as %s: %d, least role %s", line, role, w.Code, route.Role)
			}
			if w.Code == http.StatusUnauthorized || w.Code >= 500 {
				t.Errorf("%s as %s: %d %s", line, role, w.Code, w.Body)
			}
		}
	}
}

func TestLoginWithoutASeatInTheRosterIsNobody(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.wants(http.StatusUnauthorized, "stray", "GET /api/v1/me", "")
	s.wants(http.StatusUnauthorized, "", "POST /api/v1/login", `{"id":"stray","password":"correct horse"}`)
}

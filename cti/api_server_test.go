package cti

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
)

func TestDutyIsAskedForAnyInstant(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for _, at := range []string{"2026-10-01T02:00+08:00", "2026-10-01T02:00%2B08:00", "2026-10-01T02:00:00%2b08:00", "2026-09-30T18:00:00Z"} {
		got := s.wants(http.StatusOK, "1001", "GET /api/v1/rota/220104/on?at="+at, "")
		if got["at"] != "2026-09-30T18:00:00.000Z" || got["post"] != "220100" || got["numbers"].([]any)[0] != "138****0011" {
			t.Errorf("%s: %v", at, got)
		}
	}
	s.wants(http.StatusOK, "1001", "GET /api/v1/rota/220104/on", "")
	s.wants(http.StatusNotFound, "1001", "GET /api/v1/rota/999999/on", "")
}

// noRollbackError is a refusal with words for people.
type noRollbackError struct{ error }

func (noRollbackError) Refused() string { return "没有更早的版本可以退回" }

func TestReloadAndRollbackAnswerTheVersionOrEveryFaultOrWhyNot(t *testing.T) {
	t.Parallel()
	faults, failed := []string(nil), error(nil)
	replace := func(_ context.Context, by string) (string, []string, error) {
		if by != "admin" {
			t.Errorf("asked by %q", by)
		}
		return "v2", faults, failed
	}
	s := newAPIStage(t, func(o *ServerOptions) {
		o.Reload, o.Rollback = replace, replace
		o.Config = func() Configuration {
			return Configuration{Version: "v1", How: "rollback", By: "admin", Instead: "v2", Files: "v2", Faults: faults, Restart: []string{"http.listen"}}
		}
	})
	for _, path := range []string{"POST /api/v1/-/reload", "POST /api/v1/-/rollback"} {
		faults, failed = nil, nil
		if got := s.wants(http.StatusOK, "admin", path, ""); got["version"] != "v2" {
			t.Errorf("%s: reply is %v", path, got)
		}
		faults = []string{"plan.yaml:3:5: unknown queue", "queues.yaml:1:1: no seats"}
		got := s.wants(http.StatusUnprocessableEntity, "admin", path, "")
		if list := got["faults"].([]any); len(list) != 2 || got["type"] != "faults" {
			t.Errorf("%s: reply is %v", path, got)
		}
		if got := s.wants(http.StatusOK, "1019", "GET /api/v1/config", ""); got["good"] != false || got["version"] != "v1" || got["instead"] != "v2" || len(got["restart"].([]any)) != 1 {
			t.Errorf("config is %v", got)
		}
		faults, failed = nil, errors.New("disk gone")
		s.wants(http.StatusInternalServerError, "admin", path, "")
		failed = noRollbackError{}
		if got := s.wants(http.StatusConflict, "admin", path, ""); got["type"] != "refused" || got["detail"] != "没有更早的版本可以退回" {
			t.Errorf("%s: reply is %v", path, got)
		}
		s.wants(http.StatusForbidden, "1019", path, "")
	}
}

func TestReadyzListsWhatIsNotReady(t *testing.T) {
	t.Parallel()
	checks := map[string]func(context.Context) error{
		"asterisk": func(context.Context) error { return nil },
		"redis":    func(context.Context) error { return errors.New("refused") },
		"disk":     func(context.Context) error { panic("no") },
	}
	s := newAPIStage(t, func(o *ServerOptions) { o.Ready = checks })
	got := s.wants(http.StatusServiceUnavailable, "", "GET /readyz", "")
	var names []string
	for _, one := range got["not_ready"].([]any) {
		names = append(names, one.(map[string]any)["name"].(string))
	}
	if !slices.Equal(names, []string{"disk", "redis"}) {
		t.Errorf("not ready: %v", names)
	}
	maps.DeleteFunc(checks, func(name string, _ func(context.Context) error) bool { return name != "asterisk" })
	s.wants(http.StatusOK, "", "GET /readyz", "")
}

func TestMountedHandlerFindsItsUser(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.Handle("GET /metrics", NoRole, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := User(r); ok {
			t.Error("an open route has a user")
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	s.Handle("GET /api/v1/filings", RoleProvince, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seat, ok := User(r); !ok || seat.ID != "prov" {
			t.Errorf("user is %v", seat)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	s.wants(http.StatusNoContent, "", "GET /metrics", "")
	s.wants(http.StatusNoContent, "prov", "GET /api/v1/filings", "")
	s.wants(http.StatusForbidden, "1019", "GET /api/v1/filings", "")
}

func TestServerNeedsItsParts(t *testing.T) {
	t.Parallel()
	if _, err := NewServer(ServerOptions{}); err == nil {
		t.Error("a server of nothing was made")
	}
	s := newAPIStage(t)
	_, err := NewServer(ServerOptions{Calls: s.calls, Floor: s.floor, Logins: s.logins, Roster: func() *Roster { return nil }, Origins: []string{"not an origin"}})
	if err == nil {
		t.Error("a wrong origin was taken")
	}
}

package cti

import (
	"context"
	"net/http"
	"testing"

	"weibao/call"
	"weibao/routing"
)

// apiOutgoing remembers what was placed.
type apiOutgoing struct {
	owing  map[call.ID]call.FollowUp
	placed []string
	answer error
}

func (o *apiOutgoing) Owing(_ context.Context, id call.ID) (call.FollowUp, error) {
	if f, ok := o.owing[id]; ok {
		return f, nil
	}
	return call.FollowUp{}, call.RefusedError("没有这个待回访事项，或者已经办结")
}

func (o *apiOutgoing) CallBack(_ context.Context, id call.ID, by routing.AgentID, override string) (call.ID, error) {
	o.placed = append(o.placed, string(id)+" by "+string(by)+" "+override)
	return "O1", o.answer
}

func (o *apiOutgoing) CallOut(_ context.Context, by routing.AgentID, region, number string) (call.ID, error) {
	o.placed = append(o.placed, number+" by "+string(by)+" of "+region)
	return "O2", o.answer
}

func TestASeatRingsBackWhomItsCityOwesACallAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.out.owing = map[call.ID]call.FollowUp{
		"F1": {ID: "F1", Region: "222400", Owner: "supervisors"}, "F2": {ID: "F2", Region: "222400", Owner: "1001"},
	}
	for _, row := range []struct {
		who, id string
		status  int
	}{
		{"1002", "F1", http.StatusAccepted},  // of the city
		{"1001", "F1", http.StatusForbidden}, // of another
		{"1001", "F2", http.StatusAccepted},  // the owner
		{"1019", "F1", http.StatusAccepted},  // a supervisor
		{"prov", "F1", http.StatusAccepted},  // the province is above the city
		{"1002", "F9", http.StatusConflict},
	} {
		s.wants(row.status, routing.AgentID(row.who), "POST /api/v1/follow-ups/"+row.id+"/call", `{"override":"老师确认"}`)
	}
	if want := "F1 by 1002 老师确认"; s.out.placed[0] != want || len(s.out.placed) != 4 {
		t.Errorf("placed %q, want first %q", s.out.placed, want)
	}
}

func TestASeatRingsOutForItsOwnCity(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.wants(http.StatusAccepted, "1002", "POST /api/v1/calls", `{"to":"number:043312356"}`)
	if want := "043312356 by 1002 of 222400"; len(s.out.placed) != 1 || s.out.placed[0] != want {
		t.Errorf("placed %q, want %q", s.out.placed, want)
	}
	for _, body := range []string{`{"to":"110"}`, `{"to":"agent:1001"}`, `{"to":"number:1 2"}`, `{}`} {
		s.wants(http.StatusBadRequest, "1002", "POST /api/v1/calls", body)
	}
	s.out.answer = call.RefusedError("该号码不在允许拨打的名单中")
	s.wants(http.StatusConflict, "1002", "POST /api/v1/calls", `{"to":"number:13800000000"}`)
}

package cti

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
)

func TestASupervisorPullsAWaitingCallForASeatOrForItself(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.wants(http.StatusOK, "1019", "POST /api/v1/calls/C3/pull", `{"agent":"1002"}`)
	s.wants(http.StatusOK, "1019", "POST /api/v1/calls/C3/pull", `{}`)
	seat, _ := s.opts.Roster().Find("1002")
	own, _ := s.opts.Roster().Find("1019")
	want := []call.Wish{call.WishPull{Agent: "1002", Queues: seat.Queues}, call.WishPull{Agent: "1019", Queues: own.Queues}}
	if diff := cmp.Diff(want, s.calls.asked()); diff != "" {
		t.Error(diff)
	}
	s.wants(http.StatusBadRequest, "1019", "POST /api/v1/calls/C3/pull", `{"agent":"nobody"}`)
	s.wants(http.StatusForbidden, "1001", "POST /api/v1/calls/C1/pull", `{}`)
}

package cti

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
)

func TestOnlyASupervisorPausesARecordingAndForAReason(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	const pause, resume = "POST /api/v1/calls/C1/recording/pause", "POST /api/v1/calls/C1/recording/resume"
	for _, reason := range []string{`{}`, `{"reason":" "}`} {
		s.wants(http.StatusBadRequest, "1019", pause, reason)
	}
	s.wants(http.StatusForbidden, "1001", pause, `{"reason":"说密码"}`)
	s.wants(http.StatusForbidden, "1001", resume, "")
	s.wants(http.StatusOK, "1019", pause, `{"reason":"说密码"}`)
	s.wants(http.StatusOK, "1019", resume, "")
	if diff := cmp.Diff([]call.Wish{call.WishPause{Reason: "说密码"}, call.WishResume{}}, s.calls.asked()); diff != "" {
		t.Error(diff)
	}
}

func TestWhoSeesACallSeesThatItsRecordingIsPaused(t *testing.T) {
	t.Parallel()
	got := viewRecording(&call.Recording{
		Wanted: true, Parts: []call.RecordingPart{{File: "a"}}, Pauses: []call.Pause{{By: "1019", Reason: "他的电话是13812345678"}},
	})
	want := RecordingView{On: true, Files: 2, Paused: true, Pauses: []PauseView{{By: "1019", Reason: maskText("他的电话是13812345678")}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(moment{})); diff != "" || got.Pauses[0].Reason == "他的电话是13812345678" {
		t.Error(diff)
	}
}

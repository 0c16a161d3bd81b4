package e2e

import (
	"strings"
	"testing"

	"weibao/tests/stage"
)

func TestASeatWhoseDeskHasCrashedIsPassedOverUntilItIsBack(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	first, second := s.Seat("1001"), s.Seat("1002")
	crash := first.OpensDesk()
	s.Until("the desk is seen", func() bool { return first.State().Desk == "open" })
	crash()
	s.Until("the desk is missed", func() bool { return first.State().Why == "desk" })
	if state := first.State(); state.Presence != "ready" || state.Say != "坐席 1001 的坐席桌面没有响应" {
		t.Errorf("the seat is %+v, want ready, and why it is not rung", state)
	}
	if got := s.Notices(); len(got) != 1 || got[0].Kind != "desk" {
		t.Errorf("the supervisors are told %+v", got)
	}
	child, other := s.Citizen("13800000001"), s.Citizen("13800000002")
	child.ComesBy("220100")
	second.Answers()
	child.Hears(second)
	defer first.OpensDesk()()
	s.Until("the seat is free again", func() bool { return first.State().Free })
	other.ComesBy("220100")
	first.Answers()
	other.Hears(first)
	child.HangsUp()
	other.HangsUp()
	s.Until("the log has it all", func() bool {
		log, err := s.Weibao("agent", "log", "1001")
		return err == nil && strings.Count(log, "桌面") >= 4 && strings.Contains(log, "通话 → 话后整理")
	})
}

package cti

import (
	"testing"
	"time"

	"weibao/routing"
)

func TestAMergeOfThreeKeepsTheRightDeskAndTheRingsMissed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 1, 2, 0, 0, 0, time.UTC)
	base := Standing{Agent: "1001", Presence: routing.Ready, Missed: 1, RestUntil: at, Desk: DeskOpen, DeskAt: "gw-a", Claim: 5, Fence: 6}
	with := func(change func(s *Standing)) Standing {
		s := base
		change(&s)
		return s
	}
	same := func(*Standing) {}
	for _, row := range []struct {
		name            string
		mine, got, want func(s *Standing)
	}{
		{
			"who says ready while another gateway claims the seat has missed nothing",
			func(s *Standing) { s.Missed, s.RestUntil = 0, time.Time{} },
			func(s *Standing) { s.Work, s.Claim, s.Gateway = routing.Claimed, 7, "gw-b" },
			func(s *Standing) {
				s.Work, s.Claim, s.Gateway, s.Missed, s.RestUntil = routing.Claimed, 7, "gw-b", 0, time.Time{}
			},
		},
		{
			"a ring missed elsewhere counts",
			same, func(s *Standing) { s.Missed = 2 }, func(s *Standing) { s.Missed = 2 },
		},
		{
			"a desk that has moved is not gone",
			func(s *Standing) { s.Desk = DeskGone },
			func(s *Standing) { s.DeskAt = "gw-b" },
			func(s *Standing) { s.DeskAt = "gw-b" },
		},
		{
			"a desk that is open here is not gone elsewhere",
			func(s *Standing) { s.DeskAt = "gw-c" },
			func(s *Standing) { s.Desk, s.DeskAt = DeskGone, "gw-b" },
			func(s *Standing) { s.DeskAt = "gw-c" },
		},
		{
			"whoever says that it works without a desk is believed",
			func(s *Standing) { s.Desk = DeskGone },
			func(s *Standing) { s.Desk, s.DeskAt = DeskNone, "" },
			func(s *Standing) { s.Desk, s.DeskAt = DeskNone, "" },
		},
		{
			"what only one has changed is kept",
			func(s *Standing) { s.Desk = DeskGone }, func(s *Standing) { s.Reason = "x" },
			func(s *Standing) { s.Desk, s.Reason = DeskGone, "x" },
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := &chair{base: base, now: with(row.mine)}
			clash := c.learn(with(row.got), "gw-a")
			if want := with(row.want); clash || c.now != want {
				t.Errorf("clash %t, merged\n%+v, want\n%+v", clash, c.now, want)
			}
		})
	}
}

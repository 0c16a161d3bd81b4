package main

import (
	"testing"
	"time"

	"weibao/record"
	"weibao/routing"
)

func TestALineOfTheSeatLogIsReadable(t *testing.T) {
	t.Parallel()
	at := record.MomentOf(time.Date(2026, 11, 23, 20, 0, 10, 0, time.Local))
	stamp := "2026-11-23 20:00:10  "
	for want, c := range map[string]record.SeatChange{
		"就绪 → 暂离  用餐  本人 1001":          {What: routing.FactPresence, From: "ready", To: "away", Cause: "用餐", By: "1001"},
		"就绪 → 暂离  振铃未接  01C":            {What: routing.FactPresence, From: "ready", To: "away", Cause: "振铃未接", Call: "01C"},
		"通话 → 话后整理  10 秒  通话结束  q  01C": {What: routing.FactWork, From: "talking", To: "wrapping", Cause: "left", Queue: "q", Call: "01C", Since: record.MomentOf(at.Add(-10 * time.Second))},
		"桌面已打开 → 桌面无响应  桌面没有响应":         {What: routing.FactDesk, From: "open", To: "gone", Cause: "no sign of the desk"},
		"old → new": {What: "other", From: "old", To: "new"},
	} {
		c.At = at
		if got := sayChange(c); got != stamp+want {
			t.Errorf("%q, want %q", got, stamp+want)
		}
	}
}

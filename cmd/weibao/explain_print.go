package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"weibao/routing"
)

// print answers in JSON, or in words.
func (e explanation) print(io streams, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(io.out)
		out.SetIndent("", "  ")
		return out.Encode(e)
	}
	e.tell(io.out)
	return nil
}

// tell is the whole explanation for people.
func (e *explanation) tell(out io.Writer) {
	line := func(zh, en string, args ...any) { fmt.Fprintf(out, e.words(zh, en)+"\n", args...) }
	day := ""
	if e.Day != "" {
		day = e.words("，", ", ") + e.Day
	}
	line("来电：%s（%s%s），拨打 %s", "The call: %s (%s%s), to %s", e.At.Format("2006-01-02 15:04 -07:00"), e.weekday(), day, e.Dialled)
	line("地区：%s。%s", "Region: %s; %s", e.RegionName, e.Origin.Say)
	line("号码：%s", "Caller: %s", e.Caller.Say)
	line("\n语音菜单", "\nThe menu")
	for _, stop := range e.Menus {
		e.tellStop(line, stop)
	}
	line("\n走哪条路由（✓ 符合，✗ 不符合；第一条完全符合的接走）", "\nWhich route (✓ holds, ✗ does not; the first that holds takes the call)")
	for _, check := range e.Trace {
		line("  %[1]s %[2]s", "  %[1]s %[2]s", mark(check.Held), check.Say)
	}
	line("路由：“%s”，优先级 %d", "Route: “%s”, priority %d", e.Route, e.Priority)
	line("\n接下来（%s）", "\nWhat then (%s)", e.supposed())
	for _, step := range e.Steps {
		e.tellStep(line, step)
	}
	e.tellWhere(line)
	line("\n配置版本 %s", "\nVersion of the configuration: %s", e.Guide)
}

// teller prints one line in the language of the answer.
type teller func(zh, en string, args ...any)

func (e *explanation) tellStop(line teller, stop explainedMenu) {
	var said []string
	for _, play := range stop.Plays {
		text := play.Text
		if text == "" {
			text = play.Name
		}
		said = append(said, text)
	}
	if len(said) > 0 {
		line("  播放：%s", "  plays: %s", strings.Join(said, e.words("／", " / ")))
	}
	if stop.Menu != "" || len(said) == 0 {
		line("  %[1]s", "  %[1]s", stop.Say)
	}
}

// supposed is under what load the timeline holds.
func (e *explanation) supposed() string {
	var parts []string
	for _, queue := range slices.Sorted(maps.Keys(e.loads.ByQueue)) {
		parts = append(parts, e.speech.Queue(queue)+e.staffed(e.loads.ByQueue[queue]))
	}
	others := e.words("其他队列", "every other queue")
	if len(parts) == 0 {
		others = e.words("每个队列", "every queue")
	}
	if e.loads.None {
		others += e.words("都没有坐席在岗", " has no seat")
	} else {
		others += e.words("有 1 个坐席在岗、没有别人在等", " has one seat and nobody else waits")
	}
	return e.words("假设", "if ") + strings.Join(append(parts, others), e.words("，", ", ")) + e.words("，而一直没有人接", ", and nobody answers")
}

// staffed says what follows the name of a queue with that load.
func (e *explanation) staffed(load routing.Load) string {
	said := fmt.Sprintf(e.words("有 %d 个坐席在岗", " has %d seat(s)"), load.Seats)
	if load.Seats == 0 {
		said = e.words("没有坐席在岗", " has no seat")
	}
	if load.Waiting > 0 {
		said += fmt.Sprintf(e.words("、前面有 %d 人在等", " and %d before this caller"), load.Waiting)
	}
	return said
}

func (e *explanation) tellStep(line teller, step explainedStep) {
	begins := e.speech.Duration(time.Duration(step.BeginsMS) * time.Millisecond)
	line("  %[1]s  %[2]s", "  %[1]s  %[2]s", begins, step.Why.Say)
	switch {
	case len(step.Seats) == 0:
	case step.Load.Seats == 0:
		line("      这些坐席都不在岗：%s", "      none of these seats is there: %s", e.seats(step.Seats))
	default:
		line("      坐席：%s；%s，每人 %s", "      seats: %s; %s, each for %s", e.seats(step.Seats), e.speech.Strategy(step.Queues[0]), e.speech.Duration(step.ringFor))
	}
	if step.Duty != nil {
		e.tellDuty(line, step.Duty)
	}
}

// mostSeats is how many seats are named.
const mostSeats = 8

func (e *explanation) seats(seats []explainedSeat) string {
	var names []string
	for _, seat := range seats[:min(len(seats), mostSeats)] {
		names = append(names, seat.Name+e.words("（", " (")+string(seat.ID)+e.words("）", ")"))
	}
	listed := strings.Join(names, e.words("、", ", "))
	if len(seats) > mostSeats {
		listed += e.words("等 ", " and others, ") + strconv.Itoa(len(seats)) + e.words(" 人", " in all")
	}
	return listed
}

func (e *explanation) tellDuty(line teller, duty *explainedDuty) {
	for _, why := range duty.Why {
		line("      %[1]s", "      %[1]s", why)
	}
	if len(duty.Numbers) > 0 {
		line("      号码依次是 %s，每个响 %s；都没有接，%s后从头再拨", "      their numbers in order: %s, each rung for %s; when nobody answers, again after %s",
			strings.Join(duty.Numbers, e.words("、", ", ")), e.speech.Duration(e.ringFor), e.speech.Duration(e.restFor))
	}
}

func (e *explanation) tellWhere(line teller) {
	line("\n紧急情况转 110", "\n110 in an emergency")
	for _, p := range e.Police {
		line("  孩子在%s时依次拨 %s", "  while the child is in %s: %s", p.Name, strings.Join(p.Numbers, e.words("、", ", ")))
	}
	if e.Places == nil {
		return
	}
	line("\n管辖", "\nWhose matter it is")
	line("  %[1]s", "  %[1]s", e.Places.Say)
	if e.Places.Duty != nil {
		e.tellDuty(line, e.Places.Duty)
	}
}

func (e *explanation) weekday() string {
	day := e.At.Weekday()
	return e.words("星期"+[]string{"日", "一", "二", "三", "四", "五", "六"}[day], day.String())
}

func mark(held bool) string {
	if held {
		return "✓"
	}
	return "✗"
}

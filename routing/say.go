package routing

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Speech puts what a plan does in words for people who are no programmers: in
// one language, with names in place of codes. What it does not know it says as
// it stands.
type Speech struct {
	plan    *Plan
	english bool
}

// In speaks English for "en" and Chinese for everything else.
func (p *Plan) In(lang string) Speech { return Speech{plan: p, english: lang == "en"} }

// Say is a check as one sentence, in "zh" or "en".
func (p *Plan) Say(c Check, lang string) string { return p.In(lang).Check(c) }

// Check is a check as one sentence.
func (s Speech) Check(c Check) string {
	switch c.Fact {
	case FactStep:
		return s.step(c)
	case FactOthers:
		return s.f("“%[1]s”下面的 %[2]s 条例外里，有 %[3]s 条不可能符合，没有逐条去问",
			"%[3]s of the %[2]s exceptions below “%[1]s” can not match and were not asked one by one", c.Rule, c.Want, c.Got)
	case FactOrigin:
		return s.origin(c)
	case FactPlace:
		return s.place(c)
	case FactOrder:
		return s.f("按顺序轮到这位来电人：优先级 %[1]s，已经等了 %[2]s",
			"it is this caller's turn: priority %[1]s, waiting for %[2]s", c.Want, s.length(c.Got))
	case FactPrefer:
		return s.f("%s上次和这位来电人谈过", "%s talked with this caller the last time", s.seat(c.Rule))
	case FactOnly:
		return s.f("只有%s能接这位来电人", "this caller waits for %s only", s.seat(c.Rule))
	case FactCalls:
		return s.f("%[1]s在“%[2]s”里这一班接得最少：%[3]s 通", "%[1]s has had the fewest talks of its shift in “%[2]s”: %[3]s", s.seat(c.Rule), s.Queue(c.Want), c.Got)
	case FactFirst:
		return s.f("%[1]s在“%[2]s”空闲的坐席里编号最小", "%[1]s has the smallest number of those that are free in “%[2]s”", s.seat(c.Rule), s.Queue(c.Want))
	case FactRound:
		return s.f("%[1]s在“%[2]s”里轮到了：上次响铃是 %[3]s前", "it is the turn of %[1]s in “%[2]s”: last rung %[3]s ago", s.seat(c.Rule), s.Queue(c.Want), s.length(c.Got))
	case FactIdle:
		return s.f("%[1]s在“%[2]s”里空闲最久：%[3]s", "%[1]s has been free longest in “%[2]s”: %[3]s", s.seat(c.Rule), s.Queue(c.Want), s.length(c.Got))
	case FactSeat:
		if c.Want != "" {
			return s.f("%[1]s%[2]s，约 %[3]s后空闲", "%[1]s%[2]s and is free again in about %[3]s", s.seat(c.Rule), s.reason(c.Got), s.length(c.Want))
		}
		return s.seat(c.Rule) + s.reason(c.Got)
	case FactAfter:
		return s.after(c)
	case FactLoad:
		return s.load(c)
	case FactUrgent:
		return s.f("按键要马上找人：排到前面（%[1]s），有坐席的各步同时开始", "the key for a person now: to the front (%[1]s), all steps with seats at once", c.Got)
	}
	return s.matcher(c)
}

// f formats the one of two sentences that is in the language.
func (s Speech) f(zh, en string, args ...any) string {
	if s.english {
		zh = en
	}
	return fmt.Sprintf(zh, args...)
}

// Strategy says whom of several free seats a queue rings.
func (s Speech) Strategy(queue string) string {
	switch s.plan.Queues[queue].Strategy {
	case FewestCalls:
		return s.f("接得最少的先响", "the one with the fewest talks is rung first")
	case Linear:
		return s.f("编号最小的先响", "the smallest number is rung first")
	case RRMemory:
		return s.f("轮流响", "they are rung in turn")
	case LeastRecent:
	}
	return s.f("空闲最久的先响", "the one free longest is rung first")
}

// Region is a place by its name. The English name has the code too, for whoever
// does not read Chinese.
func (s Speech) Region(code string) string {
	region, known := s.plan.Regions.Find(code)
	switch {
	case code == "":
		return s.f("没有说明的地方", "no known place")
	case !known:
		return code
	}
	return s.f("%[1]s", "%[1]s (%[2]s)", region.Name, code)
}

// Queue is a queue by its title.
func (s Speech) Queue(name string) string {
	if queue, known := s.plan.Queues[name]; known && queue.Title != "" {
		return queue.Title
	}
	return name
}

// Language is a language by its name.
func (s Speech) Language(code string) string {
	switch code {
	case "zh":
		return s.f("汉语", "Chinese")
	case "ko":
		return s.f("朝鲜语", "Korean")
	case "en":
		return s.f("英语", "English")
	}
	return code
}

// Duration is a length of time as people say it: "1 分钟 20 秒", "1 min 20 s".
func (s Speech) Duration(d time.Duration) string {
	if d >= years {
		return s.f("很久", "a very long time")
	}
	if d < time.Second && d != 0 {
		return s.f("%[1]g 秒", "%[1]g s", d.Seconds())
	}
	d = d.Round(time.Second)
	var parts []string
	for _, unit := range []struct {
		of     time.Duration
		zh, en string
	}{{time.Hour, "%d 小时", "%d h"}, {time.Minute, "%d 分钟", "%d min"}, {time.Second, "%d 秒", "%d s"}} {
		if n := d / unit.of; n > 0 || unit.of == time.Second && len(parts) == 0 {
			parts = append(parts, s.f(unit.zh, unit.en, n))
			d -= n * unit.of
		}
	}
	return strings.Join(parts, " ")
}

// years is how long nobody has been free or has waited: there is no time from
// which it was counted.
const years = 10_000 * time.Hour

// length is a duration of a check; what is none stays as it is.
func (s Speech) length(text string) string {
	if d, err := time.ParseDuration(text); err == nil {
		return s.Duration(d)
	}
	return text
}

// either joins what may be one or another.
func (s Speech) either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	or := s.f("或", " or ")
	if names[last] != "" && names[last][0] < utf8.RuneSelf && !s.english {
		or = " 或 " // between letters or digits
	}
	return strings.Join(names[:last], s.f("、", ", ")) + or + names[last]
}

// all joins what belongs together.
func (s Speech) all(names []string) string { return strings.Join(names, s.f("、", ", ")) }

// origin says how the city of a call was found.
func (s Speech) origin(c Check) string {
	city := s.Region(c.Got)
	switch c.Rule {
	case "trunk":
		return s.f("从中继线 %[1]s 进来，这条线只走%[2]s的来电", "it came by the trunk %[1]s, which carries calls of %[2]s only", c.Want, city)
	case "header":
		if c.Want == c.Got {
			return s.f("来话的线路说明是%[1]s的来电", "the line that brought it says that it is of %[1]s", city)
		}
		return s.f("来话的线路说明是%[1]s的来电，属于%[2]s", "the line that brought it says that it is of %[1]s, which belongs to %[2]s", s.Region(c.Want), city)
	case "dialled":
		return s.f("拨的是 %[1]s，这个区号是%[2]s的", "%[1]s was dialled, whose area code is that of %[2]s", c.Want, city)
	}
	return s.f("没有说明从哪里来，按%[1]s处理", "nothing says from where it came, so it counts as one of %[1]s", city)
}

// place says where a ticket stands in line.
func (s Speech) place(c Check) string {
	if !c.Held {
		return s.f("这位来电人不在排队", "this caller is not in line")
	}
	return s.f("这位来电人排在第 %[1]s 位", "this caller is number %[1]s in line", c.Got)
}

// seat names a seat of a check: "seat 1001".
func (s Speech) seat(rule string) string {
	id, _ := strings.CutPrefix(rule, "seat ")
	return s.f("坐席 %[1]s ", "seat %[1]s", id)
}

// reason is why a seat can not be rung, in a predicate.
func (s Speech) reason(code string) string {
	words, known := seatWords[code]
	if !known {
		return s.f("现在不能接：%[1]s", " can not take a call now: %[1]s", code)
	}
	return s.f(words[0], " "+words[1])
}

// seatWords are the answers of Agent.CanTake in Chinese and English.
var seatWords = map[string][2]string{
	"":              {"现在可以接", "can take a call now"},
	"away":          {"暂时离开", "is away"},
	"offline":       {"没有上线", "is offline"},
	SeatUnreachable: {"的话机没有连上", "has no telephone that can be reached"},
	"claimed":       {"正要接另一通来电", "is about to take another call"},
	"ringing":       {"正在为另一通来电振铃", "is being rung for another call"},
	"talking":       {"正在通话", "is in a talk"},
	"wrapping":      {"正在做话后整理", "is wrapping up after a talk"},
	SeatNoDesk:      {"的坐席桌面没有响应", "has a desk that does not answer"},
	SeatResting:     {"刚才没有接，稍后再派", "has just not answered and is left alone for a moment"},
}

package configs

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"weibao/routing"
)

// casesName is a file that may lie beside the configuration and is no part of
// it: the admins' own table of expectations.
const casesName = "cases.yaml"

// casesFile is the shape of a table of expectations.
type casesFile struct {
	// At is the time of the cases that have none of their own.
	At string `yaml:"at" zh:"没有写时间的来电，按这个时间算"`
	// Cases are calls and what is expected of them.
	Cases []Case `yaml:"cases" need:"yes" zh:"一通一通的来电，和应有的结果"`
}

// Case is a call that somebody asks about, and what is expected of the answer.
// Its fields are as they are written in the file or on the command line; Check
// says what is wrong with them.
type Case struct {
	// Name is what the report calls it.
	Name string `yaml:"name" need:"yes" zh:"名称，结果里用它说是哪一条"`
	// At is when the call comes, see Instant.
	At string `yaml:"at" zh:"来电时间，如 2026-10-01T02:00+08:00；不写时区就是北京时间"`
	// Dialled is the number that was dialled. Default: 12345.
	Dialled string `yaml:"dialled" zh:"拨的号码，不写就是 12345"`
	// Caller is the caller's number. Default: withheld.
	Caller string `yaml:"caller" zh:"来电号码，不写就是没有显示号码"`
	// Region is the code that the line sends along. Default: none.
	Region string `yaml:"region" zh:"线路带来的地区代码"`
	// Trunk is the line group. Default: none.
	Trunk string `yaml:"trunk" zh:"从哪条中继线进来"`
	// Keys are pressed one after the other; when they end in a menu, silence
	// follows.
	Keys string `yaml:"keys" zh:"按键，要加引号；不写就是没有按键"`
	// Facts are what is known of the caller: repeat, risk.
	Facts map[string]string `yaml:"facts" zh:"关于来电人：repeat: lost 半小时内打来过没等到人，risk: flagged 班长标记过、risk: limited 班长限制过"`
	// Load is how busy queues are: "yanbian=5/1" is five others in line and
	// one seat, "none" that no queue has a seat. Default: each has one seat
	// and nobody in line.
	Load some `yaml:"load" zh:"队列有多忙：yanbian=5/1 是前面有 5 人在等、1 个坐席在岗；none 是哪里都没有坐席；不写就是各有一个坐席、没有人在等"`
	// Places are where the matter is, for the jurisdiction.
	Places some `yaml:"places" zh:"事情涉及的地方的代码，看由哪一级处理"`
	Want   Want `yaml:"want" zh:"应有的结果；只核对写了的"`
}

// Want is what is expected of an answer; what is not said is not looked at.
type Want struct {
	Route string `yaml:"route" zh:"走哪条路由"`
	// Region is the city that the call counts as one of.
	Region string `yaml:"region" zh:"算作哪个市（州）的来电，写代码"`
	// Steps are all steps in their order.
	Steps some `yaml:"steps" zh:"找人的全部步骤，按顺序，如 [queue:yanbian, queue:province, duty:222400]"`
	// Reaches are targets that must be among the steps.
	Reaches some `yaml:"reaches" zh:"步骤里应当有的去处，不管顺序"`
	// OnDuty are the names of officers, or masked numbers, that must be among
	// those who are rung.
	OnDuty some `yaml:"on_duty" zh:"会被拨到的值班员的姓名，或打码的号码，如 139****0433"`
	// Priority is the place in line that the route gives.
	Priority *int `yaml:"priority" min:"0" max:"40" zh:"排队的优先级"`
	// Handles is the unit that is to handle a matter of Places.
	Handles string `yaml:"handles" zh:"应由哪个单位处理，写代码；和 places 一起用"`
}

// empty reports that nothing is expected.
func (w Want) empty() bool {
	return w.Route == "" && w.Region == "" && len(w.Steps)+len(w.Reaches)+len(w.OnDuty) == 0 && w.Priority == nil && w.Handles == ""
}

// ReadCases reads a table of expectations and checks it against the
// configuration that it is for.
func ReadCases(files fs.FS, name string, s *Snapshot) ([]Case, Faults) {
	src := load(files, name)
	var file casesFile
	src.decode(&file)
	if file.At != "" {
		checkInstant(src.wrong, place{"at"}, file.At)
	}
	first := make(map[string]int)
	for i := range file.Cases {
		c := &file.Cases[i]
		p := place{"cases", i}
		if at, twice := first[c.Name]; twice && c.Name != "" {
			src.wrong(p.with("name"), Fault{What: say("名称 %s 重复，第 %d 行已经有了", "the name %s is there twice, first in line %d", quote(c.Name), src.at(place{"cases", at, "name"}).Line)})
		} else {
			first[c.Name] = i
		}
		c.check(s, func(at place, f Fault) {
			if at = slices.Concat(p, src.inList(p, at)); !src.faulty(at) {
				src.wrong(at, f)
			}
		})
		c.At = cmp.Or(c.At, file.At)
		c.whole(src, p)
	}
	src.faults.sort()
	return file.Cases, src.faults
}

// whole checks that a case says enough to be looked at.
func (c Case) whole(src *source, p place) {
	if c.Name == "" {
		return // a fault already, perhaps because it is no case at all
	}
	if c.At == "" && !src.faulty(p.with("at")) {
		src.wrong(p, Fault{What: say("没有时间：结果会随运行的时刻变", "there is no time, and the answer would change with the hour of the day"), Want: say("at: 2026-10-01T02:00+08:00，写在这里或文件开头", "at: 2026-10-01T02:00+08:00, here or at the top of the file")})
	}
	if c.Want.empty() && !src.faulty(p.with("want")) {
		src.wrong(p, Fault{What: say("没有写应有的结果", "nothing is expected"), Want: say("want 下面至少一项", "at least one line below want")})
	}
}

// inList is the place of a value, which may have been written without a list.
func (s *source) inList(above, p place) place {
	if i, listed := p[len(p)-1].(int); listed {
		return s.item(slices.Concat(above, p[:len(p)-1]), i)[len(above):]
	}
	return p
}

// Check says what is wrong with a case: forms and names. Path says where.
func (c Case) Check(s *Snapshot) Faults {
	var faults Faults
	c.check(s, func(p place, f Fault) {
		f.Path = p.String()
		faults = append(faults, f)
	})
	return faults
}

// Number is what was dialled.
func (c Case) Number() string { return cmp.Or(c.Dialled, "12345") }

// Instant reads a time to the second or to the minute; without a zone it is
// that of Beijing.
func Instant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime} {
		if at, err := time.ParseInLocation(layout, text, routing.Beijing()); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// noSeats in the place of a load says that no queue has a seat.
const noSeats = "none"

// Loads is how busy queues are, without the call that asks.
type Loads struct {
	ByQueue map[string]routing.Load
	// None says that queues that are not named have no seats; otherwise each
	// has one, and nobody waits.
	None bool
}

// Loads are the loads of a case that Check finds good.
func (c Case) Loads() Loads {
	l := Loads{ByQueue: make(map[string]routing.Load)}
	for _, text := range c.Load {
		if text == noSeats {
			l.None = true
		} else if queue, load, ok := readLoad(text); ok {
			l.ByQueue[queue] = load
		}
	}
	return l
}

// Of is the load of all seats of these wants together, as the floor tells it to
// a call that waits for them: that call waits too.
func (l Loads) Of(wants []routing.Want) routing.Load {
	sum := routing.Load{Waiting: 1}
	for _, queue := range (routing.Ticket{Wants: wants}).Queues() {
		load, named := l.ByQueue[queue]
		switch {
		case named:
			sum.Waiting, sum.Seats = sum.Waiting+load.Waiting, sum.Seats+load.Seats
		case !l.None:
			sum.Seats++
		}
	}
	return sum
}

// readLoad reads "yanbian=5/1".
func readLoad(text string) (queue string, load routing.Load, ok bool) {
	queue, numbers, isLoad := strings.Cut(text, "=")
	waiting, seats, isRatio := strings.Cut(numbers, "/")
	n, err := strconv.ParseUint(waiting, 10, 16)
	m, err2 := strconv.ParseUint(seats, 10, 16)
	load = routing.Load{Waiting: int(n), Seats: int(m)}
	return queue, load, isLoad && isRatio && err == nil && err2 == nil
}

// String is the load as it is written.
func (l Loads) String() string {
	var parts []string
	for _, queue := range sortedKeys(l.ByQueue) {
		parts = append(parts, fmt.Sprintf("%s=%s", queue, l.ByQueue[queue]))
	}
	if l.None {
		parts = append(parts, noSeats)
	}
	return strings.Join(parts, " ")
}

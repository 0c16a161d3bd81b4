package configs

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"weibao/routing"
)

// holidaysFile is the shape of each file in holidays/. The file's name is its
// year.
type holidaysFile struct {
	// Holidays are those of the whole country, as the State Council office
	// publishes them.
	Holidays []holidayShape `yaml:"holidays" need:"yes" zh:"全国的节假日，按国务院办公厅的通知，一行一个假期"`
	// Regions are holidays that only a region has, by its code; the units
	// below it have them too.
	Regions map[string][]holidayShape `yaml:"regions" zh:"某个地区自己的假日，按区域代码；下级县（市、区）一同放假"`
}

// holidayShape is one holiday of one year.
type holidayShape struct {
	// Name is what people call it.
	Name string `yaml:"name" need:"yes" zh:"节日名称"`
	// From is the first day off.
	From date `yaml:"from" need:"yes" zh:"放假的第一天"`
	// To is the last day off. Default: From.
	To date `yaml:"to" zh:"放假的最后一天；只有一天时不写"`
	// Workdays are the Saturdays and Sundays of work that make it longer
	// (调休). Default: none.
	Workdays []date `yaml:"workdays" zh:"因此要上班的周六、周日（调休）；没有就不写"`
	// Provisional is true while the notice is not published. Default: false.
	Provisional bool `yaml:"provisional" zh:"true 表示通知还没有公布，只是暂定"`
}

// date is a day: 2026-02-15.
type date string

func (d date) check() (Words, bool) {
	_, ok := routing.ParseDate(string(d))
	return Words{"日期，如 2026-02-15", "a date such as 2026-02-15"}, ok
}

// datePattern matches dates; the calendar knows besides which months have 31
// days.
const datePattern = `[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])`

func (date) form() form {
	return form{pattern: "^" + datePattern + "$", examples: []string{"2026-10-01"}}
}

// Limits that a slip of the pen passes and a real notice does not.
const (
	longestHoliday = 15 // days
	farthestSwap   = 30 // days between a swapped workday and its holiday
)

// publishedAhead is how many days before the end of the last published year
// the check begins to warn.
const publishedAhead = 60

// statutory are the holidays of the regulation (全国年节及纪念日放假办法), as
// they stand in the names of a notice's rows.
func statutory() []string {
	return []string{"元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆"}
}

// holidayBook is the years that have been read.
type holidayBook struct {
	regions *regionBook
	years   []routing.Year
}

func readHolidays(sources []*source, regions *regionBook) *holidayBook {
	b := &holidayBook{regions: regions}
	last := 0
	for _, src := range sources { // in the order of the years
		number, ok := yearOf(src.name)
		if !ok {
			src.fault(Fault{What: say("文件名应为年份", "the file's name must be a year"), Want: Words{ZH: "2026.yaml"}})
			continue
		}
		for missing := last + 1; last > 0 && missing < number; missing++ {
			src.fault(Fault{What: say("%d 年和 %d 年之间缺 %s", "between %d and %d there is no %s", last, number, yearName(missing))})
		}
		last = number
		b.read(src, number)
	}
	return b
}

// yearOf is the year that a file is named for.
func yearOf(name string) (int, bool) {
	number, err := strconv.Atoi(strings.TrimSuffix(path.Base(name), ".yaml"))
	return number, err == nil && number >= 2000 && number < 2100 && name == yearName(number)
}

func yearName(year int) string { return path.Join(holidaysFolder, strconv.Itoa(year)+".yaml") }

// read checks one year.
func (b *holidayBook) read(src *source, number int) {
	var file holidaysFile
	src.decode(&file)
	year := routing.Year{Number: number}
	list := newHolidayList(src, number)
	for i, shape := range file.Holidays {
		list.add(place{"holidays", i}, shape)
		year.Provisional = year.Provisional || shape.Provisional
	}
	list.gaps()
	if len(file.Holidays) > 0 {
		list.complete(file.Holidays)
	}
	year.Days = list.days
	own := make(map[string]map[routing.Date]routing.Day)
	for _, region := range slices.Sorted(maps.Keys(file.Regions)) {
		p := place{"regions", region}
		if _, ok := b.regions.at[region]; !ok && len(b.regions.rows) > 0 {
			src.wrongKey(p, Fault{What: say("没有区域 %s", "there is no region %s", region), Near: nearest(region, b.regions.codes())})
		}
		list := newHolidayList(src, number)
		for i, shape := range file.Regions[region] {
			list.add(p.with(i), shape)
		}
		list.gaps()
		own[region] = list.days
	}
	year.Regions = b.inherited(own)
	b.years = append(b.years, year)
}

// inherited gives every region the days of the units above it; the nearest
// unit goes before the others.
func (b *holidayBook) inherited(own map[string]map[routing.Date]routing.Day) map[string]map[routing.Date]routing.Day {
	all := make(map[string]map[routing.Date]routing.Day)
	for i := range b.regions.rows {
		days := make(map[routing.Date]routing.Day)
		for up, ok := i, !b.regions.unsound; ok; up, ok = b.regions.at[b.regions.rows[up].Parent] {
			for day, what := range own[b.regions.rows[up].Code] {
				if _, nearer := days[day]; !nearer {
					days[day] = what
				}
			}
		}
		if len(days) > 0 {
			all[b.regions.rows[i].Code] = days
		}
	}
	return all
}

// compile makes the calendar of files without fault.
func (b *holidayBook) compile() routing.Calendar { return routing.NewCalendar(b.years...) }

// holidayList is the rows of the country or of one region in one year.
type holidayList struct {
	src    *source
	year   int
	days   map[routing.Date]routing.Day
	lines  map[routing.Date]int // where a day was said first
	ranges map[string][]holidayRange
}

// holidayRange is one row's days off.
type holidayRange struct {
	place    place
	from, to routing.Date
}

func newHolidayList(src *source, year int) *holidayList {
	return &holidayList{
		src: src, year: year, days: make(map[routing.Date]routing.Day),
		lines: make(map[routing.Date]int), ranges: make(map[string][]holidayRange),
	}
}

// add checks one row and takes its days.
func (l *holidayList) add(p place, shape holidayShape) {
	row, ok := l.off(p, shape)
	if ok {
		for d := row.from; d.Compare(row.to) <= 0; d = d.AddDays(1) {
			if !l.take(p.with("from"), d, routing.Day{Kind: routing.Holiday, Name: shape.Name, Provisional: shape.Provisional}) {
				break
			}
		}
		l.ranges[shape.Name] = append(l.ranges[shape.Name], row)
	}
	for i, text := range shape.Workdays {
		p := p.with("workdays").with(i)
		day, good := l.date(p, text)
		switch weekday := day.Weekday(); {
		case !good:
		case weekday != time.Saturday && weekday != time.Sunday:
			l.src.wrong(p, Fault{
				What: say("%[1]s 是星期%[2]s，本来就上班", "%[1]s is a %[3]s, a workday already", day, string([]rune("日一二三四五六")[weekday]), weekday),
				Want: say("周六或周日", "a Saturday or Sunday"),
			})
		case ok && (day.Compare(row.from.AddDays(-farthestSwap)) < 0 || day.Compare(row.to.AddDays(farthestSwap)) > 0):
			l.src.wrong(p, Fault{What: say("%s 离%s超过 %d 天，请检查月份", "%s is not near %s: more than %d days; check the month", day, shape.Name, farthestSwap)})
		default:
			l.take(p, day, routing.Day{Kind: routing.SwappedWorkday, Name: shape.Name, Provisional: shape.Provisional})
		}
	}
}

// off reads the days off of a row.
func (l *holidayList) off(p place, shape holidayShape) (holidayRange, bool) {
	from, ok := l.date(p.with("from"), shape.From)
	to, end := from, p.with("to")
	if shape.To != "" {
		last, good := l.date(end, shape.To)
		to, ok = last, ok && good
	}
	switch {
	case !ok:
		return holidayRange{}, false
	case to.Compare(from) < 0:
		l.src.wrong(end, Fault{What: say("最后一天 %s 在第一天 %s 之前", "the last day %s is before the first %s", to, from)})
		return holidayRange{}, false
	case to.Compare(from.AddDays(longestHoliday-1)) > 0:
		l.src.wrong(end, Fault{What: say("%s 到 %s 超过 %d 天，请检查月份", "%s to %s is more than %d days; check the month", from, to, longestHoliday)})
		return holidayRange{}, false
	}
	return holidayRange{place: p, from: from, to: to}, true
}

// date reads a date and checks that it is in the file's year.
func (l *holidayList) date(p place, text date) (routing.Date, bool) {
	day, ok := routing.ParseDate(string(text))
	if !ok {
		return day, false // a fault already
	}
	if day.Year != l.year {
		l.src.wrong(p, Fault{
			What: say("%s 不在 %d 年", "%s is not in %d", day, l.year),
			Want: say("%d 年的日期；跨年的假期分写在两个文件里", "a date of %d; a holiday over New Year is split between two files", l.year),
		})
		return day, false
	}
	return day, true
}

// take notes what a day is; a day that has been said already is a fault.
func (l *holidayList) take(p place, day routing.Date, what routing.Day) bool {
	if line, twice := l.lines[day]; twice {
		l.src.wrong(p, Fault{What: say("%s 重复，第 %d 行已经有了（%s）", "%s is there twice, first in line %d (%s)", day, line, l.days[day].Name)})
		return false
	}
	l.days[day], l.lines[day] = what, l.src.at(p).Line
	return true
}

// gaps finds holidays in several rows with a day between that nobody named.
func (l *holidayList) gaps() {
	for _, name := range slices.Sorted(maps.Keys(l.ranges)) {
		rows := slices.SortedFunc(slices.Values(l.ranges[name]), func(a, b holidayRange) int {
			return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to))
		})
		for i := 1; i < len(rows); i++ {
			if next := rows[i-1].to.AddDays(1); rows[i].from.Compare(next) > 0 {
				l.src.wrong(rows[i].place.with("from"), Fault{
					What: say("%s断开了：%s 没有写", "%s has a gap: %s is not there", name, next),
					Want: say("连续的日子，或另一个名称", "days without a gap, or another name"),
				})
			}
		}
	}
}

// complete finds holidays of the regulation that a year does not have.
func (l *holidayList) complete(rows []holidayShape) {
	for _, name := range statutory() {
		if !slices.ContainsFunc(rows, func(row holidayShape) bool { return strings.Contains(row.Name, name) }) {
			l.src.wrongKey(place{"holidays"}, Fault{What: say("缺少法定节日：%s", "a statutory holiday is missing: %s", name)})
		}
	}
}

// Warnings are what is not wrong yet but must be done soon, at that time:
// holidays that end before the next notice was typed in.
func (s *Snapshot) Warnings(at time.Time) []Words {
	last, some := s.Calendar.Published()
	today := routing.DateOf(at)
	if some && today.AddDays(publishedAhead).Compare(last) < 0 {
		return nil
	}
	next := yearName(max(last.Year+1, today.Year))
	if !some {
		return []Words{say("没有一年的节假日是已公布的，请按国务院办公厅的通知填写 %s", "no year's holidays are published; fill %s from the State Council's notice", next)}
	}
	return []Words{say("已公布的节假日只到 %s，之后是暂定的或没有；请按国务院办公厅的通知填写 %s",
		"published holidays end on %s, what follows is provisional or missing; fill %s from the State Council's notice", last, next)}
}

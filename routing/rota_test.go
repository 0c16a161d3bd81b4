package routing

import (
	"strings"
	"testing"
	"time"
)

// yanbian is a post with everything: the spring festival on top, days, nights
// that begin on one day and end on the next, and a weekly turn.
func yanbian(t testing.TB, zone string) Post {
	t.Helper()
	return Post{
		Code: "222400", Name: "延边州值班", Zone: place(t, zone),
		Officers: []Officer{
			{ID: "jin", Name: "金哲", Numbers: []string{"13900000433", "04332518800"}},
			{ID: "li", Name: "李红", Numbers: []string{"13900000433", "13900010433"}},
			{ID: "piao", Name: "朴明花", Numbers: []string{"13900020433"}},
		},
		Shifts: []Shift{
			{Name: "春节", Dates: []DateRange{{date(t, "2026-02-16"), date(t, "2026-02-17")}}, Team: []OfficerID{"piao"}},
			{Name: "州庆", Holidays: []string{"州庆"}, From: 8 * 60, To: 20 * 60, Team: []OfficerID{"li"}},
			{Name: "白班", From: 8 * 60, To: 17 * 60, Kinds: []DayKind{Workday}, Team: []OfficerID{"jin", "li"}},
			{Name: "休息日白班", From: 8 * 60, To: 17 * 60, Team: []OfficerID{"li", "piao"}},
			{Name: "夜班", From: 17 * 60, To: 8 * 60, Turns: Turns{
				From: date(t, "2026-01-05"), Every: 7, Teams: [][]OfficerID{{"jin"}, {"li", "jin"}, {"piao"}},
			}},
		},
	}
}

func instant(t testing.TB, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// told is a duty in one line: shift, officers, since and until.
func told(d Duty) string {
	names := make([]string, len(d.Officers))
	for i, o := range d.Officers {
		names[i] = string(o.ID)
		if o.ID == "" {
			names[i] = o.Name
		}
	}
	line := strings.TrimSpace(d.Shift + " " + strings.Join(names, ","))
	for _, at := range []time.Time{d.Since, d.Until} {
		if at.IsZero() {
			line += " -"
			continue
		}
		line += at.Format(" 01-02T15:04")
	}
	return line
}

func TestTheFirstShiftThatCoversTheInstantCounts(t *testing.T) {
	t.Parallel()
	r := NewRota(yanbian(t, "Asia/Shanghai"), springCalendar(t))
	for _, row := range []struct{ at, want string }{
		{"2026-11-23 08:00", "白班 jin,li 11-23T08:00 11-23T17:00"},
		{"2026-11-23 16:59", "白班 jin,li 11-23T08:00 11-23T17:00"},
		{"2026-11-23 17:00", "夜班 li,jin 11-23T17:00 11-24T08:00"},
		{"2026-11-24 07:59", "夜班 li,jin 11-23T17:00 11-24T08:00"},
		{"2026-11-22 12:00", "休息日白班 li,piao 11-22T08:00 11-22T17:00"},
		{"2026-11-23 03:00", "夜班 jin 11-22T17:00 11-23T08:00"},        // begun on Sunday: last week's turn
		{"2026-01-04 17:00", "夜班 piao 01-04T17:00 01-05T08:00"},       // the day before the first turn
		{"2026-02-14 12:00", "白班 jin,li 02-14T08:00 02-14T17:00"},     // a swapped Saturday
		{"2026-02-16 00:00", "春节 piao 02-16T00:00 02-17T00:00"},       // the night from the 15th ends here
		{"2026-02-15 23:59", "夜班 piao 02-15T17:00 02-16T00:00"},       // … at midnight
		{"2026-02-18 00:00", "夜班 jin 02-18T00:00 02-18T08:00"},        // the night of the 17th goes on
		{"2026-09-03 12:00", "州庆 li 09-03T08:00 09-03T20:00"},         // Yanbian's own holiday
		{"2026-09-03 19:00", "州庆 li 09-03T08:00 09-03T20:00"},         // takes a part of the night
		{"2026-09-03 20:00", "夜班 li,jin 09-03T20:00 09-04T08:00"},     // which begins later then
		{"2035-06-05 12:00", "白班 jin,li 06-05T08:00 06-05T17:00"},     // a year that nobody knows: by the week
		{"2035-06-09 12:00", "休息日白班 li,piao 06-09T08:00 06-09T17:00"}, //
	} {
		duty, on := r.On(instant(t, row.at, r.Zone()))
		if got := told(duty); !on || got != row.want {
			t.Errorf("%s: %s, want %s", row.at, got, row.want)
		}
	}
}

func TestEverybodyIsRungOnceAndEveryNumberOnce(t *testing.T) {
	t.Parallel()
	post := yanbian(t, "Asia/Shanghai")
	post.Officers[2].Numbers = nil // nobody can be reached without a number
	r := NewRota(post, springCalendar(t))
	duty, _ := r.On(instant(t, "2026-11-23 12:00", r.Zone()))
	if got := strings.Join(duty.Numbers, " "); got != "13900000433 04332518800 13900010433" {
		t.Errorf("rung: %s", got)
	}
	if duty, _ := r.On(instant(t, "2026-02-16 12:00", r.Zone())); duty.Shift == "春节" {
		t.Error("a shift of nobody with a number counts")
	}
}

func TestShiftsThatMeetOnTheWallMeetInTimeAndEveryHourHasOneShift(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ at, want string }{
		{"2026-03-28 23:00", "夜 a 03-28T21:00 03-29T03:00"}, // 02:30 never comes
		{"2026-03-29 03:00", "早 b 03-29T03:00 03-29T09:00"},
		{"2026-10-25 02:29", "夜 a 10-24T21:00 10-25T02:30"}, // 02:30 comes twice, the first counts
		{"2026-10-25 02:31", "早 b 10-25T02:30 10-25T09:00"},
		{"2026-10-25 08:59", "早 b 10-25T02:30 10-25T09:00"},
	} {
		r := NewRota(Post{
			Zone: place(t, "Europe/Berlin"), Officers: []Officer{{ID: "a", Numbers: []string{"1"}}, {ID: "b", Numbers: []string{"2"}}},
			Shifts: []Shift{
				{Name: "夜", From: 21 * 60, To: 2*60 + 30, Team: []OfficerID{"a"}},
				{Name: "早", From: 2*60 + 30, To: 9 * 60, Team: []OfficerID{"b"}},
				{Name: "日", From: 9 * 60, To: 21 * 60, Team: []OfficerID{"a", "b"}},
			},
		}, Calendar{})
		if duty, on := r.On(r.Instant(date(t, row.at[:10]), clockOf(t, row.at[11:]))); !on || told(duty) != row.want {
			t.Errorf("%s: %s, want %s", row.at, told(duty), row.want)
		}
		if gaps := r.Gaps(date(t, "2026-01-01").utc(), date(t, "2027-01-01").utc()); len(gaps) > 0 {
			t.Errorf("gaps: %v", gaps)
		}
	}
}

func clockOf(t testing.TB, text string) Clock {
	t.Helper()
	clock, ok := ParseClock(text)
	if !ok {
		t.Fatal(text)
	}
	return clock
}

func TestAShiftInTheHourThatSpringLeavesOutDoesNotCome(t *testing.T) {
	t.Parallel()
	r := NewRota(Post{
		Zone: place(t, "Europe/Berlin"), Officers: []Officer{{ID: "a", Numbers: []string{"1"}}},
		Shifts: []Shift{{Name: "wake", From: 2*60 + 10, To: 2*60 + 50, Team: []OfficerID{"a"}}, {Name: "day", Team: []OfficerID{"a"}}},
	}, Calendar{})
	day := date(t, "2026-03-29")
	var shifts []string
	for span := range r.Spans(r.Instant(day, 0), r.Instant(day.AddDays(1), 0)) {
		shifts = append(shifts, told(span.Duty))
	}
	if got := strings.Join(shifts, "; "); got != "day a 03-29T00:00 03-30T00:00" {
		t.Error(got)
	}
}

func TestAPostWithoutShiftsHasTheSameNumbersAtEveryHour(t *testing.T) {
	t.Parallel()
	r := AllDay("220112", "双阳", "1", "2", "1")
	duty, on := r.On(noon)
	if !on || told(duty) != "双阳 - -" || strings.Join(duty.Numbers, " ") != "1 2" {
		t.Errorf("%s %v", told(duty), duty.Numbers)
	}
	if _, on := AllDay("220112", "双阳").On(noon); on {
		t.Error("a post without numbers has somebody on duty")
	}
	n := 0
	for span := range r.Spans(noon, noon.AddDate(1, 0, 0)) {
		if n++; !span.On {
			t.Errorf("a gap %+v", span)
		}
	}
	if n != 1 {
		t.Errorf("%d spans, want one", n)
	}
}

func TestGapsNameTheMinutesAndTheShiftsBesideThem(t *testing.T) {
	t.Parallel()
	r := NewRota(Post{
		Officers: []Officer{{ID: "a", Numbers: []string{"1"}}},
		Shifts: []Shift{
			{Name: "白班", From: 8 * 60, To: 17 * 60, Weekdays: []time.Weekday{time.Monday, time.Tuesday, time.Thursday}, Team: []OfficerID{"a"}},
			{Name: "夜班", From: 18 * 60, To: 8 * 60, Weekdays: []time.Weekday{time.Monday, time.Tuesday}, Team: []OfficerID{"a"}},
		},
	}, Calendar{})
	var got []string
	for _, g := range r.Gaps(instant(t, "2026-11-23 00:00", r.Zone()), instant(t, "2026-11-27 00:00", r.Zone())) {
		got = append(got, g.From.Format("02T15:04")+g.To.Format("-02T15:04 ")+g.Before.Name+g.Before.At.Format(" 02T15:04 ")+g.After.Name+g.After.At.Format(" 02T15:04"))
	}
	want := []string{
		"23T00:00-23T08:00 白班 19T17:00 白班 23T08:00",
		"23T17:00-23T18:00 白班 23T17:00 夜班 23T18:00",
		"24T17:00-24T18:00 白班 24T17:00 夜班 24T18:00",
		"25T08:00-26T08:00 夜班 25T08:00 白班 26T08:00",
		"26T17:00-27T00:00 白班 26T17:00 白班 30T08:00",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	none := NewRota(Post{Officers: []Officer{{ID: "a", Numbers: []string{"1"}}}, Shifts: []Shift{{Name: "x", Team: []OfficerID{"b"}}}}, Calendar{})
	gaps := none.Gaps(noon, noon.Add(90*time.Second))
	if len(gaps) != 1 || gaps[0].Before.Shift != -1 || gaps[0].After.Shift != -1 || gaps[0].Minutes() != 2 {
		t.Errorf("nobody at all: %+v", gaps)
	}
}

func TestAShiftThatIsNeverReachedIsFoundWithThoseThatTakeItsTime(t *testing.T) {
	t.Parallel()
	post := yanbian(t, "Asia/Shanghai")
	post.Shifts = append(post.Shifts,
		Shift{Name: "下午", From: 13 * 60, To: 18 * 60, Team: []OfficerID{"li"}},
		Shift{Name: "元宵", Holidays: []string{"元宵"}, Team: []OfficerID{"li"}},
		Shift{Name: "节后", Dates: []DateRange{{date(t, "2026-02-16"), date(t, "2026-02-16")}}, Team: []OfficerID{"li"}},
	)
	got := NewRota(post, springCalendar(t)).Unreached(date(t, "2026-01-01"), date(t, "2026-12-31"))
	if len(got) != 3 || got[0].Shift != 5 || len(got[0].By) < 2 || got[1].Shift != 6 || len(got[1].By) != 0 || got[2].Shift != 7 || got[2].By[0] != 0 {
		t.Errorf("%+v", got)
	}
	if got := NewRota(yanbian(t, "Asia/Shanghai"), springCalendar(t)).Unreached(date(t, "2026-01-01"), date(t, "2026-12-31")); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestTheUnitAboveAnswersWhileAPostHasNobodyAndSaysSo(t *testing.T) {
	t.Parallel()
	zone := Beijing()
	county := NewRota(Post{Code: "222404", Name: "珲春值班", Officers: []Officer{{ID: "xuan", Name: "玄昌植", Numbers: []string{"1"}}}, Shifts: []Shift{
		{Name: "白班", From: 8 * 60, To: 17 * 60, Team: []OfficerID{"xuan"}},
	}}, Calendar{})
	rotas := NewRotas(county, NewRota(yanbian(t, "Asia/Shanghai"), springCalendar(t)))
	day, on := rotas.On(jilin(), "222404", instant(t, "2026-11-23 12:00", zone))
	if !on || day.Post != "222404" || day.Asked != "" {
		t.Errorf("by day %+v", day)
	}
	night, on := rotas.On(jilin(), "222404", instant(t, "2026-11-23 18:00", zone))
	if want := "夜班 li,jin 11-23T17:00 11-24T08:00"; !on || night.Post != "222400" || night.Asked != "222404" || told(night) != want {
		t.Errorf("by night %s of %s, want %s", told(night), night.Post, want)
	}
	if why := strings.Join(night.Why("zh"), "|"); !strings.HasPrefix(why, "珲春值班（222404）这时没有人值班，找上级|值班岗位：延边州值班（222400）|") {
		t.Error(why)
	}
	if _, on := rotas.On(jilin(), "220100", noon); on {
		t.Error("a region without any post has somebody")
	}
	if rota, is := rotas.Of(jilin(), "222404"); !is || rota.Post().Code != "222404" {
		t.Error("the post of 222404 is not its own")
	}
	if _, is := rotas.Of(jilin(), "220100"); is {
		t.Error("220100 has a post")
	}
}

func TestADutySaysWhyInWords(t *testing.T) {
	t.Parallel()
	r := NewRota(yanbian(t, "Asia/Shanghai"), springCalendar(t))
	rotas := NewRotas(r, AllDay("220000", "省值班", "1"))
	for _, row := range []struct{ region, at, zh, en string }{
		{
			"222400", "2026-02-14 18:00",
			"值班岗位：延边州值班（222400）|班次“夜班”，2026-02-14开始；这天是调休上班日（春节）|轮到第 3 组，共 3 组|按这个顺序拨：朴明花|到 2026-02-15 08:00 为止",
			"duty post: 延边州值班 (222400)|shift \"夜班\" of 2026-02-14, swapped workday (春节)|it is the turn of team 3 of 3|rung in this order: 朴明花|until 2026-02-15 08:00",
		},
		{
			"222400", "2035-06-09 12:00",
			"值班岗位：延边州值班（222400）|班次“休息日白班”，2035-06-09开始；这天是周末，暂定|按这个顺序拨：李红、朴明花|到 2035-06-09 17:00 为止",
			"duty post: 延边州值班 (222400)|shift \"休息日白班\" of 2035-06-09, weekend, provisional|rung in this order: 李红, 朴明花|until 2035-06-09 17:00",
		},
		{
			"220500", "2026-11-23 12:00",
			"通化市（220500）没有自己的值班岗位，由省值班（220000）负责|这个岗位 24 小时是同一组号码|按这个顺序拨：省值班",
			"通化市 (220500) has no duty post of its own, 省值班 (220000) answers for it|this post has the same numbers at every hour|rung in this order: 省值班",
		},
	} {
		duty, _ := rotas.On(jilin(), row.region, instant(t, row.at, r.Zone()))
		if got := strings.Join(duty.Why("zh"), "|"); got != row.zh {
			t.Errorf("%s: %s\nwant %s", row.at, got, row.zh)
		}
		if got := strings.Join(duty.Why("en"), "|"); got != row.en {
			t.Errorf("%s: %s\nwant %s", row.at, got, row.en)
		}
	}
}

func TestAPostIsFoundByItsCode(t *testing.T) {
	t.Parallel()
	rotas := NewRotas(AllDay("220100", "长春", "1"), AllDay("220000", "省", "2"))
	if got := strings.Join(rotas.Posts(), " "); got != "220000 220100" || rotas.Len() != 2 {
		t.Error(got)
	}
	if rota, has := rotas.Post("220100"); !has || rota.Post().Name != "长春" || rota.NeedsCalendar() {
		t.Error("no post 220100")
	}
	if rota := NewRota(yanbian(t, "Asia/Shanghai"), springCalendar(t)); !rota.NeedsCalendar() || rota.Day(date(t, "2026-09-03")).Name != "州庆" {
		t.Error("the post of Yanbian does not go by its calendar")
	}
	if _, has := rotas.Post("220200"); has {
		t.Error("a post 220200")
	}
}

// BenchmarkOn asks a post with a rotation, holidays and replacements, in all
// shifts, in a zone with summer time and one without.
func BenchmarkOn(b *testing.B) {
	for _, zone := range []string{"Asia/Shanghai", "Europe/Berlin"} {
		post := yanbian(b, zone)
		plain := NewRota(post, springCalendar(b))
		from := instant(b, "2026-11-23 08:00", post.Zone)
		post.Replacements = []Replacement{{Out: "jin", In: "piao", From: from, To: from.AddDate(0, 0, 3)}}
		for _, row := range []struct {
			name string
			rota *Rota
			at   time.Time
		}{
			{"day", plain, from.Add(time.Hour)},
			{"night", plain, from.Add(-time.Hour)},
			{"replaced", NewRota(post, springCalendar(b)), from.Add(time.Hour)},
		} {
			b.Run(zone+"/"+row.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, on := row.rota.On(row.at); !on {
						b.Fatal("nobody is on duty")
					}
				}
			})
		}
	}
}

// BenchmarkOnOfRegion asks for a county whose prefecture answers, as a call
// does.
func BenchmarkOnOfRegion(b *testing.B) {
	rotas := NewRotas(NewRota(yanbian(b, "Asia/Shanghai"), springCalendar(b)))
	regions, at := jilin(), instant(b, "2026-11-23 09:00", Beijing())
	b.ReportAllocs()
	for b.Loop() {
		if _, on := rotas.On(regions, "222404", at); !on {
			b.Fatal("nobody is on duty")
		}
	}
}

package routing

import (
	"strings"
	"testing"
	"time"
)

func TestAnOverrideGoesOnlyForward(t *testing.T) {
	t.Parallel()
	states := []OverrideState{"", Asked, Accepted, Approved, Refused, Withdrawn}
	open := map[OverrideState]string{"": "asked approved", Asked: "accepted approved refused withdrawn", Accepted: "approved refused withdrawn", Approved: "withdrawn"}
	for _, from := range states {
		for _, to := range states[1:] {
			before := Override{ID: "o1", State: from, Steps: []OverrideStep{{State: from}}}
			after, err := before.Move(to, "1019", noon)
			switch allowed := strings.Contains(" "+open[from]+" ", " "+string(to)+" "); {
			case from == to:
				if err != nil || len(after.Steps) != 1 {
					t.Errorf("%s again: %v, %d steps", from, err, len(after.Steps))
				}
			case allowed:
				if err != nil || after.State != to || len(after.Steps) != 2 || after.Steps[1] != (OverrideStep{to, "1019", noon}) || len(before.Steps) != 1 {
					t.Errorf("%s to %s: %+v %v", from, to, after, err)
				}
			case err == nil || after.State != from:
				t.Errorf("%s to %s: %+v, want it refused", from, to, after)
			}
		}
	}
}

func TestAnOverrideThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	to := noon.Add(time.Hour)
	guest := Officer{Name: "客", Numbers: []string{"13900009999"}}
	for _, row := range []struct {
		name   string
		change []DutyChange
		fault  string
	}{
		{"good", []DutyChange{{noon, to, "jin", Officer{ID: "piao"}}}, ""},
		{"a guest before everybody", []DutyChange{{noon, to, "", guest}}, ""},
		{"nobody", nil, "nobody is named"},
		{"backwards", []DutyChange{{to, noon, "jin", guest}}, "before it begins"},
		{"no time", []DutyChange{{noon, noon, "jin", guest}}, "before it begins"},
		{"nobody comes", []DutyChange{{noon, to, "jin", Officer{}}}, "nobody comes"},
		{"themselves", []DutyChange{{noon, to, "jin", Officer{ID: "jin"}}}, "can not replace themselves"},
		{"no number", []DutyChange{{noon, to, "jin", Officer{Name: "客", Numbers: []string{"1-2"}}}}, "is not a telephone number"},
	} {
		err := Override{Post: "222400", Changes: row.change}.Check()
		if (err == nil) != (row.fault == "") || err != nil && !strings.Contains(err.Error(), row.fault) {
			t.Errorf("%s: %v, want %q", row.name, err, row.fault)
		}
	}
}

func TestAPostWithoutOverridesHasNoneOfThoseBefore(t *testing.T) {
	t.Parallel()
	from := instant(t, "2026-11-23 08:00", Beijing())
	overrides := NewOverrides([]Override{
		acted("o", []DutyChange{{from, from.Add(time.Hour), "jin", Officer{ID: "piao"}}}, OverrideStep{Approved, "1019", from}),
	}, []HandOver{{"222400", from, "金哲", "好"}})
	changed, _ := NewRotas(NewRota(yanbian(t, "Asia/Shanghai"), springCalendar(t))).With(overrides).Post("222400")
	bare, _ := NewRotas(changed).Post("222400")
	if duty, _ := changed.On(from); duty.Officers[0].ID != "piao" || duty.Note == nil {
		t.Errorf("with them: %+v", duty)
	}
	if duty, _ := bare.On(from); duty.Officers[0].ID != "jin" || duty.Note != nil {
		t.Errorf("without: %+v", duty)
	}
}

// acted is an override with its steps, each so many hours after noon.
func acted(id string, changes []DutyChange, steps ...OverrideStep) Override {
	return Override{ID: id, Post: "222400", Why: "看病", Changes: changes, State: steps[len(steps)-1].State, Steps: steps}
}

func TestPeopleAreThoseOfTheShiftAsReplacementsAndOverridesChangeThem(t *testing.T) {
	t.Parallel()
	zone := Beijing()
	from, to := instant(t, "2026-11-23 08:00", zone), instant(t, "2026-11-24 08:00", zone) // the day: jin, li; the night: li, jin
	long := from.AddDate(0, 0, -9)
	step := func(state OverrideState, at time.Time) OverrideStep { return OverrideStep{state, "1019", at} }
	approved, later, withdrawn := step(Approved, long), step(Approved, long.Add(time.Hour)), step(Withdrawn, from.Add(6*time.Hour))
	guest := Officer{Name: "客", Numbers: []string{"13900009999"}}
	in := func(out OfficerID, in string) []DutyChange {
		return []DutyChange{{from, to, out, Officer{ID: OfficerID(in)}}}
	}
	entry := func(out, in OfficerID) Replacement { return Replacement{out, in, from, to, "出差"} }
	for _, row := range []struct {
		name      string
		file      []Replacement
		overrides []Override
		want      string // at nine
	}{
		{"nothing", nil, nil, "jin,li 11-23T08:00 11-23T17:00"},
		{"the file", []Replacement{entry("jin", "piao")}, nil, "piao,li 11-23T08:00 11-23T17:00"},
		{"asked only", nil, []Override{acted("o", in("jin", "piao"), step(Asked, long))}, "jin,li 11-23T08:00 11-23T17:00"},
		{"approved", nil, []Override{acted("o", in("jin", "piao"), approved)}, "piao,li 11-23T08:00 11-23T17:00"},
		{"the file, and an override of the same officer", []Replacement{entry("jin", "li")}, []Override{acted("o", in("jin", "piao"), approved)}, "piao,li 11-23T08:00 11-23T17:00"},
		{"the file, and an override of who replaces", []Replacement{entry("jin", "piao")}, []Override{acted("o", []DutyChange{{from, to, "piao", guest}}, approved)}, "客,li 11-23T08:00 11-23T17:00"},
		{"the later approval", nil, []Override{acted("b", in("jin", "li"), later), acted("a", []DutyChange{{from, to, "jin", guest}}, approved)}, "li 11-23T08:00 11-23T17:00"},
		{"somebody who stands in already", nil, []Override{acted("o", in("jin", "li"), approved)}, "li 11-23T08:00 11-23T17:00"},
		{"a swap of places", nil, []Override{acted("o", append(in("jin", "li"), in("li", "jin")...), approved)}, "li,jin 11-23T08:00 11-23T17:00"},
		{"round and back", nil, []Override{acted("a", in("jin", "piao"), approved), acted("b", in("piao", "jin"), later)}, "jin,li 11-23T08:00 11-23T17:00"},
		{"before everybody", nil, []Override{acted("o", []DutyChange{{from, to, "", guest}}, approved)}, "客,jin,li 11-23T08:00 11-23T17:00"},
		{"an officer that the file has lost", nil, []Override{acted("o", append(in("jin", "gone"), in("li", "piao")...), approved)}, "jin,li 11-23T08:00 11-23T17:00"},
		{"withdrawn later", nil, []Override{acted("o", in("jin", "piao"), approved, withdrawn)}, "piao,li 11-23T08:00 11-23T14:00"},
		{"approved while it runs", nil, []Override{acted("o", in("jin", "piao"), step(Approved, from.Add(30*time.Minute)))}, "piao,li 11-23T08:30 11-23T17:00"},
		{"approved afterwards", nil, []Override{acted("o", in("jin", "piao"), step(Approved, to))}, "jin,li 11-23T08:00 11-23T17:00"},
		{"a part of the shift", nil, []Override{acted("o", []DutyChange{{from, from.Add(2 * time.Hour), "jin", guest}}, approved)}, "客,li 11-23T08:00 11-23T10:00"},
		{"another time", nil, []Override{acted("o", []DutyChange{{to, to.Add(time.Hour), "jin", guest}}, approved)}, "jin,li 11-23T08:00 11-23T17:00"},
		{"of who is not on duty", nil, []Override{acted("o", []DutyChange{{from, from.Add(2 * time.Hour), "piao", guest}}, approved)}, "jin,li 11-23T08:00 11-23T17:00"},
	} {
		post := yanbian(t, "Asia/Shanghai")
		post.Replacements = row.file
		rotas := NewRotas(NewRota(post, springCalendar(t))).With(NewOverrides(row.overrides, nil))
		duty, on := rotas.On(jilin(), "222400", from.Add(time.Hour))
		if got := told(duty); !on || got != "白班 "+row.want {
			t.Errorf("%s: %s, want 白班 %s", row.name, got, row.want)
		}
	}
}

func TestAnOverrideFillsAGapAndSaysWhoApprovedIt(t *testing.T) {
	t.Parallel()
	post := yanbian(t, "Asia/Shanghai")
	post.Shifts = post.Shifts[2:3] // workdays from eight to five, nothing else
	from := instant(t, "2026-11-23 18:00", post.Zone)
	guest := Officer{Name: "客", Numbers: []string{"13900009999"}}
	rotas := NewRotas(NewRota(post, springCalendar(t))).With(NewOverrides([]Override{
		acted("o7", []DutyChange{{from, from.Add(time.Hour), "", guest}, {from.Add(time.Hour), from.Add(2 * time.Hour), "", Officer{ID: "li"}}}, OverrideStep{Approved, "1019", noon.AddDate(0, 0, -1)}),
	}, []HandOver{{"222400", from.Add(-time.Hour), "金哲", "门锁已修"}, {"222400", from.Add(-2 * time.Hour), "李红", "旧的"}, {"222400", from.Add(90 * time.Minute), "金哲", "未来的"}}))
	rota, _ := rotas.Post("222400")
	duty, on := rota.On(from.Add(time.Minute))
	if !on || told(duty) != "客 11-23T18:00 11-23T19:00" || duty.Override != "o7" {
		t.Errorf("%s by %q", told(duty), duty.Override)
	}
	if got, want := strings.Join(duty.Why("zh"), "|"), "值班岗位：延边州值班（222400）|这时没有班次|客先接：看病（调整 o7，1019批准）|按这个顺序拨：客|到 2026-11-23 19:00 为止"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if gaps := rota.Gaps(from.Add(-time.Hour), from.Add(3*time.Hour)); len(gaps) != 2 || !gaps[0].To.Equal(from) || !gaps[1].From.Equal(from.Add(2*time.Hour)) {
		t.Errorf("gaps %+v", gaps)
	}
	if duty.Note != nil {
		t.Errorf("a note of the future: %+v", duty.Note)
	}
	if later, _ := rota.On(from.Add(100 * time.Minute)); later.Note == nil || later.Note.Text != "未来的" || !strings.Contains(strings.Join(later.Why("en"), "|"), "hand-over note (金哲, 2026-11-23 19:30): 未来的") {
		t.Errorf("note %+v", later.Note)
	}
}

func TestAReplacementSaysItsReason(t *testing.T) {
	t.Parallel()
	post := yanbian(t, "Asia/Shanghai")
	from := instant(t, "2026-11-23 08:00", post.Zone)
	post.Replacements = []Replacement{{"jin", "piao", from, from.Add(time.Hour), "出差"}}
	rotas := NewRotas(NewRota(post, springCalendar(t))).With(NewOverrides([]Override{
		acted("o1", []DutyChange{{from, from.Add(2 * time.Hour), "li", Officer{ID: "jin"}}}, OverrideStep{Approved, "1019", noon.AddDate(0, 0, -1)}),
	}, nil))
	duty, _ := rotas.On(jilin(), "222400", from)
	for lang, want := range map[string]string{
		"zh": "朴明花替金哲：出差（值班表第 1 条替班）|金哲替李红：看病（调整 o1，1019批准）",
		"en": "朴明花 replaces 金哲: 出差 (entry 1 of the file)|金哲 replaces 李红: 看病 (override o1, approved by 1019)",
	} {
		if got := strings.Join(duty.Why(lang), "|"); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if told(duty) != "白班 piao 11-23T08:00 11-23T09:00" { // jin is replaced in the second place too
		t.Error(told(duty))
	}
	if got := rotas.Overrides().Of("222400"); len(got) != 1 || got[0].ID != "o1" || strings.Join(rotas.Overrides().Posts(), " ") != "222400" {
		t.Errorf("overrides %+v", got)
	}
}

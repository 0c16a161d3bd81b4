package routing

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test are there on every host
)

// The years of the property.
const (
	firstYear = 2024
	lastYear  = 2035
)

// randomPost is a post as no admin would write it: shifts that overlap, meet or
// leave holes, in zones with and without summer time.
func randomPost(t testing.TB, r *rand.Rand) Post {
	t.Helper()
	zone, err := time.LoadLocation([]string{"Asia/Shanghai", "Europe/Berlin", "America/New_York"}[r.IntN(3)])
	if err != nil {
		t.Fatal(err)
	}
	p := Post{Code: []string{"220100", "222400"}[r.IntN(2)], Name: "post", Zone: zone}
	for i := range 2 + r.IntN(4) {
		id := string(rune('a' + i))
		p.Officers = append(p.Officers, Officer{ID: OfficerID(id), Name: id, Numbers: []string{"1" + id, "2" + id}[:1+r.IntN(2)]})
	}
	if r.IntN(20) == 0 {
		p.Officers, p.Numbers = nil, []string{"1"}
		return p
	}
	ids := func() []OfficerID {
		var ids []OfficerID
		for _, i := range r.Perm(len(p.Officers))[:1+r.IntN(2)] {
			ids = append(ids, p.Officers[i].ID)
		}
		return ids
	}
	for i := range 1 + r.IntN(5) {
		p.Shifts = append(p.Shifts, randomShift(r, fmt.Sprint("s", i), ids))
	}
	if r.IntN(2) == 0 { // mostly without a gap
		p.Shifts = append(p.Shifts, Shift{Name: "rest", From: randomClock(r), Team: ids()})
		p.Shifts[len(p.Shifts)-1].To = p.Shifts[len(p.Shifts)-1].From
	}
	for range r.IntN(4) {
		from := randomInstant(r)
		p.Replacements = append(p.Replacements, Replacement{
			Out: ids()[0], In: ids()[0], From: from, To: from.Add(time.Duration(1+r.IntN(20*24*60)) * time.Minute), Why: "away",
		})
	}
	return p
}

func randomShift(r *rand.Rand, name string, ids func() []OfficerID) Shift {
	s := Shift{Name: name, From: randomClock(r), To: randomClock(r), Team: ids()}
	if r.IntN(2) == 0 {
		for range 1 + r.IntN(4) {
			s.Weekdays = append(s.Weekdays, time.Weekday(r.IntN(7)))
		}
	}
	if r.IntN(3) == 0 {
		s.Kinds = append(s.Kinds, DayKind(1+r.IntN(4)))
	}
	if r.IntN(4) == 0 {
		from := randomDate(r)
		s.Dates = append(s.Dates, DateRange{from, from.AddDays(r.IntN(200))})
	}
	if r.IntN(8) == 0 {
		s.Holidays = []string{"a", "b"}[r.IntN(2):]
	}
	if r.IntN(3) == 0 {
		s.Turns = Turns{From: randomDate(r), Every: 1 + r.IntN(10)}
		for range 1 + r.IntN(4) {
			s.Turns.Teams = append(s.Turns.Teams, ids())
		}
	}
	return s
}

// randomClock is mostly one of the hours at which summer time comes and goes.
func randomClock(r *rand.Rand) Clock {
	if r.IntN(2) == 0 {
		return Clock(30 * r.IntN(8))
	}
	return Clock(r.IntN(24 * 60))
}

func randomDate(r *rand.Rand) Date {
	return Date{firstYear, time.January, 1}.AddDays(r.IntN(12 * 365))
}

func randomInstant(r *rand.Rand) time.Time {
	return randomDate(r).utc().Add(time.Duration(r.IntN(24*60)) * time.Minute)
}

// randomDays are holidays and swapped workdays of some of the years; the
// others the calendar does not know.
func randomDays(r *rand.Rand) Calendar {
	var years []Year
	for number := firstYear; number <= lastYear; number++ {
		year := Year{Number: number, Days: make(map[Date]Day), Regions: map[string]map[Date]Day{"222400": {}}}
		for range 40 {
			day := Date{number, time.January, 1}.AddDays(r.IntN(365))
			what := Day{Kind: DayKind(3 + r.IntN(2)), Name: []string{"a", "b", "a、b"}[r.IntN(3)]}
			if r.IntN(4) == 0 {
				year.Regions["222400"][day] = what
			} else {
				year.Days[day] = what
			}
		}
		if r.IntN(4) > 0 {
			years = append(years, year)
		}
	}
	return NewCalendar(years...)
}

// randomOverrides are asked, approved, refused and withdrawn around the time
// for which they are.
func randomOverrides(r *rand.Rand, p Post) []Override {
	var all []Override
	for i := range r.IntN(8) {
		o := Override{ID: fmt.Sprint("o", i), Post: p.Code, Why: "why"}
		from := randomInstant(r)
		for range 1 + r.IntN(2) {
			c := DutyChange{From: from.Add(time.Duration(r.IntN(99)) * time.Hour), In: Officer{Name: "guest", Numbers: []string{"9"}}}
			c.To = c.From.Add(time.Duration(1+r.IntN(10*24*60)) * time.Minute)
			if len(p.Officers) > 0 && r.IntN(4) > 0 {
				c.In = Officer{ID: p.Officers[r.IntN(len(p.Officers))].ID}
			}
			if len(p.Officers) > 0 && r.IntN(4) > 0 {
				c.Out = p.Officers[r.IntN(len(p.Officers))].ID
			}
			o.Changes = append(o.Changes, c)
		}
		at := from.Add(time.Duration(r.IntN(96)-72) * time.Hour)
		for _, state := range []OverrideState{Asked, Accepted, Approved, Withdrawn}[r.IntN(2) : 1+r.IntN(4)] {
			o.State, o.Steps = state, append(o.Steps, OverrideStep{State: state, By: "1001", At: at})
			at = at.Add(time.Duration(r.IntN(48)) * time.Hour)
		}
		all = append(all, o)
	}
	return all
}

// trial is one random rota and what should come of it.
type trial struct {
	rota   *Rota
	oracle *oracle
	rng    *rand.Rand
}

func newTrial(t testing.TB, seed int) trial {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	post, calendar := randomPost(t, r), randomDays(r)
	overrides := randomOverrides(r, post)
	rotas := NewRotas(NewRota(post, calendar)).With(NewOverrides(overrides, nil))
	rota, _ := rotas.Post(post.Code)
	return trial{rota: rota, oracle: newOracle(post, calendar, overrides), rng: r}
}

// wrong compares one instant; it is empty when both agree.
func (w trial) wrong(at time.Time) string {
	duty, on := w.rota.On(at)
	names := make([]string, len(duty.Officers))
	for i, officer := range duty.Officers {
		names[i] = officer.Name
	}
	shift, people := w.oracle.answer(at)
	if duty.Shift != shift || strings.Join(names, " ") != people || on != (people != "") {
		return fmt.Sprintf("at %s: %q %v, want %q %q\n%+v\n%+v", at.In(w.oracle.post.Zone), duty.Shift, names, shift, people, w.oracle.post, w.oracle.overrides)
	}
	return ""
}

// walk checks every span between two instants: that they meet, that each has
// one answer from its first to its last second, and that every span without
// people is a gap that Gaps names.
func (w trial) walk(from, to time.Time) string {
	gaps := w.rota.Gaps(from, to)
	next, last := from, Span{}
	for span := range w.rota.Spans(from, to) {
		switch {
		case !span.From.Equal(next) || !span.From.Before(span.To):
			return fmt.Sprintf("a span from %s to %s after %s", span.From, span.To, next)
		case !last.From.IsZero() && span.sameAs(last):
			return fmt.Sprintf("a span ends at %s for nothing", last.To)
		}
		next, last = span.To, span
		inside := span.From.Add(time.Duration(w.rng.Int64N(int64(span.To.Sub(span.From)))))
		for _, at := range []time.Time{span.From.Add(-time.Second), span.From, span.From.Add(time.Second), span.To.Add(-time.Second), inside} {
			if bad := w.wrong(at); bad != "" {
				return bad
			}
		}
		if !span.On {
			if len(gaps) == 0 || !gaps[0].From.Equal(span.From) || !gaps[0].To.Equal(span.To) {
				return fmt.Sprintf("the gap from %s to %s is not named", span.From, span.To)
			}
			gaps = gaps[1:]
		} else if same, _ := w.rota.On(inside); same.Since.After(span.From) || !same.Until.IsZero() && same.Until.Before(span.To) {
			return fmt.Sprintf("at %s the duty is from %s to %s, want at least %s to %s", inside, same.Since, same.Until, span.From, span.To)
		}
	}
	if !next.Equal(to) || len(gaps) > 0 {
		return fmt.Sprintf("the walk ends %s, not %s; gaps %v", next, to, gaps)
	}
	return ""
}

// sameAs reports a span of the same people by the same shift of the same day.
func (s Span) sameAs(other Span) bool {
	return s.On == other.On && s.Duty.Shift == other.Duty.Shift && s.Duty.Date == other.Duty.Date &&
		slices.EqualFunc(s.Duty.Officers, other.Duty.Officers, Officer.is) && slices.Equal(s.Duty.Changes, other.Duty.Changes)
}

// rotas is how many random rotas are walked: 100 of them for a year each in
// CI, and with WEIBAO_ROTAS (make test-long) that many for all twelve years.
func rotas(t *testing.T) (n int, long bool) {
	t.Helper()
	text := os.Getenv("WEIBAO_ROTAS")
	if text == "" {
		return 100, false
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("WEIBAO_ROTAS=%q: want a number of random rotas", text)
	}
	return n, true
}

func TestEveryInstantOfARandomRotaHasOneAnswerOrANamedGap(t *testing.T) {
	t.Parallel()
	n, long := rotas(t)
	inParallel(n, func(seed int) {
		w := newTrial(t, seed)
		year := firstYear + w.rng.IntN(lastYear-firstYear+1)
		from, to := Date{year, time.January, 1}.utc(), Date{year + 1, time.January, 1}.utc()
		if long {
			from, to = Date{firstYear, time.January, 1}.utc(), Date{lastYear + 1, time.January, 1}.utc()
		}
		if bad := w.walk(from, to); bad != "" {
			t.Errorf("seed %d: %s", seed, bad)
		}
	})
}

func TestEveryMinuteOfARandomRotaHasTheAnswerOfItsShift(t *testing.T) {
	t.Parallel()
	_, long := rotas(t)
	inParallel(6, func(seed int) {
		w := newTrial(t, seed)
		at := Date{firstYear + w.rng.IntN(lastYear-firstYear+1), time.March, 1}.utc()
		to := at.AddDate(0, 1, 0)
		if long {
			at, to = Date{firstYear, time.January, 1}.utc(), Date{lastYear + 1, time.January, 1}.utc()
		}
		for ; at.Before(to); at = at.Add(time.Minute) {
			if bad := w.wrong(at); bad != "" {
				t.Errorf("seed %d: %s", seed, bad)
				return
			}
		}
	})
}

// inParallel does n things on all processors.
func inParallel(n int, do func(int)) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		wg.Go(func() {
			for i := worker; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}

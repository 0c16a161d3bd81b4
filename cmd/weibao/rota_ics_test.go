package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weibao/routing"
)

// icsEvent is an event as a calendar program reads it.
type icsEvent map[string]string

// readCalendar reads iCalendar by the rules of RFC 5545: lines end in CRLF and
// have 75 bytes at most, a line that begins with a space goes on, what begins
// ends, and commas, semicolons and line breaks of a text are escaped.
func readCalendar(t *testing.T, file string) []icsEvent {
	t.Helper()
	if !strings.HasSuffix(file, "END:VCALENDAR\r\n") {
		t.Fatalf("the file ends in %q", file[max(0, len(file)-40):])
	}
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(file, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
		if rest, more := strings.CutPrefix(line, " "); more {
			lines[len(lines)-1] += rest
			continue
		}
		lines = append(lines, line)
	}
	var open []string
	var events []icsEvent
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
			t.Errorf("no property: %q", line)
		}
		switch {
		case name == "BEGIN":
			if open = append(open, value); value == "VEVENT" {
				events = append(events, make(icsEvent))
			}
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("%s ends in %v", value, open)
			}
			open = open[:len(open)-1]
		case len(open) == 2:
			if _, twice := events[len(events)-1][name]; twice {
				t.Errorf("%s twice in one event", name)
			}
			events[len(events)-1][name] = plainText(t, value)
		}
	}
	if len(open) > 0 {
		t.Errorf("open at the end: %v", open)
	}
	return events
}

// plainText takes the escapes out of a value.
func plainText(t *testing.T, value string) string {
	t.Helper()
	var text strings.Builder
	escaped := false
	for _, r := range value {
		switch {
		case escaped && (r == 'n' || r == 'N'):
			text.WriteByte('\n')
		case escaped && !strings.ContainsRune(`\;,`, r), !escaped && strings.ContainsRune(";,", r):
			t.Errorf("%q at %q", value, r)
		case escaped || r != '\\':
			text.WriteRune(r)
		}
		escaped = !escaped && r == '\\'
	}
	return text.String()
}

func (e icsEvent) time(t *testing.T, name string) time.Time {
	t.Helper()
	at, err := time.Parse("20060102T150405Z", e[name])
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func calendarOf(t *testing.T, rota *routing.Rota, from, to time.Time) []icsEvent {
	t.Helper()
	var file bytes.Buffer
	if err := writeCalendar(&file, rota, from, to); err != nil {
		t.Fatal(err)
	}
	return readCalendar(t, file.String())
}

// hardPost has everything that a calendar has to escape, fold and show: a gap, a
// night, clocks that change, and names with marks.
func hardPost(t *testing.T) *routing.Rota {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return routing.NewRota(routing.Post{
		Code: "222400", Name: `延边, 州; \值班` + strings.Repeat("很长的名字", 12), Zone: zone,
		Officers: []routing.Officer{{ID: "a", Name: "金,哲", Numbers: []string{"13900000433"}}, {ID: "b", Name: "李\n红", Numbers: []string{"13900010433"}}},
		Shifts: []routing.Shift{
			{Name: "白班; 一", From: 8 * 60, To: 17 * 60, Team: []routing.OfficerID{"a", "b"}},
			{Name: "夜班", From: 18 * 60, To: 8 * 60, Team: []routing.OfficerID{"b"}},
		},
	}, routing.Calendar{})
}

func TestACalendarReadsAsTheRotaSays(t *testing.T) {
	t.Parallel()
	rota := hardPost(t)
	from, to := rota.Instant(routing.Date{Year: 2026, Month: 10, Day: 20}, 0), rota.Instant(routing.Date{Year: 2026, Month: 10, Day: 30}, 0)
	events := calendarOf(t, rota, from, to)
	ids := make(map[string]bool)
	for i, e := range events {
		begin, end := e.time(t, "DTSTART"), e.time(t, "DTEND")
		duty, on := rota.On(begin)
		names := make([]string, 0, 2)
		for _, o := range duty.Officers {
			names = append(names, o.Name)
		}
		want := fmt.Sprintf("%s：%s", duty.Shift, strings.Join(names, "、"))
		if !on {
			want = "没有人值班"
		}
		if e["SUMMARY"] != want || !begin.Equal(duty.Since) || !end.Equal(duty.Until) || e["DESCRIPTION"] != strings.Join(duty.Why("zh"), "\n") {
			t.Errorf("event %v, want %q from %s to %s", e, want, duty.Since, duty.Until)
		}
		if ids[e["UID"]] || e["UID"] == "" || e["DTSTAMP"] == "" {
			t.Errorf("UID %q, stamp %q", e["UID"], e["DTSTAMP"])
		}
		if ids[e["UID"]] = true; i > 0 && !begin.Equal(events[i-1].time(t, "DTEND")) {
			t.Errorf("event %d begins %s after %s", i, begin, events[i-1]["DTEND"])
		}
		for _, number := range []string{"13900000433", "13900010433"} {
			if strings.Contains(fmt.Sprint(e), number) {
				t.Errorf("a number in %v", e)
			}
		}
	}
	if first, last := events[0].time(t, "DTSTART"), events[len(events)-1].time(t, "DTEND"); first.After(from) || last.Before(to) || len(events) != 31 {
		t.Errorf("%d events from %s to %s", len(events), first, last)
	}
}

func TestAnEventHasTheSameIDInEveryExport(t *testing.T) {
	t.Parallel()
	for _, rota := range []*routing.Rota{hardPost(t), routing.AllDay("220112", "双阳", "1")} {
		day := func(n int) time.Time { return rota.Instant(routing.Date{Year: 2026, Month: 10, Day: n}, 0) }
		long, short := calendarOf(t, rota, day(1), day(30)), calendarOf(t, rota, day(12).Add(3*time.Hour), day(14))
		for _, e := range short {
			delete(e, "DTSTAMP")
			if !slices.ContainsFunc(long, func(other icsEvent) bool {
				return other["UID"] == e["UID"] && other["DTSTART"] == e["DTSTART"] && other["DTEND"] == e["DTEND"]
			}) {
				t.Errorf("%v is another in a longer export", e)
			}
		}
		if len(short) < 2 {
			t.Errorf("%d events", len(short))
		}
	}
}

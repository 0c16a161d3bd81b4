package asterisk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"weibao/call"
	"weibao/routing"
)

// torture is the folder of events: known, unknown and broken.
const torture = "../tests/testdata/ari"

func fixtures(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(torture, folder, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no events in %s: %v", folder, err)
	}
	events := make(map[string][]byte, len(paths))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		events[strings.TrimSuffix(filepath.Base(path), ".json")] = data
	}
	return events
}

func TestEventsOfTheRealAsteriskAreUnderstood(t *testing.T) {
	t.Parallel()
	const leg call.LegID = "c8-2"
	want := map[string]sighting{
		"applicationreplaced":               replaced{},
		"channeldestroyed-17-486":           departed{"c8-486", true, hangup{q850: 17, sip: 486, text: "User busy"}},
		"channeldestroyed-19-480":           departed{"c8-480", true, hangup{q850: 19, sip: 480, text: "User alerting, no answer"}},
		"channelhanguprequest-17-486":       doomed{"c8-486", hangup{q850: 17, sip: 486}},
		"channelhanguprequest-32-soft-none": doomed{"c8-9", hangup{q850: 32, soft: true}},
		"channelstatechange-ringing":        ringing{leg},
		"dial-answer":                       answered{leg},
		"dial-begin":                        nothing{},
		"dial-progress":                     ringing{leg},
		"dial-ringing":                      ringing{leg},
		"devicestatechanged-unavailable":    peer{"1001", false},
		"devicestatechanged-not-inuse":      peer{"1001", true},
		"recordingfinished":                 recorded{name: "rec8x"},
	}
	for name, data := range fixtures(t, "known") {
		kind, got, err := translate(data)
		switch {
		case strings.HasPrefix(name, "unwanted-"):
			if !errors.Is(err, errUnwanted) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		case err != nil || kind == "":
			t.Errorf("%s: %q %v", name, kind, err)
			continue
		}
		if w, ok := want[name]; ok && !same(got, w) {
			t.Errorf("%s: %#v, want %#v", name, got, w)
		}
	}
	for name, data := range fixtures(t, "known") {
		_, got, _ := translate(data)
		switch got := got.(type) {
		case entered:
			if name == "stasisstart-in" && (got.caller != "13800000001" || strings.Join(got.args, ",") != "in,12345,222400,anonymous") {
				t.Errorf("%s: %+v", name, got)
			}
		case played:
			play, substitute := playOf(got)
			if want := map[bool]string{false: "p1", true: "p2"}[got.failed]; play != want || substitute {
				t.Errorf("%s: %+v is the play %q", name, got, play)
			}
		case pressed:
			if got.key != "6" {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func same(a, b sighting) bool {
	_, list := a.(entered)
	return !list && a == b
}

func TestUnknownEventsAreUnknownAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, data := range fixtures(t, "unknown") {
		if kind, s, err := translate(data); !errors.Is(err, errUnknown) || kind == "" || s != (nothing{}) {
			t.Errorf("%s: %q %#v %v", name, kind, s, err)
		}
	}
}

func TestBrokenEventsAreBrokenAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, data := range fixtures(t, "broken") {
		if _, s, err := translate(data); !errors.Is(err, errBroken) || s != (nothing{}) {
			t.Errorf("%s: %#v %v", name, s, err)
		}
	}
}

func FuzzTranslate(f *testing.F) {
	for _, folder := range []string{"known", "unknown", "broken"} {
		for _, data := range fixtures(f, folder) {
			if len(data) < 10_000 {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, s, err := translate(data)
		if s == nil || (err != nil) != (s == nothing{} && err != nil) {
			t.Errorf("%#v with %v", s, err)
		}
		if e, ok := s.(entered); ok {
			if c := citizenOf(e); len(c.number) > numberLimit || e.leg == "" {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestCausesOfAttempts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why               hangup
		rang, seat, limit bool
		want              call.Cause
	}{
		{why: hangup{q850: 17, sip: 486}, want: call.Busy},
		{why: hangup{q850: 17, sip: 600}, rang: true, want: call.Busy},
		{why: hangup{q850: 17}, want: call.Busy},
		{why: hangup{q850: 21, sip: 603}, want: call.Rejected},
		{why: hangup{q850: 21, sip: 607}, want: call.Rejected},
		{why: hangup{q850: 21}, want: call.Rejected},
		{why: hangup{q850: 21, sip: 403}, seat: true, want: call.Rejected},
		{why: hangup{q850: 21, sip: 403}, want: call.Unreachable},
		{why: hangup{q850: 19, sip: 480}, seat: true, want: call.Rejected},
		{why: hangup{q850: 19, sip: 480}, seat: true, rang: true, want: call.Rejected},
		{why: hangup{q850: 19, sip: 480}, seat: true, rang: true, limit: true, want: call.NoAnswer},
		{why: hangup{q850: 19, sip: 480}, seat: true, limit: true, want: call.Unreachable},
		{why: hangup{q850: 19, sip: 480}, rang: true, want: call.NoAnswer},
		{why: hangup{q850: 19, sip: 480}, want: call.Unreachable},
		{why: hangup{q850: 18, sip: 408}, rang: true, want: call.NoAnswer},
		{why: hangup{q850: 18, sip: 408}, want: call.Unreachable},
		{why: hangup{q850: 127, sip: 487}, rang: true, want: call.NoAnswer},
		{why: hangup{q850: 1, sip: 404}, rang: true, want: call.Unreachable},
		{why: hangup{q850: 22, sip: 410}, want: call.Unreachable},
		{why: hangup{q850: 28, sip: 484}, want: call.Unreachable},
		{why: hangup{q850: 58, sip: 488}, want: call.Unreachable},
		{why: hangup{q850: 38, sip: 500}, want: call.Unreachable},
		{why: hangup{q850: 34, sip: 503}, want: call.Unreachable},
		{why: hangup{q850: 23, sip: 302}, want: call.Unreachable},
		{why: hangup{q850: 18}, rang: true, want: call.NoAnswer},
		{why: hangup{q850: 3}, want: call.Unreachable},
		{why: hangup{}, want: call.Unknown},
		{why: hangup{q850: 16}, want: call.Unknown},
	} {
		if got := row.why.ofAttempt(row.rang, row.seat, row.limit); got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
}

func TestCausesOfTalks(t *testing.T) {
	t.Parallel()
	for why, want := range map[hangup]call.Cause{
		{q850: 16}:             call.HungUp,
		{}:                     call.HungUp,
		{q850: 127, sip: 487}:  call.HungUp,
		{q850: 32, soft: true}: call.HungUp,
		{q850: 44}:             call.Lost,
		{q850: 18, sip: 408}:   call.Lost,
		{q850: 127, sip: 481}:  call.Lost,
		{q850: 38}:             call.Lost,
	} {
		if got := why.ofTalk(); got != want {
			t.Errorf("%+v: %s", why, got)
		}
	}
}

func TestReasonsThatPhonesSee(t *testing.T) {
	t.Parallel()
	for why, want := range map[call.Cause]string{
		call.Released: "answered_elsewhere", call.NoAnswer: "no_answer", call.Busy: "busy", call.Rejected: "rejected",
		call.Unreachable: "congestion", call.HungUp: "normal", call.Lost: "normal", call.Unknown: "normal", "": "normal",
	} {
		if got := reasonFor(why, false); got != want {
			t.Errorf("%s: %s", why, got)
		}
	}
	if got := reasonFor(call.Released, true); got != "normal" {
		t.Errorf("after an answer: %s", got)
	}
}

func TestRoomsAreFoundByTheirBridge(t *testing.T) {
	t.Parallel()
	for _, room := range []call.Room{call.Talk, call.Side} {
		if id, got := roomOf(bridge("a-b-talk", room)); id != "a-b-talk" || got != room {
			t.Errorf("room %q of %q", got, id)
		}
	}
	for _, other := range []string{"", "talk", "x-talk-", "9c1f0d"} {
		if id, room := roomOf(other); room != call.NoRoom {
			t.Errorf("%q is room %q of %q", other, room, id)
		}
	}
}

func TestOldListOfSeatsNeverOverrulesAnEvent(t *testing.T) {
	t.Parallel()
	var told []bool
	tell := func(_ routing.AgentID, ok bool) { told = append(told, ok) }
	s := seats{known: make(map[string]seat)}
	offline := []ari.EndpointData{{Resource: "1001", State: "offline"}, {Resource: "carrier", State: online}}
	s.listed(offline, s.mark(), tell)
	mark := s.mark() // a list is asked for …
	s.saw("1001", true, tell)
	s.listed(offline, mark, tell) // … and comes after the event
	s.listed(offline, s.mark(), tell)
	s.saw("1001", false, tell)
	s.saw("1001", true, tell)
	s.listed(nil, s.mark(), tell) // the seat has been taken away
	want := []bool{false, true, false, true, false}
	if len(told) != len(want) {
		t.Fatalf("told %v, want %v", told, want)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Fatalf("told %v, want %v", told, want)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := Options{
		URL: "http://127.0.0.1:8088/ari", User: "u", Password: "p", App: "a", Sounds: "/s", RecordingDir: "/r",
		CallID: func(call.LegID, time.Time) call.ID { return "" },
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*Options){
		"no address": func(o *Options) { o.URL = "" }, "wrong address": func(o *Options) { o.URL = "127.0.0.1:8088" },
		"no user": func(o *Options) { o.User = "" }, "no password": func(o *Options) { o.Password = "" },
		"no app": func(o *Options) { o.App = "" }, "no sounds": func(o *Options) { o.Sounds = "sounds" },
		"no recordings": func(o *Options) { o.RecordingDir = "" }, "no ids": func(o *Options) { o.CallID = nil },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

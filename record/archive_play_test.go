package record

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weibao/call"
)

// tapeAPI serves 01A, an ordinary recording, and 01B, a sensitive one about
// which 1021 is complained of. Seat 1009 had both talks.
func tapeAPI(t *testing.T) (http.Handler, *tapeScene) {
	t.Helper()
	a := archive(t, t.TempDir())
	must(t, a.spoken(t.Context(), "01A", ""))
	must(t, a.spoken(t.Context(), "01B", "性侵"))
	must(t, a.Registry.Note(t.Context(), "01B", "1009", map[string]string{NoteComplaint: "1021"}))
	must(t, a.Sweep(t.Context()))
	return Handler(HandlerOptions{Store: a.Store, Acks: a.Registry, User: testUser, Tapes: a}), a
}

var playID = regexp.MustCompile(`"id":"([^"]+)"`)

func TestARecordingIsHeardForAPurposeOnlyAndByWhoAsked(t *testing.T) {
	t.Parallel()
	h, a := tapeAPI(t)
	play := ""
	for _, row := range []struct {
		what, who, line, body string
		status                int
		want                  string
	}{
		{"nobody", "", "GET /api/v1/recordings/01A/sound?play=x", "", 401, "log in"},
		{"without a play", "1019 supervisor", "GET /api/v1/recordings/01A/sound", "", 403, "用途"},
		{"with a made up play", "1019 supervisor", "GET /api/v1/recordings/01A/sound?play=x", "", 404, ""},
		{"without a purpose", "1019 supervisor", "POST /api/v1/recordings/01A/plays", `{"purpose":"  "}`, 409, "用途"},
		{"another wish", "1019 supervisor", "POST /api/v1/recordings/01A/plays", `{"purpose":"复核","what":"steal"}`, 409, "want play or export"},
		{"another seat", "1001 agent", "POST /api/v1/recordings/01A/plays", `{"purpose":"复核"}`, 404, ""},
		{"a seat that exports", "1009 agent", "POST /api/v1/recordings/01A/plays", `{"purpose":"复核","what":"export"}`, 403, ""},
		{"no such call", "1019 supervisor", "POST /api/v1/recordings/01Z/plays", `{"purpose":"复核"}`, 404, ""},
		{"with a purpose", "1019 supervisor", "POST /api/v1/recordings/01A/plays", `{"purpose":"复核"}`, 200, `"state":"granted"`},
		{"by another with that play", "1020 supervisor", "GET /api/v1/recordings/01A/sound?play=PLAY", "", 404, ""},
		{"of another call", "1019 supervisor", "GET /api/v1/recordings/01B/sound?play=PLAY", "", 404, ""},
		{"a part too many", "1019 supervisor", "GET /api/v1/recordings/01A/sound?play=PLAY&part=3", "", 409, "1 to 2"},
		{"no part", "1019 supervisor", "GET /api/v1/recordings/01A/sound?play=PLAY&part=x", "", 400, "part"},
		{"heard", "1019 supervisor", "GET /api/v1/recordings/01A/sound?play=PLAY&part=2", "", 200, "RIFF"},
		{"on the record", "1020 supervisor", "GET /api/v1/recordings/01A", "", 200, `"heard_from":"192.0.2.1"`},
		{"in the audit", "1020 supervisor", "GET /api/v1/plays?state=granted&agent=1019", "", 200, `"purpose":"复核"`},
		{"a seat and the audit", "1009 agent", "GET /api/v1/plays", "", 403, ""},
		{"approve what needs none", "1020 supervisor", "POST /api/v1/recordings/01A/plays/PLAY/approve", "", 409, "decided already"},
	} {
		code, body := tell(t, h, row.who, strings.ReplaceAll(row.line, "PLAY", play), row.body)
		if code != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s: %d %.300s, want %d and %q", row.what, code, body, row.status, row.want)
		}
		if m := playID.FindStringSubmatch(body); m != nil && play == "" {
			play = m[1]
		}
	}
	if got := kinds(t, filepath.Join(a.dir, "journal")); strings.Count(got, string(KindPlay)) != 2 {
		t.Errorf("lines of plays in the journal: %s", got)
	}
}

func TestASensitiveRecordingNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	h, _ := tapeAPI(t)
	play := ""
	const one = "/api/v1/recordings/01B/"
	for _, row := range []struct {
		what, who, line, body string
		status                int
		want                  string
	}{
		{"who is complained about", "1021 supervisor", "POST " + one + "plays", `{"purpose":"复核"}`, 409, "被投诉"},
		{"asked", "1019 supervisor", "POST " + one + "plays", `{"purpose":"复核"}`, 200, `"state":"asked"`},
		{"not yet", "1019 supervisor", "GET " + one + "sound?play=PLAY", "", 409, "没有批准"},
		{"waits for somebody", "1020 supervisor", "GET /api/v1/plays?state=asked", "", 200, `"second":true`},
		{"by oneself", "1019 supervisor", "POST " + one + "plays/PLAY/approve", "", 409, "另一个人"},
		{"by who is complained about", "1021 supervisor", "POST " + one + "plays/PLAY/approve", "", 409, "被投诉"},
		{"by a seat", "1009 agent", "POST " + one + "plays/PLAY/approve", "", 403, ""},
		{"refused without a reason", "1020 supervisor", "POST " + one + "plays/PLAY/refuse", "", 409, "reason"},
		{"approved", "1020 supervisor", "POST " + one + "plays/PLAY/approve", `{"reason":"已核对"}`, 200, `"decided_by":"1020"`},
		{"twice", "1022 supervisor", "POST " + one + "plays/PLAY/refuse", `{"reason":"不行"}`, 409, "decided already"},
		{"heard", "1019 supervisor", "GET " + one + "sound?play=PLAY", "", 200, "RIFF"},
		{"the second person does not hear", "1020 supervisor", "GET " + one + "sound?play=PLAY", "", 404, ""},
	} {
		code, body := tell(t, h, row.who, strings.ReplaceAll(row.line, "PLAY", play), row.body)
		if code != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s: %d %.300s, want %d and %q", row.what, code, body, row.status, row.want)
		}
		if m := playID.FindStringSubmatch(body); m != nil && play == "" {
			play = m[1]
		}
	}
}

func TestALeaveToHearRunsOut(t *testing.T) {
	t.Parallel()
	rules := keeping()
	rules.Listen, rules.Ask = 0, 0
	a := archive(t, t.TempDir(), func(o *ArchiveOptions) { o.Keeping = func() Keeping { return rules } })
	must(t, a.spoken(t.Context(), "01A", ""))
	must(t, a.spoken(t.Context(), "01B", "性侵"))
	p, err := a.AskPlay(t.Context(), Play{Call: "01A", By: "1019", Purpose: "复核", What: WhatPlay})
	must(t, err)
	if _, _, err := a.Hear(t.Context(), "01A", p.ID, Listener{By: "1019", Part: 1}); err == nil || !strings.Contains(err.Error(), "过期") {
		t.Errorf("heard after its time: %v", err)
	}
	p, err = a.AskPlay(t.Context(), Play{Call: "01B", By: "1019", Purpose: "复核", What: WhatPlay})
	must(t, err)
	if _, err := a.DecidePlay(t.Context(), "01B", p.ID, Decision{By: "1020", Approve: true}); err == nil || !strings.Contains(err.Error(), "过期") {
		t.Errorf("approved after its time: %v", err)
	}
}

func TestAListenerCanSeek(t *testing.T) {
	t.Parallel()
	h, a := tapeAPI(t)
	p, err := a.AskPlay(t.Context(), Play{Call: "01A", By: "1019", Purpose: "复核", What: WhatExport})
	must(t, err)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/recordings/01A/sound?part=2&play="+p.ID, nil)
	req.Header.Set("Test-User", "1019 supervisor")
	req.Header.Set("Range", "bytes=-1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusPartialContent || w.Body.String() != "\x02" || w.Header().Get("Content-Type") != "audio/wav" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="01A-2.wav"` {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestAHoldNeedsASupervisorAndAReason(t *testing.T) {
	t.Parallel()
	h, a := tapeAPI(t)
	const hold = "/api/v1/recordings/01A/hold"
	for _, row := range []struct {
		who, line, body string
		status          int
		want            string
	}{
		{"1009 agent", "POST " + hold, `{"reason":"x"}`, 403, ""},
		{"1019 supervisor", "POST " + hold, `{}`, 409, "reason"},
		{"1019 supervisor", "DELETE " + hold, `{"reason":"x"}`, 409, "not held"},
		{"1019 supervisor", "POST " + hold, `{"reason":"检察院调取"}`, 200, `"by":"1019"`},
		{"1009 agent", "GET /api/v1/recordings/01A", "", 200, `"held":true`},
		{"1020 supervisor", "DELETE " + hold, `{}`, 409, "reason"},
		{"1020 supervisor", "DELETE " + hold, `{"reason":"结案"}`, 200, `"lifted_by":"1020"`},
		{"1009 agent", "GET /api/v1/recordings/01A", "", 200, `"held":false`},
	} {
		if code, body := tell(t, h, row.who, row.line, row.body); code != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s %s: %d %.300s, want %d and %q", row.who, row.line, code, body, row.status, row.want)
		}
	}
	if n, err := a.Purge(t.Context(), time.Now().AddDate(9, 0, 0)); n != 2 || err != nil {
		t.Errorf("%d purged, %v", n, err)
	}
	code, body := tell(t, h, "1019 supervisor", "POST "+hold, `{"reason":"晚了"}`)
	if code != 409 || !strings.Contains(body, "已经销毁") {
		t.Errorf("a hold of what is gone: %d %s", code, body)
	}
	code, body = tell(t, h, "1019 supervisor", "POST /api/v1/recordings/01A/plays", `{"purpose":"复核"}`)
	if code != 409 || !strings.Contains(body, "已经销毁") {
		t.Errorf("a play of what is gone: %d %s", code, body)
	}
}

func TestWithoutTheKeyNothingIsHeard(t *testing.T) {
	t.Parallel()
	h, a := tapeAPI(t)
	other := archive(t, t.TempDir())
	a.Keys = other.Keys
	p, err := a.AskPlay(t.Context(), Play{Call: call.ID("01A"), By: "1019", Purpose: "复核", What: WhatPlay})
	must(t, err)
	code, body := tell(t, h, "1019 supervisor", "GET /api/v1/recordings/01A/sound?play="+p.ID, "")
	if code != 409 || !strings.Contains(body, "密钥") {
		t.Errorf("%d %s", code, body)
	}
}

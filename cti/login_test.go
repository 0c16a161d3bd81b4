package cti

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

func TestFiveWrongPasswordsLockTheIDForItsSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openCheapLogins(t, LoginOptions{}, "1001", "1002")
		try := func(id routing.AgentID, password, source string) error {
			_, _, err := l.Login(t.Context(), id, password, source)
			return err
		}
		for range 5 {
			if err := try("1001", "wrong", "a"); !errors.Is(err, ErrLogin) {
				t.Fatalf("a wrong password is %v", err)
			}
		}
		locked := (*LockedError)(nil)
		if err := try("1001", apiPassword, "a"); !errors.As(err, &locked) || locked.For != 5*time.Minute {
			t.Errorf("the right one after five wrong ones is %v", err)
		}
		if err := try("1001", apiPassword, "b"); err != nil {
			t.Errorf("the seat itself is locked out: %v", err)
		}
		if err := try("1002", apiPassword, "a"); err != nil {
			t.Errorf("another seat of the source is locked out: %v", err)
		}
		time.Sleep(5*time.Minute + time.Second)
		if err := try("1001", apiPassword, "a"); err != nil {
			t.Errorf("locked for ever: %v", err)
		}
	})
}

func TestRightPasswordForgetsTheWrongOnes(t *testing.T) {
	t.Parallel()
	l := openCheapLogins(t, LoginOptions{}, "1001")
	for range 3 {
		for range 4 {
			_, _, _ = l.Login(t.Context(), "1001", "wrong", "a")
		}
		if _, _, err := l.Login(t.Context(), "1001", apiPassword, "a"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownIDIsAnsweredAndLockedLikeAKnownOne(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for try := range 7 {
		var answers []string
		for _, id := range []string{"1001", "nobody"} {
			w := s.as("", "POST /api/v1/login", fmt.Sprintf(`{"id":%q,"password":"wrong"}`, id))
			var p ProblemError
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			answers = append(answers, fmt.Sprintln(w.Code, p.Type, p.Title, p.Detail, w.Header().Get("Retry-After")))
		}
		if answers[0] != answers[1] {
			t.Errorf("try %d: %s differs from %s", try, answers[0], answers[1])
		}
	}
	if w := s.as("", "POST /api/v1/login", `{"id":"1001","password":"correct horse"}`); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("after seven wrong ones: %d", w.Code)
	}
	if strings.Contains(s.logs.String(), "nobody") {
		t.Error("an unknown id, which may be a password, is in the log")
	}
}

func TestUnknownIDTakesAsLongAsAWrongPassword(t *testing.T) {
	t.Parallel()
	l, err := OpenLogins(LoginOptions{Path: filepath.Join(t.TempDir(), "secrets.json")})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Set(NewSecret{ID: "1001", Password: apiPassword}); err != nil {
		t.Fatal(err)
	}
	// The work is compared, not the clock of a busy machine: both hashes have
	// the same cost.
	known, err := parsePHC(l.secrets.current().byID["1001"].Password)
	if err != nil {
		t.Fatal(err)
	}
	dummy, err := parsePHC(l.dummy)
	if err != nil {
		t.Fatal(err)
	}
	if known.memory != dummy.memory || known.passes != dummy.passes || known.lanes != dummy.lanes || len(known.sum) != len(dummy.sum) {
		t.Errorf("costs differ: %v, %v", known, dummy)
	}
}

func TestSourceThatTriesManyIDsIsLocked(t *testing.T) {
	t.Parallel()
	g := newGuard(5, time.Minute)
	now := time.Now()
	for i := range sourceTries {
		g.missed(routing.AgentID(fmt.Sprint(i)), "a", now)
	}
	if g.locked("1001", "a", now) == 0 || g.locked("1001", "b", now) != 0 {
		t.Error("want the source locked, and only it")
	}
	for i := range 2 * guardSize {
		g.missed("1001", fmt.Sprint(i), now)
	}
	if got := len(g.wrong); got > guardSize+2 {
		t.Errorf("the table has grown to %d", got)
	}
	for i := range guardSize {
		g.missed("1001", fmt.Sprint(i), now.Add(time.Hour))
	}
	if got := g.locked("1001", "1", now.Add(time.Hour)); got != 0 {
		t.Errorf("what was over still counts: %s", got)
	}
}

func TestSourceIsANetwork(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.7:4000": "192.0.2.7", "[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"[::ffff:192.0.2.7]:80": "192.0.2.7", "pipe": "pipe", "192.0.2.9": "192.0.2.9",
	} {
		if got := sourceOf(remote); got != want {
			t.Errorf("%s is %s, want %s", remote, got, want)
		}
	}
}

func TestSessionEndsByTimeByLogoutAndByANewPassword(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := openCheapLogins(t, LoginOptions{Life: time.Hour}, "1001", "1002", "1003")
		login := func(id routing.AgentID) (Session, string) {
			session, token, err := l.Login(t.Context(), id, apiPassword, "a")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := l.Session(token); err != nil || got.ID != id || !got.Expires.Equal(session.Expires) {
				t.Fatalf("session is %v, %v", got, err)
			}
			return session, token
		}
		ended := func(token, by string) {
			if _, err := l.Session(token); !errors.Is(err, ErrSession) {
				t.Errorf("not ended by %s: %v", by, err)
			}
		}
		session, token := login("1001")
		_, second := login("1001")
		l.Logout(session)
		ended(token, "logout")
		if _, err := l.Session(second); err != nil {
			t.Errorf("another session of the seat ended too: %v", err)
		}
		_, token = login("1002")
		if err := l.Set(NewSecret{ID: "1002", Password: "another"}); err != nil {
			t.Fatal(err)
		}
		ended(token, "a new password")
		_, token = login("1003")
		if err := l.Remove("1003"); err != nil {
			t.Fatal(err)
		}
		ended(token, "removal")
		time.Sleep(time.Hour)
		ended(second, "time")
		l.Logout(Session{nonce: "n", Expires: time.Now().Add(time.Hour)})
		if len(l.ended) != 1 {
			t.Errorf("%d ended sessions are kept, want the one that could still hold", len(l.ended))
		}
	})
}

func TestTokenThatWasTouchedIsNone(t *testing.T) {
	t.Parallel()
	l := openCheapLogins(t, LoginOptions{}, "1001", "1002")
	_, token, err := l.Login(t.Context(), "1001", apiPassword, "a")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	longer := slices.Clone(parts)
	longer[0] = "9" + longer[0]
	other := slices.Clone(parts)
	other[2] = fmt.Sprintf("%x", "1002")
	for _, bad := range []string{
		"", "...", token + "x", token[1:], strings.Join(longer, "."), strings.Join(other, "."), strings.Join(parts[:3], ".") + ".",
		"x" + token, strings.Repeat("a", 1<<20), strings.Join(parts[:2], ".") + ".zz." + parts[3],
	} {
		if _, err := l.Session(bad); !errors.Is(err, ErrSession) {
			t.Errorf("%.40q is a session", bad)
		}
	}
	stranger := openCheapLogins(t, LoginOptions{}, "1001")
	if _, err := stranger.Session(token); !errors.Is(err, ErrSession) {
		t.Error("a token of another key is a session")
	}
}

func TestSessionOutlivesTheGatewayWithTheSameKey(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte("k"), 32)
	first := openCheapLogins(t, LoginOptions{Key: key}, "1001")
	_, token, err := first.Login(t.Context(), "1001", apiPassword, "a")
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenLogins(LoginOptions{Path: first.opts.Path, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Session(token); err != nil {
		t.Error(err)
	}
}

func TestLoginGivesTheTokenAndAClosedCookie(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := newAPIStage(t, func(o *ServerOptions) { o.Secure = secure })
		w := s.as("", "POST /api/v1/login", `{"id":"1001","password":"correct horse"}`)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Secure != secure {
			t.Fatalf("cookies are %v", cookies)
		}
		me := func() int {
			return s.send("GET /api/v1/me", "", func(r *http.Request) { r.AddCookie(cookies[0]) }).Code
		}
		if got := me(); got != http.StatusOK {
			t.Errorf("with the cookie: %d", got)
		}
		out := s.send("POST /api/v1/logout", "", func(r *http.Request) { r.AddCookie(cookies[0]) })
		if out.Code != http.StatusNoContent || out.Result().Cookies()[0].Value != "" {
			t.Errorf("logout: %d %v", out.Code, out.Result().Cookies())
		}
		if got := me(); got != http.StatusUnauthorized {
			t.Errorf("after logout: %d", got)
		}
		if logs := s.logs.String(); strings.Contains(logs, cookies[0].Value) || strings.Contains(logs, apiPassword) {
			t.Error("a secret is in the log")
		}
	}
}

func TestSecretsFileIsReadAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	gateway := openCheapLogins(t, LoginOptions{Log: slog.New(slog.NewTextHandler(&logs, nil))}, "1001")
	verify := func(id routing.AgentID, password string) bool {
		ok, err := gateway.Verify(t.Context(), id, password)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	shell, err := OpenLogins(LoginOptions{Path: gateway.opts.Path})
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Set(NewSecret{ID: "1001", Password: "changed", SIPPassword: "phone"}, NewSecret{ID: "1003", SIPPassword: "only"}); err != nil {
		t.Fatal(err)
	}
	if !verify("1001", "changed") || verify("1001", apiPassword) || verify("1003", "") {
		t.Error("the change was not noticed")
	}
	if sip, ok := gateway.SIPPassword("1001"); !ok || sip != "phone" || !slices.Equal(gateway.IDs(), []routing.AgentID{"1001", "1003"}) {
		t.Errorf("phone password %q, ids %v", sip, gateway.IDs())
	}
	info, err := os.Stat(gateway.opts.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	for _, broken := range []string{"{", `{"1001":{"password":"plain"}}`, `{"1001":{"passwort":""}}`} {
		if err := os.WriteFile(gateway.opts.Path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if !verify("1001", "changed") {
			t.Errorf("%s took the logins away", broken)
		}
		if _, err := OpenLogins(LoginOptions{Path: gateway.opts.Path}); err == nil {
			t.Errorf("%s was opened", broken)
		}
	}
	if err := os.Remove(gateway.opts.Path); err != nil || !verify("1001", "changed") || !verify("1001", "changed") {
		t.Error("a missing file took the logins away")
	}
	if got := strings.Count(logs.String(), "the old ones hold"); got != 4 {
		t.Errorf("%d faults logged, want 4:\n%s", got, logs.String())
	}
}

func TestSecretsThatOthersCanReadAreRefused(t *testing.T) {
	t.Parallel()
	l := openCheapLogins(t, LoginOptions{}, "1001")
	if err := os.Chmod(l.opts.Path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLogins(LoginOptions{Path: l.opts.Path}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("opened: %v", err)
	}
}

func TestWritersOfSecretsDoNotLoseEachOthersWork(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.json")
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			l, err := OpenLogins(LoginOptions{Path: path})
			if err == nil {
				err = l.Set(NewSecret{ID: routing.AgentID(fmt.Sprint(i)), SIPPassword: "x"})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	l, err := OpenLogins(LoginOptions{Path: path})
	if err != nil || len(l.IDs()) != 8 {
		t.Errorf("%v, %v", l.IDs(), err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	secret := Secret{Password: "hash", SIPPassword: "open sesame"}
	slog.New(slog.NewTextHandler(&logs, nil)).Info("secret", "agent", secret)
	if text := logs.String() + fmt.Sprint(secret) + fmt.Sprintf("%+v", secret); strings.Contains(text, "sesame") {
		t.Error(text)
	}
}

func TestLoginsNeedAPathAndALongKey(t *testing.T) {
	t.Parallel()
	for _, o := range []LoginOptions{{}, {Path: "x", Key: []byte("short")}} {
		if _, err := OpenLogins(o); err == nil {
			t.Errorf("%v was opened", o)
		}
	}
	l := openCheapLogins(t, LoginOptions{})
	for _, n := range []NewSecret{{}, {ID: "1", Password: strings.Repeat("x", 257)}, {ID: routing.AgentID(strings.Repeat("x", 65))}} {
		if err := l.Set(n); err == nil {
			t.Errorf("%+v was set", n)
		}
	}
}

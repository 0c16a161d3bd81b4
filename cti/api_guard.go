package cti

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// bodyLimit is the largest body of a request.
const bodyLimit = 64 << 10

// endpoint is a handler of the API; its error becomes a problem.
type endpoint func(w http.ResponseWriter, r *http.Request) error

func (s *Server) handler(end endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := end(w, r); err != nil {
			s.refuse(w, r, err)
		}
	})
}

// ServeHTTP answers one request: security headers, the check of its origin,
// the route, and a last resort for what goes wrong in a handler.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w := &watched{ResponseWriter: rw}
	began := time.Now()
	defer func() {
		if fault := recover(); fault != nil {
			s.rescue(w, r, fault)
		}
		s.log.Debug("request answered", "route", r.Pattern, "outcome", w.status, "took", time.Since(began))
	}()
	harden(w.Header(), r)
	if err := s.origins.Check(r); err != nil {
		s.log.Warn("request of a foreign page refused", "route", r.Method+" "+r.URL.EscapedPath(), "source", sourceOf(r.RemoteAddr))
		s.refuse(w, r, problem(http.StatusForbidden, "this page may not use the API"))
		return
	}
	mux := s.site
	if isAPI(r.URL.Path) {
		mux = s.api
		w.Header().Set("Cache-Control", "no-store")
	}
	h, pattern := mux.Handler(r)
	if pattern == "" {
		s.unrouted(w, r, h)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	mux.ServeHTTP(w, r)
}

// rescue answers for a handler that panicked. The process goes on: calls hang
// on it. http.ErrAbortHandler is a handler's wish to break off, and stays one.
func (s *Server) rescue(w *watched, r *http.Request, fault any) {
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault)
	}
	s.log.Error("handler panicked", "route", r.Pattern, "err", fmt.Sprint(fault), "stack", string(debug.Stack()))
	if w.status == 0 {
		s.refuse(w, r, problem(http.StatusInternalServerError, internal))
	}
}

// unrouted turns the mux's own words for 404 and 405 into a problem.
func (s *Server) unrouted(w http.ResponseWriter, r *http.Request, h http.Handler) {
	said := &watched{ResponseWriter: &muted{header: make(http.Header)}}
	h.ServeHTTP(said, r)
	if said.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", said.Header().Get("Allow"))
		s.refuse(w, r, problem(said.status, "allowed here: "+said.Header().Get("Allow")))
		return
	}
	s.refuse(w, r, problem(http.StatusNotFound, "nothing is here"))
}

// harden sets what keeps a page of ours from being misused.
func harden(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// login of a request, as the context carries it.
type userKey struct{}

type user struct {
	seat    Seat
	session Session
	cookie  bool // the token came by itself, in the cookie
}

// User returns the seat that is logged in, in a handler mounted with a role.
func User(r *http.Request) (Seat, bool) {
	u, ok := r.Context().Value(userKey{}).(user)
	return u.seat, ok
}

func userOf(r *http.Request) user {
	u, _ := r.Context().Value(userKey{}).(user)
	return u
}

// guarded lets a request through to h when its login has at least that role.
func (s *Server) guarded(role Role, h http.Handler) http.Handler {
	if role == NoRole {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.authenticate(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if u.seat.Role < role {
			s.log.Warn("request beyond the role refused", "agent", u.seat.ID, "route", r.Pattern)
			s.refuse(w, r, problem(http.StatusForbidden, "this needs the role "+role.String()))
			return
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, u)))
	})
}

// cookieName is the cookie of the session.
const cookieName = "weibao"

func (s *Server) authenticate(r *http.Request) (user, error) {
	token, u := "", user{}
	if scheme, bearer, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = bearer
	} else if cookie, err := r.Cookie(cookieName); err == nil {
		token, u.cookie = cookie.Value, true
	}
	session, err := s.opts.Logins.Session(token)
	if err != nil {
		return user{}, problem(http.StatusUnauthorized, "log in first")
	}
	seat, ok := s.opts.Roster().Find(session.ID)
	if !ok {
		return user{}, problem(http.StatusUnauthorized, "log in first")
	}
	u.seat, u.session = seat, session
	return u, nil
}

// watched remembers the status of a reply.
type watched struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the first status.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write is a 200 when nothing was said before.
func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController and the websocket reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// muted takes a reply that nobody reads.
type muted struct{ header http.Header }

// Header is kept.
func (m *muted) Header() http.Header { return m.header }

// WriteHeader is not.
func (m *muted) WriteHeader(int) {}

// Write is not.
func (m *muted) Write(b []byte) (int, error) { return len(b), nil }

func pathOf(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		return strings.TrimLeft(path, " ")
	}
	return pattern
}

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

package cti

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"weibao/routing"
)

type loginBody struct {
	ID       routing.AgentID `json:"id"`
	Password string          `json:"password"`
}

type loginReply struct {
	Token   string          `json:"token"`
	Expires moment          `json:"expires"`
	ID      routing.AgentID `json:"id"`
	Role    Role            `json:"role"`
}

// login begins a session: a token for programs, the same as a cookie for the
// desk.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	body, err := read[loginBody](r)
	if err != nil {
		return err
	}
	if body.ID == "" || body.Password == "" {
		return problem(http.StatusBadRequest, `want "id" and "password"`)
	}
	if len(body.ID) > maxID || len(body.Password) > maxPassword {
		return problem(http.StatusUnauthorized, ErrLogin.Error())
	}
	session, token, err := s.opts.Logins.Login(r.Context(), body.ID, body.Password, sourceOf(r.RemoteAddr))
	if locked := (*LockedError)(nil); errors.As(err, &locked) {
		w.Header().Set("Retry-After", strconv.Itoa(int((locked.For+time.Second-1)/time.Second)))
		return problem(http.StatusTooManyRequests, locked.Error())
	}
	if errors.Is(err, ErrLogin) {
		return problem(http.StatusUnauthorized, ErrLogin.Error())
	}
	if err != nil {
		return err
	}
	// A login whose seat the configuration does not have is like a wrong one.
	seat, ok := s.opts.Roster().Find(session.ID)
	if !ok {
		s.log.Warn("login without a seat in the roster", "agent", session.ID)
		return problem(http.StatusUnauthorized, ErrLogin.Error())
	}
	http.SetCookie(w, s.cookie(r, token, session.Expires))
	s.log.Info("logged in", "agent", seat.ID, "source", sourceOf(r.RemoteAddr))
	s.reply(w, r, http.StatusOK, loginReply{Token: token, Expires: moment(session.Expires), ID: seat.ID, Role: seat.Role})
	return nil
}

func (s *Server) cookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: token, Path: "/", Expires: expires,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.opts.Secure || r.TLS != nil,
	}
}

// logout ends the session and cuts its pushes.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if err := readNothing(r); err != nil {
		return err
	}
	u := userOf(r)
	s.opts.Logins.Logout(u.session)
	s.hub.end(u.session.nonce)
	http.SetCookie(w, s.cookie(r, "", time.Unix(1, 0)))
	s.log.Info("logged out", "agent", u.seat.ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

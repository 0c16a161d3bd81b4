package cti

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
)

// ProblemError is an error of the API in the form of RFC 9457,
// application/problem+json.
type ProblemError struct {
	// Type is a word of the API: "about:blank" where the status says it all.
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail is for people.
	Detail string `json:"detail,omitempty"`
	// Instance names this one occurrence; the log has the same id.
	Instance string `json:"instance,omitempty"`
	// Faults are all faults of a refused configuration.
	Faults []string `json:"faults,omitempty"`
}

// Error makes a problem usable as an error.
func (p *ProblemError) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Title + ": " + p.Detail
}

func problem(status int, detail string) *ProblemError {
	return &ProblemError{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// refusal is an error with words for people: the call understood and said no.
type refusal interface{ Refused() string }

// internal hides an unknown error behind an id that the log has too.
const internal = "internal error"

// asProblem finds the problem in an error. What nobody expected becomes an
// internal error, of which only the log has the cause.
func (s *Server) asProblem(r *http.Request, err error) *ProblemError {
	var (
		p       *ProblemError
		refused refusal
		tooBig  *http.MaxBytesError
	)
	switch {
	case errors.As(err, &p):
		if p.Instance == "" {
			p = new(*p)
			p.Instance = newInstance()
		}
		return p
	case errors.As(err, &refused):
		p = problem(http.StatusConflict, refused.Refused())
		p.Type = "refused"
	case errors.As(err, &tooBig):
		p = problem(http.StatusRequestEntityTooLarge, "the body is larger than 64 KiB")
	case errors.Is(err, context.DeadlineExceeded):
		p = problem(http.StatusGatewayTimeout, "no answer in time")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		p = problem(http.StatusServiceUnavailable, "the request was given up")
	default:
		p = problem(http.StatusInternalServerError, internal)
	}
	p.Instance = newInstance()
	if p.Status >= http.StatusInternalServerError {
		s.log.Error("request failed", "route", r.Pattern, "instance", p.Instance, "err", err)
	}
	return p
}

func newInstance() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails; see crypto/rand
	return "urn:weibao:" + hex.EncodeToString(b[:])
}

// refuse writes a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := s.asProblem(r, err)
	h := w.Header()
	h.Del("Content-Length")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="weibao"`)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone; nothing to tell
}

// reply writes a value as JSON. The value is written out before the status,
// so that one that can not be written becomes a problem and not half a page.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

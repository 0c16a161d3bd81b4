package record

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"weibao/call"
	"weibao/record/vault"
)

// Tapes is how the API reaches recordings: an *Archive.
type Tapes interface {
	AskPlay(ctx context.Context, p Play) (Play, error)
	DecidePlay(ctx context.Context, id call.ID, play string, d Decision) (Play, error)
	Hear(ctx context.Context, id call.ID, play string, who Listener) (*vault.Sound, Play, error)
	Hold(ctx context.Context, id call.ID, by, reason string) (Hold, error)
	LiftHolds(ctx context.Context, id call.ID, by, reason string) ([]Hold, error)
	Rules() Keeping
}

var _ Tapes = (*Archive)(nil)

// Rules are the rules of the moment.
func (a *Archive) Rules() Keeping { return a.Keeping() }

func (a *api) mountTapes(mux *http.ServeMux) {
	const one = "/api/v1/recordings/{id}"
	mux.HandleFunc("GET "+one, a.as(a.tape))
	mux.HandleFunc("GET "+one+"/sound", a.sound)
	mux.HandleFunc("POST "+one+"/plays", a.as(a.askPlay))
	mux.HandleFunc("POST "+one+"/plays/{play}/approve", a.as(a.decidePlay(true)))
	mux.HandleFunc("POST "+one+"/plays/{play}/refuse", a.as(a.decidePlay(false)))
	mux.HandleFunc("POST "+one+"/hold", a.as(a.hold))
	mux.HandleFunc("DELETE "+one+"/hold", a.as(a.lift))
	mux.HandleFunc("GET /api/v1/plays", a.as(a.plays))
}

// tapeView is a recording as the API shows it; where its files are is nobody's
// business.
type tapeView struct {
	Call      call.ID    `json:"call"`
	Fault     string     `json:"fault"`
	Length    Millis     `json:"length_ms"`
	Parts     []partView `json:"parts"`
	Pauses    []Pause    `json:"pauses"`
	Sensitive bool       `json:"sensitive"`
	KeptUntil Moment     `json:"kept_until"`
	Held      bool       `json:"held"`
	Holds     []Hold     `json:"holds"`
	Purged    *Purge     `json:"purged"`
	Plays     []Play     `json:"plays"`
}

type partView struct {
	Part   int    `json:"part"`
	Length Millis `json:"length_ms"`
	SHA256 string `json:"sha256"`
	Sealed bool   `json:"sealed"`
	Fault  string `json:"fault"`
}

func (a *api) tape(req *http.Request, u user) (any, error) {
	t, err := a.tapeOf(req, u)
	if err != nil {
		return nil, err
	}
	rules, r := a.Tapes.Rules(), t.Record.Recording
	v := tapeView{
		Call: t.Record.ID, Fault: r.Fault, Length: r.Length, Parts: []partView{}, Pauses: append([]Pause{}, r.Pauses...),
		Sensitive: rules.sensitive(t.Record), KeptUntil: moment(rules.Until(t.Record)),
		Held: t.Held(), Holds: append([]Hold{}, t.Holds...), Purged: t.Purged(), Plays: append([]Play{}, t.Plays...),
	}
	for i, f := range r.Files() {
		_, sealed := t.Where(f)
		v.Parts = append(v.Parts, partView{Part: i + 1, Length: f.Length, SHA256: f.SHA256, Sealed: sealed, Fault: f.Fault})
	}
	return v, nil
}

// tapeOf finds a recording that the user may know of.
func (a *api) tapeOf(req *http.Request, u user) (Tape, error) {
	t, err := a.Store.Tape(req.Context(), call.ID(req.PathValue("id")))
	if err == nil && !u.maySee(t.Record.Agent) {
		err = ErrNotFound
	}
	return t, err
}

// playView is a wish to hear with the address of the sound, once it may be
// heard.
type playView struct {
	Play
	Sound string `json:"sound"`
}

func viewOfPlay(p Play) playView {
	v := playView{Play: p}
	if p.State == PlayGranted {
		v.Sound = fmt.Sprintf("/api/v1/recordings/%s/sound?play=%s", p.Call, p.ID)
	}
	return v
}

func (a *api) askPlay(req *http.Request, u user) (any, error) {
	body := struct {
		Purpose string `json:"purpose"`
		What    string `json:"what"`
	}{What: WhatPlay}
	if err := read(req, &body); err != nil {
		return nil, err
	}
	if _, err := a.tapeOf(req, u); err != nil {
		return nil, err
	}
	if body.What == WhatExport && u.role == roleAgent {
		return nil, &problem{http.StatusForbidden, "坐席不能导出录音 (your role may not export recordings)"}
	}
	p, err := a.Tapes.AskPlay(req.Context(), Play{
		Call: call.ID(req.PathValue("id")), By: u.id, Purpose: body.Purpose, What: body.What, From: address(req),
	})
	if err != nil {
		a.Log.Warn("recording not to be heard", "call", req.PathValue("id"), "by", u.id, "why", err)
		return nil, err
	}
	a.Log.Info("recording asked for", "call", p.Call, "play", p.ID, "by", u.id, "what", p.What, "state", p.State)
	return viewOfPlay(p), nil
}

func (a *api) decidePlay(approve bool) func(*http.Request, user) (any, error) {
	return func(req *http.Request, u user) (any, error) {
		if u.role == roleAgent {
			return nil, &problem{http.StatusForbidden, "只有班长可以批准 (your role may not decide)"}
		}
		reason, err := reasonIn(req)
		if err != nil {
			return nil, err
		}
		p, err := a.Tapes.DecidePlay(req.Context(), call.ID(req.PathValue("id")), req.PathValue("play"), Decision{By: u.id, Approve: approve, Reason: reason})
		if err != nil {
			return nil, err
		}
		a.Log.Info("play decided", "call", p.Call, "play", p.ID, "by", u.id, "state", p.State)
		return viewOfPlay(p), nil
	}
}

func reasonIn(req *http.Request) (string, error) {
	var body struct {
		Reason string `json:"reason"`
	}
	err := read(req, &body)
	return body.Reason, err
}

// mayHold refuses seats.
func (u user) mayHold() error {
	if u.role == roleAgent {
		return &problem{http.StatusForbidden, "只有班长可以保全录音 (your role may not hold recordings)"}
	}
	return nil
}

func (a *api) hold(req *http.Request, u user) (any, error) {
	if err := u.mayHold(); err != nil {
		return nil, err
	}
	reason, err := reasonIn(req)
	if err != nil {
		return nil, err
	}
	h, err := a.Tapes.Hold(req.Context(), call.ID(req.PathValue("id")), u.id, reason)
	if err == nil {
		a.Log.Warn("recording held", "call", h.Call, "hold", h.ID, "by", u.id)
	}
	return h, err
}

func (a *api) lift(req *http.Request, u user) (any, error) {
	if err := u.mayHold(); err != nil {
		return nil, err
	}
	reason, err := reasonIn(req)
	if err != nil {
		return nil, err
	}
	lifted, err := a.Tapes.LiftHolds(req.Context(), call.ID(req.PathValue("id")), u.id, reason)
	if err != nil {
		return nil, err
	}
	a.Log.Warn("hold of a recording lifted", "call", req.PathValue("id"), "by", u.id)
	return map[string]any{"holds": lifted}, nil
}

// plays lists who asked to hear recordings: the audit, and what waits for a
// second person.
func (a *api) plays(req *http.Request, u user) (any, error) {
	if u.role == roleAgent {
		return nil, &problem{http.StatusForbidden, "your role may not see who hears recordings"}
	}
	values := url.Values{}
	for name, v := range req.URL.Query() {
		if name == "state" {
			name = "outcome"
		}
		values[name] = v
	}
	q, err := parseQuery(values, []string{"from", "to", "agent", "outcome", "limit", "cursor"})
	if err != nil {
		return nil, err
	}
	found, err := a.Store.Plays(req.Context(), q)
	if err != nil {
		return nil, err
	}
	return map[string]any{"plays": append([]Play{}, found.Rows...), "next": found.Next}, nil
}

// soundLimit bounds one fetch of a recording: a slow line may need it.
const soundLimit = 15 * time.Minute

// sound gives the sound out, whole or in ranges, to who has leave to hear it.
func (a *api) sound(w http.ResponseWriter, req *http.Request) {
	err := a.giveSound(w, req)
	if err != nil {
		a.refuse(w, req, err)
	}
}

func (a *api) giveSound(w http.ResponseWriter, req *http.Request) error {
	id, role := a.User(req)
	if id == "" {
		return &problem{http.StatusUnauthorized, "log in first"}
	}
	values := req.URL.Query()
	play, part := values.Get("play"), 1
	if play == "" {
		a.Log.Warn("recording refused without a purpose", "call", req.PathValue("id"), "by", id)
		return &problem{http.StatusForbidden, "听录音先要写明用途 (say what for first): POST /api/v1/recordings/{id}/plays"}
	}
	if s := values.Get("part"); s != "" {
		var err error
		if part, err = strconv.Atoi(s); err != nil {
			return &problem{http.StatusBadRequest, fmt.Sprintf("part %q: want a number", s)}
		}
	}
	if _, err := a.tapeOf(req, user{id: id, role: role}); err != nil {
		return err
	}
	sound, p, err := a.Tapes.Hear(req.Context(), call.ID(req.PathValue("id")), play, Listener{By: id, From: address(req), Part: part})
	if err != nil {
		return err
	}
	defer func() { _ = sound.Close() }()                                           // only read
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(soundLimit)) // where there is none, none is moved
	name := fmt.Sprintf("%s-%d.wav", p.Call, part)
	h := w.Header()
	h.Set("Content-Type", "audio/wav")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", map[string]string{WhatPlay: "inline", WhatExport: "attachment"}[p.What], name))
	http.ServeContent(w, req, "", time.Time{}, sound)
	return nil
}

// address is where a request comes from.
func address(req *http.Request) string {
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	if err != nil {
		return req.RemoteAddr
	}
	return host
}

// tapeProblem are the words for a recording that can not be had.
func tapeProblem(err error) *problem {
	switch {
	case errors.Is(err, vault.ErrKey):
		return &problem{http.StatusConflict, "密钥文件里没有这通录音的密钥 (" + vault.ErrKey.Error() + ")"}
	case errors.Is(err, ErrTape):
		return &problem{http.StatusConflict, err.Error()}
	}
	return nil
}

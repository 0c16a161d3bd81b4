package cti

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"weibao/call"
	"weibao/routing"
)

// askLimit is how long a call may take to answer a wish.
const askLimit = 5 * time.Second

// The limits of what a seat writes.
const (
	maxWord      = 40   // characters of a category or a reason
	maxPlace     = 12   // characters of a region code
	maxFields    = 60   // fields of the form
	maxFieldName = 64   // characters
	maxFieldText = 4000 // characters
)

type callsReply struct {
	Calls []CallView `json:"calls"`
}

func (s *Server) listCalls(w http.ResponseWriter, r *http.Request) error {
	seat, _ := User(r)
	s.reply(w, r, http.StatusOK, callsReply{Calls: s.callsFor(seat)})
	return nil
}

// callsFor are the live calls that a seat sees, oldest first.
func (s *Server) callsFor(seat Seat) []CallView {
	now, views := time.Now(), []CallView{}
	for _, c := range slices.SortedFunc(slices.Values(s.opts.Calls.Live()), byArrival) {
		if sees(seat, &c) {
			views = append(views, s.viewCall(&c, now))
		}
	}
	return views
}

// noCall is the answer for a call that does not exist, and for one that the
// seat may not see: the two can not be told apart.
func noCall() error { return problem(http.StatusNotFound, "没有这个通话，或者已经结束") }

// callOf finds the call of the path for the seat of the request.
func (s *Server) callOf(r *http.Request) (call.Call, Seat, error) {
	seat, _ := User(r)
	id := call.ID(r.PathValue("id"))
	c, ok := s.opts.Calls.Find(id)
	if !ok {
		return call.Call{}, seat, noCall()
	}
	if !sees(seat, &c) {
		s.log.Warn("call of another seat refused", "agent", seat.ID, "call", id, "route", r.Pattern)
		return call.Call{}, seat, noCall()
	}
	return c, seat, nil
}

func (s *Server) showCall(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.callOf(r)
	if err != nil {
		return err
	}
	s.reply(w, r, http.StatusOK, s.viewCall(&c, time.Now()))
	return nil
}

type whyReply struct {
	Call      call.ID       `json:"call"`
	Phase     string        `json:"phase"`
	Route     string        `json:"route"`
	Plan      string        `json:"plan"`
	DecidedAt moment        `json:"decided_at"`
	Steps     []whyStep     `json:"steps"`
	Trace     []CheckView   `json:"trace"`
	Waiting   []WaitingLine `json:"waiting"`
}

type whyStep struct {
	To      string `json:"to"`
	AfterMS int64  `json:"after_ms"`
	Begun   bool   `json:"begun"`
}

func (s *Server) whyCall(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.callOf(r)
	if err != nil {
		return err
	}
	view, err := s.opts.Floor.View(r.Context())
	if err != nil {
		return fmt.Errorf("view of the floor: %w", err)
	}
	d := &c.Search.Decision
	why := whyReply{
		Call: c.ID, Phase: c.Phase.String(), Route: d.Route, Plan: d.Plan, DecidedAt: moment(d.At),
		Steps: []whyStep{}, Trace: s.viewChecks(d.Trace), Waiting: []WaitingLine{},
	}
	for i, step := range d.Steps {
		why.Steps = append(why.Steps, whyStep{To: maskTarget(step.Target), AfterMS: step.After.Milliseconds(), Begun: i < c.Search.Step})
	}
	for _, ticket := range view.Waiting {
		if ticket.Call == c.ID {
			line := viewWaiting(&view, ticket)
			line.Why = s.viewChecks(view.Why(ticket.Ticket.ID))
			why.Waiting = append(why.Waiting, line)
		}
	}
	s.reply(w, r, http.StatusOK, why)
	return nil
}

type transferBody struct {
	To       string `json:"to"`
	Place    string `json:"place"`
	Category string `json:"category"`
}

func (s *Server) transfer(w http.ResponseWriter, r *http.Request) error {
	body, err := read[transferBody](r)
	if err != nil {
		return err
	}
	to, err := routing.ParseTarget(body.To)
	if err != nil {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: %v", "to", err))
	}
	err = errors.Join(short("to", body.To, 2*maxID), short("category", body.Category, maxWord), place(body.Place))
	if to.Kind == routing.ToPolice { // the call says what is to be put right, and dials
		body.Category, body.Place = cut(body.Category), cut(body.Place)
	} else if err != nil {
		return err
	}
	return s.wish(w, r, call.WishTransfer{To: to, Place: body.Place, Category: body.Category})
}

// press asks for 110. What is wrong with the rest of the request never stops it.
func (s *Server) press(w http.ResponseWriter, r *http.Request) error {
	body, err := read[pressBody](r)
	if err != nil {
		s.log.Warn("press for 110 with a body that can not be read; 110 is called all the same", "err", err)
	}
	return s.wish(w, r, call.WishTransfer{
		To: routing.Target{Kind: routing.ToPolice}, Place: cut(body.Place), Category: cut(body.Category),
	})
}

type pressBody struct {
	Place    string `json:"place"`
	Category string `json:"category"`
}

// cut shortens a word to one line of as many characters as a word may have.
func cut(text string) string {
	runes := slices.DeleteFunc([]rune(text), unicode.IsControl)
	return string(runes[:min(len(runes), maxWord)])
}

// place checks the form of a region code. Whether there is such a place the
// call says, by the configuration that it arrived with.
func place(code string) error {
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	if len(code) > maxPlace || strings.Trim(code, alphabet) != "" {
		return problem(http.StatusBadRequest, `field "place": want the code of a region, as "222404"`)
	}
	return nil
}

// plainWish is an endpoint for a wish without a body.
func (s *Server) plainWish(wish call.Wish) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := readNothing(r); err != nil {
			return err
		}
		return s.wish(w, r, wish)
	}
}

type noteBody struct {
	Fields map[string]string `json:"fields"`
}

func (s *Server) note(w http.ResponseWriter, r *http.Request) error {
	body, err := read[noteBody](r)
	if err != nil {
		return err
	}
	if len(body.Fields) == 0 || len(body.Fields) > maxFields {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: want 1 to %d fields", "fields", maxFields))
	}
	for name, text := range body.Fields {
		if err := short("fields", name, maxFieldName); err != nil {
			return err
		}
		if n := len([]rune(text)); n > maxFieldText {
			return problem(http.StatusBadRequest, fmt.Sprintf("field %q: %d characters, want at most %d", name, n, maxFieldText))
		}
	}
	if _, live := s.opts.Calls.Find(call.ID(r.PathValue("id"))); !live {
		return s.noteAfter(w, r, body.Fields)
	}
	return s.wish(w, r, call.WishNote{Fields: body.Fields})
}

// noteAfter keeps the form of a call that has ended, as long as the seat that
// had it last is at its after-call work.
func (s *Server) noteAfter(w http.ResponseWriter, r *http.Request, fields map[string]string) error {
	seat, _ := User(r)
	id := call.ID(r.PathValue("id"))
	view, err := s.opts.Floor.View(r.Context())
	if err != nil {
		return fmt.Errorf("view of the floor: %w", err)
	}
	wraps := func(a AgentView) bool { return a.Agent == seat.ID && a.Call == id && a.Work >= routing.Talking }
	if s.opts.Notes == nil || !slices.ContainsFunc(view.Agents, wraps) {
		return noCall()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), askLimit)
	defer cancel()
	if err := s.opts.Notes.Note(ctx, id, seat.ID, fields); err != nil {
		return fmt.Errorf("form of call %s: %w", id, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type pullBody struct {
	Agent string `json:"agent"`
}

// pull takes a waiting caller out of its turn, for a seat, or for the
// supervisor who asks.
func (s *Server) pull(w http.ResponseWriter, r *http.Request) error {
	body, err := read[pullBody](r)
	if err != nil {
		return err
	}
	by, _ := User(r)
	agent := routing.AgentID(cmp.Or(body.Agent, string(by.ID)))
	seat, known := s.opts.Roster().Find(agent)
	if !known || len(seat.Queues) == 0 {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: no seat of that name takes calls", "agent"))
	}
	return s.wish(w, r, call.WishPull{Agent: agent, Queues: seat.Queues})
}

// wish asks the call and answers with the call as it is then.
func (s *Server) wish(w http.ResponseWriter, r *http.Request, wish call.Wish) error {
	c, seat, err := s.callOf(r)
	if err != nil {
		return err
	}
	if !seat.Role.ActsOnAll() && !owns(seat, &c) {
		s.log.Warn("act on the call of another refused", "agent", seat.ID, "call", c.ID, "route", r.Pattern)
		return problem(http.StatusForbidden, "this call is another seat's")
	}
	// The wish is carried to its end though the browser may have gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), askLimit)
	defer cancel()
	if err := s.opts.Calls.Ask(ctx, c.ID, seat.ID, wish); err != nil {
		if errors.Is(err, call.ErrNoCall) {
			return noCall()
		}
		return fmt.Errorf("ask call %s: %w", c.ID, err)
	}
	if now, ok := s.opts.Calls.Find(c.ID); ok {
		c = now
	}
	s.reply(w, r, http.StatusOK, s.viewCall(&c, time.Now()))
	return nil
}

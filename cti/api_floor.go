package cti

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"weibao/call"
	"weibao/routing"
)

// SeatLine is a seat as the API shows it.
type SeatLine struct {
	ID        routing.AgentID `json:"id"`
	Name      string          `json:"name"`
	Queues    []string        `json:"queues"`
	Presence  string          `json:"presence"`
	Reason    string          `json:"reason"`
	Work      string          `json:"work"`
	Reachable bool            `json:"reachable"`
	Desk      string          `json:"desk"`
	Free      bool            `json:"free"`
	Why       string          `json:"why"`
	// Say is Free and Why as a sentence in Chinese.
	Say       string `json:"say"`
	Since     moment `json:"since"`
	IdleSince moment `json:"idle_since"`
	// Call and Queue are shown to the seat itself and to supervisors.
	Call  call.ID `json:"call"`
	Queue string  `json:"queue"`
}

func viewSeat(a AgentView) SeatLine {
	check := routing.Check{Rule: "seat " + string(a.Agent), Fact: routing.FactSeat, Got: a.Why, Held: a.Free}
	say := new(routing.Plan).Say(check, "zh")
	if a.Why == routing.Away.String() && a.Reason != "" {
		say += "：" + a.Reason
	}
	return SeatLine{
		ID: a.Agent, Name: a.Name, Queues: list(a.Queues), Presence: a.Presence.String(), Reason: a.Reason,
		Work: a.Work.String(), Reachable: a.Reachable, Desk: a.Desk.word(), Free: a.Free, Why: a.Why, Say: say,
		Since: moment(a.Since), IdleSince: moment(a.Idle), Call: a.Call, Queue: a.Queue,
	}
}

// For is the line as another seat sees it.
func (l SeatLine) For(seat Seat) (any, bool) {
	if !seat.Role.SeesAll() && seat.ID != l.ID {
		l.Call, l.Queue = "", ""
	}
	return l, true
}

// WaitingLine is a caller in line as the API shows it.
type WaitingLine struct {
	Ticket   routing.TicketID `json:"ticket"`
	Call     call.ID          `json:"call"`
	Gateway  string           `json:"gateway"`
	Queues   []string         `json:"queues"`
	Since    moment           `json:"since"`
	WaitedMS int64            `json:"waited_ms"`
	Boost    int              `json:"boost"`
	Position int              `json:"position"`
	Offered  routing.AgentID  `json:"offered"`
	// Why says, seat by seat, what keeps it waiting; only for the first ones.
	Why []CheckView `json:"why"`
}

// The lengths to which a long line is told.
const (
	lineExplained = 20
	lineShown     = 500
)

func viewWaiting(v *View, t WaitingView) WaitingLine {
	return WaitingLine{
		Ticket: t.Ticket.ID, Call: t.Call, Gateway: t.Gateway, Queues: list(t.Ticket.Queues()), Since: moment(t.Ticket.Since),
		WaitedMS: between(t.Ticket.Since, v.At).Milliseconds(), Boost: t.Ticket.Boost, Position: t.Position,
		Offered: t.Offered, Why: []CheckView{},
	}
}

// Line is everybody who waits, the next one first.
type Line struct {
	At       moment `json:"at"`
	Degraded bool   `json:"degraded"`
	// Total counts all that the seat may see, also those not in Line.
	Total int           `json:"total"`
	Line  []WaitingLine `json:"line"`
}

// viewLine shows the tickets that a seat may see: those it could serve.
func viewLine(v *View, seat Seat) Line {
	line := Line{At: moment(v.At), Degraded: v.Degraded, Line: []WaitingLine{}}
	for _, t := range v.Waiting {
		if !seat.Role.SeesAll() && !serves(seat, t.Ticket) {
			continue
		}
		line.Total++
		if len(line.Line) < lineShown {
			line.Line = append(line.Line, viewWaiting(v, t))
		}
	}
	return line
}

func serves(seat Seat, t routing.Ticket) bool {
	if t.Only != "" {
		return t.Only == seat.ID
	}
	return slices.ContainsFunc(t.Queues(), func(queue string) bool { return slices.Contains(seat.Queues, queue) })
}

func (s *Server) listWaiting(w http.ResponseWriter, r *http.Request) error {
	seat, _ := User(r)
	view, err := s.opts.Floor.View(r.Context())
	if err != nil {
		return fmt.Errorf("view of the floor: %w", err)
	}
	line := viewLine(&view, seat)
	for i := range line.Line[:min(len(line.Line), lineExplained)] {
		line.Line[i].Why = s.viewChecks(view.Why(line.Line[i].Ticket))
	}
	s.reply(w, r, http.StatusOK, line)
	return nil
}

type agentsReply struct {
	At       moment `json:"at"`
	Degraded bool   `json:"degraded"`
	Agents   []any  `json:"agents"` // SeatLine
}

func (s *Server) listAgents(w http.ResponseWriter, r *http.Request) error {
	seat, _ := User(r)
	view, err := s.opts.Floor.View(r.Context())
	if err != nil {
		return fmt.Errorf("view of the floor: %w", err)
	}
	s.reply(w, r, http.StatusOK, viewAgents(&view, seat))
	return nil
}

func viewAgents(v *View, seat Seat) agentsReply {
	reply := agentsReply{At: moment(v.At), Degraded: v.Degraded, Agents: []any{}}
	for _, a := range v.Agents {
		line, _ := viewSeat(a).For(seat)
		reply.Agents = append(reply.Agents, line)
	}
	return reply
}

type meReply struct {
	Seat
	RegionName string `json:"region_name"`
	// Expires is when the session ends.
	Expires moment `json:"expires"`
	// Floor is the seat on the floor; null for a login that takes no calls.
	Floor *SeatLine `json:"floor"`
}

func (s *Server) me(w http.ResponseWriter, r *http.Request) error {
	me, err := s.viewMe(r)
	if err != nil {
		return err
	}
	s.reply(w, r, http.StatusOK, me)
	return nil
}

func (s *Server) viewMe(r *http.Request) (meReply, error) {
	u := userOf(r)
	me := meReply{Seat: u.seat, Expires: moment(u.session.Expires)}
	me.Skills, me.Languages, me.Queues = list(me.Skills), list(me.Languages), list(me.Queues)
	if region, ok := s.opts.Regions().Find(me.Region); ok {
		me.RegionName = region.Name
	}
	view, err := s.opts.Floor.View(r.Context())
	if err != nil {
		return meReply{}, fmt.Errorf("view of the floor: %w", err)
	}
	for _, a := range view.Agents {
		if a.Agent == me.ID {
			me.Floor = new(viewSeat(a))
		}
	}
	return me, nil
}

type presenceBody struct {
	Presence string `json:"presence"`
	Reason   string `json:"reason"`
}

func (s *Server) setPresence(w http.ResponseWriter, r *http.Request) error {
	body, err := read[presenceBody](r)
	if err != nil {
		return err
	}
	presence, err := routing.ParsePresence(body.Presence)
	if err != nil {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: %v", "presence", err))
	}
	if err := short("reason", body.Reason, maxWord); err != nil {
		return err
	}
	seat, _ := User(r)
	if err := s.opts.Floor.SetPresence(r.Context(), seat.ID, presence, body.Reason); err != nil {
		if errors.Is(err, ErrNoAgent) {
			return problem(http.StatusConflict, "this login takes no calls")
		}
		return fmt.Errorf("set presence: %w", err)
	}
	return s.me(w, r)
}

// parseAt reads a time of a query, where a bare + has become a space.
func parseAt(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		for _, text := range []string{s, replaceLastSpace(s)} {
			if at, err := time.Parse(layout, text); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, problem(http.StatusBadRequest, `query "at": want a time as 2026-10-01T02:00+08:00`)
}

func replaceLastSpace(s string) string {
	b := []byte(s)
	if i := slices.Index(b, ' '); i >= 0 {
		b[i] = '+'
	}
	return string(b)
}

// list is never null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

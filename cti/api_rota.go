package cti

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"weibao/routing"
)

// onDuty answers who is on duty at a post, and why.
func (s *Server) onDuty(w http.ResponseWriter, r *http.Request) error {
	at, query := time.Now(), r.URL.Query()
	if asked := query.Get("at"); asked != "" {
		var err error
		if at, err = parseAt(asked); err != nil {
			return err
		}
	}
	post := r.PathValue("post")
	duty, ok := s.opts.Rotas().On(s.opts.Regions(), post, at)
	if !ok {
		return problem(http.StatusNotFound, "没有这个岗位，或者那时没有人值班 (no such post, or nobody is on duty there then)")
	}
	seat, _ := User(r)
	s.reply(w, r, http.StatusOK, viewDuty(duty, at, post, query.Get("lang"), seat))
	return nil
}

// book is the duty book, or why there is none.
func (s *Server) book() (*DutyBook, error) {
	if s.opts.Duty == nil {
		return nil, problem(http.StatusNotImplemented, "这个网关不登记值班调整 (this gateway keeps no overrides)")
	}
	return s.opts.Duty, nil
}

// dutyOf is the duty book and the rota of the post that a request is about.
func (s *Server) dutyOf(r *http.Request) (*DutyBook, *routing.Rota, error) {
	book, err := s.book()
	if err != nil {
		return nil, nil, err
	}
	rota, err := s.postOf(r)
	return book, rota, err
}

type overridesReply struct {
	Post      string         `json:"post"`
	Name      string         `json:"name"`
	Overrides []OverrideView `json:"overrides"`
}

// overridesShown is how many overrides of a post are listed.
const overridesShown = 200

// listOverrides lists the overrides of a post in every state, the last settled
// first.
func (s *Server) listOverrides(w http.ResponseWriter, r *http.Request) error {
	book, rota, err := s.dutyOf(r)
	if err != nil {
		return err
	}
	seat, _ := User(r)
	post := rota.Post()
	reply := overridesReply{Post: post.Code, Name: post.Name, Overrides: []OverrideView{}}
	all := book.Now().Of(post.Code)
	for _, o := range all[:min(len(all), overridesShown)] {
		reply.Overrides = append(reply.Overrides, s.viewOverride(o, seat))
	}
	s.reply(w, r, http.StatusOK, reply)
	return nil
}

type overrideReply struct {
	Override OverrideView `json:"override"`
	// Shared says that other gateways see it already.
	Shared  bool   `json:"shared"`
	Message string `json:"message"`
}

// askOverride takes a new override: approved at once when the role may, unless
// it wants to leave that to another.
func (s *Server) askOverride(w http.ResponseWriter, r *http.Request) error {
	book, rota, err := s.dutyOf(r)
	if err != nil {
		return err
	}
	body, err := read[overrideBody](r)
	if err != nil {
		return err
	}
	o, err := body.overrideOf(rota, time.Now())
	if err != nil {
		return err
	}
	seat, _ := User(r)
	to := routing.Approved
	if body.Ask || seat.Role < RoleSupervisor {
		to = routing.Asked
	}
	o.ID = newOverrideID(time.Now().In(rota.Post().Zone))
	o, kept, err := book.Ask(r.Context(), o, to, signature(seat))
	return s.answerOverride(w, r, o, kept, err)
}

// newOverrideID is short enough to be said on the telephone: the day and six
// letters and digits.
func newOverrideID(at time.Time) string {
	return at.Format("20060102") + "-" + strings.ToLower(rand.Text()[:6])
}

// signature is who did it, with the name of that day.
func signature(seat Seat) string { return strings.TrimSpace(string(seat.ID) + " " + seat.Name) }

// signedBy reports whether it was the seat, whatever its name was then.
func signedBy(seat Seat, by string) bool {
	id, _, _ := strings.Cut(by, " ")
	return id == string(seat.ID)
}

// moveOverride is the endpoint that takes an override to a state.
func (s *Server) moveOverride(to routing.OverrideState) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		book, err := s.book()
		if err != nil {
			return err
		}
		if err := readNothing(r); err != nil {
			return err
		}
		seat, _ := User(r)
		id := r.PathValue("id")
		o, has := book.Find(id)
		if !has {
			return noOverride(id)
		}
		if to == routing.Withdrawn && seat.Role < RoleSupervisor && !signedBy(seat, o.Steps[0].By) {
			return problem(http.StatusForbidden, "只有申请人和班长可以撤回 (only who asked and supervisors may withdraw it)")
		}
		o, kept, err := book.Move(r.Context(), id, to, signature(seat))
		return s.answerOverride(w, r, o, kept, err)
	}
}

func noOverride(id string) error {
	return problem(http.StatusNotFound, fmt.Sprintf("没有值班调整 %s (there is no override %s)", id, id))
}

// answerOverride tells what came of a step.
func (s *Server) answerOverride(w http.ResponseWriter, r *http.Request, o routing.Override, kept Kept, err error) error {
	if err := s.refusedStep(r, kept, err); err != nil {
		return err
	}
	seat, _ := User(r)
	s.log.Info("duty override", "agent", seat.ID, "post", o.Post, "override", o.ID, "state", o.State, "shared", kept.Shared)
	s.reply(w, r, http.StatusOK, overrideReply{Override: s.viewOverride(o, seat), Shared: kept.Shared, Message: kept.message()})
	return nil
}

// refusedStep is why a step is not answered with 200.
func (s *Server) refusedStep(r *http.Request, kept Kept, err error) error {
	settled := (*SettledError)(nil)
	switch {
	case errors.As(err, &settled):
		p := problem(http.StatusConflict, settled.Refused())
		p.Type = "refused"
		return p
	case errors.Is(err, ErrNoOverride):
		return noOverride(r.PathValue("id"))
	case err != nil:
		return fmt.Errorf("duty book: %w", err)
	case kept.Err != nil:
		s.log.Error("duty override not on the disk", "route", r.Pattern, "err", kept.Err)
		p := problem(http.StatusServiceUnavailable, "已经生效，但还没有写进本机日志（磁盘），请查看磁盘后重试 (it is in force but not on the disk yet: look after the disk and try again)")
		p.Type = "not_kept"
		return p
	}
	return nil
}

// message says what a person has to know besides.
func (k Kept) message() string {
	if k.Shared {
		return ""
	}
	return "其他网关要等 Redis 恢复后才能看到 (other gateways will see it when Redis is back)"
}

// StateWord is a state in words for people.
func StateWord(state routing.OverrideState) string {
	switch state {
	case routing.Asked:
		return "已申请"
	case routing.Accepted:
		return "已同意"
	case routing.Approved:
		return "已批准"
	case routing.Refused:
		return "已驳回"
	case routing.Withdrawn:
		return "已撤回"
	}
	return string(state)
}

// Refused says it in words for people.
func (e *SettledError) Refused() string {
	last := routing.OverrideStep{}
	if n := len(e.Override.Steps); n > 0 {
		last = e.Override.Steps[n-1]
	}
	return fmt.Sprintf("%s%s（%s），不能再%s (it is %s by %s and can not be %s any more)", e.Override.ID, StateWord(e.Override.State), last.By,
		strings.TrimPrefix(StateWord(e.To), "已"), e.Override.State, last.By, e.To)
}

type handOverReply struct {
	Note    NoteView `json:"note"`
	Shared  bool     `json:"shared"`
	Message string   `json:"message"`
}

// handOver takes a hand-over note.
func (s *Server) handOver(w http.ResponseWriter, r *http.Request) error {
	book, rota, err := s.dutyOf(r)
	if err != nil {
		return err
	}
	body, err := read[handOverBody](r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(strings.ReplaceAll(body.Text, "\r\n", "\n"))
	unwanted := func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }
	switch {
	case text == "":
		return fault("交班记录是空的", "the note is empty")
	case utf8.RuneCountInString(text) > maxNote:
		return fault("交班记录最多 %d 字", "a note has at most %d characters", maxNote)
	case slices.ContainsFunc([]rune(text), unwanted):
		return fault("交班记录里有控制字符", "no control characters")
	}
	seat, _ := User(r)
	note, kept, err := book.HandOver(r.Context(), routing.HandOver{Post: rota.Post().Code, By: signature(seat), Text: text})
	if err := s.refusedStep(r, kept, err); err != nil {
		return err
	}
	s.log.Info("duty handed over", "agent", seat.ID, "post", note.Post, "shared", kept.Shared)
	s.reply(w, r, http.StatusOK, handOverReply{Note: viewNote(note, seat), Shared: kept.Shared, Message: kept.message()})
	return nil
}

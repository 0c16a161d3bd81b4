package cti

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"weibao/call"
	"weibao/routing"
)

// maxOverride is how long a reason may be for ringing an unsafe number.
const maxOverride = 200

type placedReply struct {
	Call call.ID `json:"call"`
}

// errNoOutgoing is the answer of a server without outgoing calls.
const errNoOutgoing = call.RefusedError("这个网关不能呼出")

type callOutBody struct {
	To string `json:"to"`
}

// callOut rings a number for the seat of the request.
func (s *Server) callOut(w http.ResponseWriter, r *http.Request) error {
	seat, _ := User(r)
	body, err := read[callOutBody](r)
	if err != nil {
		return err
	}
	if err := short("to", body.To, 2*maxID); err != nil {
		return err
	}
	to, err := routing.ParseTarget(body.To)
	if err != nil || to.Kind != routing.ToNumber {
		return problem(http.StatusBadRequest, fmt.Sprintf("field %q: want number:043112356", "to"))
	}
	if s.opts.Outgoing == nil {
		return errNoOutgoing
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), askLimit)
	defer cancel()
	id, err := s.opts.Outgoing.CallOut(ctx, seat.ID, seat.Region, to.Name)
	if err != nil {
		return fmt.Errorf("call out: %w", err)
	}
	s.reply(w, r, http.StatusAccepted, placedReply{Call: id})
	return nil
}

type callBackBody struct {
	Override string `json:"override"`
}

// callBack has the seat of the request ring somebody who is owed a call.
func (s *Server) callBack(w http.ResponseWriter, r *http.Request) error {
	seat, _ := User(r)
	body, err := read[callBackBody](r)
	if err != nil {
		return err
	}
	if err := short("override", body.Override, maxOverride); err != nil {
		return err
	}
	if s.opts.Outgoing == nil {
		return errNoOutgoing
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), askLimit)
	defer cancel()
	id := call.ID(r.PathValue("id"))
	f, err := s.opts.Outgoing.Owing(ctx, id)
	if err != nil {
		return fmt.Errorf("follow-up %s: %w", id, err)
	}
	if !s.mayRing(seat, f) {
		s.log.Warn("call back of another city refused", "agent", seat.ID, "follow_up", id)
		return problem(http.StatusForbidden, "这个回访不由您所在的地区负责 (this follow-up is of another city)")
	}
	placed, err := s.opts.Outgoing.CallBack(ctx, id, seat.ID, body.Override)
	if err != nil {
		return fmt.Errorf("call back %s: %w", id, err)
	}
	s.log.Info("call back by a seat", "agent", seat.ID, "follow_up", id, "call", placed, "override", body.Override)
	s.reply(w, r, http.StatusAccepted, placedReply{Call: placed})
	return nil
}

// mayRing reports whether a seat may ring somebody back: the owner, a seat of
// the queue that owns it, of the city, or of a unit above the city; and whoever
// acts on all calls.
func (s *Server) mayRing(seat Seat, f call.FollowUp) bool {
	if seat.Role.ActsOnAll() || seat.ID == f.Owner || slices.Contains(seat.Queues, string(f.Owner)) {
		return true
	}
	regions := s.opts.Regions()
	for code, steps := f.Region, 0; code != "" && steps < 5; steps++ { // province, city, county: a circle ends, too
		if seat.Region == code {
			return true
		}
		region, _ := regions.Find(code)
		code = region.Parent
	}
	return false
}

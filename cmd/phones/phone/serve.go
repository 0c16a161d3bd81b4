package phone

import (
	"context"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// allowed are the methods that a phone understands.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY, MESSAGE"

// serve says what the phone does with each request that comes in.
func (p *Phone) serve(ctx context.Context, srv *sipgo.Server) {
	on := func(method sip.RequestMethod, f handler) { srv.OnRequest(method, p.handle(ctx, f)) }
	srv.OnNoRoute(p.handle(ctx, func(_ context.Context, req *sip.Request, tx sip.ServerTransaction) { reply(req, tx, 405) }))
	on(sip.INVITE, p.invited)
	on(sip.ACK, func(_ context.Context, req *sip.Request, _ sip.ServerTransaction) {
		if c := p.find(req); c != nil {
			c.acked(req)
		}
	})
	on(sip.BYE, p.byed)
	on(sip.CANCEL, func(_ context.Context, req *sip.Request, tx sip.ServerTransaction) {
		// The stack answers a CANCEL whose INVITE it knows; an ignored one is not known.
		if c := p.arrived(req); c != nil {
			c.end(Ending{By: Theirs, Why: why(req, "")})
			return
		}
		reply(req, tx, 481)
	})
	on(sip.OPTIONS, func(_ context.Context, req *sip.Request, tx sip.ServerTransaction) {
		res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
		res.AppendHeader(sip.NewHeader("Allow", allowed))
		res.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
		_ = tx.Respond(res)
	})
	on(sip.INFO, func(_ context.Context, req *sip.Request, tx sip.ServerTransaction) {
		c := p.find(req)
		if c == nil {
			reply(req, tx, 481)
			return
		}
		reply(req, tx, 200)
		c.digits.info(req.Body())
	})
	on(sip.UPDATE, p.updated)
	on(sip.NOTIFY, ok)
	on(sip.MESSAGE, ok)
}

// handler is what a phone does with one kind of request.
type handler func(context.Context, *sip.Request, sip.ServerTransaction)

// handle lets Close wait for a handler, and keeps its request from harm.
func (p *Phone) handle(ctx context.Context, f handler) sipgo.RequestHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		defer p.sweep()
		if checkRequest(req) != nil {
			reply(req, tx, 400)
			return
		}
		// The stack may read the request while we do, and reading some headers writes.
		req = req.Clone()
		done := make(chan struct{})
		if p.goes(func() { defer close(done); f(ctx, req, tx) }) {
			<-done // the stack ends the transaction when we return
		}
	}
}

func ok(_ context.Context, req *sip.Request, tx sip.ServerTransaction) { reply(req, tx, 200) }

// reply answers a request without a body.
func reply(req *sip.Request, tx sip.ServerTransaction, code int) {
	reason := reasons[code]
	if code == 200 {
		reason = "OK"
	}
	_ = tx.Respond(sip.NewResponseFromRequest(req, code, reason, nil)) // the peer asks again if it is lost
}

// find is the call that a request within a dialog belongs to.
func (p *Phone) find(req *sip.Request) *Call {
	tag, _ := req.To().Params.Get("tag")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[dialogKey(req.CallID().Value(), tag)]
}

// arrived is the live call that an INVITE, seen before, has begun.
func (p *Phone) arrived(req *sip.Request) *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.arrivals[arrivalKey(req)]
}

func arrivalKey(req *sip.Request) string {
	tag, _ := req.From().Params.Get("tag")
	return dialogKey(req.CallID().Value(), tag)
}

// invited takes an INVITE: a new call, or new media for one that is there.
func (p *Phone) invited(ctx context.Context, req *sip.Request, tx sip.ServerTransaction) {
	if req.To().Params.Has("tag") {
		p.reinvited(ctx, req, tx)
		return
	}
	c, code := p.admit(req, tx)
	if code != 0 {
		reply(req, tx, code)
		p.drain(tx)
		return
	}
	if c == nil {
		return // repeated, and ignored as before
	}
	if !tx.OnCancel(func(r *sip.Request) { c.end(Ending{By: Theirs, Code: 487, Why: why(r, "")}) }) {
		c.end(Ending{By: Theirs, Code: 487})
	}
	if b := *p.policy.Load(); b != nil {
		p.goes(func() { c.behave(ctx, b) })
	} else {
		select {
		case p.incoming <- c:
		default:
			p.opt.Log.Warn("nobody takes the calls that come in", "call", c.ID())
			_ = c.Reject(sip.StatusServiceUnavailable)
		}
	}
	select {
	case <-c.settled:
	case <-c.ended:
	}
	if c.wasRefused() {
		p.drain(tx)
	}
}

// wasRefused says whether the call ended before an answer. An answered call's
// ACK comes as a request of its own, an ignored one's never.
func (c *Call) wasRefused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == over && c.answeredAt.IsZero()
}

// admit makes the call of an INVITE, or says with which status it is refused.
// Both are nothing for a repeated INVITE.
func (p *Phone) admit(req *sip.Request, tx sip.ServerTransaction) (*Call, int) {
	offer, err := session{}, error(nil)
	if len(req.Body()) > 0 {
		if offer, err = readSession(req.Body()); err != nil || !offer.alaw {
			return nil, sip.StatusNotAcceptableHere
		}
	}
	c := p.newCall(newServerDialog(req, sip.GenerateTagN(16)))
	c.tx, c.invite, c.offer, c.offered = tx, req, offer, len(req.Body()) > 0
	c.from, c.to, c.arrival = req.From().Address.User, req.Recipient.User, arrivalKey(req)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed, p.arrivals[c.arrival] != nil:
		return nil, 0
	case p.opt.Lines > 0 && len(p.calls) >= p.opt.Lines:
		return nil, sip.StatusBusyHere
	}
	p.calls[c.dialog.key()] = c
	p.arrivals[c.arrival] = c
	return c, 0
}

// drain takes the ACK of a refusal, so that the stack keeps nothing waiting.
func (p *Phone) drain(tx sip.ServerTransaction) {
	timer := time.NewTimer(sip.T4)
	defer timer.Stop()
	select {
	case <-tx.Acks():
	case <-tx.Done():
	case <-timer.C:
	case <-p.quit:
	}
}

// behave runs a Behaviour for a call, with a context that ends with the call.
func (c *Call) behave(ctx context.Context, b Behaviour) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	defer close(done)
	if !c.phone.goes(func() {
		select {
		case <-c.ended:
		case <-done:
		}
		cancel(ErrEnded)
	}) {
		cancel(ErrClosed)
	}
	b(ctx, c)
}

// reinvited answers an INVITE within a dialog.
func (p *Phone) reinvited(ctx context.Context, req *sip.Request, tx sip.ServerTransaction) {
	c := p.find(req)
	if c == nil {
		reply(req, tx, 481)
		p.drain(tx)
		return
	}
	body, code := c.newOffer(req)
	if code != 0 {
		reply(req, tx, code)
		p.drain(tx)
		return
	}
	c.mu.Lock()
	acked := c.expectAck(req.CSeq().SeqNo)
	c.mu.Unlock()
	res := c.dialog.answer(req, sip.StatusOK, "OK", body)
	res.AppendHeader(p.contact())
	if tx.Respond(res) == nil {
		_ = c.persist(ctx, tx, res, acked)
	}
}

// updated answers an UPDATE, with or without an offer.
func (p *Phone) updated(_ context.Context, req *sip.Request, tx sip.ServerTransaction) {
	c := p.find(req)
	if c == nil {
		reply(req, tx, 481)
		return
	}
	var body []byte
	if len(req.Body()) > 0 {
		var code int
		if body, code = c.newOffer(req); code != 0 {
			reply(req, tx, code)
			return
		}
	}
	c.dialog.retarget(req.Contact())
	res := c.dialog.answer(req, sip.StatusOK, "OK", body)
	res.AppendHeader(p.contact())
	_ = tx.Respond(res)
}

// newOffer takes the SDP of a re-INVITE or UPDATE and makes our answer, or says
// with which status it is refused.
func (c *Call) newOffer(req *sip.Request) ([]byte, int) {
	c.dialog.retarget(req.Contact())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.media == nil {
		return nil, sip.StatusRequestPending
	}
	c.offered = false
	if len(req.Body()) > 0 {
		s, err := readSession(req.Body())
		if err != nil || !s.alaw {
			return nil, sip.StatusNotAcceptableHere
		}
		c.offer, c.offered = s, true
		c.media.aim(s)
		if c.direction == sendRecv {
			defer func(d direction) { c.direction = d }(c.direction)
			c.direction = s.direction.answer()
		}
	}
	return c.described(), 0
}

// byed ends the call that a BYE belongs to.
func (p *Phone) byed(_ context.Context, req *sip.Request, tx sip.ServerTransaction) {
	c := p.find(req)
	if c == nil {
		reply(req, tx, 481)
		return
	}
	reply(req, tx, 200)
	if c.outgoing {
		// A BYE may overtake the 200 before it, which the stack handles beside it.
		timer := time.NewTimer(sip.T1)
		defer timer.Stop()
		select {
		case <-c.answered:
		case <-c.ended:
		case <-timer.C:
		}
	}
	c.end(Ending{By: Theirs, Why: why(req, "")})
}

package phone

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// errOutgoing is what a call that we made says to those who want to answer it.
var errOutgoing = errors.New("it is an outgoing call")

// Ring sends 180 Ringing.
func (c *Call) Ring() error {
	if err := c.respond(sip.StatusRinging, "Ringing"); err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	c.rings()
	return nil
}

// Reject refuses the call with a final status such as 486, 480, 503, 404 or 603.
func (c *Call) Reject(code int) error {
	if err := c.decide(); err != nil {
		return fmt.Errorf("reject: %w", err)
	}
	err := c.tx.Respond(c.dialog.answer(c.request(), code, reasons[code], nil))
	c.end(Ending{By: Ours, Code: code, Err: err})
	close(c.settled)
	if err != nil {
		return fmt.Errorf("reject: %w", err)
	}
	return nil
}

// Ignore never answers the call, not even by 100: to the caller this phone
// looks dead. It must be said within 200 ms, when the stack sends a 100 by
// itself; a Behaviour that ignores does so at once. The call ends when the
// caller gives up or after 32 s.
func (c *Call) Ignore() error {
	if err := c.decide(); err != nil {
		return fmt.Errorf("ignore: %w", err)
	}
	close(c.settled)
	forget := func() {
		timer := time.NewTimer(64 * sip.T1)
		defer timer.Stop()
		select {
		case <-timer.C:
			c.end(Ending{By: Ours})
		case <-c.ended:
		}
	}
	if !c.phone.goes(forget) {
		return fmt.Errorf("ignore: %w", ErrClosed)
	}
	return nil
}

// Answer takes the call. It returns when the caller has acknowledged.
func (c *Call) Answer(ctx context.Context) error {
	if err := c.answer(ctx); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

func (c *Call) answer(ctx context.Context) error {
	m, err := c.openMedia()
	if err != nil {
		return err
	}
	if err := c.decide(); err != nil {
		return err
	}
	defer close(c.settled)
	invite := c.request()
	c.mu.Lock()
	if c.offered {
		m.aim(c.offer)
	}
	acked := c.expectAck(invite.CSeq().SeqNo)
	res := c.dialog.answer(invite, sip.StatusOK, "OK", c.described())
	c.mu.Unlock()
	res.AppendHeader(c.phone.contact())
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	if err := c.tx.Respond(res); err != nil {
		c.end(Ending{By: Nobody, Err: err})
		return err
	}
	if !c.talks() {
		return fmt.Errorf("%w: %s", ErrEnded, c.Ending())
	}
	return c.persist(ctx, c.tx, res, acked)
}

// persist repeats a 2xx until its ACK comes (RFC 3261 §13.3.1.4). An answer in
// the ACK, when the INVITE had no offer, is followed.
func (c *Call) persist(ctx context.Context, tx sip.ServerTransaction, res *sip.Response, acked <-chan []byte) error {
	interval := sip.T1
	timer, limit := time.NewTimer(interval), time.NewTimer(64*sip.T1)
	defer timer.Stop()
	defer limit.Stop()
	for {
		select {
		case body := <-acked:
			if s, err := readSession(body); err == nil && !c.hasOffer() {
				c.follow(s)
			}
			return nil
		case <-timer.C:
			interval = min(2*interval, sip.T2)
			timer.Reset(interval)
			if err := tx.Respond(res); err != nil {
				return err
			}
		case <-limit.C:
			err := errors.Join(errors.New("the answer was never acknowledged"), c.bye(ctx))
			c.end(Ending{By: Nobody, Err: err})
			return err
		case <-c.ended:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (c *Call) hasOffer() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offered
}

// expectAck prepares for the ACK of an INVITE. The caller holds mu.
func (c *Call) expectAck(seq uint32) <-chan []byte {
	ch := make(chan []byte, 1)
	c.acks[seq] = ch
	return ch
}

// acked takes an ACK.
func (c *Call) acked(req *sip.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seq := req.CSeq().SeqNo
	if ch, ok := c.acks[seq]; ok {
		delete(c.acks, seq)
		ch <- req.Body()
	}
}

// decide takes the right to send the final response.
func (c *Call) decide() error {
	if c.outgoing {
		return errOutgoing
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case beginning:
		c.state = answering
		return nil
	case over:
		return fmt.Errorf("%w: %s", ErrEnded, c.ending)
	default:
		return errors.New("it has its answer already")
	}
}

// respond sends a provisional response.
func (c *Call) respond(code int, reason string) error {
	if c.outgoing {
		return errOutgoing
	}
	c.mu.Lock()
	state := c.state
	c.mu.Unlock()
	if state != beginning {
		return errors.New("it has its answer already")
	}
	res := c.dialog.answer(c.request(), code, reason, nil)
	res.AppendHeader(c.phone.contact())
	return c.tx.Respond(res)
}

func (c *Call) request() *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.invite
}

// reasons are the phrases of the refusals that matter here.
var reasons = map[int]string{
	400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 410: "Gone",
	480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 484: "Address Incomplete",
	486: "Busy Here", 488: "Not Acceptable Here", 491: "Request Pending", 500: "Server Internal Error",
	503: "Service Unavailable", 600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere",
}

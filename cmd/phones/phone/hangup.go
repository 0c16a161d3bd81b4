package phone

import (
	"context"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// Hangup ends the call as a person would: BYE in a talk, CANCEL for a call of
// ours that is not answered, 603 for one of theirs. It returns when the other
// side has said so too; when the context ends before, the call is dropped.
func (c *Call) Hangup(ctx context.Context) error {
	c.mu.Lock()
	state := c.state
	if state == talking {
		c.state = leaving
	}
	c.mu.Unlock()
	switch {
	case state == over:
		return nil
	case state == talking:
		err := c.bye(ctx)
		c.end(Ending{By: Ours})
		if err != nil {
			return fmt.Errorf("hang up: %w", err)
		}
		return nil
	case state == leaving:
		_, err := c.WaitEnded(ctx)
		return err
	case c.outgoing:
		return c.Cancel(ctx)
	default:
		return c.Reject(sip.StatusGlobalDecline)
	}
}

// Cancel takes back a call of ours that is not answered. It returns when the
// call is over: by 487, or by BYE if the answer was faster. A side that never
// responds is given up when the context ends.
func (c *Call) Cancel(ctx context.Context) error {
	if !c.outgoing {
		return fmt.Errorf("cancel: not a call of ours")
	}
	c.mu.Lock()
	state, send := c.state, c.early && !c.cancelling
	c.cancelling = true
	c.mu.Unlock()
	if state >= talking {
		return c.Hangup(ctx)
	}
	if send {
		c.sendCancel(ctx)
	}
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
		c.end(Ending{By: Ours, Err: context.Cause(ctx)})
		return fmt.Errorf("cancel: %w", context.Cause(ctx))
	}
}

// sendCancel sends the CANCEL; the end of the call comes with the answer to
// the INVITE.
func (c *Call) sendCancel(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 64*sip.T1)
	defer cancel()
	invite := c.request()
	req := sip.NewRequest(sip.CANCEL, *invite.Recipient.Clone())
	req.AppendHeader(sip.HeaderClone(invite.Via()))
	for _, h := range invite.GetHeaders("Route") {
		req.AppendHeader(sip.HeaderClone(h))
	}
	req.AppendHeader(sip.HeaderClone(invite.From()))
	req.AppendHeader(sip.HeaderClone(invite.To()))
	req.AppendHeader(sip.HeaderClone(invite.CallID()))
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.SetBody(nil)
	c.phone.laddr.Copy(&req.Laddr)
	defer c.phone.sweep()
	tx, err := c.phone.client.TransactionRequest(ctx, req, asIs)
	if err == nil {
		_, err = c.phone.final(ctx, tx)
		tx.Terminate()
	}
	if err != nil {
		c.phone.opt.Log.Debug("cancel not acknowledged", "call", c.ID(), "err", err)
	}
}

// bye sends BYE and waits for its answer.
func (c *Call) bye(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 64*sip.T1)
	defer cancel()
	req := c.dialog.request(sip.BYE, nil)
	res, err := c.phone.do(ctx, req, c.dialog.again)
	switch {
	case err != nil:
		return err
	case res.IsSuccess(), res.StatusCode == sip.StatusCallTransactionDoesNotExists:
		return nil // 481: both hung up at once
	default:
		return fmt.Errorf("the other side says %d %s", res.StatusCode, res.Reason)
	}
}

// Hold asks the other side to send us nothing and tells it that we send music,
// as a desk phone's hold key does (here: silence).
func (c *Call) Hold(ctx context.Context) error { return c.reinvite(ctx, sendOnly) }

// Resume ends the hold.
func (c *Call) Resume(ctx context.Context) error { return c.reinvite(ctx, sendRecv) }

// reinvite offers the same media in another direction.
func (c *Call) reinvite(ctx context.Context, d direction) error {
	c.mu.Lock()
	if c.state != talking {
		c.mu.Unlock()
		return fmt.Errorf("re-invite: %w", ErrEnded)
	}
	was := c.direction
	c.direction = d
	req := c.dialog.request(sip.INVITE, c.described())
	c.media.speaking.Store(d == sendRecv)
	c.mu.Unlock()
	kind := sip.ContentTypeHeader("application/sdp")
	req.AppendHeader(&kind)
	err := c.offerAgain(ctx, req)
	if err != nil {
		c.mu.Lock()
		c.direction = was
		c.media.speaking.Store(was == sendRecv)
		c.mu.Unlock()
		return fmt.Errorf("re-invite: %w", err)
	}
	return nil
}

// offerAgain sends a re-INVITE and follows its answer.
func (c *Call) offerAgain(ctx context.Context, req *sip.Request) error {
	for challenged := false; ; challenged = true {
		tx, err := c.phone.send(ctx, req)
		if err != nil {
			return err
		}
		res, err := c.phone.final(ctx, tx)
		if err != nil {
			tx.Terminate()
			return err
		}
		switch {
		case res.IsSuccess():
			c.dialog.retarget(res.Contact())
			c.ack(tx)
			s, err := readSession(res.Body())
			if err != nil {
				return err
			}
			c.follow(s)
			return nil
		case isChallenge(res) && !challenged:
			if req, err = c.phone.authorize(req, res); err != nil {
				return err
			}
			c.dialog.again(req)
		default:
			return fmt.Errorf("the other side says %d %s", res.StatusCode, res.Reason)
		}
	}
}

package phone

import (
	"context"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// Redirect answers a call that has not been answered by 302: ring that address
// in my place, as a phone with call forwarding does.
func (c *Call) Redirect(address string) error {
	if err := c.decide(); err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	res := c.dialog.answer(c.request(), sip.StatusMovedTemporarily, "Moved Temporarily", nil)
	res.AppendHeader(sip.NewHeader("Contact", "<"+address+">"))
	err := c.tx.Respond(res)
	c.end(Ending{By: Ours, Code: sip.StatusMovedTemporarily, Err: err})
	close(c.settled)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	return nil
}

// Refer asks the other side to connect its party elsewhere (RFC 3515), as the
// transfer key of a desk phone does: to is an address, with a Replaces (RFC
// 3891) for an attended transfer. The status says what the other side thinks
// of it; what comes of it is told by NOTIFY, which the phone only acknowledges.
func (c *Call) Refer(ctx context.Context, to string) (status int, err error) {
	c.mu.Lock()
	state := c.state
	c.mu.Unlock()
	if state != talking {
		return 0, fmt.Errorf("refer: %w", ErrEnded)
	}
	req := c.dialog.request(sip.REFER, nil)
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+to+">"))
	req.AppendHeader(sip.NewHeader("Referred-By", c.dialog.local.Value()))
	req.AppendHeader(c.phone.contact())
	res, err := c.phone.do(ctx, req, c.dialog.again)
	if err != nil {
		return 0, fmt.Errorf("refer: %w", err)
	}
	return res.StatusCode, nil
}

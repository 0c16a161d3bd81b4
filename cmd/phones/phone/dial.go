package phone

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// DialOption changes an outgoing call.
type DialOption func(*dialled)

// dialled is what an outgoing call asks for.
type dialled struct {
	from    string
	name    string
	headers []sip.Header
}

// Header adds a header to the INVITE.
func Header(name, value string) DialOption {
	return func(d *dialled) { d.headers = append(d.headers, sip.NewHeader(name, value)) }
}

// From sets the number that the call shows as its caller.
func From(user string) DialOption {
	return func(d *dialled) { d.from = user }
}

// FromName sets the display name that the call shows as its caller.
func FromName(name string) DialOption {
	return func(d *dialled) { d.name = name }
}

// Dial calls a number at the phone's server, or an address as "110@host:port".
// It returns when the INVITE has been sent; the context bounds only that.
func (p *Phone) Dial(ctx context.Context, number string, options ...DialOption) (*Call, error) {
	c, err := p.prepare(number, options)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", number, err)
	}
	if err := p.enter(c); err != nil {
		return nil, fmt.Errorf("dial %s: %w", number, err)
	}
	life := context.WithoutCancel(ctx)
	tx, err := p.send(ctx, c.request())
	if err == nil && !p.goes(func() { c.pursue(life, tx) }) {
		err = ErrClosed
	}
	if err != nil {
		c.end(Ending{By: Ours, Err: err})
		return nil, fmt.Errorf("dial %s: %w", number, err)
	}
	return c, nil
}

// prepare makes the call and its INVITE.
func (p *Phone) prepare(number string, options []DialOption) (*Call, error) {
	d := dialled{from: p.opt.User, name: p.opt.Name}
	for _, o := range options {
		o(&d)
	}
	target, err := p.target(number)
	if err != nil {
		return nil, err
	}
	from := sip.FromHeader{DisplayName: d.name, Address: sip.Uri{Scheme: "sip", User: d.from, Host: p.opt.Host, Port: p.laddr.Port}}
	from.Params.Add("tag", sip.GenerateTagN(16))
	c := p.newCall(newClientDialog(from, sip.ToHeader{Address: target}, newID()))
	c.outgoing, c.from, c.to = true, d.from, target.User
	if _, err := c.openMedia(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.invite = c.dialog.request(sip.INVITE, c.described())
	kind := sip.ContentTypeHeader("application/sdp")
	c.invite.AppendHeader(&kind)
	for _, h := range d.headers {
		c.invite.AppendHeader(h)
	}
	return c, nil
}

// target is the address of a number that may name its own host.
func (p *Phone) target(number string) (sip.Uri, error) {
	if !strings.Contains(number, "@") {
		return p.serverURI(number)
	}
	if !strings.HasPrefix(number, "sip:") {
		number = "sip:" + number
	}
	var uri sip.Uri
	if err := sip.ParseUri(number, &uri); err != nil {
		return sip.Uri{}, err
	}
	return uri, nil
}

// pursue follows the responses to the INVITE until the final one.
func (c *Call) pursue(ctx context.Context, tx sip.ClientTransaction) {
	challenged := false
	for {
		select {
		case res := <-tx.Responses():
			switch {
			case res.IsProvisional():
				c.progress(ctx, res)
				continue
			case res.IsSuccess():
				c.confirm(ctx, tx, res)
				return
			case isChallenge(res) && !challenged:
				challenged = true
				next, err := c.inviteAgain(ctx, res)
				if err == nil {
					tx = next
					continue
				}
				c.end(Ending{By: Theirs, Code: res.StatusCode, Why: res.Reason, Err: err})
			default:
				c.refused(res)
			}
			return
		case <-tx.Done():
			err := tx.Err()
			if errors.Is(err, sip.ErrTransactionTerminated) {
				err = nil
			}
			c.end(Ending{By: Nobody, Err: err})
			return
		case <-c.ended:
			tx.Terminate()
			return
		}
	}
}

// inviteAgain answers the challenge to an INVITE.
func (c *Call) inviteAgain(ctx context.Context, res *sip.Response) (sip.ClientTransaction, error) {
	req, err := c.phone.authorize(c.request(), res)
	if err != nil {
		return nil, err
	}
	c.dialog.again(req)
	c.mu.Lock()
	c.early = false
	c.mu.Unlock()
	tx, err := c.phone.send(ctx, req)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.invite = req
	c.mu.Unlock()
	return tx, nil
}

// progress takes a provisional response; one with SDP opens the ears.
func (c *Call) progress(ctx context.Context, res *sip.Response) {
	c.mu.Lock()
	cancel := c.cancelling && !c.early
	c.early = true
	if res.StatusCode > 100 && res.StatusCode != 181 && res.StatusCode != 182 {
		c.signal(c.ringing)
	}
	c.mu.Unlock()
	if s, err := readSession(res.Body()); err == nil {
		c.follow(s)
	}
	if cancel {
		c.phone.goes(func() { c.sendCancel(ctx) })
	}
}

// confirm takes the 2xx: ACK, and the talk begins, unless we wanted to cancel.
func (c *Call) confirm(ctx context.Context, tx sip.ClientTransaction, res *sip.Response) {
	c.dialog.confirm(res)
	c.ack(tx)
	s, err := readSession(res.Body())
	c.mu.Lock()
	unwanted := c.cancelling || c.state == over
	c.mu.Unlock()
	if err == nil {
		c.follow(s)
	}
	if !unwanted && err == nil {
		c.talks()
		return
	}
	c.phone.goes(func() {
		c.end(Ending{By: Ours, Code: res.StatusCode, Err: errors.Join(err, c.bye(ctx))})
	})
}

// ack acknowledges a 2xx, and each repetition of it.
func (c *Call) ack(tx sip.ClientTransaction) {
	ack := c.dialog.request(sip.ACK, nil)
	c.phone.dress(ack)
	send := func() {
		defer c.phone.sweep()
		if err := c.phone.client.WriteRequest(ack.Clone(), sipgo.ClientRequestAddVia); err != nil {
			c.phone.opt.Log.Debug("ack not sent", "call", c.ID(), "err", err)
		}
	}
	tx.OnRetransmission(func(r *sip.Response) {
		if r.IsSuccess() {
			send()
		}
	})
	send()
}

// refused ends a call whose INVITE got a final response other than 2xx.
func (c *Call) refused(res *sip.Response) {
	c.mu.Lock()
	by := Theirs
	if c.cancelling && res.StatusCode == sip.StatusRequestTerminated {
		by = Ours
	}
	c.mu.Unlock()
	c.end(Ending{By: by, Code: res.StatusCode, Why: why(res, res.Reason)})
}

// why is the Reason header of a message, or what stands in for it.
func why(msg interface{ GetHeader(string) sip.Header }, otherwise string) string {
	if h := msg.GetHeader("Reason"); h != nil {
		return h.Value()
	}
	return otherwise
}

package phone

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// asIs sends a request without adding a Via, for a CANCEL and the like.
func asIs(*sipgo.Client, *sip.Request) error { return nil }

// contact is where others reach this phone.
func (p *Phone) contact() *sip.ContactHeader {
	return &sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: p.opt.User, Host: p.opt.Host, Port: p.laddr.Port}}
}

// send starts the transaction of a request, from the socket of the phone.
func (p *Phone) send(ctx context.Context, req *sip.Request) (sip.ClientTransaction, error) {
	defer p.sweep()
	p.dress(req)
	return p.client.TransactionRequest(ctx, req, sipgo.ClientRequestAddVia)
}

// dress gives a request what all requests of this phone carry.
func (p *Phone) dress(req *sip.Request) {
	p.laddr.Copy(&req.Laddr)
	if req.Contact() == nil && req.Method != sip.BYE {
		req.AppendHeader(p.contact())
	}
	if req.GetHeader("Allow") == nil && (req.IsInvite() || req.Method == sip.REGISTER) {
		req.AppendHeader(sip.NewHeader("Allow", allowed))
	}
	req.AppendHeader(sip.NewHeader("User-Agent", "weibao-phone"))
}

// do sends a request that is not an INVITE and waits for its final response;
// a challenge is answered once. number gives the repeated request its new CSeq.
func (p *Phone) do(ctx context.Context, req *sip.Request, number func(*sip.Request)) (*sip.Response, error) {
	for challenged := false; ; challenged = true {
		tx, err := p.send(ctx, req)
		if err != nil {
			return nil, err
		}
		res, err := p.final(ctx, tx)
		tx.Terminate()
		if err != nil {
			return nil, err
		}
		if challenged || !isChallenge(res) {
			return res, nil
		}
		if req, err = p.authorize(req, res); err != nil {
			return nil, err
		}
		number(req)
	}
}

// final waits for the final response of a transaction.
func (p *Phone) final(ctx context.Context, tx sip.ClientTransaction) (*sip.Response, error) {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			if err := tx.Err(); err != nil {
				return nil, err
			}
			return nil, sip.ErrTransactionTerminated
		case <-p.quit:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func isChallenge(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// authorize copies a challenged request and adds the digest to it. The caller
// gives it a new CSeq.
func (p *Phone) authorize(req *sip.Request, res *sip.Response) (*sip.Request, error) {
	ask, reply := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		ask, reply = "Proxy-Authenticate", "Proxy-Authorization"
	}
	if p.opt.Password == "" {
		return nil, fmt.Errorf("answer %d to %s: no password", res.StatusCode, req.Method)
	}
	last := errors.New("no challenge in it")
	for _, h := range res.GetHeaders(ask) {
		challenge, err := digest.ParseChallenge(h.Value())
		if err != nil {
			last = err
			continue
		}
		challenge.Algorithm = strings.ToUpper(challenge.Algorithm)
		if !digest.CanDigest(challenge) {
			last = fmt.Errorf("algorithm %q is not known", challenge.Algorithm)
			continue
		}
		credentials, err := digest.Digest(challenge, digest.Options{
			Method: string(req.Method), URI: req.Recipient.String(), Username: p.opt.User, Password: p.opt.Password,
		})
		if err != nil {
			last = err
			continue
		}
		again := req.Clone()
		again.RemoveHeader("Via")
		again.RemoveHeader("User-Agent")
		again.RemoveHeader(reply)
		again.AppendHeader(sip.NewHeader(reply, credentials.String()))
		return again, nil
	}
	return nil, fmt.Errorf("answer %d to %s: %w", res.StatusCode, req.Method, last)
}

package phone

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// registration is one REGISTER dialog with the server.
type registration struct {
	mu   sync.Mutex // one REGISTER at a time
	id   string
	tag  string
	seq  uint32
	stop chan struct{}
}

// retryRegister is how soon a refresh that went wrong is tried again.
const retryRegister = 5 * time.Second

// Register registers the phone at its server and keeps the registration fresh
// until Unregister, Close or Vanish.
func (p *Phone) Register(ctx context.Context) error {
	p.mu.Lock()
	r := p.registration
	fresh := r == nil
	if fresh {
		r = &registration{id: newID(), tag: sip.GenerateTagN(16), stop: make(chan struct{})}
		p.registration = r
	}
	p.mu.Unlock()

	granted, err := p.register(ctx, r, p.opt.Expires)
	if err != nil {
		if fresh {
			p.forget(r)
		}
		return fmt.Errorf("register %s: %w", p.opt.Name, err)
	}
	if fresh {
		life := context.WithoutCancel(ctx)
		p.goes(func() { p.keepRegistered(life, r, granted) })
	}
	return nil
}

// Unregister takes the registration back.
func (p *Phone) Unregister(ctx context.Context) error {
	p.mu.Lock()
	r := p.registration
	p.mu.Unlock()
	if r == nil {
		return nil
	}
	p.forget(r)
	if _, err := p.register(ctx, r, 0); err != nil {
		return fmt.Errorf("unregister %s: %w", p.opt.Name, err)
	}
	return nil
}

// forget stops the refreshing.
func (p *Phone) forget(r *registration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.registration == r {
		p.registration = nil
		close(r.stop)
	}
}

// keepRegistered refreshes at half of the time that the server granted.
func (p *Phone) keepRegistered(ctx context.Context, r *registration, granted time.Duration) {
	timer := time.NewTimer(granted / 2)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-r.stop:
			return
		case <-p.quit:
			return
		}
		attempt, cancel := context.WithTimeout(ctx, retryRegister)
		granted, err := p.register(attempt, r, p.opt.Expires)
		cancel()
		if err != nil {
			p.opt.Log.Warn("registration not refreshed", "err", err)
			timer.Reset(retryRegister)
			continue
		}
		timer.Reset(granted / 2)
	}
}

// register sends one REGISTER and says how long the server keeps it.
func (p *Phone) register(ctx context.Context, r *registration, expires time.Duration) (time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	server, err := p.serverURI("")
	if err != nil {
		return 0, err
	}
	me := server
	me.User = p.opt.User
	from := sip.FromHeader{Address: me}
	from.Params.Add("tag", r.tag)
	callID, hops := sip.CallIDHeader(r.id), sip.MaxForwardsHeader(70)
	number := func(req *sip.Request) { r.seq++; req.CSeq().SeqNo = r.seq }
	r.seq++
	req := sip.NewRequest(sip.REGISTER, server)
	req.AppendHeader(&from)
	req.AppendHeader(&sip.ToHeader{Address: me})
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: r.seq, MethodName: sip.REGISTER})
	req.AppendHeader(&hops)
	req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
	req.SetBody(nil)

	res, err := p.do(ctx, req, number)
	if err != nil {
		return 0, err
	}
	if !res.IsSuccess() {
		return 0, fmt.Errorf("the server says %d %s", res.StatusCode, res.Reason)
	}
	return p.granted(res, expires), nil
}

// granted reads from a 200 how long our contact is kept.
func (p *Phone) granted(res *sip.Response, asked time.Duration) time.Duration {
	seconds := ""
	if h := res.GetHeader("Expires"); h != nil {
		seconds = h.Value()
	}
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if ok && c.Address.Port == p.laddr.Port && c.Address.Host == p.opt.Host {
			if e, ok := c.Params.Get("expires"); ok {
				seconds = e
			}
		}
	}
	if n, err := strconv.Atoi(seconds); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return max(asked, time.Second)
}

// serverURI is the address of a user at the phone's server.
func (p *Phone) serverURI(user string) (sip.Uri, error) {
	if p.opt.Server == "" {
		return sip.Uri{}, fmt.Errorf("phone %s has no server", p.opt.Name)
	}
	host, port, err := sip.ParseAddr(p.opt.Server)
	if err != nil {
		return sip.Uri{}, fmt.Errorf("server %q: %w", p.opt.Server, err)
	}
	return sip.Uri{Scheme: "sip", User: user, Host: host, Port: port}, nil
}

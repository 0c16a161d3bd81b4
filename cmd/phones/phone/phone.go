package phone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

var (
	// ErrEnded is wrapped by what waits for something within a call that has ended.
	ErrEnded = errors.New("call ended")
	// ErrClosed is returned by a phone that has been closed or has vanished.
	ErrClosed = errors.New("phone closed")
)

// Options say who a phone is and how it behaves.
type Options struct {
	Name     string // in logs and as the display name
	Host     string // local address of SIP and RTP; default 127.0.0.1
	SIPPort  int    // local SIP port; 0 takes a free one
	User     string // user part of its address and of its digest; default Name
	Password string
	Server   string        // host:port of the registrar and of the numbers it dials
	Expires  time.Duration // how long a registration lasts; default 2 min, refreshed at half

	Tone   float64   // hertz that it speaks while in a call; 0 is silence
	Listen []float64 // hertz that its ears know; the rest is Voice
	Lines  int       // calls at once, more are answered 486; 0 is no limit

	Policy Behaviour    // what it does with a call that comes in; nil: see Incoming
	Log    *slog.Logger // nil is none
	Trace  *slog.Logger // the SIP stack's own log; nil is none
}

func (o Options) complete() Options {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.User == "" {
		o.User = o.Name
	}
	if o.Expires == 0 {
		o.Expires = 2 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Trace == nil {
		o.Trace = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("phone", o.Name)
	return o
}

// incomingRoom is how many calls may wait on Incoming before more get 503.
const incomingRoom = 256

// Phone is a SIP telephone. Its methods may be called from any goroutine.
type Phone struct {
	opt    Options
	socket *gate
	laddr  sip.Addr
	ua     *sipgo.UserAgent
	client *sipgo.Client
	voice  *tone

	policy   atomic.Pointer[Behaviour]
	incoming chan *Call
	quit     chan struct{}  // closed when the phone ends
	running  sync.WaitGroup // what the phone does
	serving  sync.WaitGroup // the SIP stack's reader

	mu           sync.Mutex // guards what follows, and calls nothing
	closed       bool
	calls        map[string]*Call // by dialogKey
	arrivals     map[string]*Call // by Call-ID and From tag, to know a repeated INVITE
	registration *registration
}

// New opens a phone. The context bounds the start only; Close ends the phone.
func New(ctx context.Context, o Options) (*Phone, error) {
	o = o.complete()
	var listen net.ListenConfig
	conn, err := listen.ListenPacket(ctx, "udp", net.JoinHostPort(o.Host, fmt.Sprint(o.SIPPort)))
	if err != nil {
		return nil, fmt.Errorf("open phone %s: %w", o.Name, err)
	}
	local := conn.LocalAddr().(*net.UDPAddr)
	p := &Phone{
		opt:      o,
		socket:   newGate(conn),
		laddr:    sip.Addr{IP: local.IP, Port: local.Port, Hostname: o.Host},
		voice:    newTone(o.Tone),
		incoming: make(chan *Call, incomingRoom),
		quit:     make(chan struct{}),
		calls:    map[string]*Call{},
		arrivals: map[string]*Call{},
	}
	p.Behave(o.Policy)
	if err := p.start(context.WithoutCancel(ctx)); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("open phone %s: %w", o.Name, err)
	}
	return p, nil
}

// start puts the SIP stack on the socket and returns when it reads.
func (p *Phone) start(ctx context.Context) error {
	stray := func(*sip.Response) {} // repeated answers to requests that are done
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgent("weibao-phone"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(p.opt.Trace)),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(p.opt.Trace),
			sip.WithTransactionLayerUnhandledResponseHandler(stray)),
	)
	if err != nil {
		return err
	}
	srv, err := sipgo.NewServer(ua, sipgo.WithServerLogger(p.opt.Trace))
	if err != nil {
		return err
	}
	p.ua = ua
	p.client, err = sipgo.NewClient(ua,
		sipgo.WithClientAddr(p.Addr()), sipgo.WithClientNAT(), sipgo.WithClientLogger(p.opt.Trace))
	if err != nil {
		return err
	}
	p.serve(ctx, srv)
	p.serving.Go(func() { _ = srv.ServeUDP(p.socket) })
	<-p.socket.ready
	return nil
}

// Addr is the host:port that the phone's SIP socket has.
func (p *Phone) Addr() string { return p.socket.LocalAddr().String() }

// Name is the name that the phone was given.
func (p *Phone) Name() string { return p.opt.Name }

// Tone is the hertz that the phone speaks.
func (p *Phone) Tone() float64 { return p.opt.Tone }

// Incoming delivers the calls that come in while the phone has no Behaviour.
func (p *Phone) Incoming() <-chan *Call { return p.incoming }

// Next waits for a call that comes in while the phone has no Behaviour.
func (p *Phone) Next(ctx context.Context) (*Call, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-p.quit:
		return nil, fmt.Errorf("wait for a call to %s: %w", p.opt.Name, ErrClosed)
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a call to %s: %w", p.opt.Name, context.Cause(ctx))
	}
}

// Behave changes what the phone does with the next calls that come in; nil
// sends them to Incoming.
func (p *Phone) Behave(b Behaviour) { p.policy.Store(&b) }

// Calls lists the calls that have not ended.
func (p *Phone) Calls() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	var live []*Call
	for _, c := range p.calls {
		live = append(live, c)
	}
	return live
}

// hangUpTime bounds how long Close waits for the other sides to say good-bye.
const hangUpTime = 2 * time.Second

// Close hangs up all calls and ends the phone. It returns when nothing of the
// phone runs any more; it does not unregister.
func (p *Phone) Close() {
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(context.Background(), hangUpTime)
	defer cancel()
	for _, c := range p.Calls() {
		wg.Go(func() { _ = c.Hangup(ctx) })
	}
	wg.Wait()
	p.Vanish()
}

// Vanish ends the phone as if its power was cut: no BYE, no CANCEL, no
// UNREGISTER, and all its sockets closed.
func (p *Phone) Vanish() {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	p.mu.Unlock()
	if first {
		p.socket.cut()
		close(p.quit)
		for _, c := range p.Calls() {
			c.end(Ending{By: Ours, Err: ErrClosed})
		}
		p.running.Wait()
		_ = p.socket.Close()
		_ = p.ua.Close()
	}
	p.running.Wait()
	p.serving.Wait()
}

// goes runs f unless the phone is closed, and Close waits for it.
func (p *Phone) goes(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.running.Go(f)
	return true
}

// sweep closes the socket that the stack opens, and would keep, when it has
// something to send after ours was closed.
func (p *Phone) sweep() {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		_ = p.ua.TransportLayer().Close()
	}
}

// enter takes a call into the list of live calls.
func (p *Phone) enter(c *Call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.calls[c.dialog.key()] = c
	return nil
}

// leave takes an ended call from the list.
func (p *Phone) leave(c *Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, c.dialog.key())
	if c.arrival != "" {
		delete(p.arrivals, c.arrival)
	}
}

package phone

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/uuid"
)

// Side says who did something in a call.
type Side string

// The sides of a call.
const (
	Ours   Side = "ours"   // this phone
	Theirs Side = "theirs" // the other side
	Nobody Side = "nobody" // the signalling was lost
)

// Ending says how a call came to its end.
type Ending struct {
	By   Side
	Code int    // final status of the INVITE: 200 after a talk, 486, 487, …; 0: none
	Why  string // the Reason header of the BYE or CANCEL, or the reason phrase of a refusal
	At   time.Time
	Err  error // what went wrong, if something did
}

// String shows the ending for a log or a failed test.
func (e Ending) String() string {
	s := fmt.Sprintf("ended by %s, %d", e.By, e.Code)
	if e.Why != "" {
		s += " " + e.Why
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Call is one call of a phone, in or out. Its methods may be called from any
// goroutine.
type Call struct {
	phone    *Phone
	dialog   *dialog
	outgoing bool
	from, to string
	id       uint64 // of our SDP
	arrival  string // of a call that came in, see Phone.arrivals
	tx       sip.ServerTransaction
	ears     *ears
	digits   *digits

	ringing  chan struct{} // closed by the first 180 or 183, sent or received
	answered chan struct{}
	ended    chan struct{}
	settled  chan struct{} // closed when an incoming INVITE has its final response

	mu         sync.Mutex // guards what follows
	invite     *sip.Request
	media      *media
	offer      session // of the other side, the last
	offered    bool
	version    int
	direction  direction // ours
	state      state
	early      bool // the INVITE has a provisional response: it may be cancelled
	cancelling bool
	answeredAt time.Time
	ending     Ending
	acks       map[uint32]chan []byte // by CSeq of the INVITE that we answered with 2xx
}

// state is how far a call has come. It only grows.
type state int

const (
	beginning state = iota
	answering       // the final response is on its way
	talking
	leaving // our BYE is on its way
	over
)

func (p *Phone) newCall(d *dialog) *Call {
	return &Call{
		phone: p, dialog: d, id: rand.Uint64() >> 2, direction: sendRecv,
		ears: newEars(p.opt.Listen), digits: newDigits(),
		ringing: make(chan struct{}), answered: make(chan struct{}),
		ended: make(chan struct{}), settled: make(chan struct{}),
		acks: map[uint32]chan []byte{},
	}
}

// ID is the Call-ID.
func (c *Call) ID() string { return c.dialog.callID }

// Outgoing says whether this phone made the call.
func (c *Call) Outgoing() bool { return c.outgoing }

// From is the user part of the caller's address.
func (c *Call) From() string { return c.from }

// To is the user part of what was dialled (the request URI).
func (c *Call) To() string { return c.to }

// Header is the value of the first header of that name in the INVITE, or "".
func (c *Call) Header(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.invite.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// CallerName is the display name that the caller gave.
func (c *Call) CallerName() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.invite.From().DisplayName
}

// Ringing is closed when the called side rings.
func (c *Call) Ringing() <-chan struct{} { return c.ringing }

// Answered is closed when the call is answered.
func (c *Call) Answered() <-chan struct{} { return c.answered }

// Ended is closed when the call is over.
func (c *Call) Ended() <-chan struct{} { return c.ended }

// AnsweredAt is when the call was answered; zero if it was not.
func (c *Call) AnsweredAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answeredAt
}

// Ending says how the call ended; it is zero until Ended is closed.
func (c *Call) Ending() Ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending
}

// WaitRinging waits until the called side rings; it fails if the call ends before.
func (c *Call) WaitRinging(ctx context.Context) error { return c.await(ctx, c.ringing, "ringing") }

// WaitAnswered waits for the answer; it fails if the call ends before.
func (c *Call) WaitAnswered(ctx context.Context) error { return c.await(ctx, c.answered, "an answer") }

func (c *Call) await(ctx context.Context, signal <-chan struct{}, what string) error {
	select {
	case <-signal:
		return nil
	case <-c.ended:
		select {
		case <-signal:
			return nil
		default:
			return fmt.Errorf("wait for %s: %w: %s", what, ErrEnded, c.Ending())
		}
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
	}
}

// WaitEnded waits until the call is over and says how it ended.
func (c *Call) WaitEnded(ctx context.Context) (Ending, error) {
	select {
	case <-c.ended:
		return c.Ending(), nil
	case <-ctx.Done():
		return Ending{}, fmt.Errorf("wait for the end: %w", context.Cause(ctx))
	}
}

// ring notes that the called side rings.
func (c *Call) rings() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.signal(c.ringing)
}

// signal closes a channel once. The caller holds mu.
func (c *Call) signal(ch chan struct{}) {
	select {
	case <-ch:
	default:
		close(ch)
	}
}

// talks notes the answer and lets the mouth speak. It is false if the call had ended.
func (c *Call) talks() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == over {
		return false
	}
	c.state = talking
	c.answeredAt = time.Now()
	c.media.speaking.Store(true)
	c.signal(c.answered)
	c.phone.opt.Log.Debug("call answered", "call", c.ID(), "out", c.outgoing)
	return true
}

// end notes how the call ended, once, and stops its media. It waits for
// nothing, so that the SIP stack may call it.
func (c *Call) end(e Ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == over {
		return
	}
	if e.Code == 0 && !c.answeredAt.IsZero() {
		e.Code = 200
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	c.state, c.ending = over, e
	if c.media != nil {
		c.media.shut()
	} else {
		c.ears.stop()
	}
	close(c.ended)
	c.phone.leave(c)
	c.phone.opt.Log.Debug("call ended", "call", c.ID(), "by", string(e.By), "outcome", e.Code, "err", e.Err)
}

// openMedia opens the sockets of the talk, once.
func (c *Call) openMedia() (*media, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == over {
		return nil, ErrEnded
	}
	if c.media == nil {
		m, err := newMedia(c.phone.opt.Host, c.ears, c.digits, c.phone.voice)
		if err != nil {
			return nil, err
		}
		if !c.phone.goes(m.read) || !c.phone.goes(m.keepTime) {
			m.shut()
			return nil, ErrClosed
		}
		c.media = m
	}
	return c.media, nil
}

// described makes our SDP; the media must be open. The caller holds mu.
func (c *Call) described() []byte {
	c.version++
	d := description{
		host: c.phone.opt.Host, port: c.media.port, id: c.id, version: c.version,
		digitType: digitType, direction: c.direction,
	}
	if c.offered {
		d.digitType, d.offered = c.offer.digitType, c.offer.media
	}
	return d.bytes()
}

// follow takes the SDP of the other side: where it listens, and whether it does.
func (c *Call) follow(s session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offer = s
	if c.media != nil {
		c.media.aim(s)
	}
}

func newID() string { return uuid.NewString() }

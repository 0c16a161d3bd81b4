package wire

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Trace is one call as it was on the wire. A zero time is what never came.
type Trace struct {
	// Number is the caller's: it tells the calls apart.
	Number string
	// Status is the final answer to the caller; 0 when there was none.
	Status int
	// Invited, Answered: the caller's INVITE and its 200. Chose: the end of
	// the key, or Answered when none is pressed.
	Invited, Answered, Chose time.Time
	// Rung: the INVITE for this caller at a seat, the first of them. Up: the
	// seat's answer is acknowledged.
	Rung, Up time.Time
	// Seat has answered.
	Seat string
	// Over: the caller's own leg has ended.
	Over time.Time
}

// Turn is a seat that became free and was rung again.
type Turn struct {
	Seat       string
	Freed      time.Time // its BYE, or the BYE to it
	Rung       time.Time // the next INVITE at it
	BySeat     bool      // the seat hung up
	NextCaller string
}

// Behaviour is how the telephones behave in a run.
type Behaviour struct {
	// Key is pressed Think after the answer; 0 for no key.
	Key   byte
	Think time.Duration
	// Ring is how long a seat rings before it answers.
	Ring time.Duration
	// Talk is how long they talk; told for each talk anew.
	Talk func() time.Duration
	// SeatHangsUp: the seat ends the talk, and the caller a moment later;
	// otherwise the caller.
	SeatHangsUp bool
}

// Phones are all callers and all seats of a measurement.
type Phones struct {
	host             string // of the other side, host:port
	callers, seats   *socket
	callerRTP, seRTP *socket
	branches         atomic.Int64
	resent           atomic.Int64

	mu        sync.Mutex
	behaviour Behaviour
	calls     map[string]*call // by Call-ID and by number
	legs      map[string]*leg  // of seats, by Call-ID
	team      map[string]*seat
	logins    map[string]*login // by Call-ID
	turns     []Turn
	clashes   int
	running   sync.WaitGroup
}

// Open opens the telephones against a SIP address.
func Open(server netip.AddrPort) (*Phones, error) {
	p := &Phones{
		host: server.String(), calls: make(map[string]*call), legs: make(map[string]*leg),
		team: make(map[string]*seat), logins: make(map[string]*login),
	}
	for _, s := range []**socket{&p.callers, &p.seats, &p.callerRTP, &p.seRTP} {
		opened, err := openSocket(server)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		*s = opened
	}
	p.running.Go(func() { p.callers.read(p.atCaller) })
	p.running.Go(func() { p.seats.read(p.atSeat) })
	return p, nil
}

// Close closes the sockets; whoever is in a call has vanished.
func (p *Phones) Close() error {
	var errs []error
	for _, s := range []*socket{p.callers, p.seats, p.callerRTP, p.seRTP} {
		if s != nil {
			errs = append(errs, s.conn.Close())
		}
	}
	p.running.Wait()
	return errors.Join(errs...)
}

// Begin forgets what was and takes a behaviour into use.
func (p *Phones) Begin(b Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behaviour, p.turns, p.clashes = b, nil, 0
	clear(p.calls)
	for _, s := range p.team {
		s.freed = time.Time{}
	}
	p.resent.Store(0)
}

// Traces are the calls since Begin.
func (p *Phones) Traces() []Trace {
	p.mu.Lock()
	defer p.mu.Unlock()
	var traces []Trace
	for id, c := range p.calls {
		if id == c.Number {
			traces = append(traces, c.Trace)
		}
	}
	return traces
}

// Turns are the seats that became free and were rung again since Begin.
func (p *Phones) Turns() []Turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Turn(nil), p.turns...)
}

// Clashes counts INVITEs at a seat that was at work: one seat, two callers.
func (p *Phones) Clashes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clashes
}

// Resent counts the messages that had to be sent again.
func (p *Phones) Resent() int64 { return p.resent.Load() }

// Live counts the callers whose legs have not ended.
func (p *Phones) Live() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	live := 0
	for id, c := range p.calls {
		if id == c.Number && c.Over.IsZero() {
			live++
		}
	}
	return live
}

// Busy counts the seats at work.
func (p *Phones) Busy() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	busy := 0
	for _, s := range p.team {
		if s.at != nil {
			busy++
		}
	}
	return busy
}

// Forget lets the seats be free again that still believe to be in a call: under
// a flood the datagram that ends one may be lost for good.
func (p *Phones) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.team {
		s.at = nil
	}
}

// Waits counts the callers who are on the line and with nobody.
func (p *Phones) Waits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	waits := 0
	for id, c := range p.calls {
		if id == c.Number && !c.Chose.IsZero() && c.Up.IsZero() && c.Over.IsZero() {
			waits++
		}
	}
	return waits
}

func (p *Phones) branch() int { return int(p.branches.Add(1)) }

// The times of a message that is sent again: RFC 3261's T1, doubled each time.
const (
	firstAgain = 500 * time.Millisecond
	mostAgain  = 5
)

// again sends a message until done says that it has been answered. It must be
// called under the mutex; done is called under it as well.
func (p *Phones) again(s *socket, message []byte, done func() bool) {
	wait, tries := firstAgain, 0
	var next func()
	next = func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if done() || tries == mostAgain {
			return
		}
		tries++
		wait *= 2
		p.resent.Add(1)
		s.send(message)
		time.AfterFunc(wait, next)
	}
	time.AfterFunc(wait, next)
}

// number makes the caller's number of a call.
func number(n int) string { return fmt.Sprintf("139%08d", n) }

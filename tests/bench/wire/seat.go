package wire

import (
	"fmt"
	"time"
)

// seat is one telephone that is registered. The mutex of Phones guards it.
type seat struct {
	id     string
	at     *leg      // what it is at
	freed  time.Time // when its last talk ended; zero before the first
	hungUp bool      // by itself
}

// leg is a call at a seat.
type leg struct {
	seat   *seat
	caller string
	invite message
	to     string // with our tag
	out    stream
	acked  bool
	over   bool // has ended
	ended  bool // our BYE has been answered
}

// callerLag is when the caller hangs up after the seat did.
const callerLag = 20 * time.Millisecond

// breath is between two packets of a seat that says nothing; Asterisk takes a
// telephone without a packet for 15 s for dead.
const breath = 4 * time.Second

// atSeat takes a message on the seats' socket.
func (p *Phones) atSeat(data []byte, at time.Time) {
	m, ok := parse(data)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.legs[m.callID]
	switch m.method {
	case "INVITE":
		p.rung(l, m, at)
	case "ACK":
		if l != nil && !l.acked && !l.over {
			l.acked = true
			p.up(l, at)
		}
	case "CANCEL":
		p.seats.send(m.reply("200 OK", m.to, "", ""))
		if l != nil && !l.acked && !l.over {
			p.seats.send(l.invite.reply("487 Request Terminated", l.to, "", ""))
			p.free(l, at, false)
		}
	case "BYE":
		p.seats.send(m.reply("200 OK", m.to, "", ""))
		if l != nil && !l.over {
			p.free(l, at, false)
		}
	case "OPTIONS":
		p.seats.send(m.reply("200 OK", m.to+";tag=o", "", ""))
	case "":
		p.answered(l, m)
	}
}

// answered takes a response on the seats' socket.
func (p *Phones) answered(l *leg, m message) {
	switch {
	case m.asked() == "REGISTER":
		p.registered(m)
	case m.asked() == "BYE" && l != nil && m.status >= 200:
		l.ended = true
	}
}

// rung is an INVITE at a seat.
func (p *Phones) rung(l *leg, m message, at time.Time) {
	if l != nil {
		if l.acked { // within the dialog: the connected line is told anew
			p.seats.send(m.reply("200 OK", l.to, p.contact(l.seat), offer(p.seRTP.port)))
		}
		return // sent again, and answered soon
	}
	s := p.team[user("<"+m.target+">")]
	switch {
	case s == nil:
		p.seats.send(m.reply("404 Not Found", m.to+";tag=n", "", ""))
		return
	case s.at != nil:
		p.clashes++
		p.seats.send(m.reply("486 Busy Here", m.to+";tag=b", "", ""))
		return
	}
	l = &leg{seat: s, caller: user(m.from), invite: m, to: fmt.Sprintf("%s;tag=s%d", m.to, p.branch())}
	l.out = stream{socket: p.seRTP, source: uint32(p.branch()), to: m.media()} //nolint:gosec // any number
	s.at, p.legs[m.callID] = l, l
	if !s.freed.IsZero() {
		p.turns = append(p.turns, Turn{Seat: s.id, Freed: s.freed, Rung: at, BySeat: s.hungUp, NextCaller: l.caller})
	}
	if c := p.calls[l.caller]; c != nil && c.Rung.IsZero() {
		c.Rung = at
	}
	p.seats.send(m.reply("180 Ringing", l.to, p.contact(s), ""))
	time.AfterFunc(p.behaviour.Ring, func() { p.answer(l) })
}

func (p *Phones) contact(s *seat) string {
	return fmt.Sprintf("sip:%s@127.0.0.1:%d", s.id, p.seats.port)
}

func (p *Phones) answer(l *leg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.over {
		return
	}
	ok := l.invite.reply("200 OK", l.to, p.contact(l.seat), offer(p.seRTP.port))
	p.seats.send(ok)
	p.again(p.seats, ok, func() bool { return l.acked || l.over })
}

// up begins the talk.
func (p *Phones) up(l *leg, at time.Time) {
	c := p.calls[l.caller]
	if c != nil && c.Up.IsZero() {
		c.Up, c.Seat, c.leg = at, l.seat.id, l
	}
	l.out.breathe()
	p.breathe(l)
	seatEnds := p.behaviour.SeatHangsUp
	time.AfterFunc(p.behaviour.Talk(), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch {
		case seatEnds:
			p.bye(l)
		case c != nil:
			p.leave(c)
		}
	})
}

// breathe keeps the leg alive.
func (p *Phones) breathe(l *leg) {
	time.AfterFunc(breath, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !l.over {
			l.out.breathe()
			p.breathe(l)
		}
	})
}

// bye hangs a seat up, and its caller a moment later. The mutex is held.
func (p *Phones) bye(l *leg) {
	if l.over {
		return
	}
	bye := request{
		method: "BYE", target: l.invite.where, from: l.to, to: l.invite.from, callID: l.invite.callID,
		sequence: 1, branch: p.branch(), port: p.seats.port,
	}.bytes()
	p.free(l, p.seats.send(bye), true)
	p.again(p.seats, bye, func() bool { return l.ended })
	if c := p.calls[l.caller]; c != nil && c.leg == l {
		time.AfterFunc(callerLag, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.leave(c)
		})
	}
}

// free ends a leg.
func (p *Phones) free(l *leg, at time.Time, bySeat bool) {
	l.over = true
	l.seat.at, l.seat.freed, l.seat.hungUp = nil, at, bySeat
}

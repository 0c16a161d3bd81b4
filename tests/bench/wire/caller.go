package wire

import (
	"fmt"
	"time"
)

// call is a caller in a call. The mutex of Phones guards it.
type call struct {
	Trace
	id       string
	target   string // of requests within the dialog
	from, to string
	sequence int
	replied  bool // the INVITE has been answered by anything
	ended    bool // our BYE has been answered, or was not needed
	out      stream
	leg      *leg // of the seat that it talks with
}

// Dial places the call of caller n to a number.
func (p *Phones) Dial(n int, dialled string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &call{id: fmt.Sprintf("c%d-%d@bench", n, p.branch()), sequence: 1}
	c.Number = number(n)
	c.target = "sip:" + dialled + "@" + p.host
	c.from = fmt.Sprintf("<sip:%s@127.0.0.1>;tag=c%d", c.Number, n)
	c.to = "<" + c.target + ">"
	c.out = stream{socket: p.callerRTP, source: uint32(n)} //nolint:gosec // any number
	p.calls[c.id], p.calls[c.Number] = c, c
	invite := p.ofCaller(c, "INVITE", offer(p.callerRTP.port))
	c.Invited = p.callers.send(invite)
	p.again(p.callers, invite, func() bool { return c.replied })
}

// HangUp ends the calls of all callers.
func (p *Phones) HangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, c := range p.calls {
		if id == c.Number {
			p.leave(c)
		}
	}
}

func (p *Phones) ofCaller(c *call, method, body string) []byte {
	return request{
		method: method, target: c.target, from: c.from, to: c.to, callID: c.id, sequence: c.sequence,
		branch: p.branch(), port: p.callers.port, contact: fmt.Sprintf("sip:%s@127.0.0.1:%d", c.Number, p.callers.port), body: body,
	}.bytes()
}

// atCaller takes a message on the callers' socket.
func (p *Phones) atCaller(data []byte, at time.Time) {
	m, ok := parse(data)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.calls[m.callID]
	switch {
	case m.method == "BYE":
		p.callers.send(m.reply("200 OK", m.to, "", ""))
		if c != nil && c.Over.IsZero() {
			c.Over, c.ended = at, true
		}
	case m.method == "OPTIONS":
		p.callers.send(m.reply("200 OK", m.to+";tag=o", "", ""))
	case m.method == "INVITE": // the connected line is told anew
		p.callers.send(m.reply("200 OK", m.to, "sip:caller@127.0.0.1", offer(p.callerRTP.port)))
	case c == nil || m.status == 0:
	case m.asked() == "INVITE":
		p.dialled(c, m, at)
	case m.asked() == "BYE" && m.status >= 200:
		c.ended = true
	}
}

// dialled takes an answer to the caller's INVITE.
func (p *Phones) dialled(c *call, m message, at time.Time) {
	c.replied = true
	switch {
	case m.status < 200:
		return
	case m.status >= 300:
		c.Status, c.Over, c.ended = m.status, at, true
		c.to = m.to
		p.callers.send(p.ofCaller(c, "ACK", ""))
		return
	}
	first := c.Status == 0
	if first {
		c.Status, c.Answered, c.to, c.target, c.out.to = m.status, at, m.to, m.where, m.media()
	}
	p.callers.send(p.ofCaller(c, "ACK", "")) // once more when the answer comes once more
	if !first {
		return
	}
	key := p.behaviour.Key
	if key == 0 {
		c.Chose = at
		return
	}
	time.AfterFunc(p.behaviour.Think, func() { p.keys(c, func() { c.out.press(key - '0') }) })
	time.AfterFunc(p.behaviour.Think+keyHeld, func() { p.keys(c, func() { c.Chose = c.out.release(key - '0') }) })
}

// keys does something with the keys of a caller who is still there.
func (p *Phones) keys(c *call, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.Over.IsZero() {
		do()
	}
}

// leave hangs a caller up. The mutex is held.
func (p *Phones) leave(c *call) {
	if c.Answered.IsZero() || !c.Over.IsZero() {
		return
	}
	c.sequence++
	bye := p.ofCaller(c, "BYE", "")
	c.Over = p.callers.send(bye)
	p.again(p.callers, bye, func() bool { return c.ended })
}

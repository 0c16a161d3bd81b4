package wire

import (
	"context"
	"crypto/md5" //nolint:gosec // SIP's digest
	"encoding/hex"
	"fmt"
	"regexp"
)

// login is a registration on its way.
type login struct {
	seat     *seat
	password string
	sequence int
	done     chan error
}

// Register brings a seat's telephone to the other side and returns when it has
// been taken.
func (p *Phones) Register(ctx context.Context, id, password string) error {
	l := &login{password: password, sequence: 1, done: make(chan error, 1)}
	p.mu.Lock()
	s := p.team[id]
	if s == nil {
		s = &seat{id: id}
		p.team[id] = s
	}
	l.seat = s
	callID := fmt.Sprintf("r%s-%d@bench", id, p.branch())
	p.logins[callID] = l
	p.register(callID, l, "")
	p.mu.Unlock()
	select {
	case err := <-l.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("register %s: %w", id, ctx.Err())
	}
}

func (p *Phones) register(callID string, l *login, authorization string) {
	address := "<sip:" + l.seat.id + "@" + p.host + ">"
	p.seats.send(request{
		method: "REGISTER", target: "sip:" + p.host, from: address + ";tag=r", to: address, callID: callID,
		sequence: l.sequence, branch: p.branch(), port: p.seats.port, contact: p.contact(l.seat),
		extra: authorization + "Expires: 3600\r\n",
	}.bytes())
}

// registered takes the answer to a REGISTER.
func (p *Phones) registered(m message) {
	l := p.logins[m.callID]
	switch {
	case l == nil:
	case m.status == 401 && l.sequence == 1:
		l.sequence++
		p.register(m.callID, l, digest(m.auth, l.seat.id, l.password, "sip:"+p.host))
	case m.status >= 200:
		delete(p.logins, m.callID)
		var err error
		if m.status >= 300 {
			err = fmt.Errorf("register %s: %d", l.seat.id, m.status)
		}
		l.done <- err
	}
}

var quoted = regexp.MustCompile(`(\w+)="([^"]*)"`)

// digest answers a challenge as RFC 2617 has it, with qop=auth.
func digest(challenge, user, password, uri string) string {
	said := make(map[string]string)
	for _, pair := range quoted.FindAllStringSubmatch(challenge, -1) {
		said[pair[1]] = pair[2]
	}
	const count, own = "00000001", "0a4f113b"
	secret := sum(user + ":" + said["realm"] + ":" + password)
	response := sum(secret + ":" + said["nonce"] + ":" + count + ":" + own + ":auth:" + sum("REGISTER:"+uri))
	return fmt.Sprintf("Authorization: Digest username=%q, realm=%q, nonce=%q, uri=%q, response=%q, algorithm=MD5, qop=auth, nc=%s, cnonce=%q, opaque=%q\r\n",
		user, said["realm"], said["nonce"], uri, response, count, own, said["opaque"])
}

func sum(text string) string {
	hash := md5.Sum([]byte(text)) //nolint:gosec // SIP's digest
	return hex.EncodeToString(hash[:])
}

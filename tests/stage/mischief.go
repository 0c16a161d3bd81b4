package stage

// What phones do that the hotline must not let them do.

// Redirects waits for a call and answers it by 302, to an address: a phone
// with call forwarding.
func (a *Seat) Redirects(address string) {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	c, err := a.phone.Next(ctx)
	if err != nil {
		a.s.t.Fatalf("seat %s is not rung: %v", a.ID, err)
	}
	if err := c.Redirect(address); err != nil {
		a.s.t.Fatal(err)
	}
}

// Refers presses the transfer key of the phone, past the desk, and returns the
// status that Asterisk gives to it.
func (p *Person) Refers(to string) int {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	status, err := p.Call.Refer(ctx, to)
	if err != nil {
		p.s.t.Fatal(err)
	}
	return status
}

// IsNotRung looks whether a call has come to the peer.
func (p *Peer) IsNotRung() {
	p.s.t.Helper()
	select {
	case c := <-p.phone.Incoming():
		p.s.t.Errorf("%s is rung: %s from %s", p.phone.Name(), c.To(), c.From())
	default:
	}
}

package stage

import (
	"net/http"
	"time"

	"weibao/cmd/phones/phone"
)

// voices are the tones that people on the stage speak with, one each; the
// carrier's and the police's are given.
func voices() []float64 { return []float64{420, 540, 660, 800, 950, 1600} }

// tones are all that anybody's ears know.
func tones() []float64 { return append(voices(), 1150, 1350) }

// Person is somebody with a telephone in a call: it speaks a tone and hears
// those of the others.
type Person struct {
	s     *Stage
	Name  string
	phone *phone.Phone
	tone  float64
	Call  *phone.Call
}

func (s *Stage) person(o phone.Options) *Person {
	s.t.Helper()
	all := voices()
	if s.people == len(all) {
		s.t.Fatalf("the stage has voices for %d people", len(all))
	}
	o.Tone = all[s.people]
	s.people++
	return s.phoneOf(o)
}

// phoneOf puts a telephone that speaks a given tone into the hands of a
// person.
func (s *Stage) phoneOf(o phone.Options) *Person {
	s.t.Helper()
	o.Listen, o.Server, o.Log = tones(), s.ports.address(s.ports.sip), s.log(o.Name)
	p, err := phone.New(s.ctx, o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	return &Person{s: s, Name: o.Name, phone: p, tone: o.Tone}
}

// Citizen is somebody with that number, not registered anywhere.
func (s *Stage) Citizen(number string) *Person {
	s.t.Helper()
	return s.person(phone.Options{Name: number})
}

// Dials calls a number; headers come in pairs. It returns when the line has
// been answered.
func (p *Person) Dials(number string, headers ...string) {
	p.s.t.Helper()
	options := []phone.DialOption{phone.From(p.Name)}
	for i := 0; i+1 < len(headers); i += 2 {
		options = append(options, phone.Header(headers[i], headers[i+1]))
	}
	ctx, cancel := p.s.wait()
	defer cancel()
	var err error
	if p.Call, err = p.phone.Dial(ctx, number, options...); err != nil {
		p.s.t.Fatal(err)
	}
	if err := p.Call.WaitAnswered(ctx); err != nil {
		p.s.t.Fatalf("%s dials %s: %v", p.Name, number, err)
	}
}

// ComesBy dials 12345 through the line of a region and chooses the minors
// option.
func (p *Person) ComesBy(region string) {
	p.s.t.Helper()
	p.Dials("12345", "X-Region", region)
	p.Presses("6")
}

// Presses presses keys.
func (p *Person) Presses(keys string) {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	if err := p.Call.Press(ctx, keys); err != nil {
		p.s.t.Fatalf("%s presses %s: %v", p.Name, keys, err)
	}
}

// HangsUp ends the call as a person does.
func (p *Person) HangsUp() {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	if err := p.Call.Hangup(ctx); err != nil {
		p.s.t.Fatalf("%s hangs up: %v", p.Name, err)
	}
}

// Vanishes is a phone whose power is cut.
func (p *Person) Vanishes() { p.phone.Vanish() }

// Hears waits until the person hears exactly these others.
func (p *Person) Hears(others ...interface{ voice() float64 }) {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	hz := make([]float64, 0, len(others))
	for _, other := range others {
		hz = append(hz, other.voice())
	}
	if err := p.Call.HearsOnly(ctx, hz...); err != nil {
		p.s.t.Fatalf("%s wants to hear only %v: %v\nheard: %s", p.Name, hz, err, p.Call.Heard())
	}
}

// HearsVoice waits until a prompt, or music, is heard.
func (p *Person) HearsVoice() {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	if err := p.Call.HearsVoice(ctx); err != nil {
		p.s.t.Fatalf("%s wants to hear a voice: %v", p.Name, err)
	}
}

// IsLeft waits until the other side has ended the person's call.
func (p *Person) IsLeft() phone.Ending {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	ending, err := p.Call.WaitEnded(ctx)
	if err != nil {
		p.s.t.Fatalf("%s is still in the call: %v", p.Name, err)
	}
	return ending
}

// LongestAlone is the longest time, between two instants, in which the person
// heard none of the others: what the ear says of promise 1.
func (p *Person) LongestAlone(from, to time.Time, others ...interface{ voice() float64 }) time.Duration {
	hz := make([]float64, 0, len(others))
	for _, other := range others {
		hz = append(hz, other.voice())
	}
	return p.Call.Heard().LongestGap(from, to, hz...)
}

func (p *Person) voice() float64 { return p.tone }

func (p *Peer) voice() float64 { return p.tone }

// Behaves sets what the peer does with the calls that come.
func (p *Peer) Behaves(b phone.Behaviour) { p.phone.Behave(b) }

// Takes waits for the next call to the peer and returns it as a person who has
// not answered yet.
func (p *Peer) Takes() *Person {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	c, err := p.phone.Next(ctx)
	if err != nil {
		p.s.t.Fatalf("nobody rings %s: %v", p.phone.Name(), err)
	}
	return &Person{s: p.s, Name: c.To(), phone: p.phone, tone: p.tone, Call: c}
}

// Rings lets the call that has come ring.
func (p *Person) Rings() {
	p.s.t.Helper()
	if err := p.Call.Ring(); err != nil {
		p.s.t.Fatalf("%s rings: %v", p.Name, err)
	}
}

// Answers rings shortly and answers.
func (p *Person) Answers() {
	p.s.t.Helper()
	ctx, cancel := p.s.wait()
	defer cancel()
	if err := p.Call.Ring(); err != nil {
		p.s.t.Fatalf("%s rings: %v", p.Name, err)
	}
	if err := p.Call.Answer(ctx); err != nil {
		p.s.t.Fatalf("%s answers: %v", p.Name, err)
	}
}

// Refuses answers with a status.
func (p *Person) Refuses(code int) {
	p.s.t.Helper()
	if err := p.Call.Reject(code); err != nil {
		p.s.t.Fatalf("%s refuses: %v", p.Name, err)
	}
}

// Seat is an agent at a registered phone and a desk.
type Seat struct {
	*Person
	ID   string
	desk *desk
}

// Seat brings an agent to work: registered, logged in, ready.
func (s *Stage) Seat(id string) *Seat {
	s.t.Helper()
	a := s.SeatWithoutPhone(id)
	a.Registers()
	return a
}

// SeatWithoutPhone is an agent who is ready at the desk, and whose phone is
// not registered.
func (s *Stage) SeatWithoutPhone(id string) *Seat {
	s.t.Helper()
	a := &Seat{Person: s.person(phone.Options{Name: id, Password: s.seats[id]}), ID: id, desk: s.login(id)}
	a.Is("ready")
	return a
}

// Registers signs the phone on and waits until the gateway knows it.
func (a *Seat) Registers() {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	if err := a.phone.Register(ctx); err != nil {
		a.s.t.Fatal(err)
	}
	a.s.Until("the gateway knows the phone of "+a.ID, func() bool { return a.State().Reachable })
}

// Is sets the presence.
func (a *Seat) Is(presence string) {
	a.s.t.Helper()
	a.desk.must(http.MethodPut, "/me/presence", map[string]string{"presence": presence}, nil)
}

// AgentState is what the API shows of a seat.
type AgentState struct {
	ID       string `json:"id"`
	Presence string `json:"presence"`
	Reason   string `json:"reason"`
	Work     string `json:"work"`

	Reachable bool   `json:"reachable"`
	Free      bool   `json:"free"`
	Why       string `json:"why"`
	Desk      string `json:"desk"`
	Say       string `json:"say"`
}

// State is how the floor sees the seat.
func (a *Seat) State() AgentState {
	a.s.t.Helper()
	var agents []AgentState
	a.s.desk.list("/agents", &agents)
	for _, state := range agents {
		if state.ID == a.ID {
			return state
		}
	}
	a.s.t.Fatalf("the floor does not know seat %s", a.ID)
	return AgentState{}
}

// IsAway says that the seat is away, and why.
func (a *Seat) IsAway(reason string) {
	a.s.t.Helper()
	a.desk.must(http.MethodPut, "/me/presence", map[string]string{"presence": "away", "reason": reason}, nil)
}

// IsInvited waits until the seat's phone is called.
func (a *Seat) IsInvited() {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	c, err := a.phone.Next(ctx)
	if err != nil {
		a.s.t.Fatalf("seat %s is not rung: %v", a.ID, err)
	}
	a.Call = c
}

// Rings waits until the seat's phone is called, and lets it ring.
func (a *Seat) Rings() {
	a.s.t.Helper()
	a.IsInvited()
	a.Person.Rings()
}

// Answers waits for the ring and answers.
func (a *Seat) Answers() {
	a.s.t.Helper()
	a.Rings()
	ctx, cancel := a.s.wait()
	defer cancel()
	if err := a.Call.Answer(ctx); err != nil {
		a.s.t.Fatalf("seat %s answers: %v", a.ID, err)
	}
}

// Refuses waits for the call and refuses it.
func (a *Seat) Refuses(code int) {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	c, err := a.phone.Next(ctx)
	if err != nil {
		a.s.t.Fatalf("seat %s is not rung: %v", a.ID, err)
	}
	if err := c.Reject(code); err != nil {
		a.s.t.Fatal(err)
	}
}

// IsNotRung looks whether a call has come to the seat's phone.
func (a *Seat) IsNotRung() {
	a.s.t.Helper()
	select {
	case c := <-a.phone.Incoming():
		a.s.t.Errorf("seat %s is rung from %s", a.ID, c.From())
	default:
	}
}

// Asks says a wish about a call at the desk and wants it granted.
func (a *Seat) Asks(call, what string, body any) {
	a.s.t.Helper()
	a.desk.must(http.MethodPost, "/calls/"+call+"/"+what, body, nil)
}

// IsRefused says a wish and wants it refused; the words are returned.
func (a *Seat) IsRefused(call, what string, body map[string]string) string {
	a.s.t.Helper()
	status, text := a.desk.ask(http.MethodPost, "/calls/"+call+"/"+what, body)
	if status != http.StatusConflict {
		a.s.t.Fatalf("%s: %d %s, want a refusal", what, status, text)
	}
	return string(text)
}

// Asks110 presses the emergency button for a place.
func (a *Seat) Asks110(call, place string) {
	a.s.t.Helper()
	a.Asks(call, "transfer", map[string]string{"to": "110", "place": place, "category": "虐待"})
}

// PicksUp answers the call that rings.
func (a *Seat) PicksUp() {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	if err := a.Call.Answer(ctx); err != nil {
		a.s.t.Fatalf("seat %s answers: %v", a.ID, err)
	}
}

// Relogin logs the agent in anew, as a desk does after a restart.
func (a *Seat) Relogin() {
	a.s.t.Helper()
	a.desk = a.s.login(a.ID)
	a.Is("ready")
}

// Tone is what the person speaks.
func (p *Person) Tone() float64 { return p.tone }

package cti

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"weibao/call"
)

// The limits of a push.
const (
	pushWrite = 5 * time.Second // one message to a client
	pushLook  = 5 * time.Second // between looks whether the client is there
	pushMany  = 8               // clients of one seat
	beatBytes = 1 << 10         // of a message of the client
)

// frame is one message of the push. N counts from 1 without gaps on each
// connection; the first is the snapshot.
type frame struct {
	N    uint64 `json:"n"`
	Kind string `json:"kind"`
	At   moment `json:"at"`
	Data any    `json:"data"`
}

// snapshot is the data of the first frame.
type snapshot struct {
	Me      meReply      `json:"me"`
	Calls   []CallView   `json:"calls"`
	Agents  []any        `json:"agents"` // SeatLine
	Waiting Line         `json:"waiting"`
	Config  *configReply `json:"config"` // for supervisors
}

// gone says that something is not, or no longer to be seen.
type gone struct {
	ID string `json:"id"`
}

// forEverybody is a change that every seat may see as it is.
type forEverybody struct{ any }

// For lets everybody see it.
func (f forEverybody) For(Seat) (any, bool) { return f.any, true }

// seen is a change that decides itself who may see it.
type seen interface {
	For(seat Seat) (view any, ok bool)
}

// push brings a snapshot and then every change to a desk.
func (s *Server) push(w http.ResponseWriter, r *http.Request) error {
	u := userOf(r)
	if err := s.pushOrigin(r, u); err != nil {
		return err
	}
	ctx, client := s.hub.join(r.Context(), u.session.nonce, u.seat.ID)
	if client == nil {
		return problem(http.StatusTooManyRequests, fmt.Sprintf("this seat has %d pushes already", pushMany))
	}
	s.pushes.Add(1)
	defer s.pushes.Done()
	defer s.hub.leave(client)
	if r.Header.Get("Sec-WebSocket-Key") == "" {
		w.Header().Set("Upgrade", "websocket")
		return problem(http.StatusUpgradeRequired, "this is a websocket")
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: s.opts.Origins})
	if err != nil {
		s.log.Debug("push not opened", "agent", u.seat.ID, "err", err)
		return nil // Accept has answered
	}
	defer conn.CloseNow() //nolint:errcheck // it is over in any case
	ctx, cancel := context.WithDeadline(ctx, u.session.Expires)
	defer cancel()
	p := &pushing{s: s, r: r, conn: conn, user: u, client: client, known: make(map[call.ID]bool)}
	p.beats, _ = strconv.ParseBool(r.URL.Query().Get("beat"))
	ended := p.listen()
	s.opts.Floor.DeskOpened(u.seat.ID)
	defer s.opts.Floor.DeskClosed(u.seat.ID)
	p.finish(ctx, p.run(ctx))
	_ = conn.CloseNow()
	<-ended
	return nil
}

// pushOrigin refuses pages of others. A browser always names the origin of a
// websocket, so one that comes with a cookie and without an origin is none.
func (s *Server) pushOrigin(r *http.Request, u user) error {
	origin := r.Header.Get("Origin")
	if origin == "" && !u.cookie {
		return nil
	}
	if page, err := url.Parse(origin); err == nil && page.Host != "" && strings.EqualFold(page.Host, r.Host) {
		return nil
	}
	if slices.ContainsFunc(s.opts.Origins, func(o string) bool { return strings.EqualFold(o, origin) }) && origin != "" {
		return nil
	}
	s.log.Warn("push of a foreign page refused", "agent", u.seat.ID, "source", sourceOf(r.RemoteAddr))
	return problem(http.StatusForbidden, "this page may not use the push")
}

// pushing is one connection of the push; its goroutine owns it.
type pushing struct {
	s      *Server
	r      *http.Request
	conn   *websocket.Conn
	user   user
	client *hubClient
	left   chan struct{} // closed when the client has gone
	beats  bool          // the client wants beats
	signs  atomic.Uint64 // messages of the client
	heard  uint64        // of them at the last beat
	beaten bool          // a beat has been sent
	n      uint64
	known  map[call.ID]bool // calls that the client has been told of
}

func (p *pushing) run(ctx context.Context) error {
	first, err := p.snapshot(ctx)
	if err != nil {
		return err
	}
	if err := p.send(ctx, "snapshot", first); err != nil {
		return err
	}
	look := time.NewTicker(p.s.look)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.left:
			return errLeft
		case c := <-p.client.changes:
			if err := p.tell(ctx, c); err != nil {
				return err
			}
		case <-look.C:
			if err := p.look(ctx); err != nil {
				return err
			}
		}
	}
}

// snapshot is taken after the client has joined the hub: what changes
// meanwhile comes again, and each change is the whole thing.
func (p *pushing) snapshot(ctx context.Context) (snapshot, error) {
	me, err := p.s.viewMe(p.r.WithContext(context.WithValue(ctx, userKey{}, p.user)))
	if err != nil {
		return snapshot{}, err
	}
	view, err := p.s.opts.Floor.View(ctx)
	if err != nil {
		return snapshot{}, fmt.Errorf("view of the floor: %w", err)
	}
	first := snapshot{
		Me: me, Calls: p.s.callsFor(p.user.seat), Agents: viewAgents(&view, p.user.seat).Agents,
		Waiting: viewLine(&view, p.user.seat),
	}
	for _, c := range first.Calls {
		p.known[c.ID] = true
	}
	if p.user.seat.Role.SeesAll() {
		first.Config = new(p.s.viewConfig())
	}
	return first, nil
}

// tell sends a change if the seat may see it.
func (p *pushing) tell(ctx context.Context, c change) error {
	seat := p.user.seat
	switch v := c.value.(type) {
	case call.Call:
		return p.tellCall(ctx, &v)
	case DutyEntry:
		if v.Override != nil {
			return p.send(ctx, c.kind, p.s.viewOverride(*v.Override, seat))
		}
		return p.send(ctx, c.kind, viewNote(*v.Note, seat))
	case seen:
		if view, ok := v.For(seat); ok {
			return p.send(ctx, c.kind, view)
		}
		return nil
	}
	if seat.Role.SeesAll() {
		return p.send(ctx, c.kind, c.value)
	}
	return nil
}

func (p *pushing) tellCall(ctx context.Context, c *call.Call) error {
	visible := sees(p.user.seat, c)
	if visible {
		p.known[c.ID] = true
		if err := p.send(ctx, ChangeCall, p.s.viewCall(c, time.Now())); err != nil {
			return err
		}
	}
	if p.known[c.ID] && (!visible || c.Phase == call.Ended) {
		delete(p.known, c.ID)
		return p.send(ctx, ChangeCallGone, gone{ID: string(c.ID)})
	}
	return nil
}

func (p *pushing) send(ctx context.Context, kind string, data any) error {
	p.n++
	text, err := json.Marshal(frame{N: p.n, Kind: kind, At: moment(time.Now()), Data: data})
	if err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	limited, cancel := bounded(ctx)
	defer cancel()
	if err := p.conn.Write(limited, websocket.MessageText, text); err != nil {
		if cause := context.Cause(limited); cause != nil {
			return cause
		}
		return err
	}
	return nil
}

// listen counts what the client says and closes left when it has gone; the
// result is closed then, too. The reader has a life of its own: a cut context
// would close the connection before the reason is said.
func (p *pushing) listen() <-chan struct{} {
	p.left = make(chan struct{})
	p.conn.SetReadLimit(beatBytes)
	go func() {
		defer close(p.left)
		for {
			if _, _, err := p.conn.Read(context.WithoutCancel(p.r.Context())); err != nil {
				return
			}
			p.signs.Add(1)
		}
	}()
	return p.left
}

// beat asks the page for a sign of life. A browser answers a ping by itself
// while its page hangs; only the page answers this.
func (p *pushing) beat(ctx context.Context) error {
	heard := p.signs.Load()
	if p.beaten && heard == p.heard {
		return errFrozen
	}
	p.heard, p.beaten = heard, true
	return p.send(ctx, "beat", struct{}{})
}

// look asks whether the client is there and its login still in force.
func (p *pushing) look(ctx context.Context) error {
	now, err := p.s.authenticate(p.r)
	if err != nil || now.seat.Role != p.user.seat.Role {
		return errLoggedOut
	}
	p.user.seat = now.seat
	if p.beats {
		return p.beat(ctx)
	}
	limited, cancel := bounded(ctx)
	defer cancel()
	return p.conn.Ping(limited)
}

// bounded limits one act on the connection. An act that is broken off closes
// the connection without a word, so that being cut does not break it off,
// except for who is too slow to be told anything.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	limited, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), pushWrite, errSlow)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), errSlow) {
			cancel()
		}
	})
	return limited, func() { stop(); cancel() }
}

// finish says good-bye in the client's own terms, so that the desk knows
// whether to come back, and when.
func (p *pushing) finish(ctx context.Context, err error) {
	p.s.log.Debug("push ended", "agent", p.user.seat.ID, "err", err)
	cause := context.Cause(ctx)
	switch {
	case errors.Is(err, errSlow), errors.Is(cause, errSlow):
		p.s.log.Warn("push cut: the desk did not keep up", "agent", p.user.seat.ID)
		return // a close would wait for the same client
	case errors.Is(err, errFrozen):
		p.s.log.Warn("push cut: the page gives no sign of life", "agent", p.user.seat.ID)
		return
	case errors.Is(cause, errHubClosed):
		_ = p.conn.Close(websocket.StatusGoingAway, "the gateway stops; come back")
	case errors.Is(err, errLoggedOut), errors.Is(cause, errLoggedOut), errors.Is(cause, context.DeadlineExceeded):
		_ = p.conn.Close(websocket.StatusPolicyViolation, "log in again")
	}
}

package fakeari

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

type socket struct {
	conn *websocket.Conn
	box  chan []byte
}

// Cut cuts every socket.
func (a *Asterisk) Cut() {
	var open []*websocket.Conn
	a.locked(func() {
		for s := range a.sockets {
			if s.conn != nil {
				open = append(open, s.conn)
			}
		}
	})
	for _, conn := range open {
		_ = conn.CloseNow()
	}
}

// Drop closes every connection, sockets and kept ones, as Asterisk does when it
// ends.
func (a *Asterisk) Drop() {
	a.server.CloseClientConnections()
	a.Cut()
}

// Deafen lets sockets stay open without ever answering a ping or sending again.
func (a *Asterisk) Deafen(deaf bool) { a.locked(func() { a.deaf = deaf }) }

// SwitchOff has the application send nothing any more, though its socket stays
// open and answers pings, until the next socket switches it on.
func (a *Asterisk) SwitchOff() { a.locked(func() { a.off = true }) }

// Linger is how long it takes to notice that a client has ended its socket. What
// it does then is SwitchOff, whoever has connected meanwhile; so does the real
// one on a busy machine.
func (a *Asterisk) Linger(d time.Duration) { a.locked(func() { a.linger = d }) }

// Sockets counts the sockets that are open.
func (a *Asterisk) Sockets() (n int) {
	a.locked(func() { n = len(a.sockets) })
	return n
}

// events serves the event socket. The application exists, and events are kept
// for it, before the socket is accepted.
func (a *Asterisk) events(w http.ResponseWriter, r *http.Request) {
	a.running.Add(1)
	defer a.running.Done()
	s := &socket{box: make(chan []byte, 100_000)}
	a.locked(func() {
		a.app, a.off = r.URL.Query().Get("app"), false
		a.sockets[s] = true
	})
	defer a.locked(func() { delete(a.sockets, s) })
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		OnPingReceived: func(context.Context, []byte) bool { return !a.isDeaf() },
	})
	if err != nil {
		return
	}
	a.locked(func() { s.conn = conn })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a.running.Go(func() {
		defer cancel()
		_, _, _ = conn.Read(context.Background()) // nothing but pings, and the end
	})
	defer func() { _ = conn.CloseNow() }()
	for {
		select {
		case <-ctx.Done():
			a.ended()
			return
		case data := <-s.box:
			if !a.isDeaf() && conn.Write(ctx, websocket.MessageText, data) != nil {
				return
			}
		}
	}
}

// ended is what becomes of the application when its client has left.
func (a *Asterisk) ended() {
	var linger time.Duration
	a.locked(func() { linger = a.linger })
	if linger > 0 {
		time.Sleep(linger)
		a.SwitchOff()
	}
}

func (a *Asterisk) isDeaf() (deaf bool) {
	a.locked(func() { deaf = a.deaf })
	return deaf
}

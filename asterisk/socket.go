package asterisk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"weibao/call"
)

const (
	pingEvery = 2 * time.Second
	// deadAfter is when a socket without an answer is given up. A cut cable or a
	// stopped Asterisk would otherwise be noticed after minutes.
	deadAfter = 6 * time.Second
	// eventLimit is the longest event that is read.
	eventLimit = 1 << 20
	// leaveLimit is how long Asterisk may take to end a connection that we have
	// ended. It is a millisecond unless it hangs.
	leaveLimit = time.Second

	backoffFirst = 50 * time.Millisecond
	backoffLast  = 2 * time.Second
)

// raw is an event as it came, and when.
type raw struct {
	data []byte
	at   time.Time
}

// socket keeps the event socket of one application open. Its reader only
// queues; what an event means is decided elsewhere.
type socket struct {
	url    string
	header http.Header
	box    *call.Mailbox[raw]
	log    *slog.Logger
	m      *metrics
	// keep runs while a connection is open. It says when the connection has
	// proved good; an error from it ends the connection.
	keep func(ctx context.Context, good func()) error
	// hears proves that events come; only errUnheard from it ends the connection.
	hears func(ctx context.Context) error
	// lost is told of the end of every connection.
	lost func()
}

func newSocket(o Options, m *metrics, box *call.Mailbox[raw]) *socket {
	query := url.Values{"app": {o.App}}
	auth := "Basic " + base64.StdEncoding.EncodeToString([]byte(o.User+":"+o.Password))
	return &socket{
		// http becomes ws, https wss.
		url:    "ws" + strings.TrimPrefix(strings.TrimSuffix(o.URL, "/"), "http") + "/events?" + query.Encode(),
		header: http.Header{"Authorization": {auth}},
		box:    box, log: o.Log, m: m,
	}
}

// run connects, and connects again after each loss, until the context ends.
func (s *socket) run(ctx context.Context) {
	wait, told := backoffFirst, false
	for ctx.Err() == nil {
		good, err := s.connection(ctx)
		if ctx.Err() != nil {
			return
		}
		if good {
			wait, told = backoffFirst, false
		}
		if !told {
			s.log.Warn("asterisk is not there", "url", s.url, "err", err)
			told = true
		}
		// Jitter, so that several gateways do not come back in one instant.
		pause(ctx, wait/2+rand.N(wait))
		wait = min(2*wait, backoffLast)
	}
}

// connection lives as long as one connection does, and reports whether it had
// proved good.
func (s *socket) connection(ctx context.Context) (good bool, err error) {
	conn, under, err := s.dial(ctx)
	if err != nil {
		s.m.connects.WithLabelValues("failed").Inc()
		return false, err
	}
	s.m.connects.WithLabelValues("ok").Inc()
	// Reading goes on after all else has ended: see leave.
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	read := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		defer close(read)
		cancel(s.read(reading, conn))
	})
	running.Go(func() { cancel(s.ping(ctx, conn)) })
	running.Go(func() {
		if err := s.keep(ctx, func() { good = true }); err != nil {
			cancel(err)
		}
	})
	<-ctx.Done()
	s.lost()
	leave(conn, under, read)
	running.Wait()
	return good, context.Cause(ctx)
}

// leave ends a connection from our side and waits until Asterisk has ended it
// from its own. The last thing that it does for an old socket is to switch the
// application off; a new one that came before that would stay open and never
// bring an event (seen in 4 of 3000 connects on a busy machine).
func leave(conn *websocket.Conn, under net.Conn, read <-chan struct{}) {
	if half, can := under.(interface{ CloseWrite() error }); can && half.CloseWrite() == nil {
		limit := time.NewTimer(leaveLimit)
		defer limit.Stop()
		select {
		case <-read:
		case <-limit.C:
		}
	}
	_ = conn.CloseNow()
}

// dial also returns the connection under the socket, for leave.
func (s *socket) dial(ctx context.Context) (*websocket.Conn, net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	var under net.Conn
	once := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			var err error
			under, err = new(net.Dialer).DialContext(ctx, network, address)
			return under, err
		},
	}}
	//nolint:bodyclose // the library reads the body of a refusal and leaves nothing to close
	conn, res, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{HTTPClient: once, HTTPHeader: s.header})
	switch {
	case err == nil:
		conn.SetReadLimit(eventLimit)
		return conn, under, nil
	case res != nil:
		return nil, nil, fmt.Errorf("connect events: %s", res.Status)
	}
	return nil, nil, fmt.Errorf("connect events: %w", err)
}

// read queues. It must never wait for anybody: see mailbox.
func (s *socket) read(ctx context.Context, conn *websocket.Conn) error {
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		if kind == websocket.MessageText {
			s.box.Put(raw{data: data, at: time.Now()})
		}
	}
}

var errDead = errors.New("asterisk does not answer pings")

// ping proves that the connection lives and that events come by it.
func (s *socket) ping(ctx context.Context, conn *websocket.Conn) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		// A ping that goes out after pingEvery may wait until deadAfter.
		limited, cancel := context.WithTimeout(ctx, deadAfter-pingEvery)
		err := conn.Ping(limited)
		cancel()
		if err != nil {
			return fmt.Errorf("%w: %w", errDead, err)
		}
		if err := s.hears(ctx); errors.Is(err, errUnheard) {
			return err
		}
	}
}

// pause waits, or less when the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

package asterisk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"weibao/call"
)

// echoPrefix begins the names of the events that we have Asterisk send to
// ourselves; other programs may send user events to the application, too.
const echoPrefix = "weibao-echo-"

// errUnheard is an open socket that brings no events. Asterisk lets it stand
// and answers its pings: the end of an earlier socket has switched the
// application off again after this one switched it on, or somebody has changed
// the event filter. REST says nothing of either (Asterisk 22.10.1: 204 for the
// event, 200 for the application).
var errUnheard = errors.New("asterisk sends no events on this socket")

// echoes are the events on their way back to us, by name.
type echoes struct {
	mu      sync.Mutex
	awaited map[string]chan struct{} // closed when it has come
}

// expect says that an event of the name will come.
func (e *echoes) expect(name string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.awaited == nil {
		e.awaited = make(map[string]chan struct{})
	}
	came := make(chan struct{})
	e.awaited[name] = came
	return came
}

// came is told of every echo; one that nobody awaits any more says nothing.
func (e *echoes) came(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if came, awaited := e.awaited[name]; awaited {
		close(came)
		delete(e.awaited, name)
	}
}

func (e *echoes) forget(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.awaited, name)
}

// hears has Asterisk send an event to the application and waits until the
// socket has brought it: the whole way that every other event takes.
// errUnheard says that it did not come; any other error, that it could not be
// asked for, which says nothing of the socket.
func (l *Line) hears(ctx context.Context) error {
	name := echoPrefix + strings.ToLower(rand.Text())
	came := l.echoes.expect(name)
	defer l.echoes.forget(name)
	err := l.on(dialling)(ctx, request{
		op: "echo", method: http.MethodPost, path: []string{"events", "user", name}, query: url.Values{"application": {l.o.App}},
	})
	switch {
	case errors.Is(err, call.ErrGone): // there is no such application
		return fmt.Errorf("%w: %w", errUnheard, err)
	case err != nil:
		return err
	}
	limit := time.NewTimer(deadAfter - pingEvery)
	defer limit.Stop()
	select {
	case <-came:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-limit.C:
		return errUnheard
	}
}

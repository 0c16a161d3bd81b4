package stage

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// gap stands between the gateway and Asterisk and can hold the events back;
// requests go through as ever.
type gap struct {
	server *httptest.Server

	mu     sync.Mutex
	closed bool
	ends   []context.CancelFunc // of the event sockets
}

// EventGap puts a gap into the way of Asterisk's events.
func EventGap() Option {
	return func(s *Stage) { s.gap = &gap{} }
}

// stand begins to pass on to Asterisk.
func (g *gap) stand(s *Stage) {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: s.ports.address(s.ports.ari)})
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	g.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/events") {
			proxy.ServeHTTP(w, r)
			return
		}
		ctx, end := context.WithCancel(r.Context())
		defer end()
		if !g.enter(end) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r.WithContext(ctx))
	}))
	s.t.Cleanup(func() {
		g.set(true)
		g.server.Close()
	})
}

func (g *gap) enter(end context.CancelFunc) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ends = append(g.ends, end)
	return !g.closed
}

func (g *gap) set(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = closed
	if closed {
		for _, end := range g.ends {
			end()
		}
		g.ends = nil
	}
}

// asteriskURL is where the gateway looks for Asterisk.
func (s *Stage) asteriskURL() string {
	if s.gap != nil {
		return s.gap.server.URL
	}
	return "http://" + s.ports.address(s.ports.ari)
}

// LosesEvents cuts the event socket and refuses every further one, until
// HearsEvents.
func (s *Stage) LosesEvents() { s.gap.set(true) }

// HearsEvents lets event sockets through again and waits until the gateway has
// one.
func (s *Stage) HearsEvents() {
	s.t.Helper()
	s.gap.set(false)
	s.Until("the gateway has found Asterisk again", s.gateway.ready)
}

package asterisk

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/CyCoreSystems/ari/v5"

	"weibao/call"
	"weibao/routing"
)

// seats remembers which phones can be rung, so that only changes are told. Its
// mutex also keeps the telling in order: an old state never comes last.
type seats struct {
	mu    sync.Mutex
	known map[string]seat
	clock uint64 // counts events
}

type seat struct {
	ok   bool
	seen uint64 // the clock at the last event
}

// saw tells a state that is new.
func (s *seats) saw(endpoint string, ok bool, tell func(routing.AgentID, bool)) {
	if reserved(endpoint) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	s.set(endpoint, seat{ok: ok, seen: s.clock}, tell)
}

func (s *seats) set(endpoint string, now seat, tell func(routing.AgentID, bool)) {
	was, known := s.known[endpoint]
	s.known[endpoint] = now
	if !known || was.ok != now.ok {
		tell(routing.AgentID(endpoint), now.ok)
	}
}

// mark is the present moment, for listed.
func (s *seats) mark() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// listed takes a list that was asked for at the mark. An event after the mark
// is newer than the list. A seat that is not in it does not exist any more.
func (s *seats) listed(endpoints []ari.EndpointData, mark uint64, tell func(routing.AgentID, bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := make(map[string]bool, len(endpoints))
	for _, e := range endpoints {
		in[e.Resource] = true
		if was := s.known[e.Resource]; !reserved(e.Resource) && was.seen <= mark {
			s.set(e.Resource, seat{ok: e.State == online, seen: was.seen}, tell)
		}
	}
	for endpoint, was := range s.known {
		if !in[endpoint] && was.seen <= mark {
			s.set(endpoint, seat{}, tell)
			delete(s.known, endpoint)
		}
	}
}

// forget has every state told again.
func (s *seats) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.known)
}

// strangers are the endpoints among those that are not known.
func (s *seats) strangers(endpoints []ari.EndpointData) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sources []string
	for _, e := range endpoints {
		if _, known := s.known[e.Resource]; !known && !reserved(e.Resource) {
			sources = append(sources, "deviceState:PJSIP/"+e.Resource)
		}
	}
	return sources
}

// lookAtSeats subscribes to the phones that are new, then reads all states, in
// this order: a change between the two comes as an event. What is subscribed to
// are devices: an endpoint would bring every event of its calls once more.
func (l *Line) lookAtSeats(ctx context.Context) error {
	mark := l.seats.mark()
	endpoints, err := l.endpoints(ctx)
	if err != nil {
		return err
	}
	if sources := l.seats.strangers(endpoints); len(sources) > 0 {
		err := l.do(ctx, request{
			op: "subscribe", method: http.MethodPost, path: []string{"applications", l.o.App, "subscription"},
			body: map[string]any{"eventSource": sources},
		})
		if err != nil {
			return err
		}
		mark = l.seats.mark()
		if endpoints, err = l.endpoints(ctx); err != nil {
			return err
		}
	}
	l.seats.listed(endpoints, mark, l.o.Reachable)
	return nil
}

func (l *Line) endpoints(ctx context.Context) (all []ari.EndpointData, err error) {
	err = l.do(ctx, request{op: "endpoints", method: http.MethodGet, path: []string{"endpoints", "PJSIP"}, out: &all})
	if errors.Is(err, call.ErrGone) {
		return nil, nil // no endpoint at all
	}
	return all, err
}

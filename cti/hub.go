package cti

import (
	"context"
	"errors"
	"sync"

	"weibao/call"
	"weibao/routing"
)

// errSlow is why a client that does not keep up is cut.
var errSlow = errors.New("too slow")

// errHubClosed is why clients are cut when the server stops.
var errHubClosed = errors.New("the server stops")

// errLoggedOut is why the clients of an ended session are cut.
var errLoggedOut = errors.New("logged out")

// errLeft is why the push of a client that has gone ends.
var errLeft = errors.New("the client left")

// errFrozen is why the push of a page that gives no sign of life ends.
var errFrozen = errors.New("the page gives no sign of life")

// hubDepth is how many changes a client may be behind before it is cut.
const hubDepth = 512

// The kinds of change of the push. The value of each is the whole thing as it
// is then, never a difference, so that one that comes twice is harmless.
const (
	ChangeCall      = "call"       // CallView
	ChangeCallGone  = "call_gone"  // {"id"}: ended, or no longer to be seen
	ChangeAgent     = "agent"      // AgentView
	ChangeAgentGone = "agent_gone" // {"id"}
	ChangeWaiting   = "waiting"    // the line
	ChangeFloor     = "floor"      // {"degraded"}
	ChangeConfig    = "config"     // ConfigView
	ChangeOverride  = "override"   // OverrideView
	ChangeHandOver  = "handover"   // NoteView
	ChangeNotice    = "notice"     // NoticeView, for supervisors
)

// Hub brings changes to the clients of the push. Publish never waits: a client
// that does not keep up is cut, and begins anew with a snapshot.
type Hub struct {
	floor   chan struct{} // filled when the floor has changed
	notices notices

	mu      sync.Mutex // a leaf: nothing of ours is called under it
	clients map[*hubClient]struct{}
	closed  bool
}

// change is one change on its way to a client.
type change struct {
	kind  string
	value any
}

// hubClient is one client's place in the hub.
type hubClient struct {
	changes chan change
	cut     context.CancelCauseFunc
	session string
	seat    routing.AgentID
}

// NewHub makes a hub without clients.
func NewHub() *Hub {
	return &Hub{clients: make(map[*hubClient]struct{}), floor: make(chan struct{}, 1)}
}

// Publish brings a change to all clients. The value must not be changed after;
// who may see it is decided for each client: calls by [Server], a value with a
// method For(Seat) (any, bool) by that, anything else is for supervisors.
func (h *Hub) Publish(kind string, v any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		select {
		case c.changes <- change{kind, v}:
		default:
			delete(h.clients, c)
			c.cut(errSlow)
		}
	}
}

// CallChanged publishes a call; it fits call.Options.OnChange.
func (h *Hub) CallChanged(c call.Call) { h.Publish(ChangeCall, c) }

// DutyChanged publishes a page of the duty book; it fits DutyOptions.OnChange.
func (h *Hub) DutyChanged(page DutyEntry) {
	kind := ChangeHandOver
	if page.Override != nil {
		kind = ChangeOverride
	}
	h.Publish(kind, page)
}

// FloorChanged says that the floor is not what it was. It never waits; the
// server takes a view when it can. It fits FloorOptions.OnChange.
func (h *Hub) FloorChanged() {
	select {
	case h.floor <- struct{}{}:
	default:
	}
}

// Clients is the number of clients.
func (h *Hub) Clients() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// join adds a client, whose ctx is cut by the hub. The client is nil when the
// seat has too many already.
func (h *Hub) join(ctx context.Context, session string, seat routing.AgentID) (context.Context, *hubClient) {
	ctx, cut := context.WithCancelCause(ctx)
	c := &hubClient{changes: make(chan change, hubDepth), cut: cut, session: session, seat: seat}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		cut(errHubClosed)
		return ctx, c
	}
	same := 0
	for other := range h.clients {
		if other.seat == seat {
			same++
		}
	}
	if same >= pushMany {
		cut(nil)
		return ctx, nil
	}
	h.clients[c] = struct{}{}
	return ctx, c
}

func (h *Hub) leave(c *hubClient) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	c.cut(nil)
}

// end cuts the clients of a session.
func (h *Hub) end(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if c.session == session {
			delete(h.clients, c)
			c.cut(errLoggedOut)
		}
	}
}

// close cuts every client and takes no more.
func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.clients {
		delete(h.clients, c)
		c.cut(errHubClosed)
	}
}

package asterisk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"weibao/call"
)

// ErrReplaced says that another gateway has taken the application over. What
// this one still wants could undo what the other does, so nothing is done.
var ErrReplaced = errors.New("another gateway has the application")

// Line is one Asterisk node. Its operations may be used from any goroutine, as
// soon as Asterisk runs; events come while Run does.
type Line struct {
	o      Options
	client *client
	m      *metrics
	book   *book
	sounds sounds
	box    *call.Mailbox[raw]
	log    *slog.Logger

	calls    atomic.Pointer[Calls]
	replaced atomic.Bool
	up       atomic.Bool
	swept    sync.Once
	ready    chan struct{}
	// errands are requests that an event asks for; Run waits for them.
	errands sync.WaitGroup
	seats   seats
	echoes  echoes
	folders *folders
}

var _ call.Line = (*Line)(nil)

// New makes a Line; nothing is connected before Run.
func New(o Options) (*Line, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("asterisk: %w", err)
	}
	l := &Line{
		o: o, log: o.Log, book: newBook(), box: call.NewMailbox[raw](), ready: make(chan struct{}),
		seats: seats{known: make(map[string]seat)},
	}
	m, err := newMetrics(o.Registerer,
		func() float64 { return float64(l.book.size()) }, func() float64 { return float64(l.box.Depth()) })
	if err != nil {
		return nil, fmt.Errorf("asterisk: %w", err)
	}
	l.folders = newFolders(o)
	l.m, l.client, l.sounds = m, newClient(o, m), sounds{dir: o.Sounds, m: m}
	return l, nil
}

// Run brings events to the calls until the context ends, or, with ErrReplaced,
// until another gateway takes the application. Losses of the connection are
// mended; conversations do not notice them.
func (l *Line) Run(ctx context.Context, calls Calls) error {
	l.calls.Store(&calls)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := newSocket(l.o, l.m, l.box)
	s.keep, s.hears, s.lost = l.keep, l.hears, l.lost
	var running sync.WaitGroup
	running.Go(func() { s.run(ctx) })
	running.Go(func() { l.watchRecordings(ctx) })
	running.Go(func() { cancel(l.dispatch(ctx)) })
	running.Wait()
	l.errands.Wait()
	l.client.close()
	if err := context.Cause(ctx); errors.Is(err, ErrReplaced) {
		return err
	}
	return nil
}

// Up reports whether events are coming and the node's state is known.
func (l *Line) Up() bool { return l.up.Load() }

// Ready is closed when the node has been connected and swept for the first time.
func (l *Line) Ready() <-chan struct{} { return l.ready }

// lost puts the connections away that wait for requests: an Asterisk that ends
// closes them, and what is asked once must not be lost on one of those.
func (l *Line) lost() {
	l.client.close()
	l.up.Store(false)
	l.m.up.Set(0)
}

// do makes a request unless the application has been taken over.
func (l *Line) do(ctx context.Context, r request) error {
	if l.replaced.Load() {
		return fmt.Errorf("ari %s: %w", r.op, ErrReplaced)
	}
	return l.client.do(ctx, r)
}

// on makes requests on the connections of a lane.
func (l *Line) on(to lane) func(context.Context, request) error {
	return func(ctx context.Context, r request) error {
		r.lane = to
		return l.do(ctx, r)
	}
}

// onChannel makes a request about a channel. A channel that exists but has left
// Stasis (409) or is being hung up (412) is as gone as one that does not (404).
func (l *Line) onChannel(ctx context.Context, r request) error {
	err := l.do(ctx, r)
	switch status(err) {
	case http.StatusConflict, http.StatusPreconditionFailed:
		return fmt.Errorf("%w: %w", call.ErrGone, err)
	}
	return err
}

// Answer picks up the caller's call.
func (l *Line) Answer(ctx context.Context, leg call.LegID) error {
	return l.onChannel(ctx, request{op: "answer", method: http.MethodPost, path: []string{"channels", string(leg), "answer"}})
}

// Join brings legs into a room, all by one request; Asterisk takes a leg out of
// its other bridge in the same act. Prompts on these legs are stopped first:
// the join would wait behind them.
func (l *Line) Join(ctx context.Context, id call.ID, room call.Room, legs []call.LegID) error {
	for _, leg := range legs {
		if err := l.stopPlays(ctx, leg); err != nil {
			return err
		}
	}
	err := l.addToRoom(ctx, l.do, bridge(id, room), legs)
	switch status(err) {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		// 400: one of the channels does not exist, and none was moved.
		return fmt.Errorf("%w: %w", call.ErrGone, err)
	}
	return err
}

// addToRoom makes the bridge when it is not there: at once when this process
// has made none, or when Asterisk says that there is none any more.
func (l *Line) addToRoom(ctx context.Context, do func(context.Context, request) error, bridge string, legs []call.LegID) error {
	add := request{
		op: "join", method: http.MethodPost, path: []string{"bridges", bridge, "addChannel"},
		// Keys are for us and for nobody's ear: passed on, each would silence what
		// the others hear while it lasts.
		body: map[string]any{"channel": legs, "absorbDTMF": true},
	}
	if l.book.hasRoom(bridge) {
		if err := do(ctx, add); status(err) != http.StatusNotFound {
			return err
		}
	}
	create := request{
		op: "make_room", method: http.MethodPost, path: []string{"bridges", bridge},
		// The name says whose it is; see look.
		query: url.Values{"type": {"mixing"}, "name": {l.o.App}},
	}
	if err := do(ctx, create); err != nil && status(err) != http.StatusConflict {
		return err
	}
	l.book.madeRoom(bridge, true)
	return do(ctx, add)
}

// bridge is the id of a room's bridge.
func bridge(id call.ID, room call.Room) string { return string(id) + "-" + string(room) }

// releaseWait is how long a seat's leg that is hung up may take to be gone.
const releaseWait = 200 * time.Millisecond

// Release hangs a leg up. A leg that is gone already is as good as hung up. A
// seat's leg is gone when it returns, or nearly: Asterisk answers before it has
// told the telephone, which must not be rung again before.
func (l *Line) Release(ctx context.Context, id call.LegID, why call.Cause) error {
	if why == "" {
		why = call.Released
	}
	picked, gone := true, (chan struct{})(nil)
	l.book.with(id, func(g *channel) {
		g.why = why
		picked = g.picked || g.citizen
		if g.seat && g.released == nil && l.Up() {
			g.released = make(chan struct{})
			gone = g.released
		}
	})
	err := l.do(ctx, request{
		op: "release", method: http.MethodDelete, path: []string{"channels", string(id)},
		query: url.Values{"reason": {reasonFor(why, picked)}},
	})
	switch {
	case errors.Is(err, call.ErrGone):
		return nil
	case err == nil && gone != nil:
		over(ctx, gone, releaseWait)
	}
	return err
}

// Exists reports which of the legs still exist.
func (l *Line) Exists(ctx context.Context, legs []call.LegID) (map[call.LegID]bool, error) {
	exists := make(map[call.LegID]bool, len(legs))
	for _, id := range legs {
		err := l.do(ctx, request{op: "exists", method: http.MethodGet, path: []string{"channels", string(id)}})
		switch {
		case err == nil:
			exists[id] = true
		case errors.Is(err, call.ErrGone):
			exists[id] = false
			l.book.missing(id)
		default:
			return nil, err
		}
	}
	return exists, nil
}

// Close destroys the rooms of a call. One that was never made is not asked
// for, unless an earlier life may have made it.
func (l *Line) Close(ctx context.Context, id call.ID) error {
	fault := l.closeRecordings(ctx, id)
	inherited := l.book.inherited(id)
	for _, room := range []call.Room{call.Talk, call.Side} {
		if b := bridge(id, room); inherited || l.book.hasRoom(b) {
			fault = errors.Join(fault, l.closeRoom(ctx, b))
		}
	}
	if fault == nil {
		l.book.close(id)
	}
	return fault
}

// closeRoom destroys a bridge. 404 and, while Asterisk is still at it, 409 say
// that it is as good as destroyed.
func (l *Line) closeRoom(ctx context.Context, bridge string) error {
	err := l.do(ctx, request{op: "close_room", method: http.MethodDelete, path: []string{"bridges", bridge}})
	if errors.Is(err, call.ErrGone) || status(err) == http.StatusConflict {
		err = nil
	}
	if err == nil {
		l.book.madeRoom(bridge, false)
	}
	return err
}

// now is the time of events that are told without one from the socket.
func now() call.At { return call.At(time.Now()) }

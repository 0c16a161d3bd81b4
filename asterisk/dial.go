package asterisk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

const (
	// ringLimit ends a dialling when nobody else does: a call gives up long
	// before. It bounds how long a phone rings while no gateway runs.
	ringLimit = 90 * time.Second
	// settleLimit is how long a created channel may take to enter Stasis; it is
	// a few milliseconds.
	settleLimit = time.Second
	// undoLimit bounds the taking back of a leg that could not be dialled.
	undoLimit = 2 * time.Second
)

// legArg marks the channels that we placed, in their Stasis arguments:
// leg,<call>,<agent>,<trunk>,<number>,<memo of the call>.
const legArg = "leg"

// Dial creates the leg's channel, puts it into its room and dials it, in this
// order (RELIABILITY.md 0.3). What comes of it are events; an endpoint that can
// not be called at all is a Left, too.
func (l *Line) Dial(ctx context.Context, id call.ID, d call.Dial) error {
	endpoint, err := endpointOf(d)
	if err != nil {
		return fmt.Errorf("dial %s: %w", d.Leg, err)
	}
	switch placed, room := l.book.place(d.Leg, channel{call: id, seat: d.To.Kind == routing.ToAgent, trunk: trunkOf(d)}, l.o.room(d)); {
	case !placed:
		// A second dial would destroy the channel: res/stasis/control.c,
		// app_control_dial calls ast_call on a session that is calling.
		return nil
	case !room:
		l.m.refused.WithLabelValues(d.Trunk).Inc()
		l.leave(d.Leg, call.Unreachable, "trunk "+d.Trunk+": the channels that are left are kept for 110")
		return nil
	}
	made, err := l.create(ctx, id, endpoint, d)
	again := false
	if err != nil && status(err) == 0 && ctx.Err() == nil {
		// The answer was lost: the same once more, under the same id.
		again = true
		made, err = l.create(ctx, id, endpoint, d)
	}
	switch {
	case status(err) == http.StatusConflict && again:
		// It was made, and is not dialled yet.
		l.book.made(d.Leg)
		err = l.ring(ctx, id, d)
	case status(err) == http.StatusConflict:
		// The id exists: an earlier life placed it, and dialled it.
		l.book.made(d.Leg)
		return nil
	case status(err) == http.StatusInternalServerError:
		// "Allocation failed": not registered, or no such endpoint.
		l.leave(d.Leg, call.Unreachable, err.Error())
		return nil
	case err == nil:
		l.book.made(d.Leg)
		l.log.Debug("leg placed", "call", id, "leg", d.Leg, "sip_call_id", made.ProtocolID)
		err = l.ring(ctx, id, d)
	}
	if err != nil {
		l.undo(ctx, d.Leg)
		return fmt.Errorf("dial %s: %w", d.Leg, err)
	}
	return nil
}

// laneOf is the lane of a dialling.
func laneOf(d call.Dial) lane {
	if d.Urgent {
		return emergency
	}
	return dialling
}

// trunkOf is the trunk that a dialling takes a channel of; none for a seat.
func trunkOf(d call.Dial) string {
	if d.To.Kind == routing.ToAgent {
		return ""
	}
	return d.Trunk
}

// endpointOf is the dial string. Nothing but digits and the names of our own
// seats gets into it: "&" or "/" in it would call somebody else as well.
func endpointOf(d call.Dial) (string, error) {
	switch d.To.Kind {
	case routing.ToAgent:
		if !seatName.MatchString(d.To.Name) || reserved(d.To.Name) {
			return "", fmt.Errorf("%q is no seat", d.To.Name)
		}
		return "PJSIP/" + d.To.Name, nil
	case routing.ToNumber:
		if !routing.Digits(d.To.Name) {
			return "", errors.New("the number is not of digits only")
		}
		if d.Trunk != call.TrunkCarrier && d.Trunk != call.TrunkPolice {
			return "", fmt.Errorf("%q is no trunk", d.Trunk)
		}
		return "PJSIP/" + d.To.Name + "@" + d.Trunk, nil
	default:
		return "", fmt.Errorf("%s can not be dialled", d.To)
	}
}

var seatName = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,40}$`)

// reserved are the endpoints that are no seats.
func reserved(endpoint string) bool {
	return endpoint == call.TrunkCarrier || endpoint == call.TrunkPolice || endpoint == "anonymous"
}

// created is what the reply to a create says beyond the library's struct.
type created struct {
	// ProtocolID is the SIP Call-ID: the thread to pull in a SIP trace.
	ProtocolID string `json:"protocol_id"`
}

func (l *Line) create(ctx context.Context, id call.ID, endpoint string, d call.Dial) (made created, err error) {
	agent, number := "", d.To.Name
	if d.To.Kind == routing.ToAgent {
		agent, number = d.To.Name, ""
	}
	err = l.on(laneOf(d))(ctx, request{
		op: "create", method: http.MethodPost, path: []string{"channels", "create"},
		query: url.Values{
			"endpoint": {endpoint}, "app": {l.o.App}, "channelId": {string(d.Leg)}, "formats": {"alaw"},
			"appArgs": {strings.Join([]string{legArg, string(id), agent, d.Trunk, number, d.Memo}, ",")},
		},
		body: map[string]any{"variables": variables(d)},
		// A repeat would be refused by our own id and then taken for another's.
		once: true, out: &made,
	})
	return made, err
}

// variables carry what create has no parameter for. The shown number is the
// connected line of a channel that is being called, and the From of its INVITE.
func variables(d call.Dial) map[string]string {
	v := make(map[string]string, len(d.Headers)+1)
	for name, value := range maps.All(d.Headers) {
		if headerName.MatchString(name) {
			v["PJSIP_HEADER(add,"+name+")"] = oneLine(value)
		}
	}
	if shown := oneLine(d.Shown); shown != "" {
		v["CONNECTEDLINE(num,i)"] = shown
	}
	return v
}

var headerName = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// oneLine keeps a value within its header.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// ring puts a created channel into its room and dials it.
func (l *Line) ring(ctx context.Context, id call.ID, d call.Dial) error {
	do := l.on(laneOf(d))
	if d.Room != call.NoRoom {
		join := func() error { return l.addToRoom(ctx, do, bridge(id, d.Room), []call.LegID{d.Leg}) }
		if err := settled(ctx, join); err != nil {
			return err
		}
	}
	return settled(ctx, func() error {
		return do(ctx, request{
			op: "dial", method: http.MethodPost, path: []string{"channels", string(d.Leg), "dial"},
			query: url.Values{"timeout": {strconv.Itoa(int(ringLimit.Seconds()))}},
			once:  true,
		})
	})
}

// settled asks again while the channel has been created but is not in Stasis
// yet: the request returns before the channel's thread has entered (409 from a
// channel, 422 from a bridge, up to one in five, most for less than a millisecond).
func settled(ctx context.Context, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for wait := 250 * time.Microsecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := ask()
		if code := status(err); code != http.StatusConflict && code != http.StatusUnprocessableEntity {
			return err
		}
		pause(ctx, wait)
		if ctx.Err() != nil {
			return err
		}
	}
}

// undo takes back a leg that could not be dialled, even when the caller's time
// is up: a channel without an owner would stay.
func (l *Line) undo(ctx context.Context, id call.LegID) {
	l.book.strike(id)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoLimit)
	defer cancel()
	err := l.do(ctx, request{op: "undo", method: http.MethodDelete, path: []string{"channels", string(id)}})
	if err != nil && !errors.Is(err, call.ErrGone) {
		// The next sweep finds it.
		l.log.Warn("leg not taken back", "leg", id, "err", err)
	}
}

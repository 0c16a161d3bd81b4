package asterisk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/CyCoreSystems/ari/v5"

	"weibao/call"
	"weibao/routing"
)

// eventTypes are the events that are asked for and taken; Asterisk sends
// nothing else (PUT /applications/{app}/eventFilter).
func eventTypes() []string {
	return []string{
		ari.Events.ApplicationReplaced, ari.Events.ChannelDestroyed, ari.Events.ChannelDtmfReceived,
		ari.Events.ChannelHangupRequest, ari.Events.ChannelStateChange, ari.Events.ChannelUserevent, ari.Events.Dial,
		ari.Events.PeerStatusChange, ari.Events.PlaybackFinished, ari.Events.RecordingFailed,
		ari.Events.RecordingFinished, ari.Events.StasisEnd, ari.Events.StasisStart,
	}
}

// sighting is what one event says about one thing.
type sighting interface{ sighting() }

type (
	// entered: a channel is in our application.
	entered struct {
		leg    call.LegID
		args   []string
		caller string
		exten  string
	}
	// ringing: the far phone rings, or sends early media.
	ringing struct{ leg call.LegID }
	// answered: the far phone was picked up.
	answered struct{ leg call.LegID }
	// pressed: a key, at its end.
	pressed struct {
		leg call.LegID
		key string
	}
	// played: a playback has ended; failed when its file could not be played.
	played struct {
		leg    call.LegID
		id     string
		failed bool
	}
	// doomed: somebody wants the channel to end; why is known now only.
	doomed struct {
		leg call.LegID
		why hangup
	}
	// departed: a channel has left our application, or is destroyed.
	departed struct {
		leg       call.LegID
		destroyed bool
		why       hangup
	}
	// recorded: a recording has been closed.
	recorded struct {
		name  string
		fault string
	}
	// peer: a seat's phone can be rung, or not.
	peer struct {
		agent routing.AgentID
		ok    bool
	}
	// echoed: an event that we sent to ourselves has come back.
	echoed struct{ name string }
	// replaced: another gateway has our application.
	replaced struct{}
	// nothing: an event that says nothing to us.
	nothing struct{}
)

func (entered) sighting()  {}
func (ringing) sighting()  {}
func (answered) sighting() {}
func (pressed) sighting()  {}
func (played) sighting()   {}
func (doomed) sighting()   {}
func (departed) sighting() {}
func (recorded) sighting() {}
func (peer) sighting()     {}
func (echoed) sighting()   {}
func (replaced) sighting() {}
func (nothing) sighting()  {}

var (
	errUnknown  = errors.New("unknown event")
	errUnwanted = errors.New("unwanted event")
	errBroken   = errors.New("broken event")
)

// hidden is what an event holds that the library's structs have no field for.
type hidden struct {
	Type      string `json:"type"`
	TechCause int    `json:"tech_cause"`
}

// translate says what an event means. It is pure; the type's name comes back
// even with an error, as far as it could be read.
func translate(data []byte) (kind string, s sighting, err error) {
	var h hidden
	if err := json.Unmarshal(data, &h); err != nil || h.Type == "" {
		return "", nothing{}, fmt.Errorf("%w: %w", errBroken, errors.Join(err, errNoType(h)))
	}
	ev, err := decode(h.Type, data)
	if err != nil {
		return h.Type, nothing{}, err
	}
	s = sightingOf(ev, h)
	if s == nil {
		return h.Type, nothing{}, fmt.Errorf("%w: %s without its channel", errBroken, h.Type)
	}
	return h.Type, s, nil
}

func errNoType(h hidden) error {
	if h.Type == "" {
		return errors.New("no type")
	}
	return nil
}

// decode reads a wanted event. What is not wanted is not decoded: that is most
// of the work of an unfiltered second.
func decode(kind string, data []byte) (ari.Event, error) {
	if !slices.Contains(eventTypes(), kind) {
		// The library's table tells a type that we do not want from one that is
		// newer than we are; an empty event decodes.
		if _, err := ari.DecodeEvent(fmt.Appendf(nil, `{"type":%q}`, kind)); err != nil {
			return nil, errUnknown
		}
		return nil, errUnwanted
	}
	ev, err := ari.DecodeEvent(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	return ev, nil
}

// sightingOf is nil for an event whose channel or endpoint is missing.
func sightingOf(ev ari.Event, h hidden) sighting {
	switch ev := ev.(type) {
	case *ari.StasisStart:
		return enteredBy(ev)
	case *ari.StasisEnd:
		return about(ev.Channel, func(leg call.LegID) sighting { return departed{leg: leg} })
	case *ari.ChannelDestroyed:
		why := hangup{q850: ev.Cause, sip: h.TechCause, text: ev.CauseTxt}
		return about(ev.Channel, func(leg call.LegID) sighting { return departed{leg: leg, destroyed: true, why: why} })
	case *ari.ChannelHangupRequest:
		why := hangup{q850: ev.Cause, sip: h.TechCause, soft: ev.Soft}
		return about(ev.Channel, func(leg call.LegID) sighting { return doomed{leg: leg, why: why} })
	case *ari.ChannelStateChange:
		return about(ev.Channel, func(leg call.LegID) sighting { return stateOf(leg, ev.Channel.State) })
	case *ari.Dial:
		return about(ev.Peer, func(leg call.LegID) sighting { return dialled(leg, ev.Dialstatus) })
	case *ari.ChannelDtmfReceived:
		return about(ev.Channel, func(leg call.LegID) sighting { return keyOf(leg, ev.Digit) })
	case *ari.PlaybackFinished:
		return playedOn(ev.Playback)
	case *ari.RecordingFinished:
		return recorded{name: ev.Recording.Name}
	case *ari.RecordingFailed:
		return recorded{name: ev.Recording.Name, fault: "asterisk: " + strings.TrimSpace("recording failed "+ev.Recording.Cause)}
	case *ari.PeerStatusChange:
		return peerOf(ev.Endpoint)
	case *ari.ChannelUserevent:
		return echoOf(ev.Eventname)
	case *ari.ApplicationReplaced:
		return replaced{}
	}
	return nothing{}
}

func about(ch ari.ChannelData, say func(call.LegID) sighting) sighting {
	if ch.ID == "" {
		return nil
	}
	return say(call.LegID(ch.ID))
}

func enteredBy(ev *ari.StasisStart) sighting {
	if ev.Channel.ID == "" {
		return nil
	}
	in := entered{leg: call.LegID(ev.Channel.ID), args: ev.Args}
	if ev.Channel.Caller != nil {
		in.caller = ev.Channel.Caller.Number
	}
	if ev.Channel.Dialplan != nil {
		in.exten = ev.Channel.Dialplan.Exten
	}
	return in
}

func stateOf(leg call.LegID, state string) sighting {
	switch state {
	case "Ringing":
		return ringing{leg}
	case "Up":
		return answered{leg}
	}
	return nothing{}
}

// dialled reads Dial, which comes beside ChannelStateChange; early media (183)
// comes as PROGRESS only, and the party hears the far network ring.
func dialled(leg call.LegID, outcome string) sighting {
	switch outcome {
	case "RINGING", "PROGRESS":
		return ringing{leg}
	case "ANSWER":
		return answered{leg}
	}
	return nothing{}
}

func keyOf(leg call.LegID, digit string) sighting {
	if len(digit) != 1 || !strings.Contains("0123456789*#ABCD", digit) {
		return nothing{}
	}
	return pressed{leg, digit}
}

func playedOn(p ari.PlaybackData) sighting {
	leg, found := strings.CutPrefix(p.TargetURI, "channel:")
	if !found || leg == "" {
		return nothing{}
	}
	return played{leg: call.LegID(leg), id: p.ID, failed: p.State == "failed"}
}

// peerOf reads the endpoint's own state: "online" while a contact answers, or
// has not been asked yet; a contact that no longer answers is "offline".
func peerOf(e ari.EndpointData) sighting {
	if e.Technology != "PJSIP" || e.Resource == "" {
		return nothing{}
	}
	return peer{agent: routing.AgentID(e.Resource), ok: e.State == online}
}

func echoOf(name string) sighting {
	if !strings.HasPrefix(name, echoPrefix) {
		return nothing{}
	}
	return echoed{name}
}

// online is the state of an endpoint that can be rung.
const online = "online"

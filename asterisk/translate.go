package asterisk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"weibao/call"
	"weibao/routing"
)

// eventTypes are the events that are asked for and taken; Asterisk sends
// nothing else (PUT /applications/{app}/eventFilter).
func eventTypes() []string {
	return []string{
		ari.Events.ApplicationReplaced, ari.Events.ChannelDestroyed, ari.Events.ChannelDtmfReceived,
		ari.Events.ChannelHangupRequest, ari.Events.ChannelStateChange, ari.Events.ChannelUserevent,
		ari.Events.DeviceStateChanged, ari.Events.Dial, ari.Events.PlaybackFinished, ari.Events.RecordingFailed,
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
		came   time.Time // when the channel was made
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

// event is what we read of an event: the fields of all types that are taken
// (Asterisk's rest-api/api-docs/events.json). The library's DecodeEvent reads
// the text three times, makes a struct with everything and misses tech_cause.
type event struct {
	Type       string   `json:"type"`
	Args       []string `json:"args"`
	Channel    party    `json:"channel"`
	Peer       party    `json:"peer"`
	Dialstatus string   `json:"dialstatus"`
	Digit      string   `json:"digit"`
	Cause      int      `json:"cause"`
	CauseText  string   `json:"cause_txt"`
	TechCause  int      `json:"tech_cause"`
	Soft       bool     `json:"soft"`
	Eventname  string   `json:"eventname"`
	Playback   struct {
		ID     string `json:"id"`
		Target string `json:"target_uri"`
		State  string `json:"state"`
	} `json:"playback"`
	Recording struct {
		Name  string `json:"name"`
		Cause string `json:"cause"`
	} `json:"recording"`
	Device struct {
		Name  string `json:"name"`
		State string `json:"state"`
	} `json:"device_state"`
}

// party is a channel of an event.
type party struct {
	ID      call.LegID `json:"id"`
	State   string     `json:"state"`
	Created string     `json:"creationtime"`
	Caller  struct {
		Number string `json:"number"`
	} `json:"caller"`
	Dialplan struct {
		Exten string `json:"exten"`
	} `json:"dialplan"`
}

// translate says what an event means. It is pure; the type's name comes back
// even with an error, as far as it could be read.
func translate(data []byte) (kind string, s sighting, err error) {
	var ev event
	if err := json.Unmarshal(data, &ev); err != nil || ev.Type == "" {
		return "", nothing{}, fmt.Errorf("%w: %w", errBroken, errors.Join(err, errNoType(ev)))
	}
	if !slices.Contains(eventTypes(), ev.Type) {
		return ev.Type, nothing{}, stranger(ev.Type)
	}
	s = sightingOf(ev)
	if s == nil {
		return ev.Type, nothing{}, fmt.Errorf("%w: %s without its channel", errBroken, ev.Type)
	}
	return ev.Type, s, nil
}

func errNoType(ev event) error {
	if ev.Type == "" {
		return errors.New("no type")
	}
	return nil
}

// stranger tells a type that we do not want from one that is newer than we
// are: the library has a table of types, and an empty event decodes.
func stranger(kind string) error {
	if _, err := ari.DecodeEvent(fmt.Appendf(nil, `{"type":%q}`, kind)); err != nil {
		return errUnknown
	}
	return errUnwanted
}

// sightingOf is nil for an event whose channel is missing.
func sightingOf(ev event) sighting {
	switch ev.Type {
	case ari.Events.Dial:
		return about(ev.Peer, func(leg call.LegID) sighting { return dialled(leg, ev.Dialstatus) })
	case ari.Events.PlaybackFinished:
		return playedOn(ev)
	case ari.Events.RecordingFinished:
		return recorded{name: ev.Recording.Name}
	case ari.Events.RecordingFailed:
		return recorded{name: ev.Recording.Name, fault: "asterisk: " + strings.TrimSpace("recording failed "+ev.Recording.Cause)}
	case ari.Events.DeviceStateChanged:
		return peerOf(ev.Device.Name, ev.Device.State)
	case ari.Events.ChannelUserevent:
		return echoOf(ev.Eventname)
	case ari.Events.ApplicationReplaced:
		return replaced{}
	}
	return about(ev.Channel, func(leg call.LegID) sighting { return ofChannel(leg, ev) })
}

// ofChannel is what an event says about its channel.
func ofChannel(leg call.LegID, ev event) sighting {
	switch ev.Type {
	case ari.Events.StasisStart:
		return entered{
			leg: leg, args: ev.Args, caller: ev.Channel.Caller.Number, exten: ev.Channel.Dialplan.Exten,
			came: made(ev.Channel.Created),
		}
	case ari.Events.StasisEnd:
		return departed{leg: leg}
	case ari.Events.ChannelDestroyed:
		return departed{leg: leg, destroyed: true, why: hangup{q850: ev.Cause, sip: ev.TechCause, text: ev.CauseText}}
	case ari.Events.ChannelHangupRequest:
		return doomed{leg: leg, why: hangup{q850: ev.Cause, sip: ev.TechCause, soft: ev.Soft}}
	case ari.Events.ChannelStateChange:
		return stateOf(leg, ev.Channel.State)
	case ari.Events.ChannelDtmfReceived:
		return keyOf(leg, ev.Digit)
	}
	return nothing{}
}

// made reads when a channel was made; it is zero when that can not be read.
func made(text string) time.Time {
	at, _ := time.Parse(ari.DateFormat, text) // a name is made of it, no more
	return at
}

func about(ch party, say func(call.LegID) sighting) sighting {
	if ch.ID == "" {
		return nil
	}
	return say(ch.ID)
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

func playedOn(ev event) sighting {
	leg, found := strings.CutPrefix(ev.Playback.Target, "channel:")
	if !found || leg == "" {
		return nothing{}
	}
	return played{leg: call.LegID(leg), id: ev.Playback.ID, failed: ev.Playback.State == "failed"}
}

// peerOf reads the state of a phone's device, which changes with that of its
// endpoint (res/res_pjsip/pjsip_configuration.c): unavailable while no contact
// answers. What it is in use for is seen at the calls.
func peerOf(device, state string) sighting {
	name, found := strings.CutPrefix(device, "PJSIP/")
	if !found || name == "" {
		return nothing{}
	}
	ok := !slices.Contains([]string{"", "UNKNOWN", "INVALID", "UNAVAILABLE"}, state)
	return peer{agent: routing.AgentID(name), ok: ok}
}

func echoOf(name string) sighting {
	if !strings.HasPrefix(name, echoPrefix) {
		return nothing{}
	}
	return echoed{name}
}

// online is the state of an endpoint that can be rung.
const online = "online"

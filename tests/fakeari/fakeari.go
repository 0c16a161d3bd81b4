// Package fakeari is an Asterisk as seen through ARI, for the faults that a real
// one does not produce on demand: cut and deaf sockets, slow and failing
// requests, unknown, repeated and reordered events.
//
// It behaves like Asterisk 22.10.1 where package asterisk relies on it: a
// channel's commands are serial, a caller's channel gets StasisEnd and no
// ChannelDestroyed, a destroyed bridge says nothing of its recording. The
// contract tests of package asterisk hold it against the real one.
package fakeari

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Behaviour is what a dialled number or seat does.
type Behaviour struct {
	// Silent never answers, not even with 100 Trying.
	Silent bool
	// Early sends 183 instead of 180.
	Early bool
	// Refuse is the SIP status to refuse with; 0 answers.
	Refuse int
	// After is how long it rings before it answers or refuses; negative: for ever.
	After time.Duration
}

// Fault is something wrong with requests.
type Fault struct {
	Method string // "" is any
	Path   string // part of the path
	Slow   time.Duration
	Status int  // 0 goes on after Slow
	Lost   bool // what is asked for is done, and the answer does not come
	Times  int  // how often; 0 is always
}

// Asterisk is the fake. Its methods may be called from any goroutine.
type Asterisk struct {
	// URL is the root of ARI.
	URL string
	// RecordingDir is where recordings are written.
	RecordingDir string

	server  *httptest.Server
	running sync.WaitGroup

	mu         sync.Mutex
	sockets    map[*socket]bool
	app        string
	allowed    []string
	channels   map[string]*channel
	bridges    map[string]*bridge
	playbacks  map[string]*playback
	recordings map[string]*recording
	endpoints  map[string]bool
	behaviours map[string]Behaviour
	faults     []*Fault
	requests   []string
	deaf, off  bool
	linger     time.Duration
	serial     int
}

type channel struct {
	id, name, state, number string
	args                    []string
	entered                 bool
	dials                   int
	vars                    map[string]string
	tail                    chan struct{} // closed when the last command is done
	born                    time.Time
}

type bridge struct {
	id, name string
	members  []string
}

type playback struct {
	id, target string
	stop       chan struct{}
}

type recording struct {
	bridge string
	since  time.Time
}

// New starts a fake with these seats, none of which is registered.
func New(recordings string, seats ...string) *Asterisk {
	a := &Asterisk{
		RecordingDir: recordings,
		sockets:      map[*socket]bool{}, channels: map[string]*channel{}, bridges: map[string]*bridge{},
		playbacks: map[string]*playback{}, recordings: map[string]*recording{}, endpoints: map[string]bool{},
		behaviours: map[string]Behaviour{},
	}
	for _, s := range append(seats, "carrier", "police", "anonymous") {
		a.endpoints[s] = false
	}
	a.server = httptest.NewServer(a.handler())
	a.URL = a.server.URL + "/ari"
	return a
}

// Close ends the fake and everything that runs in it.
func (a *Asterisk) Close() {
	a.locked(func() {
		for _, p := range a.playbacks {
			p.end()
		}
		clear(a.channels)
	})
	a.Cut()
	a.server.Close()
	a.running.Wait()
}

// Behave says what a number or a seat does from now on; without it, it rings
// and answers at once.
func (a *Asterisk) Behave(number string, b Behaviour) {
	a.locked(func() { a.behaviours[number] = b })
}

// Break adds a fault.
func (a *Asterisk) Break(f Fault) { a.locked(func() { a.faults = append(a.faults, &f) }) }

// Mend ends all faults; requests that suffer from one already are not helped.
func (a *Asterisk) Mend() { a.locked(func() { a.faults = nil }) }

// Requests are all requests so far, as "POST /channels/create".
func (a *Asterisk) Requests() (all []string) {
	a.locked(func() { all = slices.Clone(a.requests) })
	return all
}

// Channels are the ids of the channels that exist.
func (a *Asterisk) Channels() (ids []string) {
	a.locked(func() { ids = slices.Sorted(maps.Keys(a.channels)) })
	return ids
}

// Send sends text to every socket as it is, past the filter.
func (a *Asterisk) Send(text string) { a.locked(func() { a.send([]byte(text)) }) }

// Register makes a seat's phone reachable, or not.
func (a *Asterisk) Register(seat string, ok bool) {
	a.locked(func() {
		a.endpoints[seat] = ok
		state := map[bool]string{true: "NOT_INUSE", false: "UNAVAILABLE"}[ok]
		a.emit("DeviceStateChanged", fields{"device_state": fields{"name": "PJSIP/" + seat, "state": state}})
	})
}

// Arrive has a caller come in and returns the channel.
func (a *Asterisk) Arrive(number, dialled, region string) (id string) {
	a.locked(func() {
		a.serial++
		id = fmt.Sprintf("fake-%d.%d", time.Now().Unix(), a.serial)
		c := a.open(id, "PJSIP/anonymous-"+id, "Ring", []string{"in", dialled, region, "anonymous"})
		c.number, c.entered = number, true
		a.emit("StasisStart", fields{"args": c.args, "channel": a.channel(c.id)})
	})
	return id
}

// Press has a party press a key.
func (a *Asterisk) Press(id, key string) {
	a.about(id, func(c *channel) {
		a.emit("ChannelDtmfReceived", fields{"digit": key, "duration_ms": 100, "channel": a.channel(c.id)})
	})
}

// Hangup has a party hang up.
func (a *Asterisk) Hangup(id string) {
	a.about(id, func(c *channel) { a.end(c, 16, 0, false) })
}

// Lose makes a channel vanish without any event.
func (a *Asterisk) Lose(id string) {
	a.locked(func() {
		a.leaveBridges(id)
		delete(a.channels, id)
	})
}

// Place makes a leg that an earlier life of the gateway placed, in a room.
func (a *Asterisk) Place(id, state, room string, args ...string) {
	a.locked(func() {
		c := a.open(id, "PJSIP/"+args[1]+"-"+id, state, append([]string{"leg"}, args...))
		c.entered = true
		if room != "" {
			a.bridge(room, a.app).members = append(a.bridge(room, a.app).members, id)
		}
	})
}

// Move puts a channel into a bridge, as an earlier life did.
func (a *Asterisk) Move(id, room string) {
	a.locked(func() { a.bridge(room, a.app).members = append(a.bridge(room, a.app).members, id) })
}

// SetApp names the application before anybody has connected.
func (a *Asterisk) SetApp(app string) { a.locked(func() { a.app = app }) }

func (a *Asterisk) locked(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

func (a *Asterisk) about(id string, f func(*channel)) {
	a.locked(func() {
		if c := a.channels[id]; c != nil {
			f(c)
		}
	})
}

type fields map[string]any

const dateFormat = "2006-01-02T15:04:05.000-0700"

// emit sends an event that the filter allows. The mutex is held, as in all that follows.
func (a *Asterisk) emit(kind string, f fields) {
	if a.allowed != nil && !slices.Contains(a.allowed, kind) {
		return
	}
	f["type"], f["application"] = kind, a.app
	f["timestamp"] = time.Now().Format(dateFormat)
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // a fake's own mistake
	}
	a.send(data)
}

func (a *Asterisk) send(data []byte) {
	if a.off {
		return
	}
	for s := range a.sockets {
		s.box <- data
	}
}

func (a *Asterisk) open(id, name, state string, args []string) *channel {
	done := make(chan struct{})
	close(done)
	c := &channel{id: id, name: name, state: state, args: args, vars: map[string]string{}, tail: done, born: time.Now()}
	a.channels[id] = c
	return c
}

func (a *Asterisk) channel(id string) fields {
	c := a.channels[id]
	dialplan := fields{"context": "from-citizen", "exten": "12345", "priority": 3, "app_name": "", "app_data": ""}
	if c.entered {
		dialplan["app_name"], dialplan["app_data"] = "Stasis", strings.Join(append([]string{a.app}, c.args...), ",")
	}
	return fields{
		"id": c.id, "name": c.name, "state": c.state, "caller": fields{"name": "", "number": c.number},
		"connected": fields{"name": "", "number": ""}, "accountcode": "", "dialplan": dialplan,
		"creationtime": c.born.Format(dateFormat), "language": "zh", "protocol_id": "sip-" + c.id,
	}
}

func (a *Asterisk) room(id string) fields {
	b := a.bridges[id]
	return fields{"id": b.id, "name": b.name, "bridge_type": "mixing", "channels": b.members}
}

func (a *Asterisk) endpoint(name string) fields {
	state := "offline"
	if a.endpoints[name] {
		state = "online"
	}
	return fields{"technology": "PJSIP", "resource": name, "state": state, "channel_ids": []string{}}
}

// end ends a channel as Asterisk does: three events for a leg, and for a caller
// two, with a second entry into the application that some dialplans bring.
func (a *Asterisk) end(c *channel, q850, sip int, soft bool) {
	if a.channels[c.id] != c {
		return
	}
	shown := a.channel(c.id)
	delete(a.channels, c.id)
	why := fields{"cause": q850, "cause_txt": "some words", "channel": shown}
	if sip != 0 {
		why["tech_cause"] = sip
	}
	asked := maps.Clone(why)
	if soft {
		asked = fields{"cause": 32, "soft": true, "channel": shown}
	}
	a.emit("ChannelHangupRequest", asked)
	a.emit("StasisEnd", fields{"channel": shown})
	if c.args[0] == "in" {
		a.emit("StasisStart", fields{"args": c.args, "channel": shown})
		a.emit("StasisEnd", fields{"channel": shown})
	} else {
		a.emit("ChannelDestroyed", why)
	}
	for _, p := range a.playbacks {
		if p.target == "channel:"+c.id {
			p.end()
		}
	}
	a.leaveBridges(c.id)
}

func (a *Asterisk) leaveBridges(id string) {
	for _, b := range a.bridges {
		b.members = slices.DeleteFunc(b.members, func(m string) bool { return m == id })
		for name, r := range a.recordings {
			if r.bridge == b.id && len(b.members) == 0 {
				a.finish(name, true)
			}
		}
	}
}

func (a *Asterisk) bridge(id, name string) *bridge {
	if a.bridges[id] == nil {
		a.bridges[id] = &bridge{id: id, name: name}
	}
	return a.bridges[id]
}

// finish closes a recording, and says so unless its bridge was destroyed.
func (a *Asterisk) finish(name string, told bool) {
	r := a.recordings[name]
	delete(a.recordings, name)
	length := time.Since(r.since)
	_ = os.WriteFile(filepath.Join(a.RecordingDir, name+".wav"), make([]byte, 44+int(length.Seconds()*16000)), 0o600)
	if told {
		a.emit("RecordingFinished", fields{"recording": fields{
			"name": name, "format": "wav", "state": "done", "target_uri": "bridge:" + r.bridge, "duration": int(length.Seconds()),
		}})
	}
}

func (p *playback) end() {
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
}

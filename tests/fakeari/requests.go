package fakeari

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ask is one request; the mutex is held while it is answered.
type ask struct {
	*http.Request
	id string
	q  url.Values
	c  *channel // what the id names, if it names one
}

// body reads the request's JSON.
func body[T any](r ask) (v T) {
	_ = json.NewDecoder(r.Body).Decode(&v)
	return v
}

func said(message string) fields { return fields{"message": message} }

type answer = func(ask) (int, any)

// handler serves ARI as far as package asterisk uses it.
func (a *Asterisk) handler() http.Handler {
	mux := http.NewServeMux()
	done := func(ask) (int, any) { return 204, nil }
	for pattern, f := range map[string]answer{
		"PUT /ari/applications/{id}/eventFilter":   a.setFilter,
		"POST /ari/applications/{id}/subscription": func(ask) (int, any) { return 200, fields{} },
		"GET /ari/endpoints/PJSIP":                 func(ask) (int, any) { return 200, list(a.endpoints, a.endpoint) },
		"GET /ari/channels":                        func(ask) (int, any) { return 200, list(a.channels, a.channel) },
		"POST /ari/channels/create":                a.create,
		"GET /ari/channels/{id}":                   a.must(func(r ask) (int, any) { return 200, a.channel(r.id) }),
		"DELETE /ari/channels/{id}":                a.must(func(r ask) (int, any) { a.end(r.c, 16, 0, true); return 204, nil }),
		"POST /ari/channels/{id}/answer":           a.serially(a.answer),
		"POST /ari/channels/{id}/moh":              a.serially(done),
		"DELETE /ari/channels/{id}/moh":            a.serially(done),
		"POST /ari/channels/{id}/continue":         a.serially(a.goOn),
		"POST /ari/channels/{id}/dial":             a.must(a.dial),
		"POST /ari/channels/{id}/play/{playback}":  a.must(a.play),
		"GET /ari/playbacks/{id}":                  a.playback(func(*playback) int { return 200 }),
		"DELETE /ari/playbacks/{id}":               a.playback(func(p *playback) int { p.end(); return 204 }),
		"GET /ari/bridges":                         func(ask) (int, any) { return 200, list(a.bridges, a.room) },
		"POST /ari/bridges/{id}":                   a.makeBridge,
		"DELETE /ari/bridges/{id}":                 a.destroyBridge,
		"POST /ari/bridges/{id}/addChannel":        a.addChannel,
		"POST /ari/bridges/{id}/record":            a.record,
		"GET /ari/recordings/live/{id}":            a.live(func(string) int { return 200 }),
		"POST /ari/recordings/live/{id}/mute":      a.live(func(string) int { return 204 }),
		"DELETE /ari/recordings/live/{id}/mute":    a.live(func(string) int { return 204 }),
		"POST /ari/recordings/live/{id}/stop":      a.live(func(name string) int { a.finish(name, true); return 204 }),
		"POST /ari/events/user/{id}":               a.userEvent,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			code, lost := a.suffer(r)
			body := any(said("broken on demand"))
			if code == 0 {
				a.locked(func() { code, body = f(ask{r, r.PathValue("id"), r.URL.Query(), a.channels[r.PathValue("id")]}) })
			}
			if lost {
				panic(http.ErrAbortHandler) // the connection ends without an answer
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			if body != nil {
				_ = json.NewEncoder(w).Encode(body)
			}
		})
	}
	mux.HandleFunc("GET /ari/events", a.events)
	return mux
}

func (a *Asterisk) userEvent(r ask) (int, any) {
	a.emit("ChannelUserevent", fields{"eventname": r.id, "userevent": fields{}})
	return 204, nil
}

// suffer applies the faults to a request; the status is 0 when it goes on, and
// lost when its answer must not come.
func (a *Asterisk) suffer(r *http.Request) (code int, lost bool) {
	var slow time.Duration
	a.locked(func() {
		path := strings.TrimPrefix(r.URL.Path, "/ari")
		a.requests = append(a.requests, r.Method+" "+path)
		i := slices.IndexFunc(a.faults, func(f *Fault) bool {
			return (f.Method == "" || f.Method == r.Method) && strings.Contains(path, f.Path)
		})
		if i < 0 {
			return
		}
		slow, code, lost = a.faults[i].Slow, a.faults[i].Status, a.faults[i].Lost
		if a.faults[i].Times--; a.faults[i].Times == 0 {
			a.faults = slices.Delete(a.faults, i, i+1)
		}
	})
	select {
	case <-time.After(slow):
	case <-r.Context().Done():
	}
	return code, lost
}

// must is for requests about a channel that exists.
func (a *Asterisk) must(f answer) answer {
	return func(r ask) (int, any) {
		if r.c == nil {
			return 404, said("Channel not found")
		}
		return f(r)
	}
}

// serially waits for the commands before it: a running prompt holds up the rest.
func (a *Asterisk) serially(f answer) answer {
	return a.must(func(r ask) (int, any) {
		a.wait(r, r.c)
		r.c = a.channels[r.id]
		return a.must(f)(r)
	})
}

// wait gives the mutex back until the channel's commands are done.
func (a *Asterisk) wait(r ask, c *channel) {
	a.mu.Unlock()
	defer a.mu.Lock()
	select {
	case <-c.tail:
	case <-r.Context().Done():
	}
}

func list[V any](all map[string]V, show func(string) fields) []fields {
	out := []fields{}
	for id := range all {
		out = append(out, show(id))
	}
	return out
}

func (a *Asterisk) setFilter(r ask) (int, any) {
	a.allowed = nil
	for _, t := range body[struct{ Allowed []struct{ Type string } }](r).Allowed {
		a.allowed = append(a.allowed, t.Type)
	}
	return 200, fields{"name": r.id}
}

// create makes a channel that enters the application a moment later.
func (a *Asterisk) create(r ask) (int, any) {
	id, endpoint := r.q.Get("channelId"), strings.TrimPrefix(r.q.Get("endpoint"), "PJSIP/")
	if a.channels[id] != nil {
		return 409, said("Channel with given unique ID already exists")
	}
	number, trunk, outside := strings.Cut(endpoint, "@")
	if !outside && !a.endpoints[number] {
		return 500, fields{"error": "Allocation failed"}
	}
	a.open(id, "PJSIP/"+trunk+"-"+id, "Down", strings.Split(r.q.Get("appArgs"), ",")).vars["number"] = number
	a.running.Go(func() {
		time.Sleep(3 * time.Millisecond)
		a.about(id, func(c *channel) {
			c.entered = true
			a.emit("StasisStart", fields{"args": c.args, "channel": a.channel(id)})
		})
	})
	return 200, a.channel(id)
}

func (a *Asterisk) answer(r ask) (int, any) {
	if r.c.state != "Up" {
		a.state(r.c, "Up")
	}
	return 204, nil
}

// goOn lets a channel go back to the dialplan.
func (a *Asterisk) goOn(r ask) (int, any) {
	if !r.c.entered {
		return 409, said("Channel not in Stasis application")
	}
	a.emit("StasisEnd", fields{"channel": a.channel(r.id)})
	r.c.entered = false
	return 204, nil
}

// dial rings the far phone; a second dial destroys the channel, as in Asterisk.
func (a *Asterisk) dial(r ask) (int, any) {
	if !r.c.entered {
		return 409, said("Channel not in Stasis application")
	}
	if r.c.dials++; r.c.dials > 1 {
		a.end(r.c, 16, 0, false)
		return 204, nil
	}
	b := a.behaviours[r.c.vars["number"]]
	seconds, _ := strconv.Atoi(r.q.Get("timeout"))
	a.running.Go(func() { a.ring(r.id, b, time.Duration(seconds)*time.Second) })
	return 204, nil
}

func (a *Asterisk) ring(id string, b Behaviour, limit time.Duration) {
	a.about(id, func(c *channel) {
		a.dialled(c, "")
		switch {
		case b.Silent:
		case b.Early:
			a.dialled(c, "PROGRESS")
		default:
			a.state(c, "Ringing")
			a.dialled(c, "RINGING")
		}
	})
	wait := b.After
	if b.Silent || b.After < 0 {
		wait = limit
	}
	for began := time.Now(); time.Since(began) < wait; time.Sleep(5 * time.Millisecond) {
		if !slices.Contains(a.Channels(), id) {
			return
		}
	}
	a.about(id, func(c *channel) {
		switch {
		case wait == limit:
			a.end(c, 19, 480, true)
		case b.Refuse != 0:
			a.end(c, map[int]int{486: 17, 600: 17, 603: 21, 480: 19, 404: 1, 503: 34}[b.Refuse], b.Refuse, false)
		default:
			a.state(c, "Up")
			a.dialled(c, "ANSWER")
		}
	})
}

func (a *Asterisk) dialled(c *channel, outcome string) {
	a.emit("Dial", fields{"dialstatus": outcome, "peer": a.channel(c.id)})
}

func (a *Asterisk) state(c *channel, state string) {
	c.state = state
	a.emit("ChannelStateChange", fields{"channel": a.channel(c.id)})
}

// play plays 300 ms a file; one whose name has "long" in it 5 s, one with
// "corrupt" not at all, and a tone until it is stopped.
func (a *Asterisk) play(r ask) (int, any) {
	p := &playback{id: r.PathValue("playback"), target: "channel:" + r.id, stop: make(chan struct{})}
	length, state := time.Duration(0), "done"
	for _, m := range body[struct{ Media []string }](r).Media {
		switch {
		case strings.HasPrefix(m, "tone:"):
			length += time.Hour
		case strings.Contains(m, "corrupt"):
			state = "failed"
		case strings.Contains(m, "long"):
			length += 5 * time.Second
		default:
			length += 300 * time.Millisecond
		}
	}
	a.playbacks[p.id] = p
	before, mine := r.c.tail, make(chan struct{})
	r.c.tail = mine
	a.running.Go(func() {
		<-before
		select {
		case <-p.stop:
		case <-time.After(length):
		}
		close(mine)
		a.locked(func() {
			delete(a.playbacks, p.id)
			a.emit("PlaybackFinished", fields{"playback": fields{"id": p.id, "target_uri": p.target, "state": state}})
		})
	})
	return 201, fields{"id": p.id}
}

func (a *Asterisk) playback(f func(*playback) int) answer {
	return func(r ask) (int, any) {
		if p := a.playbacks[r.id]; p != nil {
			return f(p), nil
		}
		return 404, said("Playback not found")
	}
}

func (a *Asterisk) makeBridge(r ask) (int, any) {
	if a.bridges[r.id] != nil {
		return 409, said("Bridge already exists")
	}
	a.bridge(r.id, r.q.Get("name"))
	return 200, fields{"id": r.id}
}

func (a *Asterisk) destroyBridge(r ask) (int, any) {
	if a.bridges[r.id] == nil {
		return 404, said("Bridge not found")
	}
	for name, rec := range a.recordings {
		if rec.bridge == r.id {
			a.finish(name, false)
		}
	}
	delete(a.bridges, r.id)
	return 204, nil
}

func (a *Asterisk) addChannel(r ask) (int, any) {
	ids := body[struct{ Channel []string }](r).Channel
	for _, id := range ids {
		if c := a.channels[id]; c != nil {
			a.wait(r, c)
		}
	}
	b := a.bridges[r.id]
	if b == nil {
		return 404, said("Bridge not found")
	}
	for _, id := range ids {
		switch c := a.channels[id]; {
		case c == nil:
			return 400, said("Channel not found")
		case !c.entered:
			return 422, said("Channel not in Stasis application")
		}
	}
	for _, other := range a.bridges {
		other.members = slices.DeleteFunc(other.members, func(m string) bool { return slices.Contains(ids, m) })
	}
	b.members = append(b.members, ids...)
	return 204, nil
}

func (a *Asterisk) record(r ask) (int, any) {
	name := r.q.Get("name")
	switch {
	case a.bridges[r.id] == nil:
		return 404, said("Bridge not found")
	case a.recordings[name] != nil:
		return 409, said("Recording already exists and can not be overwritten")
	}
	a.recordings[name] = &recording{bridge: r.id, since: time.Now()}
	return 201, fields{"name": name}
}

func (a *Asterisk) live(f func(name string) int) answer {
	return func(r ask) (int, any) {
		if a.recordings[r.id] == nil {
			return 404, said("Recording not found")
		}
		return f(r.id), nil
	}
}

package asterisk

import (
	"testing"

	"weibao/call"
	"weibao/tests/fakeari"
)

// fakeWorld is the fake Asterisk, with nobody around it.
type fakeWorld struct {
	ari    *fakeari.Asterisk
	sounds string
	dir    string
}

func newFakeWorld(t *testing.T) *fakeWorld {
	t.Helper()
	dir := tempDir(t)
	w := &fakeWorld{ari: fakeari.New(dir, seatIDs()...), sounds: soundFolder(t), dir: dir}
	t.Cleanup(w.ari.Close)
	for number, b := range behaviours() {
		w.ari.Behave(number, b)
	}
	return w
}

func behaviours() map[string]fakeari.Behaviour {
	return map[string]fakeari.Behaviour{
		"486": {Refuse: 486}, "603": {Refuse: 603}, "480": {Refuse: 480, Silent: false}, "404": {Refuse: 404},
		"503": {Refuse: 503}, "600": {Refuse: 600}, "999": {After: -1}, "998": {Silent: true}, "183": {Early: true},
	}
}

func (w *fakeWorld) options() Options {
	return Options{URL: w.ari.URL, User: "gateway", Password: "secret", App: "hotline", Sounds: w.sounds, RecordingDir: w.dir}
}

type fakeCaller struct {
	ari *fakeari.Asterisk
	id  string
}

func (w *fakeWorld) arrive(_ *testing.T, number, dialled, region string) caller {
	return fakeCaller{w.ari, w.ari.Arrive(number, dialled, region)}
}

func (c fakeCaller) press(_ *testing.T, key string) { c.ari.Press(c.id, key) }
func (c fakeCaller) hangup(*testing.T)              { c.ari.Hangup(c.id) }

func (w *fakeWorld) register(_ *testing.T, seat, like string) {
	w.ari.Behave(seat, behaviours()[like])
	w.ari.Register(seat, true)
}

func (w *fakeWorld) unregister(_ *testing.T, seat string) { w.ari.Register(seat, false) }

func (w *fakeWorld) hangup(_ *testing.T, _ string, leg call.LegID) { w.ari.Hangup(string(leg)) }

func (w *fakeWorld) invites(string) int { return 1 }

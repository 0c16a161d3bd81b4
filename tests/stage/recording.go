package stage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"weibao/record"
)

// Asks asks the API as somebody and returns what it said.
func (s *Stage) Asks(who, method, path string, body any) (int, string) {
	s.t.Helper()
	status, text := s.login(who).ask(method, path, body)
	return status, string(text)
}

// PlaysRecording asks to hear a recording as somebody, with a purpose, and
// hears one file of it.
func (s *Stage) PlaysRecording(who, id string, part int) []byte {
	s.t.Helper()
	d := s.login(who)
	var play struct{ Sound, State string }
	d.must(http.MethodPost, "/recordings/"+id+"/plays", map[string]string{"purpose": "质检"}, &play)
	path := fmt.Sprintf("/recordings/%s/sound?play=%s&part=%d", id, filepath.Base(play.Sound)[len("sound?play="):], part)
	status, sound := d.ask(http.MethodGet, path, nil)
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %.200s", path, status, sound)
	}
	return sound
}

// Sealed waits until a recording is kept encrypted, and returns the files that
// are on the disk: the encrypted ones, and plain ones that should be gone.
func (s *Stage) Sealed(r record.Record) (sealed, plain []string) {
	s.t.Helper()
	d := s.login("1019")
	s.Until("the recording is encrypted", func() bool {
		var tape struct{ Parts []struct{ Sealed bool } }
		d.must(http.MethodGet, "/recordings/"+string(r.ID), nil, &tape)
		all := len(tape.Parts) > 0
		for _, p := range tape.Parts {
			all = all && p.Sealed
		}
		for _, f := range r.Recording.Files() {
			_, err := os.Stat(f.File)
			all = all && os.IsNotExist(err)
		}
		return all
	})
	for pattern, into := range map[string]*[]string{
		s.path("var", "recordings", "*", string(r.ID)+"*"):               &sealed,
		s.path("asterisk", "spool", "recording", string(r.ID)+"*"):       &plain,
		s.path("asterisk", "spool", "recording", "second", string(r.ID)): &plain,
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			s.t.Fatal(err)
		}
		*into = append(*into, found...)
	}
	return sealed, plain
}

// RecordingsFolder is where Asterisk writes recordings.
func (s *Stage) RecordingsFolder() string { return s.path("asterisk", "spool", "recording") }

// Pauses has a supervisor pause the recording of a call.
func (s *Stage) Pauses(id, reason string) {
	s.t.Helper()
	var seen struct {
		Recording struct{ Paused bool }
	}
	s.login("1019").must(http.MethodPost, "/calls/"+id+"/recording/pause", map[string]string{"reason": reason}, &seen)
	if !seen.Recording.Paused {
		s.t.Fatalf("the call does not show the pause: %s", must(json.Marshal(seen)))
	}
}

func must(text []byte, err error) string {
	if err != nil {
		return err.Error()
	}
	return string(text)
}

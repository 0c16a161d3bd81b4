package asterisk

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"weibao/ivr"
)

const (
	// tone is played when there is no file at all: a caller must hear something.
	// Its parts are marked "!" (played once), but the playback goes on in
	// silence until it is stopped: main/app.c, ast_control_tone.
	tone       = "tone:!425/300,!0/150,!425/300,!0/150"
	toneLength = 900 * time.Millisecond
)

// suffixes are the formats that can be played; Asterisk picks among files that
// differ in suffix only.
func suffixes() []string { return []string{".wav", ".alaw", ".sln", ".sln16", ".ulaw", ".g722"} }

// sounds finds the files of prompts: <dir>/<lang>/<name>.wav.
type sounds struct {
	dir string
	m   *metrics
}

// media are the URIs to play, without those that are missing everywhere.
func (s sounds) media(prompts []ivr.Prompt) []string {
	var uris []string
	for _, p := range prompts {
		path, instead := s.find(p)
		if instead != "" {
			s.m.prompts.WithLabelValues(instead).Inc()
		}
		if path != "" {
			uris = append(uris, "sound:"+path)
		}
	}
	return uris
}

// find is the path of a prompt without its suffix, and what it is instead of
// what was asked for: "", "language" or "nothing".
func (s sounds) find(p ivr.Prompt) (path, instead string) {
	name := filepath.Join(p.Lang, p.Name)
	if p.Name == "" || !filepath.IsLocal(name) || strings.ContainsAny(name, "&,|\\") {
		return "", "nothing"
	}
	if path := filepath.Join(s.dir, name); p.Lang != "" && exists(path) {
		return path, ""
	}
	langs, err := os.ReadDir(s.dir)
	if err != nil {
		return "", "nothing"
	}
	for i := range langs {
		// From the end of the alphabet: Chinese is understood by most.
		lang := langs[len(langs)-1-i].Name()
		if path := filepath.Join(s.dir, lang, p.Name); exists(path) {
			return path, "language"
		}
	}
	return "", "nothing"
}

func exists(path string) bool {
	for _, suffix := range suffixes() {
		if info, err := os.Stat(path + suffix); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			return true
		}
	}
	return false
}

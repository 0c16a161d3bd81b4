package configs

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRulesForRecordingsAreReadAndMayBeLeftOut(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	usual := Recordings{
		Keep: 1095 * day, KeepLonger: map[string]time.Duration{}, Sensitive: []string{"性侵", "虐待", "暴力侵害", "遗弃"},
		Ask: day, Listen: time.Hour,
	}
	own := usual
	own.Keep, own.KeepLonger, own.Sensitive, own.Listen = 365*day, map[string]time.Duration{"性侵": 3650 * day}, []string{"性侵"}, 10*time.Minute
	for text, want := range map[string]Recordings{
		"": usual,
		"keep_days: 365\nkeep_longer: {性侵: 3650}\nsensitive: [性侵]\nlisten: 10m\n": own,
	} {
		files := base(t)
		delete(files, recordingsName)
		if text != "" {
			files[recordingsName] = &fstest.MapFile{Data: []byte(text)}
		}
		s, faults := Read(files, readAt())
		if len(faults) > 0 {
			t.Fatalf("%q: %s", text, faults)
		}
		if diff := cmp.Diff(want, s.Recordings); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func TestRulesForRecordingsThatAreWrongAreNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"keep_days: 30\n":             "keep_days",
		"keep_longer: {性侵: 100}\n":    "keep_longer",
		"keep_longer: {性侵: 999999}\n": "36500",
		"listen: 48h\n":               "listen",
		"kept: 5\n":                   "kept",
	} {
		files := base(t)
		files[recordingsName] = &fstest.MapFile{Data: []byte(text)}
		if _, faults := Read(files, readAt()); len(faults) != 1 || !strings.Contains(faults.String(), want) {
			t.Errorf("%q: %s", text, faults)
		}
	}
}

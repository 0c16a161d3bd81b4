package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"weibao/tests/stage"
)

func TestARecordHasTheRecordingOfBothSidesAndItsHash(t *testing.T) {
	t.Parallel()
	s, li, child, _ := scene(t)
	li.Hears(child)
	s.Passes(2 * time.Second) // the talk
	child.HangsUp()
	r := s.Record(child)
	if r.Recording.Fault != "" || r.Recording.Size == 0 {
		t.Fatalf("recording %+v", r.Recording)
	}
	sound := s.PlaysRecording("1019", string(r.ID), 1)
	sum := sha256.Sum256(sound)
	if got := hex.EncodeToString(sum[:]); got != r.Recording.SHA256 {
		t.Errorf("the file's hash is %s, the record says %s", got, r.Recording.SHA256)
	}
	for _, person := range []interface{ Tone() float64 }{li.Person, child} {
		if !stage.Contains(sound, person.Tone()) {
			t.Errorf("the recording does not have the voice of %v Hz", person.Tone())
		}
	}
}

func TestRecordsAreFoundExportedAndVerifiedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	s, _, child, _ := scene(t)
	child.HangsUp()
	r := s.Record(child)
	config := s.Config()
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"find", []string{"record", "find"}, string(r.ID)},
		{"find one with its journey", []string{"record", "find", string(r.ID)}, "CONNECT"},
		{"export", []string{"record", "export"}, `"id":"` + string(r.ID) + `"`},
		{"export as a table", []string{"record", "export", "--format", "csv"}, string(r.ID)},
	} {
		out, err := s.Weibao(append(row.args, "--config", config)...)
		if err != nil || !strings.Contains(out, row.want) {
			t.Errorf("%s: %v, want %q in\n%s", row.name, err, row.want, out)
		}
		if strings.Contains(out, "13800000001") {
			t.Errorf("%s shows the whole number", row.name)
		}
	}
}

func TestTheLogAndTheMetricsHoldNoNumberOfACaller(t *testing.T) {
	t.Parallel()
	s, _, child, _ := scene(t)
	child.HangsUp()
	s.Record(child)
	if log := s.Log(); strings.Contains(log, "13800000001") {
		t.Error("the log has the caller's whole number")
	}
}

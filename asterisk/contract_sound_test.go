package asterisk

import (
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"weibao/call"
	"weibao/ivr"
)

func prompt(name string) []ivr.Prompt { return []ivr.Prompt{{Name: name, Lang: "zh"}} }

func joinDuringPrompt(s scene) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	party := s.number("20030", call.NoRoom)
	s.wit.picked(s.T, party)
	s.ok(s.line.Play(s.Context(), leg, "p1", prompt("long")))
	time.Sleep(100 * time.Millisecond) // the prompt is running
	began := time.Now()
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg, party}))
	if took := time.Since(began); took > atOnce {
		s.Errorf("the join took %s", took)
	}
	s.wit.played(s.T, "p1")
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg, party})) // repeated
	s.ok(s.line.Release(s.Context(), party, call.Released))
	s.wit.left(s.T, party)
	s.ok(s.line.Close(s.Context(), s.id))
}

func quiet(s scene) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	for i, delay := range []time.Duration{0, 0, time.Millisecond, 0, 50 * time.Millisecond, 0} {
		play := string(s.id) + "-p" + string(rune('a'+i))
		s.ok(s.line.Play(s.Context(), leg, play, []ivr.Prompt{{Name: "long", Lang: "zh"}, {Name: "short", Lang: "zh"}}))
		time.Sleep(delay) // the moment of the stop is what is tried
		began := time.Now()
		s.ok(s.line.Quiet(s.Context(), leg))
		if took := time.Since(began); took > atOnce {
			s.Errorf("the quiet took %s", took)
		}
		s.wit.played(s.T, play)
		once(s.T, s.wit, "the end of the prompt", func(e call.Played) bool { return e.Play == play })
	}
	s.ok(s.line.Quiet(s.Context(), leg))
}

func playTwice(s scene) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	play := string(s.id) + "-twice"
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short")))
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short")))
	s.wit.played(s.T, play)
	s.ok(s.line.Play(s.Context(), leg, play, prompt("short")))
	s.ok(s.line.Play(s.Context(), leg, play+"+", prompt("short")))
	s.wit.played(s.T, play+"+")
	once(s.T, s.wit, "the end of the prompt", func(e call.Played) bool { return e.Play == play })
}

// tonePlayed checks that a Play was a tone: neither nothing nor for ever.
func (s scene) tonePlayed(prompts []ivr.Prompt) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	play := string(s.id) + "-tone"
	began := time.Now()
	s.ok(s.line.Play(s.Context(), leg, play, prompts))
	s.wit.played(s.T, play)
	if took := time.Since(began); took < toneLength/2 || took > toneLength+time.Second {
		s.Errorf("the tone took %s", took)
	}
	s.ok(s.line.Play(s.Context(), leg, play+"2", prompts))
	began = time.Now()
	time.Sleep(30 * time.Millisecond) // the tone is running
	s.ok(s.line.Quiet(s.Context(), leg))
	if took := time.Since(began); took > atOnce {
		s.Errorf("the quiet took %s", took)
	}
	s.wit.played(s.T, play+"2")
}

func missingPrompt(s scene) {
	s.tonePlayed([]ivr.Prompt{{Name: "nowhere", Lang: "zh"}, {Name: "../../etc/passwd", Lang: "zh"}})
}

func corruptPrompt(s scene) { s.tonePlayed(prompt("corrupt")) }

func otherLanguage(s scene) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	play := string(s.id) + "-lang"
	s.ok(s.line.Play(s.Context(), leg, play, prompt("only-ko")))
	s.wit.played(s.T, play)
	if n := testutil.ToFloat64(s.line.m.prompts.WithLabelValues("language")); n != 1 {
		s.Errorf("%v prompts of another language", n)
	}
}

func music(s scene) {
	c, leg := s.caller()
	defer c.hangup(s.T)
	s.ok(s.line.Music(s.Context(), leg))
	s.ok(s.line.Music(s.Context(), leg))
	s.ok(s.line.Quiet(s.Context(), leg))
	s.ok(s.line.Quiet(s.Context(), leg))
}

// talk brings a caller and a party into the room and records it.
func (s scene) talk(number string) (c caller, leg, party call.LegID, name string) {
	s.Helper()
	c, leg = s.caller()
	party = s.number(number, call.Talk)
	s.wit.picked(s.T, party)
	s.ok(s.line.Join(s.Context(), s.id, call.Talk, []call.LegID{leg, party}))
	name = "rec-" + string(s.id)
	s.ok(s.line.Record(s.Context(), s.id, call.Talk, name))
	s.ok(s.line.Record(s.Context(), s.id, call.Talk, name)) // repeated
	return c, leg, party, name
}

// recordedWell checks a recording of about that length.
func (s scene) recordedWell(name string, length time.Duration) {
	s.Helper()
	ev := s.wit.recorded(s.T, s.id)
	want := filepath.Join(s.line.o.RecordingDir, name+".wav")
	if ev.File != want || ev.Fault != "" || ev.Length < length*7/10 || ev.Length > length+atOnce {
		s.Errorf("recorded as %+v, want %s of %s", ev, want, length)
	}
	if _, err := os.Stat(ev.File); err != nil {
		s.Error(err)
	}
	once(s.T, s.wit, "the recording", func(e told) bool { return e.id == s.id })
}

func closedRecording(s scene) {
	c, leg, party, name := s.talk("20040")
	time.Sleep(time.Second) // the length of the talk
	s.ok(s.line.Close(s.Context(), s.id))
	s.recordedWell(name, time.Second)
	s.ok(s.line.Close(s.Context(), s.id)) // repeated
	s.ok(s.line.Release(s.Context(), party, call.Released))
	c.hangup(s.T)
	s.wit.left(s.T, leg)
	s.wit.left(s.T, party)
}

func recordingLeft(s scene) {
	c, leg, party, name := s.talk("20050")
	time.Sleep(time.Second) // the length of the talk
	c.hangup(s.T)
	s.wit.left(s.T, leg)
	s.ok(s.line.Release(s.Context(), party, call.Released))
	s.wit.left(s.T, party)
	s.recordedWell(name, time.Second)
	s.ok(s.line.Close(s.Context(), s.id))
	once(s.T, s.wit, "the recording", func(e told) bool { return e.id == s.id })
}

func recordingFault(s scene) {
	s.ok(s.line.Record(s.Context(), s.id, call.Side, "none-"+string(s.id)))
	if ev := s.wit.recorded(s.T, s.id); ev.Fault == "" {
		s.Errorf("recorded as %+v", ev)
	}
}

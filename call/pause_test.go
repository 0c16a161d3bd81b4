package call

import (
	"testing"
	"time"
)

func TestAPauseOfTheRecordingIsOnTheRecordAndEndsByItself(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	if refused := s.asks(WishPause{Reason: "说银行卡密码"}); refused != "" {
		t.Fatal(refused)
	}
	if mute := must[Mute](s, s.heard); !mute.On || mute.Name != "c1" {
		t.Errorf("muted %+v", mute)
	}
	if alarm := must[SetAlarm](s, s.heard); alarm.After != DefaultTimes().Pause {
		t.Errorf("it ends after %s", alarm.After)
	}
	if mute := must[Mute](s, s.alarm(alarmPause)); mute.On {
		t.Error("it does not end")
	}
	p := s.c.Recording.Pauses[0]
	if s.c.Recording.Paused() || p.Reason != "说银行卡密码" || p.By == "" || p.To.Sub(p.From) < DefaultTimes().Pause {
		t.Errorf("pause %+v", p)
	}
	if s.asks(WishResume{}) == "" {
		t.Error("what is not paused was resumed")
	}
}

func TestAPauseIsRefusedWithoutAReasonOrARecording(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	for what, prepare := range map[string]func(*Recording){
		"not recorded": func(r *Recording) { *r = Recording{Off: true} },
		"over":         func(r *Recording) { r.File = "c1.wav" },
	} {
		before := s.c
		prepare(&s.c.Recording)
		if s.asks(WishPause{Reason: "x"}) == "" {
			t.Errorf("%s: paused", what)
		}
		s.c = before
	}
	if s.asks(WishPause{Reason: " "}) == "" {
		t.Error("paused without a reason")
	}
	if s.asks(WishPause{Reason: "x"}) != "" || s.asks(WishPause{Reason: "y"}) == "" {
		t.Error("paused twice, or not once")
	}
}

func TestAPauseThatAsteriskRefusesIsNoneAndOneThatDoesNotEndIsEndedAgain(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.asks(WishPause{Reason: "x"})
	s.feed(func(at At) Event { return Failed{At: at, Command: Mute{Name: "c1", On: true}, Err: "500"} })
	if s.c.Recording.Paused() {
		t.Error("a pause that is none is shown")
	}
	for range 3 {
		if mute := must[Mute](s, s.alarm(alarmPause)); mute.On {
			t.Error("muted")
		}
		s.feed(func(at At) Event { return Failed{At: at, Command: Mute{Name: "c1"}, Err: "500"} })
	}
}

func TestARecordingThatMovesKeepsItsPartsAndItsPause(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	s.talks()
	s.asks(WishPause{Reason: "x"})
	move := func(at At) Event {
		return Recorded{At: at, File: "c1.wav", Length: 4 * time.Second, Fault: "disk full", Next: "second/c1.2"}
	}
	s.moves = 1
	if mute := must[Mute](s, s.feed(move)); !mute.On || mute.Name != "second/c1.2" {
		t.Errorf("muted %+v", mute)
	}
	s.feed(move) // told twice
	s.leaves("caller", HungUp)
	if s.c.Phase == Ended {
		t.Fatal("the record did not wait for the last file")
	}
	r := must[KeepRecord](s, s.feed(func(at At) Event { return Recorded{At: at, File: "second/c1.2.wav", Length: time.Second} })).Call.Recording
	if len(r.Parts) != 1 || r.Parts[0].Fault != "disk full" || r.File != "second/c1.2.wav" || r.Fault != "" {
		t.Errorf("recording %+v", r)
	}
}

func TestAfterARestartWithoutMemoryTheRecordingIsNotLeftSilent(t *testing.T) {
	t.Parallel()
	s := resumed(t, Party{Leg: "c1-1", Agent: "1001", Up: true, Room: Talk})
	if mute := must[Mute](s, s.heard); mute.On {
		t.Error("muted")
	}
}

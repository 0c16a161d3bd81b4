package asterisk

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"weibao/call"
)

// smallDisk is the room for recordings in the test of a full disk: 5 s.
const smallDisk = 80 << 10

// smallDisks mounts a small disk in the place of the usual folder and a large
// one in that of the second; false where that is not allowed.
func smallDisks(t *testing.T, usual string) bool {
	t.Helper()
	if !mount(t, usual, "mode=777,size=80k") {
		return false
	}
	if err := os.Mkdir(SecondFolder(usual), 0o777); err != nil {
		t.Fatal(err)
	}
	return mount(t, SecondFolder(usual), "mode=777,size=8m")
}

func mount(t *testing.T, dir, how string) bool {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, how); err != nil {
		t.Logf("no disk can be mounted here (%v)", err)
		return false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return true
}

// loudness is the power of each tenth of a second of a recording.
func loudness(t *testing.T, path string) []float64 {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tenths []float64
	for at := wavHeader; at+1600 <= len(content); at += 1600 {
		sum := 0.0
		for i := at; i < at+1600; i += 2 {
			x := float64(int16(binary.LittleEndian.Uint16(content[i:])))
			sum += x * x
		}
		tenths = append(tenths, math.Sqrt(sum/800))
	}
	return tenths
}

func TestAFullDiskMovesTheRecordingAndTheTalkGoesOn(t *testing.T) {
	t.Parallel()
	w, wit := newRealWorld(t), newWitness("full")
	usual := w.options().RecordingDir
	full := smallDisks(t, usual)
	if !full { // a folder that takes nothing from the start stands for the rest
		if err := errors.Join(os.MkdirAll(SecondFolder(usual), 0o750), os.Chmod(usual, 0o500)); err != nil {
			t.Fatal(err)
		}
	}
	troubles := make(chan call.ID, 10)
	line := run(t, w, wit, func(o *Options) {
		o.RecordingRoom = smallDisk / 2
		o.Trouble = func(id call.ID, _ string) { troubles <- id }
	})
	if full {
		fillsUp(scene{T: t, world: w, line: line, wit: wit, id: wit.newID()}, troubles)
	}
	next := scene{T: t, world: w, line: line, wit: wit, id: wit.newID()}
	c, leg, party, _ := next.talk("20071")
	if ev := wit.recorded(t, next.id); ev.Next != secondName+"/rec-"+string(next.id) || ev.File != "" {
		t.Errorf("the next recording begins as %+v", ev)
	}
	next.ok(line.Release(t.Context(), party, call.Released))
	c.hangup(t)
	wit.left(t, leg)
}

// fillsUp talks until the disk is full and then on.
func fillsUp(s scene, troubles chan call.ID) {
	usual := s.line.o.RecordingDir
	c, leg, party, name := s.talk("20070")
	s.wit.note(func() { s.wit.live = []call.Call{{ID: s.id, Legs: []call.Leg{{ID: leg, State: call.Up}}}} })
	begun := time.Now()
	moved := s.wit.recorded(s.T, s.id)
	if moved.Next != secondName+"/"+name+".2" || moved.File != filepath.Join(usual, name+".wav") || moved.Fault == "" {
		s.Fatalf("told %+v", moved)
	}
	if id := <-troubles; id != s.id {
		s.Errorf("the trouble is told of %s", id)
	}
	time.Sleep(3 * time.Second) // the rest of the talk
	if exists, err := s.line.Exists(s.Context(), []call.LegID{leg, party}); err != nil || !exists[leg] || !exists[party] {
		s.Errorf("the talk was disturbed: %v, %v", exists, err)
	}
	s.ok(s.line.Close(s.Context(), s.id))
	whole := time.Since(begun)
	last := await(s.T, s.wit, func(ev told) bool {
		r, ok := ev.Event.(call.Recorded)
		return ok && ev.id == s.id && r.Next == ""
	}).Event.(call.Recorded)
	if last.Fault != "" || filepath.Dir(last.File) != SecondFolder(usual) {
		s.Errorf("the rest is %+v", last)
	}
	if lost := whole - moved.Length - last.Length; lost > 4*time.Second {
		s.Errorf("%s of %s are lost", lost, whole)
	}
	s.ok(s.line.Release(s.Context(), party, call.Released))
	c.hangup(s.T)
	s.wit.left(s.T, leg)
}

func TestAPausedRecordingIsSilentAndAsLongAsTheTalk(t *testing.T) {
	t.Parallel()
	w, wit := newRealWorld(t), newWitness("mute")
	line := run(t, w, wit)
	s := scene{T: t, world: w, line: line, wit: wit, id: wit.newID()}
	c, leg, party, name := s.talk("20072")
	begun := time.Now()
	time.Sleep(time.Second) // of the talk
	for range 2 {           // repeated
		s.ok(line.Mute(t.Context(), name, true))
	}
	time.Sleep(2 * time.Second) // of silence
	for range 2 {
		s.ok(line.Mute(t.Context(), name, false))
	}
	time.Sleep(time.Second) // of the talk
	s.ok(line.Close(t.Context(), s.id))
	whole := time.Since(begun)
	ev := wit.recorded(t, s.id)
	if d := (whole - ev.Length).Abs(); d > time.Second {
		t.Errorf("recorded %s of %s", ev.Length, whole)
	}
	silent, loud := 0, 0
	for _, power := range loudness(t, ev.File) {
		if power < 50 {
			silent++
		} else {
			loud++
		}
	}
	if silent < 17 || silent > 25 || loud < 12 {
		t.Errorf("%d tenths of a second are silent, %d are not", silent, loud)
	}
	if err := line.Mute(t.Context(), name, false); err != nil {
		t.Errorf("what is over is not silent: %v", err)
	}
	if err := line.Mute(t.Context(), name, true); err == nil {
		t.Error("what is over was made silent")
	}
	s.ok(line.Release(t.Context(), party, call.Released))
	c.hangup(t)
	wit.left(t, leg)
}

package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/record"
	"weibao/routing"
)

// town is a gateway's records: calls that calling by a configuration, kept by the
// real registry in a journal and a SQLite file.
type town struct {
	t        *testing.T
	dir      string
	settings string
	store    record.Store
	registry *record.Registry
	snapshot *configs.Snapshot
}

// arrives is the day of all calls here.
var arrives = time.Date(2026, 11, 22, 0, 0, 0, 0, routing.Beijing())

func newTown(t *testing.T) *town {
	t.Helper()
	dir := t.TempDir()
	w := &town{t: t, dir: dir, settings: filepath.Join(dir, "gateway.yaml")}
	w.must(os.WriteFile(w.settings, []byte("var: "+dir+"\n"), 0o600))
	var err error
	w.store, err = record.Open(t.Context(), "sqlite:"+filepath.Join(dir, "weibao.db"))
	w.must(err)
	w.registry, err = record.New(record.Options{Journal: record.JournalOptions{Dir: filepath.Join(dir, "journal")}, Store: w.store})
	w.must(err)
	w.goesBy(w.config("old"))
	return w
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// config writes the small province with edits: file, old text, new text.
func (w *town) config(name string, edits ...[3]string) string {
	w.t.Helper()
	dir := filepath.Join(w.dir, name)
	w.must(os.CopyFS(dir, os.DirFS("../../configs/rehearsal/testdata/jilin")))
	w.must(os.CopyFS(filepath.Join(dir, "holidays"), os.DirFS("../../configs/holidays")))
	for _, e := range edits {
		file := filepath.Join(dir, e[0])
		text, err := os.ReadFile(file)
		w.must(err)
		if strings.Count(string(text), e[1]) != 1 {
			w.t.Fatalf("%s has %q %d times", e[0], e[1], strings.Count(string(text), e[1]))
		}
		w.must(os.WriteFile(file, []byte(strings.Replace(string(text), e[1], e[2], 1)), 0o600))
	}
	return dir
}

// goesBy makes the calls that follow go by a configuration.
func (w *town) goesBy(dir string) {
	w.t.Helper()
	snapshot, faults := configs.Read(os.DirFS(dir), arrives)
	if snapshot == nil {
		w.t.Fatal(faults)
	}
	w.snapshot = snapshot
}

// keepsText keeps the text of the configuration as the gateway does.
func (w *town) keepsText() {
	w.t.Helper()
	w.must(w.registry.Guide(w.t.Context(), w.snapshot.Version, w.snapshot.Text()))
}

// rehearses closes the records and runs the command.
func (w *town) rehearses(args ...string) (code int, out, errs string) {
	w.t.Helper()
	if w.registry != nil {
		w.must(w.registry.Close(w.t.Context()))
		w.must(w.store.Close())
		w.registry = nil
	}
	var answer, log strings.Builder
	code = run(append([]string{"rehearse", "--config", w.settings, "--from", "2026-11-22"}, args...), streams{out: &answer, err: &log})
	return code, answer.String(), log.String()
}

// life is what happens to one call.
type life struct {
	id       string
	at       time.Duration // after midnight
	region   string        // of the header
	trunk    string
	caller   routing.Number
	keys     string
	crowded  time.Duration // after so long in line no seat is there
	agent    routing.AgentID
	queue    string
	duty     bool          // the first telephone that rings is answered
	answer   time.Duration // after so long in line
	police   string        // the seat calls 110 for this place
	hangs    time.Duration // the caller hangs up after so long in line, unanswered
	earlyEnd bool          // or in the menu
}

// calling is a call on its way.
type calling struct {
	w    *town
	c    call.Call
	now  time.Time
	kept bool
}

// lives drives a call through the real state machine and keeps its record.
func (w *town) lives(l life) {
	w.t.Helper()
	now := arrives.Add(l.at)
	x := &calling{w: w, now: now}
	x.see(call.Arrived{
		At: call.At(now), Call: call.ID(l.id), Leg: "citizen-" + call.LegID(l.id), Dialled: "12345", Caller: l.caller, Trunk: l.trunk, Region: l.region,
		Facts: w.registry.Facts(l.caller, now),
	})
	x.wait(2 * time.Second)
	for key := range strings.SplitSeq(l.keys, "") {
		if key != "" {
			x.see(call.Pressed{At: call.At(x.now), Leg: x.c.Caller().ID, Key: key})
		}
	}
	for !l.earlyEnd && x.c.Phase == call.InMenu {
		x.wait(time.Second)
	}
	switch {
	case l.earlyEnd:
	case l.agent != "":
		x.wait(l.answer - 2*time.Second)
		x.see(call.Offered{At: call.At(x.now), Offer: call.Offer{Ticket: x.c.Search.Ticket.ID, Agent: l.agent, Queue: l.queue, RingFor: 15 * time.Second, Fence: 1}})
		x.answers()
	case l.duty:
		if l.crowded > 0 {
			x.wait(l.crowded)
			for range 2 {
				x.see(call.Crowded{At: call.At(x.now), Ticket: x.c.Search.Ticket.ID})
			}
		}
		x.wait(l.answer - l.crowded)
		x.answers()
	default:
		x.wait(l.hangs)
	}
	if l.police != "" {
		x.see(call.Asked{At: call.At(x.now), Request: "r1", By: l.agent, Wish: call.WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: l.police, Category: "虐待"}})
		x.see(call.Filed{At: call.At(x.now), Transfer: 1, Number: "JL-20261122-0001"})
		x.wait(5 * time.Second)
	}
	x.ends()
}

// see gives the call an event and carries out what it asks for.
func (x *calling) see(ev call.Event) {
	x.w.t.Helper()
	c, commands := call.Next(x.c, ev, x.w.snapshot.Guide)
	x.c = c
	for _, command := range commands {
		if keep, is := command.(call.KeepRecord); is {
			x.kept = true
			x.w.must(x.w.registry.Keep(x.w.t.Context(), keep.Call))
		}
	}
	for i := range x.c.Legs {
		if l := x.c.Legs[i]; l.Playing != "" && l.Live() { // prompts are short here
			x.see(call.Played{At: call.At(x.now), Leg: l.ID, Play: l.Playing})
		}
	}
}

// wait lets time pass, with the alarms that come in it.
func (x *calling) wait(d time.Duration) {
	x.w.t.Helper()
	end := x.now.Add(d)
	for {
		next, due := call.Alarm(""), end
		for _, alarm := range slices.Sorted(maps.Keys(x.c.Alarms)) {
			if at := x.c.Alarms[alarm]; !at.After(due) && (next == "" || at.Before(due)) {
				next, due = alarm, at
			}
		}
		x.now = due
		if next == "" {
			return
		}
		x.see(call.Alarmed{At: call.At(x.now), Alarm: next})
	}
}

// answers picks up the telephone that was dialled last.
func (x *calling) answers() {
	x.w.t.Helper()
	leg := x.c.Legs[len(x.c.Legs)-1].ID
	x.see(call.Rang{At: call.At(x.now), Leg: leg})
	x.wait(2 * time.Second)
	x.see(call.Picked{At: call.At(x.now), Leg: leg})
	if x.c.Phase != call.Talking {
		x.w.t.Fatalf("%s: %s does not answer, the call is %s", x.c.ID, leg, x.c.Phase)
	}
	x.wait(time.Minute)
}

// ends lets everybody hang up, the caller first.
func (x *calling) ends() {
	x.w.t.Helper()
	for i := range x.c.Legs {
		if x.c.Legs[i].Live() {
			x.see(call.Left{At: call.At(x.now), Leg: x.c.Legs[i].ID, Cause: call.HungUp})
		}
	}
	x.see(call.Recorded{At: call.At(x.now), File: "none.wav"})
	x.wait(time.Minute)
	if !x.kept {
		x.w.t.Fatalf("%s has no record, it is %s", x.c.ID, x.c.Phase)
	}
}

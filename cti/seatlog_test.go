package cti

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

// logged collects what a floor tells of its seats, in words.
type logged struct {
	mu    sync.Mutex
	lines []string
	all   []routing.SeatChange
}

func (l *logged) keep(c routing.SeatChange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, c)
	l.lines = append(l.lines, strings.TrimSpace(fmt.Sprintf("%s %s>%s %s %s %s", c.What, c.From, c.To, c.Cause, c.By, c.Call)))
}

func (l *logged) wants(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.lines {
		l.lines[i] = strings.Join(strings.Fields(l.lines[i]), " ")
	}
	if !slices.Equal(l.lines, want) {
		t.Errorf("the log is\n%s\nwant\n%s", strings.Join(l.lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestEveryChangeOfASeatIsLoggedWithItsCause(t *testing.T) {
	t.Parallel()
	log := new(logged)
	onFloor(t, FloorOptions{SeatLog: log.keep}, func(s *floorStage) {
		s.roster(10*time.Second, "1001")
		s.d.DeskOpened("1001")
		s.ready("1001")
		s.say("1001", routing.Ready) // nothing new
		s.enqueue("A")
		o := s.wants("A>1001")
		s.report(o, call.SeenRinging, call.SeenPicked)
		talked := now()
		s.passes(time.Minute)
		s.say("1001", routing.Away)
		s.report(o, call.SeenLeft)
		s.passes(11 * time.Second)
		s.say("1001", routing.Ready)
		for range 2 {
			s.enqueue("B")
			all := s.all()
			s.report(all[len(all)-1], call.SeenNoAnswer)
			s.passes(11 * time.Second)
		}
		s.d.SetReachable("1001", false)
		s.d.DeskClosed("1001")
		s.passes(11 * time.Second)
		log.wants(t,
			"desk none>open",
			"phone unreachable>reachable",
			"presence offline>ready 1001",
			"presence ready>away 1001",
			"work talking>wrapping left A",
			"work wrapping>free over A",
			"presence away>ready 1001",
			"work claimed>free no_answer B",
			"work claimed>free no_answer B",
			"presence ready>away 振铃未接 B",
			"phone reachable>unreachable",
			"desk open>gone no sign of the desk",
		)
		if got := log.all[4]; !got.Since.Equal(talked) || got.At.Sub(got.Since) < time.Minute || got.Queue != "q" || got.Agent != "1001" {
			t.Errorf("the talk is %+v, want one since %v", got, talked)
		}
	})
}

func TestAReapedSeatIsLoggedAndSupervisorsAreTold(t *testing.T) {
	t.Parallel()
	log, hub := new(logged), NewHub()
	onFloor(t, FloorOptions{SeatLog: log.keep, Notice: hub.Notify}, func(s *floorStage) {
		s.roster(0, "1001")
		s.ready("1001")
		s.enqueue("A")
		s.report(s.wants("A>1001"), call.SeenPicked)
		s.die("A")
		s.passes(2 * time.Minute)
		log.wants(t, "phone unreachable>reachable", "presence offline>ready 1001", "work talking>free call is gone A")
		got := hub.Notices()
		if len(got) != 1 || got[0].Kind != NoticeReaped || got[0].Call != "A" || got[0].Say != "坐席 1001（name of 1001）的状态（通话）已由系统收回：通话已经不在" {
			t.Errorf("notices %+v", got)
		}
	})
}

func TestManyNoticesOfAKindAtOnceAreOne(t *testing.T) {
	t.Parallel()
	hub := NewHub()
	onFloor(t, FloorOptions{Notice: hub.Notify}, func(s *floorStage) {
		var agents []routing.AgentID
		for i := range 50 {
			agents = append(agents, routing.AgentID(fmt.Sprint(1001+i)))
		}
		s.roster(0, agents...)
		for _, a := range agents {
			s.d.DeskOpened(a)
			s.say(a, routing.Ready)
		}
		for _, a := range agents {
			s.d.DeskClosed(a)
		}
		s.passes(11 * time.Second)
		if got := hub.Notices(); len(got) != 1 || !strings.Contains(got[0].Say, "另有 49 个坐席同样") {
			t.Errorf("notices %+v", got)
		}
	})
}

func TestTheLastNoticesAreKept(t *testing.T) {
	t.Parallel()
	hub := NewHub()
	for i := range 3 * noticesKept {
		hub.Notify(Notice{Say: fmt.Sprint(i + 1)})
	}
	got := hub.Notices()
	if len(got) != noticesKept || got[0].Say != "600" || got[0].N != 600 || got[noticesKept-1].Say != "401" {
		t.Errorf("%d are kept, from %+v to %+v", len(got), got[0], got[len(got)-1])
	}
}

func TestSeatSecondsAddUpToTheTimeOfAllSeats(t *testing.T) {
	t.Parallel()
	onFloor(t, FloorOptions{}, func(s *floorStage) {
		s.roster(30*time.Second, "1001", "1002", "1003")
		s.say("1002", routing.Away)
		s.say("1003", routing.Ready) // without a phone
		s.settle()
		s.passes(20 * time.Second)
		s.d.SetReachable("1001", true)
		s.say("1001", routing.Ready)
		s.settle()
		s.passes(100 * time.Second)
		_ = s.d.Enqueue(s.ctx, "A", routing.Ticket{ID: "A", Wants: routing.AnyOf("q"), Since: now()})
		o := s.wants("A>1001")
		s.report(o, call.SeenRinging)
		s.passes(5 * time.Second)
		s.report(o, call.SeenPicked)
		s.passes(60 * time.Second)
		s.report(o, call.SeenLeft)
		s.passes(30 * time.Second)
		s.settle()
		s.wantsAgent("1001", "ready free")
		s.passes(10 * time.Second)
		s.settle()
		got := make(map[string]float64)
		families, err := s.reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		rests := uint64(0)
		for _, family := range families {
			for _, m := range family.GetMetric() {
				switch family.GetName() {
				case "weibao_seat_seconds_total":
					got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
				case "weibao_after_call_seconds":
					rests = m.GetHistogram().GetSampleCount()
					if sum := m.GetHistogram().GetSampleSum(); sum != 30 {
						t.Errorf("after-call work took %v s, want 30", sum)
					}
				}
			}
		}
		for state, want := range map[string]float64{
			"offline": 20, "free": 110, "ringing": 5, "talking": 60, "wrapping": 30, "away": 225, "unreachable": 225, "desk": 0,
		} {
			if got[state] != want {
				t.Errorf("%s for %v s, want %v", state, got[state], want)
			}
		}
		if rests != 1 {
			t.Errorf("%d rests, want 1", rests)
		}
	})
}

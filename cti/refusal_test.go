package cti

import (
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/routing"
)

// rules gives the queue of the stage rules of its own.
func (s *floorStage) rules(edit func(*routing.Queue), agents ...routing.AgentID) {
	var seats []Seat
	for _, a := range agents {
		seats = append(seats, Seat{ID: a, Name: "李娜", Queues: []string{"q"}})
	}
	q := routing.Queue{Name: "q", RingFor: 15 * time.Second}
	edit(&q)
	s.d.SetRoster(seats, map[string]routing.Queue{"q": q})
}

func TestEveryResultOfARingHasARestOfItsOwn(t *testing.T) {
	t.Parallel()
	for what, want := range map[call.Seen]struct{ own, queue time.Duration }{
		call.SeenRejected:    {30 * time.Second, 41 * time.Second},
		call.SeenBusy:        {10 * time.Second, 42 * time.Second},
		call.SeenNoAnswer:    {10 * time.Second, 43 * time.Second},
		call.SeenUnreachable: {30 * time.Second, 44 * time.Second},
	} {
		for _, ofQueue := range []bool{false, true} {
			name, rest := string(what)+" as the gateway says", want.own
			if ofQueue {
				name, rest = string(what)+" as the queue says", want.queue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				onFloor(t, FloorOptions{}, func(s *floorStage) {
					s.rules(func(q *routing.Queue) {
						if ofQueue {
							q.Refusals = routing.Refusals{
								RejectDelay: 41 * time.Second, BusyDelay: 42 * time.Second,
								NoAnswerDelay: 43 * time.Second, UnreachableDelay: 44 * time.Second, MaxNoAnswer: 3,
							}
						}
					}, "1001")
					s.ready("1001")
					a := s.enqueue("A")
					s.report(s.wants("A>1001"), what)
					s.wantsAgent("1001", "ready free")
					s.offersCounted(string(what), 1)
					if got := s.view().Waiting; len(got) != 1 || !got[0].Ticket.Since.Equal(a.Since) || got[0].Position != 1 {
						t.Errorf("in line: %+v, want A in its place since %v", got, a.Since)
					}
					s.passes(rest - 10*time.Millisecond)
					s.wants("A>1001")
					s.passes(20 * time.Millisecond)
					s.wants("A>1001", "A>1001")
				})
			})
		}
	}
}

func TestASeatIsMadeAwayWhenItMissesTooManyRingsInARow(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		misses []call.Seen
		most   int
		want   string
		say    string
	}{
		{"one is a cup of tea", []call.Seen{call.SeenNoAnswer}, 2, "ready free", ""},
		{"two", []call.Seen{call.SeenNoAnswer, call.SeenNoAnswer}, 2, "away(振铃未接) free", "坐席 1001（李娜）连续 2 次振铃未接，已改为暂离"},
		{"the queue says three", []call.Seen{call.SeenNoAnswer, call.SeenNoAnswer}, 3, "ready free", ""},
		{"the queue says one", []call.Seen{call.SeenNoAnswer}, 1, "away(振铃未接) free", "坐席 1001（李娜）连续 1 次振铃未接，已改为暂离"},
		{"a phone without a sign", []call.Seen{call.SeenUnreachable, call.SeenUnreachable}, 2, "away(话机不通) free", "坐席 1001（李娜）连续 2 次话机不通，已改为暂离"},
		{"one of each, the last is the reason", []call.Seen{call.SeenUnreachable, call.SeenNoAnswer}, 2, "away(振铃未接) free", "坐席 1001（李娜）连续 2 次振铃未接，已改为暂离"},
		{"a refusal does not count", []call.Seen{call.SeenNoAnswer, call.SeenRejected, call.SeenBusy}, 2, "ready free", ""},
		{"nor does it begin anew", []call.Seen{call.SeenNoAnswer, call.SeenRejected, call.SeenNoAnswer}, 2, "away(振铃未接) free", "坐席 1001（李娜）连续 2 次振铃未接，已改为暂离"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			hub := NewHub()
			onFloor(t, FloorOptions{Notice: hub.Notify}, func(s *floorStage) {
				s.rules(func(q *routing.Queue) { q.MaxNoAnswer = row.most }, "1001")
				s.ready("1001")
				s.enqueue("A")
				for _, what := range row.misses {
					all := s.all()
					s.report(all[len(all)-1], what)
					s.passes(29*time.Second + 900*time.Millisecond) // the longest rest is not quite over
					if s.agent("1001") == row.want && row.say != "" {
						break
					}
					s.passes(200 * time.Millisecond)
				}
				if got := s.agent("1001"); !strings.HasPrefix(got, strings.TrimSuffix(row.want, " free")) {
					t.Errorf("the seat is %q, want %q", got, row.want)
				}
				said := ""
				for _, n := range hub.Notices() {
					said += n.Say
				}
				if said != row.say {
					t.Errorf("supervisors read %q, want %q", said, row.say)
				}
			})
		})
	}
}

func TestAPickUpAndTheSeatsOwnWordBeginTheCountAnew(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(*floorStage, call.Offer){
		"a talk": func(s *floorStage, o call.Offer) { s.report(o, call.SeenPicked, call.SeenLeft) },
		"ready": func(s *floorStage, o call.Offer) {
			s.report(o, call.SeenCancelled)
			s.say("1001", routing.Ready)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFloor(t, FloorOptions{}, func(s *floorStage) {
				s.roster(0, "1001")
				s.ready("1001")
				last := func() call.Offer { all := s.all(); return all[len(all)-1] }
				s.enqueue("A")
				s.report(last(), call.SeenNoAnswer)
				s.passes(11 * time.Second)
				between(s, last())
				s.enqueue("B")
				s.passes(time.Second)
				s.report(last(), call.SeenNoAnswer)
				s.wantsAgent("1001", "ready free")
				if got := s.view().Agents[0].Missed; got != 1 {
					t.Errorf("%d missed, want 1", got)
				}
			})
		})
	}
}

func TestTheCountOfMissedRingsIsSharedByTheGateways(t *testing.T) {
	t.Parallel()
	store := NewMemory()
	onFloor(t, FloorOptions{Gateway: "gw-1", Standings: store}, func(s *floorStage) {
		other := newFloorStage(t, FloorOptions{Gateway: "gw-2", Standings: store})
		defer other.finish()
		for _, g := range []*floorStage{s, other} {
			g.roster(0, "1001")
			g.d.SetReachable("1001", true)
		}
		s.ready("1001")
		s.enqueue("A")
		s.report(s.wants("A>1001"), call.SeenNoAnswer)
		_ = s.d.Withdraw(s.ctx, "A")
		other.enqueue("B")
		s.passes(11 * time.Second)
		other.report(other.wants("B>1001"), call.SeenNoAnswer)
		s.wantsAgent("1001", "away(振铃未接) free")
		other.wantsAgent("1001", "away(振铃未接) free")
	})
}

func TestTheRestAfterAGraveCallIsTheLongerOne(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name              string
		usual, grave, has time.Duration
		tell              bool
	}{
		{"an ordinary call", 10 * time.Second, 2 * time.Minute, 10 * time.Second, false},
		{"a grave call", 10 * time.Second, 2 * time.Minute, 2 * time.Minute, true},
		{"never less than the usual one", 30 * time.Second, 10 * time.Second, 30 * time.Second, true},
		{"none at all", 0, 0, 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			onFloor(t, FloorOptions{}, func(s *floorStage) {
				s.rules(func(q *routing.Queue) { q.WrapUp, q.GraveWrapUp = row.usual, row.grave }, "1001")
				s.ready("1001")
				s.enqueue("A")
				o := s.wants("A>1001")
				s.report(o, call.SeenPicked)
				_ = s.d.Report(s.ctx, "A", call.Report{Ticket: "A", Agent: "1001", Fence: o.Fence, What: call.SeenLeft, Grave: row.tell})
				s.enqueue("B")
				if row.has > 0 {
					s.wantsAgent("1001", "ready wrapping")
					s.passes(row.has - 10*time.Millisecond)
					s.wants("A>1001")
					s.passes(20 * time.Millisecond)
				}
				s.wants("A>1001", "B>1001")
			})
		})
	}
}

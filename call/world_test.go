package call

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weibao/routing"
)

// world is everything around one call, seen from outside: what Asterisk, the
// floor and the registry would hold after the commands that the call gave. It
// chooses events at random and checks the promises after each.
type world struct {
	rng   *rand.Rand
	guide *Guide
	c     Call
	now   time.Time
	log   bool // write the trace; a failing seed is run again with it
	trace []string

	legs      map[LegID]*worldLeg
	order     []LegID
	alarms    map[Alarm]time.Time
	enquiries []routing.TicketID // enquiries without an answer
	mutes     []Mute             // that were not refused
	moves     int                // of the recording into another file
	tickets   map[routing.TicketID]bool
	offers    map[uint64]bool // fence → still held by the call
	dials     map[LegID]Dial
	past      []Call // what was kept of the call, oldest first
	stale     bool   // a snapshot was older than the call, see restart
	// between is done after every random event.
	between  func()
	fence    uint64
	filings  []int // transfers that wait for Filed
	filed    map[string]bool
	closed   map[string]int
	asked    int
	replies  int
	recorded int // 0 not begun, 1 running, 2 to be told, 3 told
	records  int
	hungUp   bool // an agent asked for the end of the talk
	pledges  int  // promises of a call back that wait for the disk
	agreed   bool // a party that we rang has pressed 1
	last     []Event
}

type worldLeg struct {
	live, up bool
	unplaced bool // the party of a call of ours, before it is dialled
	room     Room
	playing  string
	agent    bool
}

func newWorld(seed uint64) *world {
	return &world{
		rng: rand.New(rand.NewPCG(seed, 1)), guide: testGuide(), now: time.Unix(1_790_000_000, 0),
		legs: make(map[LegID]*worldLeg), alarms: make(map[Alarm]time.Time), tickets: make(map[routing.TicketID]bool),
		offers: make(map[uint64]bool), dials: make(map[LegID]Dial), filed: make(map[string]bool), closed: make(map[string]int), between: func() {},
	}
}

func (w *world) say(format string, args ...any) {
	if w.log {
		w.trace = append(w.trace, fmt.Sprintf("%.200s", fmt.Sprintf(format, args...)))
	}
}

func (w *world) failf(format string, args ...any) {
	panic(broken(fmt.Sprintf(format, args...)))
}

// broken is the promise that did not hold.
type broken string

// live drives one whole life and returns the promise that it broke, or "".
func (w *world) live() (promise string) {
	defer func() {
		if fault := recover(); fault != nil {
			b, ok := fault.(broken)
			if !ok {
				panic(fault)
			}
			promise = string(b) + "\n" + strings.Join(w.trace, "\n")
		}
	}()
	w.begin()
	w.deepen()
	for range 10 + w.rng.IntN(80) {
		if ev := w.randomEvent(); ev != nil {
			w.feed(ev)
			w.between()
		}
	}
	w.finish()
	return ""
}

// feed gives an event to the call and carries its commands out in the world.
func (w *world) feed(ev Event) {
	phase, before := w.c.Phase, w.c
	next, commands := w.next(ev)
	if key, ok := ev.(Pressed); ok && key.Leg == "caller" && key.Key == "1" && w.legs["caller"].up {
		w.agreed = true
	}
	w.say("%8s %T%+v  %s→%s/%s", w.now.Sub(time.Unix(1_790_000_000, 0)), ev, ev, phase, next.Phase, next.Transfer.Phase)
	w.c = next
	if alarmed, ok := ev.(Alarmed); ok {
		if _, set := next.Alarms[alarmed.Alarm]; !set {
			delete(w.alarms, alarmed.Alarm) // told twice at the very instant: the second telling is ignored
		}
	}
	for _, cmd := range commands {
		w.say("           %T%+v", cmd, cmd)
		w.carryOut(cmd)
	}
	switch ev.(type) {
	case Pressed, Played, Rang, Picked, Left, Alarmed, Crowded, Filed, Recorded:
		w.last = append(w.last, ev)
	}
	w.check()
	w.checkWait(before)
}

// wanted is what a caller asks for by a key of the line.
type wanted struct {
	At
	what func(*turn)
}

// next is Next, with what callers ask for in line.
func (w *world) next(ev Event) (Call, []Command) {
	asked, ok := ev.(wanted)
	if !ok || len(w.c.Legs) == 0 || w.c.Phase == Ended {
		return Next(w.c, ev, w.guide)
	}
	t := &turn{c: w.c.Clone(), at: ev.When(), g: w.guide}
	asked.what(t)
	t.c.attend(t.at)
	return t.c, t.out
}

func (w *world) need(leg LegID, cmd Command) *worldLeg {
	l := w.legs[leg]
	if l == nil || !l.live {
		w.failf("command %T for a leg that is gone: %s", cmd, leg)
	}
	return l
}

func (w *world) carryOut(cmd Command) {
	switch cmd := cmd.(type) {
	case Answer:
		w.need(cmd.Leg, cmd)
	case Play:
		w.need(cmd.Leg, cmd).playing = cmd.Play
		w.checkPlay(cmd)
	case Quiet:
		w.need(cmd.Leg, cmd).playing = ""
	case Music:
		w.need(cmd.Leg, cmd)
	case Dial:
		if l := w.legs[cmd.Leg]; l != nil && l.unplaced {
			l.unplaced, l.live = false, true
			w.checkRingBack()
			return
		}
		if w.legs[cmd.Leg] != nil {
			w.failf("a leg id is used twice: %s", cmd.Leg)
		}
		if cmd.Trunk == TrunkPolice && len(w.c.Transfers) == 0 && w.c.Transfer.Phase == NoTransfer {
			w.failf("110 is dialled without a transfer")
		}
		w.dials[cmd.Leg] = cmd
		w.legs[cmd.Leg] = &worldLeg{live: true, room: cmd.Room, agent: cmd.To.Kind == routing.ToAgent}
		w.order = append(w.order, cmd.Leg)
	case Join:
		for _, leg := range cmd.Legs {
			if leg == "caller" && w.c.Direction() == "owed" && !w.agreed && !w.c.resumedTalk() {
				w.failf("somebody who did not press 1 is joined")
			}
			w.need(leg, cmd).room = cmd.Room
		}
	case Release:
		if cmd.Leg == "caller" && !w.hungUp && !w.c.Unconfirmed() && w.c.Direction() != "own" {
			w.failf("the system hangs up on the caller")
		}
		if l := w.legs[cmd.Leg]; l != nil {
			l.live, l.up, l.room = false, false, NoRoom
		}
	case Enqueue:
		w.tickets[cmd.Ticket.ID] = true
	case Enquire:
		if !w.tickets[cmd.Ticket] {
			w.failf("the floor is asked for %s, which is not in line", cmd.Ticket)
		}
		w.enquiries = append(w.enquiries, cmd.Ticket)
	case Withdraw:
		delete(w.tickets, cmd.Ticket)
	case Report:
		if !w.offers[cmd.Fence] && !w.stale {
			w.failf("report for a seat that is not held: %+v", cmd)
		}
		switch cmd.What {
		case SeenRinging:
		case SeenPicked:
			delete(w.tickets, cmd.Ticket) // an answer takes the ticket out of line
		default:
			delete(w.offers, cmd.Fence)
		}
	case SetAlarm:
		w.alarms[cmd.Alarm] = w.c.Attended.since.Add(cmd.After)
	case ClearAlarm:
		delete(w.alarms, cmd.Alarm)
	case FileNotice:
		w.filings = append(w.filings, cmd.Transfer)
	case Promise:
		w.pledges++
	case CloseNotice:
		w.closed[cmd.Number]++
	case Record:
		w.recorded = 1
	case Close:
		if w.recorded == 1 {
			w.recorded = 2
		}
	case KeepRecord:
		w.records++
	case Reply:
		w.replies++
	case Check:
	case Mute:
		w.mutes = append(w.mutes, cmd)
	}
}

// begin lets the call arrive; now and then as one that an earlier life of the
// gateway left in Asterisk.
func (w *world) begin() {
	w.legs["caller"] = &worldLeg{live: true, up: true}
	w.order = []LegID{"caller"}
	if w.rng.IntN(4) == 0 {
		w.beginOurs()
		return
	}
	arrived := Arrived{At: At(w.now), Call: "c1", Leg: "caller", Dialled: "12345", Caller: "13800000000"}
	if w.rng.IntN(5) == 0 {
		arrived.Caller = "anonymous"
	}
	if w.rng.IntN(20) == 0 {
		arrived.Resumed = true
		if arrived.With = w.parties(); slices.ContainsFunc(arrived.With, func(p Party) bool { return p.Room != NoRoom }) {
			w.legs["caller"].room = Talk
		}
	}
	w.feed(arrived)
}

// deepen begins every third life in a talk, and half of those with the police
// in it: what is rare from the greeting on is common there.
func (w *world) deepen() {
	if w.c.Phase != InMenu || w.rng.IntN(3) > 0 {
		return
	}
	w.feed(Pressed{At: w.at(), Leg: "caller", Key: "6"})
	w.fence++
	w.offers[w.fence] = true
	w.feed(Offered{At: w.at(), Offer: Offer{Ticket: "c1", Agent: "1001", Queue: "changchun", RingFor: 15 * time.Second, Fence: w.fence}})
	w.legs["c1-1"].up = true
	w.feed(Picked{At: w.at(), Leg: "c1-1"})
	play := w.legs["c1-1"].playing
	w.legs["c1-1"].playing = ""
	w.feed(Played{At: w.at(), Leg: "c1-1", Play: play})
	if w.rng.IntN(2) == 0 {
		return
	}
	w.asked++
	w.feed(Asked{At: w.at(), Request: fmt.Sprint(w.asked), By: "1001", Wish: WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404"}})
	w.feed(w.registryAnswers(w.at()))
	w.legs["c1-2"].up = true
	w.feed(Picked{At: w.at(), Leg: "c1-2"})
}

// parties are who may be found with a resumed caller.
func (w *world) parties() []Party {
	var parties []Party
	rooms := []Room{Talk, Talk, NoRoom, Side}
	candidates := []Party{{Agent: "1001"}, {Agent: "1019"}, {Number: "0433110", Trunk: TrunkPolice}, {Number: "13900000001", Trunk: TrunkCarrier}}
	if w.rng.IntN(2) == 0 { // a seat and the duty officer were being rung
		rooms, candidates = []Room{NoRoom}, []Party{candidates[0], candidates[3]}
	}
	for i, p := range candidates {
		if w.rng.IntN(2) == 0 {
			continue
		}
		p.Leg, p.Up, p.Room = LegID(fmt.Sprintf("c1-%d", i+1)), w.rng.IntN(3) > 0, rooms[w.rng.IntN(len(rooms))]
		switch {
		case p.Trunk == TrunkPolice && p.Room == NoRoom:
			p.Room = Talk // they are rung into a room
		case p.Room == Side && !p.Up:
			p.Room = Talk // only who has answered can be aside
		}
		w.legs[p.Leg] = &worldLeg{live: true, up: p.Up, room: p.Room}
		w.order = append(w.order, p.Leg)
		parties = append(parties, p)
	}
	return parties
}

// finish lets everybody leave and the registry answer, as sooner or later
// happens, and wants the call to be over then.
func (w *world) finish() {
	for range 200 {
		if w.c.Phase == Ended && len(w.filings) == 0 {
			break
		}
		if ev := w.registryAnswers(w.at()); ev != nil {
			w.feed(ev)
		}
		for _, id := range slices.Clone(w.order) {
			if l := w.legs[id]; l.live || l.unplaced {
				if l.unplaced {
					w.feed(Recalled{At: w.at(), Why: "…"})
					continue
				}
				l.live, l.up, l.room = false, false, NoRoom
				w.feed(Left{At: w.at(), Leg: id, Cause: HungUp})
			}
		}
		if ev := w.alarm(); ev != nil && w.c.Phase == Closing {
			w.feed(ev)
		} else if alarmed, ok := ev.(Alarmed); ok {
			w.feed(alarmed)
		}
	}
	if w.c.Phase != Ended {
		w.failf("everybody has left and the call has not ended: %s", w.c.Phase)
	}
	if len(w.offers) > 0 {
		w.failf("seats are still held by an ended call: %v", w.offers)
	}
	if len(w.tickets) > 0 {
		w.failf("an ended call is still in line: %v", w.tickets)
	}
	for number := range w.filed {
		if w.closed[number] != 1 && !w.stale {
			w.failf("filing %s has %d outcomes", number, w.closed[number])
		}
	}
}

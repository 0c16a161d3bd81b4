package call

import (
	"fmt"
	"slices"
	"time"

	"weibao/routing"
)

// at passes a little time, never past the next alarm.
func (w *world) at() At {
	step := time.Duration(w.rng.IntN(3000)) * time.Millisecond
	for _, due := range w.alarms {
		step = min(step, max(0, due.Sub(w.now)))
	}
	w.now = w.now.Add(step)
	return At(w.now)
}

func (w *world) outside() []LegID {
	return slices.DeleteFunc(slices.Clone(w.order), func(id LegID) bool { return id == "caller" || !w.legs[id].live })
}

// randomEvent is something that could happen now, or nil when this draw gave
// nothing possible.
func (w *world) randomEvent() Event {
	at, outside := w.at(), w.outside()
	switch n := w.rng.IntN(100); {
	case n < 1 && len(outside) > 0: // the whole code in one: its digits would rarely follow each other here
		return Pressed{At: at, Leg: outside[w.rng.IntN(len(outside))], Key: "*110"}
	case n < 6:
		return Pressed{At: at, Leg: "caller", Key: []string{"6", "1", "1", "2", "#", "0"}[w.rng.IntN(6)]}
	case n < 18:
		return w.promptEnds(at)
	case n < 32:
		return w.offer(at)
	case n < 36:
		return Crowded{
			At: at, Ticket: []routing.TicketID{"c1", "c1/help"}[w.rng.IntN(2)],
			Load: routing.Load{Waiting: w.rng.IntN(6), Seats: w.rng.IntN(3)},
		}
	case n < 39 && len(w.enquiries) > 0:
		return w.stands(at)
	case n < 62 && len(outside) > 0:
		return w.legEvent(at, outside[w.rng.IntN(len(outside))])
	case n < 63 && w.legs["caller"].live:
		w.legs["caller"].live = false
		return Left{At: at, Leg: "caller", Cause: HungUp}
	case n < 80:
		return w.wish(at)
	case n < 84 && w.c.Placed.On() && w.legs["caller"].live && !w.legs["caller"].up:
		return w.legEvent(at, "caller")
	case n < 86:
		return w.registryAnswers(at)
	case n < 94:
		return w.alarm()
	case n < 95:
		return w.owedEvent(at)
	case n < 97 && len(w.last) > 0:
		return w.last[w.rng.IntN(len(w.last))] // told twice, or long after
	case n < 98:
		return Left{At: at, Leg: "stranger", Cause: Lost}
	}
	return w.fault(at)
}

func (w *world) promptEnds(at At) Event {
	for _, id := range w.order {
		if l := w.legs[id]; l.live && l.playing != "" && w.rng.IntN(2) == 0 {
			play := l.playing
			l.playing = ""
			return Played{At: at, Leg: id, Play: play}
		}
	}
	return nil
}

func (w *world) offer(at At) Event {
	for _, id := range []routing.TicketID{"c1", "c1/help"} {
		if w.tickets[id] && w.rng.IntN(2) == 0 {
			w.fence++
			w.offers[w.fence] = true
			agent := routing.AgentID(fmt.Sprint(1001 + w.rng.IntN(20)))
			return Offered{At: at, Offer: Offer{Ticket: id, Agent: agent, Queue: "changchun", RingFor: 15 * time.Second, Fence: w.fence}}
		}
	}
	return nil
}

// stands is the floor's answer to an enquiry.
func (w *world) stands(at At) Event {
	ticket := w.enquiries[0]
	w.enquiries = w.enquiries[1:]
	low := time.Duration(w.rng.IntN(400)) * time.Second
	return Stands{
		At: at, Ticket: ticket, Position: w.rng.IntN(6),
		Estimate: []routing.Estimate{{}, {Low: low, High: low + time.Duration(w.rng.IntN(300))*time.Second}}[w.rng.IntN(2)],
	}
}

func (w *world) legEvent(at At, id LegID) Event {
	l := w.legs[id]
	switch n := w.rng.IntN(10); {
	case n < 3 && !l.up:
		return Rang{At: at, Leg: id}
	case n < 7 && !l.up:
		l.up = true
		return Picked{At: at, Leg: id}
	case n < 9:
		l.live, l.up, l.room = false, false, NoRoom
		causes := []Cause{HungUp, Lost, Busy, Rejected, NoAnswer, Unreachable, Unknown}
		return Left{At: at, Leg: id, Cause: causes[w.rng.IntN(len(causes))], Detail: "486"}
	}
	return nil
}

func (w *world) wish(at At) Event {
	wishes := []Wish{
		WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "222404", Category: "性侵"},
		WishTransfer{To: routing.Target{Kind: routing.ToPolice}, Place: "nowhere"},
		WishTransfer{To: routing.Target{Kind: routing.ToDuty, Name: "region"}},
		WishTransfer{To: routing.Target{Kind: routing.ToNumber, Name: "043112356"}},
		WishBrief{},
		WishBrief{},
		WishIntroduce{},
		WishHandover{},
		WishCancel{},
		WishPull{Agent: "1019", Queues: []string{"supervisors"}},
		WishHangup{},
		WishReject{},
		WishPause{Reason: "…"},
		WishPause{Reason: "…"},
		WishResume{},
		WishNote{Fields: map[string]string{"what": "…"}},
	}
	wish := wishes[w.rng.IntN(len(wishes))]
	if _, end := wish.(WishHangup); end {
		if w.rng.IntN(4) > 0 {
			return nil
		}
		w.hungUp = true
	}
	by := routing.AgentID("1001")
	if _, rejects := wish.(WishReject); rejects { // one of those who are, or were, in the call
		by = w.c.Legs[w.rng.IntN(len(w.c.Legs))].Agent
	}
	w.asked++
	return Asked{At: at, Request: fmt.Sprint(w.asked), By: by, Wish: wish}
}

func (w *world) registryAnswers(at At) Event {
	switch {
	case len(w.filings) > 0:
		n := w.filings[0]
		w.filings = w.filings[1:]
		number := fmt.Sprintf("JL-%d", n)
		w.filed[number] = true
		return Filed{At: at, Transfer: n, Number: number, Err: []string{"", "disk full"}[w.rng.IntN(2)]}
	case w.pledges > 0:
		w.pledges--
		return Promised{At: at, Err: []string{"", "", "disk full"}[w.rng.IntN(3)]}
	case w.recorded == 2:
		w.recorded = 3
		return Recorded{At: at, File: "c1.wav", Length: time.Second}
	}
	return nil
}

// alarm lets the nearest alarm come.
func (w *world) alarm() Event {
	var next Alarm
	for alarm, due := range w.alarms {
		if next == "" || due.Before(w.alarms[next]) || due.Equal(w.alarms[next]) && alarm < next {
			next = alarm
		}
	}
	if next == "" {
		return nil
	}
	if due := w.alarms[next]; due.After(w.now) {
		w.now = due
	}
	delete(w.alarms, next)
	return Alarmed{At: At(w.now), Alarm: next}
}

// fault is a command that Asterisk or the floor did not carry out.
func (w *world) fault(at At) Event {
	if len(w.order) == 0 {
		return nil
	}
	leg := w.order[w.rng.IntN(len(w.order))]
	l := w.legs[leg]
	switch w.rng.IntN(9) {
	case 8:
		if w.recorded == 1 {
			w.moves++
			return Recorded{At: at, File: fmt.Sprintf("c1.%d.wav", w.moves), Length: time.Second, Fault: "stopped growing", Next: fmt.Sprintf("second/c1.%d", w.moves+1)}
		}
	case 7:
		if len(w.mutes) > 0 {
			last := w.mutes[len(w.mutes)-1]
			w.mutes = nil
			return Failed{At: at, Command: last, Err: "500"}
		}
	case 6:
		if len(w.enquiries) > 0 {
			ticket := w.enquiries[0]
			w.enquiries = w.enquiries[1:]
			return Failed{At: at, Command: Enquire{Ticket: ticket}, Err: "closed"}
		}
	case 4:
		if w.legs["caller"].live {
			return Failed{At: at, Command: Answer{Leg: "caller"}, Err: "500"}
		}
	case 5:
		if !l.live && leg != "caller" {
			return Failed{At: at, Command: Release{Leg: leg}, Err: "timeout"}
		}
	case 0:
		if leg != "caller" && l.live && !l.up {
			l.live, l.room = false, NoRoom
			return Failed{At: at, Command: Dial{Leg: leg}, Err: "Allocation failed"}
		}
	case 1:
		if l.live && l.playing != "" {
			play := l.playing
			l.playing = ""
			return Failed{At: at, Command: Play{Leg: leg, Play: play}, Err: "500"}
		}
	case 2:
		return Failed{At: at, Command: Join{Room: Talk, Legs: []LegID{leg}}, Err: "500"}
	case 3:
		return Failed{At: at, Command: Record{Room: Talk}, Err: "disk full"}
	}
	return nil
}

package cti

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/routing"
)

// seatState is what a seat spends its time with.
type seatState uint8

// The states; unseated is not in the roster.
const (
	unseated seatState = iota
	seatOffline
	seatAway
	seatUnreachable
	seatDeskless
	seatFree
	seatRinging
	seatTalking
	seatWrapping
	seatStates
)

var seatStateNames = [seatStates]string{"", "offline", "away", "unreachable", "desk", "free", "ringing", "talking", "wrapping"}

// state is what is seen of a seat comes first, then what keeps it from being
// rung.
func (c *chair) state() seatState {
	switch {
	case !c.on:
		return unseated
	case c.now.Work == routing.Talking:
		return seatTalking
	case c.now.Work == routing.Wrapping:
		return seatWrapping
	case c.now.Work != routing.Free:
		return seatRinging
	case c.now.Presence == routing.Offline:
		return seatOffline
	case c.now.Presence == routing.Away:
		return seatAway
	case !c.reachable:
		return seatUnreachable
	case c.now.Desk == DeskGone:
		return seatDeskless
	}
	return seatFree
}

// occupancy sums up the time of all seats by state. A change costs the same
// for any number of seats, and a reading is right to the instant.
type occupancy struct {
	desc *prometheus.Desc

	mu    sync.Mutex // a leaf
	at    time.Time
	seats [seatStates]int
	spent [seatStates]time.Duration
}

func newOccupancy() *occupancy {
	return &occupancy{at: time.Now(), desc: prometheus.NewDesc("weibao_seat_seconds_total",
		"Time of the seats of the roster by what they spend it with; its rate is how many do so on average.", []string{"state"}, nil)}
}

// count takes in the state of a chair.
func (o *occupancy) count(c *chair) {
	is := c.state()
	if is == c.counted {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sum()
	o.seats[c.counted]--
	o.seats[is]++
	c.counted = is
}

// sum adds the time since the last change; under the mutex.
func (o *occupancy) sum() {
	at := time.Now()
	for state, n := range o.seats {
		o.spent[state] += time.Duration(n) * at.Sub(o.at)
	}
	o.at = at
}

// Describe implements prometheus.Collector.
func (o *occupancy) Describe(ch chan<- *prometheus.Desc) { ch <- o.desc }

// Collect implements prometheus.Collector.
func (o *occupancy) Collect(ch chan<- prometheus.Metric) {
	o.mu.Lock()
	o.sum()
	spent := o.spent
	o.mu.Unlock()
	for state := seatOffline; state < seatStates; state++ {
		ch <- prometheus.MustNewConstMetric(o.desc, prometheus.CounterValue, spent[state].Seconds(), seatStateNames[state])
	}
}

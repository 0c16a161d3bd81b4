package record

import (
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"weibao/call"
	"weibao/routing"
)

// SeatChange is a line of the presence log as it is kept; see
// routing.SeatChange.
type SeatChange struct {
	At    Moment           `json:"at"`
	Agent routing.AgentID  `json:"agent"`
	What  routing.SeatFact `json:"what"`
	From  string           `json:"from"`
	To    string           `json:"to"`
	Cause string           `json:"cause,omitempty"`
	By    routing.AgentID  `json:"by,omitempty"`
	Call  call.ID          `json:"call,omitempty"`
	Queue string           `json:"queue,omitempty"`
	Since Moment           `json:"since"`
}

// SeatLog is what one line of the journal holds of the presence log.
type SeatLog struct {
	ID      string       `json:"id"` // a ULID, so that a line applied twice is stored once
	Changes []SeatChange `json:"changes"`
}

func (SeatLog) change() {}

// seatPause is how long changes of seats are gathered for one line of the
// journal. Work changes at the rate of calls: a flush for each would be as
// many as the records of the calls need.
const seatPause = time.Second

// seatLog gathers the changes of seats.
type seatLog struct {
	mu      sync.Mutex // a leaf
	pending []routing.SeatChange
}

// Seat keeps a change of a seat. It returns at once and never fails: a line is
// written for all changes of a second, so that a power cut takes a second of
// the log at most. Close writes what is left.
func (r *Registry) Seat(c routing.SeatChange) {
	r.seats.mu.Lock()
	defer r.seats.mu.Unlock()
	r.seats.pending = append(r.seats.pending, c)
	if len(r.seats.pending) == 1 {
		time.AfterFunc(seatPause, r.writeSeats)
	}
}

// writeSeats gives what has been gathered to the scribe.
func (r *Registry) writeSeats() {
	r.seats.mu.Lock()
	changes := r.seats.pending
	r.seats.pending = nil
	r.seats.mu.Unlock()
	if len(changes) == 0 {
		return
	}
	body := SeatLog{ID: ulid.Make().String(), Changes: make([]SeatChange, len(changes))}
	for i, c := range changes {
		body.Changes[i] = SeatChange{
			At: moment(c.At), Agent: c.Agent, What: c.What, From: c.From, To: c.To, Cause: c.Cause,
			By: c.By, Call: call.ID(c.Call), Queue: c.Queue, Since: moment(c.Since),
		}
	}
	if !r.box.put(&request{kind: KindSeats, body: body, retry: true, done: make(chan error, 1)}) {
		r.log.Warn("changes of seats came after the journal was closed", "changes", len(changes))
	}
}

package outbox

import (
	"encoding/json"

	"weibao/record"
)

// message is what systems outside get, in the shape of standard-webhooks.
type message struct {
	ID        string        `json:"id"`
	Type      string        `json:"type"` // filing.made, filing.outcome, filing.correction
	Timestamp record.Moment `json:"timestamp"`
	Data      record.Filing `json:"data"`
}

// body is the message of an event: the same bytes at every attempt. Telephone
// numbers are masked unless whole ones are agreed with the receiver.
func body(e Event, whole bool) ([]byte, error) {
	f, err := e.Report()
	if err != nil {
		return nil, err
	}
	if !whole {
		f = f.Masked()
	}
	return json.Marshal(message{ID: e.ID, Type: "filing." + string(e.Kind), Timestamp: record.MomentOf(e.At), Data: f})
}

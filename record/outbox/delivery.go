package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"weibao/record"
)

// Event is something that happened to a filing, on its way to a receiver.
type Event struct {
	// ID is the same at every attempt, for every receiver and at every gateway.
	ID     string             `json:"id"`
	Filing string             `json:"filing"`
	Kind   record.FilingEvent `json:"kind"`
	At     time.Time          `json:"at"`
	// Body is the filing as it stood then, with whole numbers.
	Body json.RawMessage `json:"-"`
}

// Report reads the filing as it stood when the event happened.
func (e Event) Report() (record.Filing, error) {
	var f record.Filing
	if err := json.Unmarshal(e.Body, &f); err != nil {
		return f, fmt.Errorf("read the filing of %s: %w", e.ID, err)
	}
	return f, nil
}

// Delivery is an attempt to bring an event to a receiver.
type Delivery struct {
	Event
	Receiver string
	// Attempt counts from 1.
	Attempt int
	// Since is from when it has been tried.
	Since time.Time
	lease string
}

// Receipt is what a receiver has said.
type Receipt struct {
	// AnsweredAt is when somebody answered the telephone; zero elsewhere.
	AnsweredAt time.Time
	// AcknowledgedAt is zero while the receiver has the event but has not
	// acknowledged it.
	AcknowledgedAt time.Time
	// By is who acknowledged.
	By string
	// Detail is for people who look at the steps.
	Detail string
	// Again is after how long an event that was brought but not acknowledged is
	// brought again; 0 for never.
	Again time.Duration
}

// Sender brings an event to one receiver. The context ends after the
// receiver's Limit. An error means that it was not brought, and comes again;
// one that wraps ErrFinal does not.
type Sender interface {
	Send(ctx context.Context, d Delivery) (Receipt, error)
}

// Broken stands for a receiver that can not be used as it is configured: what
// it is owed is kept, alarms, and goes when it has been mended.
type Broken struct{ Fault error }

// Send implements Sender.
func (b Broken) Send(context.Context, Delivery) (Receipt, error) { return Receipt{}, b.Fault }

// Returner is a Sender whose acknowledgements come back by themselves, later.
type Returner interface {
	Sender
	// Returned are the acknowledgements that have come. One that is settled is
	// told back by Settled; until then it may be returned again.
	Returned(ctx context.Context) ([]Returned, error)
	Settled(ctx context.Context, r Returned, known bool) error
}

// Returned is an acknowledgement that came back by itself.
type Returned struct {
	Event  string
	By     string
	Detail string
	// Name is the sender's own name for it.
	Name string
}

// ErrFinal is wrapped by what trying again can not mend.
var ErrFinal = errors.New("not tried again")

// State is how a delivery stands.
type State string

// The states of a delivery.
const (
	Waiting      State = "waiting"      // not brought yet
	Sent         State = "sent"         // brought, not acknowledged
	Acknowledged State = "acknowledged" // done
	GivenUp      State = "given_up"     // tried for a day, or final
	Withdrawn    State = "withdrawn"    // the filing has another number
)

// Open reports whether somebody still has to see to it.
func (s State) Open() bool { return s == Waiting || s == Sent || s == GivenUp }

// Receiver is somebody or something that is told of filings.
type Receiver struct {
	// Name is unique and stays: deliveries are kept under it.
	Name string
	// Kind is desk, hook, drop or phone: for people.
	Kind string
	// Owner looks after what this receiver does not acknowledge.
	Owner string
	// Events are what it is told of; all when empty.
	Events []record.FilingEvent
	// People says that a person's acknowledgement of the filing is one of the
	// delivery.
	People bool
	// Limit bounds one attempt.
	Limit time.Duration
	Sender
}

func (r Receiver) validate() error {
	if r.Name == "" || r.Owner == "" || r.Limit <= 0 || r.Sender == nil {
		return fmt.Errorf("receiver %q: needs a name, an owner, a limit and a sender", r.Name)
	}
	return nil
}

// events is the form of the database.
func (r Receiver) events() string {
	all := r.Events
	if len(all) == 0 {
		all = []record.FilingEvent{record.FilingMade, record.FilingOutcome, record.FilingCorrected}
	}
	var words strings.Builder
	words.WriteString(" ")
	for _, event := range all {
		words.WriteString(string(event) + " ")
	}
	return words.String()
}

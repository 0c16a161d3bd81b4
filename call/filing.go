package call

import (
	"time"

	"weibao/routing"
)

// Filing is the report to the province (报备) that goes with every call to
// 110: 吉民发〔2022〕2号 二(二)1 makes the transfer and the filing one act.
// Its number is made by the registry before the call to 110 is placed.
type Filing struct {
	Number   string // set by the registry when it is empty
	Call     ID
	Category string
	Place    string // region code of the child's place
	Region   string // through whose line the call came
	Agent    routing.AgentID
	Caller   routing.Number
	MadeAt   time.Time
}

// Attempt is one number dialled for a transfer and what became of it.
type Attempt struct {
	Number    string    `json:"number"`
	Leg       LegID     `json:"leg"`
	DialledAt time.Time `json:"dialled_at"`
	PickedAt  time.Time `json:"picked_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	Result    string    `json:"result"`
	Detail    string    `json:"detail,omitempty"`
}

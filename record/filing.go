package record

import (
	"weibao/call"
	"weibao/routing"
)

// Filing is the report to the province (报备) that goes with a call to 110.
// 吉民发〔2022〕2号 二(二)1: the transfer and the filing are one act.
type Filing struct {
	Number   string          `json:"number"`
	Call     call.ID         `json:"call"`
	Category string          `json:"category"`
	Place    string          `json:"place"`  // region code of the child's place
	Region   string          `json:"region"` // through whose line the call came
	Agent    routing.AgentID `json:"agent"`
	Caller   routing.Number  `json:"caller"`

	FilingDetails

	MadeAt Moment `json:"made_at"`
	// FsyncedAt is when the journal's line was on the disk; zero when the
	// process ended before it could tell.
	FsyncedAt Moment `json:"fsynced_at,omitzero"`

	Attempts    []Attempt `json:"attempts"`
	Outcome     string    `json:"outcome"` // of the call to 110; "" while it is open
	ConcludedAt Moment    `json:"concluded_at,omitzero"`
	AckedAt     Moment    `json:"acked_at,omitzero"`
	AckedBy     string    `json:"acked_by,omitempty"`

	// PoliceCase is 110's own number of the case (警单号) as it stands now, and
	// Result what came of it.
	PoliceCase string `json:"police_case,omitempty"`
	Result     string `json:"result,omitempty"`
	// Entries are what was entered since, the oldest first.
	Entries []FilingEntry `json:"entries,omitempty"`

	// Replaces is the number that the same filing would have had, had the
	// journal taken it at once. A row of that number gives way to this one.
	Replaces string `json:"replaces,omitempty"`
	Sequence int64  `json:"sequence,omitzero"`
}

// FilingDetails are what a filing says of the emergency itself.
type FilingDetails struct {
	// Items are the numbers of the situations that must be reported
	// (侵害未成年人案件强制报告意见).
	Items []int `json:"items,omitempty"`
	// PlaceWords is the place with the units above it.
	PlaceWords string `json:"place_words,omitempty"`
	Language   string `json:"language,omitempty"`
	// Form is what the seat has written down.
	Form map[string]string `json:"form,omitempty"`
	// Notice says what is still to be put right.
	Notice string `json:"notice,omitempty"`
}

// filingOf is the row of a filing as a call asks for it.
func filingOf(f call.Filing) Filing {
	return Filing{
		Number: f.Number, Call: f.Call, Category: f.Category, Place: f.Place, Region: f.Region,
		Agent: f.Agent, Caller: f.Caller, MadeAt: moment(f.MadeAt), Attempts: []Attempt{},
		FilingDetails: FilingDetails{Items: f.Items, PlaceWords: f.PlaceWords, Language: f.Language, Form: f.Form, Notice: f.Notice},
	}
}

// Conclusion is what became of the call to 110.
type Conclusion struct {
	Number      string    `json:"number"`
	Outcome     string    `json:"outcome"`
	Attempts    []Attempt `json:"attempts"`
	ConcludedAt Moment    `json:"concluded_at"`
	FsyncedAt   Moment    `json:"fsynced_at,omitzero"` // of the filing's own line
}

// Ack says that a person of the province has read the filing. The first one
// counts.
type Ack struct {
	Number string `json:"number"`
	By     string `json:"by"`
	At     Moment `json:"at"`
}

// AlarmText is something that a person had to look at.
type AlarmText struct {
	What   string `json:"what"`
	Detail string `json:"detail"`
	Bytes  []byte `json:"bytes,omitempty"` // of a line that was cut off
}

// Change is a row that the catch-up writes to the store: a Record, Filing,
// FilingEntry, Conclusion, Ack, GuideText, Override, HandOver, Promise, Settlement,
// NumberMark, Seal, Hold, Purge, Play, or a GuideUse or AlarmText (which stay in the journal).
type Change interface{ change() }

func (Record) change()     {}
func (Filing) change()     {}
func (Conclusion) change() {}
func (Ack) change()        {}
func (AlarmText) change()  {}

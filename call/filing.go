package call

import (
	"maps"
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
	Items    []int  // of mandatory reporting, see FilingRules
	Place    string // region code of the child's place
	// PlaceWords is the same with the units above it, for reading out.
	PlaceWords string
	Region     string // through whose line the call came
	Language   string // that the caller has chosen; "" when none was
	Agent      routing.AgentID
	Caller     routing.Number
	// Form is what the seat had written down by then.
	Form map[string]string
	// Notice says what is still to be put right; "" for nothing.
	Notice string
	MadeAt time.Time
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

// filingOf is the filing of a transfer as it is asked for.
func (t *turn) filingOf(tr Transfer) Filing {
	return Filing{
		Call: t.c.ID, Category: tr.Category, Items: t.g.filing().ItemsOf(tr.Category), Place: tr.Place, PlaceWords: t.g.placeWords(tr.Place),
		Region: t.c.Region, Language: t.c.Walk.Language, Agent: tr.By, Caller: t.c.Number,
		Form: maps.Clone(t.c.Note), Notice: tr.Notice, MadeAt: t.at,
	}
}

// amend adds to the filings of the call what a seat has written down since: the
// hand-over sheet is read out while 110 is being rung.
func (t *turn) amend(by routing.AgentID, fields map[string]string) {
	for i := range t.c.Transfers {
		if number := t.c.Transfers[i].Filing; number != "" {
			t.do(AmendNotice{Number: number, By: by, Form: maps.Clone(fields)})
		}
	}
	switch tr := &t.c.Transfer; {
	case tr.Filing != "":
		t.do(AmendNotice{Number: tr.Filing, By: by, Form: maps.Clone(fields)})
	case tr.Files:
		tr.Amended = true // as soon as there is a number
	}
}

// amended adds what was written between the press and the filing.
func (t *turn) amended() {
	if tr := &t.c.Transfer; tr.Amended && tr.Filing != "" {
		tr.Amended = false
		t.do(AmendNotice{Number: tr.Filing, By: tr.By, Form: maps.Clone(t.c.Note)})
	}
}

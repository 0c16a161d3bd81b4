package call

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Snapshots keep the calls that are live, so that a later life of the gateway
// goes on with each where it was. They are a help and never a condition: a
// call without one is taken up by what Asterisk shows. It is implemented by
// package cti.
type Snapshots interface {
	// Keep takes a call as it is now; what was kept of it before is replaced. It
	// never waits, and it may be a moment until the store has it.
	Keep(c Call)
	// Drop forgets a call that has ended.
	Drop(id ID)
	// Load returns what an earlier life has kept, for [Thaw].
	Load(ctx context.Context) (map[ID][]byte, error)
}

// snapshotVersion is of the shape of a snapshot. It grows with every change
// after which a reader of the old shape would go on wrongly; a field that is
// added is not such a change.
const snapshotVersion = 1

// snapshot is a call as it is kept.
type snapshot struct {
	Version int `json:"v"`
	// Listening and Since are the part of the attendance that is not public:
	// in which state the caller is, and since when.
	Listening attention `json:"listening,omitzero"`
	Since     time.Time `json:"since,omitzero"`
	Call      Call      `json:"call"`
}

// Freeze writes a call down for a later life of the gateway. The decision of
// the plan goes without its steps and its trace: whoever thaws the call asks
// the plan the same question again.
func Freeze(c Call) ([]byte, error) {
	for _, s := range []*Search{&c.Search, &c.Help} {
		s.Decision.Steps, s.Decision.Trace = nil, nil
	}
	text, err := json.Marshal(snapshot{
		Version: snapshotVersion, Listening: c.Attended.state, Since: c.Attended.since, Call: c,
	})
	if err != nil {
		return nil, fmt.Errorf("freeze call %s: %w", c.ID, err)
	}
	return text, nil
}

// Thaw is the reverse of [Freeze]. The error says why a snapshot can not be
// used; the call is then taken up without it.
func Thaw(text []byte) (Call, error) {
	var head struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return Call{}, fmt.Errorf("thaw a call: %w", err)
	}
	if head.Version != snapshotVersion {
		return Call{}, fmt.Errorf("thaw a call: the snapshot has shape %d, this gateway reads shape %d", head.Version, snapshotVersion)
	}
	var s snapshot
	if err := json.Unmarshal(text, &s); err != nil {
		return Call{}, fmt.Errorf("thaw a call: %w", err)
	}
	if len(s.Call.Legs) == 0 {
		return Call{}, fmt.Errorf("thaw call %s: it has no caller", s.Call.ID)
	}
	s.Call.Attended.state, s.Call.Attended.since = s.Listening, s.Since
	return s.Call, nil
}

package call

import (
	"cmp"
	"slices"
	"time"
)

// Missing is a call that has arrived, lives no more and is in no record: a
// difference in the ledger of promise 5, by name.
type Missing struct {
	ID      ID
	Arrived time.Time
	// Why is the error of the record, for the log. It holds no number of the
	// caller.
	Why string
}

// ledger has an account for every arrival until it is accounted for, so that a
// difference can name the calls. It belongs to the exchange and is used under
// its lock.
type ledger map[ID]*account

// account is the open line of one arrival.
type account struct {
	arrived time.Time
	outcome Outcome // how it ended; empty while it lives
	kept    bool    // the record is on the disk, by the registry's word
	why     string
}

// close takes the end of a call in and reports whether it is accounted for. A
// record of which the registry has said that it is on the disk is there,
// whatever the answer to Keep was.
func (l ledger) close(c *Call, err error) bool {
	a := l[c.ID]
	if err == nil || a != nil && a.kept {
		delete(l, c.ID)
		return true
	}
	if a != nil {
		a.outcome, a.why = c.Ending.Outcome, err.Error()
	}
	return false
}

// missing are the calls that are neither live nor accounted for, oldest first.
func (l ledger) missing(live map[ID]*session) []Missing {
	var all []Missing
	for id, a := range l {
		if live[id] == nil {
			all = append(all, Missing{ID: id, Arrived: a.arrived, Why: cmp.Or(a.why, "the call is gone without a record")})
		}
	}
	slices.SortFunc(all, func(a, b Missing) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Kept is told that the record of a call is on the disk, however late: a disk
// that was full for a while leaves no difference behind. It may be told before
// the end of Keep, and of calls that are nobody's.
func (x *Exchange) Kept(id ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	a := x.ledger[id]
	switch {
	case a == nil:
	case a.outcome == "":
		a.kept = true
	default:
		x.stats.Ended[a.outcome]++
		delete(x.ledger, id)
	}
}

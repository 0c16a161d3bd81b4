package call

import "slices"

// watchPromises counts commands that would break a promise of the product; see
// [Stats]. The counters are looked at by every end-to-end test.
func (x *Exchange) watchPromises(c *Call, cmd Command) {
	switch cmd := cmd.(type) {
	case Release:
		byAgent := slices.ContainsFunc(c.Journey, func(e Entry) bool { return e.What == "HANGUP" })
		caller := !c.Unconfirmed() && !c.Placed.own() // whom we rang is none before it has confirmed
		if cmd.Leg == c.Caller().ID && !byAgent && caller {
			x.count(func(s *Stats) { s.HungUp++ })
		}
	case Dial:
		if cmd.Trunk == TrunkPolice && !slices.ContainsFunc(c.Journey, func(e Entry) bool { return e.What == "FILED" }) {
			x.count(func(s *Stats) { s.Unfiled++ })
		}
	}
}

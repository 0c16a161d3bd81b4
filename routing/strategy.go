package routing

import (
	"cmp"
	"strconv"
	"time"
)

// Strategy says which of several free seats is rung. The words are those of
// app_queue.
type Strategy string

// The strategies.
const (
	// LeastRecent rings the seat that has been idle longest. The default.
	LeastRecent Strategy = "leastrecent"
	// FewestCalls rings the seat with the fewest talks in its shift.
	FewestCalls Strategy = "fewestcalls"
	// Linear rings from the top: the smallest number that is free.
	Linear Strategy = "linear"
	// RRMemory goes round: the seat whose last ring is longest ago, answered or
	// not.
	RRMemory Strategy = "rrmemory"
)

// Strategies are all of them, the default first.
func Strategies() []Strategy { return []Strategy{LeastRecent, FewestCalls, Linear, RRMemory} }

// reason is why a seat was rung before the others that are free.
func (s Strategy) reason(a Agent, at time.Time) (fact, got string) {
	switch s {
	case FewestCalls:
		return FactCalls, strconv.Itoa(a.Calls)
	case Linear:
		return FactFirst, string(a.ID)
	case RRMemory:
		return FactRound, at.Sub(a.Rung).Round(time.Second).String()
	case LeastRecent:
	}
	return FactIdle, at.Sub(a.Idle).Round(time.Second).String()
}

// order compares seats: negative when a is rung before b. No two seats are
// equal, so that every gateway finds the same one.
func (s Strategy) order() func(a, b Agent) int {
	switch s {
	case FewestCalls:
		return func(a, b Agent) int {
			return cmp.Or(cmp.Compare(a.Calls, b.Calls), a.Idle.Compare(b.Idle), cmp.Compare(a.ID, b.ID))
		}
	case Linear:
		return func(a, b Agent) int { return cmp.Compare(a.ID, b.ID) }
	case RRMemory:
		return func(a, b Agent) int { return cmp.Or(a.Rung.Compare(b.Rung), cmp.Compare(a.ID, b.ID)) }
	case LeastRecent:
	}
	return func(a, b Agent) int { return cmp.Or(a.Idle.Compare(b.Idle), cmp.Compare(a.ID, b.ID)) }
}

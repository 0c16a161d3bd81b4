package routing

import (
	"fmt"
	"strings"
)

// TargetKind says what sort of place a call can go to. There is no kind that
// ends a call: "hang up" is not a target.
type TargetKind uint8

// The kinds of target.
const (
	NoTarget TargetKind = iota
	ToQueue
	// ToPool is several queues at once.
	ToPool
	ToAgent
	ToDuty
	ToPolice
	ToNumber
)

// RegionName in a target stands for the region that the call belongs to,
// NeighbourName for those of the cities beside it.
const (
	RegionName    = "region"
	NeighbourName = "neighbours"
)

// Target is where a call can go: a queue, a pool of queues, a seat, the duty officer of a post,
// the police of a place, or a number from the allowed list.
type Target struct {
	Kind TargetKind
	// Name is the queue, the pool, the agent, the post's region code, or the number.
	// For ToPolice it is empty: the child's place decides.
	Name string
}

// ParseTarget reads the written form: "110", "queue:NAME", "pool:NAME",
// "agent:ID", "duty:REGION" or "number:DIGITS".
func ParseTarget(s string) (Target, error) {
	if s == "110" {
		return Target{Kind: ToPolice}, nil
	}
	kind, name, found := strings.Cut(s, ":")
	if !found || name == "" {
		return Target{}, fmt.Errorf("target %q: want 110, queue:NAME, pool:NAME, agent:ID, duty:REGION or number:DIGITS", s)
	}
	switch kind {
	case "queue":
		return Target{Kind: ToQueue, Name: name}, nil
	case "pool":
		return Target{Kind: ToPool, Name: name}, nil
	case "agent":
		return Target{Kind: ToAgent, Name: name}, nil
	case "duty":
		return Target{Kind: ToDuty, Name: name}, nil
	case "number":
		if !Digits(name) {
			return Target{}, fmt.Errorf("target %q: a number is digits only", s)
		}
		return Target{Kind: ToNumber, Name: name}, nil
	}
	return Target{}, fmt.Errorf("target %q: unknown kind %q, want 110, queue:NAME, pool:NAME, agent:ID, duty:REGION or number:DIGITS", s, kind)
}

// String is the written form that ParseTarget reads.
func (t Target) String() string {
	switch t.Kind {
	case ToQueue:
		return "queue:" + t.Name
	case ToPool:
		return "pool:" + t.Name
	case ToAgent:
		return "agent:" + t.Name
	case ToDuty:
		return "duty:" + t.Name
	case ToPolice:
		return "110"
	case ToNumber:
		return "number:" + t.Name
	case NoTarget:
	}
	return ""
}

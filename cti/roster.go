package cti

import (
	"cmp"
	"fmt"
	"slices"

	"weibao/routing"
)

// Role says what a login may do. The roles are ordered: each may see what the
// ones before it may.
type Role uint8

// The roles. NoRole is for routes that need no login.
const (
	NoRole Role = iota
	// RoleAgent takes calls: it sees its own calls and the lines it serves.
	RoleAgent
	// RoleSupervisor leads a shift: it sees every call and may act on it.
	RoleSupervisor
	// RoleProvince is the provincial desk: it sees every call and the filings,
	// and acts on its own calls only.
	RoleProvince
	// RoleAdmin changes the configuration.
	RoleAdmin
)

var roleNames = [...]string{"none", "agent", "supervisor", "province", "admin"}

// String is the word of agents.yaml and of the API.
func (r Role) String() string { return roleNames[r] }

// MarshalText writes the word of the API.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// ParseRole reads the word of agents.yaml.
func ParseRole(s string) (Role, error) {
	if i := slices.Index(roleNames[1:], s); i >= 0 {
		return Role(i + 1), nil
	}
	return NoRole, fmt.Errorf("role %q: want agent, supervisor, province or admin", s)
}

// SeesAll reports whether the role sees the calls of others.
func (r Role) SeesAll() bool { return r >= RoleSupervisor }

// ActsOnAll reports whether the role may act on the calls of others.
func (r Role) ActsOnAll() bool { return r == RoleSupervisor || r == RoleAdmin }

// Seat is a person who may log in, as agents.yaml names it. It holds no
// secrets; those are in [Logins].
type Seat struct {
	ID        routing.AgentID `json:"id"`
	Name      string          `json:"name"`
	Region    string          `json:"region"`
	Skills    []string        `json:"skills"`
	Languages []string        `json:"languages"`
	Queues    []string        `json:"queues"`
	Role      Role            `json:"role"`
}

// Roster is everybody who may log in. It is never changed after it was made;
// a reload makes a new one and swaps it in one step.
type Roster struct {
	byID map[routing.AgentID]Seat
	all  []Seat
}

// NewRoster makes a roster. Of seats with the same id the last one counts; the
// reader of the configuration refuses such a file before.
func NewRoster(seats []Seat) *Roster {
	r := &Roster{byID: make(map[routing.AgentID]Seat, len(seats))}
	for _, seat := range seats {
		seat.Skills = slices.Clone(seat.Skills)
		seat.Languages = slices.Clone(seat.Languages)
		seat.Queues = slices.Clone(seat.Queues)
		r.byID[seat.ID] = seat
	}
	for _, seat := range r.byID {
		r.all = append(r.all, seat)
	}
	slices.SortFunc(r.all, func(a, b Seat) int { return cmp.Compare(a.ID, b.ID) })
	return r
}

// Find returns the seat of that id. A nil roster has none.
func (r *Roster) Find(id routing.AgentID) (Seat, bool) {
	if r == nil {
		return Seat{}, false
	}
	seat, ok := r.byID[id]
	return seat, ok
}

// All returns every seat ordered by id. The slice must not be changed.
func (r *Roster) All() []Seat {
	if r == nil {
		return nil
	}
	return r.all
}

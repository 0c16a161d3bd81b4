package routing

import (
	"cmp"
	"time"
)

// Rank orders the states by how far they are in the life of an override:
// asked, accepted, approved, and then what nobody can open again. A state that
// is not known goes before all.
func (s OverrideState) Rank() int {
	switch s {
	case Asked:
		return 1
	case Accepted:
		return 2
	case Approved:
		return 3
	case Refused, Withdrawn:
		return 4
	}
	return 0
}

// Settled is when the override came to the state that it is in.
func (o Override) Settled() time.Time { return o.settled() }

// Supersedes reports whether o counts and not other, another state of the same
// override: the one that is further in its life, of two as far the later
// settled. So gateways that lost sight of each other, and a journal that is
// read twice, come to the same answer whatever they heard first.
func (o Override) Supersedes(other Override) bool {
	return cmp.Or(
		cmp.Compare(o.State.Rank(), other.State.Rank()),
		o.settled().Compare(other.settled()),
		cmp.Compare(o.signed(), other.signed()),
	) > 0
}

// signed is who brought it to the state that it is in.
func (o Override) signed() string {
	if len(o.Steps) == 0 {
		return ""
	}
	return o.Steps[len(o.Steps)-1].By
}

// Supersedes reports whether h counts and not other, a note of the same post:
// the later one.
func (h HandOver) Supersedes(other HandOver) bool {
	return cmp.Or(h.At.Compare(other.At), cmp.Compare(h.By, other.By), cmp.Compare(h.Text, other.Text)) > 0
}

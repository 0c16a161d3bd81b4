// Package cti is the people's side of the gateway: who is present, who is
// working, which seat is offered to which caller, and the API and push that
// the desks and wallboards use.
//
// The floor. A [Dispatcher] is one goroutine that owns the line and the seats
// as its gateway sees them. It asks routing.Floor who gets whom, and makes
// each pairing hold by one atomic step on the shared [Standings]: a claim,
// under a fence that only grows. So several gateways with the same view come
// to the same decision, and where their views differ the claim decides. What
// an agent says (presence) and what is seen of it (work) are two things, and
// every work but free names the call that owns it, the gateway where that
// call lives, and a deadline at which somebody asks whether it still does.
//
// Why the floor never waits for Redis. Each seat is changed in memory first
// and written behind, at most one write of a seat on its way, the newest
// state winning; only an offer waits for its claim, and no longer than the
// patience for one write. When Redis does not answer, the claims on their way
// and all later ones hold in memory alone. When it is back, both sides are
// merged with what was last known to be stored as the common past: what only
// one side has changed is kept, and of two works for one seat the one with
// the later claim. A Redis that has lost writes, or everything, believes the
// gateway, because a Swap is refused only by a fence above the one it names.
package cti

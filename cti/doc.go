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
// Several gateways. Each tells the others in [Tickets] who waits with it, one
// notice for all that has changed since the last, and a sign of life between.
// Each pairs over the tickets of all that show one, and acts only on its own:
// a pairing for the ticket of another leaves the seat to that gateway for a
// moment. If nobody takes it, the tickets of that gateway are passed over for
// a while, so that one which is slow, or sees other seats, costs the callers
// of the others little. Who is there, what was left in vain, and whether the
// work of a gateway that can not be seen may be ended are timed by the
// process's own clock: clocks of different machines differ, and jump.
//
// A gateway that starts again. Seats whose call is gone are free at once. A
// ring that its earlier life had begun is a call's only if the call says so;
// else the seat is free when the call comes into line, at the head and with
// its age.
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

// Package phone is a SIP telephone with a mouth and ears, for the demo, the
// end-to-end tests and load.
//
// A [Phone] has one SIP socket and any number of calls at once, so the same
// type plays a citizen, a seat, a police desk, a duty officer or a whole
// carrier that takes calls for every number. Media are real: RTP with G.711
// A-law in packets of 20 ms, and RFC 4733 digits.
//
// While in a call a phone speaks one pure tone, and its ears know the tones of
// the others. So a test asks who hears whom, from when to when, and not only
// what was signalled:
//
//	child.Hears(ctx, seatTone)                       // waits
//	child.Heard().LongestGap(from, to, seat, police) // the time alone
//
// Everything that waits does so on a signal and is bounded by its context.
// What a phone does with calls that come in is a [Behaviour]; without one they
// arrive on [Phone.Incoming].
//
// # Why
//
// The dialogs are our own, on the transactions of sipgo: its DialogServerSession
// waits for the ACK by polling and keeps the last response unguarded, which the
// race detector finds as soon as a re-INVITE meets a BYE.
//
// Ears place each packet on the sender's clock (RTP time stamps, anchored to the
// earliest arrivals), so a test machine that stalls for 100 ms does not look like
// a gap in the talk.
package phone

// Package outbox brings filings (报备) to people and systems outside, and does
// not rest until each has said that it has them.
//
// What is to be told is derived, never written by hand: the line of the
// journal that makes, concludes or corrects a filing enters SQL together with
// one delivery for each receiver, in one transaction (package record, told.go).
// So a database that was away only makes the delivery later, and no call waits
// for any of this.
//
// # A delivery
//
// Each receiver has a worker of its own, so a slow one delays nobody else. The
// worker claims a delivery under a lease, tries it, and writes what came of it;
// every attempt is a step on the record with its times. Gateways that share a
// database each have a worker for the same receiver: the claim is one statement
// that only one of them wins, and the lease of a gateway that was killed runs
// out. The id of an event is the same at every attempt and at every gateway, so
// a receiver that gets one twice can tell; the first acknowledgement counts. An
// event of a filing waits for the one before it, at that receiver.
//
// What fails comes again after a pause that doubles, with jitter, for a day;
// then it is given up, which alarms, and stands in the daily list with its
// owner until somebody tries it again or the filing is acknowledged.
//
// # Who acknowledges
//
// A web hook by a status of 2xx, a drop folder by a receipt that is put back,
// the desk and the telephone by a person: either one acknowledges the filing
// itself, and with it what the other is still waiting for.
//
// # Why own code
//
// River, the library that does this well, needs PostgreSQL, and SQLite is what
// one gateway runs on; libraries for both keep a job's payload in a queue that
// is filled by hand, where ours follows from the journal. The pause between
// attempts must outlive a restart and follows from the number of attempts
// alone, which is three lines; libraries such as cenkalti/backoff keep it in a
// loop in memory.
package outbox

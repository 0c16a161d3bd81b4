// Package call is the life of one call: from the first ring through menu,
// line, talk and transfer to its record.
//
// [Next] is the whole behaviour: a total, pure function from a call and an
// event to the call as it is then and the commands that follow. It has no
// clock; the time comes in events, timers go out as commands. So a recorded
// call replays, and random orders of events are a property test. A session
// is the goroutine that owns one call: it takes events from a mailbox that
// never drops, asks Next, and carries the commands out on the ports that
// asterisk, cti and record implement. The [Exchange] holds all sessions.
//
// Its first promise is that a child is never alone: see [Call.Alone].
package call

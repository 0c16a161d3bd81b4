// Package asterisk speaks ARI to one Asterisk 22: it implements call.Line and
// brings what happens there to the calls.
//
// [Line.Run] keeps the event socket and the picture of the node; the
// operations of [Line] are REST requests under ids that we choose, so that each
// is harmless when repeated. After every connect, and every few seconds, the
// node is swept: legs that are gone are told, callers whom nobody owns are
// given to a call, legs and bridges that nobody owns are taken away.
//
// # Why not all of the library
//
// Of github.com/CyCoreSystems/ari v5.3.1 only the names of the events and the
// data structs are used. Its socket ends the process on an event type it
// does not know and drops events silently; its requests have no time limit, no
// context and no http.Client of one's own, leave bodies unread so that every
// connection is used once, hide the status behind Data, and lack what a call
// needs most: two legs in one addChannel, lists of media, variables on create,
// the event filter. What is left of it for REST would be shorter than the ways
// around it, so requests are our own here (client.go), and events are read into
// one struct with the fields that we use (translate.go).
//
// # What was learnt from Asterisk 22.10.1
//
// Each rule stands beside the code that follows it; the ones that surprise:
//
//   - A leg is created, put into its room, and only then dialled: a party who
//     answers while the gateway is dead meets the caller all the same.
//   - A created channel may not be in Stasis yet when the request returns; up to
//     one in ten dials at once is refused with 409. Dial asks again.
//   - A second dial of a channel that is being dialled destroys it. A leg is
//     dialled once, and only by who created it.
//   - The commands of a channel are serial: behind a running prompt a join waits
//     for its end. Quiet comes first.
//   - Playing over hold music ends the music for good.
//   - Who is played to in a room neither hears the others nor is heard by them
//     until the prompt ends. A whisper belongs before the join.
//   - A tone never ends by itself.
//   - A bridge that is destroyed takes its recording with it without a word; the
//     recording is stopped first.
//   - A caller's channel gets StasisEnd and nothing after it; a placed leg gets
//     ChannelDestroyed. Some channels enter the application again while they
//     are being hung up; an id that has left never comes back.
//   - Subscribing to an endpoint doubles every event of its calls, keys included.
//     The device of a seat's phone tells the same and only that.
package asterisk

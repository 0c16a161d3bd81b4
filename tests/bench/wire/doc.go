// Package wire is telephones for measuring: many callers and many seats on two
// UDP sockets, with the time of every message on the wire. A message that
// comes in has the time that the kernel took it; one that goes out the time
// just before it is given to the kernel.
//
// They know of SIP what a measurement needs, so that they cost the machine
// little beside what is measured: register with digest, answer OPTIONS, call,
// ring, answer, hang up, and press one key by RTP (RFC 4733). What is heard
// goes to a socket that nobody reads. Telephones with ears are in
// cmd/phones/phone.
package wire

// Package record keeps what must not be lost: the record of every call, the
// filings (报备) that go with a call to 110, and the configuration that they
// were handled under.
//
// The order is always the same. First the [Journal]: one line in a local,
// append-only, hash-chained file, on the disk before the caller of
// [Registry.Keep] or [Registry.File] goes on. Then, by a worker of its own,
// the [Store]: SQLite or PostgreSQL, which screens and searches read. A
// database that is slow, full or gone holds up no call; the worker catches up
// from the journal, and the mark of how far it has come is moved in the same
// transaction as the rows, so that nothing is applied twice or left out.
//
// # Why a journal of our own
//
// The rule that 110 is never called without a filing on the disk, and never
// later because of one, leaves no room for a database: its commit may wait for
// a lock, a network, a checkpoint. An append to space that is already
// allocated is one write and one flush. And a text file of JSON lines can be
// read, copied and checked in ten years with nothing but this page: see
// [Verify].
//
// # Where to look
//
// The package is larger than others because the three belong to one promise
// and share one set of rows: rows (record.go, filing.go, guide.go, fromcall.go,
// mask.go, recording.go, numbers.go, duty.go), journal (line.go, segment.go,
// scan.go, journal.go, reader.go, verify.go, duty_reader.go), registry
// (registry.go, mailbox.go, scribe.go, clerk.go), store (store.go, open.go,
// sql.go, query.go, duty_sql.go) and what shows them (http.go, export.go).
// The presence log of the seats has the same way and its own files (seatlog*.go).
package record

package record

import (
	"cmp"
	"crypto/rand"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weibao/call"
)

// Tape is everything that is known of the recording of one call.
type Tape struct {
	Record Record
	Seals  []Seal
	Holds  []Hold  // all that ever were, the first made first
	Purges []Purge // the same; at most the last is not withdrawn
	Plays  []Play  // the same
}

// Held reports whether somebody wants the recording kept.
func (t Tape) Held() bool {
	return slices.ContainsFunc(t.Holds, func(h Hold) bool { return h.LiftedAt.IsZero() })
}

// Purged is the stub that stands in the place of the recording; nil while it is
// there.
func (t Tape) Purged() *Purge {
	if n := len(t.Purges); n > 0 && t.Purges[n-1].State != PurgeWithdrawn {
		return &t.Purges[n-1]
	}
	return nil
}

// Where is the file in which one file of the recording is now: itself, or its
// encrypted form.
func (t Tape) Where(p RecordingPart) (path string, sealed bool) {
	for _, s := range t.Seals {
		if s.Name == filepath.Base(p.File) {
			return s.File, true
		}
	}
	return p.File, false
}

// Seal says that a file of a recording is kept encrypted from now on.
type Seal struct {
	Call call.ID `json:"call"`
	// Name is that of the plain file, Plain the SHA-256 of its content: of the
	// encrypted file, opened, too.
	Name  string `json:"name"`
	Plain string `json:"plain_sha256"`
	// File is the encrypted file, SHA256 the hash of its bytes, by which it can
	// be checked without the key.
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size_bytes"`
	Cipher string `json:"cipher"`
	Key    string `json:"key"` // the name of the key; nothing of its secret
	At     Moment `json:"at"`
}

// Hold keeps a recording from being purged, for as long as it is not lifted.
type Hold struct {
	ID         string  `json:"id"`
	Call       call.ID `json:"call"`
	By         string  `json:"by"`
	Reason     string  `json:"reason"`
	At         Moment  `json:"at"`
	LiftedAt   Moment  `json:"lifted_at,omitzero"`
	LiftedBy   string  `json:"lifted_by,omitempty"`
	LiftReason string  `json:"lift_reason,omitempty"`
}

// PurgeState is how far a purge has come.
type PurgeState string

// The states of a purge. PurgeDue is written before the first file is touched:
// a gateway that is killed goes on with it. PurgeWithdrawn says that a hold came
// in the last moment and nothing was touched.
const (
	PurgeDue       PurgeState = "due"
	PurgeWithdrawn PurgeState = "withdrawn"
	PurgeDone      PurgeState = "done"
)

// Purge is the stub that remains of a recording: who took it away, when, why,
// and what it was. It is signed, see [Signer].
type Purge struct {
	ID    string     `json:"id"`
	Call  call.ID    `json:"call"`
	State PurgeState `json:"state"`
	At    Moment     `json:"at"` // of this state
	By    string     `json:"by"` // the gateway, or a person
	Why   string     `json:"why"`
	Ended Moment     `json:"ended_at"` // of the call
	Files []Gone     `json:"files"`
	// Key is the public key, in hex, Signature that of the line without it.
	Key       string `json:"key,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// Gone is one file that was taken away.
type Gone struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // of the plain content
	Sealed string `json:"sealed_sha256,omitempty"`
}

// PlayState is what came of the wish to hear a recording.
type PlayState string

// The states of a play.
const (
	PlayAsked   PlayState = "asked"   // a second person must approve
	PlayGranted PlayState = "granted" // it may be heard
	PlayRefused PlayState = "refused"
)

// Play is that somebody wants to hear a recording, or to have it: who, when,
// what for, from where, who approved, and when it was heard.
type Play struct {
	ID      string    `json:"id"`
	Call    call.ID   `json:"call"`
	By      string    `json:"by"`
	At      Moment    `json:"at"`
	Purpose string    `json:"purpose"`
	What    string    `json:"what"`   // WhatPlay or WhatExport
	From    string    `json:"from"`   // the address of who asked
	Second  bool      `json:"second"` // of a sensitive kind: a second person decides
	State   PlayState `json:"state"`  //
	Until   Moment    `json:"until"`  // of the request, then of the leave to hear
	Decided Moment    `json:"decided_at,omitzero"`
	Decider string    `json:"decided_by,omitempty"`
	Reason  string    `json:"reason,omitempty"` // of the decision
	// HeardAt is when the sound was first fetched, HeardFrom from where.
	HeardAt   Moment `json:"heard_at,omitzero"`
	HeardFrom string `json:"heard_from,omitempty"`
}

// What somebody may want with a recording.
const (
	WhatPlay   = "play"
	WhatExport = "export"
)

// rank orders the states of a play, so that none is taken back.
func (p Play) rank() int {
	rank := map[PlayState]int{PlayAsked: 1, PlayRefused: 2, PlayGranted: 2}[p.State]
	if !p.HeardAt.IsZero() {
		rank = 3
	}
	return rank
}

// Open reports whether a request waits for a decision, or a leave to hear still
// holds.
func (p Play) Open(now time.Time) bool { return p.State != PlayRefused && now.Before(p.Until.Time) }

func (p Purge) rank() int {
	return map[PurgeState]int{PurgeDue: 1, PurgeWithdrawn: 2, PurgeDone: 3}[p.State]
}

func (Seal) change()  {}
func (Hold) change()  {}
func (Purge) change() {}
func (Play) change()  {}

// Keeping says how long recordings are kept and who may hear them. It is data
// of the configuration.
type Keeping struct {
	Usual  time.Duration            // of a recording of no other kind
	ByKind map[string]time.Duration // by the kind of matter; of several the longest counts
	// Sensitive are the kinds of which a second person must approve.
	Sensitive []string
	Ask       time.Duration // a request waits so long for the second person
	Listen    time.Duration // a leave to hear lasts so long
}

// NoteCategory is the field of the form with the kind of matter, as a transfer
// to 110 names it; NoteComplaint the one with the seat that is complained about.
const (
	NoteCategory  = "category"
	NoteComplaint = "complaint_about"
)

// kinds are the kinds of matter of a call.
func (r Record) kinds() []string {
	var kinds []string
	for _, t := range r.Transfers {
		kinds = append(kinds, t.Category)
	}
	kinds = append(kinds, r.Note[NoteCategory])
	kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == "" })
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Until is when the recording of a call may be purged.
func (k Keeping) Until(r Record) time.Time {
	longest := time.Duration(0)
	for _, kind := range r.kinds() {
		longest = max(longest, k.ByKind[kind])
	}
	return r.EndedAt.Add(cmp.Or(longest, k.Usual))
}

// shortest is before what age nothing is purged.
func (k Keeping) shortest() time.Duration {
	least := k.Usual
	for _, d := range k.ByKind {
		least = min(least, d)
	}
	return least
}

// sensitive reports whether a second person must approve that it is heard.
func (k Keeping) sensitive(r Record) bool {
	return slices.ContainsFunc(r.kinds(), func(kind string) bool { return slices.Contains(k.Sensitive, kind) })
}

// ErrTape says that a recording can not be had as it was asked for, in words
// for people.
var ErrTape = errors.New("录音")

// newTapeID names a hold, a purge or a play: sorted by time, and not to be
// guessed.
func newTapeID(at Moment) string {
	return at.Format("20060102T150405.000") + "-" + strings.ToLower(rand.Text()[:12])
}

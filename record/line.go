package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind says what a line of the journal holds.
type Kind string

// The kinds of line.
const (
	KindSegment    Kind = "segment" // the first line of every file: which journal, and the counts so far
	KindFiling     Kind = "filing"
	KindConclusion Kind = "filing_outcome"
	KindAck        Kind = "filing_ack"
	KindEntry      Kind = "filing_entry"
	KindRecord     Kind = "record"
	KindNote       Kind = "note" // the form, written after the call
	KindGuide      Kind = "guide"
	KindGuideUse   Kind = "guide_use"
	KindAlarm      Kind = "alarm"
	KindOverride   Kind = "override"
	KindHandOver   Kind = "hand_over"
	KindSeats      Kind = "seats" // of the presence log
	KindFollowUp   Kind = "follow_up"
	KindSettlement Kind = "settlement"
	KindNumberMark Kind = "number_mark"
	KindSeal       Kind = "recording_seal"
	KindHold       Kind = "recording_hold"
	KindPurge      Kind = "recording_purge"
	KindPlay       Kind = "recording_play"
)

// urgent kinds may use the last of the reserved space and overtake others in
// the mailbox: they belong to an emergency.
func (k Kind) urgent() bool {
	return k == KindFiling || k == KindConclusion || k == KindAck || k == KindEntry || k == KindAlarm
}

// Line is one line of the journal. Every one is
//
//	{"seq":7,"at":"…","kind":"filing","prev":"HASH","body":{…},"hash":"HASH"}
//
// where hash is the SHA-256, in hex, of all bytes of the line before
// `,"hash":`, and prev is the hash of the line before; so no byte can be
// changed, added or taken away without breaking a link. The first line of a
// journal has 64 zeros for prev.
type Line struct {
	Sequence int64           `json:"seq"`
	At       Moment          `json:"at"`
	Kind     Kind            `json:"kind"`
	Prev     string          `json:"prev"`
	Body     json.RawMessage `json:"body"`
	Hash     string          `json:"-"`
}

// Mark is a place in a journal: up to and including that line.
type Mark struct {
	Journal  string `json:"journal"`
	Sequence int64  `json:"sequence"`
	Hash     string `json:"hash"`
}

const (
	hashKey   = `,"hash":"`
	hashEnd   = `"}`
	hashChars = 2 * sha256.Size
	// tailBytes is the length of everything after the hashed part.
	tailBytes = len(hashKey) + hashChars + len(hashEnd)
	// maxLine bounds a line; a configuration with all its texts is far below.
	maxLine = 16 << 20
)

// genesis is what the first line of a journal names as the line before.
func genesis() string { return string(bytes.Repeat([]byte("0"), hashChars)) }

// encode makes the bytes of a line, with the newline, and sets its hash.
func (l *Line) encode() ([]byte, error) {
	content, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("write line %d of the journal: %w", l.Sequence, err)
	}
	content = content[:len(content)-1] // without the last brace
	l.Hash = sum(content)
	line := append(content, hashKey...)
	line = append(line, l.Hash...)
	line = append(line, hashEnd...)
	if len(line) >= maxLine {
		return nil, fmt.Errorf("write line %d of the journal: %d bytes are more than a line may have", l.Sequence, len(line))
	}
	return append(line, '\n'), nil
}

// What can be wrong with the bytes of a line.
var (
	errShape = errors.New("is not a line of a journal")
	errHash  = errors.New("hash does not match the content")
)

// decode reads the bytes of a line without its newline.
func decode(b []byte) (Line, error) {
	cut := len(b) - tailBytes
	if cut < 2 || b[0] != '{' || string(b[cut:cut+len(hashKey)]) != hashKey || !bytes.HasSuffix(b, []byte(hashEnd)) {
		return Line{}, errShape
	}
	var l Line
	l.Hash = string(b[cut+len(hashKey) : len(b)-len(hashEnd)])
	if sum(b[:cut]) != l.Hash {
		return Line{}, errHash
	}
	content := append(bytes.Clone(b[:cut]), '}')
	if err := json.Unmarshal(content, &l); err != nil {
		return Line{}, fmt.Errorf("%w: %w", errShape, err)
	}
	return l, nil
}

func sum(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}

// change reads the row that a line carries; nil for a line without one.
func (l Line) change() (Change, error) {
	switch l.Kind {
	case KindRecord:
		r, err := body[Record](l)
		r.Sequence = l.Sequence
		return r, err
	case KindFiling:
		f, err := body[Filing](l)
		f.Sequence = l.Sequence
		return f, err
	case KindConclusion:
		return body[Conclusion](l)
	case KindAck:
		return body[Ack](l)
	case KindEntry:
		return body[FilingEntry](l)
	case KindNote:
		return body[Note](l)
	case KindGuide:
		return body[GuideText](l)
	case KindOverride:
		return body[Override](l)
	case KindHandOver:
		return body[HandOver](l)
	case KindSeats:
		return body[SeatLog](l)
	case KindFollowUp:
		return body[Promise](l)
	case KindSettlement:
		return body[Settlement](l)
	case KindNumberMark:
		return body[NumberMark](l)
	case KindSeal:
		return body[Seal](l)
	case KindHold:
		return body[Hold](l)
	case KindPurge:
		return body[Purge](l)
	case KindPlay:
		return body[Play](l)
	case KindSegment, KindGuideUse, KindAlarm:
	}
	return nil, nil
}

func body[T any](l Line) (T, error) {
	var v T
	if err := json.Unmarshal(l.Body, &v); err != nil {
		return v, fmt.Errorf("read %s of line %d: %w", l.Kind, l.Sequence, err)
	}
	return v, nil
}

// head is the body of a segment's first line.
type head struct {
	Journal string         `json:"journal"` // a ULID, made with the journal
	Node    string         `json:"node,omitempty"`
	Segment int            `json:"segment"`
	Numbers map[string]int `json:"numbers"` // highest number of a filing by day
	Uses    []GuideUse     `json:"guide_uses,omitempty"`
}

// day is the date of a moment, for the change of segments.
func day(t time.Time) string { return t.In(zone()).Format("20060102") }

package record

import (
	"slices"

	"weibao/call"
	"weibao/routing"
)

// Record is everything that is kept of one call, as a flat row. Its JSON is
// the body of the journal's line, the answer of the API and the line of an
// export.
type Record struct {
	ID     call.ID        `json:"id"`
	Guide  string         `json:"guide"`  // version of the configuration
	Caller routing.Number `json:"caller"` // as it came
	// CallerE164 is the number in its one international form; empty when it
	// can not be told. CallerKind is mobile, landline, service, anonymous,
	// foreign or unknown.
	CallerE164 routing.Number `json:"caller_e164,omitempty"`
	CallerKind string         `json:"caller_kind"`

	// Direction is in, owed (a call back) or own (a seat's own call). FollowUpOf
	// is the follow-up that a call back was for, PlacedBy the seat that rang,
	// Override why a number was rung that was said to be unsafe.
	Direction  string          `json:"direction,omitempty"`
	FollowUpOf call.ID         `json:"follow_up_of,omitempty"`
	PlacedBy   routing.AgentID `json:"placed_by,omitempty"`
	Override   string          `json:"override,omitempty"`

	Dialled string `json:"dialled"`
	Region  string `json:"region"`
	Trunk   string `json:"trunk"`

	Keys   string `json:"keys"`             // what was pressed, in order
	Intent string `json:"intent"`           // what the menu made of it
	Missed string `json:"missed,omitempty"` // how a person was reached without a choice
	// Facts are what was known of the caller when the call came: what its
	// route may hang on.
	Facts map[string]string `json:"facts,omitempty"`

	Route string          `json:"route"`
	Queue string          `json:"queue"`
	Agent routing.AgentID `json:"agent"`

	Outcome call.Outcome `json:"outcome"`
	Reason  string       `json:"reason"`

	ArrivedAt Moment `json:"arrived_at"`
	WaitingAt Moment `json:"waiting_at,omitzero"` // came into line
	TalkedAt  Moment `json:"talked_at,omitzero"`  // was joined with the first person
	LeftAt    Moment `json:"left_at,omitzero"`    // the caller hung up or was lost
	EndedAt   Moment `json:"ended_at,omitzero"`

	Waited     Millis `json:"waited_ms"` // in line; see call.Call.Waited
	Talked     Millis `json:"talked_ms"` // with a person; see call.Call.Talked
	Alone      Millis `json:"alone_ms"`  // see call.Call.Alone: must be 0
	Unattended Millis `json:"unattended_ms"`

	Attempts  []Ring          `json:"attempts"` // everybody who was rung
	Transfers []Transfer      `json:"transfers"`
	FollowUp  *FollowUp       `json:"follow_up,omitempty"`
	Recording Recording       `json:"recording"`
	Journey   []Entry         `json:"journey"`
	Trace     []routing.Check `json:"trace"` // why the route was taken

	Note     map[string]string `json:"note,omitempty"`
	Sequence int64             `json:"sequence,omitzero"` // of the journal's line
}

// Ring is one attempt to reach a person.
type Ring struct {
	Leg    call.LegID      `json:"leg"`
	Role   string          `json:"role"`
	Agent  routing.AgentID `json:"agent,omitempty"`
	Number routing.Number  `json:"number,omitempty"`
	Queue  string          `json:"queue,omitempty"`

	DialledAt Moment `json:"dialled_at,omitzero"`
	RangAt    Moment `json:"rang_at,omitzero"`
	PickedAt  Moment `json:"picked_at,omitzero"`
	JoinedAt  Moment `json:"joined_at,omitzero"`
	LeftAt    Moment `json:"left_at,omitzero"`

	// Result is "answered" or the cause why not; Cause is how an answered leg
	// ended.
	Result string     `json:"result"`
	Cause  call.Cause `json:"cause,omitempty"`
	Detail string     `json:"detail,omitempty"`
}

// ResultAnswered is the result of a ring that a person picked up.
const ResultAnswered = "answered"

// Transfer is a third party that was brought into the call, with all times.
type Transfer struct {
	To       string          `json:"to"`
	Place    string          `json:"place,omitempty"`
	Category string          `json:"category,omitempty"`
	By       routing.AgentID `json:"by"`
	Filing   string          `json:"filing,omitempty"`
	Phase    string          `json:"phase"` // how far it came
	Outcome  string          `json:"outcome"`
	Reason   string          `json:"reason,omitempty"`
	Attempts []Attempt       `json:"attempts"`

	AskedAt      Moment `json:"asked_at,omitzero"`
	PickedAt     Moment `json:"picked_at,omitzero"`
	IntroducedAt Moment `json:"introduced_at,omitzero"`
	HandedAt     Moment `json:"handed_at,omitzero"`
	EndedAt      Moment `json:"ended_at,omitzero"`
}

// Attempt is one number that was dialled for a transfer.
type Attempt struct {
	Number    routing.Number `json:"number"`
	Leg       call.LegID     `json:"leg"`
	DialledAt Moment         `json:"dialled_at,omitzero"`
	PickedAt  Moment         `json:"picked_at,omitzero"`
	EndedAt   Moment         `json:"ended_at,omitzero"`
	Result    string         `json:"result"`
	Detail    string         `json:"detail,omitempty"`
}

// Recording is the sound file of the talk and what is wrong with it.
type Recording struct {
	Wanted bool   `json:"wanted"`
	File   string `json:"file,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size_bytes"`
	Length Millis `json:"length_ms"` // by the size of the files
	Fault  string `json:"fault,omitempty"`
	// Parts are the files before File, in their order: each had stopped
	// growing, and the recording went on in the next.
	Parts []RecordingPart `json:"parts,omitempty"`
	// Pauses are the times in which the recording is silent by a supervisor's
	// word.
	Pauses []Pause `json:"pauses,omitempty"`
}

// RecordingPart is one file of a recording.
type RecordingPart struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size_bytes"`
	Length Millis `json:"length_ms"`
	Fault  string `json:"fault,omitempty"`
}

// Files are all files of the recording, in the order of the talk.
func (r Recording) Files() []RecordingPart {
	files := slices.Clone(r.Parts)
	if r.File == "" {
		return files
	}
	last := RecordingPart{File: r.File, SHA256: r.SHA256, Size: r.Size, Length: r.Length, Fault: r.Fault}
	for _, p := range files {
		last.Length -= p.Length
	}
	return append(files, last)
}

// Pause is a time in which a recording is silent.
type Pause struct {
	From   Moment          `json:"from"`
	To     Moment          `json:"to"`
	By     routing.AgentID `json:"by"`
	Reason string          `json:"reason"`
}

// Entry is one line of the call's journey.
type Entry struct {
	At   Moment `json:"at"`
	What string `json:"what"`
	// Words is the code in words for people.
	Words string     `json:"words"`
	Leg   call.LegID `json:"leg,omitempty"`
	Who   string     `json:"who,omitempty"`
	More  string     `json:"more,omitempty"`
}

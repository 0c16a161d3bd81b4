package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// JournalOptions say where and how a journal is written. Only Dir is needed.
type JournalOptions struct {
	Dir string
	// Node is the name of this gateway where there are several; it is part of
	// the numbers of filings.
	Node string
	// Prefix begins the numbers of filings; "JL" by default.
	Prefix string
	// SegmentBytes is how large a file becomes before the next is begun;
	// 64 MiB by default. A new day begins a new file as well.
	SegmentBytes int64
	// Reserve is the space that is always allocated in advance; 4 MiB by
	// default, room for some 5,000 filings on a full disk. A quarter of it is
	// for emergencies only.
	Reserve int64
	Log     *slog.Logger

	// synced is told how long each flush took, alarmed of each trouble.
	synced  func(time.Duration)
	alarmed func(what string)
	now     func() time.Time
	open    openFile
}

func (o JournalOptions) withDefaults() JournalOptions {
	if o.Prefix == "" {
		o.Prefix = "JL"
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.Reserve <= 0 {
		o.Reserve = 4 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.synced == nil {
		o.synced = func(time.Duration) {}
	}
	if o.alarmed == nil {
		o.alarmed = func(string) {}
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.open == nil {
		o.open = osFile
	}
	return o
}

// Journal is the append-only, hash-chained file that comes before everything
// else. Its mutex guards the file and the head of the chain; nothing is called
// under it but the file, the log and a counter. Appends are one after the
// other: a gateway writes a few lines a second at most.
type Journal struct {
	dir     string
	options JournalOptions
	open    openFile
	log     *slog.Logger
	numbers *numbers
	lock    *os.File

	mu     sync.Mutex
	id     string
	seg    *segment
	last   Line
	uses   []GuideUse // see used
	tend   time.Time  // no earlier than this is a failed rotation tried again
	short  bool       // the last attempt to reserve space failed
	closed bool
}

// The faults of an append.
var (
	// ErrNoRoom says that the disk is full and what is left is kept for
	// emergencies.
	ErrNoRoom = errors.New("the disk is full: the rest of the journal is kept for emergencies")
	// ErrClosed says that the journal or the registry has been closed.
	ErrClosed = errors.New("the journal is closed")
)

// OpenJournal opens the journal in a folder, or begins one. A last line that a
// crash has torn is cut off; a line that was changed is left as it is, and the
// journal goes on in a new file. Both are told by the log and by a line of
// kind alarm.
func OpenJournal(o JournalOptions) (*Journal, error) {
	o = o.withDefaults()
	numbers, err := newNumbers(o.Prefix, o.Node)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the journal: %w", err)
	}
	held, err := hold(o.Dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: o.Dir, options: o, open: o.open, log: o.Log, numbers: numbers, lock: held}
	if err := j.resume(); err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return j, nil
}

// resume finds the end of the journal and makes it ready for the next line.
func (j *Journal) resume() error {
	existing, err := segments(j.dir)
	if err != nil {
		return err
	}
	for len(existing) > 0 {
		number := existing[len(existing)-1]
		path := filepath.Join(j.dir, segmentName(number))
		got, err := look(path, j.see)
		if err != nil {
			return err
		}
		if got.lines > 0 || got.broken > 0 {
			return j.goOn(number, got)
		}
		// A crash while the file was being begun: nothing was promised of it.
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove a segment that never began: %w", err)
		}
		existing = existing[:len(existing)-1]
	}
	j.id = ulid.Make().String()
	return j.begin(1, Line{Hash: genesis()})
}

// see notes the numbers of filings that were given out, and which versions of
// the configuration came into use.
func (j *Journal) see(raw []byte, l Line, whole bool) {
	switch {
	case !whole || l.Kind == KindFiling:
		j.numbers.see(raw)
	case l.Kind == KindSegment:
		if h, err := body[head](l); err == nil {
			j.numbers.raiseAll(h.Numbers)
			j.uses = h.Uses
		}
	case l.Kind == KindGuideUse:
		if u, err := body[GuideUse](l); err == nil {
			j.used(u)
		}
	}
}

// goOn continues behind what was found in the last segment.
func (j *Journal) goOn(number int, got found) error {
	j.id, j.last = got.head.Journal, got.last
	if j.id == "" {
		j.id = ulid.Make().String()
	}
	if got.broken > 0 {
		what := fmt.Sprintf("%s line %d %v; it is left as it is and the journal goes on in a new file",
			segmentName(number), got.broken, got.why)
		if err := j.begin(number+1, got.last); err != nil {
			return err
		}
		return j.tell("journal_damaged", what, nil)
	}
	f, err := j.open(filepath.Join(j.dir, segmentName(number)), os.O_RDWR)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the journal: %w", err), f.Close())
	}
	j.seg = &segment{number: number, day: day(got.last.At.Time), f: f, end: got.end, size: info.Size()}
	if len(got.torn) > 0 {
		j.seg.soiled = info.Size()
		if err := j.seg.wipe(); err != nil {
			j.log.Warn("torn end of the journal not wiped yet", "err", err)
		}
	}
	j.reserve()
	if len(got.torn) > 0 {
		what := fmt.Sprintf("%s: %d bytes of a torn line behind sequence %d were cut off", segmentName(number), len(got.torn), got.last.Sequence)
		return j.tell("journal_torn", what, got.torn)
	}
	return nil
}

// begin opens the next segment behind a last line.
func (j *Journal) begin(number int, last Line) error {
	content, err := json.Marshal(head{Journal: j.id, Node: j.options.Node, Segment: number, Numbers: j.numbers.counts(), Uses: j.uses})
	if err != nil {
		return fmt.Errorf("begin a segment: %w", err)
	}
	seg, first, err := j.create(number, Line{
		Sequence: last.Sequence + 1, At: moment(j.options.now()), Kind: KindSegment, Prev: last.Hash, Body: content,
	}, j.options.Reserve)
	if err != nil {
		return err
	}
	j.seg, j.last = seg, first
	return nil
}

// tell writes an alarm of the journal about itself.
func (j *Journal) tell(what, detail string, torn []byte) error {
	j.log.Error("journal was not as it was left", "what", what, "detail", detail)
	j.options.alarmed(what)
	const most = 4 << 10
	_, err := j.Append(KindAlarm, AlarmText{What: what, Detail: detail, Bytes: torn[:min(most, len(torn))]})
	if err != nil {
		j.log.Error("alarm not in the journal", "what", what, "err", err)
	}
	return nil
}

// Append writes one line and returns when it is on the disk. With an error the
// line does not count, whatever the disk may have kept of it.
func (j *Journal) Append(kind Kind, body any) (Line, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return Line{}, fmt.Errorf("write a %s into the journal: %w", kind, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return Line{}, fmt.Errorf("write a %s into the journal: %w", kind, ErrClosed)
	}
	next := Line{Sequence: j.last.Sequence + 1, At: moment(j.options.now()), Kind: kind, Prev: j.last.Hash, Body: content}
	line, err := next.encode()
	if err != nil {
		return Line{}, err
	}
	if err := j.makeRoom(kind, int64(len(line))); err != nil {
		return Line{}, fmt.Errorf("write a %s into the journal: %w", kind, err)
	}
	begun := time.Now()
	err = j.seg.write(line)
	j.options.synced(time.Since(begun))
	if err != nil {
		return Line{}, fmt.Errorf("write a %s into the journal: %w", kind, err)
	}
	j.last = next
	j.see(line, next, true)
	return next, nil
}

// makeRoom asks the file system for space only when the line would not fit
// into what is there; Tend does it beforehand. Ordinary lines leave a quarter
// of the reserve to emergencies.
func (j *Journal) makeRoom(kind Kind, need int64) error {
	spare := j.options.Reserve / 4
	if kind.urgent() {
		spare = 0
	}
	if j.seg.room() >= need+spare {
		return nil
	}
	err := j.seg.extend(need + j.options.Reserve)
	if j.seg.room() >= need+spare {
		return nil
	}
	if diskFull(err) && !kind.urgent() {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	return err
}

// Tend does what can be done between two lines, so that a filing need not wait
// for it: it reserves space, and begins a new file for a new day or when the
// present one has become large. While that fails the journal stays where it
// is.
func (j *Journal) Tend() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	now := j.options.now()
	if (j.seg.end >= j.options.SegmentBytes || day(now) > j.seg.day) && !now.Before(j.tend) {
		j.rotate(now)
	}
	if j.seg.room() < j.options.Reserve/2 {
		j.reserve()
	}
}

func (j *Journal) rotate(now time.Time) {
	old := j.seg
	if err := j.begin(old.number+1, j.last); err != nil {
		j.log.Error("journal stays in its file", "err", err)
		j.options.alarmed("journal_full")
		j.tend = now.Add(time.Minute)
		return
	}
	j.tend = time.Time{}
	if err := old.seal(); err != nil {
		j.log.Warn("journal file not closed in order", "segment", old.number, "err", err)
	}
}

// reserve makes the room whole again; a full disk is told once.
func (j *Journal) reserve() {
	err := j.seg.extend(j.options.Reserve)
	if err != nil && !j.short {
		j.log.Error("no space for the journal", "room", j.seg.room(), "err", err)
		j.options.alarmed("journal_full")
	}
	j.short = err != nil
}

// Head is the place of the last line.
func (j *Journal) Head() Mark {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Mark{Journal: j.id, Sequence: j.last.Sequence, Hash: j.last.Hash}
}

// Room is the space in bytes that lines can still take on a full disk.
func (j *Journal) Room() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seg.room()
}

// Close gives the reserved space back and lets the next process in.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	if err := errors.Join(j.seg.seal(), j.lock.Close()); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}

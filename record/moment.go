package record

import (
	"encoding/json"
	"fmt"
	"time"
)

// Moment is a time as records carry it: to the millisecond, in JSON as
// RFC 3339, in China's one zone whatever the zone of the host is.
type Moment struct{ time.Time }

// moment cuts a time to what the journal keeps of it, so that a value is the
// same before and after it was written.
func moment(t time.Time) Moment {
	if t.IsZero() {
		return Moment{}
	}
	return Moment{t.Truncate(time.Millisecond).In(zone())}
}

// MomentOf is a time as records carry it.
func MomentOf(t time.Time) Moment { return moment(t) }

// fromMillis is the reverse of millis.
func fromMillis(ms int64) Moment {
	if ms == 0 {
		return Moment{}
	}
	return moment(time.UnixMilli(ms))
}

// millis is the form of the database: Unix milliseconds, 0 for never.
func (m Moment) millis() int64 {
	if m.IsZero() {
		return 0
	}
	return m.UnixMilli()
}

// zone is the legal time of the whole country, without summer time. It needs
// no zone files on the host.
func zone() *time.Location { return time.FixedZone("", 8*60*60) }

// momentLayout is RFC 3339 with exactly three digits after the second.
const momentLayout = "2006-01-02T15:04:05.000Z07:00"

// String is the form of JSON; empty for a time that never came.
func (m Moment) String() string {
	if m.IsZero() {
		return ""
	}
	return m.In(zone()).Format(momentLayout)
}

// MarshalJSON writes RFC 3339 with milliseconds, null for a time that never
// came.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + m.String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes, and RFC 3339 in any zone.
func (m *Moment) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	if s == nil {
		*m = Moment{}
		return nil
	}
	t, err := time.Parse(time.RFC3339, *s)
	if err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	*m = moment(t)
	return nil
}

// Millis is a duration whose JSON is a whole number of milliseconds; the names
// of such fields end in _ms.
type Millis time.Duration

// Duration is the same as Go's type.
func (d Millis) Duration() time.Duration { return time.Duration(d) }

// MarshalJSON writes milliseconds.
func (d Millis) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(d).Milliseconds())
}

// UnmarshalJSON reads milliseconds.
func (d *Millis) UnmarshalJSON(b []byte) error {
	var ms int64
	if err := json.Unmarshal(b, &ms); err != nil {
		return fmt.Errorf("read milliseconds: %w", err)
	}
	*d = Millis(time.Duration(ms) * time.Millisecond)
	return nil
}

package stage

import (
	"net/http"
	"time"

	"weibao/record"
)

// FollowUps are what callers are owed, the open ones first, as a supervisor
// sees them.
func (s *Stage) FollowUps() []record.Owed {
	s.t.Helper()
	var page struct {
		FollowUps []record.Owed `json:"follow_ups"`
	}
	s.desk.must(http.MethodGet, "/follow-ups", nil, &page)
	return page.FollowUps
}

// Owes waits until there is one follow-up, and it is of so many calls.
func (s *Stage) Owes(contacts int) record.Owed {
	s.t.Helper()
	var all []record.Owed
	s.Until("one follow-up of all calls", func() bool {
		all = s.FollowUps()
		return len(all) == 1 && all[0].Contacts == contacts
	})
	return all[0]
}

// LastRecord waits until a citizen has so many records and returns the last.
func (s *Stage) LastRecord(p *Person, calls int) record.Record {
	s.t.Helper()
	var rows []record.Record
	s.Until("every call of "+p.Name+" has a record", func() bool {
		s.desk.list("/records?caller="+p.Name, &rows)
		return len(rows) == calls
	})
	return rows[0] // the newest first
}

// Limits is a supervisor who limits the number of a citizen, and returns the
// id of the mark.
func (s *Stage) Limits(p *Person) string {
	s.t.Helper()
	var mark struct{ ID string }
	s.desk.must(http.MethodPost, "/marks", map[string]string{
		"number": p.Name, "kind": "limited", "until": time.Now().Add(time.Hour).Format(time.RFC3339), "reason": "屡次辱骂坐席",
	}, &mark)
	return mark.ID
}

// Lifts is a supervisor who lifts a mark.
func (s *Stage) Lifts(mark string) {
	s.t.Helper()
	s.desk.must(http.MethodDelete, "/marks/"+mark, map[string]string{"reason": "误标"}, nil)
}

package stage

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"weibao/call"
	"weibao/record"
	"weibao/routing"
)

// RingsBack has the seat ring somebody who is owed a call, and returns the id
// of the new call. A reason is needed for a number that is not safe.
func (a *Seat) RingsBack(followUp, reason string) string {
	a.s.t.Helper()
	return a.places("/follow-ups/"+followUp+"/call", map[string]string{"override": reason})
}

// RingsOut has the seat ring a number, and returns the id of the call.
func (a *Seat) RingsOut(number string) string {
	a.s.t.Helper()
	return a.places("/calls", map[string]string{"to": "number:" + number})
}

func (a *Seat) places(path string, body map[string]string) string {
	a.s.t.Helper()
	var reply struct{ Call string }
	a.desk.must(http.MethodPost, path, body, &reply)
	return reply.Call
}

// RecordOf waits for the record of a call by its id.
func (s *Stage) RecordOf(id string) record.Record {
	s.t.Helper()
	var whole record.Record
	s.Until("there is a record of "+id, func() bool {
		status, _ := s.desk.ask(http.MethodGet, "/records/"+id, nil)
		return status == http.StatusOK
	})
	s.desk.must(http.MethodGet, "/records/"+id, nil, &whole)
	if whole.Alone != 0 {
		s.t.Errorf("the party of %s was alone for %d ms", id, whole.Alone)
	}
	return whole
}

// Promises writes a promised call back into the journal, as a gateway does that is
// killed afterwards. No gateway may run.
func (s *Stage) Promises(f call.FollowUp) {
	s.t.Helper()
	store, err := record.Prepare("sqlite:" + s.path("var", "weibao.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	registry, err := record.New(record.Options{
		Journal: record.JournalOptions{Dir: s.path("var", "journal")}, Store: store, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	if err := registry.Promise(ctx, f); err != nil {
		s.t.Fatal(err)
	}
	if err := registry.Close(ctx); err != nil {
		s.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// Promised is a call back that somebody was promised a while ago.
func Promised(number string) call.FollowUp {
	since := time.Now().Add(-10 * time.Minute)
	return call.FollowUp{
		ID: "01PROMISED" + call.ID(number), Kind: call.RingBack, Number: routing.Number(number), E164: "+86" + routing.Number(number),
		Region: "220100", Dialled: "12345", Keys: "6", Intent: "minors", Since: since, Promised: true, Safe: call.Safe,
		Owner: "supervisors", Due: since.Add(time.Hour), Why: "来电人按键选择回拨",
	}
}

// IsNotCalled looks whether somebody calls the peer within a while.
func (p *Peer) IsNotCalled(within time.Duration) {
	p.s.t.Helper()
	select {
	case c := <-p.phone.Incoming():
		p.s.t.Errorf("%s is called for %s", p.phone.Name(), c.To())
	case <-time.After(within):
	}
}

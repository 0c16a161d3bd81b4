package stage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"weibao/record"
)

// desk is somebody's login to the API.
type desk struct {
	s     *Stage
	id    string
	token string
}

func (s *Stage) login(id string) *desk {
	s.t.Helper()
	d := &desk{s: s, id: id}
	var reply struct{ Token string }
	d.must(http.MethodPost, "/login", map[string]string{"id": id, "password": s.deskPW[id]}, &reply)
	d.token = reply.Token
	return d
}

// must asks the API and wants a good answer.
func (d *desk) must(method, path string, body, reply any) {
	d.s.t.Helper()
	status, text := d.ask(method, path, body)
	if status >= 300 {
		d.s.t.Fatalf("%s %s as %s: %d %s", method, path, d.id, status, text)
	}
	if reply != nil {
		if err := json.Unmarshal(text, reply); err != nil {
			d.s.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

// ask asks the API and returns what it said.
func (d *desk) ask(method, path string, body any) (int, []byte) {
	d.s.t.Helper()
	ctx, cancel := d.s.wait()
	defer cancel()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			d.s.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, d.s.url("/api/v1"+path), content)
	if err != nil {
		d.s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.token)
	request.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		d.s.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		d.s.t.Fatal(err)
	}
	return reply.StatusCode, text
}

// LiveCall is what the API shows of a call in progress.
type LiveCall struct {
	ID       string `json:"id"`
	Phase    string `json:"phase"`
	Region   string `json:"region"`
	Agent    string `json:"agent"`
	Urgent   bool   `json:"urgent"`
	Guide    string `json:"guide"`
	Transfer *struct {
		Phase   string `json:"phase"`
		Filing  string `json:"filing"`
		Reason  string `json:"reason"`
		Outcome string `json:"outcome"`
	} `json:"transfer"`
}

// Calls are the live calls as a supervisor sees them.
func (s *Stage) Calls() []LiveCall {
	s.t.Helper()
	var calls []LiveCall
	s.desk.list("/calls", &calls)
	return calls
}

// Notice is what supervisors are told.
type Notice struct{ Kind, Agent, Say string }

// Notices are the last ones, the newest first.
func (s *Stage) Notices() []Notice {
	s.t.Helper()
	var notices []Notice
	s.desk.list("/notices", &notices)
	return notices
}

// OpensDesk opens the seat's desk in a browser that answers pings, until the
// result is called: then it is gone without a word.
func (a *Seat) OpensDesk() (crash func()) {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	conn, reply, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(a.s.url("/api/v1/events"), "http"), &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + a.desk.token}},
	})
	if err != nil {
		a.s.t.Fatal(err)
	}
	if reply.Body != nil {
		defer reply.Body.Close()
	}
	conn.SetReadLimit(1 << 22)
	go func() { // a ping is answered by reading
		for err := error(nil); err == nil; {
			_, _, err = conn.Read(a.s.ctx)
		}
	}()
	return func() { _ = conn.CloseNow() }
}

// Filings are the filings of this stage, oldest first.
func (s *Stage) Filings() []record.Filing {
	s.t.Helper()
	var filings []record.Filing
	s.desk.list("/filings", &filings)
	return filings
}

// list reads a collection, whose rows may stand under a name of their own.
func (d *desk) list(path string, rows any) {
	d.s.t.Helper()
	var raw json.RawMessage
	d.must(http.MethodGet, path, nil, &raw)
	var page map[string]json.RawMessage
	if json.Unmarshal(raw, &page) == nil {
		for _, name := range []string{"items", "calls", "records", "filings", "agents", "waiting", "line", "notices"} {
			if inner, has := page[name]; has {
				raw = inner
			}
		}
	}
	if err := json.Unmarshal(raw, rows); err != nil {
		d.s.t.Fatal(fmt.Errorf("%s: %w in %s", path, err, raw))
	}
}

// Admin asks the API as the administrator.
func (s *Stage) Admin(method, path string) (int, string) {
	s.t.Helper()
	status, text := s.login("admin").ask(method, path, nil)
	return status, string(text)
}

// SIP is the address that citizens and seats send their SIP to.
func (s *Stage) SIP() string { return s.ports.address(s.ports.sip) }

// Folder is the configuration of the stage.
func (s *Stage) Folder() string { return s.path("configs") }

// Waiting are the calls in line, in their order.
func (s *Stage) Waiting() []string {
	s.t.Helper()
	var rows []struct {
		Call string `json:"call"`
	}
	s.desk.list("/waiting", &rows)
	calls := make([]string, len(rows))
	for i, row := range rows {
		calls[i] = row.Call
	}
	return calls
}

package cti

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"weibao/call"
	"weibao/ivr"
	"weibao/routing"
)

// apiCalls are calls that answer wishes as they are told to.
type apiCalls struct {
	mu     sync.Mutex
	calls  map[call.ID]call.Call
	wishes []call.Wish
	by     []routing.AgentID
	answer error
}

func (c *apiCalls) Live() []call.Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var live []call.Call
	for _, one := range c.calls {
		live = append(live, one)
	}
	return live
}

func (c *apiCalls) Find(id call.ID) (call.Call, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, ok := c.calls[id]
	return one, ok
}

func (c *apiCalls) Ask(_ context.Context, id call.ID, by routing.AgentID, w call.Wish) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.calls[id]; !ok {
		return call.ErrNoCall
	}
	c.wishes, c.by = append(c.wishes, w), append(c.by, by)
	return c.answer
}

func (c *apiCalls) put(one call.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[one.ID] = one
}

func (c *apiCalls) answers(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = err
}

func (c *apiCalls) asked() []call.Wish {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wishes
}

// apiFloor is a floor that stands still.
type apiFloor struct {
	mu    sync.Mutex
	view  View
	err   error
	desks map[routing.AgentID]int
}

func (f *apiFloor) DeskOpened(id routing.AgentID) { f.desk(id, 1) }
func (f *apiFloor) DeskClosed(id routing.AgentID) { f.desk(id, -1) }

func (f *apiFloor) desk(id routing.AgentID, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.desks == nil {
		f.desks = make(map[routing.AgentID]int)
	}
	f.desks[id] += n
}

func (f *apiFloor) SetPresence(_ context.Context, id routing.AgentID, p routing.Presence, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	agents := make([]AgentView, len(f.view.Agents))
	copy(agents, f.view.Agents)
	f.view.Agents = agents
	for i := range agents {
		if agents[i].Agent == id {
			agents[i].Presence, agents[i].Reason = p, reason
			return nil
		}
	}
	return ErrNoAgent
}

func (f *apiFloor) View(context.Context) (View, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.view, f.err
}

func (f *apiFloor) change(edit func(*View)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit(&f.view)
}

// apiStage is a server with seats, calls and a floor. Every reply that passes
// through it is held against openapi.yaml, and so is every request that the
// server has accepted.
type apiStage struct {
	*Server
	t      *testing.T
	calls  *apiCalls
	floor  *apiFloor
	out    *apiOutgoing
	logins *Logins
	duty   *dutyStage
	logs   *bytes.Buffer
	spec   *openapi3.T
	source string
}

var apiSeats = []Seat{
	{ID: "1001", Name: "李娜", Region: "220100", Queues: []string{"changchun"}, Role: RoleAgent},
	{ID: "1002", Name: "王芳", Region: "222400", Queues: []string{"yanbian"}, Role: RoleAgent},
	{ID: "1019", Name: "赵敏", Region: "220100", Queues: []string{"supervisors"}, Role: RoleSupervisor},
	{ID: "prov", Name: "省厅", Region: "220000", Role: RoleProvince},
	{ID: "admin", Name: "管理员", Region: "220000", Role: RoleAdmin},
}

const apiPassword = "correct horse"

func newAPIStage(t *testing.T, change ...func(*ServerOptions)) *apiStage {
	t.Helper()
	now := time.Now()
	s := &apiStage{t: t, calls: &apiCalls{calls: make(map[call.ID]call.Call)}, floor: &apiFloor{}, out: &apiOutgoing{}, logs: new(bytes.Buffer), source: "192.0.2.1:4000"}
	log := slog.New(slog.NewJSONHandler(&lockedWriter{w: s.logs}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.logins = openCheapLogins(t, LoginOptions{Log: log}, "1001", "1002", "1019", "prov", "admin", "stray")
	s.floor.view = apiView(now)
	for _, c := range apiSample(now) {
		s.calls.put(c)
	}
	s.duty = newDutyStage(t, DutyOptions{OnChange: func(page DutyEntry) { s.Hub().DutyChanged(page) }})
	roster := NewRoster(apiSeats)
	options := ServerOptions{
		Calls: s.calls, Outgoing: s.out, Floor: s.floor, Logins: s.logins, Roster: func() *Roster { return roster }, Log: log,
		Regions: apiRegions, Duty: s.duty.DutyBook,
		Rotas:    func() routing.Rotas { return apiRotas().With(*s.duty.Now()) },
		Reload:   func(context.Context, string) (string, []string, error) { return "v2", nil, nil },
		Rollback: func(context.Context, string) (string, []string, error) { return "v0", nil, nil },
		Config:   func() Configuration { return Configuration{Version: "v1", At: now} },
	}
	for _, c := range change {
		c(&options)
	}
	server, err := NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s.Server, s.spec = server, apiSpec(t)
	return s
}

// lockedWriter lets several goroutines log.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// cheapHash is a hash that costs a test nothing.
func cheapHash(password string) string {
	p := phc{memory: 8, passes: 1, lanes: 1, salt: []byte("saltsaltsaltsalt")}
	p.sum = p.of(password, hashLength)
	return p.String()
}

func openCheapLogins(t testing.TB, o LoginOptions, ids ...routing.AgentID) *Logins {
	t.Helper()
	o.Path = filepath.Join(t.TempDir(), "secrets.json")
	byID := make(map[routing.AgentID]Secret)
	for _, id := range ids {
		byID[id] = Secret{Password: cheapHash(apiPassword)}
	}
	text, err := json.Marshal(byID)
	if err == nil {
		err = os.WriteFile(o.Path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	logins, err := OpenLogins(o)
	if err != nil {
		t.Fatal(err)
	}
	logins.dummy = cheapHash("nobody")
	return logins
}

// apiSample are a talk of 1001 with a transfer, a talk of 1002, and a caller
// who waits. Their texts are hostile.
func apiSample(now time.Time) []call.Call {
	talk := func(id call.ID, agent routing.AgentID) call.Call {
		return call.Call{
			ID: id, Guide: "v1", Dialled: "12345", Number: "13812345678", Region: "220100", Phase: call.Talking,
			Agent: agent, ArrivedAt: now.Add(-time.Minute), TalkedAt: now.Add(-30 * time.Second),
			Walk:   ivr.Walk{Keys: "6", Done: true, Intent: "minors"},
			Search: call.Search{Since: now.Add(-50 * time.Second)},
			Legs: []call.Leg{
				{ID: call.LegID(id) + "-caller", Role: call.Citizen, State: call.Up, Room: call.Talk},
				{ID: call.LegID(id) + "-seat", Role: call.Seat, Agent: agent, Queue: "changchun", State: call.Up, Room: call.Talk},
			},
		}
	}
	first := talk("C1", "1001")
	first.Note = map[string]string{"name": hostile}
	first.Journey = []call.Entry{{At: now, What: "dialled", Who: "13998765432", More: hostile}}
	first.Transfers = []call.Transfer{{
		To: routing.Target{Kind: routing.ToPolice}, Place: "220104", Category: hostile, Outcome: "failed", Reason: "占线",
		Attempts: []call.Attempt{{Number: "0431110", DialledAt: now, Result: "busy"}},
	}}
	first.FollowUp = call.FollowUp{Kind: "callback", Owner: "1001", Due: now, Why: "left"}
	waiting := call.Call{
		ID: "C3", Number: "13700000000", Region: "220100", Phase: call.Waiting, ArrivedAt: now.Add(-20 * time.Second),
		Legs: []call.Leg{{ID: "C3-caller", Role: call.Citizen, State: call.Up}},
		Search: call.Search{
			Ticket: routing.Ticket{ID: "C3", Wants: routing.AnyOf("changchun"), Since: now.Add(-15 * time.Second)}, Since: now.Add(-15 * time.Second), Step: 1,
			Decision: routing.Decision{
				Route: "minors", Plan: "v1", At: now,
				Steps: []routing.PlanStep{{Target: routing.Target{Kind: routing.ToQueue, Name: "changchun"}}, {Target: routing.Target{Kind: routing.ToDuty, Name: "220100"}, After: time.Minute}},
				Trace: []routing.Check{{Rule: "minors", Fact: "key", Want: "6", Got: "6", Held: true}, {Rule: "repeat", Fact: "repeat", Want: "lost", Got: "13700000000"}},
			},
		},
	}
	// A call of which nothing is known yet but its id.
	return []call.Call{first, talk("C2", "1002"), waiting, {ID: "C0"}}
}

const hostile = `<script>alert("1")</script>'"><img src=x onerror=alert(1)>` + "\u2028"

func apiView(now time.Time) View {
	ticket := routing.Ticket{ID: "C3", Wants: routing.AnyOf("changchun"), Since: now.Add(-15 * time.Second)}
	v := View{At: now}
	for _, seat := range apiSeats[:3] {
		v.Agents = append(v.Agents, AgentView{
			Standing: Standing{Agent: seat.ID, Presence: routing.Ready, Work: routing.Talking, Call: "C" + call.ID(seat.ID[3:]), Since: now},
			Name:     seat.Name, Queues: seat.Queues, Reachable: true, Why: "talking",
		})
		v.agents = append(v.agents, routing.Agent{ID: seat.ID, Queues: seat.Queues, Presence: routing.Ready, Work: routing.Talking})
	}
	v.Waiting = []WaitingView{{Ticket: ticket, Call: "C3"}}
	v.place()
	return v
}

// token is a login that was not asked for a password.
func (s *apiStage) token(id routing.AgentID) string {
	return s.logins.sign(Session{ID: id, Expires: time.Now().Add(time.Hour).Truncate(time.Second), nonce: "n" + string(id)})
}

// as sends a request of a logged-in seat; "" for nobody.
func (s *apiStage) as(id routing.AgentID, line, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.send(line, body, func(r *http.Request) {
		if id != "" {
			r.Header.Set("Authorization", "Bearer "+s.token(id))
		}
	})
}

func (s *apiStage) send(line, body string, edit func(*http.Request)) *httptest.ResponseRecorder {
	s.t.Helper()
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	r.RemoteAddr = s.source
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	edit(r)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	s.conforms(r, body, w)
	return w
}

// conforms holds a request and its reply against openapi.yaml.
func (s *apiStage) conforms(r *http.Request, body string, w *httptest.ResponseRecorder) {
	s.t.Helper()
	_, path, routed := strings.Cut(r.Pattern, " ")
	item := s.spec.Paths.Find(path)
	if !routed || item == nil {
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			s.t.Errorf("%s %s: %d is %s, want a problem", r.Method, r.URL, w.Code, w.Header().Get("Content-Type"))
		}
		return
	}
	params := make(map[string]string)
	for i, segment := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			params[strings.TrimSuffix(name, "}")] = strings.Split(r.URL.Path, "/")[i]
		}
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params,
		Route:   &routers.Route{Spec: s.spec, Path: path, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method)},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	err := openapi3filter.ValidateRequest(s.t.Context(), input)
	if w.Code < 400 && err != nil {
		s.t.Errorf("%s %s was accepted but is not in the document: %v", r.Method, r.URL, err)
	}
	if w.Code == http.StatusSwitchingProtocols {
		return
	}
	err = openapi3filter.ValidateResponse(s.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: w.Code, Header: w.Header(),
		Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())), Options: input.Options,
	})
	if err != nil {
		s.t.Errorf("%s %s: the reply %d is not in the document: %v", r.Method, r.URL, w.Code, err)
	}
}

// wants sends a request of a seat and holds the status.
func (s *apiStage) wants(status int, id routing.AgentID, line, body string) map[string]any {
	s.t.Helper()
	w := s.as(id, line, body)
	if w.Code != status {
		s.t.Errorf("%s as %q: status %d, want %d: %s", line, id, w.Code, status, w.Body)
	}
	var reply map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil && w.Code != http.StatusNoContent {
		s.t.Errorf("%s: %v: %s", line, err, w.Body)
	}
	return reply
}

var loadSpec = sync.OnceValues(func() (*openapi3.T, error) {
	spec, err := openapi3.NewLoader().LoadFromData(openAPI)
	return spec, errors.Join(err)
})

func apiSpec(t *testing.T) *openapi3.T {
	t.Helper()
	spec, err := loadSpec()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

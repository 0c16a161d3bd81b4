package cti

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/getkin/kin-openapi/openapi3"

	"weibao/call"
	"weibao/routing"
)

// serve answers on a port of the loopback until the test ends.
func (s *apiStage) serve() string {
	s.t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			s.t.Error(err)
		}
	})
	return ln.Addr().String()
}

// desk is a client of the push.
type desk struct {
	t    *testing.T
	conn *websocket.Conn
	spec *openapi3.T
	n    uint64
}

// dial opens a push and returns it with the status of the reply.
func (s *apiStage) dial(addr string, id routing.AgentID, header http.Header) (*websocket.Conn, int) {
	s.t.Helper()
	return s.dialAt("ws://"+addr+"/api/v1/events", id, header)
}

func (s *apiStage) dialAt(address string, id routing.AgentID, header http.Header) (*websocket.Conn, int) {
	s.t.Helper()
	if header == nil {
		header = http.Header{"Authorization": {"Bearer " + s.token(id)}}
	}
	client := &http.Client{Transport: &http.Transport{}}
	s.t.Cleanup(client.CloseIdleConnections)
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: client, HTTPHeader: header})
	if response == nil {
		s.t.Fatal(err)
	}
	if response.Body != nil {
		defer response.Body.Close()
	}
	return conn, response.StatusCode
}

func (s *apiStage) desk(addr string, id routing.AgentID) *desk {
	s.t.Helper()
	conn, status := s.dial(addr, id, nil)
	if conn == nil {
		s.t.Fatalf("no push for %s: %d", id, status)
	}
	conn.SetReadLimit(1 << 22)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return &desk{t: s.t, conn: conn, spec: s.spec}
}

// hears returns the next frame, which must be of that kind, be numbered
// without a gap, and be as the document says.
func (d *desk) hears(kind string) map[string]any {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	_, text, err := d.conn.Read(ctx)
	if err != nil {
		d.t.Fatalf("waiting for %s: %v", kind, err)
	}
	var f map[string]any
	if err := json.Unmarshal(text, &f); err != nil {
		d.t.Fatal(err)
	}
	d.n++
	if f["kind"] != kind || f["n"] != float64(d.n) {
		d.t.Fatalf("frame %v of kind %v, want %d of %s: %.300s", f["n"], f["kind"], d.n, kind, text)
	}
	schemas := map[string]string{"snapshot": "Snapshot", "call": "Call", "call_gone": "Gone", "agent": "SeatLine", "agent_gone": "Gone", "waiting": "Line", "config": "Config", "override": "Override", "handover": "Note", "notice": "Notice"}
	for _, name := range []string{"Frame", schemas[kind]} {
		value := any(f)
		if name != "Frame" {
			value = f["data"]
		}
		if schema := d.spec.Components.Schemas[name]; schema != nil {
			if err := schema.Value.VisitJSON(value); err != nil {
				d.t.Errorf("%s is not as the document says: %v", kind, err)
			}
		}
	}
	data, _ := f["data"].(map[string]any)
	return data
}

// isCut waits for the end and returns its status.
func (d *desk) isCut() websocket.StatusCode {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := d.conn.Read(ctx); err != nil {
			if ctx.Err() != nil {
				d.t.Fatal("never cut")
			}
			return websocket.CloseStatus(err)
		}
	}
}

func TestPushIsASnapshotAndThenNumberedChanges(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	seat := s.desk(s.serve(), "1001")
	first := seat.hears("snapshot")
	if got := ids(first); len(got) != 1 || got[0] != "C1" || first["config"] != nil {
		t.Errorf("snapshot has calls %v, config %v", got, first["config"])
	}
	c, _ := s.calls.Find("C1")
	other, _ := s.calls.Find("C2")
	s.Hub().CallChanged(other) // not to be seen
	s.Hub().CallChanged(c)
	if got := seat.hears("call"); got["id"] != "C1" {
		t.Errorf("heard of %v", got["id"])
	}
	s.Hub().Publish("secret", "for supervisors")
	c.Phase = call.Ended
	s.Hub().CallChanged(c)
	seat.hears("call")
	if got := seat.hears("call_gone"); got["id"] != "C1" {
		t.Errorf("gone is %v", got)
	}
}

func TestCallThatGoesToAnotherSeatIsGoneForTheFirst(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	addr := s.serve()
	seat, supervisor := s.desk(addr, "1001"), s.desk(addr, "1019")
	seat.hears("snapshot")
	if first := supervisor.hears("snapshot"); len(ids(first)) != 4 || first["config"] == nil {
		t.Errorf("the supervisor's snapshot has %v, %v", ids(first), first["config"])
	}
	c, _ := s.calls.Find("C1")
	c = c.Clone()
	c.Agent, c.Legs[1].State = "1002", call.Gone
	s.Hub().CallChanged(c)
	seat.hears("call_gone")
	if got := supervisor.hears("call"); got["agent"] != "1002" {
		t.Errorf("agent is %v", got["agent"])
	}
}

func TestSlowDeskIsCutAndNobodyWaits(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	addr := s.serve()
	slow, quick := s.desk(addr, "1001"), s.desk(addr, "1019")
	quick.hears("snapshot")
	big := forEverybody{strings.Repeat("x", 16<<10)}
	// The publisher goes at the pace of the quick one; the slow one never reads.
	for began := time.Now(); s.Hub().Clients() == 2; {
		s.Hub().Publish("agent", big)
		if _, _, err := quick.conn.Read(t.Context()); err != nil {
			t.Fatalf("the quick one was cut: %v", err)
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal("the slow one is never cut")
		}
	}
	_ = slow.isCut()
}

func TestPushIsRefusedToPagesOfOthers(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t, func(o *ServerOptions) { o.Origins = []string{"https://desk.example.cn"} })
	addr := s.serve()
	cookie := cookieName + "=" + s.token("1001")
	bearer := "Bearer " + s.token("1001")
	for _, row := range []struct {
		header http.Header
		want   int
	}{
		{http.Header{"Cookie": {cookie}, "Origin": {"http://evil.example"}}, http.StatusForbidden},
		{http.Header{"Cookie": {cookie}, "Origin": {"null"}}, http.StatusForbidden},
		{http.Header{"Cookie": {cookie}, "Origin": {"http://" + addr + ".evil.example"}}, http.StatusForbidden},
		{http.Header{"Cookie": {cookie}}, http.StatusForbidden},
		{http.Header{"Authorization": {bearer}, "Origin": {"http://evil.example"}}, http.StatusForbidden},
		{http.Header{"Origin": {"http://" + addr}}, http.StatusUnauthorized},
		{http.Header{"Cookie": {cookie}, "Origin": {"http://" + addr}}, http.StatusSwitchingProtocols},
		{http.Header{"Cookie": {cookie}, "Origin": {"https://desk.example.cn"}}, http.StatusSwitchingProtocols},
		{http.Header{"Authorization": {bearer}}, http.StatusSwitchingProtocols},
	} {
		conn, status := s.dial(addr, "", row.header)
		if conn != nil {
			_ = conn.CloseNow()
		}
		if status != row.want {
			t.Errorf("%v: %d, want %d", row.header, status, row.want)
		}
	}
	s.wants(http.StatusUpgradeRequired, "1001", "GET /api/v1/events", "")
}

func TestPushEndsWithItsLogin(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.look = 20 * time.Millisecond
	addr := s.serve()
	out, changed := s.desk(addr, "1001"), s.desk(addr, "1002")
	out.hears("snapshot")
	changed.hears("snapshot")
	s.wants(http.StatusNoContent, "1001", "POST /api/v1/logout", "")
	if got := out.isCut(); got != websocket.StatusPolicyViolation {
		t.Errorf("logout cuts with %v", got)
	}
	if err := s.logins.Set(NewSecret{ID: "1002", Password: "another one"}); err != nil {
		t.Fatal(err)
	}
	if got := changed.isCut(); got != websocket.StatusPolicyViolation {
		t.Errorf("a new password cuts with %v", got)
	}
}

func TestStopTellsTheDesksToComeBack(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	seat := s.desk(s.serve(), "1001")
	seat.hears("snapshot")
	s.Close()
	if got := seat.isCut(); got != websocket.StatusGoingAway {
		t.Errorf("cut with %v", got)
	}
}

// desksOf waits until the floor knows of so many desks of a seat.
func (s *apiStage) desksOf(id routing.AgentID, want int) {
	s.t.Helper()
	limit := time.After(10 * time.Second)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		s.floor.mu.Lock()
		got := s.floor.desks[id]
		s.floor.mu.Unlock()
		if got == want {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			s.t.Fatalf("seat %s has %d desks, want %d", id, got, want)
		}
	}
}

func TestThePushIsTheSeatsDesk(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	addr := s.serve()
	first, second := s.desk(addr, "1001"), s.desk(addr, "1001")
	first.hears("snapshot")
	second.hears("snapshot")
	s.desksOf("1001", 2)
	_ = first.conn.CloseNow() // without a word
	s.desksOf("1001", 1)
	_ = second.conn.Close(websocket.StatusNormalClosure, "")
	s.desksOf("1001", 0)
}

func TestAClientThatAnswersNoPingIsNoDesk(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.look = 20 * time.Millisecond
	frozen := s.desk(s.serve(), "1001") // nobody reads: a ping is answered by reading
	s.desksOf("1001", 1)
	s.desksOf("1001", 0)
	_ = frozen.conn.CloseNow()
}

func TestAPageThatAsksForBeatsMustAnswerThem(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.look = 50 * time.Millisecond
	addr := s.serve()
	page, _ := s.dialAt("ws://"+addr+"/api/v1/events?beat=1", "1001", nil)
	if page == nil {
		t.Fatal("no push")
	}
	t.Cleanup(func() { _ = page.CloseNow() })
	page.SetReadLimit(1 << 22)
	d := &desk{t: t, conn: page, spec: s.spec}
	d.hears("snapshot")
	for range 5 {
		d.hears("beat")
		if err := page.Write(t.Context(), websocket.MessageText, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	d.hears("beat") // the page hangs from here on, though its browser answers pings
	s.desksOf("1001", 1)
	d.isCut()
	s.desksOf("1001", 0)
}

func TestANoticeIsForSupervisors(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	addr := s.serve()
	boss, seat := s.desk(addr, "1019"), s.desk(addr, "1001")
	boss.hears("snapshot")
	seat.hears("snapshot")
	s.Hub().Notify(Notice{At: time.Now(), Kind: NoticeNoAnswer, Agent: "1001", Call: "C1", Say: "坐席 1001 没有接 13812345678"})
	got := boss.hears("notice")
	if got["kind"] != "no_answer" || got["n"] != 1.0 || got["say"] != "坐席 1001 没有接 138****5678" {
		t.Errorf("the supervisor is told %v", got)
	}
	s.Hub().Publish(ChangeAgentGone, forEverybody{gone{ID: "1001"}})
	seat.hears("agent_gone") // and nothing before it
	list := s.wants(http.StatusOK, "1019", "GET /api/v1/notices", "")
	if n := len(list["notices"].([]any)); n != 1 {
		t.Errorf("%d notices, want 1", n)
	}
	s.wants(http.StatusForbidden, "1001", "GET /api/v1/notices", "")
}

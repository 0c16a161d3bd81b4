package cti

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weibao/call"
	"weibao/routing"
)

func TestChangesOfTheFloorArePushedOnceEach(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.Hub().FloorChanged()
	seat := s.desk(s.serve(), "1001")
	seat.hears("snapshot")
	// What the server sees first is told, before or after the snapshot; the
	// change that is awaited comes after all of it.
	s.floor.change(func(v *View) {
		agents := append([]AgentView(nil), v.Agents...)
		agents[1].Presence, agents[1].Reason = routing.Away, "吃饭"
		v.Agents = agents[:2]
		v.Waiting, v.Degraded = nil, true
	})
	s.Hub().FloorChanged()
	seen := make(map[string]any)
	for seen["floor"] == nil {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, text, err := seat.conn.Read(ctx)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		var f struct {
			Kind string
			Data map[string]any
		}
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		if f.Kind != "agent" || f.Data["id"] == "1002" {
			seen[f.Kind] = f.Data
		}
	}
	agent := seen["agent"].(map[string]any)
	if agent["presence"] != "away" || agent["call"] != "" {
		t.Errorf("agent is %v", agent)
	}
	if line := seen["waiting"].(map[string]any); line["total"] != 0.0 {
		t.Errorf("line is %v", line)
	}
}

func TestPresenceOnTheRealFloorIsPushed(t *testing.T) {
	t.Parallel()
	hub := NewHub()
	floor, err := NewDispatcher(FloorOptions{
		Deliver: func(call.ID, call.Event) {}, Live: func(call.ID) bool { return false }, OnChange: hub.FloorChanged,
	})
	if err != nil {
		t.Fatal(err)
	}
	floor.SetRoster(apiSeats[:3], nil)
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- floor.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	s := newAPIStage(t, func(o *ServerOptions) { o.Floor, o.Hub = floor, hub })
	desk := s.desk(s.serve(), "1002")
	desk.hears("snapshot")
	s.wants(http.StatusOK, "1001", "PUT /api/v1/me/presence", `{"presence":"away","reason":"培训"}`)
	for {
		_, text, err := desk.conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"reason":"培训"`) {
			return
		}
	}
}

func TestFloorThatCanNotBeSeenIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newAPIStage(t)
		_, client := s.Hub().join(t.Context(), "session", "1019")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		s.floor.change(func(*View) { s.floor.err = ErrStopped })
		s.Hub().FloorChanged()
		go s.watchFloor(ctx)
		synctest.Wait()
		if len(client.changes) != 0 {
			t.Error("told of a floor that was not seen")
		}
		s.floor.change(func(*View) { s.floor.err = nil })
		time.Sleep(2 * watchRetry)
		synctest.Wait()
		if got := len(client.changes); got != 4 {
			t.Errorf("%d changes, want 3 seats and the line", got)
		}
		stop()
		synctest.Wait()
	})
}

func TestFloorTellsOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	_, client := s.Hub().join(t.Context(), "session", "1019")
	now := time.Now()
	view := apiView(now)
	told := s.publishFloor(floorSeen{}, &view)
	if got := len(client.changes); got != 4 {
		t.Errorf("%d changes at first, want 3 seats and the line", got)
	}
	for len(client.changes) > 0 {
		<-client.changes
	}
	same := apiView(now)
	same.At = now.Add(time.Second)
	told = s.publishFloor(told, &same)
	if got := len(client.changes); got != 0 {
		t.Errorf("%d changes of nothing", got)
	}
	less := apiView(now)
	less.Agents = less.Agents[:2]
	s.publishFloor(told, &less)
	if c := <-client.changes; c.kind != ChangeAgentGone {
		t.Errorf("change is %s", c.kind)
	}
}
